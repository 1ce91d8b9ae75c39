"""Ctrl-C between any two instructions of a step: what is restored goes on as if none had been."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn, optim, recording

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

X = np.linspace(-1, 1, 24, dtype=np.float32).reshape(8, 3)
Y = np.arange(8) % 2


class Run:
    """A training with all that has a state, and a copy of that state to go back to."""

    def __init__(self) -> None:
        self.draw = np.random.default_rng(0)
        self.model = nn.Sequential(
            nn.Linear(3, 4, generator=self.draw),
            nn.BatchNorm1d(4),
            nn.ReLU(),
            nn.Dropout(0.3, generator=self.draw),
            nn.Linear(4, 2, generator=self.draw),
        )
        self.optimizer = optim.Adam(self.model.parameters(), lr=0.05, clip_norm=1.0)
        self.loss = nn.SoftmaxCrossEntropyLoss()
        self.step()

    def step(self) -> None:
        """One step, and a look at the result without recording."""
        self.optimizer.zero_grad()
        loss = self.loss(self.model(X), Y)
        loss.backward()
        self.optimizer.step()
        with ag.no_grad(), ag.profile() as report, report.span("look"):
            self.model(X)

    def state(self) -> Any:
        """All that a step changes, as copies."""
        return (
            self.model.state_dict(),
            self.optimizer.state_dict(),
            self.draw.bit_generator.state,
        )

    def restore(self, state: Any) -> None:
        """Go back."""
        self.model.load_state_dict(state[0])
        self.optimizer.load_state_dict(state[1])
        self.draw.bit_generator.state = state[2]

    def bits(self) -> list[bytes]:
        """The values of all parameters and buffers."""
        return [array.tobytes() for array in self.model.state_dict().values()]


def traced(function: Callable[[], None], at: int) -> int:
    """Run a function, raise KeyboardInterrupt at an instruction of our own code; count those.

    The switches are left out. On the way out of a `with` statement, Python lets an interrupt in
    before the first instruction that could catch it; at their others, no signal is looked for.
    """
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        name = frame.f_globals.get("__name__", "")
        if not name.startswith("autograd_lite") or name.endswith(".recording"):
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode":
            count += 1
            if count == at:
                raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function()
    finally:
        sys.settrace(before)
    return count


def test_a_step_that_is_interrupted_anywhere_can_be_taken_again() -> None:
    """At 60 instructions, from the first to the last."""
    steps = traced(Run().step, at=0)
    assert steps > 1000
    twin = Run()
    twin.step()
    expected = twin.bits()
    for at in np.linspace(1, steps, 60, dtype=int):
        run = Run()
        state = run.state()
        with pytest.raises(KeyboardInterrupt):
            traced(run.step, at)
        assert recording.mode.get() is recording.USUAL
        assert recording._outer.get() == ()
        run.restore(state)
        run.step()
        assert run.bits() == expected, f"interrupted at instruction {at} of {steps}"


class Interrupting:
    """A context variable of which one write is followed by an interrupt."""

    def __init__(self, variable: Any) -> None:
        self.variable, self.armed = variable, True

    def get(self) -> Any:
        """The value."""
        return self.variable.get()

    def set(self, value: Any) -> None:
        """Write, and interrupt once."""
        self.variable.set(value)
        if self.armed:
            self.armed = False
            raise KeyboardInterrupt


@pytest.mark.parametrize("name", ["mode", "_outer"])
@pytest.mark.parametrize("leaving", [False, True])
def test_an_interrupt_within_a_switch_leaves_the_mode_as_it_was(
    name: str, leaving: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each of its two writes, on the way in and on the way out."""
    variable = getattr(recording, name)
    switch = ag.no_grad()
    if leaving:
        switch.__enter__()
    with monkeypatch.context() as patch:
        patch.setattr(recording, name, Interrupting(variable))
        with pytest.raises(KeyboardInterrupt):
            switch.__exit__(None, None, None) if leaving else switch.__enter__()
    assert recording.mode.get() is recording.USUAL
    assert recording._outer.get() == ()
