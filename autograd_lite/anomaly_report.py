"""The words of an anomaly: what an op made of what, at which place, and on whose line."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.anomaly_origin import first_place, lines_of, module_now, module_of
from autograd_lite.errors import describe
from autograd_lite.node import forwards

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from autograd_lite.anomaly_origin import Origin, Place
    from autograd_lite.node import Node


class AnomalyError(FloatingPointError):
    """A nan or an infinity that `detect_anomaly` found; NumPy's own errors of floats are its base.

    Attributes:
        op: the name of the op.
        direction: "forward", or "backward".
        place: the line of code that called the op: `file`, `line` and `function`. None where it is
            not known: the op was recorded outside of the block.

    Example:
        >>> import autograd_lite as ag
        >>> try:
        ...     with ag.detect_anomaly():
        ...         ag.log(ag.tensor([1.0, 0.0]))
        ... except ag.AnomalyError as error:
        ...     print(error.op, error.direction)
        log forward
    """

    def __init__(self, message: str, op: str, direction: str, place: Place | None) -> None:
        super().__init__(message)
        self.op, self.direction, self.place = op, direction, place

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (*self.args, self.op, self.direction, self.place)


def held(
    origin: Origin, position: int, operand: Any, values: NDArray[Any], wrong: NDArray[Any]
) -> AnomalyError:
    """The error that an operand was bad before."""
    name = getattr(operand, "name", None)
    called = f", the parameter {name!r}," if name else ""
    _, found = _finding(values, wrong)
    message = _composed(
        f"detect_anomaly: argument {position} of {origin.name}{called} held bad values before:"
        f" {describe(values)}, {found}",
        _where(origin, module_now()),
        "No op inside the block made them: look at the data (nn.check_finite), the step of the"
        " optimizer (check_finite=True), and what was computed before the block;"
        " detect_anomaly(inf=False) lets infinities pass.",
    )
    return AnomalyError(message, origin.name, "forward", first_place(origin))


def made(
    origin: Origin,
    function: Callable[..., Any],
    arrays: Sequence[Any],
    static: Mapping[str, Any],
    out: Any,
    wrong: Any,
) -> AnomalyError:
    """The error that an op made a bad value of good ones."""
    values = np.asarray(out)
    place, found = _finding(values, wrong)
    message = _composed(
        f"detect_anomaly: in the result of {origin.name}, {found}",
        [
            *_operand_lines({**_named(function, arrays), **static}, place, values.shape),
            *_where(origin, module_now()),
        ],
        "Keep the operands in the op's domain (clip, rescale, add an eps), or take a loss of logits"
        " for one of probabilities; detect_anomaly(inf=False) lets infinities pass.",
    )
    return AnomalyError(message, origin.name, "forward", first_place(origin))


def made_backward(
    name: str,
    function: Callable[..., Any],
    gradient: Any,
    node: Node,
    origin: Origin | None,
    result: Any,
    wrong: Any,
) -> AnomalyError:
    """The error that the gradient rule of an op made a bad value of a good gradient."""
    values = np.asarray(values_of(result))
    place, found = _finding(values, wrong)
    argument = _argument(function, node)
    of = f", of the gradient for its argument {argument}" if argument else ""
    if name == "sum_to":
        of = ", in the sum that undoes a broadcast"
    message = _composed(
        f"detect_anomaly: in the backward pass of {node.name}, {found}{of}",
        [
            _summary("gradient of its result", values_of(gradient), place, values.shape),
            *_operand_lines(dict(_captured(function)), place, values.shape),
            *_where(origin, module_of(node.call)),
        ],
        "Its derivative is not finite there, or overflows: keep the operands away from such points"
        " (clip, add an eps), scale the loss, or clip gradients on the way (register_hook).",
    )
    return AnomalyError(message, node.name, "backward", first_place(origin))


def summed(node: Node, origin: Origin | None, values: Any, wrong: Any) -> AnomalyError:
    """The error that a gradient is bad though no op made it so."""
    _, found = _finding(np.asarray(values), wrong)
    tensor = getattr(node, "tensor", lambda: None)()
    name = getattr(tensor, "name", None)
    what = f"the parameter {name!r}" if name else "a leaf" if tensor is not None else ""
    message = _composed(
        f"detect_anomaly: in the gradient of {what or 'the result of ' + node.name},"
        f" {describe(values)}, {found}",
        _where(origin, module_of(node.call)) if not what else [],
        "No op made it: it is what backward() or grad() was given, what a hook of this tensor"
        " returned, or a sum of gradients from several uses, or its dtype, that cannot hold it.",
    )
    return AnomalyError(message, node.name, "backward", first_place(origin))


def _where(origin: Origin | None, module: str | None) -> Iterator[str]:
    """The lines of a message that tell where an op was called."""
    if module is not None:
        yield module
    if origin is None:
        yield "recorded outside of the block: put the forward pass inside too, to see its line"
    else:
        yield from lines_of(origin)


def _finding(array: NDArray[Any], wrong: NDArray[Any]) -> tuple[tuple[int, ...], str]:
    """The first place that is `wrong`, and a count of what is: '2 of 6 values are ...'."""
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    count, nans = int(np.count_nonzero(wrong)), int(np.count_nonzero(np.isnan(array)))
    kinds = [f"{n} {kind}" for n, kind in ((nans, "nan"), (count - nans, "infinite")) if n]
    number = f"{count} of {array.size} values {'are' if count > 1 else 'is'} not finite"
    return place, f"{number} ({', '.join(kinds)}), the first, {array[place]}{_at(place)}"


def _at(place: tuple[int, ...]) -> str:
    return f", at {place if len(place) > 1 else place[0]}" if place else ""


def _summary(name: str, array: Any, place: tuple[int, ...], shape: tuple[int, ...]) -> str:
    """A line about an array: its shape and dtype, its range, and its value at a place of a result.

    Args:
        name: what to call it.
        array: the array, or a number.
        place: where to look, in an array of `shape`.
        shape: what `array` may broadcast to; if it does not, the value is left out.
    """
    values = np.asarray(array)
    text = f"{name}: {tuple(values.shape)} {values.dtype}"
    if not values.size or values.dtype.kind not in "fiub":
        return text
    finite = values[np.isfinite(values)]
    if values.size > 1:
        span = f"from {finite.min():.6g} to {finite.max():.6g}" if finite.size else "nothing finite"
        text += f", {span}"
        if others := values.size - finite.size:
            text += f" and {others} not finite"
    try:
        there = np.broadcast_to(values, shape)[place]
    except (ValueError, IndexError):
        return text
    return f"{text}, there {there}"


def _operand_lines(
    operands: Mapping[str, Any], place: tuple[int, ...], shape: tuple[int, ...]
) -> list[str]:
    """A line about each operand that is an array or a number, and about settings as they are."""
    return [
        _summary(name, value, place, shape)
        if isinstance(value, (np.ndarray, np.generic, float, int))
        else f"{name}: {value!r}"[:80]
        for name, value in operands.items()
        if value is not None
    ]


def _composed(head: str, lines: Iterable[str], way_out: str) -> str:
    """A message: what happened, the facts line by line, and what to do."""
    return "\n".join([head, *(f"  {line}" for line in lines), way_out])


def values_of(value: Any) -> Any:
    """The array of a tensor, or an array itself."""
    return value._data if hasattr(value, "_data") else value


def _named(function: Callable[..., Any], arrays: Sequence[Any]) -> dict[str, Any]:
    """The operands by the names that the op has for them."""
    code = inspect.unwrap(function).__code__
    names = code.co_varnames[: code.co_argcount]
    return {names[i] if i < len(names) else f"argument {i}": a for i, a in enumerate(arrays)}


def _captured(function: Callable[..., Any]) -> Iterator[tuple[str, Any]]:
    """The arrays that a closure holds, by the names that they have in its op."""
    code = getattr(function, "__code__", None)
    for name, cell in zip(
        getattr(code, "co_freevars", ()), getattr(function, "__closure__", None) or (), strict=True
    ):
        value = values_of(cell.cell_contents)
        if isinstance(value, (np.ndarray, np.generic, float, int)):
            yield ("its result" if name == "out" else name), value


def _argument(function: Callable[..., Any], node: Node) -> str | None:
    """The operand that a closure is for, by its name in the op, if it can be told."""
    code = getattr(function, "__code__", None)
    at = [i for i, vjp in enumerate(node.vjps or ()) if getattr(vjp, "__code__", None) is code]
    if code is None or len(at) != 1:
        return None
    forward = forwards.get(code)
    names = forward.co_varnames[: forward.co_posonlyargcount] if forward else ()
    return names[at[0]] if at[0] < len(names) else str(at[0])
