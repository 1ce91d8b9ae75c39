"""States as NumPy's .npz archives: a member for each array, and the structure as JSON.

`numpy.load` reads the arrays of such a file too. Members are stored as they are, not compressed: so
what they need in memory is what they take on the disk, and a zip archive has a checksum of each.
"""

from __future__ import annotations

import json
import math
import os
import zipfile
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from autograd_lite.saving.errors import LoadError
from autograd_lite.saving.tree import Encoder, decoded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

STRUCTURE = "structure.json"
FORMAT = {"format": "autograd_lite", "version": 1}
_CHUNK = 1 << 20


def encoded(state: Any) -> tuple[str, dict[str, NDArray[Any]]]:
    """The state as JSON and arrays."""
    encoder = Encoder()
    return as_json(encoder.node(state)), encoder.arrays


def write(file: IO[bytes], structure: str, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write an archive."""
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo(STRUCTURE), structure)
        for name, array in arrays.items():
            large = array.nbytes > zipfile.ZIP64_LIMIT // 2
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=large) as member:
                header = {"descr": array.dtype.str, "fortran_order": False, "shape": array.shape}
                np.lib.format.write_array_header_1_0(member, header)
                member.write(array.tobytes())  # of a copy, which nobody changes meanwhile


def read(file: IO[bytes]) -> Any:
    """The state in an archive.

    Raises:
        LoadError: when it is not one that `write` made, or not as that made it.
    """
    with zipfile.ZipFile(file) as archive:
        members = _checked(archive.infolist(), os.fstat(file.fileno()).st_size)

        def array(name: str, dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
            info = members.pop(f"{name}.npy", None)
            if info is None:
                message = f"it has no member {name}.npy"
                raise LoadError(message)
            with archive.open(info) as member:
                return _array(member, info.file_size, dtype, shape)

        structure = archive.read(members.pop(STRUCTURE)).decode("ascii")
        state = decoded(from_json(structure), array)
    if members:
        message = f"it has members that its structure does not name: {sorted(members)[:3]}"
        raise LoadError(message)
    return state


def as_json(node: Any) -> str:
    """The structure of a file, as text."""
    return json.dumps({**FORMAT, "state": node}, allow_nan=False)


def from_json(text: str) -> Any:
    """The state that the structure of a file describes, before it is decoded."""
    structure = json.loads(text, parse_constant=_no_number)
    if not isinstance(structure, dict) or structure.get("format") != FORMAT["format"]:
        message = "its structure is of another program"
        raise LoadError(message)
    if structure.get("version") != FORMAT["version"]:
        message = (
            f"it has version {structure.get('version')!r} of the format; this autograd_lite reads"
            f" version {FORMAT['version']}: install a newer one"
        )
        raise LoadError(message)
    return structure.get("state")


def _no_number(text: str) -> None:
    message = f"its structure has {text}, which is not JSON"
    raise LoadError(message)


def _checked(infos: list[zipfile.ZipInfo], size: int) -> dict[str, zipfile.ZipInfo]:
    """The members by name, if they can be ours and take no more memory than the file."""
    members = {info.filename: info for info in infos}
    if STRUCTURE not in members:
        kind = "by PyTorch: load it there, and save its arrays"
        if not any(name.endswith("data.pkl") for name in members):
            kind = "by another program: if NumPy wrote it, numpy.load reads it"
        message = f"it was not written by save(), but {kind}"
        raise LoadError(message)
    plain = all(
        info.compress_type == zipfile.ZIP_STORED and info.compress_size == info.file_size
        for info in infos
    )
    if len(members) < len(infos) or not plain or sum(info.file_size for info in infos) > size:
        message = "it has members that are compressed, there twice, or larger than the file"
        raise LoadError(message)
    return members


def _array(
    member: IO[bytes], size: int, dtype: np.dtype[Any], shape: tuple[int, ...]
) -> NDArray[Any]:
    """The array in a member, whose NumPy header only repeats what the structure says."""
    nbytes = math.prod(shape) * dtype.itemsize
    start = member.read(10)
    header = int.from_bytes(start[8:], "little")
    if start[:8] != b"\x93NUMPY\x01\0" or size != 10 + header + nbytes:
        message = f"a member of {size} bytes is not the array of shape {shape}, {dtype}, expected"
        raise LoadError(message)
    member.read(header)
    array = np.empty(shape, dtype)
    _fill(array.reshape(-1).view(np.uint8).data, member)
    return array


def _fill(target: memoryview, source: Any) -> None:
    """Read as many bytes as there is room for; zipfile compares the checksum at the end."""
    done = 0
    while done < len(target):
        got = source.readinto(target[done : done + _CHUNK])
        if not got:
            message = "it is truncated"
            raise LoadError(message)
        done += got
    source.read(1)
