"""What things show of themselves: as text and in a notebook, whatever they hold, and briefly."""

import pickle
import re
import sys
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.data import DataLoader

LONGEST = 60_000  # letters of a repr: a thousand numbers, each indented by all the axes

arrays = hnp.arrays(
    dtype=st.sampled_from(["float16", "float32", "float64", "int8", "int64", "uint8", "bool"]),
    shape=hnp.array_shapes(min_dims=0, max_dims=12, min_side=0, max_side=4),
)


def well_formed(html: str) -> ET.Element:
    """HTML as we write it is XML too, but for line breaks."""
    return ET.fromstring(f"<div>{html.replace('<br>', '<br/>')}</div>")  # noqa: S314  # our own


def text_of(html: str) -> str:
    return " ".join(" ".join(well_formed(html).itertext()).split())


# ---- tensors


@given(arrays, st.booleans())
def test_any_tensor_shows_itself(array: Any, requires: bool) -> None:
    tensor = ag.tensor(array, requires_grad=requires and array.dtype.kind == "f")
    for shown in (tensor, tensor * 1 if array.dtype != bool else tensor):
        assert repr(shown).startswith("Tensor(")
        assert len(repr(shown)) < LONGEST
        assert str(array.shape) in text_of(shown._repr_html_())


@pytest.mark.parametrize(
    "shape", [(2,) * 25, (6,) * 8, (50_000_000,), (7000, 7000), (1,) * 30, (0, 10**6), (10**6, 0)]
)
def test_large_tensors_are_cut(shape: tuple[int, ...]) -> None:
    tensor = ag.Tensor(np.broadcast_to(np.float32(1), shape), copy=False)
    assert len(repr(tensor)) < LONGEST
    assert str(shape) in repr(tensor) or tensor.size <= 1000
    assert len(tensor._repr_html_()) < LONGEST


def test_a_tensor_of_many_axes_shows_its_first_and_last_numbers() -> None:
    tensor = ag.arange(2**12, dtype="float32").reshape((2,) * 12)
    shape = f"shape={(2,) * 12}"
    assert repr(tensor) == f"Tensor([0., 1., 2., ..., 4093., 4094., 4095.], {shape})"


def test_a_tensor_is_cut_less_when_numpy_is_told_so() -> None:
    with np.printoptions(threshold=sys.maxsize):
        assert "..." not in repr(ag.zeros(2000))


def test_values_that_are_not_finite_are_shown() -> None:
    assert repr(ag.tensor([np.nan, np.inf, -np.inf])) == "Tensor([ nan,  inf, -inf])"


def test_a_parameter_shows_the_name_that_a_module_gave_it() -> None:
    layer = nn.Linear(1, 1, init_method=lambda shape, generator: np.ones(shape))  # noqa: ARG005
    assert repr(layer.weight) == "Parameter([[1.]], name='weight', requires_grad=True)"
    layer.weight.requires_grad = False
    assert repr(layer.weight) == "Parameter([[1.]], name='weight')"
    assert "Parameter (1, 1) float32, name='weight' [[1.]]" in text_of(layer.weight._repr_html_())


def test_a_notebook_shows_what_a_tensor_is_above_its_values() -> None:
    x = ag.tensor([1.0, 2.0], requires_grad=True)
    assert text_of((x * 2)._repr_html_()) == "Tensor (2,) float32, op=mul [2., 4.]"
    assert text_of(x._repr_html_()) == "Tensor (2,) float32, requires_grad=True [1., 2.]"


def test_consumed_results_show_themselves() -> None:
    x = ag.tensor([1.0], requires_grad=True)
    y = x * 2
    y.backward()
    assert repr(y).startswith("Tensor([2.], op=")


@pytest.mark.parametrize(
    "kind",
    [
        ag.Tensor, nn.Parameter, nn.Linear, nn.Sequential, nn.Dropout, nn.Embedding, nn.BatchNorm1d,
        nn.SoftmaxCrossEntropyLoss, optim.Adam, optim.SGD, optim.LBFGS,
    ],
)  # fmt: skip
def test_what_is_not_ready_shows_itself(kind: Any) -> None:
    """As in a debugger, in the middle of `__init__`."""
    unready = kind.__new__(kind)
    assert kind.__name__ in repr(unready)
    assert kind.__name__ in text_of(unready._repr_html_())


# ---- modules


def test_a_notebook_shows_a_module_as_a_table() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.ReLU(), nn.Linear(3, 1, bias=False)))
    (table,) = well_formed(model._repr_html_())
    assert [["".join(cell.itertext()) for cell in line] for line in table] == [
        ["layer", "its own parameters", "elements"],
        ["Sequential()", "", ""],
        ["  0: Linear(2, 3)", "weight (2, 3), bias (1, 3)", "9"],
        ["  1: Sequential()", "", ""],
        ["    0: ReLU()", "", ""],
        ["    1: Linear(3, 1, bias=False)", "weight (3, 1)", "3"],
        ["total", "", "12"],
    ]


