"""Saving when things go wrong: a full disk, an interrupt, a process that is killed."""

import errno
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import replace
from autograd_lite.saving import npz

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX's limits, locks and forks")
both = pytest.mark.parametrize("suffix", [".npz", ".safetensors"])

OLD: dict[str, Any] = {"epoch": 1, "w": np.zeros(50)}
NEW: dict[str, Any] = {"epoch": 2, "w": np.ones(50), "more": [np.ones(7), np.ones(3)]}


def is_old(path: Path) -> bool:
    """Whether the old state is there, whole, and nothing else."""
    state = ag.load(path)
    whole = state["epoch"] == 1 and not state["w"].any()
    return whole and [found.name for found in path.parent.iterdir()] == [path.name]


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file of this process can grow beyond `size` bytes: the system's own way to a full disk."""
    import resource  # noqa: PLC0415  # POSIX's

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@posix
@both
def test_a_disk_that_is_full_at_any_byte_leaves_the_old_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"state{suffix}"
    ag.save(path, NEW)
    length = path.stat().st_size
    ag.save(path, OLD)
    for size in range(0, length, 7):
        with room_for(size), pytest.raises(OSError, match=r"save: cannot write .*too large"):
            ag.save(path, NEW)
        assert is_old(path)
    with room_for(length):
        ag.save(path, NEW)
    assert ag.load(path)["epoch"] == 2


def failing(error: BaseException, at: int) -> Callable[..., Any]:
    """A function that is as another was, but raises at its call number `at`."""
    calls = iter(range(at + 1))

    def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            if next(calls, None) == at:
                raise error
            return function(*args, **kwargs)

        return run

    return wrap


FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (os, "fsync"),
        (Path, "replace"),
        (Path, "open"),
        (zipfile.ZipFile, "open"),
        (np.lib.format, "write_array_header_1_0"),
    ],
    ids=["fsync", "rename", "create", "member", "header"],
)
@pytest.mark.parametrize("error", [FULL, KeyboardInterrupt(), MemoryError()], ids=type)
def test_an_error_at_any_step_leaves_the_old_file(
    tmp_path: Path, owner: Any, name: str, error: BaseException
) -> None:
    """And nothing else; a Ctrl-C remains one. The next attempt succeeds."""
    path = tmp_path / "state.npz"
    ag.save(path, OLD)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, failing(error, 0)(getattr(owner, name)))
        with pytest.raises(type(error)) as caught:
            ag.save(path, NEW)
    if error is FULL:
        assert "save: cannot write" in str(caught.value)
        assert caught.value.errno == errno.ENOSPC  # type: ignore[attr-defined]
    assert is_old(path)
    ag.save(path, NEW)
    assert ag.load(path)["epoch"] == 2


