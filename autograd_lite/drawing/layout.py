"""Where the boxes of a graph go, and the lines between them: from top to bottom, in pure Python.

After Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system
structures", 1981: layers, an order in each with few crossings, then the coordinates.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from autograd_lite.drawing.layers import layered

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from autograd_lite.drawing.layers import Layers

Point: TypeAlias = "tuple[float, float]"
Pull: TypeAlias = "tuple[int, float]"

_BETWEEN = 24.0  # from a box to its neighbour
_ASIDE = 14.0  # from a line to what is beside it
_DOWN = 38.0  # from a layer to the next
_APART = 14.0  # between the ends of lines on one box
_PASSES = 32  # half of them towards means, half towards medians, which makes lines straight
_LONG, _ONLY = 8.0, 4.0  # how much an edge wants to be straight, beside 1 for a usual one


class Place(NamedTuple):
    """Where a box is: its middle from left to right, its top, and its sizes."""

    middle: float
    top: float
    width: float
    height: float


class Layout(NamedTuple):
    """A drawing's coordinates, which begin at 0.

    Attributes:
        places: where each box is.
        lines: for each edge, the corners that it goes through, from the bottom of a box to the top
            of another. Every other stretch is vertical, beginning with the first.
        width: of the whole.
        height: of the whole.
    """

    places: list[Place]
    lines: list[list[Point]]
    width: float
    height: float


def lay_out(sizes: Sequence[tuple[float, float]], edges: Sequence[tuple[int, int]]) -> Layout:
    """Coordinates for boxes of given sizes and the edges between them.

    Boxes do not overlap, each edge goes down from one box to another, and no edge goes through a
    box: between two layers it may bend, beside a box it is vertical.

    Args:
        sizes: the width and the height of each box.
        edges: pairs of boxes (from, to), without a cycle; a pair may come twice.

    Example:
        >>> layout = lay_out([(100, 20), (60, 20)], [(0, 1)])
        >>> layout.places
        [Place(middle=50.0, top=0.0, width=100, height=20),
         Place(middle=50.0, top=58.0, width=60, height=20)]
        >>> layout.lines
        [[(50.0, 20.0), (50.0, 20.0), (50.0, 58.0), (50.0, 58.0)]]
    """
    layers = layered(len(sizes), edges)
    vertices = len(layers.above)
    widths = [*(width for width, _ in sizes), *[0.0] * (vertices - len(sizes))]
    middles = _middles(layers, widths, len(sizes))
    tops, bottoms = [0.0] * vertices, [0.0] * vertices
    places: dict[int, Place] = {}
    height = -_DOWN
    for row in layers.rows:
        top = height + _DOWN
        height = top + max((sizes[vertex][1] for vertex in row if vertex < len(sizes)), default=0.0)
        for vertex in row:
            tops[vertex], bottoms[vertex] = top, height
            if vertex < len(sizes):
                width, own = sizes[vertex]
                places[vertex] = Place(middles[vertex], (top + height - own) / 2, width, own)
    ends = _ends(layers, middles, widths)
    lines = []
    for number, (first, *through, last) in enumerate(layers.routes):
        x, end = middles[first], ends[number]
        line = [(x, places[first].top + places[first].height), (x, bottoms[first])]
        for vertex in through:
            line += [(middles[vertex], tops[vertex]), (middles[vertex], bottoms[vertex])]
        lines.append([*line, (end, tops[last]), (end, places[last].top)])
    width = max((x + w / 2 for x, w in zip(middles, widths, strict=True)), default=0.0)
    return Layout([places[box] for box in range(len(sizes))], lines, width, max(height, 0.0))


def _middles(layers: Layers, widths: Sequence[float], boxes: int) -> list[float]:
    """The middle of each vertex: close to its neighbours', and nothing overlaps."""
    middles = [0.0] * len(widths)
    steps = [_steps(row, widths, boxes) for row in layers.rows]
    for row, step in zip(layers.rows, steps, strict=True):
        for vertex, x in zip(row, step, strict=True):
            middles[vertex] = x - step[-1] / 2
    pulls = _pulls(layers, boxes)
    downward = list(zip(layers.rows, steps, strict=True))
    for number in range(_PASSES):
        down, straightens = number % 2 == 0, number >= _PASSES // 2
        for row, step in downward if down else reversed(downward):
            wanted, weights = [], []
            for vertex in row:
                fixed, others = pulls[vertex] if down else reversed(pulls[vertex])
                near = fixed + others if straightens or not fixed else fixed
                weights.append(sum(pull for _, pull in near) or 0.1)
                places = [(middles[other], pull) for other, pull in near]
                wanted.append(middles[vertex])
                if straightens and near:
                    low, high = _medians(places)
                    towards = _medians(places[: len(fixed)])[0] if fixed else low
                    wanted[-1] = min(max(towards, low), high)
                elif near:
                    wanted[-1] = sum(x * pull for x, pull in places) / weights[-1]
            for vertex, x in zip(row, _apart(wanted, weights, step), strict=True):
                middles[vertex] = x
    left = min((x - w / 2 for x, w in zip(middles, widths, strict=True)), default=0.0)
    return [x - left for x in middles]


