"""One run of a model, written down op by op: what a watcher of the ops sees."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_lite.errors import describe
from autograd_lite.recording import Mode, Watcher, enter, leave, mode
from autograd_lite.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from autograd_lite.recording import OpCall


class Ref(NamedTuple):
    """Where an array came from.

    Attributes:
        kind: "input", "state" (a parameter or buffer), "step" (the result of an op) or "constant".
        key: the number of it, or the name in the state.
    """

    kind: str
    key: int | str


class Place(NamedTuple):
    """The module in which an op ran: its dotted name, and its class."""

    name: str
    kind: str

    def __str__(self) -> str:
        return (f" in {self.kind}" if self.kind else "") + (
            f" at {self.name!r}" if self.name else ""
        )


class Step(NamedTuple):
    """A call of an op; in its operands and settings each array is a `Ref`.

    Attributes:
        function: the function of the op, by which it is known: names may be those of others.
        name: the name of the op.
        place: the module that called it.
        operands: the arrays, and numbers in place of arrays.
        settings: everything else, by name.
        shape: the shape of the result.
        dtype: the dtype of the result.
    """

    function: Callable[..., Any]
    name: str
    place: Place
    operands: list[Any]
    settings: dict[str, Any]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]


class Trace(Watcher):
    """A watcher that writes down the ops of one run, and knows arrays by their identity.

    Args:
        inputs: the arrays of the tensors that the model is given.
        state: the parameters and buffers of the model, by name.
        places: its modules, by `id`.

    Attributes:
        steps: the ops in order.
        constants: arrays that came from nowhere known, and the number of the step that took them.
    """

    def __init__(
        self,
        inputs: Sequence[NDArray[Any]],
        state: Mapping[str, Tensor],
        places: Mapping[int, Place],
    ) -> None:
        super().__init__()
        self.steps: list[Step] = []
        self.constants: list[tuple[NDArray[Any], int]] = []
        self._known: dict[int, tuple[Any, Ref]] = {}  # holds the arrays, so that no id comes twice
        self._state, self._places = state, places
        for i, array in enumerate(inputs):
            self._known[id(array)] = array, Ref("input", i)

    def run(self, model: Callable[..., Any], tensors: Sequence[Tensor]) -> dict[str, Tensor]:
        """What `model` returns for `tensors`, by name, without recording gradients."""
        self.around = mode.get().watcher
        enter(Mode(records=False, watcher=self))
        try:
            return named_results(model(*tensors))
        finally:
            leave()

    def forward(self, call: OpCall) -> tuple[Any, ...]:
        """The result of an op, as an array of its own, and its closures."""
        out, *vjps = super().forward(call)
        if not isinstance(out, np.ndarray) or out.base is not None or id(out) in self._known:
            out = np.array(out)
        bound, settings = self._bound(call.function, call.arrays, call.static)
        self._known[id(out)] = out, Ref("step", len(self.steps))
        form = out.shape, out.dtype
        self.steps.append(Step(call.function, call.name, self._place(), bound, settings, *form))
        return out, *vjps

    def ref(self, array: NDArray[Any]) -> Ref:
        """Where `array` came from; the array of no tensor that is known is a constant."""
        if id(array) in self._known:
            return self._known[id(array)][1]
        for name, tensor in self._state.items():
            if tensor._data is array:
                return Ref("state", name)
        self.constants.append((array.copy(), len(self.steps)))  # for it may be changed later
        return Ref("constant", len(self.constants) - 1)

    def _bound(
        self, function: Callable[..., Any], arrays: Sequence[Any], static: Mapping[str, Any]
    ) -> tuple[list[Any], dict[str, Any]]:
        """The operands, and the settings by name, defaults included."""
        signature = inspect.signature(function)
        bound = signature.bind(*arrays, **static)
        bound.apply_defaults()
        operands: list[Any] = []
        settings: dict[str, Any] = {}
        for parameter in signature.parameters.values():
            value = bound.arguments[parameter.name]
            if parameter.kind is parameter.POSITIONAL_ONLY:
                operands.append(self._noted(np.array(value) if _is_scalar(value) else value))
            elif parameter.kind is parameter.VAR_POSITIONAL:
                operands += map(self._noted, value)
            elif parameter.kind is parameter.VAR_KEYWORD:
                settings |= {key: self._noted(v) for key, v in value.items()}
            else:
                settings[parameter.name] = self._noted(value)
        return operands, settings

    def _noted(self, value: Any) -> Any:
        """`value` with a `Ref` in place of each array."""
        if isinstance(value, Tensor):
            return self.ref(value._data)
        if isinstance(value, np.ndarray):
            return self.ref(value)
        if type(value) in {tuple, list}:
            return type(value)(map(self._noted, value))
        return value.item() if _is_scalar(value) else value

    def _place(self) -> Place:
        """The module whose `forward` is running."""
        frame = inspect.currentframe()
        while frame is not None:
            if frame.f_code.co_name == "forward":
                place = self._places.get(id(frame.f_locals.get("self")))
                if place is not None:
                    return place
            frame = frame.f_back
        return Place("", "")


def named_results(returned: Any) -> dict[str, Tensor]:
    """What a model returned, by name.

    Raises:
        TypeError: when it is anything but a tensor, or a tuple, list or dict of tensors.
    """
    if isinstance(returned, dict):
        named = {str(key): value for key, value in returned.items()}
    elif isinstance(returned, (tuple, list)):
        named = {f"output_{i}": value for i, value in enumerate(returned)}
    else:
        named = {"output": returned}
    for value in named.values():
        if not isinstance(value, Tensor):
            message = (
                f"to_onnx: the model returned {describe(value)}; expected a Tensor, or a tuple,"
                " list or dict of Tensors"
            )
            raise TypeError(message)
    return named


def _is_scalar(value: Any) -> bool:
    return isinstance(value, np.generic)
