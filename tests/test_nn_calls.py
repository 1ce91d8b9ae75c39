"""What a graph knows of the modules that made it."""

from typing import Any

import autograd_lite as ag
from autograd_lite import nn


def test_the_graph_tells_which_call_of_a_module_made_a_value() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            self.layer = nn.Linear(2, 2)

        def forward(self, x: ag.Tensor) -> Any:
            return nn.Tanh()(self.layer(self.layer(x)))

    model, x = Twice(), ag.ones((1, 2))
    before = ag.ones(1, requires_grad=True) * 2
    out = model(x)
    assert out.node is not None
    outer = out.node.call
    assert outer is not None
    assert outer.module() is model
    assert before.node is not None
    assert before.node.age < outer.start < out.node.age
    assert outer.inner is not None
    assert outer.inner.inner is None
    second = out.node.inputs[0]
    assert second is not None
    assert second.call is not None
    assert second.call.module() is model.layer
    first = second.inputs[0]
    assert first is not None
    assert first.call is not None
    assert first.age < second.call.start


def test_a_module_that_returns_what_it_was_given_made_nothing() -> None:
    x = ag.ones(2, requires_grad=True) * 2
    assert nn.Identity()(x) is x
    assert x.node is not None
    assert x.node.call is None
