"""A drawing as SVG: plain shapes, no styles or names that could meet those of the page."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import east_asian_width

from autograd_lite.drawing.layout import lay_out
from autograd_lite.tables import counted, in_bytes, safe

if TYPE_CHECKING:
    from autograd_lite.drawing.collect import Graph
    from autograd_lite.drawing.labels import Box
    from autograd_lite.drawing.layout import Place, Point


class Colours(NamedTuple):
    """Of a kind of box: what fills it, what is around it, and what it is."""

    fill: str
    stroke: str
    meaning: str


# Boxes are light with dark text, and lines are grey: all is read on a light page and on a dark one.
COLOURS = {
    "op": Colours("#f1f3f5", "#868e96", "op"),
    "module": Colours("#d6e6fa", "#4a86c5", "call of a module"),
    "leaf": Colours("#d8f0dc", "#4c9a5f", "leaf, requires a gradient"),
    "constant": Colours("#fdf1d4", "#c9962b", "constant"),
}
_TEXT, _FAINT, _LINE = "#1a1d21", "#50565d", "#858b91"
_FONT = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
_TITLE, _SMALL = 13.0, 11.0  # sizes of text
_ADVANCE = 0.61  # of a letter, in sizes: no fixed-width font that is named above has wider ones
_PAD_X, _PAD_Y, _LEAD = 12.0, 8.0, 15.0
_MARGIN = 12.0
_HEAD = 4.0  # half the width of the head of an arrow
_ROUND = 5


def as_svg(graph: Graph) -> str:
    """The graph as the text of an SVG file."""
    layout = lay_out([_size(box) for box in graph.boxes], graph.edges)
    drawn: set[tuple[Point, Point]] = set()
    parts = [_line(points, drawn) for points in layout.lines]
    parts += map(_box, graph.boxes, layout.places)
    legend, legend_width, legend_height = _legend(graph)
    width = max(layout.width, legend_width)
    inner = f'<g transform="translate({(width - layout.width) / 2:.1f} 0)">{"".join(parts)}</g>'
    bottom = layout.height + 2 * _LEAD
    total_x = width + 2 * _MARGIN
    total_y = bottom + legend_height + 2 * _MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{total_x:.0f}" height="{total_y:.0f}"'
        f' viewBox="{-_MARGIN:g} {-_MARGIN:g} {total_x:.1f} {total_y:.1f}" role="img"'
        f' font-family="{_FONT}" font-size="{_SMALL:g}">\n'
        f"<title>{safe(summary(graph))}</title>\n{inner}\n"
        f'<g transform="translate(0 {bottom:.1f})">{legend}</g>\n</svg>\n'
    )


def summary(graph: Graph) -> str:
    """What the graph is made of and what it keeps, in a line."""
    ops = counted(graph.ops, "op")
    sizes = (graph.values, graph.constants, graph.leaves)
    values, constants, leaves = map(in_bytes, sizes)
    return f"{ops}; holds {values} of values, {constants} of constants; leaves: {leaves}"


def text_width(text: str, size: float) -> float:
    """The width of a text in a fixed-width font, in which East Asian letters count twice."""
    columns = sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
    return columns * size * _ADVANCE


def _size(box: Box) -> tuple[float, float]:
    """The width and the height that the text of a box needs."""
    widths = [text_width(box.title, _TITLE), *(text_width(line, _SMALL) for line in box.lines)]
    return max(widths) + 2 * _PAD_X, _LEAD * (1 + len(box.lines)) + 2 * _PAD_Y


def _box(box: Box, place: Place) -> str:
    fill, stroke, _ = COLOURS[box.kind]
    left = place.middle - place.width / 2
    dash = ' stroke-dasharray="4 3"' if box.kind == "constant" else ""
    baseline = place.top + _PAD_Y + _LEAD * 0.75
    texts = [_text(box.title, place.middle, baseline, f'{_SIZED} fill="{_TEXT}"')]
    texts += [
        _text(line, place.middle, baseline + _LEAD * number, f'fill="{_FAINT}"')
        for number, line in enumerate(box.lines, 1)
    ]
    return (
        f"<g><title>{safe(box.hover)}</title>"
        f'<rect x="{left:.1f}" y="{place.top:.1f}" width="{place.width:.1f}"'
        f' height="{place.height:.1f}" rx="{_ROUND}" fill="{fill}" stroke="{stroke}"'
        f' stroke-width="{2.5 if box.is_output else 1.2}"{dash}/>{"".join(texts)}</g>\n'
    )


_SIZED = f'font-size="{_TITLE:g}" font-weight="bold"'


def _text(text: str, x: float, y: float, how: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {how}>{safe(text)}</text>'


def _line(points: list[Point], drawn: set[tuple[Point, Point]]) -> str:
    """An edge, less the stretches that others have drawn: every other one bends; then an arrow."""
    path, place = "", None
    for number, stretch in enumerate(pairwise(points)):
        (x, y), (to_x, to_y) = stretch
        if stretch in drawn or y == to_y:
            continue
        drawn.add(stretch)
        if place != (x, y):
            path += f"M{x:.1f} {y:.1f}"
        place = to_x, to_y
        if number % 2 and abs(to_x - x) > 0.1:
            half = (y + to_y) / 2
            path += f"C{x:.1f} {half:.1f} {to_x:.1f} {half:.1f} {to_x:.1f} {to_y:.1f}"
        else:
            path += f"V{to_y:.1f}"
    x, y = points[-1]
    head = f"M{x - _HEAD:.1f} {y - 2 * _HEAD:.1f}H{x + _HEAD:.1f}L{x:.1f} {y:.1f}Z"
    return (
        f'<path d="{path}" fill="none" stroke="{_LINE}" stroke-width="1.3"/>'
        f'<path d="{head}" fill="{_LINE}"/>\n'
    )


def _legend(graph: Graph) -> tuple[str, float, float]:
    """What the colours mean, and below the totals; with the width and the height of it."""
    kinds = {box.kind for box in graph.boxes}
    parts, x = [], 0.0
    for kind, (fill, stroke, meaning) in COLOURS.items():
        if kind in kinds:
            dash = ' stroke-dasharray="3 2"' if kind == "constant" else ""
            parts.append(
                f'<rect x="{x:.1f}" y="-9" width="14" height="10" rx="2" fill="{fill}"'
                f' stroke="{stroke}"{dash}/>'
            )
            parts.append(_text(meaning, x + 20, 0, f'fill="{_LINE}"', "start"))
            x += 20 + text_width(meaning, _SMALL) + 18
    totals = summary(graph)
    parts.append(_text(totals, 0, _LEAD * 1.2, f'fill="{_LINE}"', "start"))
    return "".join(parts), max(x - 18, text_width(totals, _SMALL)), _LEAD * 1.2
