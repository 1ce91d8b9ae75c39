"""Every op of the table, and each function of nn, through all tests of an `OpCase`."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest

import autograd_lite as ag
from autograd_lite import ops
from tests.cases import CASES
from tests.table import TABLE

if TYPE_CHECKING:
    from collections.abc import Callable

test_ops = TABLE


def ops_of(namespace: Any) -> dict[str, Callable[..., Any]]:
    """The public functions of a namespace that are ops, or named as one in their errors."""
    found = inspect.getmembers(namespace, inspect.isfunction)
    return {name: f for name, f in found if f.__module__.startswith("autograd_lite.ops")}


@pytest.mark.parametrize("namespace", [ops, ag], ids=["ops", "face"])
def test_no_op_is_missing_from_the_table(namespace: Any) -> None:
    """Whoever adds an op adds its line to the table."""
    assert set(ops_of(namespace).values()) <= {case.op for case in CASES}


def test_face_offers_every_op_but_those_that_only_gradients_use() -> None:
    """What a user may want is a function of the package."""
    inner = {"both_zero", "div_or_zero", "exceeds", "log_or_zero", "times_slope", "over"}
    inner |= {
        "sign_of",
        "sinc_slope",
        "times",
        "zero_of",
        "on_diagonal",
        "order_statistics",
        "scatter",
        "scatter_along",
        "shares",
        "sum_to",
    }
    assert set(ops_of(ops)) - set(ops_of(ag)) == inner
