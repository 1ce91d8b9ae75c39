"""A tiny stand-in for Fashion-MNIST, which the package takes for the published files."""

from __future__ import annotations

import gzip
import hashlib
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.data import fashion

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from numpy.typing import NDArray


def idx(array: NDArray[Any]) -> bytes:
    """The bytes of an idx file."""
    kind = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}[array.dtype.str[1:]]
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    numbers = array.astype(array.dtype.newbyteorder(">")).tobytes()
    return bytes([0, 0, kind, array.ndim]) + sizes + numbers


class StandIn:
    """Its files, the places where they are looked for, which are empty, and what was fetched."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch, train: int, test: int) -> None:
        generator = np.random.default_rng(0)
        self.train, self.test = train, test
        self.pixels = generator.integers(0, 256, (train + test, 784)).astype(np.uint8)
        self.labels = generator.integers(0, 10, train + test).astype(np.uint8)
        self.files = {}
        for part, rows in (("train", slice(train)), ("t10k", slice(train, None))):
            images = self.pixels[rows].reshape(-1, 28, 28)
            self.files[f"{part}-images-idx3-ubyte"] = idx(images)
            self.files[f"{part}-labels-idx1-ubyte"] = idx(self.labels[rows])
        self.cache, self.debian, self.folder = root / "c/fashion-mnist", root / "d", root / "f"
        self.fetched: list[Any] = []
        digests = {name: hashlib.sha256(text).hexdigest() for name, text in self.files.items()}
        monkeypatch.setattr(fashion, "_SHA256", digests)
        monkeypatch.setattr(fashion, "_ROWS", {"train": train, "t10k": test})
        monkeypatch.setattr(fashion, "_DEBIAN", self.debian)
        monkeypatch.setenv("AUTOGRAD_LITE_DATA", str(root / "c"))
        monkeypatch.setattr("sklearn.datasets.fetch_openml", self.fetch)

    def write(self, folder: Path, *, zipped: bool = True) -> Path:
        """Put the four files into a folder, and return that."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.files.items():
            if zipped:
                (folder / f"{name}.gz").write_bytes(gzip.compress(content))
            else:
                (folder / name).write_bytes(content)
        return folder

    def fetch(self, *args: Any, **kwargs: Any) -> Any:
        """In the place of fetch_openml, whose numbers are floats and whose labels are strings."""
        self.fetched.append((args, kwargs))
        return SimpleNamespace(data=self.pixels.astype(float), target=self.labels.astype(str))
