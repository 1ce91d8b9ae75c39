"""A training that is killed and resumed in a new process is the one that never was, to the bit."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Everything that has a state or draws numbers, and a generator that two of them share.
TRAINING = """
import hashlib, os, signal, sys
import numpy as np
import autograd_lite as ag
from autograd_lite import nn, optim
from autograd_lite.data import DataLoader

folder, kind, kill_at, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
data = np.random.default_rng(0)
x = data.normal(size=(45, 4)).astype(np.float32)
y = data.normal(size=(45, 1)).astype(np.float32)
ag.manual_seed(seed)
shared = {
    "library": None,
    "shared": np.random.default_rng(seed),
    "legacy": np.random.RandomState(seed),
}[kind]
model = nn.Sequential(
    nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Tanh(),
    nn.Dropout(0.3, generator=shared), nn.Dropout(0.2), nn.Linear(8, 1),
)
optimizer = optim.Adam(model.parameters(), lr=0.01)
scheduler = optim.SequentialLR(
    optimizer,
    [optim.LinearLR(optimizer, total_iters=5), optim.CosineAnnealingLR(optimizer, T_max=30)],
    milestones=[5],
)
plateau = optim.ReduceLROnPlateau(optim.SGD([ag.zeros(1, requires_grad=True)]), patience=0)
average = optim.ExponentialMovingAverage(model.parameters(), decay=0.9, warmup=True)
loader = DataLoader((x, y), 8, shuffle=True, drop_last=kind == "legacy", generator=shared)
noise = np.random.Generator(np.random.MT19937(seed))
checkpoint = ag.Checkpoint(
    folder, model=model, optimizer=optimizer, scheduler=scheduler, loader=loader,
    generators={"noise": noise}, average=average, plateau=plateau, keep_last=2,
)
progress = checkpoint.restore()
first = progress.epoch if progress else 0
step, history = (progress.step, progress.history) if progress else (0, [])
for epoch in range(first, 3):
    losses = []
    for inputs, targets in loader:
        optimizer.zero_grad()
        noisy = inputs + noise.normal(0, 0.01, inputs.shape).astype(np.float32)
        loss = ((model(noisy) - targets) ** 2).mean()
        loss.backward()
        optimizer.step()
        scheduler.step()
        average.update()
        step += 1
        history.append(loss.item())
        if step % 2:
            checkpoint.save(epoch=epoch, step=step, history=history)
        if step == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
    plateau.step(history[-1])
    checkpoint.save(epoch=epoch + 1, step=step, history=history)
state = {part: checkpoint.parts[part].state_dict() for part in checkpoint.parts}
with np.printoptions(threshold=10**6, floatmode="unique"):
    print(step, hashlib.sha256(repr([state, history]).encode()).hexdigest())
"""


def run(folder: Path, kind: str, kill_at: int = -1, seed: int = 0) -> str | None:
    """What a process that trains prints at its end; None when it was killed before."""
    done = subprocess.run(
        [sys.executable, "-c", TRAINING, folder, kind, str(kill_at), str(seed)],
        env=os.environ | {"PYTHONPATH": str(ROOT), "AUTOGRAD_LITE_FAST": "0"},  # sooner there
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == -signal.SIGKILL:
        return None
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX's")
@pytest.mark.parametrize(
    ("kind", "kills"),
    [
        ("library", [1, 6, 17]),  # 6 batches an epoch: with 6 the epoch is at its end
        ("shared", [5, 12]),
        ("legacy", [9]),
    ],
)
def test_a_killed_training_goes_on_as_if_it_had_not_been(
    tmp_path: Path, kind: str, kills: list[int]
) -> None:
    """The first process alone has the seed of the run; what it held is restored, not made anew."""
    expected = run(tmp_path / "whole", kind)
    for i, step in enumerate(kills):
        assert run(tmp_path / "parts", kind, kill_at=step, seed=i) is None
    assert run(tmp_path / "parts", kind, seed=99) == expected
