"""What `fit` refuses, and what an error in the middle leaves behind."""

from __future__ import annotations

import signal
import threading
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.data import DataLoader
from autograd_lite.training import Callback, CSVLogger
from tests.training_problems import network, regression, sgd, weights


def arguments(**changes: Any) -> dict[str, Any]:
    """What a run that works is given, but for some changes."""
    model = changes.pop("model", None) or network()
    usual = {"model": model, "loss": nn.MSELoss(), "data": regression(), "progress": False}
    optimizer = changes.get("optimizer") or sgd(model)
    return {**usual, **changes, "optimizer": optimizer}


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"loss": nn.MSELoss}, TypeError, "got loss=<class .*: write MSELoss"),
        ({"loss": "mse"}, TypeError, "got loss='mse'; expected a loss, or a function"),
        ({"optimizer": "sgd"}, TypeError, "got optimizer='sgd'; expected an optimizer"),
        ({"callbacks": [print]}, TypeError, "expected a list of Callback objects"),
        ({"callbacks": Callback()}, TypeError, "expected a list of Callback objects"),
        ({"callbacks": [Callback]}, TypeError, "expected a list of Callback objects"),
        ({"scheduler": "cosine"}, TypeError, "got scheduler='cosine'; expected a schedule"),
        ({"step": 3}, TypeError, r"got step=3; expected a function of \(model, loss, batch\)"),
        ({"optimizer": sgd(network())}, ValueError, "SGD that has no parameter of the model"),
        ({"epochs": 0}, ValueError, "got epochs=0; expected an integer, at least 1"),
        ({"epochs": 1.5}, ValueError, "got epochs=1.5; expected an integer, at least 1"),
        ({"accumulate": 0}, ValueError, "got accumulate=0; expected an integer"),
        ({"scheduler_every": "batch"}, ValueError, "expected 'epoch' or 'step'"),
        ({"clip_norm": -1}, ValueError, "SGD: got clip_norm=-1"),
        ({"batch_size": 0}, ValueError, "got batch_size=0"),
        ({"resume": True}, ValueError, "got resume=True without a checkpoint"),
        ({"checkpoint": 3}, TypeError, "got checkpoint=3; expected a Checkpoint, or a folder"),
        ({"monitor": "f1", "checkpoint": "x"}, ValueError, "Checkpoint: got monitor='f1'"),
        ({"data": 3}, TypeError, r"got data=3; expected arrays, \(x, y\)"),
        ({"data": None}, TypeError, r"got data=None; expected arrays"),
        ({"data": "x"}, TypeError, "got data='x'; expected arrays"),
        ({"data": iter([])}, TypeError, "which can be iterated over only once"),
        ({"data": []}, ValueError, "got data without a row"),
        ({"validation": []}, ValueError, "got data without a row"),
        ({"validation": 0.1}, TypeError, "got validation=0.1; .*split them before"),
        ({"data": regression()[0]}, TypeError, r"got a ndarray as data; expected a pair \(x, y\)"),
        ({"data": [3]}, TypeError, "got 3 as batch; expected arrays"),
        ({"data": (*regression(), regression()[0])}, TypeError, "got a tuple of 3 arrays as data"),
        ({"data": dict(zip("xy", regression(), strict=True))}, TypeError, "got a dict as data"),
        ({"data": [regression()[0]]}, TypeError, r"got a ndarray as batch; expected a pair"),
        (
            {"validation": regression()[0]},
            TypeError,
            "got a ndarray as validation; expected a pair",
        ),
        ({"step": lambda *_: (1, 2)}, TypeError, r"step returned \(1, 2\); expected three things"),
        ({"shuffle": np.ones(2)}, ValueError, "got shuffle=array.*; expected True, False or None"),
        ({"progress": np.ones(2)}, ValueError, "got progress=array.*; expected True or False"),
        ({"resume": np.ones(2)}, ValueError, "got resume=array.*; expected True or False"),
        ({"check_finite": np.ones(2)}, ValueError, "got check_finite=array.*; expected True or"),
        ({"monitor": ["loss"]}, ValueError, "expected the name of a column, or None"),
        ({"metrics": np.ones(2)}, TypeError, r"got the metric \(2,\) float64; expected a function"),
        ({"loss": nn.MSELoss("none")}, ValueError, r"got a loss of shape \(32, 1\)"),
        ({"loss": lambda p, y: len(p) / len(y)}, TypeError, "got 1.0 as loss; expected a tensor"),
        (
            {"data": DataLoader(regression()), "batch_size": 3, "shuffle": False},
            ValueError,
            "got batch_size=3, shuffle=False with DataLoader as data",
        ),
    ],
)
def test_a_wrong_argument_is_named(
    changes: dict[str, Any], error: type[Exception], message: str, tmp_path: Any, monkeypatch: Any
) -> None:
    """And the modes are what they were."""
    monkeypatch.chdir(tmp_path)
    given = arguments(**changes)
    given["model"].eval()
    with pytest.raises(error, match=message):
        ag.fit(**given)
    assert not any(part.training for part in given["model"].modules())


def test_data_that_are_no_pairs_draw_no_order() -> None:
    """What is wrong with arrays is known before the first epoch shuffles them."""
    ag.manual_seed(0)
    expected = ag.rand(1).item()
    given = arguments(data=ag.ones(4, 2))
    ag.manual_seed(0)
    with pytest.raises(TypeError, match="got a Tensor as data"):
        ag.fit(**given)
    assert ag.rand(1).item() == expected