@posix
def test_when_the_folder_cannot_be_pushed_to_the_disk_the_new_file_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is an error, for a crash now may bring the old file back."""
    path = tmp_path / "state.npz"
    ag.save(path, OLD)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing(FULL, 1)(os.fsync))
        with pytest.raises(OSError, match="No space left"):
            ag.save(path, NEW)
    assert ag.load(path)["epoch"] == 2
    assert list(tmp_path.iterdir()) == [path]


@posix
@pytest.mark.parametrize(("name", "code"), [("open", errno.EACCES), ("fsync", errno.EINVAL)])
def test_a_folder_that_cannot_be_pushed_at_all_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, code: int
) -> None:
    """As on some network file systems, or in a folder that one may write to and not list."""
    at = {"open": 0, "fsync": 1}[name]
    with monkeypatch.context() as patch:
        patch.setattr(os, name, failing(OSError(code, "not here"), at)(getattr(os, name)))
        ag.save(tmp_path / "state.npz", OLD)
    assert is_old(tmp_path / "state.npz")


def test_the_content_is_on_the_disk_before_the_name_and_that_before_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = []
    fsync, rename = os.fsync, Path.replace

    def noted_fsync(handle: int) -> None:
        done.append("folder" if Path(f"/proc/self/fd/{handle}").is_dir() else "file")
        fsync(handle)

    def noted_rename(self: Path, target: Path) -> Path:
        done.append("rename")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_rename)
    ag.save(tmp_path / "state.npz", NEW)
    assert done[:2] == ["file", "rename"]
    assert len(done) == (2 if sys.platform == "win32" else 3)


@posix
def test_partial_files_are_removed_when_their_writer_is_dead(tmp_path: Path) -> None:
    """Not those of a living one, of another file, or that somebody named almost so."""
    path = tmp_path / "state.npz"
    dead = tmp_path / f".state.npz.{'0' * 16}.partial"
    others = [
        tmp_path / f".state2.npz.{'0' * 16}.partial",
        tmp_path / ".state.npz.mine.partial",
        tmp_path / "state.npz.partial",
    ]
    for stray in (dead, *others):
        stray.write_bytes(b"half")
    with replace.replacing(path) as file:
        file.write(b"half of it")
        ag.save(path, OLD)  # another writer, meanwhile
        (living,) = tmp_path.glob(f".state.npz.{'[0-9a-f]' * 16}.partial")
        assert ag.load(path)["epoch"] == 1
        npz.write(file, *npz.encoded(NEW))
    assert not living.exists()
    assert ag.load(path)["epoch"] == 2  # what was before the archive is passed over
    assert not dead.exists()
    assert all(other.exists() for other in others)


@posix
def test_a_file_that_was_taken_for_abandoned_as_it_was_made_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl  # noqa: PLC0415  # POSIX's

    flock = fcntl.flock
    stolen: list[Path] = []

    def late(file: Any, kind: int) -> None:
        if not stolen:
            (partial,) = tmp_path.glob(".*.partial")
            partial.unlink()
            stolen.append(partial)
        flock(file, kind)

    monkeypatch.setattr(fcntl, "flock", late)
    ag.save(tmp_path / "state.npz", OLD)
    assert stolen
    assert is_old(tmp_path / "state.npz")


# Saves states of one number in a loop, is killed, and looked after, again and again. One process
# imports, and is forked: the import takes longer than all else.
KILLED = """
import os, random, signal, sys, time
from pathlib import Path
import numpy as np
import autograd_lite as ag
from autograd_lite.data import DataLoader
from autograd_lite.saving import Checkpoint, load, save

class Model:
    def __init__(self):
        self.w = np.zeros(1000)
    def state_dict(self):
        return {"w": self.w, "parts": [self.w[:n] for n in range(1, 9)]}
    def load_state_dict(self, state):
        self.w = state["w"]
        assert all((part == self.w[0]).all() for part in [self.w, *state["parts"]])

folder, drawn = Path(sys.argv[1]), random.Random(0)
begun = time.monotonic()
for _ in range(3):
    save(folder / "one.npz", Model().state_dict())
often = time.monotonic() - begun
least = halves = 0
for _ in range(int(sys.argv[2])):
    child = os.fork()
    if not child:
        model = Model()
        checkpoint = Checkpoint(folder / "many", model=model, keep_last=2)
        step = getattr(checkpoint.restore(), "step", 0)
        while True:
            step += 1
            model.w = np.full(1000, float(step))
            save(folder / "one.npz", model.state_dict())
            checkpoint.save(epoch=0, step=step)
    time.sleep(drawn.uniform(0, often))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    halves += any("partial" in path.name for path in folder.rglob("*"))
    model = Model()
    model.load_state_dict(load(folder / "one.npz"))
    assert model.w[0] >= least
    checkpoint = Checkpoint(folder / "many", model=model, keep_last=2)
    progress = checkpoint.restore()
    reached = progress.step if progress else least
    assert not progress or progress.step == model.w[0] >= least
    often *= 0.9 if reached > least else 1.2  # so that some finish, on a busy machine too
    least = reached
checkpoint.save(epoch=0, step=least)
save(folder / "one.npz", model.state_dict())
left = sorted(path.name for path in folder.rglob("*"))
assert len(left) == 4 and not any("partial" in name for name in left), left
print(least, halves)
"""


@posix
def test_a_process_killed_at_200_instants_loses_nothing(tmp_path: Path) -> None:
    """What is there is whole, and no older than what was there before; the next save works."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", KILLED, tmp_path, "200"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    steps, halves = map(int, done.stdout.split())
    assert steps  # some were finished
    assert halves  # and some were not
