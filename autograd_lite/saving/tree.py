"""A state as JSON and arrays: what may be saved, and how it is found again.

None, booleans, strings, lists and numbers that JSON knows stand for themselves. Everything else is
an object with one name, which says what it is:

    {"dict": [[key, value], ...]}      {"tuple": [...]}       {"int": "0x..."}
    {"array": [name, dtype, shape]}    {"float": "nan"}       {"scalar": [dtype, bytes in hex]}
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from autograd_lite.errors import describe
from autograd_lite.saving.errors import LoadError
from autograd_lite.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Path = tuple[Any, ...]
    Read = Callable[[str, np.dtype[Any], tuple[int, ...]], NDArray[Any]]

MAX_DEPTH = 64  # three JSON levels each, which the recursion limit leaves room for
# Of dtypes: no objects, which need pickle, and no records, which may hold them.
_KINDS = "biufcSUMm"
_DTYPE = re.compile(r"[<>|](?:[biufc]\d{1,2}|[SU][1-9]\d{0,9}|[Mm]8(?:\[\w{1,16}\])?)")
_HEX = re.compile(r"-?0x[0-9a-f]+")
_KEYS = (str, int, float, type(None), np.generic)
_EXPECTED = (
    "expected dicts, lists and tuples of arrays, tensors, numbers, strings, booleans and None"
)


def dotted(path: Path) -> str:
    """Where something is in a state: `optimizer.state.0.velocity`."""
    return ".".join(map(str, path)) or "the state"


# ---- to JSON and arrays


class Encoder:
    """Takes a state apart.

    Args:
        dtypes: what the format can store, as `dtype.str` in little-endian; None for all of NumPy's.

    Attributes:
        arrays: the arrays of the state so far, by the names that the JSON has for them.
    """

    def __init__(self, dtypes: frozenset[str] | None = None) -> None:
        self.arrays: dict[str, NDArray[Any]] = {}
        self._dtypes = dtypes
        self._open: set[int] = set()  # the containers that we are inside of

    def node(self, value: Any, path: Path = ()) -> Any:
        """A value as JSON; its arrays go to `arrays`.

        Raises:
            TypeError: when it is, or contains, something that cannot be saved; it says where.
            ValueError: when it contains itself, or is nested too deeply.
        """
        if isinstance(value, (Tensor, np.ndarray)):
            return self._array(value._data if isinstance(value, Tensor) else value, path)
        if isinstance(value, np.generic) and not isinstance(value, str):
            self._check_dtype(value.dtype, value, path)
            return {"scalar": [value.dtype.str, value.tobytes().hex()]}
        if isinstance(value, (dict, list, tuple)):
            return self._container(value, path)
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            return {"int": hex(value)}
        if isinstance(value, float) and not math.isfinite(value):
            return {"float": float.__repr__(value)}
        if value is None or isinstance(value, (bool, int, float, str)):
            return value
        kind = type(value).__name__
        way_out = (
            "save its state_dict()" if hasattr(value, "state_dict") else "convert or remove it"
        )
        message = f"save: {dotted(path)} is of type {kind}; {_EXPECTED}: {way_out}"
        raise TypeError(message)

    def _container(self, value: Any, path: Path) -> Any:
        if id(value) in self._open or len(path) >= MAX_DEPTH:
            what = "contains itself" if id(value) in self._open else "is nested too deeply"
            message = f"save: {dotted(path)} {what}; expected at most {MAX_DEPTH} levels, no cycles"
            raise ValueError(message)
        self._open.add(id(value))
        if isinstance(value, dict):
            pairs = [[self._key(k, path), self.node(v, (*path, k))] for k, v in value.items()]
            result: Any = {"dict": pairs}
        else:
            items = [self.node(item, (*path, i)) for i, item in enumerate(value)]
            result = {"tuple": items} if isinstance(value, tuple) else items
        self._open.remove(id(value))
        return result

    def _key(self, key: Any, path: Path) -> Any:
        if isinstance(key, _KEYS):
            return self.node(key, (*path, key))
        message = (
            f"save: {dotted(path)} has the key {describe(key)}; expected strings, numbers, booleans"
            " or None as keys"
        )
        raise TypeError(message)

    def _array(self, array: NDArray[Any], path: Path) -> Any:
        if type(array) is not np.ndarray and not isinstance(array, np.memmap):
            message = (
                f"save: {dotted(path)} is a {type(array).__name__}, of which only the numbers would"
                " be kept; expected an ndarray: convert it with np.asarray"
            )
            raise TypeError(message)
        if self._dtypes is not None:
            array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        self._check_dtype(array.dtype, array, path)
        name = self._name(path)
        self.arrays[name] = array
        return {"array": [name, array.dtype.str, list(array.shape)]}

    def _check_dtype(self, dtype: np.dtype[Any], value: Any, path: Path) -> None:
        numbers = "floats, integers and booleans"
        if dtype.kind not in _KINDS or not _DTYPE.fullmatch(dtype.str):
            expected = (
                f"{numbers}, complex numbers, dates and strings of a fixed length, at least 1"
            )
        elif isinstance(value, np.ndarray) and self._dtypes and dtype.str not in self._dtypes:
            expected = f"{numbers} of up to 64 bits, all that .safetensors can store: save as .npz"
        else:
            return
        message = f"save: {dotted(path)} is {describe(value)}; expected {expected}"
        raise TypeError(message)

    def _name(self, path: Path) -> str:
        """A name that says where the array is, of harmless characters, that no other has."""
        plain = re.sub(r"[^A-Za-z0-9_.-]", "_", ".".join(map(str, path)) or "state")[-200:]
        name, count = plain, 1
        while name in self.arrays or name == "__metadata__":  # which safetensors has for itself
            count += 1
            name = f"{plain}~{count}"
        return name


# ---- and back


def decoded(node: Any, read: Read) -> Any:
    """What an `Encoder` took apart.

    Args:
        node: the JSON, parsed, which anybody may have written.
        read: gives the array of a name, dtype and shape. It is asked once for each name: what it
            allocates is what is in the file.

    Raises:
        LoadError: when the JSON is not as an `Encoder` makes it.
    """
    return _Decoder(read).value(node, 0)


class _Decoder:
    def __init__(self, read: Read) -> None:
        self._read = read
        self._taken: set[str] = set()

    def value(self, node: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            _refuse(node, f"at most {MAX_DEPTH} levels")
        if isinstance(node, list):
            return [self.value(item, depth + 1) for item in node]
        if not isinstance(node, dict):
            return node
        if len(node) != 1:
            _refuse(node, "an object with one name")
        ((kind, content),) = node.items()
        if kind == "dict":
            return self._dict(content, depth + 1)
        if kind == "tuple" and isinstance(content, list):
            return tuple(self.value(item, depth + 1) for item in content)
        if kind == "array":
            return self._array(content)
        return _number(kind, content)

    def _dict(self, pairs: Any, depth: int) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        for key, node in _each_of_two(pairs):
            decoded_key = self.value(key, depth)
            if not isinstance(decoded_key, _KEYS) or decoded_key in result:
                _refuse(key, "each key once")
            result[decoded_key] = self.value(node, depth)
        return result

    def _array(self, content: Any) -> NDArray[Any]:
        if not isinstance(content, list) or len(content) != 3:
            _refuse(content, "name, dtype and shape of an array")
        name, code, shape = content
        if not isinstance(name, str) or name in self._taken:
            _refuse(name, "each array once")
        sizes = isinstance(shape, list) and all(type(n) is int and n >= 0 for n in shape)
        if not sizes or len(shape) > 64:
            _refuse(shape, "the sizes of up to 64 axes")
        self._taken.add(name)
        return self._read(name, _dtype(code), tuple(shape))


def _each_of_two(pairs: Any) -> Iterator[Any]:
    if not isinstance(pairs, list):
        _refuse(pairs, "pairs of a key and a value")
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2:
            _refuse(pair, "a key and a value")
        yield pair


def _number(kind: str, content: Any) -> Any:
    if kind == "int" and isinstance(content, str) and _HEX.fullmatch(content):
        return int(content, 16)
    if kind == "float" and content in ("nan", "inf", "-inf"):
        return float(content)
    if kind != "scalar" or not isinstance(content, list) or len(content) != 2:
        _refuse({kind: content}, "a value as save() writes it")
    dtype, data = _dtype(content[0]), content[1]
    if not isinstance(data, str) or len(data) != 2 * dtype.itemsize:
        _refuse(data, f"the bytes of a {dtype}")
    return np.frombuffer(bytes.fromhex(data), dtype)[0]


def _dtype(code: Any) -> np.dtype[Any]:
    if not isinstance(code, str) or not _DTYPE.fullmatch(code):
        _refuse(code, "a dtype of numbers, dates or strings")
    dtype: np.dtype[Any] = np.dtype(code)
    return dtype


def _refuse(got: Any, expected: str) -> NoReturn:
    message = f"its structure has {describe(got)} in place of {expected}"
    raise LoadError(message)
