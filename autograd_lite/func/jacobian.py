"""All derivatives at once: Jacobians, Hessians, and the product of a Hessian with a vector."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.engine import through
from autograd_lite.errors import describe, is_one_of, is_whole
from autograd_lite.func.batch import Batch, for_batch
from autograd_lite.func.checks import check_function, chosen, directions, named_after, positions
from autograd_lite.func.forward import Linear, arguments
from autograd_lite.func.reverse import gradient_of
from autograd_lite.func.trace import Trace, run, starts
from autograd_lite.func.tree import flatten
from autograd_lite.graph import wrap
from autograd_lite.ops import astype, reshape, stack, transpose
from autograd_lite.order import newest_first
from autograd_lite.recording import mode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autograd_lite.tensor import Tensor

_BYTES = 2**20  # of the largest gradient on the way: all rows that fit into a cache, measured


def jacobian(
    f: Callable[..., Any],
    argnums: int | Sequence[int] = 0,
    mode: str | None = None,
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    """The function that gives the derivative of `f`: d output / d input, element by element.

    `f` is run once, and its graph is walked back once with the gradients of all elements of the
    output, or in forward mode with the directions of all elements of the input. Where the result
    can be differentiated again (`f` uses a parameter, say, and recording is on), and where hooks or
    watchers look on, each element has a pass of its own; `no_grad()` around the call avoids it.

    Args:
        f: a function that returns tensors of floats, in a tree.
        argnums: which argument by position to differentiate by, or a tuple of several.
        mode: "reverse", "forward", or None for that which has fewer rows to compute.
        chunk_size: how many rows are computed at once, at the price of memory: each intermediate
            gradient is so many times as large. None takes as many as keep the largest near 1 MB.

    Returns:
        A function of the same arguments. Its result is a tree like the output of `f`; in it, for
        each leaf, a tree like the argument (a tuple of such for a tuple `argnums`), of tensors
        of shape (*output.shape, *input.shape).

    Raises:
        TypeError: at the call, when an input or an output is not of floats, or no tensor.
        ValueError: when there is no such mode or argument.

    Example:
        >>> import autograd_lite as ag
        >>> ag.func.jacobian(lambda x: x**2)(ag.tensor([1.0, 2.0]))
        Tensor([[2., 0.],
                [0., 4.]])
    """
    if mode is not None and not is_one_of(mode, ("forward", "reverse")):
        message = f'jacobian: got mode={describe(mode)}; expected None, "forward" or "reverse"'
        raise ValueError(message)
    return _jacobian("jacobian", f, argnums, mode, chunk_size)


def _jacobian(
    name: str,
    f: Callable[..., Any],
    argnums: int | Sequence[int],
    direction: str | None,
    chunk_size: int | None,
) -> Callable[..., Any]:
    """`jacobian` by the name of `name`."""
    check_function(name, f)
    if chunk_size is not None and not is_whole(chunk_size, 1):
        message = (
            f"{name}: got chunk_size={describe(chunk_size)}; expected a number of rows, or None"
        )
        raise ValueError(message)
    numbers = positions(name, argnums)

    def derivative(*args: Any, **settings: Any) -> Any:
        places = chosen(name, numbers, len(args))
        trace = run(name, f, args, settings, places)
        for output in trace.outputs:
            if output.dtype.kind != "f":
                message = (
                    f"{name}: the function returned {describe(output)}, which has no derivative;"
                    " expected floats"
                )
                raise TypeError(message)
        rows, columns = (sum(x.size for x in side) for side in (trace.outputs, trace.inputs))
        if direction == "forward" or (direction is None and columns < rows):
            blocks = _columns(trace, chunk_size)
        else:
            blocks = _rows(trace, trace.outputs, trace.inputs, chunk_size)
        _, build = flatten([args[i] for i in places])
        parts = [build(row) for row in blocks]
        several = isinstance(argnums, (tuple, list))
        return trace.build([tuple(part) if several else part[0] for part in parts])

    return named_after(f, derivative)


def _columns(trace: Trace, chunk_size: int | None) -> list[list[Tensor]]:
    """The Jacobian by blocks of an output and an input, from products with unit vectors."""
    linear = Linear(trace)
    across = _rows(trace, linear.pulled, linear.dummies, chunk_size)
    return [
        [
            _turned(
                across[i][j] if output.dtype == x.dtype else astype(across[i][j], x.dtype),
                output.ndim,
                x.ndim,
            )
            for i, x in enumerate(trace.inputs)
        ]
        for j, output in enumerate(trace.outputs)
    ]


def _turned(block: Tensor, last: int, first: int) -> Tensor:
    """A block with its `last` axes before the others, of which there are `first`."""
    if not first or not last:
        return block
    return transpose(block, (*range(first, first + last), *range(first)))


def _rows(
    trace: Trace, outputs: Sequence[Tensor], inputs: Sequence[Tensor], chunk_size: int | None
) -> list[list[Tensor]]:
    """For each of `outputs` and each of `inputs`, the derivative, (*output.shape, *input.shape)."""
    roots = [x.node for x in outputs if x.node is not None]
    nodes, _ = newest_first(roots, trace.name, trace.since)
    looked_at = mode.get().watcher is not None or any(node.hooks is not None for node in nodes)
    if looked_at or (trace.live and mode.get().records):  # hooks and watchers see single gradients
        return [_row_by_row(trace, output, inputs) for output in outputs]
    count = sum(output.size for output in outputs)
    if chunk_size is None:
        largest = max((math.prod(node.shape) * node.dtype.itemsize for node in nodes), default=1)
        chunk_size = _BYTES // max(largest, 1)
    chunk = max(min(chunk_size, count), 1)
    blocks = [[np.zeros((*y.shape, *x.shape), x.dtype) for x in inputs] for y in outputs]
    for start in range(0, count, chunk):
        units = _units(outputs, start, min(chunk, count - start))
        results = through(
            starts(outputs, units, recorded=True), inputs, for_batch, retain_graph=True
        )
        end = 0
        for output, row in zip(outputs, blocks, strict=True):
            begin, end = end, end + output.size
            first, last = max(start, begin), min(start + chunk, end)
            for array, result in zip(row, results, strict=True):
                flat = result._data  # of all these rows, or of one that is 0 where nothing depends
                if first < last and flat.ndim > array.ndim - output.ndim:
                    rows = array.reshape(output.size, *flat.shape[1:])  # a view
                    rows[first - begin : last - begin] = flat[first - start : last - start]
    return [[wrap(array) for array in row] for row in blocks]


def _units(outputs: Sequence[Tensor], start: int, count: int) -> list[Batch]:
    """For each output the gradients for `count` of all their elements, from `start` on."""
    units = []
    for output in outputs:
        unit = np.zeros((count, output.size), output.dtype)
        elements = np.arange(max(start, 0), min(start + count, output.size))
        unit[elements - start, elements] = 1
        units.append(Batch(unit.reshape(count, *output.shape)))
        start -= output.size
    return units


def _row_by_row(trace: Trace, output: Tensor, inputs: Sequence[Tensor]) -> list[Tensor]:
    """As `_rows`, of one output, and so that the caller can differentiate it again."""
    (units,) = _units([output], 0, output.size)
    rows = [trace.pull([output], inputs, [wrap(unit)]) for unit in units._data]
    return [
        reshape(stack([row[i] for row in rows]), (*output.shape, *x.shape))
        if rows
        else wrap(np.zeros((*output.shape, *x.shape), x.dtype))
        for i, x in enumerate(inputs)
    ]


def hessian(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, chunk_size: int | None = None
) -> Callable[..., Any]:
    """The function that gives the second derivatives of `f`, a function that returns one number.

    Args:
        f: a function that returns a tensor of one element.
        argnums: which argument by position to differentiate by, or a tuple of several.
        chunk_size: how many rows are computed at once; see `jacobian`.

    Returns:
        A function of the same arguments. Its result is the Jacobian of the gradient: a tree like
        the argument, and in it for each leaf such a tree, of tensors of both leaves' shapes
        together; for a tuple `argnums`, a tuple of tuples of such.

    Raises:
        TypeError: at the call, when an input is not of floats, or `f` returns no tensor.
        ValueError: at the call, when the result of `f` has not one element, or there is no such
            argument.

    Example:
        >>> import autograd_lite as ag
        >>> ag.func.hessian(lambda x: x[0] ** 2 * x[1])(ag.tensor([3.0, 1.0]))
        Tensor([[2., 6.],
                [6., 0.]])
    """
    with_value = gradient_of("hessian", f, argnums)

    def gradient(*args: Any, **settings: Any) -> Any:
        return with_value(args, settings)[1]

    return _jacobian("hessian", named_after(f, gradient), argnums, "reverse", chunk_size)


def hvp(f: Callable[..., Any], primals: Any, tangents: Any) -> Any:
    """The product of the second derivatives of `f` with a vector, H t, without computing H.

    It takes a run of `f`, and two passes back: H is symmetric, so H t is the gradient's pullback.

    Args:
        f: a function that returns a tensor of one element.
        primals: a tuple of its arguments: trees of tensors, arrays and numbers.
        tangents: the vector t: a tuple of trees like those.

    Returns:
        A tuple of trees like `primals`.

    Raises:
        TypeError: when an input is not of floats, or `f` returns no tensor.
        ValueError: when `tangents` is built otherwise than `primals`, or the result of `f` has not
            one element.

    Example:
        >>> import autograd_lite as ag
        >>> x, t = ag.tensor([3.0, 1.0]), ag.tensor([1.0, 0.0])
        >>> ag.func.hvp(lambda x: x[0] ** 2 * x[1], (x,), (t,))
        (Tensor([2., 6.]),)
    """
    primals = arguments("hvp", "primals", primals)
    tangents = arguments("hvp", "tangents", tangents)
    given = directions("hvp", "the tangents", primals, tangents, "the primals")
    with_value = gradient_of("hvp", f, tuple(range(len(primals))))
    trace = run("hvp", lambda *args: with_value(args, {})[1], primals)
    products = trace.pull(trace.outputs, trace.inputs, given, retain_graph=False)
    return trace.build(products)
