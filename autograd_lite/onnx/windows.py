"""Convolutions and pools, as nodes.

onnxruntime computes convolutions and means in float32 alone: float64 is rounded to that, and back.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.nn.functional_conv import _conv, _conv_transpose
from autograd_lite.nn.functional_pool import _max_pool, _sum_pool
from autograd_lite.onnx.graph import fixed
from autograd_lite.onnx.table import writes

if TYPE_CHECKING:
    from autograd_lite.nn.window import Geometry
    from autograd_lite.onnx.graph import Graph, Value

_SINGLE = np.dtype(np.float32)


@writes(_conv)
def conv(
    g: Graph, out: Value, x: Any, w: Any, b: Any, size: tuple[int, ...], geometry: Geometry
) -> str:
    """Conv."""
    kernel = fixed("conv", w.shape[2:])
    operands = [g.cast(a, _SINGLE) for a in (x, w, b) if a is not None]
    pads = _pads(fixed("conv", x.shape[2:]), kernel, size, geometry)
    form = _form(kernel, geometry)
    return _back(g, out, g.node("Conv", *operands, pads=pads, group=geometry.groups, **form))


@writes(_conv_transpose)
def conv_transpose(
    g: Graph, out: Value, y: Any, w: Any, size: tuple[int, ...], geometry: Geometry
) -> str:
    """ConvTranspose, whose pads are what is cut off; where they are negative, zeros are added."""
    kernel = fixed("conv_transpose", w.shape[2:])
    pads = _pads(size, kernel, fixed("conv_transpose", y.shape[2:]), geometry, least=None)
    count = len(size)
    node = g.node(
        "ConvTranspose",
        g.cast(y, _SINGLE),
        g.cast(w, _SINGLE),
        pads=[max(0, n) for n in pads],
        group=geometry.groups,
        **_form(kernel, geometry),
    )
    more = [max(0, -n) for n in pads]
    if any(more):
        widths = [0, 0, *more[:count], 0, 0, *more[count:]]
        node = g.node("Pad", node, g.ints(widths), g.number(0, _SINGLE))
    return _back(g, out, node)


@writes(_max_pool)
def max_pool(
    g: Graph,
    out: Value,
    x: Any,
    kernel: tuple[int, ...],
    size: tuple[int, ...],
    geometry: Geometry,
) -> str:
    """MaxPool."""
    pads = _pads(fixed("max_pool", x.shape[2:]), kernel, size, geometry)
    return g.node("MaxPool", g.cast(x, out.dtype), pads=pads, **_form(kernel, geometry))


@writes(_sum_pool)
def sum_pool(
    g: Graph,
    out: Value,
    x: Any,
    kernel: tuple[int, ...],
    size: tuple[int, ...],
    geometry: Geometry,
) -> str:
    """AveragePool of zeros around x, times the number of elements of a window."""
    pads = _pads(fixed("sum_pool", x.shape[2:]), kernel, size, geometry)
    count = len(size)
    widths = [0, 0, *pads[:count], 0, 0, *pads[count:]]
    given = g.cast(x, _SINGLE)
    if any(widths):  # not by the node's own pads, which onnxruntime takes below the kernel only
        given = g.node("Pad", given, g.ints(widths), g.number(0, _SINGLE))
    form = _form(kernel, geometry)
    del form["dilations"]  # a mean has none
    # Without pads it says nothing, but onnxruntime 1.20 makes the node's pads of those before it.
    mean = g.node("AveragePool", given, count_include_pad=1, **form)
    return _back(g, out, g.node("Mul", mean, g.number(math.prod(kernel), _SINGLE)))


def _form(kernel: Any, geometry: Geometry) -> dict[str, list[int]]:
    return {
        "kernel_shape": list(kernel),
        "strides": list(geometry.stride),
        "dilations": list(geometry.dilation),
    }


def _pads(
    source: Any, kernel: Any, size: Any, geometry: Geometry, least: int | None = 0
) -> list[int]:
    """What is padded before each axis, and behind it; at least so much."""
    reach = geometry.reach(tuple(kernel), tuple(size))
    after = [r - n - b for r, n, b in zip(reach, source, geometry.before, strict=True)]
    return [*geometry.before, *(after if least is None else (max(least, n) for n in after))]


def _back(g: Graph, out: Value, name: str) -> str:
    return name if out.dtype == _SINGLE else g.to(name, out.dtype)