def test_a_module_without_settings_shows_its_parameters() -> None:
    class Scale(nn.Module):
        def __init__(self) -> None:
            self.factor = nn.Parameter([1.0, 2.0])

    assert repr(Scale()) == "Scale(factor: (2,))"


def test_parts_that_are_alike_stand_in_one_line() -> None:
    model = nn.Sequential(*[nn.ReLU() for _ in range(4)], nn.Tanh(), nn.Tanh())
    assert repr(model) == "Sequential(\n  (0 to 3): 4 times ReLU()\n  (4): Tanh()\n  (5): Tanh()\n)"

    class Named(nn.Module):
        def __init__(self) -> None:
            self.q, self.k, self.v = nn.ReLU(), nn.ReLU(), nn.ReLU()

    assert repr(Named()) == "Named(\n  (q): ReLU()\n  (k): ReLU()\n  (v): ReLU()\n)"


def test_many_and_deep_modules_are_cut() -> None:
    deep = nn.Sequential()
    for _ in range(5000):
        deep = nn.Sequential(deep)
    assert len(repr(deep)) < LONGEST
    assert "and 1 more" in text_of(deep._repr_html_())
    wide = nn.Sequential(nn.Linear(1, n) for n in range(1, 1000))
    assert "and 800 more" in text_of(wide._repr_html_())


def test_a_module_in_itself_shows_itself() -> None:
    module = nn.Sequential(nn.Linear(1, 1))
    vars(module)["1"] = module
    assert repr(module).count("...") == 1
    assert text_of(module._repr_html_()).endswith("total 2")


def test_settings_that_raise_are_told() -> None:
    class Raises(nn.Module):
        def extra_repr(self) -> str:
            message = "no settings"
            raise KeyError(message)

    assert (
        repr(nn.Sequential(Raises())) == "Sequential(\n  (0): Raises(not ready: 'no settings')\n)"
    )
    assert "Raises(not ready: 'no settings')" in text_of(Raises()._repr_html_())


@given(st.text(max_size=30))
def test_any_settings_are_safe_in_html(settings: str) -> None:
    class Said(nn.Module):
        def extra_repr(self) -> str:
            return settings

    well_formed(nn.Sequential(Said())._repr_html_())


def test_a_repr_names_no_parameter() -> None:
    model = nn.Sequential(nn.Linear(1, 1))
    first: Any = model[0]
    assert re.search("2 parameters", repr(model))
    assert model._repr_html_()
    assert first.weight.name == "weight"


def test_a_loss_of_many_classes_is_short() -> None:
    loss = nn.SoftmaxCrossEntropyLoss(weight=np.ones(10_000))
    assert len(repr(loss)) < 120


# ---- optimizers, schedules, data


def test_an_optimizer_shows_its_groups_and_what_is_unusual() -> None:
    layer = nn.Linear(2, 3)
    optimizer = optim.SGD([{"params": layer.weight}, {"params": layer.bias, "lr": 0.5}], lr=0.25,
                          weight_decay=0.1)  # fmt: skip
    lines = repr(optimizer).splitlines()
    assert lines[1].startswith("  (0): 1 parameter of 6 elements, lr=0.25, ")
    assert "lr=0.5, " in lines[2]
    assert "weight_decay=0.1" in lines[2]
    assert "clip_norm" not in repr(optimizer)
    shown = text_of(optimizer._repr_html_())
    assert shown.startswith("SGD group parameters elements lr")
    assert "0.5" in shown


def test_a_schedule_of_schedules_shows_them() -> None:
    optimizer = optim.SGD([ag.ones(1, requires_grad=True)])
    both = optim.ChainedScheduler(
        [optim.StepLR(optimizer, 3), optim.LambdaLR(optimizer, lambda t: 1.0 + t)]
    )
    assert repr(both) == (
        "ChainedScheduler(schedulers=[StepLR(step_size=3, gamma=0.1, last_epoch=0),"
        " LambdaLR(last_epoch=0)], last_epoch=0)"
    )


@pytest.mark.parametrize("kind", [optim.Adam, optim.LBFGS, optim.Lion])
def test_an_optimizer_that_was_pickled_shows_the_same(kind: Any) -> None:
    optimizer = kind([ag.ones(1, requires_grad=True)])
    assert repr(pickle.loads(pickle.dumps(optimizer))) == repr(optimizer)  # noqa: S301  # our own


def test_a_loader_of_much_data_is_short() -> None:
    loader = DataLoader((np.zeros((10_000, 3)), np.zeros(10_000)), 32)
    assert len(repr(loader)) < 200
