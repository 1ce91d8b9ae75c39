"""Metrics of `fit`: of whole epochs, of what the loss says is predicted."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn import metrics

import autograd_lite as ag
from autograd_lite import nn
from tests.training_problems import classes, network, regression, sgd

if TYPE_CHECKING:
    from collections.abc import Callable


def validated(model: nn.Module, loss: Any, data: Any, **settings: Any) -> dict[str, Any]:
    """The first epoch of a run with a validation in batches of 7."""
    history = ag.fit(
        model,
        loss,
        sgd(model),
        data,
        validation=data,
        batch_size=7,
        progress=False,
        **settings,
    )
    return history.row(0)


def test_they_are_of_the_epoch_not_means_of_batches() -> None:
    """F1 and R2, whose means over batches are something else."""
    x, y = classes()
    model = network(3)
    wanted = {"f1": lambda t, p: metrics.f1_score(t, p, average="macro")}
    row = validated(model, nn.SoftmaxCrossEntropyLoss(), (x, y), metrics=wanted)
    predicted = model(x).numpy().argmax(axis=1)
    assert row["val_f1"] == metrics.f1_score(y, predicted, average="macro")
    x, y = regression()
    model = network()
    row = validated(model, nn.MSELoss(), (x, y), metrics=metrics.r2_score)
    assert row["val_r2_score"] == pytest.approx(metrics.r2_score(y, model(x).numpy()), rel=1e-5)


def test_those_of_training_are_of_what_was_seen_in_training() -> None:
    """Each batch before its step, in the order of the batches."""
    x, y = regression()
    model, seen = network(), []

    def step(model: Any, loss: Any, batch: Any) -> Any:
        output = model(batch[0])
        seen.append((batch[1].numpy(), output.numpy().copy()))
        return loss(output, batch[1]), output, batch[1]

    history = ag.fit(
        model,
        nn.MSELoss(),
        sgd(model),
        (x, y),
        batch_size=7,
        metrics=[metrics.r2_score],
        step=step,
        progress=False,
    )
    true, predicted = (np.concatenate(parts) for parts in zip(*seen, strict=True))
    assert history["r2_score"] == [metrics.r2_score(true, predicted)]


def probabilities(model: nn.Module) -> nn.Module:
    """A model that ends with them."""
    last = list(model.parameters())[-1].shape[-1]
    return nn.Sequential(model, nn.Softmax() if last > 1 else nn.Sigmoid())


@pytest.mark.parametrize(
    ("loss", "outputs", "ends"),
    [
        (nn.SoftmaxCrossEntropyLoss(), 3, lambda model: model),
        (nn.CrossEntropyLoss(), 3, probabilities),
        (nn.BrierLoss(), 3, probabilities),
        (nn.NLLLoss(), 3, lambda model: nn.Sequential(model, nn.LogSoftmax())),
        (nn.BCEWithLogitsLoss(), 1, lambda model: model),
        (nn.BCELoss(), 1, probabilities),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else "",
)
@pytest.mark.parametrize("hot", [False, True])
def test_the_loss_says_what_is_predicted(
    loss: Any, outputs: int, ends: Callable[[nn.Module], nn.Module], hot: bool
) -> None:
    """Classes, in one vector of integers, however the targets are given; the accuracy is theirs."""
    x, y = classes(count=max(outputs, 2))
    target = y[:, None].astype(np.float32) if outputs == 1 else np.eye(3, dtype="f4")[y]
    if not hot and outputs > 1:
        target = y
    model, seen = ends(network(outputs)), []

    def look(true: Any, predicted: Any) -> float:
        seen.append((true, predicted))
        return 0.0

    row = validated(model, loss, (x, target), metrics=["accuracy", look])
    true, predicted = seen[-1]
    np.testing.assert_array_equal(true, y)
    assert predicted.shape == (40,)
    assert predicted.dtype.kind == "i"
    scores = model(x).numpy()
    limit = 0.5 if isinstance(loss, nn.BCELoss) else 0.0
    expected = scores.argmax(axis=1) if outputs > 1 else scores[:, 0] > limit
    np.testing.assert_array_equal(predicted, expected)
    assert row["val_accuracy"] == np.mean(expected == y)


def test_several_binary_labels_a_row_stay_a_matrix() -> None:
    """As scikit-learn wants them; accurate is a row whose labels are all right."""
    x, _ = regression()
    y = (x > 0).astype(np.float32)
    model = network(3)
    wanted = ["accuracy", metrics.accuracy_score]
    row = validated(model, nn.BCEWithLogitsLoss(), (x, y), metrics=wanted)
    expected = np.mean(((model(x).numpy() > 0) == (y > 0)).all(axis=1))
    assert row["val_accuracy"] == row["val_accuracy_score"] == expected


def test_a_pair_says_itself_what_is_predicted() -> None:
    """The function is given the targets as they are and the outputs transformed, all at once."""
    x, y = classes(count=2)
    model = network(2)
    wanted = {"auc": (metrics.roc_auc_score, lambda z: z[:, 1] - z[:, 0])}
    row = validated(model, nn.SoftmaxCrossEntropyLoss(), (x, y), metrics=wanted)
    z = model(x).numpy()
    assert row["val_auc"] == pytest.approx(metrics.roc_auc_score(y, z[:, 1] - z[:, 0]))


@pytest.mark.parametrize(
    ("wanted", "error", "message"),
    [
        ("accuracy", ValueError, "got the metric 'accuracy' with the loss MSELoss"),
        ("f1", TypeError, "got the metric 'f1'; expected a function of"),
        ([partial(metrics.f1_score, average="macro")], TypeError, "others in a dict by name"),
        ([metrics.r2_score, metrics.r2_score], ValueError, "expected names that differ"),
        ({"loss": metrics.r2_score}, ValueError, "and none of epoch, loss"),
        (3, TypeError, "got the metric 3"),
    ],
)
def test_wrong_metrics_are_named(wanted: Any, error: type[Exception], message: str) -> None:
    """Before the first step."""
    model = network()
    with pytest.raises(error, match=message):
        ag.fit(model, nn.MSELoss(), sgd(model), regression(), metrics=wanted, progress=False)


def test_an_error_in_a_metric_says_what_it_was_given() -> None:
    """As when a metric of classes is asked of a loss that has none."""
    model = network()
    with pytest.raises(ValueError, match="continuous") as caught:
        ag.fit(
            model,
            nn.MSELoss(),
            sgd(model),
            regression(),
            metrics=metrics.accuracy_score,
            progress=False,
        )
    (note,) = caught.value.__notes__
    assert "'accuracy_score', given y_true (40, 1) float32 and y_pred (40, 1) float32" in note
