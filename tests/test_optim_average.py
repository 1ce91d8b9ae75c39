"""The running average of parameters."""

import json
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn, optim

EMA = optim.ExponentialMovingAverage


def leaves(*shapes: tuple[int, ...], dtype: str = "f8") -> list[ag.Tensor]:
    """Parameters with some values."""
    rng = np.random.default_rng(0)
    return [ag.tensor(rng.standard_normal(s).astype(dtype), requires_grad=True) for s in shapes]


def averaged(average: EMA) -> list[Any]:
    """The averages, as the parameters hold them."""
    with average.average_parameters():
        return [param.numpy().copy() for param in average.params]


@given(
    st.lists(st.floats(-10, 10), min_size=1, max_size=30),
    st.floats(0, 0.999),
    st.booleans(),
    st.booleans(),
)
def test_it_is_its_formula(points: list[float], decay: float, warmup: bool, bias: bool) -> None:
    """A <- d A + (1 - d) W; d grows with a warm-up; a correction weighs the later values alone."""
    w = ag.tensor(np.array([5.0]), requires_grad=True)
    average = EMA([w], decay, bias_correction=bias, warmup=warmup)
    expected, weight = 0.0 if bias else 5.0, 0.0 if bias else 1.0
    for t, point in enumerate(points, start=1):
        w.data[...] = point
        average.update()
        d = min(decay, (1 + t) / (10 + t)) if warmup else decay
        expected, weight = d * expected + (1 - d) * point, d * weight + (1 - d)
    np.testing.assert_allclose(averaged(average)[0], expected / weight, rtol=1e-9, atol=1e-12)


def test_values_come_back() -> None:
    """After the context, and after an error in it, bit for bit; inside another one too."""
    params = leaves((3,), (), (0, 2), (2, 2))
    average = EMA(params, 0.5)
    for param in params:
        param.data[...] += 1
    average.update()
    before = [param.numpy().tobytes() for param in params]

    def fail() -> None:
        with average.average_parameters(), average.average_parameters():
            assert params[0].numpy().tobytes() != before[0]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert [param.numpy().tobytes() for param in params] == before


def test_no_recorded_graph_sees_the_swap() -> None:
    """A gradient is that of the values that the forward pass saw."""
    (w,), x = leaves((2,)), ag.tensor(np.ones(2), requires_grad=True)
    average = EMA([w], 0.5)
    w.data[...] = 7.0
    y = (w * x).sum()
    with average.average_parameters():
        y.backward()
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.numpy(), [7.0, 7.0])


@pytest.mark.parametrize("through", ["pickle", "json"])
def test_it_resumes_bit_for_bit(through: str) -> None:
    """From its state, as bytes or as JSON."""
    params = leaves((3,), (), dtype="f4")
    average = EMA(params, 0.9, bias_correction=True, warmup=True)

    def move(times: int, *averages: EMA) -> None:
        for _ in range(times):
            for param in params:
                param.data[...] *= 1.1
            for one in averages:
                one.update()

    move(3, average)
    state = average.state_dict()
    if through == "pickle":
        state = pickle.loads(pickle.dumps(state))  # noqa: S301
    else:
        state = json.loads(json.dumps(state, default=lambda array: array.tolist()))
    other = EMA(params)
    other.load_state_dict(state)
    move(3, average, other)
    pairs = zip(averaged(average), averaged(other), strict=True)
    assert all(a.tobytes() == b.tobytes() and a.dtype == np.float32 for a, b in pairs)


def test_averages_are_copied_to_another_model() -> None:
    """As a model for evaluation beside the one that is trained."""
    model, other = nn.Linear(2, 3), nn.Linear(2, 3)
    average = EMA(model.parameters())
    average.copy_to(other.parameters())
    for a, b in zip(model.parameters(), other.parameters(), strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    message = r"copy_to: got shapes \[\(1, 3\), \(1, 3\)\]; expected \[\(2, 3\), \(1, 3\)\]"
    with pytest.raises(ValueError, match=message):
        average.copy_to(nn.Sequential(nn.Linear(1, 3)).parameters())


def test_it_follows_the_model_to_another_dtype() -> None:
    """After Module.to."""
    model = nn.Linear(2, 3)
    average = EMA(model.parameters())
    model.to("float64")
    average.update()
    assert {array.dtype for array in averaged(average)} == {np.dtype("f8")}


def test_wrong_use_is_explained() -> None:
    """Bad settings, no parameters, no average yet, an update of averages, another state."""
    (w,) = leaves((2,))
    with pytest.raises(ValueError, match=r"ExponentialMovingAverage: got decay=1.0; expected"):
        EMA([w], 1.0)
    with pytest.raises(TypeError, match="ExponentialMovingAverage: got a Linear; expected param"):
        EMA(nn.Linear(1, 1))  # type: ignore[arg-type]
    average = EMA([w], bias_correction=True)
    with pytest.raises(ValueError, match="there is no average yet; call update"):
        average.copy_to()
    average.update()
    state = average.state_dict()
    refused = pytest.raises(RuntimeError, match="the parameters hold their averages now; call it")
    with average.average_parameters():
        for forbidden in (
            average.update,
            average.state_dict,
            lambda: average.load_state_dict(state),
        ):
            with refused:
                forbidden()
    for bad in (
        {},
        7,
        {**state, "averages": [np.zeros(3)]},
        {**state, "averages": [["x"]]},
        {**state, "decay": 2},
        {**state, "updates": "many"},
        {**state, "remainder": None},
    ):
        with pytest.raises((TypeError, ValueError), match="ExponentialMovingAverage"):
            average.load_state_dict(bad)  # type: ignore[arg-type]
    assert average.state_dict()["decay"] == 0.999
    assert average.updates == 1
