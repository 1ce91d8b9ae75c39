"""Tensors that are written to, in two engines: what `test_engine_machine.py` adds passes to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

import autograd_lite as ag
from tests import naive_engine as naive
from tests.engine_ops import INDICES
from tests.engine_twins import MOST, Twins
from tests.naive_engine import Value
from tests.naive_ops import Op

if TYPE_CHECKING:
    from collections.abc import Callable


class Writes(Twins):
    """Writes, in both engines, which nobody sees who should not."""

    pick = Twins.pick

    @rule(
        i=pick,
        number=st.integers(-3, 3),
        way=st.sampled_from(["data[...]", "data +=", "data =", "handle", "handle", "last handle"]),
        view=st.sampled_from([lambda a: a, lambda a: a.T, lambda a: a.reshape(-1)[::-1]]),
    )
    def write(self, i: int, number: int, way: str, view: Callable[[Any], Any]) -> None:
        """To the values of a leaf, also by what was taken from it long ago."""
        leaves = [x for x in self.twins if x.is_leaf and i < MOST - 1]
        x = leaves[i % len(leaves)] if leaves else self.at(i)
        if not x.is_leaf:
            with pytest.raises(ValueError, match="read-only"):
                x.tensor.data[...] = number
            return
        array = np.full_like(x.value.array, number)
        if "handle" in way and not x.handles:
            x.handles.append(view(x.tensor.data))
            return
        if way == "data[...]":
            x.tensor.data[...] = number
        elif way == "data +=":
            x.tensor.data += number
            array += x.value.array
        elif way == "data =":
            x.tensor.data = array
        else:
            x.handles[0][...] = number
        if way in {"data =", "last handle"}:
            x.handles.clear()
        self.hand_over(array)
        x.value = Value(array.copy(), x.value.node)

    @rule(i=pick, number=st.none() | st.integers(-2, 2))
    def write_outside(self, i: int, number: int | None) -> None:
        """Forget a gradient or write to it, and to all that was handed over, which nobody sees."""
        x = self.at(i)
        given = [g.data for g, _ in self.given if not g.requires_grad]
        for array in (*(array for array, _ in self.handed), *given):
            array[...] = 77
        self.handed, self.given = [], []
        if number is None or x.grad is None:
            x.tensor.grad = x.grad = None
        elif x.tensor.grad is not None and x.grad.node is None:
            x.tensor.grad.data[...] = number
            x.grad = Value(np.full_like(x.grad.array, number))

    @rule(
        i=pick,
        j=pick,
        index=st.sampled_from(INDICES[:-1]),
        number=st.none() | st.integers(-2, 2),
        records=st.sampled_from([True, True, False]),
    )
    def assign(self, i: int, j: int, index: Any, number: int | None, records: bool) -> None:
        """To items: a result moves on in the graph, and a constant may become a result."""
        x, y = self.at(i), self.at(j)
        value = y.value if number is None else Value(np.array(float(number)))
        if x.value.array.dtype.kind == "i":
            return
        parts = index if isinstance(index, tuple) else (index,)
        place = parts if ... in parts else (*parts, ...)  # so that it never picks a lone object

        def put(array: Any, values: Any) -> Any:
            array[place] = values
            return array

        def ours() -> None:
            with ag.enable_grad() if records else ag.no_grad():
                x.tensor[index] = y.tensor if number is None else number

        try:
            x.value.array.copy()[index] = value.array
        except (ValueError, TypeError, IndexError, DeprecationWarning):
            with pytest.raises((ValueError, TypeError, IndexError)):  # of what is wrong first
                ours()
            return
        new = naive.apply(Op(put, ((), ())), x.value, value, records=records)
        if x.value.node is not None and records == x.is_leaf:
            with pytest.raises(TypeError, match=r"requires a gradient|is the result of an op"):
                ours()
            return
        try:
            ours()
        except TypeError as error:
            if "memory" not in str(error):  # that somebody else sees, who would not see this
                raise
        else:
            x.value = Value(new.array, new.node or x.value.node)

    @invariant()
    def what_the_caller_has_stays_as_it_was(self) -> None:
        """Until the caller writes to it."""
        for array, before in (*self.handed, *((g._data, before) for g, before in self.given)):
            np.testing.assert_array_equal(array, before)
