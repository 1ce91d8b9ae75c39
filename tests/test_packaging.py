"""What is installed is what lies in the tree, under the names that it should have."""

import email
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
NUMPY = str(Path(np.__file__).parent.parent)
# Where a folder of the tree installs.
PACKAGES = {
    "autograd_lite": "autograd_lite",
    "nn": "autograd_lite/nn",
    "optim": "autograd_lite/optim",
}
LINKS = ("autograd_lite/nn", "autograd_lite/optim")
MAX_WHEEL_BYTES = 1_000_000

SAME_MODULES = """
import sys, importlib, pkgutil
import autograd_lite, nn, optim
assert nn is autograd_lite.nn is sys.modules["nn"]
assert optim is autograd_lite.optim is sys.modules["optim"]
for package in nn, optim:
    for found in pkgutil.iter_modules(package.__path__):
        short = package.__name__.removeprefix("autograd_lite.") + "." + found.name
        assert importlib.import_module(short) is importlib.import_module("autograd_lite." + short)
"""


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """The standard output of a command, which must succeed; a failure shows all it printed."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        command, cwd=cwd, env=inherited | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def copy_sources(target: Path) -> Path:
    """The sources as a clone has them, so that no build leaves anything in the tree."""
    target.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, target)
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, target / name, symlinks=True, ignore=ignored)
    return target


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    sources = copy_sources(folder / "sources")
    build = (sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", folder)
    run(*build, cwd=sources)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture
def clone_without_links(tmp_path: Path) -> Path:
    """What Git checks out where it cannot make links: a text file that holds the target."""
    sources = copy_sources(tmp_path / "sources")
    for name in LINKS:
        target = (sources / name).readlink()
        (sources / name).unlink()
        (sources / name).write_text(str(target))
    return sources


def test_the_wheel_holds_the_tree_and_nothing_else(wheel: Path) -> None:
    expected = {"autograd_lite/py.typed"}
    for folder, installed in PACKAGES.items():
        for path in (ROOT / folder).rglob("*.py"):
            expected.add(f"{installed}/{path.relative_to(ROOT / folder).as_posix()}")
    with zipfile.ZipFile(wheel) as archive:
        found = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert found == expected


def test_the_wheel_is_small(wheel: Path) -> None:
    assert wheel.stat().st_size < MAX_WHEEL_BYTES


def test_numpy_is_the_only_requirement(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = email.message_from_bytes(archive.read(name))
    requirements = metadata.get_all("Requires-Dist", [])
    assert [line for line in requirements if "extra ==" not in line] == ["numpy>=2.0"]
    assert metadata["License-Expression"] == "MIT"


@pytest.mark.parametrize("link", LINKS)
def test_the_links_are_relative_links(link: str) -> None:
    assert (ROOT / link).is_symlink()
    assert (ROOT / link).readlink() == Path("..") / Path(link).name


@pytest.mark.parametrize("first", ["autograd_lite", "autograd_lite.nn", "nn", "optim"])
def test_in_a_checkout_short_names_are_the_same_modules(first: str) -> None:
    run(sys.executable, "-c", f"import {first}\n{SAME_MODULES}", cwd=ROOT)


def test_a_clone_without_links_installs(clone_without_links: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    pip = (sys.executable, "-m", "pip", "install", "--no-deps", "--no-build-isolation")
    run(*pip, "--target", site, ".", cwd=clone_without_links)
    where = "import autograd_lite; print(autograd_lite.nn.__file__, autograd_lite.optim.__file__)"
    printed = run(sys.executable, "-c", where, cwd=tmp_path, PYTHONPATH=str(site))
    folder = site / "autograd_lite"
    assert printed.split() == [str(folder / name / "__init__.py") for name in ("nn", "optim")]
    assert not (site / "nn").exists()
    assert not (site / "optim").exists()


def test_a_clone_without_links_installs_editable(clone_without_links: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    pip = (sys.executable, "-m", "pip", "install", "--no-deps", "--no-build-isolation")
    run(*pip, "--target", site, "--editable", ".", cwd=clone_without_links)
    # Without its own .pth files, one of which may name an installation of the tree under test.
    start = f"import site, sys; site.addsitedir({str(site)!r}); sys.path.append({NUMPY!r})"
    where = f"import nn; assert list(nn.__path__) == [{str(clone_without_links / 'nn')!r}]"
    run(sys.executable, "-S", "-c", f"{start}\n{SAME_MODULES}\n{where}", cwd=clone_without_links)
