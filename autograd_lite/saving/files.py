"""save and load: a state as a file, and back."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

from autograd_lite.errors import describe
from autograd_lite.replace import replacing
from autograd_lite.saving import npz, tensors
from autograd_lite.saving.errors import LoadError


def save(path: str | os.PathLike[str], state: Any) -> None:
    """Write nested dicts, lists and tuples of arrays, numbers and strings to a file.

    The file is written under another name, pushed to the disk and renamed: a crash at any instant
    leaves the old file or the new one. After an error the old one is there, and nothing else.

    Arrays have any dtype of numbers, dates or strings of a fixed length; tensors are saved as
    arrays. Keys are strings, numbers, booleans or None. Instances of subclasses, as OrderedDict is
    one of dict, come back as the class itself. Nothing is compressed.

    Args:
        path: where to; the name ends in .npz, an archive that `numpy.load` reads too, or in
            .safetensors (`pip install "autograd-lite[safetensors]"`), which stores arrays of
            booleans and of integers and floats of up to 64 bits.
        state: what to save, such as `model.state_dict()`.

    Raises:
        TypeError: when there is something else in the state; it says where.
        ValueError: when the state contains itself, or the name ends otherwise.
        OSError: when the file cannot be written.
        ImportError: when safetensors is needed and not installed.

    Example:
        >>> import tempfile
        >>> import autograd_lite as ag
        >>> model = ag.nn.Linear(2, 1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     ag.save(f"{folder}/model.npz", {"model": model.state_dict(), "epoch": 3})
        ...     state = ag.load(f"{folder}/model.npz")
        >>> state["epoch"]
        3
        >>> model.load_state_dict(state["model"])
        Unmatched(missing=[], unexpected=[])
    """
    form = _format("save", path)
    structure, arrays = form.encoded(state)
    content = tensors.as_bytes(structure, arrays) if form is tensors else None
    try:
        with replacing(path) as file:
            if content is None:
                npz.write(file, structure, arrays)
            else:
                file.write(content)
    except OSError as error:
        folder = Path(path).parent
        way_out = (
            "make room or choose another place" if folder.is_dir() else f"make the folder {folder}"
        )
        reason = error.strerror or error
        message = f"save: cannot write {os.fspath(path)} ({reason}): {way_out}"
        raise OSError(error.errno, message) from error


def load(path: str | os.PathLike[str]) -> Any:
    """Read what `save` wrote.

    No file, whoever made it, runs code, or allocates more than its size justifies. Checksums show
    damage.

    Args:
        path: the file; its name ends in .npz or .safetensors.

    Returns:
        The state: arrays are ndarrays of the same dtypes and values, in C's order.

    Raises:
        LoadError: when the file is truncated, damaged or of another program; a ValueError.
        ValueError: when the name ends otherwise.
        OSError: when there is no such file, or it cannot be read.
        ImportError: when safetensors is needed and not installed.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> import autograd_lite as ag
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     ag.save(f"{folder}/state.npz", {"w": np.ones(2), 0: (1, None)})
        ...     ag.load(f"{folder}/state.npz")
        {'w': array([1., 1.]), 0: (1, None)}
    """
    form = _format("load", path)
    try:
        mode = Path(path).stat().st_mode
    except FileNotFoundError as error:
        message = f"load: there is no file {os.fspath(path)}"
        raise FileNotFoundError(error.errno, message) from error
    try:
        if not stat.S_ISREG(mode):
            _refuse("it is a folder" if stat.S_ISDIR(mode) else "it is no regular file")
        if form is tensors:
            return tensors.read(path)
        with Path(path).open("rb") as file:
            return npz.read(file)
    except (ImportError, MemoryError, PermissionError):
        raise
    except Exception as error:  # a hostile file finds what no list of exceptions has
        reason = str(error)
        if not isinstance(error, LoadError):
            cause = reason or type(error).__name__
            reason = f"it is truncated, damaged, or not a file that save() wrote ({cause})"
        message = f"load: cannot read {os.fspath(path)}: {reason}"
        raise LoadError(message) from error


def _refuse(reason: str) -> None:
    raise LoadError(reason)


def _format(function: str, path: Any) -> Any:
    """What reads and writes files of that name."""
    check_path(function, path)
    formats = {".npz": npz, ".safetensors": tensors}
    suffix = Path(path).suffix.lower()
    if suffix not in formats:
        message = (
            f"{function}: got the name {Path(path).name!r}; expected one that ends in .npz or"
            " .safetensors"
        )
        raise ValueError(message)
    return formats[suffix]


def check_path(function: str, path: Any) -> None:
    """Refuse what can be the name of no file.

    Raises:
        TypeError: when it is neither a string nor a path.
        ValueError: when it contains a zero byte.
    """
    if not isinstance(path, (str, os.PathLike)):
        message = f"{function}: got {describe(path)} as path; expected a string or a Path first"
        raise TypeError(message)
    if "\0" in str(path):
        message = f"{function}: got {describe(path)} as path; expected no zero byte in it"
        raise ValueError(message)
