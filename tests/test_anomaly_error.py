"""The error of detect_anomaly as such, and that there is none without reason."""

from __future__ import annotations

import inspect
import pickle
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from tests.test_anomaly import found, leaf

if TYPE_CHECKING:
    from collections.abc import Callable


@given(
    st.lists(st.floats(-3, 3), min_size=1, max_size=5),
    st.sampled_from([ag.exp, ag.tanh, ag.softplus, ag.sqrt, ag.log, ag.abs]),
    st.booleans(),
)
def test_it_raises_where_a_value_is_bad_and_changes_nothing_else(
    values: list[float], function: Callable[[Any], ag.Tensor], create_graph: bool
) -> None:
    def run(x: ag.Tensor) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        y = function(x)
        (g,) = ag.grad(y.sum(), x, create_graph=create_graph)
        return y.numpy(), g.numpy()

    with np.errstate(all="ignore"):
        y, g = run(leaf(*values))
    if np.isfinite(y).all() and np.isfinite(g).all():
        with ag.detect_anomaly():
            again = run(leaf(*values))
        assert y.tobytes() == again[0].tobytes()
        assert g.tobytes() == again[1].tobytes()
    else:
        error = found(lambda: run(leaf(*values)))
        assert error.op in {function.__name__, "sum"}


def test_the_error_is_a_floating_point_error_that_travels() -> None:
    error = found(lambda: ag.log(ag.tensor(0.0)))
    assert isinstance(error, FloatingPointError)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own
    assert str(again) == str(error)
    assert (again.op, again.direction, again.place) == (error.op, error.direction, error.place)


def test_code_without_source_has_a_place_all_the_same() -> None:
    scope: dict[str, Any] = {"ag": ag, "__name__": "nowhere"}
    exec("def f(x):\n    return ag.log(x)", scope)  # noqa: S102  # as in an interactive session
    error = found(lambda: scope["f"](ag.tensor(0.0)))
    assert error.place == ("<string>", 2, "f")
    assert re.search(r"at <string>:2, in f$", str(error), re.MULTILINE)


def test_called_wrongly_it_says_how_to_call_it() -> None:
    def function() -> None:
        """Does nothing."""

    for wrong in (None, 1, "no"):
        with pytest.raises(TypeError, match=r"detect_anomaly: got inf=.*with detect_anomaly\(\):"):
            ag.detect_anomaly(inf=wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"detect_anomaly: .* is a generator"):
        ag.detect_anomaly()(lambda: (yield))
    assert inspect.unwrap(ag.detect_anomaly()(function)) is function
