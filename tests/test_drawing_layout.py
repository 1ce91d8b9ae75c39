"""The layout of drawings: what holds for any graph."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite.drawing.layers import crossings, layered
from autograd_lite.drawing.layout import lay_out

Case = tuple[list[tuple[float, float]], list[tuple[int, int]]]

size = st.tuples(st.floats(10, 300), st.floats(10, 120))


@st.composite
def dags(draw: st.DrawFn) -> Case:
    """Sizes of boxes, and edges without a cycle, some of them twice; the numbers are shuffled."""
    sizes = draw(st.lists(size, min_size=1, max_size=14))
    count = len(sizes)
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1))
    drawn = draw(st.lists(pairs.filter(lambda p: p[0] != p[1]), max_size=30)) if count > 1 else []
    names = draw(st.permutations(range(count)))
    return sizes, [(names[min(p)], names[max(p)]) for p in drawn]


@given(dags())
def test_boxes_do_not_overlap_and_lie_inside(case: Case) -> None:
    layout = lay_out(*case)
    for a, b in combinations(layout.places, 2):
        beside = abs(a.middle - b.middle) >= (a.width + b.width) / 2 - 1e-6
        above = a.top + a.height <= b.top + 1e-6 or b.top + b.height <= a.top + 1e-6
        assert beside or above
    for place in layout.places:
        assert place.middle - place.width / 2 >= -1e-6
        assert place.middle + place.width / 2 <= layout.width + 1e-6
        assert 0 <= place.top <= place.top + place.height <= layout.height + 1e-6
    assert [place[2:] for place in layout.places] == case[0]


@given(dags())
def test_every_edge_goes_down_from_one_box_to_another(case: Case) -> None:
    sizes, edges = case
    layout = lay_out(sizes, edges)
    for (source, target), line in zip(edges, layout.lines, strict=True):
        above, below = layout.places[source], layout.places[target]
        assert line[0] == (above.middle, above.top + above.height)
        assert line[-1][1] == below.top
        assert abs(line[-1][0] - below.middle) < below.width / 2
        assert all(a[1] <= b[1] + 1e-6 for a, b in pairwise(line))
        assert all(-1e-6 <= x <= layout.width + 1e-6 for x, _ in line)


@given(dags())
def test_no_edge_goes_through_a_box(case: Case) -> None:
    """A stretch that bends stays between the layers; beside the boxes of one it is vertical."""
    sizes, edges = case
    layout = lay_out(sizes, edges)
    for (source, target), line in zip(edges, layout.lines, strict=True):
        others = [p for box, p in enumerate(layout.places) if box not in {source, target}]
        for number, ((x, y), (to_x, to_y)) in enumerate(pairwise(line)):
            assert number % 2 == 1 or x == to_x
            for place in others:
                if y < place.top + place.height - 1e-6 and to_y > place.top + 1e-6:
                    assert number % 2 == 0
                    assert abs(x - place.middle) > place.width / 2


@given(dags())
def test_edges_of_one_box_share_their_way(case: Case) -> None:
    """So the number of waypoints grows with boxes times layers at most."""
    sizes, edges = case
    layers = layered(len(sizes), edges)
    waypoints = len(layers.above) - len(sizes)
    assert waypoints <= len({source for source, _ in edges}) * max(len(layers.rows) - 2, 0)
    assert all(len(above) == 1 for above in layers.above[len(sizes) :])


def test_a_straight_chain_is_drawn_straight() -> None:
    sizes = [(100.0, 20.0), (40.0, 30.0), (260.0, 20.0), (80.0, 20.0)]
    layout = lay_out(sizes, [(0, 1), (1, 2), (2, 3)])
    assert {place.middle for place in layout.places} == {130.0}
    assert layout.width == 260


def test_an_edge_that_passes_layers_is_straight_beside_them() -> None:
    sizes = [(100.0, 20.0)] * 6
    layout = lay_out(sizes, [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (0, 5)])
    inner = layout.lines[-1][2:-2]
    assert len({round(x, 6) for x, _ in inner}) == 1


def test_a_source_stands_close_to_what_uses_it() -> None:
    layers = layered(5, [(0, 1), (1, 2), (2, 3), (4, 3)])
    assert [sorted(row) for row in layers.rows] == [[0], [1], [2, 4], [3]]


@pytest.mark.parametrize("size", [3, 6])
def test_crossings_that_need_not_be_are_undone(size: int) -> None:
    """Each box with its mirror image below: in one order all edges cross, in another none."""
    edges = [(i, 2 * size - 1 - i) for i in range(size)]
    layers = layered(2 * size, edges)
    assert crossings(layers.rows, layers.below) == 0


def test_two_orders_of_a_square_cross_once() -> None:
    assert crossings([[0, 1], [3, 2]], [[2], [3], [], []]) == 1
    assert crossings([[0, 1], [2, 3]], [[2, 3], [2, 3], [], []]) == 1


def test_nothing_is_laid_out_as_nothing() -> None:
    assert lay_out([], []) == ([], [], 0.0, 0.0)


def test_a_thousand_boxes_in_a_chain_need_no_recursion() -> None:
    layout = lay_out([(10.0, 10.0)] * 3000, [(i, i + 1) for i in range(2999)])
    assert {place.middle for place in layout.places} == {5.0}
