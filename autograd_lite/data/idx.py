"""The idx format, in which MNIST and its kin are published."""

from __future__ import annotations

import math
import os
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import composite

if TYPE_CHECKING:
    from numpy.typing import NDArray

# The third byte of a file: the type of its numbers, which are big-endian.
_TYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


@composite("the path of a file in the IDX format, and its sha256 or None")
def read_idx(path: str | os.PathLike[str], *, sha256: str | None = None) -> NDArray[Any]:
    """The array in an idx file, which may be gzipped.

    The format: two zero bytes, one for the type of the numbers, one for the number of axes; four
    bytes for the size of each axis; the numbers. All is big-endian.

    Args:
        path: the file.
        sha256: the expected digest of the (decompressed) file, in hexadecimal; not checked unless
            given.

    Returns:
        An array of the file's shape and type of numbers, in the machine's byte order.

    Raises:
        FileNotFoundError: when there is no such file.
        ValueError: when the file is damaged, has another digest, or is no idx file.

    Source:
        http://yann.lecun.com/exdb/mnist (LeCun, Cortes and Burges, "The MNIST database").

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from autograd_lite.data import read_idx
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "two-numbers"
        ...     _ = path.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 2, 40, 50]))
        ...     read_idx(path)
        array([40, 50], dtype=uint8)
    """
    path = Path(path)
    content = _content(path)
    if sha256 is not None:
        _compare(path, content, sha256)
    zeros, kind, axes = content[:2], *content[2:4].ljust(2, b"\0")
    dtype, start = _TYPES.get(kind), 4 + 4 * axes
    if zeros != b"\0\0" or dtype is None or len(content) < start:
        message = (
            f"read_idx: {path} begins with {content[:4].hex(' ') or 'nothing'}; expected an idx"
            " file: 00 00, the type of the numbers (08 for bytes), the number of axes, their sizes"
        )
        raise ValueError(message)
    shape = tuple(int(size) for size in np.frombuffer(content, ">u4", axes, offset=4))
    expected = start + math.prod(shape) * np.dtype(dtype).itemsize
    if len(content) != expected:
        message = (
            f"read_idx: {path} holds {len(content)} bytes; expected {expected} for the shape"
            f" {shape} in its header: get the file anew"
        )
        raise ValueError(message)
    array = np.frombuffer(content, dtype, offset=start).reshape(shape)
    return array.astype(array.dtype.newbyteorder("="))


def write_idx(path: Path, array: NDArray[np.uint8], *, sha256: str) -> None:
    """Write an array of bytes as an idx file, if that has the given digest; whole or not at all."""
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(header + array.tobytes())
        read_idx(partial, sha256=sha256)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _content(path: Path) -> bytes:
    """The bytes of a file, decompressed if it is gzipped."""
    import gzip  # noqa: PLC0415  # not needed by importing the package

    content = path.read_bytes()
    if content[:2] != b"\x1f\x8b":
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, OSError, zlib.error) as error:
        message = f"read_idx: {path} is damaged ({error}): get the file anew"
        raise ValueError(message) from error


def _compare(path: Path, content: bytes, sha256: str) -> None:
    import hashlib  # noqa: PLC0415  # not needed by importing the package

    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        message = (
            f"read_idx: {path} is not the expected file: its sha256 (decompressed) is {found};"
            f" expected {sha256}: get the file anew"
        )
        raise ValueError(message)
