"""Ops of the naive engine: functions of arrays, whose gradients need no rule.

No derivative is written down: a Jacobian is what comes out when one entry at a time is moved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.infinitesimals import derivative

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Op:
    """A function of arrays, and for each input those that the gradient for it is computed from."""

    function: Callable[..., Any]
    reads: tuple[tuple[int, ...], ...]
    by_result: bool = False  # the gradient is computed from the result alone, by multiplication
    order: int = 0

    def pullback(self, i: int, inputs: list[Any]) -> Op:
        """Of what the gradient for input i reads, and g: the transposed Jacobian times g."""
        reads = self.reads[i]

        def pulled(*given: Any) -> Any:
            xs = list(inputs)
            for k, x in zip(reads, given[:-1], strict=True):
                xs[k] = x
            result = np.empty(xs[i].shape, object)
            for place in np.ndindex(result.shape):
                result[place] = np.sum(given[-1] * derivative(self.function, xs, i, place))
            return result

        last = len(reads)  # the position of g
        again = [(*(k for k in range(last) if reads[k] in self.reads[r]), last) for r in reads]
        return Op(pulled, (*again, tuple(range(last))), order=self.order + 1)


CURVED, LINEAR, BILINEAR = ((0,),), ((),), ((1,), (0,))
ADD = Op(lambda x, y: x + y, ((), ()))
MUL = Op(lambda x, y: x * y, BILINEAR)
SAME = Op(lambda x: x, LINEAR)
