"""Every op that has edges, at them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases_edge import EDGES
from tests.table import few

if TYPE_CHECKING:
    from tests.case_edge import Edge


@pytest.mark.parametrize(
    ("edge", "aspect"),
    [
        pytest.param(e, aspect, id=f"{e.op.__name__}-{aspect}")
        for e in EDGES
        for aspect in e.aspects
    ],
)
@few
@given(data=st.data())
def test_edge(edge: Edge, aspect: str, data: Any) -> None:
    edge.check(aspect, data.draw)
