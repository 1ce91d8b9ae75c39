"""Drawn graphs: which boxes there are, and what stands in them."""

from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from tests.drawn import edges, leaf, loss_of, mlp, texts, titles

LAYERS = ["GELU()", "Linear(4, 4)", "Linear(4, 8)", "Linear(8, 4)", "add", "constant"]


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
