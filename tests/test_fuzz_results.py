"""What functions answer when called wrongly: NumPy's result, gradients of the right shape."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import ops
from autograd_lite.numpy_names import _ALIASES
from tests import surface
from tests.fitting import calls
from tests.hostile import hostile, tensors

NUMPYS = {ours: theirs for theirs, ours in _ALIASES.items() if theirs[0] != "a"}
OPS = [t for t in surface.functions() if getattr(ops, t.name, None) is t.value]
# What NumPy says of no variable, or of a single row, differs between its versions.
VARYING = {"corrcoef", "cov"}
SHARED = [t for t in OPS if hasattr(np, NUMPYS.get(t.name, t.name)) and t.name not in VARYING]
# NumPy makes float64 of whatever it is given; here float32 stays float32.
FLOAT64 = {"interp"}
few = settings(
    derandomize=os.environ.get("HYPOTHESIS_PROFILE") != "nightly",  # which is there to find more
    max_examples=max(settings.default.max_examples // 4, 5) if settings.default else 6,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def plain(value: Any) -> Any:
    """A value with the arrays of the tensors in it."""
    if isinstance(value, (list, tuple)):
        return type(value)(map(plain, value))
    return value.detach().numpy() if isinstance(value, ag.Tensor) else value


@pytest.mark.parametrize("target", SHARED, ids=repr)
def test_an_answer_is_that_of_numpy(target: surface.Target) -> None:
    """In shape, dtype and value, wherever both answer for arrays."""
    function = getattr(np, NUMPYS.get(target.name, target.name))

    @few
    @given(calls(target.signature, good=True))
    def compare(call: Any) -> None:
        args, named = call
        result, _ = surface.outcome(target, target.value, args, named)
        if not isinstance(result, (ag.Tensor, np.ndarray)):
            return
        arrays = [a for a in args if isinstance(a, (ag.Tensor, np.ndarray))]
        try:
            with surface.silence():
                expected = function(*map(plain, args), **{k: plain(v) for k, v in named.items()})
        except (TypeError, ValueError, IndexError, AttributeError):  # its astype takes arrays only
            return
        if np.asarray(expected).dtype == object:  # None is a value to NumPy's diff
            return
        found = plain(result)
        assert found.shape == np.shape(expected)
        if len(arrays) == len(args):  # lists and Python's numbers take the default dtype here
            if target.name not in FLOAT64:
                assert found.dtype == np.asarray(expected).dtype
            tolerance = 1e-2 if found.dtype == np.float16 else 1e-5
            np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)

    compare()


@pytest.mark.parametrize("target", OPS, ids=repr)
def test_gradients_have_the_shape_of_their_tensors(target: surface.Target) -> None:
    """Or the pass names what is wrong, and delivers nothing."""

    @few
    @given(calls(target.signature, good=True), tensors)
    def differentiate(call: Any, extra: ag.Tensor) -> None:
        args, named = [extra, *call[0][1:]], call[1]
        result, _ = surface.outcome(target, target.value, args, named)
        if not isinstance(result, ag.Tensor) or not result.requires_grad:
            return
        leaves = [a for a in args if isinstance(a, ag.Tensor) and a.requires_grad and a.is_leaf]
        one = np.ones(result.shape, result.dtype)
        back = surface.Target(f"{target}.backward", target.name, result.backward)
        _, wrong = surface.outcome(back, result.backward, [one], {})
        assert wrong is None, wrong
        for leaf in leaves:
            if leaf.grad is not None:
                assert leaf.grad.shape == leaf.shape
                assert leaf.grad.dtype == leaf.dtype

    differentiate()


ASSIGNED = ["grad", "data", "requires_grad"]


@pytest.mark.parametrize("name", ASSIGNED)
@few
@given(st.data())
def test_an_attribute_is_set_or_its_error_names_it(name: str, data: st.DataObject) -> None:
    """And a backward pass works, or refuses what was set."""
    x, value = data.draw(tensors), data.draw(hostile)
    target = surface.Target(f"Tensor.{name}", name, setattr)
    _, wrong = surface.outcome(target, lambda v: setattr(x, name, v), [value], {})
    assert wrong is None, wrong
    if x.requires_grad:
        back = surface.Target("Tensor.backward", "backward", ag.Tensor.backward)
        _, wrong = surface.outcome(back, (x * 2).sum().backward, [], {})
        assert wrong is None, wrong
