"""What a fuzzer gives to public functions: arguments that fit, and everything that does not."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn, optim

if TYPE_CHECKING:
    from collections.abc import Callable

HUGE = 2**62
SHAPES = [
    (), (0,), (1,), (3,), (2, 3), (3, 2), (3, 3), (0, 3), (2, 0), (1, 3), (2, 3, 2), (2, 1, 3),
]  # fmt: skip
FLOATS = ["float64", "float32", "float16"]
ODD_DTYPES = [">f4", "longdouble", "complex64", "datetime64[s]", "S3", "U3", "V4", "O", "i4,f4"]


class Broken:
    """Raises at whatever is asked of it."""

    def __array__(self, *_: Any, **__: Any) -> Any:
        message = "no array today"
        raise ValueError(message)

    def __len__(self) -> int:
        message = "no length today"
        raise TypeError(message)


class Plain:
    """Has nothing, and is called with anything: what a user's function raises is the user's."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass


# ---- arrays


def numbers(shape: tuple[int, ...], dtype: str) -> Any:
    """An array of distinct small numbers, the same each time."""
    size = int(np.prod(shape))
    return (np.arange(size) % 7 - 2).reshape(shape).astype(dtype)


def special(shape: tuple[int, ...]) -> Any:
    """Floats among which are nan, infinities, the largest and the smallest."""
    values = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e308, 5e-324, -1.0]
    return np.resize(np.array(values), shape)


def odd(dtype: str) -> Any:
    """Two elements of a dtype that has no gradients."""
    return np.zeros(2, dtype) if dtype != "O" else np.array([1, "a"], object)


def leaf(array: Any) -> ag.Tensor:
    """A tensor that requires a gradient."""
    return ag.tensor(array, requires_grad=True)


def consumed() -> ag.Tensor:
    """The result of an op whose graph a backward pass has used up."""
    y = leaf(numbers((2, 3), "float32")) * 2
    y.sum().backward()
    return y


def cyclic() -> list[Any]:
    """A list that holds itself."""
    inner: list[Any] = [1.0]
    inner.append(inner)
    return inner


def deep() -> Any:
    """Lists in lists, beyond the axes that NumPy has."""
    value: Any = 1.0
    for _ in range(80):
        value = [value]
    return value


arrays = st.one_of(
    st.tuples(st.sampled_from(SHAPES), st.sampled_from([*FLOATS, "int64", "bool", "uint8"])).map(
        lambda given: numbers(*given)
    ),
    st.sampled_from(SHAPES).map(special),
)
tensors = st.one_of(
    arrays.map(ag.tensor),
    st.tuples(st.sampled_from(SHAPES), st.sampled_from(FLOATS)).map(
        lambda given: leaf(numbers(*given))
    ),
    st.sampled_from(SHAPES).map(lambda shape: leaf(numbers(shape, "float32")) * 2),
)
operands = st.one_of(tensors, arrays, st.sampled_from([2, 0.5, 0, -1, [1.0, 2.0, 3.0], [[1, 2]]]))
leaves = st.sampled_from(SHAPES).map(lambda shape: leaf(numbers(shape, "float32")))

# Whatever is made anew for each example stands behind a function.
_MAKERS: list[Callable[[], Any]] = [
    *(lambda dtype=dtype: odd(dtype) for dtype in ODD_DTYPES),
    lambda: np.arange(6.0)[::-2],
    lambda: np.asfortranarray(np.ones((2, 3))),
    lambda: np.ma.masked_array([1.0, 2.0], [True, False]),
    lambda: np.ones((1, 2)).view(np.matrix),
    lambda: np.broadcast_to(np.float32(1), (2, 3)),
    lambda: np.zeros((1,) * 20),
    consumed,
    cyclic,
    deep,
    Broken,
    Plain,
    object,
    lambda: Plain,
    lambda: id,
    lambda: lambda *_, **__: None,
    lambda: np,
    lambda: iter([1.0, 2.0]),
    lambda: (i for i in range(2)),
    lambda: range(3),
    dict,
    lambda: {"params": []},
    lambda: {"a": 1},
    set,
    lambda: {1, 2},
    list,
    lambda: [[1.0, 2.0], [3.0]],
    lambda: [None],
    lambda: ["a", "b"],
    lambda: [leaf([1.0])],
    lambda: [np.ones(2), np.ones(3)],
    lambda: nn.Linear(2, 3),
    lambda: optim.SGD([leaf([1.0])]),
    lambda: np.random.default_rng(0),
    lambda: np.random.RandomState(0),
]
_CONSTANTS: list[Any] = [
    None, True, False, 0, 1, -1, 2, 3, 7, 0.0, -0.0, 0.5, 1.5, -0.5, 1e-300, 1e300, -1e30,
    float("nan"), float("inf"), -float("inf"), HUGE, -HUGE, 2**63, 2**64, 10**30, 10**400, 2**31,
    1j, Fraction(1, 3), np.float32(0.5), np.float64("nan"), np.int64(-1), np.bool_(1), np.str_("a"),
    np.datetime64(0, "s"), NotImplemented, Ellipsis, slice(None), slice(1, 0, -1), slice("a", 1),
    "", "a", "mean", "fro", "float32", "ij,jk->ik", "ij->ii", "i...->...", "->", "\udc80", "{0}",
    "%s", b"x", (), (None,), (0,), (-1,), (1, 2), (2, 3), (0, 0), (3, -1), (1, 1, 1, 1), ("a",),
    (0.5, 1), (HUGE,), (2**20, 2**40), (HUGE, HUGE), ((0, 1), (1, 0)), ((1, 2), (3,)), (slice(None),
    0), (None, 0),    ((),), ([0, 1], [0, 1]), (Ellipsis, Ellipsis),
]  # fmt: skip

hostile: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(_CONSTANTS),
    st.sampled_from(_MAKERS).map(lambda make: make()),
    operands,
    st.sampled_from(ODD_DTYPES).map(np.dtype),
)
