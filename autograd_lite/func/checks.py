"""What transforms ask of what they are given, before anything is run."""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Any

from autograd_lite.dtypes import as_array
from autograd_lite.errors import FAULTS, describe
from autograd_lite.func.tree import matched
from autograd_lite.graph import wrap
from autograd_lite.memory import private
from autograd_lite.ops import astype
from autograd_lite.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def check_function(name: str, f: Any) -> None:
    """Refuse what cannot be called."""
    if not callable(f):
        message = f"{name}: got {describe(f)} as the function; expected a function of tensors"
        raise TypeError(message)


def named_after(f: Callable[..., Any], made: Callable[..., Any]) -> Callable[..., Any]:
    """`made` with the name and the docstring of `f`."""
    return functools.update_wrapper(made, f, updated=())


def positions(name: str, argnums: Any) -> tuple[int, ...]:
    """The numbers of arguments as a tuple."""
    given = argnums if isinstance(argnums, (tuple, list)) else (argnums,)
    if not given or any(isinstance(i, bool) for i in given):
        given = (None,)
    try:
        return tuple(operator.index(i) for i in given)
    except TypeError as error:
        message = (
            f"{name}: got argnums={describe(argnums)}; expected the number of an argument, counted"
            " from 0, or several"
        )
        raise TypeError(message) from error


def chosen(name: str, numbers: Sequence[int], count: int) -> list[int]:
    """Which of `count` arguments are meant; negative numbers count from the end."""
    if any(not -count <= i < count for i in numbers):
        message = (
            f"{name}: got argnums={describe(tuple(numbers))}; expected numbers below {count}, for"
            f" so many arguments are given by position (by name, they are not differentiated)"
        )
        raise ValueError(message)
    places = [i % count for i in numbers]
    if len(set(places)) != len(places):
        message = f"{name}: got argnums={tuple(numbers)}; expected each argument once"
        raise ValueError(message)
    return places


def directions(name: str, what: str, tree: Any, given: Any, like: str) -> list[Tensor]:
    """The leaves of `given` as tensors of the shapes and dtypes of those of `tree`.

    Args:
        name: the transform, for messages.
        what: what `given` is to it.
        tree: the tree that says what is expected.
        given: tensors, arrays and numbers in a tree like that.
        like: what `tree` is to the transform.

    Raises:
        ValueError: when the trees, or the shapes in them, differ.
        TypeError: when a leaf is no array of real numbers.
    """
    wanted, leaves = matched(name, what, tree, given, like)
    return [_direction(name, what, x, leaf, like) for x, leaf in zip(wanted, leaves, strict=True)]


def _direction(name: str, what: str, x: Any, leaf: Any, like: str) -> Tensor:
    array = x if hasattr(x, "dtype") else as_array(x)
    live = isinstance(leaf, Tensor)
    try:
        given = wrap(private(leaf), leaf.node) if live else Tensor(as_array(leaf))
    except FAULTS as error:
        message = f"{name}: got {describe(leaf)} in {what}; expected an array of real numbers"
        raise TypeError(message) from error
    if given.shape != tuple(array.shape):
        message = (
            f"{name}: got {describe(leaf)} in {what}; expected {describe(array)}, the shape of what"
            f" stands there in {like} (see broadcast_to)"
        )
        raise ValueError(message)
    return given if given.dtype == array.dtype else astype(given, array.dtype)
