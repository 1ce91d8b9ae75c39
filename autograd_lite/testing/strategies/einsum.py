"""Einstein sums: subscripts, and shapes that fit them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

if TYPE_CHECKING:
    from autograd_lite.testing.strategies.calls import Call
    from autograd_lite.testing.strategies.shapes import Shape

SUBSCRIPTS = [
    "ij,jk->ik", "ij,jk", "ba", "ij->ji", "ij->j", "ij->", "ii->i", "ii", "iij->ji", "i,j->ij",
    "i,i->", "i,i,i->i", "ij,ij->", "ij,kl->ik", "ij,kl->", "ij,jk,kl->il", "bij,bjk->bik",
    "iij,j->i", "...ij,...jk->...ik", "...i->...", "i...,i->...", "...,...", "i->i", "ij,i,j->",
]  # fmt: skip


def einsums() -> st.SearchStrategy[Call]:
    """Subscripts, and shapes that fit them; where an index is shared, a size may be 1."""
    return _einsums()


@st.composite
def _einsums(draw: st.DrawFn) -> Call:
    subscripts = draw(st.sampled_from(SUBSCRIPTS))
    sizes = {letter: draw(st.integers(0, 3)) for letter in "abijkl"}
    extra = draw(hnp.array_shapes(min_dims=0, max_dims=2, min_side=1, max_side=3))
    shapes: list[Shape] = []
    for term in subscripts.split("->")[0].split(","):
        letters, dots, rest = term.partition("...")
        ellipsis = extra[draw(st.integers(0, len(extra))) :] if dots else ()
        shape = [*(sizes[i] for i in letters), *ellipsis, *(sizes[i] for i in rest)]
        repeated = len(set(letters + rest)) < len(letters + rest)
        if shape and not repeated and draw(st.booleans()):
            shape[draw(st.integers(0, len(shape) - 1))] = 1
        shapes.append(tuple(shape))
    return shapes, {"subscripts": subscripts}
