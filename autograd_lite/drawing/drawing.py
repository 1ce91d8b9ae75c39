"""`draw_graph`, and what it returns."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.drawing.collect import collect
from autograd_lite.drawing.dot import as_dot
from autograd_lite.drawing.svg import as_svg, summary
from autograd_lite.errors import describe, is_whole
from autograd_lite.replace import replacing
from autograd_lite.tables import counted
from autograd_lite.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograd_lite.drawing.collect import Graph


class Drawing:
    """A drawn graph: a notebook shows it, and `save` writes it.

    Attributes:
        boxes: how many boxes there are.
        ops: how many recorded ops they stand for.
        values_bytes: the bytes of the values that the graph keeps for the backward pass.
        constants_bytes: the bytes of the arrays that it keeps of what requires no gradient.
        leaves_bytes: the bytes of the leaves' own values, which live without the graph too.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.boxes = len(graph.boxes)
        self.ops = graph.ops
        self.values_bytes = graph.values
        self.constants_bytes = graph.constants
        self.leaves_bytes = graph.leaves

    @cached_property
    def svg(self) -> str:
        """The drawing as the text of an SVG file."""
        return as_svg(self._graph)

    @cached_property
    def dot(self) -> str:
        """The graph in DOT, for Graphviz to draw."""
        return as_dot(self._graph)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the drawing, whole or not at all.

        Args:
            path: a file that ends in .svg, or in .dot or .gv; it is replaced if there is one.

        Raises:
            TypeError: when `path` is not a path.
            ValueError: when it ends otherwise.
            OSError: when the file cannot be written.
        """
        if not isinstance(path, (str, os.PathLike)):
            message = f"Drawing.save: got {describe(path)}; expected the path of a file"
            raise TypeError(message)
        path = Path(path)
        kind = path.suffix.lower()
        if kind not in {".svg", ".dot", ".gv"}:
            message = (
                f"Drawing.save: got {str(path)!r}; expected a name that ends in .svg, .dot or .gv:"
                " for PNG or PDF save graph.dot, and run `dot -Tpdf graph.dot -o graph.pdf`"
            )
            raise ValueError(message)
        content = self.svg if kind == ".svg" else self.dot
        with replacing(path) as file:
            file.write(content.encode("utf-8", errors="replace"))

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        count = counted(self.boxes, "box", "boxes")
        return f"<Drawing of {count}: {summary(self._graph)}; save('graph.svg') writes it>"


def draw_graph(
    tensors: Tensor | Sequence[Tensor],
    *,
    depth: int | None = None,
    expand: bool = False,
    max_nodes: int = 500,
) -> Drawing:
    """Draw the graph that tensors came out of: what `backward` will go through.

    A call of a module is one box: its class and settings, where it is in the model, the shape and
    dtype of its result, how many parameters it has. Modules that call other modules are opened. An
    op outside of modules is a box of its own. Arrows show where values go, from top to bottom.

    "Holds" says how many bytes of values the closures of a box keep for the backward pass, arrays
    that others keep too included; the totals count each array once. Parameters, and arrays that
    need no gradient (constants), are not values: the drawing counts them apart.

    Args:
        tensors: a tensor, or a sequence of them.
        depth: how many modules around a module are opened: 0 draws each outermost call as one box,
            1 what it calls, and so on; None opens all that call other modules.
        expand: whether to open all modules, down to the ops.
        max_nodes: the largest number of boxes that is drawn.

    Returns:
        The drawing, as SVG and in DOT.

    Raises:
        TypeError: when something else than tensors is given, or `depth` or `max_nodes` is no
            integer, or `expand` neither True nor False.
        ValueError: when `depth` is negative, or there are more boxes than `max_nodes`.
        RuntimeError: when a tensor has no graph, or a backward pass has consumed it.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
        >>> loss = nn.MSELoss()(model(ag.ones(5, 2)), ag.zeros(5, 1))
        >>> drawing = ag.draw_graph(loss)
        >>> drawing.boxes, drawing.ops  # two Linear, one with its Tanh, and the loss; two constants
        (5, 4)
        >>> ag.draw_graph(loss, depth=0).boxes, ag.draw_graph(loss, expand=True).boxes
        (4, 10)
    """
    roots = _roots(tensors)
    _check_count("depth", depth, 0)
    _check_count("max_nodes", max_nodes, 1)
    if not isinstance(expand, (bool, np.bool_)):
        message = f"draw_graph: got expand={describe(expand)}; expected True or False"
        raise TypeError(message)
    graph = collect(roots, depth, expand=expand)
    count = len(graph.boxes)
    if count > max_nodes:
        message = (
            f"draw_graph: got a graph of {count:,} boxes; expected at most max_nodes={max_nodes:,}:"
            " draw less of it (an earlier tensor, a shorter sequence, depth=0 for whole models), or"
            f" give max_nodes={count} and time"
        )
        raise ValueError(message)
    return Drawing(graph)


def _roots(tensors: Any) -> list[Any]:
    """The nodes of what is to be drawn."""
    given = list(tensors) if isinstance(tensors, (list, tuple)) else [tensors]
    if not given:
        message = "draw_graph: got no tensors; expected at least one"
        raise ValueError(message)
    for tensor in given:
        if not isinstance(tensor, Tensor):
            got = " ".join(describe(tensor).split())  # of a module, in one line
            message = (
                f"draw_graph: got {got}; expected a Tensor that was recorded, as model(x) is one"
            )
            raise TypeError(message)
        if tensor.node is None:
            message = (
                "draw_graph: the tensor has no graph: nothing it was computed from requires a"
                " gradient, or it was computed under no_grad(); set requires_grad=True on an input"
            )
            raise RuntimeError(message)
    return [tensor.node for tensor in given]


def _check_count(name: str, value: Any, least: int) -> None:
    if value is None and name == "depth":
        return
    message = f"draw_graph: got {name}={describe(value)}; expected an integer, {least} or more"
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool):
        raise TypeError(message)
    if not is_whole(value, least):
        raise ValueError(message)
