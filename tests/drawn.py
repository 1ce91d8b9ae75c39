"""What the tests of drawings share: small graphs, and what a drawing says in its SVG."""

from typing import Any
from xml.etree import ElementTree as ET

import numpy as np

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.drawing import Drawing

SVG = "{http://www.w3.org/2000/svg}"


def texts(drawing: Drawing) -> list[list[str]]:
    """The lines of text in each box of the SVG, which must be well-formed."""
    root = ET.fromstring(drawing.svg)  # noqa: S314  # our own
    groups = [g for g in root.iter(f"{SVG}g") if g.find(f"{SVG}rect") is not None]
    return [
        [t.text or "" for t in g.findall(f"{SVG}text")]
        for g in groups
        if g.find(f"{SVG}title") is not None
    ]


def titles(drawing: Drawing) -> list[str]:
    return sorted(lines[0] for lines in texts(drawing))


def edges(drawing: Drawing) -> int:
    return drawing.dot.count(" -> ")


def leaf(value: Any = 2.0) -> ag.Tensor:
    return ag.tensor(value, requires_grad=True)


def mlp() -> nn.Sequential:
    return nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3), nn.Softplus())


def loss_of(model: nn.Module) -> tuple[ag.Tensor, nn.Module]:
    loss = nn.MSELoss()
    return loss(model(np.ones((5, 4))), np.ones((5, 3), np.float32)), loss
