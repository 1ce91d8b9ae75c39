"""The wrong gradients that any function can have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from checking.subject import Subject

FACTORS = {"sign": -1.0, "factor 2": 2.0, "factor 1.01": 1.01, "factor 1.0001": 1.0001, "zero": 0.0}
SINGLE = "computed in float32"  # no error at all where everything is float32


def every_mutant(
    subject: Subject, inputs: tuple[NDArray[Any], ...]
) -> dict[str, Callable[..., tuple[Any, ...]]]:
    """The wrong gradients of a function by their names, at these inputs."""
    found: dict[str, Callable[..., tuple[Any, ...]]] = {
        name: _scaled(subject.vjp, factor) for name, factor in FACTORS.items()
    }
    entry = typical_entry(subject, inputs)
    found["one entry zero"] = _one_entry(subject.vjp, entry, 0.0)
    found["one entry 1% off"] = _one_entry(subject.vjp, entry, 1.01)
    found[SINGLE] = _single(subject.vjp)
    found["cotangent ignored"] = _ones(subject.vjp)
    if len(inputs) == 2:
        found["second input: sign"] = lambda *a: _change(subject.vjp(*a), 1, lambda d: -d)
        found["second input: None"] = lambda *a: _change(subject.vjp(*a), 1, lambda _: None)
        found["first input: None"] = lambda *a: _change(subject.vjp(*a), 0, lambda _: None)
    return found | subject.mutants


def typical_entry(subject: Subject, inputs: tuple[NDArray[Any], ...]) -> int:
    """Of the first gradient an entry of the median size, of those that are not 0."""
    random = np.random.default_rng(0)
    cotangent = random.standard_normal(subject.forward(*inputs).shape)
    sizes = np.abs(np.ravel(subject.vjp(cotangent, *inputs)[0]))
    order = np.argsort(sizes)
    return int(order[(order.size + np.count_nonzero(sizes == 0)) // 2])


def _change(gradients: tuple[Any, ...], i: int, change: Callable[[Any], Any]) -> tuple[Any, ...]:
    return tuple(change(d) if k == i else d for k, d in enumerate(gradients))


def _scaled(vjp: Callable[..., tuple[Any, ...]], factor: float) -> Callable[..., tuple[Any, ...]]:
    return lambda *a: tuple(d.dtype.type(factor) * d for d in vjp(*a))


def _one_entry(
    vjp: Callable[..., tuple[Any, ...]], entry: int, factor: float
) -> Callable[..., tuple[Any, ...]]:
    def wrong(gradient: Any) -> Any:
        gradient = np.array(gradient)
        gradient.flat[entry] *= factor
        return gradient

    return lambda *a: _change(vjp(*a), 0, wrong)


def _single(vjp: Callable[..., tuple[Any, ...]]) -> Callable[..., tuple[Any, ...]]:
    def rounded(g: Any, *inputs: Any) -> tuple[Any, ...]:
        gradients = vjp(np.float32(g), *map(np.float32, inputs))
        return tuple(d.astype(g.dtype) for d in gradients)

    return rounded


def _ones(vjp: Callable[..., tuple[Any, ...]]) -> Callable[..., tuple[Any, ...]]:
    return lambda g, *inputs: vjp(np.ones_like(g), *inputs)
