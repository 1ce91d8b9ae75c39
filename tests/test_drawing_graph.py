"""Drawn graphs: which boxes there are, what stands in them, and what is refused."""

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
from autograd_lite.drawing import Drawing

LAYERS = ["GELU()", "Linear(4, 4)", "Linear(4, 8)", "Linear(8, 4)", "add", "constant"]
SVG = "{http://www.w3.org/2000/svg}"


def texts(drawing: Drawing) -> list[list[str]]:
    """The lines of text in each box of the SVG, which must be well-formed."""
    root = ET.fromstring(drawing.svg)  # noqa: S314  # our own
    groups = [g for g in root.iter(f"{SVG}g") if g.find(f"{SVG}rect") is not None]
    return [
        [t.text or "" for t in g.findall(f"{SVG}text")]
        for g in groups
        if g.find(f"{SVG}title") is not None
    ]


def titles(drawing: Drawing) -> list[str]:
    return sorted(lines[0] for lines in texts(drawing))


def edges(drawing: Drawing) -> int:
    return drawing.dot.count(" -> ")


def leaf(value: Any = 2.0) -> ag.Tensor:
    return ag.tensor(value, requires_grad=True)


def mlp() -> nn.Sequential:
    return nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3), nn.Softplus())


def loss_of(model: nn.Module) -> tuple[ag.Tensor, nn.Module]:
    loss = nn.MSELoss()
    return loss(model(np.ones((5, 4))), np.ones((5, 3), np.float32)), loss


class Block(nn.Module):
    """A module of modules, with an op of its own."""

    def __init__(self) -> None:
        self.first = nn.Linear(4, 4)
        self.rest = nn.Sequential(nn.Linear(4, 8), nn.GELU(), nn.Linear(8, 4))

    def forward(self, x: Any) -> Any:
        """The sum of two ways."""
        h = self.first(x)
        return h + self.rest(h)


# ---- boxes


def test_an_expression_is_a_box_for_each_op_and_leaf() -> None:
    a, b = leaf(2.0), leaf(-3.0)
    drawing = ag.draw_graph((a * b) ** 2)
    assert texts(drawing) == [
        ["Tensor", "scalar float32 = 2"],
        ["Tensor", "scalar float32 = -3"],
        ["mul", "scalar float32"],
        ["pow", "y = 2", "scalar float32", "holds 4 B"],
    ]
    assert edges(drawing) == 3


def test_an_op_that_takes_a_value_twice_has_two_arrows() -> None:
    a = leaf()
    assert edges(ag.draw_graph(a * a)) == 2


def test_a_call_of_a_module_is_one_box() -> None:
    model = mlp()
    out, loss = loss_of(model)
    drawing = ag.draw_graph(out)
    assert min(texts(drawing)) == [
        "Linear(4, 8)",
        "0",
        "then tanh",
        "(5, 8) float32",
        "40 parameters",
        "holds 160 B",
    ]
    assert titles(drawing) == [
        "Linear(4, 8)",
        "Linear(8, 3)",
        "MSELoss()",
        "Softplus()",
        "constant",
        "constant",
    ]
    assert edges(drawing) == 5
    assert isinstance(loss, nn.MSELoss)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"depth": 0}, ["Block()", "constant"]),
        ({"depth": 1}, ["Linear(4, 4)", "Sequential()", "add", "constant"]),
        ({"depth": 2}, LAYERS),
        ({"depth": 9}, LAYERS),
        ({}, LAYERS),
        (
            {"expand": True},
            ["add", "constant", "first.bias", "first.weight", "linear", "linear", "linear", "mul",
             "normal_cdf", "rest.0.bias", "rest.0.weight", "rest.2.bias", "rest.2.weight"],
        ),
    ],
)  # fmt: skip
def test_depth_opens_modules(options: dict[str, Any], expected: list[str]) -> None:
    block = Block()
    out = block(np.ones((2, 4)))
    assert titles(ag.draw_graph(out, **options)) == sorted(expected)


