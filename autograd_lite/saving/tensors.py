"""States as .safetensors files: the arrays as tensors, the structure in the metadata."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.saving.errors import LoadError
from autograd_lite.saving.npz import as_json, from_json
from autograd_lite.saving.tree import Encoder, decoded

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from numpy.typing import NDArray

_NAME = "autograd_lite"
_DTYPES = frozenset(
    ["|b1", "|i1", "|u1", "<i2", "<u2", "<f2", "<i4", "<u4", "<f4", "<i8", "<u8", "<f8"]
)


def encoded(state: Any) -> tuple[str, dict[str, NDArray[Any]]]:
    """The state as JSON and arrays."""
    encoder = Encoder(_DTYPES)
    return as_json(encoder.node(state)), encoder.arrays


def as_bytes(structure: str, arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The content of a file. The format has no checksum of its own: ours is in the metadata.

    Raises:
        ImportError: when safetensors is not installed.
    """
    numpy = _safetensors("save").numpy
    plain = {name: array.copy(order="C") for name, array in arrays.items()}
    metadata = {_NAME: structure, "crc32": _checksum(structure, plain)}
    content: bytes = numpy.save(plain, metadata)
    return content


def read(path: str | os.PathLike[str]) -> Any:
    """The state in a file.

    Raises:
        LoadError: when it is not one that `save` wrote, or not as that wrote it.
        ImportError: when safetensors is not installed.
    """
    with _safetensors("load").safe_open(path, framework="numpy") as file:
        metadata = file.metadata() or {}
        if not {_NAME, "crc32"} <= metadata.keys():
            message = (
                "it was not written by save(), but by another program:"
                " safetensors.numpy.load_file reads it"
            )
            raise LoadError(message)
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # no mapping
    structure = metadata[_NAME]
    if metadata["crc32"] != _checksum(structure, arrays):
        message = "it is damaged: its checksum is another"
        raise LoadError(message)

    def array(name: str, dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
        found = arrays.pop(name, None)
        if found is None or found.dtype != dtype or found.shape != shape:
            message = f"it has no array {name!r} of shape {shape}, {dtype}"
            raise LoadError(message)
        return np.require(found, requirements="W")

    state = decoded(from_json(structure), array)
    if arrays:
        message = f"it has arrays that its structure does not name: {sorted(arrays)[:3]}"
        raise LoadError(message)
    return state


def _checksum(structure: str, arrays: Mapping[str, NDArray[Any]]) -> str:
    """Of everything that the file says: text, and the bytes of the arrays by name."""
    crc = zlib.crc32(structure.encode())
    for name in sorted(arrays):
        crc = zlib.crc32(arrays[name].reshape(-1).view(np.uint8).data, crc)
    return f"{crc:08x}"


def _safetensors(function: str) -> Any:
    try:
        import safetensors.numpy  # noqa: PLC0415  # optional
    except ImportError as error:
        message = (
            f"{function}: .safetensors files need the package safetensors, which is not installed:"
            ' pip install "autograd-lite[safetensors]", or give a name that ends in .npz'
        )
        raise ImportError(message) from error
    return safetensors
