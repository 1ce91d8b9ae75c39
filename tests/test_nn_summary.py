"""The summary of a model: what is counted, to whom it belongs, and that nothing changes."""

import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.nn.flops import flops
from tests.case import Layer
from tests.test_nn_table import each_layer


class Attention(nn.Module):
    """A module with ops of its own between its parts."""

    def __init__(self, size: int) -> None:
        self.query, self.key = nn.Linear(size, size), nn.Linear(size, size)

    def forward(self, x: Any) -> Any:
        """Scores of all pairs."""
        return ag.softmax(self.query(x) @ self.key(x).mT)


class Shared(nn.Module):
    """A part that is called twice, a weight in two places, and a part that is never called."""

    def __init__(self) -> None:
        self.cell = nn.Linear(3, 3)
        self.again = nn.Linear(3, 3)
        self.again.weight = self.cell.weight
        self.unused = nn.Linear(5, 2)
        self.scale = nn.Parameter(np.ones(3), requires_grad=False)

    def forward(self, x: Any) -> Any:
        """Several results."""
        x = self.cell(self.cell(x))
        return {"a": self.again(x) * self.scale, "b": [self.cell(x[:1])]}


def rows(summary: Any) -> dict[str, tuple[int, int]]:
    """The parameters and the operations of each row."""
    return {row.name: (row.parameters, row.flops) for row in summary.rows}


def test_each_layer_of_a_sequential_has_a_row_though_two_run_as_one_op() -> None:
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3, bias=False), nn.Sigmoid())
    summary = model.summary(np.ones((5, 4)))
    assert rows(summary) == {
        "": (0, 0),
        "0": (40, 2 * 5 * 4 * 8 + 5 * 8),
        "1": (0, 5 * 8),
        "2": (24, 2 * 5 * 8 * 3),
        "3": (0, 5 * 3),
    }
    assert [row.outputs for row in summary.rows] == [
        ("(5, 3)",),
        *[("(5, 8)",)] * 2,
        *[("(5, 3)",)] * 2,
    ]
    assert (summary.parameters, summary.trainable_parameters, summary.parameter_bytes) == (
        64,
        64,
        256,
    )
    assert summary.flops == sum(row.flops for row in summary.rows)
    assert summary.activation_bytes == 4 * (2 * 5 * 8 + 2 * 5 * 3)


def test_a_module_of_the_users_own_is_counted_by_its_ops() -> None:
    summary = Attention(4).summary(np.ones((2, 6, 4), np.float32))
    own = 2 * 2 * 6 * 6 * 4 + 5 * 2 * 6 * 6
    linear = 2 * 12 * 4 * 4 + 12 * 4
    assert rows(summary) == {"": (0, own), "query": (20, linear), "key": (20, linear)}
    assert [row.depth for row in summary.rows] == [0, 1, 1]


def test_a_part_that_is_called_again_has_one_row_and_is_counted_once() -> None:
    summary = Shared().summary(np.ones((2, 3)))
    by_name = {row.name: row for row in summary.rows}
    assert by_name["cell"].calls == 3
    assert by_name["cell"].outputs == ("(2, 3)", "(1, 3)")
    assert by_name["cell"].flops == 5 * (2 * 3 * 3 + 3)
    assert by_name["cell"].parameters == 12
    assert by_name["again"].parameters == 3
    assert by_name["again"].shared
    assert by_name["unused"].calls == 0
    assert by_name[""].outputs == ("(2, 3), (1, 3)",)
    assert (summary.parameters, summary.frozen_parameters) == (12 + 3 + 12 + 3, 3)
    text = str(summary)
    assert "(2, 3) or (1, 3)      3" in text
    assert "not called" in text
    assert text.endswith("parameters: 27 trainable, 3 frozen, 120 B")


def test_a_part_in_two_places_has_a_row_in_each() -> None:
    layer = nn.Linear(2, 2)
    summary = nn.Sequential(nn.Sequential(layer), nn.Sequential(layer)).summary(np.ones((1, 2)))
    assert [(row.depth, row.parameters, row.shared) for row in summary.rows] == [
        (0, 0, False), (1, 0, False), (2, 6, False), (1, 0, False), (2, 0, True),
    ]  # fmt: skip
    assert "shared" in str(summary)


def state_of(module: nn.Module) -> Any:
    """Everything that a module holds, as copies."""
    return [(type(m), copy.deepcopy(vars(m))) for m in module.modules()]


@pytest.mark.parametrize("mode", ["train", "eval"])
def test_a_summary_changes_nothing(mode: str) -> None:
    class Sloppy(nn.Module):
        seen: ag.Tensor

        def __init__(self) -> None:
            self.register_buffer("seen", np.zeros(2))
            self.count = 0
            self.noise = np.random.default_rng(3)

        def forward(self, x: Any) -> Any:
            self.count += 1
            self.seen.data[...] += 1
            self.late = nn.Linear(2, 2)
            return x + self.noise.normal() + ag.rand(1).numpy()

    drop = nn.Dropout(0.5, generator=np.random.RandomState(0))
    model = nn.Sequential(nn.BatchNorm1d(2), drop, Sloppy(), nn.Dropout(0.1))
    getattr(model, mode)()
    model[1].training = False
    ag.manual_seed(1)
    expected = ag.rand(3).numpy()
    ag.manual_seed(1)
    states = state_of(model)
    summary = model.summary(np.ones((3, 2)))
    for (_, then), module in zip(states, model.modules(), strict=True):
        now = vars(module)
        assert list(then) == list(now)
        for name, value in then.items():
            if isinstance(value, ag.Tensor):
                np.testing.assert_array_equal(value.numpy(), now[name].numpy())
            elif isinstance(value, np.random.Generator):
                assert value.bit_generator.state == now[name].bit_generator.state
            elif isinstance(value, np.random.RandomState):
                assert value.uniform() == now[name].uniform()
            elif not isinstance(value, nn.Module):
                assert value == now[name]
    np.testing.assert_array_equal(ag.rand(3).numpy(), expected)
    assert [row.name for row in summary.rows] == ["", "0", "1", "2", "3"]


