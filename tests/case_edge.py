"""What a comparison with differences cannot test of an op: where derivatives end, by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import linalg

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

FRONTS = st.sampled_from([(), (2,), (1, 2)])


@dataclass(frozen=True, repr=False)
class Edge:
    """Tests of an op at the edge of where it has a gradient, for the mutation score to ask, too.

    Attributes:
        op: the op that what is tested belongs to.
        checks: by name, a function that draws one example and raises AssertionError.
    """

    op: Callable[..., Any]
    checks: dict[str, Callable[[Any], None]]

    def __repr__(self) -> str:
        return f"edges of {self.op.__name__}"

    @property
    def aspects(self) -> tuple[str, ...]:
        """The names of the checks."""
        return tuple(self.checks)

    def check(self, aspect: str, draw: Any) -> None:
        """Test one aspect with one example."""
        self.checks[aspect](draw)


def random_of(draw: Any) -> np.random.Generator:
    """What makes the numbers of an example."""
    return np.random.default_rng(draw(st.integers(0, 2**32 - 1)))


def slope(f: Callable[..., Any], x: NDArray[Any]) -> Any:
    """The gradient of the sum of f."""
    leaf = ag.tensor(x, requires_grad=True)
    with np.errstate(all="ignore"):  # of values: NumPy's
        total = f(leaf).sum()
    (found,) = ag.grad(total, leaf)
    return found.numpy()


def refused(f: Callable[[], Any], message: str | None) -> Any:
    """What f returns, None where it must refuse with a message that begins as this one."""
    if message is None:
        return f()
    with pytest.raises((linalg.DegenerateError, np.linalg.LinAlgError)) as found:
        f()
    assert str(found.value).startswith(message), f"{found.value}\nexpected: {message}"
    return None


def place(batch: tuple[int, ...]) -> str:
    """How a refusal names a matrix of a stack."""
    return f"matrix {batch} of the stack" if batch else "the matrix"