def test_a_model_must_be_a_module() -> None:
    with pytest.raises(TypeError, match=r"got model=.*; expected a Module"):
        ag.fit(**{**arguments(), "model": lambda x: x})


def test_a_schedule_must_be_the_optimizers() -> None:
    model = network()
    other = optim.StepLR(sgd(network()), 3)
    with pytest.raises(ValueError, match="got a scheduler of another optimizer"):
        ag.fit(**arguments(model=model, scheduler=other))
    optimizer = sgd(model)
    plateau = optim.ReduceLROnPlateau(optimizer)
    with pytest.raises(ValueError, match="got scheduler_every='step' with ReduceLROnPlateau"):
        ag.fit(
            **arguments(model=model, optimizer=optimizer, scheduler=plateau, scheduler_every="step")
        )


class Fails(Callback):
    """Raises an error in one of the hooks."""

    def __init__(self, hook: str) -> None:
        self.armed = True
        setattr(self, hook, self.fail)

    def fail(self, run: Any) -> None:
        """Raise it, but for the step before."""
        if self.armed and (run.epoch, run.step) != (1, 1):
            message = "on purpose"
            raise RuntimeError(message)


@pytest.mark.parametrize(
    "hook", ["on_fit_begin", "on_epoch_begin", "on_step_end", "on_epoch_end", "on_fit_end"]
)
def test_an_error_in_a_hook_leaves_all_in_order(hook: str, tmp_path: Any) -> None:
    """Modes, Ctrl-C, clipping, the graph switch and files; and the next fit works."""
    failing, log = Fails(hook), CSVLogger(tmp_path / "log.csv")
    closed: list[Any] = []

    class Closes(Callback):
        def on_fit_end(self, run: Any) -> None:
            closed.append(type(run.error))

    model = network().eval()
    given = arguments(
        model=model,
        batch_size=20,
        clip_norm=1.0,
        validation=regression(9),
        callbacks=[Closes(), log, failing],
    )
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(RuntimeError, match="on purpose"):
        ag.fit(**given)
    assert closed == [RuntimeError]
    assert log._file is None
    assert signal.getsignal(signal.SIGINT) is before
    assert not any(part.training for part in model.modules())
    assert given["optimizer"].param_groups[0]["clip_norm"] is None
    failing.armed = False
    history = ag.fit(**given)
    assert history.epochs == 1
    assert closed == [RuntimeError, type(None)]
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 2


@pytest.mark.parametrize("where", ["training", "validation"])
def test_an_error_in_the_loss_changes_no_weight_of_its_step(where: str) -> None:
    """The weights are those after the step before, and recording is switched on again."""
    model, seen = network(), []
    loss = nn.MSELoss()

    def fails(p: Any, y: Any) -> Any:
        if len(y) == 9:
            seen.append(weights(model))
            message = "on purpose"
            raise RuntimeError(message)
        return loss(p, y)

    x, y = regression()
    good, bad = (x[:20], y[:20]), (x[:9], y[:9])
    data = [good, bad] if where == "training" else [good]
    validation = [bad] if where == "validation" else None
    with pytest.raises(RuntimeError, match="on purpose"):
        ag.fit(**arguments(model=model, loss=fails, data=data, validation=validation))
    assert weights(model) == seen[0] != weights(network())
    assert model.training
    assert model(x).requires_grad
    ag.fit(**arguments(model=model))


# ---- nan


def test_a_loss_that_becomes_nan_stops_before_its_step() -> None:
    """The message has the epoch, the step, and whether the weights are to blame."""
    x, y = regression()
    bad = x.copy()
    bad[0, 0] = np.nan
    model = network()
    reference = network()
    ag.fit(**arguments(model=reference, data=[(x, y)]))
    message = r"the loss became nan in epoch 1, step 2 \(lr=0.1\); .*The weights are finite: look"
    with pytest.raises(FloatingPointError, match=message):
        ag.fit(**arguments(model=model, data=[(x, y), (bad, y)]))
    assert weights(model) == weights(reference)


def test_weights_that_are_not_finite_are_named() -> None:
    """A step that was too large shows at the next one."""

    class Explode(Callback):
        def on_step_end(self, run: Any) -> None:
            for layer in (run.model[0], run.model[2]):
                layer.weight.data[0] = np.inf
                layer.bias.data[0] = np.nan

    message = "step 2 .*The weights 0.weight, 0.bias, 2.weight, ... are not finite: an earlier"
    with pytest.raises(FloatingPointError, match=message), np.errstate(all="ignore"):
        ag.fit(**arguments(callbacks=[Explode()]))


def test_nan_may_be_allowed() -> None:
    """As document 1's runs that explode need it."""
    model = network()
    optimizer = sgd(model, lr=1e38)
    with np.errstate(all="ignore"):
        history = ag.fit(
            **arguments(model=model, optimizer=optimizer, epochs=9, check_finite=False)
        )
    assert np.isnan(history["loss"][-1])
    assert "best loss" in repr(history)


# ---- threads


def test_it_trains_in_another_thread() -> None:
    """Where Python has no signals; with the same result."""
    results: list[Any] = []

    def run() -> None:
        model = network()
        ag.fit(**arguments(model=model, shuffle=False))
        results.append(weights(model))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    run()
    assert results[0] == results[1]


def test_a_handler_of_ones_own_is_left_alone() -> None:
    seen: list[Any] = []

    class Press(Callback):
        def on_step_end(self, run: Any) -> None:  # noqa: ARG002  # what a hook is given
            signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, lambda *_: seen.append("mine"))
    try:
        ag.fit(**arguments(callbacks=[Press()]))
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen == ["mine"] * 2