def test_after_an_error_all_is_as_it_was() -> None:
    model = nn.Sequential(nn.BatchNorm1d(2), nn.Linear(2, 3), nn.Linear(4, 1))
    with pytest.raises(ValueError, match=r"Linear\(4, 1\)"):
        model.summary(np.ones((3, 2)))
    assert all("forward" not in vars(module) for module in model.modules())
    assert all(module.training for module in model.modules())
    x = ag.ones(3, 2, requires_grad=True)
    assert (x * 2).requires_grad


def test_a_forward_that_was_set_on_an_instance_stays() -> None:
    layer = nn.Linear(2, 2)

    def twice(x: Any) -> Any:
        return type(layer).forward(layer, x) * 2

    vars(layer)["forward"] = twice
    assert layer.summary(np.ones((1, 2))).flops == 2 * 4 + 2 + 2
    assert vars(layer)["forward"] is twice


def test_a_profile_around_it_sees_the_ops() -> None:
    with ag.profile() as report:
        nn.Linear(2, 2).summary(np.ones((1, 2)))
    assert ("linear", "forward", 1) in [row[:3] for row in report.rows]


def test_several_inputs_and_names_are_passed_on() -> None:
    class Both(nn.Module):
        def forward(self, x: Any, *, y: Any) -> Any:
            return ag.ops.add(ag.tensor(x), y)

    assert Both().summary(np.ones(3), y=np.ones(3)).flops == 3
    assert nn.Bilinear(2, 3, 4).summary(np.ones((5, 2)), np.ones((5, 3))).rows[0].outputs == (
        "(5, 4)",
    )


def test_a_shape_in_place_of_an_array_is_refused() -> None:
    with pytest.raises(
        TypeError, match=r"Linear.summary: got \(3, 2\) as input 0.*np.zeros\(\(3, 2\)\)"
    ):
        nn.Linear(2, 2).summary((3, 2))


def test_an_input_that_is_missing_is_told() -> None:
    with pytest.raises(TypeError, match=r"Linear.summary: missing a required argument: 'x'; give"):
        nn.Linear(2, 2).summary()


def test_the_table_is_aligned_and_safe_in_html() -> None:
    class Sly(nn.Module):
        def forward(self, x: Any) -> Any:
            return x

        def extra_repr(self) -> str:
            return "<script>" + "a" * 100

    summary = nn.Sequential(nn.Linear(2, 2), Sly()).summary(np.ones((1, 2)))
    assert max(map(len, str(summary).splitlines())) <= 100
    html = summary._repr_html_()
    assert "<script>" not in html
    assert html.count("<tr>") == 1 + 3 + 1


@pytest.mark.parametrize(
    ("name", "shapes", "static", "out", "expected"),
    [
        ("matmul", [(2, 3, 4), (4, 5)], {}, (2, 3, 5), 2 * 2 * 3 * 5 * 4),
        ("matmul", [(4,), (4,)], {}, (), 8),
        ("linear", [(3, 4), (4, 5), (5,)], {}, (3, 5), 15 * 8 + 15),
        ("linear", [(3, 4), (4, 5)], {"activation": ag.relu}, (3, 5), 15 * 8 + 15),
        ("einsum", [(3, 4), (4, 5)], {"labels": ((0, 1), (1, 2)), "output": (0, 2)}, (3, 5), 120),
        ("conv", [(2, 4, 9), (6, 2, 3), (6,)], {}, (2, 6, 7), 84 * (2 * 6 + 1)),
        ("conv_transpose", [(2, 6, 7), (6, 2, 3)], {}, (2, 4, 9), 84 * 2 * 6),
        ("max_pool", [(2, 4, 9, 9)], {"kernel": (3, 2)}, (2, 4, 3, 4), 96 * 6),
        ("sum", [(3, 4)], {}, (), 12),
        ("add", [(3, 1), (1, 4)], {}, (3, 4), 12),
        ("softmax", [(3, 4)], {}, (3, 4), 60),
        ("reshape", [(3, 4)], {}, (12,), 0),
        ("a_users_own", [(3, 4)], {}, (3, 4), 12),
    ],
)
def test_the_rules(
    name: str, shapes: list[Any], static: dict[str, Any], out: Any, expected: int
) -> None:
    assert flops(name, [np.ones(shape) for shape in shapes], static, np.ones(out)) == expected


@each_layer
@settings(max_examples=5)
@given(data=st.data())
def test_every_layer_is_summarised_on_any_input(layer: Layer, data: st.DataObject) -> None:
    inputs = layer.draw(data.draw, "float32")
    module = layer.make()
    state = module.state_dict()
    summary = module.summary(*inputs)
    assert summary.rows[0].outputs == (str(copy.deepcopy(module).eval()(*inputs).shape),)
    assert summary.parameters == sum(p.size for p in module.parameters())
    assert min(summary.flops, summary.activation_bytes) >= 0
    for name, array in module.state_dict().items():
        np.testing.assert_array_equal(array, state[name])
