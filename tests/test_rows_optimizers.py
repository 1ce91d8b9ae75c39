"""Optimizers and gradients of rows: as of arrays where that is possible, lazy where asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import optim
from autograd_lite.rows import rows_of
from tests.optim_cases import RULES, Rule
from tests.strategies_rows import SIZE, dtypes, few, lookups, never, numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Make = Callable[[Any], optim.Optimizer]

LAZY = [rule for rule in RULES if rule.optimizer.elementwise]
EXACT: dict[str, Make] = {
    "SGD": lambda p: optim.SGD(p, lr=0.1, momentum=0.0),
    "SGD of limits": lambda p: optim.SGD(p, lr=0.1, momentum=0.0, clip_value=0.2, maximize=True),
    "AdaGrad": lambda p: optim.AdaGrad(p, lr=0.1, check_finite=True),
    "AdaGrad from 1": lambda p: optim.AdaGrad(p, lr=0.1, initial_accumulator_value=1.0),
}
lazy_rules = pytest.mark.parametrize("rule", LAZY, ids=[rule.name for rule in LAZY])
picked_often = st.lists(lookups, min_size=1, max_size=4)


@pytest.fixture(autouse=True, scope="module")
def rows_everywhere() -> Iterator[None]:
    """Tables of a few rows are treated as those of a million."""
    with few():
        yield


def trained(make: Make, steps: list[list[Any]], dtype: str, *, look: bool = False) -> ag.Tensor:
    """A table after a step for each list of lookups."""
    w = ag.tensor(numbers((SIZE, 3), dtype), requires_grad=True)
    optimizer = make([w])
    for picked in steps:
        optimizer.zero_grad()
        for index in picked:
            (w[index] * w[index] * 1.5 - w[index]).sum().backward()
        if look:
            repr(w.grad)
        optimizer.step()
    return w


@pytest.mark.parametrize("make", EXACT.values(), ids=EXACT)
@given(steps=picked_often, dtype=dtypes)
def test_the_path_is_that_of_arrays_to_the_bit(
    make: Make, steps: list[list[Any]], dtype: str
) -> None:
    of_rows = trained(make, steps, dtype)
    with never():
        assert np.array_equal(of_rows.numpy(), trained(make, steps, dtype).numpy())


@given(steps=picked_often, dtype=dtypes)
def test_the_norm_is_that_of_the_whole(steps: list[list[Any]], dtype: str) -> None:
    def make(params: Any) -> optim.Optimizer:
        return optim.SGD(params, lr=0.1, momentum=0.0, clip_value=None, clip_norm=0.3)

    of_rows = trained(make, steps, dtype)
    with never():
        of_arrays = trained(make, steps, dtype)
    np.testing.assert_allclose(of_rows.numpy(), of_arrays.numpy(), rtol=1e-5)


@lazy_rules
@given(data=st.data(), steps=picked_often)
def test_usual_rules_see_the_whole(rule: Rule, data: st.DataObject, steps: list[list[Any]]) -> None:
    settings = data.draw(st.fixed_dictionaries(rule.settings))
    of_rows = trained(lambda p: rule.make(p, **settings), steps, "f8")
    with never():
        of_arrays = trained(lambda p: rule.make(p, **settings), steps, "f8")
    np.testing.assert_allclose(of_rows.numpy(), of_arrays.numpy(), rtol=1e-12)


class Reference:
    """Each row a parameter of its own, updated in the steps in which its gradient is not 0.

    All count the steps of the table. An optimizer of rows without a count of its own, such as
    momentum, needs no more than that; for others `step` and what `begin` makes are set by hand.
    """

    def __init__(self, rule: Rule, settings: dict[str, Any], whole: ag.Tensor) -> None:
        self.rows = [ag.tensor(row, requires_grad=True) for row in whole.numpy()]
        self.rule = rule.make([{"params": [row]} for row in self.rows], **settings)
        self.counter: dict[str, Any] = {"step": 0}

    def step(self, grad: np.ndarray[Any, Any]) -> None:
        """Update the rows whose gradient is not 0."""
        group = self.rule.param_groups[0]
        before = dict(self.counter)
        self.counter["step"] += 1
        self.rule.begin(self.counter, group)
        for row, g in zip(self.rows, grad, strict=True):
            row.grad = ag.tensor(g) if g.any() else None
            if row.grad is not None:
                self.rule.state.setdefault(row, {}).update(before)
        self.rule.step()

    def table(self) -> np.ndarray[Any, Any]:
        """All rows."""
        return np.stack([row.numpy() for row in self.rows])


@lazy_rules
@given(data=st.data(), steps=picked_often, look=st.booleans(), decay=st.sampled_from([0.0, 0.1]))
def test_lazy_rules_treat_rows_as_parameters(
    rule: Rule, data: st.DataObject, steps: list[list[Any]], look: bool, decay: float
) -> None:
    settings = {**data.draw(st.fixed_dictionaries(rule.settings)), "weight_decay": decay}
    w = ag.tensor(numbers((SIZE, 3), "f8"), requires_grad=True)
    reference = Reference(rule, settings, w)
    optimizer = rule.make([w], lazy_rows=True, **settings)
    for picked in steps:
        optimizer.zero_grad()
        for index in picked:
            (w[index] * w[index] * 1.5 - w[index]).sum().backward()
        assert w.grad is not None
        reference.step(ag.tensor(w.grad).numpy() if look else np.asarray(rows_or_array(w.grad)))
        optimizer.step()
        np.testing.assert_allclose(w.numpy(), reference.table(), rtol=1e-12)
    assert optimizer.state[w]["step"] == len(steps)


def rows_or_array(grad: ag.Tensor) -> Any:
    """A gradient to read, without making it an array."""
    rows = rows_of(grad)
    return grad.numpy() if rows is None else rows


@lazy_rules
def test_lazy_rules_do_the_same_to_arrays(rule: Rule) -> None:
    steps: list[list[Any]] = [[np.array([1, 1, 4])], [np.array([], np.intp)], [np.array([0, 4]), 2]]

    def make(params: Any) -> optim.Optimizer:
        return rule.make(params, lazy_rows=True)

    of_rows = trained(make, steps, "f8")
    assert np.array_equal(of_rows.numpy(), trained(make, steps, "f8", look=True).numpy())
    with never():
        assert np.array_equal(of_rows.numpy(), trained(make, steps, "f8").numpy())
    start = numbers((SIZE, 3), "f8")
    assert (of_rows.numpy() != start).any(axis=1).tolist() == [i in {0, 1, 2, 4} for i in range(7)]


def test_rows_that_nobody_used_keep_their_momentum() -> None:
    w = ag.zeros(3, 1, requires_grad=True)
    optimizer = optim.SGD([w], lr=1.0, momentum=0.5, dampening=0.0, lazy_rows=True)
    for index in ([0], [1], [0]):
        optimizer.zero_grad()
        w[index].sum().backward()
        optimizer.step()
    assert w.numpy().ravel().tolist() == [-2.5, -1.0, 0.0]
    assert optimizer.state[w]["velocity"].ravel().tolist() == [1.5, 1.0, 0.0]


def test_a_subclass_with_its_own_update_sees_the_whole() -> None:
    class Drifting(optim.SGD):
        def update(self, array: Any, grad: Any, *_: Any) -> None:
            array -= 1.0 + 0.0 * grad

    w = trained(lambda p: Drifting(p, momentum=0.0), [[np.array([1])]], "f8")
    np.testing.assert_allclose(w.numpy(), numbers((SIZE, 3), "f8") - 1.0)


@pytest.mark.parametrize(
    "rule", [r for r in RULES if not r.optimizer.elementwise], ids=lambda r: r.optimizer.__name__
)
def test_a_rule_of_whole_parameters_cannot_be_lazy(rule: Rule) -> None:
    w = ag.ones(3, 2, requires_grad=True)
    with pytest.raises(ValueError, match=f"{rule.name}: got lazy_rows=True; expected False"):
        rule.make([w], lazy_rows=True)


def test_lazy_rows_is_a_switch() -> None:
    with pytest.raises(ValueError, match="lazy_rows=1; expected True or False"):
        optim.Adam([ag.ones(3, 2, requires_grad=True)], lazy_rows=1)  # type: ignore[arg-type]


def test_groups_differ_and_numbers_have_no_rows() -> None:
    table, w, b = (ag.ones(*shape, requires_grad=True) for shape in ((4, 2), (4, 2), ()))
    optimizer = optim.Adam([{"params": [table, b], "lazy_rows": True}, {"params": [w]}], lr=0.1)
    for index in (0, 1):
        optimizer.zero_grad()
        (table[index].sum() + w[index].sum() + b * 0.0).backward()
        optimizer.step()
    assert (table.numpy() == 1).all(axis=1).tolist() == [False, False, True, True]
    assert w.numpy()[0, 0] < table.numpy()[0, 0] < 1  # whose average went on for a second step
    assert b.item() == 1.0


def test_it_resumes() -> None:
    def run(optimizer: optim.Optimizer, w: ag.Tensor, index: list[int]) -> None:
        optimizer.zero_grad()
        (w[index] ** 2).sum().backward()
        optimizer.step()

    w = ag.ones(4, 2, requires_grad=True)
    first = optim.Adam([w], lazy_rows=True)
    run(first, w, [0, 1])
    v = ag.tensor(w.detach(), requires_grad=True)
    second = optim.Adam([v])
    second.load_state_dict(first.state_dict())
    for optimizer, param in ((first, w), (second, v)):
        run(optimizer, param, [1, 2])
    assert np.array_equal(w.numpy(), v.numpy())


@given(lookups)
def test_clipping_functions_clip_the_rows(picked: list[Any]) -> None:
    def run() -> Any:
        w = ag.tensor(numbers((SIZE, 3), "f8"), requires_grad=True)
        for index in picked:
            (w[index] * w[index]).sum().backward()
        before = rows_of(w.grad) is None
        norm = optim.clip_grad_norm_([w], 0.5, check_finite=True)
        optim.clip_grad_value_([w], 0.1, check_finite=True)
        assert (rows_of(w.grad) is None) == before
        assert w.grad is not None
        return norm, w.grad.numpy()

    norm, clipped = run()
    with never():
        expected = run()
    np.testing.assert_allclose(norm, expected[0], rtol=1e-12)
    np.testing.assert_allclose(clipped, expected[1], rtol=1e-12)


@pytest.mark.parametrize("lazy", [True, False])
def test_what_is_not_finite_is_placed_in_the_table_and_changes_nothing(lazy: bool) -> None:
    w = ag.ones(5, 2, requires_grad=True)
    optimizer = optim.AdaGrad([w], check_finite=True, lazy_rows=lazy)
    w[np.array([3])].backward(np.array([[1.0, np.inf]]))
    with pytest.raises(FloatingPointError, match=r"among the 10 values .* inf, at \(3, 1\)"):
        optimizer.step()
    assert w.numpy().tolist() == [[1.0, 1.0]] * 5
    with pytest.raises(FloatingPointError, match=r"at \(3, 1\)"):
        optim.clip_grad_norm_([w], 1.0, check_finite=True)


def test_a_gradient_of_another_shape_is_refused() -> None:
    w, v = ag.ones(5, 2, requires_grad=True), ag.ones(4, 2, requires_grad=True)
    v[np.array([3])].sum().backward()
    w.grad = v.grad
    with pytest.raises(ValueError, match=r"got a gradient of shape \(4, 2\)"):
        optim.SGD([w], momentum=0.0).step()


def test_a_step_between_two_passes_changes_no_gradient() -> None:
    w = ag.tensor(numbers((SIZE, 3), "f8"), requires_grad=True)
    loss = (w[np.array([1, 2])] ** 2).sum() + (w * w).sum() * 0.5
    expected = ag.grad(loss, w, retain_graph=True)[0].numpy()
    w[np.array([1])].sum().backward()
    optim.SGD([w], lr=1.0, momentum=0.0).step()
    assert np.array_equal(ag.grad(loss, w)[0].numpy(), expected)
