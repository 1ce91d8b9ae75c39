"""Gradients of functions, and products with the transposed derivative."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.errors import describe, flag
from autograd_lite.func.checks import check_function, chosen, directions, named_after, positions
from autograd_lite.func.trace import Trace, run
from autograd_lite.func.tree import flatten
from autograd_lite.graph import wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """The function that gives the gradient of `f`, a function that returns one number.

    Arguments, and so gradients, are trees: tensors, arrays and numbers in dicts, lists, tuples,
    named tuples and dataclasses. No `grad` attribute is touched. What comes out can be
    differentiated again where the caller records: by tensors that `f` is given, and by tensors that
    it uses besides.

    Args:
        f: a function that returns a tensor of one element.
        argnums: which argument by position the gradient is for, or a tuple of several.
        has_aux: whether `f` returns a pair `(value, aux)`, of which `aux` is passed on.

    Returns:
        A function of the same arguments, whose result is like the argument that `argnums` names; a
        tuple of such for a tuple. With `has_aux`, a pair of that and `aux`.

    Raises:
        TypeError: at the call, when an input is not of floats, or `f` returns no tensor.
        ValueError: at the call, when the result of `f` has not one element, or there is no such
            argument.

    Example:
        >>> import autograd_lite as ag
        >>> cube = ag.func.grad(lambda x: x**3)
        >>> cube(2.0), ag.func.grad(cube)(2.0)
        (Tensor(12.), Tensor(12.))
        >>> loss = lambda p, x: ((p["w"] * x + p["b"]) ** 2).sum()
        >>> ag.func.grad(loss)({"w": 1.0, "b": 0.5}, ag.tensor([1.0, 2.0]))
        {'w': Tensor(13.), 'b': Tensor(8.)}
    """
    with_value = gradient_of("grad", f, argnums, has_aux=has_aux)

    def gradient(*args: Any, **settings: Any) -> Any:
        value, result = with_value(args, settings)
        return (result, value[1]) if has_aux else result

    return named_after(f, gradient)


def value_and_grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """The function that gives the value of `f` and its gradient; see `grad`.

    Args:
        f: a function that returns a tensor of one element.
        argnums: which argument by position the gradient is for, or a tuple of several.
        has_aux: whether `f` returns a pair `(value, aux)`, of which `aux` is passed on.

    Returns:
        A function of the same arguments, whose result is a pair `(value, gradient)`, or
        `((value, aux), gradient)` with `has_aux`.

    Raises:
        TypeError: at the call, when an input is not of floats, or `f` returns no tensor.
        ValueError: at the call, when the result of `f` has not one element, or there is no such
            argument.

    Example:
        >>> import autograd_lite as ag
        >>> ag.func.value_and_grad(lambda x, y: x * y, argnums=(0, 1))(2.0, 3.0)
        (Tensor(6.), (Tensor(3.), Tensor(2.)))
    """
    with_value = gradient_of("value_and_grad", f, argnums, has_aux=has_aux)

    def value_and_gradient(*args: Any, **settings: Any) -> Any:
        return with_value(args, settings)

    return named_after(f, value_and_gradient)


def gradient_of(
    name: str, f: Callable[..., Any], argnums: int | Sequence[int], *, has_aux: bool = False
) -> Callable[[Sequence[Any], Mapping[str, Any]], Any]:
    """`value_and_grad` by the name of `name`, of the arguments in a tuple and a dict."""
    check_function(name, f)
    numbers, has_aux = positions(name, argnums), flag(name, "has_aux", has_aux)

    def with_value(args: Sequence[Any], settings: Mapping[str, Any]) -> Any:
        places = chosen(name, numbers, len(args))
        trace = run(name, f, args, settings, places, has_aux=has_aux)
        number = _number(trace)
        one = wrap(np.ones(number.shape, number.dtype))
        gradients = trace.pull([number], trace.inputs, [one], retain_graph=False)
        _, build = flatten([args[i] for i in places])
        result = build(gradients)
        value = trace.settled((trace.output, trace.aux)) if has_aux else trace.settled(number)
        return value, tuple(result) if isinstance(argnums, (tuple, list)) else result[0]

    return with_value


def _number(trace: Trace) -> Any:
    """The one output of a run, which must be a number."""
    number = trace.outputs[0] if len(trace.outputs) == 1 else None
    if number is None or trace.output is not number or number.size != 1:
        message = (
            f"{trace.name}: the function returned {describe(trace.output)}; expected a tensor of"
            " one element (reduce it with sum() or mean(), take jacobian() or vjp() of more, or"
            " return a pair and say has_aux=True)"
        )
        raise ValueError(message)
    if number.dtype.kind != "f":
        message = (
            f"{trace.name}: the function returned {describe(number)}, which has no derivative;"
            " expected floats"
        )
        raise TypeError(message)
    return number


def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """The value of `f`, and the function that multiplies with the transposed derivative of it.

    With J the derivative at `primals`, `pullback(v)` is J^T v. It may be called many times; the
    graph lives as long as it does.

    Args:
        f: a function that returns tensors, in a tree.
        *primals: its arguments: trees of tensors, arrays and numbers.
        has_aux: whether `f` returns a pair `(output, aux)`, of which `aux` is passed on.

    Returns:
        A pair `(output, pullback)`, or `(output, pullback, aux)`. `pullback` takes a tree like the
        output, and gives a tuple with a tree like each of `primals`. What stands for an output of
        integers, which has no derivative, counts for nothing.

    Raises:
        TypeError: when an input is not of floats, or `f` returns something else than tensors.
        ValueError: at the call of `pullback`, when its argument is built otherwise than the output.

    Example:
        >>> import autograd_lite as ag
        >>> y, pullback = ag.func.vjp(lambda a, b: a * b, ag.tensor([1.0, 2.0]), 3.0)
        >>> y
        Tensor([3., 6.])
        >>> pullback(ag.tensor([1.0, 10.0]))
        (Tensor([ 3., 30.]), Tensor(21.))
    """
    check_function("vjp", f)
    has_aux = flag("vjp", "has_aux", has_aux)
    trace = run("vjp", f, primals, has_aux=has_aux)
    _, build = flatten(primals)

    def pullback(cotangents: Any) -> Any:
        """J^T v."""
        given = directions("vjp", "the cotangents", trace.output, cotangents, "the output")
        return build(trace.pull(trace.outputs, trace.inputs, given))

    if has_aux:
        output, aux = trace.settled((trace.output, trace.aux))
        return output, pullback, aux
    return trace.settled(trace.output), pullback
