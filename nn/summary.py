"""A model as a table: what each layer gives, holds and costs."""

from __future__ import annotations

import inspect
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from threading import get_ident
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_lite.creation import get_generator
from autograd_lite.errors import describe
from autograd_lite.memory import writable
from autograd_lite.random_state import random_state, set_random_state
from autograd_lite.recording import Mode, Watcher, enter, leave, mode
from autograd_lite.tensor import Tensor

from .flops import flops
from .outline import brief, own_parameters
from .summary_table import as_html, as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from autograd_lite.recording import OpCall

    from .module import Module


class Row(NamedTuple):
    """All calls of a module from one place: what is its own, and not that of modules inside.

    Attributes:
        name: where the module is in the model, dotted; "" for the model itself.
        layer: its class and its settings.
        depth: how many calls of modules are around its own.
        calls: how often it was called there; 0 if it was not.
        outputs: the shapes of what it returned, each that occurred.
        parameters: the number of its own parameters, unless another row above has counted them.
        trainable: how many of them require a gradient.
        shared: whether parameters of its own were counted above.
        flops: operations on numbers, forward, in ops of its own; see `nn.flops`.
        bytes: the size of the results of these ops, views apart.
    """

    name: str
    layer: str
    depth: int
    calls: int
    outputs: tuple[str, ...]
    parameters: int
    trainable: int
    shared: bool
    flops: int
    bytes: int


class Summary:
    """What `Module.summary` found: print it, or let a notebook show it.

    Attributes:
        rows: a row for each module and each place that it was called from, in that order.
        parameters: the number of parameters, each counted once.
        trainable_parameters: how many of them require a gradient.
        frozen_parameters: how many do not.
        parameter_bytes: the bytes of all.
        flops: operations on numbers in the forward pass.
        activation_bytes: the size of the results of all ops, views apart: what a backward pass
            would find at most.
    """

    def __init__(self, rows: Sequence[Row], parameters: Sequence[Tensor]) -> None:
        self.rows = tuple(rows)
        self.parameters = sum(p.size for p in parameters)
        self.trainable_parameters = sum(p.size for p in parameters if p.requires_grad)
        self.frozen_parameters = self.parameters - self.trainable_parameters
        self.parameter_bytes = sum(p.nbytes for p in parameters)
        self.flops = sum(row.flops for row in rows)
        self.activation_bytes = sum(row.bytes for row in rows)

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)


@dataclass
class _Place:
    """A module in the place that it is called from, and what was seen of it there."""

    module: Module
    depth: int
    calls: int = 0
    flops: int = 0
    bytes: int = 0
    outputs: dict[str, None] = field(default_factory=dict)
    inside: dict[int, _Place] = field(default_factory=dict)

    def walk(self) -> Iterator[_Place]:
        """This place, and those inside it in the order of their first calls."""
        yield self
        for place in self.inside.values():
            yield from place.walk()


class _Watch(Watcher):
    """Sees ops and calls of modules, and gives the ops to the innermost call."""

    def __init__(self, model: Module, around: Watcher | None) -> None:
        super().__init__(around)
        self.top = _Place(model, -1)
        self._stack = [self.top]
        self._thread = get_ident()

    def call(self, module: Module, forward: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """What the `forward` of a module returns."""
        if get_ident() != self._thread:
            return forward(*args, **kwargs)
        outer = self._stack[-1]
        place = outer.inside.setdefault(id(module), _Place(module, outer.depth + 1))
        place.calls += 1
        self._stack.append(place)
        try:
            out = forward(*args, **kwargs)
        finally:
            self._stack.pop()
        place.outputs[", ".join(_shapes(out))] = None
        return out

    def forward(self, call: OpCall) -> tuple[Any, ...]:
        """The result of an op and its closures, counted."""
        results = super().forward(call)
        out, place = results[0], self._stack[-1]
        place.flops += flops(call.name, call.arrays, call.static, out)
        given = (x for x in call.arrays if isinstance(x, np.ndarray))
        if not any(np.may_share_memory(out, x) for x in given):
            place.bytes += out.nbytes
        return results


def summarize(model: Module, inputs: Sequence[Any], settings: Mapping[str, Any]) -> Summary:
    """Run a model once, and tell what was seen; see `Module.summary`."""
    for i, given in enumerate(inputs):
        if isinstance(given, tuple) and given and all(isinstance(n, int) for n in given):
            message = (
                f"{type(model).__name__}.summary: got {describe(given)} as input {i}; expected what"
                f" the model is called with: an array of that shape, as np.zeros({given}) is one"
            )
            raise TypeError(message)
    try:
        inspect.signature(model.forward).bind(*inputs, **settings)
    except TypeError as error:
        message = f"{type(model).__name__}.summary: {error}; give what the model is called with"
        raise TypeError(message) from None
    names = {id(module): name for name, module in model.named_modules()}
    watch = _Watch(model, mode.get().watcher)
    with _as_it_was(list(model.modules())):
        model.eval()
        for module in model.modules():
            vars(module)["forward"] = partial(watch.call, module, module.forward)
        enter(Mode(records=False, watcher=watch))
        try:
            model(*inputs, **settings)
        finally:
            leave()
    places = [place for place in watch.top.walk() if place is not watch.top]
    called = {id(place.module) for place in places}
    places += [
        _Place(m, 1) for m in model.modules() if id(m) not in called and any(own_parameters(m))
    ]
    counted: set[int] = set()
    rows = [_row(place, names, counted) for place in places]
    parameters = {id(p): p for module in model.modules() for _, p in own_parameters(module)}
    return Summary(rows, list(parameters.values()))


def _row(place: _Place, names: Mapping[int, str], counted: set[int]) -> Row:
    """A place as a row; `counted` are the parameters in rows above, to which its own are added."""
    own = {id(p): p for _, p in own_parameters(place.module)}
    new = [p for key, p in own.items() if key not in counted]
    counted.update(own)
    return Row(
        names.get(id(place.module), ""),
        brief(place.module),
        place.depth,
        place.calls,
        tuple(place.outputs),
        sum(p.size for p in new),
        sum(p.size for p in new if p.requires_grad),
        len(new) < len(own),
        place.flops,
        place.bytes,
    )


def _shapes(out: Any) -> Iterator[str]:
    """The shapes of the arrays in what a module returned."""
    if isinstance(out, (Tensor, np.ndarray)):
        yield str(out.shape)
    elif isinstance(out, (tuple, list, dict)):
        for part in out.values() if isinstance(out, dict) else out:
            yield from _shapes(part)


@contextmanager
def _as_it_was(modules: Sequence[Module]) -> Iterator[None]:
    """Afterwards, modules have the attributes, buffers and random states that they had before."""
    attributes = [(vars(module), dict(vars(module))) for module in modules]
    buffers = [(tensor, tensor._data.copy()) for m in modules for tensor in _buffers(m)]
    drawn = [get_generator(), *(v for _, before in attributes for v in before.values())]
    states = [(source, random_state(source)) for source in drawn if _draws(source)]
    try:
        yield
    finally:
        for now, before in attributes:
            now.clear()
            now.update(before)
        for tensor, values in buffers:
            if not np.array_equal(tensor._data, values, equal_nan=values.dtype.kind == "f"):
                np.copyto(writable(tensor), values)
        for source, state in states:
            set_random_state(source, state)


def _buffers(module: Module) -> Iterator[Tensor]:
    held = (vars(module).get(name) for name in module._buffer_names())
    return (buffer for buffer in held if isinstance(buffer, Tensor))


def _draws(value: Any) -> bool:
    return isinstance(value, (np.random.Generator, np.random.RandomState))