def test_a_box_says_where_its_module_is() -> None:
    block = Block()
    drawing = ag.draw_graph(block(np.ones((2, 4))))
    assert {lines[1] for lines in texts(drawing) if lines[0].startswith(("Lin", "GELU"))} == {
        "first", "rest.0", "rest.1", "rest.2",
    }  # fmt: skip


def test_a_module_that_is_gone_is_drawn_by_its_class() -> None:
    x = leaf([1.0, 2.0])
    out = nn.MSELoss()(x, np.zeros(2, np.float32))
    assert titles(ag.draw_graph(out)) == ["MSELoss", "Tensor", "constant"]


def test_layers_that_are_called_by_hand_are_known_by_their_parameters() -> None:
    model = mlp()
    list(model.parameters())
    (box,) = [
        lines for lines in texts(ag.draw_graph(model[2](np.ones((1, 8))))) if "Linear" in lines[0]
    ]
    assert box[1] == "2"


def test_a_parameter_that_two_calls_share_has_a_box_of_its_own() -> None:
    layer = nn.Linear(3, 3, bias=False)
    drawing = ag.draw_graph(layer(layer(np.ones((1, 3)))))
    assert titles(drawing) == ["Linear(3, 3, bias=False)"] * 2 + ["constant", "weight"]
    assert edges(drawing) == 4


def test_the_mask_of_a_dropout_layer_is_drawn_only_when_it_is_opened() -> None:
    x = leaf(np.ones(8, np.float32))
    out = nn.Dropout(0.5)(x)
    assert titles(ag.draw_graph(out)) == ["Dropout", "Tensor"]
    assert titles(ag.draw_graph(out, expand=True)) == ["Tensor", "constant", "dropout"]


def test_a_leaf_that_is_gone_is_drawn() -> None:
    out = leaf() * 2
    assert texts(ag.draw_graph(out))[0] == ["leaf, deleted since", "scalar float32"]


def test_a_leaf_alone_is_drawn() -> None:
    assert titles(ag.draw_graph(leaf())) == ["Tensor"]


def test_several_tensors_share_one_drawing() -> None:
    a = leaf([1.0, 2.0])
    drawing = ag.draw_graph([a.sum(), (a * a).sum()])
    assert titles(drawing) == ["Tensor", "mul", "sum", "sum"]
    assert drawing.svg.count('stroke-width="2.5"') == 2


def test_a_gradient_of_a_gradient_is_drawn() -> None:
    x = leaf([1.0, 2.0])
    (first,) = ag.grad((x**3).sum(), x, create_graph=True)
    assert "pow" in titles(ag.draw_graph(first))


def test_a_graph_that_was_kept_is_drawn_after_backward() -> None:
    x = leaf()
    y = x * x
    y.backward(retain_graph=True)
    assert titles(ag.draw_graph(y)) == ["Tensor", "mul"]


# ---- bytes


def test_bytes_count_each_array_once_and_tell_kinds_apart() -> None:
    w = leaf(np.ones(100, np.float64))
    data = np.full(100, 2.0)
    h = ag.exp(w)  # keeps its result
    out = (h * h) * data  # keeps h again, and data
    drawing = ag.draw_graph(out)
    assert drawing.values_bytes == 800
    assert drawing.constants_bytes == 800
    assert drawing.leaves_bytes == 800
    held = {lines[0]: lines[-1] for lines in texts(drawing)}
    assert held["exp"] == "holds 800 B"


def test_a_view_keeps_the_whole_array_that_it_shows() -> None:
    w = leaf(np.ones(100, np.float64))
    out = ag.exp(w)[:2]
    assert ag.draw_graph(out * out).values_bytes == 800


def test_old_values_that_a_graph_keeps_are_values() -> None:
    w = leaf(np.ones(100, np.float64))
    out = w * w
    assert ag.draw_graph(out).values_bytes == 0
    w.data[...] = 2.0
    assert ag.draw_graph(out).values_bytes == 800


def test_drawing_changes_nothing() -> None:
    model = mlp()
    out, _ = loss_of(model)
    first: Any = model[0]
    assert first.weight.name == "weight"
    assert "0.weight" in ag.draw_graph(out, expand=True).svg
    assert first.weight.name == "weight"
    out.backward()
    assert first.weight.grad is not None


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
