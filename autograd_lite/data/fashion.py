"""Fashion-MNIST: 70,000 pictures of clothes, found where they are or fetched."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from autograd_lite.data.idx import read_idx, write_idx
from autograd_lite.errors import composite, describe, is_one_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

# The names of the classes 0 to 9.
FASHION_MNIST_LABELS = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

_DEBIAN = Path("/usr/share/datasets/fashion-mnist")
_WAY_OUT = (
    "run `apt-get install dataset-fashion-mnist` (Debian, Ubuntu), or give a folder that holds the"
    " four files of https://github.com/zalandoresearch/fashion-mnist"
)
_SPLITS = {"all": ("train", "t10k"), "train": ("train",), "test": ("t10k",)}
_ROWS = {"train": 60_000, "t10k": 10_000}
# Of the decompressed files: packagers compress them anew.
_SHA256 = {
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}


@composite("a folder that holds the published files, and 'train', 'test' or 'all'")
def fashion_mnist(
    folder: str | os.PathLike[str] | None = None, *, split: str = "all"
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The pictures of Fashion-MNIST, 28 x 28 grey pixels each, and their classes.

    The four idx files, gzipped or not, are looked for in `folder` alone, if given. Else in this
    order: the cache (`$AUTOGRAD_LITE_DATA/fashion-mnist`, where that variable is not set
    `~/.cache/autograd_lite/fashion-mnist`); Debian's package dataset-fashion-mnist; OpenML, if
    scikit-learn is installed, and then they are stored in the cache (55 MB). The contents of each
    file are compared with the published ones by their sha256, which takes 0.2 s.

    Args:
        folder: where the files are, under their published names (train-images-idx3-ubyte.gz, ...).
        split: "train", the first 60,000; "test", the other 10,000; or "all".

    Returns:
        The pixels, (n, 784) uint8, a picture a row, and the classes from 0 to 9, (n,) int64. The
        names of the classes are `FASHION_MNIST_LABELS`. "all" has the order of OpenML's copy: the
        official training part, then the test part.

    Raises:
        FileNotFoundError: when the files are not found; it says how to get them.
        ValueError: when a file is damaged or another than published, or there is no such split.

    Source:
        Xiao, Rasul and Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine
        learning algorithms", 2017; document 1.

    Example:
        >>> from autograd_lite.data import FASHION_MNIST_LABELS, fashion_mnist
        >>> FASHION_MNIST_LABELS[9]
        'Ankle boot'
        >>> fashion_mnist("no/such/folder")
        Traceback (most recent call last):
        FileNotFoundError: fashion_mnist: no/such/folder has no train-images-idx3-ubyte, ...
    """
    if not is_one_of(split, _SPLITS):
        names = ", ".join(map(repr, _SPLITS))
        message = f"fashion_mnist: got split={describe(split)}; expected one of {names}"
        raise ValueError(message)
    parts = _SPLITS[split]
    wanted = [f"{part}-{kind}" for part in parts for kind in ("images-idx3", "labels-idx1")]
    files = _find([f"{name}-ubyte" for name in wanted], folder)
    arrays = [read_idx(path, sha256=_SHA256[name]) for name, path in files.items()]
    pixels = np.concatenate([images.reshape(len(images), -1) for images in arrays[::2]])
    return pixels, np.concatenate(arrays[1::2]).astype(np.int64)


def _find(names: list[str], folder: str | os.PathLike[str] | None) -> dict[str, Path]:
    """Where each of the files is."""
    places = [_cache(), _DEBIAN] if folder is None else [Path(folder)]
    for place in places:
        found = {name: path for name in names if (path := _present(place / name)) is not None}
        if len(found) == len(names):
            return found
    if folder is None:
        fetched = _fetched()
        return {name: fetched[name] for name in names}
    missing = ", ".join(name for name in names if name not in found)
    message = f"fashion_mnist: {folder} has no {missing}, gzipped or not; {_WAY_OUT}"
    raise FileNotFoundError(message)


def _present(path: Path) -> Path | None:
    """The file of that name, gzipped or not, if there is one."""
    zipped = path.with_name(path.name + ".gz")
    return next((file for file in (path, zipped) if file.is_file()), None)


def _cache() -> Path:
    root = os.environ.get("AUTOGRAD_LITE_DATA")
    return (Path(root) if root else Path.home() / ".cache" / "autograd_lite") / "fashion-mnist"


def _fetched() -> dict[str, Path]:
    """The four files in the cache, made of what OpenML sends."""
    folder = _cache()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pixels, labels = _openml()
    except (ImportError, OSError, ValueError) as error:
        message = (
            f"fashion_mnist: the data set is neither in {folder} nor in {_DEBIAN}, and cannot be"
            f" fetched ({error}); {_WAY_OUT}"
        )
        raise FileNotFoundError(message) from error
    start = 0
    for part, rows in _ROWS.items():
        chosen = slice(start, start := start + rows)
        for name, array in (
            (f"{part}-images-idx3-ubyte", pixels[chosen].reshape(-1, 28, 28)),
            (f"{part}-labels-idx1-ubyte", labels[chosen]),
        ):
            write_idx(folder / name, array, sha256=_SHA256[name])
    return {name: folder / name for name in _SHA256}


def _openml() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Pixels and labels as scikit-learn fetches them, which needs the internet."""
    from importlib.util import find_spec  # noqa: PLC0415  # not needed by importing the package

    from sklearn.datasets import fetch_openml  # noqa: PLC0415  # optional, and slow to import

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "A network error")  # the second one is raised
        fetched = fetch_openml(
            "Fashion-MNIST",
            version=1,
            as_frame=False,
            cache=False,  # what is kept is what was checked
            n_retries=1,
            parser="pandas" if find_spec("pandas") else "liac-arff",  # the slower one needs nothing
        )
    return np.asarray(fetched.data, np.uint8), np.asarray(fetched.target, np.uint8)
