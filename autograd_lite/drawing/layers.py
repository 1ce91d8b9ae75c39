"""The layers of a drawing: which box stands on which, in what order, and where edges pass."""

from __future__ import annotations

from bisect import bisect_right, insort
from graphlib import TopologicalSorter
from itertools import pairwise
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    Edge = tuple[int, int]

_SWEEPS = 12


class Layers(NamedTuple):
    """The vertices by layer: boxes, numbered from 0, and then waypoints of edges that pass layers.

    Attributes:
        rows: the vertices of each layer, from left to right.
        above: for each vertex, its neighbours in the layer above.
        below: for each vertex, its neighbours in the layer below.
        routes: for each edge, the vertices that it goes through, both ends included.
    """

    rows: list[list[int]]
    above: list[list[int]]
    below: list[list[int]]
    routes: list[list[int]]


def layered(count: int, edges: Sequence[Edge]) -> Layers:
    """`count` boxes in layers so that every edge goes down, with few crossings.

    Edges of one box that pass the same layer share the waypoint there: they are one line that
    branches. So a weight that a hundred steps use adds a waypoint to each layer, not a hundred.

    Args:
        count: the number of boxes.
        edges: pairs of boxes (from, to), without a cycle; a pair may come twice.

    Example:
        >>> layered(3, [(0, 1), (1, 2), (0, 2)])  # the last one passes layer 1, by vertex 3
        Layers(rows=[[0], [1, 3], [2]], above=[[], [0], [1, 3], [0]], below=[[1, 3], [2], [], [2]],
               routes=[[0, 1], [1, 2], [0, 3, 2]])
    """
    depths = _depths(count, edges)
    above: list[list[int]] = [[] for _ in range(count)]
    below: list[list[int]] = [[] for _ in range(count)]
    waypoints: dict[tuple[int, int], int] = {}
    routes = []
    for source, target in edges:
        route = [source]
        for depth in range(depths[source] + 1, depths[target]):
            if (source, depth) not in waypoints:
                waypoints[source, depth] = len(above)
                above.append([])
                below.append([])
                depths.append(depth)
            route.append(waypoints[source, depth])
        route.append(target)
        routes.append(route)
    for upper, lower in sorted({pair for route in routes for pair in pairwise(route)}):
        above[lower].append(upper)
        below[upper].append(lower)
    rows: list[list[int]] = [[] for _ in range(max(depths, default=-1) + 1)]
    for vertex in _as_met(above, below):
        rows[depths[vertex]].append(vertex)
    return Layers(_ordered(rows, above, below), above, below, routes)


def _depths(count: int, edges: Sequence[Edge]) -> list[int]:
    """The layer of each box: below all that it depends on, and close to what depends on it."""
    sources: list[list[int]] = [[] for _ in range(count)]
    targets: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        sources[target].append(source)
        targets[source].append(target)
    order = list(TopologicalSorter(dict(enumerate(sources))).static_order())
    depths = [0] * count
    for box in order:
        depths[box] = max((depths[source] + 1 for source in sources[box]), default=0)
    for box in reversed(order):  # down, where that makes no edge longer than it makes others short
        if targets[box] and len(sources[box]) <= len(targets[box]):
            depths[box] = min(depths[target] for target in targets[box]) - 1
    return depths


def _as_met(above: Sequence[Sequence[int]], below: Sequence[Sequence[int]]) -> list[int]:
    """The vertices in the order in which one meets them on the way up from the last ones."""
    stack = [vertex for vertex, targets in enumerate(below) if not targets]
    met: dict[int, None] = {}
    while stack:
        vertex = stack.pop()
        if vertex not in met:
            met[vertex] = None
            stack.extend(reversed(above[vertex]))
    return list(met)


def _ordered(
    rows: list[list[int]], above: Sequence[Sequence[int]], below: Sequence[Sequence[int]]
) -> list[list[int]]:
    """The rows, each in an order with few crossings: by the mean of its neighbours', by turns."""
    best, fewest = rows, crossings(rows, below)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        down = sweep % 2 == 0
        rows = list(best) if sweep == 0 else rows
        steps = range(1, len(rows)) if down else range(len(rows) - 2, -1, -1)
        for depth in steps:
            fixed = rows[depth - 1 if down else depth + 1]
            places = {vertex: place for place, vertex in enumerate(fixed)}
            rows[depth] = _by_mean(rows[depth], above if down else below, places)
        count = crossings(rows, below)
        if count < fewest:
            best, fewest = list(rows), count
    return best


def _by_mean(
    row: Sequence[int], neighbours: Sequence[Sequence[int]], places: dict[int, int]
) -> list[int]:
    """A row by the mean place of each one's neighbours; who has none keeps its place."""
    means = {
        vertex: fmean(places[other] for other in neighbours[vertex])
        for vertex in row
        if neighbours[vertex]
    }
    movable = iter(sorted(means, key=means.__getitem__))
    return [next(movable) if vertex in means else vertex for vertex in row]


def crossings(rows: Sequence[Sequence[int]], below: Sequence[Sequence[int]]) -> int:
    """How many pairs of edges cross between neighbouring layers.

    >>> crossings([[0, 1], [2, 3]], [[3], [2], [], []])
    1
    """
    count = 0
    for row, lower in pairwise(rows):
        places = {vertex: place for place, vertex in enumerate(lower)}
        passed: list[int] = []
        for vertex in row:
            ends = sorted(places[target] for target in below[vertex])
            count += sum(len(passed) - bisect_right(passed, end) for end in ends)
            for end in ends:
                insort(passed, end)
    return count
