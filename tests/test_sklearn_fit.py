"""How the estimators train: the plain loop, weights, going on, what is random."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.data import DataLoader
from autograd_lite.sklearn import NetClassifier, NetRegressor

from .sklearn_cases import blobs, line, make_double_net, make_net

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
FAST = partial(NetClassifier, learning_rate_init=0.02, max_iter=30, random_state=0)


def test_it_is_the_loop_that_one_writes_by_hand() -> None:
    """To the bit: the same batches, steps and losses, and no second copy of the loop's rules."""
    x, y = blobs(3)
    template = make_double_net(2, 3)
    before = template.state_dict()
    net = NetClassifier(template, optimizer="sgd", batch_size=16, max_iter=5, random_state=3)
    net.fit(x, y)
    model = make_double_net(2, 3)
    model.load_state_dict(before)
    optimizer, source = optim.SGD(model.parameters()), np.random.RandomState(3)
    losses = []
    for _ in range(5):
        total = 0.0
        for xb, yb in DataLoader((x, y), 16, shuffle=True, generator=source):
            loss = nn.SoftmaxCrossEntropyLoss()(model(xb), yb)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(xb)
        losses.append(total / len(x))
    assert net.loss_curve_ == losses
    for name, array in net.module_.state_dict().items():
        np.testing.assert_array_equal(array, model.state_dict()[name])
        np.testing.assert_array_equal(template.state_dict()[name], before[name])


