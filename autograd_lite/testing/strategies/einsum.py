"""Einstein sums: subscripts, and shapes that fit them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from autograd_lite.testing.strategies.shapes import shapes, sizes

if TYPE_CHECKING:
    from autograd_lite.testing.strategies.calls import Call
    from autograd_lite.testing.strategies.shapes import Shape

SUBSCRIPTS = (
    "ij,jk->ik", "ij,jk", "ba", "ij->ji", "ij->j", "ij->", "ii->i", "ii", "iij->ji", "i,j->ij",
    "i,i->", "i,i,i->i", "ij,ij->", "ij,kl->ik", "ij,kl->", "ij,jk,kl->il", "bij,bjk->bik",
    "iij,j->i", "...ij,...jk->...ik", "...i->...", "i...,i->...", "...,...", "i->i", "ij,i,j->",
)  # fmt: skip
_LETTERS = "abiJ"  # more would make the index space too large for finite differences


def einsums(max_operands: int = 3) -> st.SearchStrategy[Call]:
    """Calls of an Einstein sum: shapes, and `subscripts` that they fit.

    Subscripts are drawn letter by letter: some are in several operands, some twice in one (a
    diagonal), some in one alone (a sum). The result is implicit, or any of the letters in any
    order; axes under `...` broadcast; 0-d operands, empty ones and spaces occur. One call of three
    has well-known subscripts instead, `SUBSCRIPTS`. Where a letter stands once in an operand, the
    size there may be 1 in place of that of other operands.

    Args:
        max_operands: the greatest number of operands.

    Example:
        >>> import numpy as np
        >>> from hypothesis import given
        >>> @given(einsums())
        ... def test(call):
        ...     shapes, arguments = call
        ...     np.einsum(arguments["subscripts"], *(np.ones(shape) for shape in shapes))
        >>> test()
    """
    if max_operands < 1:
        message = f"einsums: got max_operands={max_operands}; expected a number from 1"
        raise ValueError(message)
    known = [text for text in SUBSCRIPTS if text.count(",") < max_operands]
    drawn = _subscripts(max_operands)
    return st.one_of(st.sampled_from(known), drawn, drawn).flatmap(_fitting)


@st.composite
def _subscripts(draw: st.DrawFn, max_operands: int) -> str:
    """Subscripts of up to so many operands."""
    dots = draw(st.booleans())
    term = st.text(_LETTERS, max_size=2 if dots else 3)
    terms = draw(st.lists(term, min_size=1, max_size=max_operands))
    used = sorted({*"".join(terms)})
    if dots:
        places = [draw(st.integers(0, len(text))) for text in terms]
        several = zip(terms, places, strict=True)
        terms = [f"{text[:i]}...{text[i:]}" for text, i in several]
    comma, arrow = draw(st.sampled_from([(",", "->"), (",", "->"), (", ", " -> ")]))
    left = comma.join(terms)
    if draw(st.booleans()):
        return left
    kept = draw(st.permutations(used))[: draw(st.integers(0, len(used)))]
    at = draw(st.integers(0, len(kept)))
    return f"{left}{arrow}{''.join(kept[:at])}{'...' if dots else ''}{''.join(kept[at:])}"


@st.composite
def _fitting(draw: st.DrawFn, subscripts: str) -> Call:
    """Shapes that fit subscripts, with them."""
    terms = subscripts.replace(" ", "").split("->")[0].split(",")
    letters = sorted({*"".join(terms)} - {"."})
    drawn = dict(zip(letters, draw(sizes(len(letters), 0, 3)), strict=True))
    (extra,) = draw(shapes(max_dims=2, min_side=1))
    return [draw(_shape(term, drawn, extra)) for term in terms], {"subscripts": subscripts}


@st.composite
def _shape(draw: st.DrawFn, term: str, sizes: dict[str, int], extra: Shape) -> Shape:
    """The shape of an operand, whose `...` is for some of the last axes of `extra`."""
    before, dots, behind = term.partition("...")
    ellipsis = extra[draw(st.integers(0, len(extra))) :] if dots else ()
    shape = [*(sizes[i] for i in before), *ellipsis, *(sizes[i] for i in behind)]
    repeated = len({*before, *behind}) < len(before + behind)
    if shape and not repeated and draw(st.booleans()):
        shape[draw(st.integers(0, len(shape) - 1))] = 1
    return tuple(shape)