def _medians(places: Iterable[tuple[float, float]]) -> tuple[float, float]:
    """Between which places as much pulls to the left as to the right."""
    ordered = sorted(places)
    passed = list(accumulate(pull for _, pull in ordered))
    i = bisect_left(passed, passed[-1] / 2)
    j = i + (passed[i] == passed[-1] / 2)
    return ordered[i][0], ordered[j][0]


def _pulls(layers: Layers, boxes: int) -> list[tuple[list[Pull], list[Pull]]]:
    """For each vertex its neighbours above and below, and how much each edge wants to be straight.

    A line that passes layers wants it most, then one between two boxes that have no other there.
    """

    def pull(upper: int, lower: int) -> float:
        if upper >= boxes and lower >= boxes:
            return _LONG
        if len(layers.below[upper]) == len(layers.above[lower]) == 1:
            return _ONLY
        return 1.0

    return [
        (
            [(other, pull(other, vertex)) for other in layers.above[vertex]],
            [(other, pull(vertex, other)) for other in layers.below[vertex]],
        )
        for vertex in range(len(layers.above))
    ]


def _steps(row: Sequence[int], widths: Sequence[float], boxes: int) -> list[float]:
    """How far the middle of each vertex of a row is at least from that of the first."""
    steps = [0.0]
    for before, vertex in pairwise(row):
        gap = _BETWEEN if before < boxes and vertex < boxes else _ASIDE
        steps.append(steps[-1] + (widths[before] + widths[vertex]) / 2 + gap)
    return steps


def _apart(
    wanted: Iterable[float], weights: Iterable[float], steps: Sequence[float]
) -> list[float]:
    """The places closest to `wanted`, by weighted squares, that are at least `steps` apart.

    Less the steps, the places must not descend: what would is pooled, again and again.
    """
    pools: list[tuple[float, float, int]] = []  # mean, weight, members
    for want, weight, step in zip(wanted, weights, steps, strict=True):
        mean, total, members = want - step, weight, 1
        while pools and pools[-1][0] > mean:
            other, heavy, many = pools.pop()
            mean = (mean * total + other * heavy) / (total + heavy)
            total, members = total + heavy, members + many
        pools.append((mean, total, members))
    means = (mean for mean, _, members in pools for _ in range(members))
    return [mean + step for mean, step in zip(means, steps, strict=True)]


def _ends(layers: Layers, middles: Sequence[float], widths: Sequence[float]) -> list[float]:
    """Where on the top of its box each edge ends: side by side, in the order that they come in."""
    arriving: dict[int, list[int]] = {}
    for number, route in enumerate(layers.routes):
        arriving.setdefault(route[-1], []).append(number)
    ends = [0.0] * len(layers.routes)
    for box, numbers in arriving.items():
        numbers.sort(key=lambda number: middles[layers.routes[number][-2]])
        space = min(_APART, widths[box] / (len(numbers) + 1))
        for i, number in enumerate(numbers):
            ends[number] = middles[box] + space * (i - (len(numbers) - 1) / 2)
    return ends
