"""Initialisers: their deviations, their streams of random numbers, their errors."""

import math
from functools import partial
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn

STDS = {
    "xavier": math.sqrt(1 / 300),
    "he": math.sqrt(2 / 300),
    "he_leaky": math.sqrt(2 / ((1 + 0.01**2) * 300)),
    "normal": 0.01,
    "uniform": math.sqrt(1 / 300) / math.sqrt(3),
    "glorot_uniform": math.sqrt(2 / 500),
    "glorot_normal": math.sqrt(2 / 500),
    "kaiming_uniform": math.sqrt(2 / 300),
    "kaiming_normal": math.sqrt(2 / 300),
    "orthogonal": math.sqrt(1 / 300),  # 200 columns of length 1
}


def test_every_method_is_named_here() -> None:
    """The table above has all of them."""
    assert STDS.keys() == nn.init.METHODS.keys()


@pytest.mark.parametrize("name", STDS)
def test_weights_have_the_deviation_of_their_method(name: str) -> None:
    """Mean 0, and the standard deviation that fan-in demands, within six standard errors."""
    weight = nn.Linear(300, 200, name, generator=np.random.default_rng(0)).weight.numpy()
    error = STDS[name] / math.sqrt(2 * weight.size)
    assert abs(weight.std() - STDS[name]) < 6 * error
    assert abs(weight.mean()) < 6 * STDS[name] / math.sqrt(weight.size)


def test_fan_in_may_differ_from_the_first_axis() -> None:
    """Weights that are not (in, out) say how many inputs a unit has."""
    draw = partial(nn.init.he, (2, 50), generator=np.random.RandomState(0))
    np.testing.assert_allclose(
        draw(fan_in=50), nn.init.normal((2, 50), generator=np.random.RandomState(0), std=0.2)
    )


def test_the_legacy_stream_is_that_of_randn() -> None:
    """RandomState(1) gives what np.random.seed(1) and randn give, layer after layer."""
    generator, reference = np.random.RandomState(1), np.random.RandomState(1)
    for shape in ((2, 128), (128, 64)):
        layer = nn.Linear(*shape, "xavier", dtype="float64", generator=generator)
        expected = reference.randn(*shape) * np.sqrt(1 / shape[0])
        np.testing.assert_array_equal(layer.weight.numpy(), expected)


def test_weights_are_drawn_in_float64_and_rounded() -> None:
    """The same seed gives the same weights at every dtype, but for rounding."""
    double, single = (
        nn.Linear(3, 4, dtype=dtype, generator=np.random.default_rng(0)).weight.numpy()
        for dtype in ("float64", "float32")
    )
    np.testing.assert_array_equal(single, double.astype(np.float32))


def test_the_library_generator_draws_unless_another_is_given() -> None:
    """manual_seed repeats the weights."""
    ag.manual_seed(3)
    first = nn.Linear(4, 4)
    ag.manual_seed(3)
    second = nn.Linear(4, 4)
    assert (first.weight == second.weight).all()


def test_a_function_may_draw() -> None:
    """A function of a shape and a generator, or one of the library's with settings, is a method."""

    def ones(shape: tuple[int, ...], generator: Any) -> Any:
        assert isinstance(generator, np.random.RandomState)
        return np.ones(shape)

    state = np.random.RandomState(0)
    assert (nn.Linear(2, 3, ones, generator=state).weight == 1).all()
    steep = partial(nn.init.he_leaky, alpha=1.0)
    weight = nn.Linear(2, 3, steep, dtype="float64", generator=np.random.RandomState(0)).weight
    xavier = nn.init.xavier((2, 3), generator=np.random.RandomState(0))
    np.testing.assert_allclose(weight.numpy(), xavier)


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4), (2, 3, 4)])
def test_orthogonal_weights_keep_lengths(shape: tuple[int, ...]) -> None:
    """The fewer of rows and columns are orthonormal, times the gain, in every shape."""
    drawn = nn.init.orthogonal(shape, generator=np.random.default_rng(0), gain=2.0)
    assert drawn.shape == shape
    matrix = drawn.reshape(-1, shape[-1])
    product = matrix @ matrix.T if matrix.shape[0] < matrix.shape[1] else matrix.T @ matrix
    np.testing.assert_allclose(product, 4 * np.eye(len(product)), atol=1e-14)
    with pytest.raises(ValueError, match=r"orthogonal: got shape \(3,\); expected at least two"):
        nn.init.orthogonal((3,))


def test_orthogonal_matrices_are_drawn_evenly() -> None:
    """No sign is preferred: the mean of many is the zero matrix, within six standard errors."""
    generator = np.random.default_rng(0)
    drawn = np.mean([nn.init.orthogonal((3, 3), generator=generator) for _ in range(1000)], axis=0)
    assert np.abs(drawn).max() < 6 / math.sqrt(3 * 1000)


def test_kaiming_counts_the_slope() -> None:
    """At a slope of 1 the layer is linear, and the deviation that of xavier; uniform up to 3."""
    state = np.random.RandomState
    steep = nn.init.kaiming_normal((4, 5), generator=state(0), alpha=1.0)
    np.testing.assert_allclose(steep, nn.init.xavier((4, 5), generator=state(0)))
    drawn = nn.init.kaiming_uniform((4, 500), generator=state(0), alpha=1.0)
    assert 0.99 * math.sqrt(3 / 4) < np.abs(drawn).max() < math.sqrt(3 / 4)


def test_an_unknown_method_is_refused() -> None:
    """The error lists the methods."""
    message = (
        "Linear: got init_method='hee'; expected one of xavier, he, he_leaky, normal, uniform,"
    )
    with pytest.raises(ValueError, match=message):
        nn.Linear(2, 3, "hee")


def test_a_function_that_draws_another_shape_is_refused() -> None:
    """The error has both shapes."""
    with pytest.raises(ValueError, match=r"init_method gave shape \(3, 2\); expected \(2, 3\)"):
        nn.Linear(2, 3, lambda shape, generator: np.ones(shape[::-1]))  # noqa: ARG005


def test_a_seed_is_no_generator() -> None:
    """The error says how to make one of a seed."""
    with pytest.raises(TypeError, match=r"Linear: got generator=1; .*np.random.default_rng\(0\)"):
        nn.Linear(2, 3, generator=1)  # type: ignore[arg-type]
