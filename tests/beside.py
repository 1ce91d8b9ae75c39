"""What tests gradients beside the table, as cases for the mutation score.

The table runs with the kernels where Numba is installed, its arrays are too small to be kept as a
few rows, and its logits are never so far apart that a probability is 0. Tests of their own see to
all that.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import autograd_lite as ag
from autograd_lite import kernels, nn, ops
from autograd_lite.nn import window
from tests import test_nn_extremes as extremes
from tests import test_nn_loss as losses
from tests import test_nn_more_layers as layers
from tests.strategies_rows import few
from tests.table import TABLE
from tests.test_nn_window import test_ties_share_the_gradient_and_nan_takes_none

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from autograd_lite.testing.case import OpCase


@dataclass(frozen=True)
class Beside:
    """A case, and what it runs inside of."""

    case: OpCase
    condition: Callable[[], AbstractContextManager[None]]
    words: str

    @property
    def op(self) -> Callable[..., Any]:
        """That of the case."""
        return self.case.op

    @property
    def aspects(self) -> tuple[str, ...]:
        """Those of the case."""
        return self.case.aspects

    def check(self, aspect: str, draw: Any) -> None:
        """One example of an aspect."""
        with self.condition():
            self.case.check(aspect, draw)

    def __repr__(self) -> str:
        return f"{self.case!r} {self.words}"


@dataclass(frozen=True)
class Alone:
    """A test that takes no case, of what is special about an op."""

    op: Callable[..., Any]
    test: Callable[[], None]
    aspects = ("test",)

    def check(self, _aspect: str, _draw: Any) -> None:
        """Run it."""
        self.test()

    def __repr__(self) -> str:
        function = self.test.func if isinstance(self.test, partial) else self.test
        return function.__name__


@contextmanager
def in_blocks(size: int) -> Iterator[None]:
    """Products of windows are made in blocks of about so many bytes."""
    before = window._BLOCK
    window._BLOCK = size
    try:
        yield
    finally:
        window._BLOCK = before


HAVE_KERNELS = {
    ag.getitem,
    ag.softmax,
    ag.log_softmax,
    ops.scatter,
    nn.functional.linear,
    nn.functional.standardize,
    nn.functional.class_cross_entropy,
    nn.functional.softmax_cross_entropy,
}

CONVOLUTIONS = {nn.functional.conv1d, nn.functional.conv2d, nn.functional.conv_transpose2d}

BESIDE = [
    *(
        Beside(case, partial(in_blocks, size), f"in blocks of {size} bytes")
        for size in (1, 400)
        for case in TABLE
        if case.op in CONVOLUTIONS
    ),
    *(Beside(case, few, "of a large table") for case in TABLE if case.op is ag.getitem),
    *(
        Beside(case, partial(kernels.switched, on=False), "without kernels")
        for case in TABLE
        if case.op in HAVE_KERNELS
    ),
    Alone(nn.functional.max_pool1d, test_ties_share_the_gradient_and_nan_takes_none),
    Alone(ag.softmax, extremes.test_a_class_that_is_ruled_out_has_no_gradient),
    Alone(ag.softmax, partial(extremes.test_what_lies_between_softmax_and_its_loss_loses_nothing,
                              nn.Flatten())),
    Alone(nn.functional.cross_entropy, partial(
        extremes.test_what_lies_between_softmax_and_its_loss_loses_nothing, nn.Flatten())),
    Alone(nn.functional.cross_entropy,
          extremes.test_targets_have_the_gradient_of_the_clipped_logarithm),
    *(Alone(nn.functional.class_cross_entropy, partial(
        extremes.test_the_gradient_of_large_logits_is_finite_with_and_without_kernels, on=on))
      for on in (True, False)),
    Alone(nn.functional.absolute_error,
          extremes.test_a_perfect_prediction_has_no_absolute_gradient),
    Alone(nn.functional.binary_cross_entropy, losses.test_targets_have_the_exact_derivative),
    Alone(nn.functional.binary_cross_entropy, losses.test_the_rule_is_finite_at_both_ends),
    Alone(nn.functional.embedding, layers.test_padding_is_zero_and_stays_so),
]  # fmt: skip
