"""Drawings as files and text, and what is refused."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn
from tests.drawn import SVG, leaf, loss_of, mlp, texts, titles

# ---- what is refused


def test_a_consumed_graph_is_refused() -> None:
    x = leaf()
    y = x * x
    z = y + 1
    y.backward()
    for tensor in (y, z):
        with pytest.raises(RuntimeError, match=r"draw_graph: .*before backward\(\)"):
            ag.draw_graph(tensor)


def test_a_tensor_without_a_graph_is_refused() -> None:
    with pytest.raises(RuntimeError, match="draw_graph: the tensor has no graph"):
        ag.draw_graph(ag.ones(2))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"tensors": 3}, TypeError, "draw_graph: got 3; expected a Tensor"),
        ({"tensors": []}, ValueError, "got no tensors"),
        ({"depth": -1}, ValueError, "depth=-1; expected an integer, 0 or more"),
        ({"depth": "all"}, TypeError, "depth='all'"),
        ({"max_nodes": 0}, ValueError, "max_nodes=0; expected an integer, 1 or more"),
        ({"max_nodes": None}, TypeError, "max_nodes=None"),
        ({"max_nodes": True}, TypeError, "max_nodes=True"),
    ],
)
def test_wrong_arguments_are_refused(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=re.escape(message)):
        ag.draw_graph(**{"tensors": leaf() * 2, **options})


def test_a_long_chain_is_refused_with_the_way_out_and_drawn_as_a_module() -> None:
    class Chain(nn.Module):
        def forward(self, x: ag.Tensor) -> ag.Tensor:
            for _ in range(5_000):
                x = x + 1.0
            return x

    chain = Chain()
    out = chain(leaf())
    with pytest.raises(ValueError, match=r"5,001 boxes; expected at most max_nodes=500: draw less"):
        ag.draw_graph(out, expand=True)
    assert titles(ag.draw_graph(out)) == ["Chain()", "leaf, deleted since"]


# ---- files and text


class Said(nn.Module):
    """A module that says of itself what it is told to."""

    def __init__(self, settings: str) -> None:
        self.settings = settings

    def forward(self, x: Any) -> Any:
        """Twice."""
        return x * 2

    def extra_repr(self) -> str:
        """What it was told."""
        return self.settings


class Sly(nn.Module):
    """A module with a part whose name is made to break out of a string."""

    name = '<b>"&\\n\0\ud800'

    def __init__(self) -> None:
        self.parts = {self.name: nn.Linear(2, 2)}

    def forward(self, x: Any) -> Any:
        """What the part makes, twice."""
        return self.parts[self.name](x) * 2

    def extra_repr(self) -> str:
        """The same."""
        return f"</text><script>{self.name}"


@given(st.text(max_size=40))
def test_any_text_is_well_formed(settings: str) -> None:
    said = Said(settings)
    drawing = ag.draw_graph(said(leaf()))
    assert len(texts(drawing)) == 2
    assert len(re.findall(r"^  \d+ \[", drawing.dot, flags=re.MULTILINE)) == 2


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    sly = Sly()
    out = sly(np.ones((1, 2)))
    for drawing in (
        ag.draw_graph(out),
        ag.draw_graph(out, depth=0),
        ag.draw_graph(out, expand=True),
    ):
        assert "<script" not in drawing.svg
        texts(drawing)
        drawing.save(tmp_path / "sly.svg")
        ET.parse(tmp_path / "sly.svg")  # noqa: S314  # our own
        drawing.save(tmp_path / "sly.dot")


def test_no_text_is_wider_than_its_box() -> None:
    drawing = ag.draw_graph(loss_of(mlp())[0], expand=True)
    root = ET.fromstring(drawing.svg)  # noqa: S314  # our own
    for group in root.iter(f"{SVG}g"):
        box = group.find(f"{SVG}rect")
        if group.find(f"{SVG}title") is not None and box is not None:
            for text in group.findall(f"{SVG}text"):
                letters = len(text.text or "") * float(text.get("font-size", "11")) * 0.602
                assert letters < float(box.get("width", "0")) - 4


def test_a_long_label_is_cut_and_shown_whole_under_the_pointer() -> None:
    module = Said("a" * 100)
    drawing = ag.draw_graph(module(leaf()))
    assert all(len(line) <= 34 for lines in texts(drawing) for line in lines)
    assert "a" * 100 in drawing.svg


def test_save_goes_by_the_name(tmp_path: Path) -> None:
    drawing = ag.draw_graph(leaf() * 2)
    for name, content in [("a.svg", drawing.svg), ("a.dot", drawing.dot), ("a.GV", drawing.dot)]:
        drawing.save(tmp_path / name)
        assert (tmp_path / name).read_text(encoding="utf-8") == content
    with pytest.raises(ValueError, match=r"Drawing.save: .*\.svg, \.dot or \.gv.*dot -Tpdf"):
        drawing.save(tmp_path / "a.png")
    with pytest.raises(TypeError, match=r"Drawing.save: got 3"):
        drawing.save(3)  # type: ignore[arg-type]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.GV", "a.dot", "a.svg"]


def test_a_failed_save_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    path.mkdir()
    with pytest.raises(OSError, match=r"a\.svg"):
        ag.draw_graph(leaf() * 2).save(path)
    assert list(tmp_path.iterdir()) == [path]


def test_a_drawing_shows_itself() -> None:
    drawing = ag.draw_graph(leaf() * 2)
    assert drawing._repr_svg_() == drawing.svg
    assert repr(drawing) == (
        "<Drawing of 2 boxes: 1 op; holds 0 B of values, 0 B of constants; leaves: 0 B;"
        " save('graph.svg') writes it>"
    )


def test_dot_is_what_graphviz_reads() -> None:
    a = leaf()
    op = 'label="mul\\ny = 2\\nscalar float32", fillcolor="#f1f3f5", color="#868e96", penwidth=2.5'
    assert ag.draw_graph(a * 2).dot.splitlines() == [
        "digraph {",
        '  node [shape=box, style="rounded,filled", fontname="monospace", fontsize=11]',
        '  0 [label="Tensor\\nscalar float32 = 2", fillcolor="#d8f0dc", color="#4c9a5f"]',
        f"  1 [{op}]",
        "  0 -> 1",
        "}",
    ]


def test_it_is_imported_when_it_is_used() -> None:
    code = (
        "import sys, autograd_lite as ag; assert 'autograd_lite.drawing' not in sys.modules;"
        " assert 'draw_graph' in dir(ag); ag.draw_graph;"
        " assert 'autograd_lite.drawing' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
