"""The state of a DataLoader and of random generators: where they were, to go on from there."""

import copy
import pickle
from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite.data import DataLoader
from autograd_lite.random_state import random_state, set_random_state


def loader_of(seed: int | None = 0, rows: int = 7, size: int = 2, **settings: Any) -> DataLoader:
    settings = {"shuffle": True, **settings}
    generator = None if seed is None else np.random.default_rng(seed)
    return DataLoader(np.arange(rows), size, generator=generator, **settings)


def rest(batches: Any) -> list[list[int]]:
    return [batch.numpy().tolist() for batch in batches]


@given(st.data())
def test_the_rest_of_an_epoch_follows_and_then_other_epochs(data: st.DataObject) -> None:
    """From any batch on, also the last, also where dropout draws from the same generator."""
    settings = {"shuffle": data.draw(st.booleans()), "drop_last": data.draw(st.booleans())}
    size = data.draw(st.integers(1, 7))
    loader = loader_of(0, size=size, **settings)
    done = data.draw(st.integers(1, len(loader)))
    batches = iter(loader)
    rest(islice(batches, done))
    loader.generator.random(3)
    state = pickle.loads(pickle.dumps(loader.state_dict()))  # noqa: S301
    expected = [rest(batches), rest(loader), rest(loader)]
    other = loader_of(1, size=size, **settings)
    other.load_state_dict(state)
    other.load_state_dict(other.state_dict())  # nothing was taken yet
    assert [rest(other), rest(other), rest(other)] == expected
    assert len(expected[0]) == len(loader) - done


def test_between_two_epochs_a_new_one_follows() -> None:
    """Also after a `break`, which gives the epoch up, and before the first batch."""
    loader = loader_of()
    for _ in range(2):
        assert loader.state_dict()["epoch"] is None
        batches = iter(loader)
        assert loader.state_dict()["epoch"] is None
        rest(batches)
    for _ in loader:
        assert loader.state_dict()["epoch"]["done"] == 1
        break
    state = loader.state_dict()
    assert state["epoch"] is None
    other = loader_of(5)
    batches = iter(other)
    next(batches)
    other.load_state_dict(state)
    assert other.state_dict()["epoch"] is None
    assert rest(other) == rest(loader)
    rest(batches)  # which was begun before, and goes its own way


def test_of_several_iterators_the_youngest_counts() -> None:
    loader = loader_of()
    first, second = iter(loader), iter(loader)
    next(first), next(second), next(second)
    del first
    assert loader.state_dict()["epoch"]["done"] == 2
    expected = rest(second)
    assert loader.state_dict()["epoch"] is None
    assert len(expected) == 2


def test_the_librarys_generator_is_not_the_loaders_to_save() -> None:
    ag.manual_seed(0)
    loader = loader_of(None)
    batches = iter(loader)
    next(batches)
    state = loader.state_dict()
    assert state["generator"] is None
    ag.manual_seed(7)
    other = loader_of(None)
    other.load_state_dict(state)
    assert rest(other) == rest(batches)


def test_the_state_is_a_copy_and_so_is_a_copied_loader() -> None:
    loader = loader_of()
    batches = iter(loader)
    next(batches)
    state = loader.state_dict()
    twin = copy.deepcopy(loader)
    twin.load_state_dict(state)
    state["epoch"]["order"][:] = 0
    assert rest(twin) == rest(batches)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda _: 7, r"got 7; expected what state_dict\(\) gave"),
        (lambda _: {"epoch": None}, r"expected what state_dict\(\) gave"),
        (lambda s: {**s, "epoch": 3}, "got 3; expected an epoch with"),
        (lambda s: {**s, "epoch": {}}, "got {}; expected an epoch with"),
        (lambda s: s | {"epoch": s["epoch"] | {"done": 5}}, "got 5 batches done; expected 0 to 4"),
        (lambda s: s | {"epoch": s["epoch"] | {"done": 1.0}}, "got 1.0 batches done"),
        (
            lambda s: s | {"epoch": s["epoch"] | {"order": None}},
            "got the order .*; expected each of 7 rows",
        ),
        (lambda s: s | {"epoch": s["epoch"] | {"order": [0] * 7}}, "got the order"),
        (lambda s: s | {"epoch": s["epoch"] | {"order": [[0], [1, 2]]}}, "got the order"),
        (lambda s: s | {"epoch": s["epoch"] | {"order": [[6, 5, 4, 3, 2, 1, 0]]}}, "got the order"),
        (lambda s: {**s, "generator": None}, "got no generator's state; expected one, as the"),
        (lambda s: {**s, "generator": {}}, "random generator: got {}, which does not fit"),
    ],
)
def test_a_state_that_does_not_fit_a_loader_is_refused(
    change: Callable[[Any], Any], message: str
) -> None:
    loader = loader_of()
    batches = iter(loader)
    next(batches)
    before = repr(loader.state_dict())
    with pytest.raises(ValueError, match=message):
        loader.load_state_dict(change(loader.state_dict()))
    assert repr(loader.state_dict()) == before


@pytest.mark.parametrize(
    "other", [{"rows": 8}, {"size": 3}, {"shuffle": False}, {"drop_last": True}, {"seed": None}]
)
def test_the_state_of_another_loader_is_refused_in_the_middle_of_an_epoch(
    other: dict[str, Any],
) -> None:
    """Between two epochs only the generator must be alike."""
    loader = loader_of()
    state = loader.state_dict()
    if "seed" not in other:
        loader_of(**other).load_state_dict(state)
    for _ in loader:
        state = loader.state_dict()
    with pytest.raises(ValueError, match=r"DataLoader.load_state_dict: got (the middle of|a gen)"):
        loader_of(**other).load_state_dict(state)


KINDS = [np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64]


@pytest.mark.parametrize("kind", [*KINDS, None])
def test_a_generator_goes_on_from_its_state(kind: Any) -> None:
    """The cached half of a word and the cached normal number included."""

    def make(seed: int) -> Any:
        if kind is None:
            return np.random.RandomState(seed)
        return np.random.Generator(kind(seed))

    def draw(generator: Any) -> list[Any]:
        if kind is not None:
            return [generator.integers(9, size=3, dtype=np.int32).tolist(), generator.random()]
        return [generator.standard_normal(3).tolist(), generator.randint(9)]

    a, b = make(0), make(1)
    draw(a)
    state = random_state(a)
    expected = draw(a)
    set_random_state(b, state)
    assert draw(b) == expected
    before = repr(random_state(b))
    wrong = {**state, "state": {}}
    for bad in (3, {}, wrong, {**state, "bit_generator": "X"}, random_state(OTHER[kind is None])):
        with pytest.raises(ValueError, match=r"random generator: got .*, which does not fit \("):
            set_random_state(b, bad)
        assert repr(random_state(b)) == before


OTHER: list[Any] = [np.random.RandomState(0), np.random.default_rng(0)]
