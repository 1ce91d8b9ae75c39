"""Every op that has edges, at them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.case_edge import Edge
from tests.cases_edge import EDGES
from tests.table import few


@pytest.mark.parametrize(
    ("edge", "aspect"), [(edge, aspect) for edge in EDGES for aspect in edge.aspects]
)
@few
@given(data=st.data())
def test_edge(edge: Edge, aspect: str, data: Any) -> None:
    edge.check(aspect, data.draw)
