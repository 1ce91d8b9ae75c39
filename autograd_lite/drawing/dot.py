"""A drawing as text in DOT, the language of Graphviz."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd_lite.drawing.svg import COLOURS

if TYPE_CHECKING:
    from autograd_lite.drawing.collect import Graph
    from autograd_lite.drawing.labels import Box


def as_dot(graph: Graph) -> str:
    """The graph in DOT, which `dot -Tpdf graph.dot -o graph.pdf` of Graphviz draws."""
    lines = [
        "digraph {",
        '  node [shape=box, style="rounded,filled", fontname="monospace", fontsize=11]',
        *(f"  {number} [{_attributes(box)}]" for number, box in enumerate(graph.boxes)),
        *(f"  {source} -> {target}" for source, target in graph.edges),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _attributes(box: Box) -> str:
    fill, stroke, _ = COLOURS[box.kind]
    label = "\\n".join(map(_escaped, [box.title, *box.lines]))
    dashed = ', style="rounded,filled,dashed"' if box.kind == "constant" else ""
    bold = ", penwidth=2.5" if box.is_output else ""
    return f'label="{label}", fillcolor="{fill}", color="{stroke}"{dashed}{bold}'


def _escaped(text: str) -> str:
    """`text` in a quoted string, in which a backslash begins an escape."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\0", "\ufffd")