@pytest.mark.parametrize("loss", [nn.MSELoss(), nn.HuberLoss(reduction="sum")])
@pytest.mark.parametrize("alpha", [0.0, 0.3])
def test_weights_are_repetitions(loss: nn.Loss, alpha: float) -> None:
    x, y = line(2)
    counts = np.random.RandomState(0).randint(0, 4, len(x))
    settings: dict[str, Any] = {"loss": loss, "alpha": alpha, "batch_size": 500, "max_iter": 20}
    weighted = NetRegressor(random_state=0, **settings).fit(x, y, sample_weight=counts)
    repeated = NetRegressor(random_state=0, **settings).fit(
        x.repeat(counts, 0), y.repeat(counts, 0)
    )
    np.testing.assert_allclose(weighted.predict(x), repeated.predict(x), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(weighted.loss_curve_, repeated.loss_curve_, rtol=1e-9)


def test_class_weights_are_sample_weights() -> None:
    x, y = blobs(3)
    by_class = FAST(class_weight={0: 5.0, 2: 0.5}).fit(x, y)
    by_row = FAST().fit(x, y, sample_weight=np.array([5.0, 1.0, 0.5])[y])
    np.testing.assert_allclose(by_class.predict_proba(x), by_row.predict_proba(x), rtol=1e-9)


def test_balanced_classes_count_the_same() -> None:
    x, y = blobs(2)
    rare = np.flatnonzero((y == 0) | (np.arange(len(y)) < 6))
    x, y = x[rare], y[rare]
    balanced = FAST(class_weight="balanced").fit(x, y, sample_weight=np.full(len(y), 2.0))
    ratio = (y == 0).sum() / (y == 1).sum()
    by_hand = FAST(class_weight={1: ratio}).fit(x, y)
    np.testing.assert_allclose(balanced.predict_proba(x), by_hand.predict_proba(x), rtol=1e-9)


def test_alpha_shrinks_weights_and_spares_biases() -> None:
    x, y = line()
    free, held = (
        NetRegressor(random_state=0, alpha=a, max_iter=50, learning_rate_init=0.01).fit(x, y + 1)
        for a in (0.0, 300.0)
    )
    for name, array in held.module_.state_dict().items():
        other = np.abs(free.module_.state_dict()[name]).mean()
        assert (np.abs(array).mean() < other / 2) == name.endswith("weight")


def test_the_default_alpha_leaves_the_optimizers_own_decay() -> None:
    x, y = blobs()
    rule = partial(optim.AdamW, weight_decay=0.5)
    net = FAST(optimizer=rule).fit(x, y)
    assert net._optimizer.param_groups[0]["weight_decay"] == 0.5


def test_partial_fit_goes_on() -> None:
    """With the module, the optimizer and the stream of random numbers."""
    x, y = blobs(3)
    parts = NetClassifier(make_net, batch_size=20, random_state=0)
    for _ in range(4):
        assert parts.partial_fit(x, y, classes=[0, 1, 2]) is parts
    whole = NetClassifier(make_net, batch_size=20, random_state=0, max_iter=4).fit(x, y)
    assert parts.n_iter_ == len(parts.loss_curve_) == 4
    assert parts.loss_curve_ == whole.loss_curve_
    np.testing.assert_array_equal(parts.predict_proba(x), whole.predict_proba(x))


def test_partial_fit_takes_batches_without_all_classes() -> None:
    x, y = blobs(3, rows=300)
    names = np.array(["a", "b", "c"])[y]
    net = NetClassifier(learning_rate_init=0.02, random_state=0)
    for _ in range(20):
        for label in "abc":
            net.partial_fit(x[names == label], names[names == label], classes=["c", "a", "b"])
    assert net.classes_.tolist() == ["a", "b", "c"]
    assert net.score(x, names) > 0.9


def test_warm_start_goes_on_and_fit_begins_anew() -> None:
    x, y = blobs()
    endless = partial(FAST, n_iter_no_change=math.inf)
    warm, cold = endless(warm_start=True), endless()
    for net in (warm, cold):
        net.fit(x, y).fit(x, y)
    assert warm.n_iter_ == 60
    assert warm.loss_curve_[30] < cold.loss_curve_[0] / 2
    assert cold.loss_curve_ == endless().fit(x, y).loss_curve_


def test_random_state_decides_all_that_is_random() -> None:
    """First weights, Dropout, the order of rows and the validation part."""
    x, y = blobs()
    settings: dict[str, Any] = {"batch_size": 20, "early_stopping": True, "max_iter": 5}

    def curve(random_state: Any) -> list[float]:
        net = NetClassifier(make_net, random_state=random_state, **settings).fit(x, y)
        return [*net.loss_curve_, *(net.validation_scores_ or [])]

    assert curve(0) == curve(0) == curve(np.random.RandomState(0)) != curve(1)
    assert curve(None) != curve(None)
    source = np.random.RandomState(0)
    assert curve(source) != curve(source)  # a stream, which goes on


def test_neither_global_generator_is_touched() -> None:
    x, y = blobs()
    ag.manual_seed(5)
    np.random.seed(5)  # noqa: NPY002  # it is what must stay
    expected = ag.rand(3).numpy(), np.random.rand(3)  # noqa: NPY002
    ag.manual_seed(5)
    np.random.seed(5)  # noqa: NPY002
    for random_state in (0, None):
        NetClassifier(make_net, random_state=random_state, max_iter=2).fit(x, y).predict(x)
    np.testing.assert_array_equal(ag.rand(3).numpy(), expected[0])
    np.testing.assert_array_equal(np.random.rand(3), expected[1])  # noqa: NPY002


def test_a_schedule_changes_the_rate_after_each_epoch() -> None:
    rates: list[float] = []

    def schedule(optimizer: optim.Optimizer) -> Any:
        rates.append(optimizer.param_groups[0]["lr"])
        return optim.ExponentialLR(optimizer, gamma=0.5)

    net = FAST(learning_rate=schedule, max_iter=3).fit(*blobs())
    assert rates == [0.02]
    assert net._optimizer.param_groups[0]["lr"] == pytest.approx(0.02 / 8)
    plateau = partial(optim.ReduceLROnPlateau, patience=0, threshold=10.0)
    net = FAST(learning_rate=plateau, max_iter=4).fit(*blobs())
    assert net._optimizer.param_groups[0]["lr"] < 0.02


def test_lbfgs_takes_all_rows_at_once() -> None:
    x, y = line(rows=300)
    net = NetRegressor(hidden_layer_sizes=(), optimizer="LBFGS", max_iter=20, random_state=0)
    assert net.fit(x, y).score(x, y) > 0.999
    assert net.n_iter_ < 20


@pytest.mark.parametrize("kind", ["relu", "tanh", "logistic", "identity", "gelu", nn.SELU])
def test_activations_and_sizes_of_layers(kind: Any) -> None:
    x, y = blobs(3)
    net = FAST(hidden_layer_sizes=[8, 6], activation=kind, max_iter=100).fit(x, y)
    assert [p.shape for p in net.module_.parameters()][::2] == [(2, 8), (8, 6), (6, 3)]
    assert net.score(x, y) > 0.9
    assert [p.shape[0] for p in FAST(hidden_layer_sizes=()).fit(x, y).module_.parameters()] == [
        2,
        1,
    ]


@pytest.mark.parametrize(("rows", "size"), [(33, 16), (7, 2), (41, 40), (5, 1)])
def test_no_batch_is_a_single_row_unless_all_are(rows: int, size: int) -> None:
    x, y = blobs(rows=rows)
    seen: list[int] = []

    class Watched(nn.SoftmaxCrossEntropyLoss):
        def forward(self, x: Any, y: Any) -> Any:
            seen.append(len(x))
            return super().forward(x, y)

    FAST(make_net if size > 1 else None, batch_size=size, loss=Watched(), max_iter=1).fit(x, y)
    assert sum(seen) == rows
    assert (1 in seen) == (size == 1)


def test_fit_trains_also_where_nothing_is_recorded() -> None:
    x, y = blobs()
    with ag.no_grad():
        net = FAST().fit(x, y)
    assert net.score(x, y) > 0.9


def test_modules_are_trained_in_training_mode_and_left_in_evaluation_mode() -> None:
    x, y = blobs()
    net = NetClassifier(make_net(2, 2).eval(), max_iter=3, random_state=0).fit(x, y)
    assert not any(module.training for module in net.module_.modules())
    normal: Any = net.module_[1]  # type: ignore[index]
    assert normal.running_mean.numpy().any()
    np.testing.assert_array_equal(net.predict_proba(x), net.predict_proba(x))
