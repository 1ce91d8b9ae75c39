"""Ctrl-C: a real process, a real signal."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.training import Callback, EarlyStopping
from tests.training_problems import network, regression, sgd, weights

ROOT = Path(__file__).resolve().parent.parent

# Says when it has begun, and waits in a step until it is told to go on.
SCRIPT = """
import sys
import numpy as np
import autograd_lite as ag
from autograd_lite import nn, optim

if "prompt" in sys.argv:
    sys.ps1 = ">>> "


class Wait(ag.training.Callback):
    def on_step_end(self, run):
        if (run.epoch, run.step) == (2, 3) and "wait" in sys.argv:
            print("ready", flush=True)
            sys.stdin.readline()


ag.manual_seed(0)
x = ag.randn(60, 3).numpy()
model = nn.Linear(3, 1)
optimizer = optim.SGD(model.parameters(), lr=0.01)
history = ag.fit(
    model, nn.MSELoss(), optimizer, (x, x[:, :1]), batch_size=10, epochs=4, progress=False,
    callbacks=[Wait()], checkpoint=sys.argv[1] if sys.argv[1] != "-" else None,
    resume="resume" in sys.argv,
)
print("after", history.interrupted, history.epochs)
np.save(sys.argv[2], np.append(model.weight.numpy(), history["loss"]))
"""


def start(*arguments: Any) -> subprocess.Popen[str]:
    """The script in a process that Ctrl-C reaches, whatever the tests were started with."""
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509  # nohup ignores it
    )


def interrupted(*arguments: Any, presses: int = 1) -> tuple[int, str, str]:
    """The script after Ctrl-C in the third step of its second epoch: exit code and output."""
    process = start(*arguments, "wait")
    with process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "ready\n"
        for _ in range(presses):
            process.send_signal(signal.SIGINT)
        out, err = process.communicate("go on\n", timeout=60)
    return process.returncode, out, err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
def test_a_script_stops_after_the_step_saves_and_says_how_to_go_on(tmp_path: Path) -> None:
    """And ends, as programs do at Ctrl-C; the resumed run gives the bits of the whole one."""
    code, out, err = interrupted(tmp_path / "run", tmp_path / "first.npy")
    assert code == -signal.SIGINT
    assert out == ""
    expected = (
        r"KeyboardInterrupt: fit: stopped by Ctrl-C in epoch 2 of 4, after step 3;"
        r" saved in .*run: go on by the same call with resume=True\n$"
    )
    assert re.search(expected, err), err
    assert not (tmp_path / "first.npy").exists()
    for folder, name in ((tmp_path / "run", "resumed"), ("-", "whole")):
        arguments = ["resume"] if name == "resumed" else []
        process = start(folder, tmp_path / name, *arguments)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out) == (0, "after False 4\n"), err
    resumed, whole = (np.load(tmp_path / f"{name}.npy") for name in ("resumed", "whole"))
    np.testing.assert_array_equal(resumed, whole)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
def test_at_a_prompt_the_history_is_returned(tmp_path: Path) -> None:
    """There the next line is typed by somebody who has pressed Ctrl-C."""
    code, out, err = interrupted("-", tmp_path / "x.npy", "prompt")
    assert (code, out) == (0, "after True 1\n")
    assert err == (
        "fit: stopped by Ctrl-C in epoch 2 of 4, after step 3; not saved:"
        " fit(..., checkpoint=folder) does that\n"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
def test_a_second_time_interrupts_at_once(tmp_path: Path) -> None:
    """In the middle of a step, with nothing saved but the epoch before."""
    process = start(tmp_path / "run", tmp_path / "x.npy", "wait")
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        while process.poll() is None:  # until the first one was seen, a second one is the same one
            process.send_signal(signal.SIGINT)
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
        err = process.communicate(timeout=60)[1]
    assert process.returncode == -signal.SIGINT
    assert "fit: stopped" not in err
    assert err.endswith("KeyboardInterrupt\n")
    assert len(list((tmp_path / "run").iterdir())) == 1


class Press(Callback):
    """Presses Ctrl-C at a moment."""

    def __init__(self, hook: str) -> None:
        self.pressed = False
        setattr(self, hook, self.press)

    def press(self, run: Any) -> None:
        """Do it once, in the second epoch."""
        if not self.pressed and run.epoch in {0, 2}:
            self.pressed = True
            signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize(
    ("hook", "epochs", "where"),
    [
        ("on_fit_begin", 0, "before the first step"),
        ("on_epoch_begin", 1, "in epoch 2 of 3, after step 1"),
        ("on_step_end", 1, "in epoch 2 of 3, after step 1"),
        ("on_epoch_end", 2, "after epoch 2 of 3"),
    ],
)
def test_it_stops_at_the_next_end_of_a_step_or_an_epoch(hook: str, epochs: int, where: str) -> None:
    """The exception has the history; Ctrl-C then does what it did, and best weights stay put."""
    model = network()
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt, match=where) as caught:
        ag.fit(
            model,
            nn.MSELoss(),
            sgd(model),
            regression(),
            epochs=3,
            batch_size=10,
            callbacks=[Press(hook), EarlyStopping()],
            progress=False,
        )
    history = caught.value.history  # type: ignore[attr-defined]  # fit adds it
    assert (history.interrupted, history.epochs) == (True, epochs)
    assert signal.getsignal(signal.SIGINT) is before
    history = ag.fit(model, nn.MSELoss(), sgd(model), regression(), progress=False)
    assert not history.interrupted
    assert weights(model)
