"""Fashion-MNIST: where it is looked for, and that it is what was published."""

from __future__ import annotations

import gzip
import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from autograd_lite.data import FASHION_MNIST_LABELS, fashion, fashion_mnist, read_idx
from tests.fashion_files import StandIn, idx

TRAIN, TEST = 12, 5  # rows of the parts of the stand-in
DEBIAN = fashion._DEBIAN


@pytest.fixture
def stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """The stand-in, which the package takes for the published files."""
    return StandIn(tmp_path, monkeypatch, TRAIN, TEST)


# ---- what comes out


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize(
    ("split", "rows"),
    [("all", slice(None)), ("train", slice(TRAIN)), ("test", slice(TRAIN, None))],
)
def test_it_gives_pixels_and_labels(stand: StandIn, zipped: bool, split: str, rows: slice) -> None:
    """The training part, then the test part, a picture a row."""
    stand.write(stand.folder, zipped=zipped)
    pixels, labels = fashion_mnist(stand.folder, split=split)
    np.testing.assert_array_equal(pixels, stand.pixels[rows])
    np.testing.assert_array_equal(labels, stand.labels[rows])
    assert pixels.dtype == np.uint8
    assert labels.dtype == np.int64


def test_a_part_needs_its_own_files_only(stand: StandIn) -> None:
    stand.write(stand.folder)
    for path in stand.folder.glob("train*"):
        path.unlink()
    assert len(fashion_mnist(stand.folder, split="test")[1]) == TEST


@pytest.mark.skipif(not DEBIAN.exists(), reason="needs the package dataset-fashion-mnist")
def test_debians_files_are_the_published_ones() -> None:
    pixels, labels = fashion_mnist(DEBIAN)
    assert pixels.shape == (70_000, 784)
    np.testing.assert_array_equal(np.bincount(labels), 7000)
    assert FASHION_MNIST_LABELS[labels[0]] == "Ankle boot"


# ---- where it comes from


def test_the_order_of_search(stand: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder given, the cache, Debian's package, OpenML: the first that has the files."""
    opened: list[Path] = []

    def spy(path: Path, **settings: Any) -> Any:
        opened.append(path.parent)
        return read_idx(path, **settings)

    monkeypatch.setattr(fashion, "read_idx", spy)
    for place in (stand.debian, stand.cache, stand.folder):
        stand.write(place)
        opened.clear()
        fashion_mnist(stand.folder if place == stand.folder else None)
        assert set(opened) == {place}
    assert stand.fetched == []


def test_a_place_that_lacks_a_file_is_passed_over(stand: StandIn) -> None:
    stand.write(stand.cache)
    stand.write(stand.debian)
    (stand.cache / "t10k-labels-idx1-ubyte.gz").unlink()
    assert len(fashion_mnist()[1]) == TRAIN + TEST


def test_without_the_variable_the_cache_is_in_the_home_folder(
    stand: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("AUTOGRAD_LITE_DATA")
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    stand.write(tmp_path / "home/.cache/autograd_lite/fashion-mnist")
    assert len(fashion_mnist()[1]) == TRAIN + TEST


def test_what_openml_sends_is_checked_and_kept(stand: StandIn) -> None:
    """It is fetched once; afterwards the cache has it."""
    for _ in range(2):
        pixels, labels = fashion_mnist()
        np.testing.assert_array_equal(pixels, stand.pixels)
        np.testing.assert_array_equal(labels, stand.labels)
    ((arguments, settings),) = stand.fetched
    assert arguments == ("Fashion-MNIST",)
    assert (settings["version"], settings["as_frame"]) == (1, False)
    assert {path.name: path.read_bytes() for path in stand.cache.iterdir()} == stand.files


def test_other_data_from_openml_are_refused_and_not_kept(stand: StandIn) -> None:
    stand.labels = (stand.labels + 1) % 10
    with pytest.raises(ValueError, match=r"train-labels.* is not the expected file"):
        fashion_mnist()
    assert [path.name for path in stand.cache.iterdir()] == ["train-images-idx3-ubyte"]


# ---- what is wrong


@pytest.mark.parametrize("error", [ImportError("No module named 'sklearn'"), OSError("offline")])
def test_without_data_the_error_says_how_to_get_it(
    stand: StandIn, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """In one line, with the places that were looked at."""

    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr("sklearn.datasets.fetch_openml", fail)
    with pytest.raises(FileNotFoundError, match="apt-get install dataset-fashion-mnist") as caught:
        fashion_mnist()
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    for part in (str(stand.cache), str(stand.debian), str(error)):
        assert part in message


def test_a_folder_that_lacks_files_is_named_with_them(stand: StandIn) -> None:
    """Nowhere else is looked then."""
    stand.write(stand.cache)
    stand.write(stand.folder)
    (stand.folder / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(FileNotFoundError, match=r"f has no t10k-labels-idx1-ubyte, gzipped or not"):
        fashion_mnist(stand.folder)


def test_a_corrupt_file_is_named_with_both_digests(stand: StandIn) -> None:
    stand.write(stand.folder, zipped=False)
    path = stand.folder / "t10k-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ValueError, match="is not the expected file") as caught:
        fashion_mnist(stand.folder)
    for part in (
        str(path),
        hashlib.sha256(path.read_bytes()).hexdigest(),
        fashion._SHA256[path.name],
    ):
        assert part in str(caught.value)


def test_an_unknown_split_is_refused() -> None:
    with pytest.raises(ValueError, match="got split='val'; expected one of 'all', 'train', 'test'"):
        fashion_mnist(split="val")


# ---- the format


@given(
    hnp.arrays(
        hnp.integer_dtypes(sizes=(8, 16, 32), endianness="=")
        | hnp.unsigned_integer_dtypes(sizes=(8,))
        | hnp.floating_dtypes(sizes=(32, 64), endianness="="),
        hnp.array_shapes(min_side=0, max_side=5),
    )
)
def test_idx_files_of_every_type_are_read(tmp_path_factory: Any, array: Any) -> None:
    path = tmp_path_factory.getbasetemp() / "array.idx"
    for content in (idx(array), gzip.compress(idx(array))):
        path.write_bytes(content)
        read = read_idx(path)
        np.testing.assert_array_equal(read, array)
        assert read.dtype == array.dtype
        assert read.flags.writeable


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "begins with nothing; expected an idx file"),
        (b"\0\0\x08", "begins with 00 00 08; expected an idx file"),
        (b"\x89PNG\r\n", "begins with 89 50 4e 47"),
        (b"\0\0\x07\1\0\0\0\0", "begins with 00 00 07 01"),
        (b"\0\0\x08\2\0\0\0\0", "expected an idx file"),
        (b"\0\0\x08\1\0\0\0\3ab", r"holds 10 bytes; expected 11 for the shape \(3,\)"),
        (b"\0\0\x08\1\0\0\0\3abcd", "holds 12 bytes; expected 11"),
        (gzip.compress(b"\0\0\x08\1\0\0\0\3abc", mtime=0)[:-4], "is damaged .*: get the file anew"),
        (
            gzip.compress(b"\0\0\x08\1\0\0\0\3abc", mtime=0)[:-4] + b"1234",
            "is damaged .*: get the file anew",
        ),
    ],
)
def test_what_is_no_idx_file_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_idx(path)


def test_importing_the_package_loads_nothing_that_only_data_need() -> None:
    code = "import sys, autograd_lite; print({'sklearn', 'gzip', 'hashlib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
