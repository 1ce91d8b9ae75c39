"""Functions of large arrays in several threads: the same bits, warnings and errors as in one."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import threads
from autograd_lite.threads import LARGE, on_all_cores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FUNCTIONS = [ag.exp, ag.expm1, ag.log, ag.log1p, ag.sin, ag.cos, ag.tan, ag.tanh, ag.softplus]
FUNCTIONS += [ag.sigmoid, ag.softmax]
each_function = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)

LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "vector": lambda x: x,
    "matrix": lambda x: x[: x.size // 8 * 8].reshape(8, -1),
    "transposed": lambda x: x[: x.size // 8 * 8].reshape(8, -1).T,
    "gaps": lambda x: np.repeat(x, 2)[::2],
    "reversed": lambda x: x[::-1],
}


def forget() -> None:
    """Let the number of threads, and the threads, be found anew."""
    if threads._pool.cache_info().currsize:
        threads._pool().shutdown()
    threads._pool.cache_clear()
    threads.threads.cache_clear()


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., int]]:
    """A function that sets the variables, and gives the number of threads."""

    def among(ours: str | None, omp: str | None = None) -> int:
        for name, value in ((threads.VARIABLE, ours), ("OMP_NUM_THREADS", omp)):
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)
        forget()
        return threads.threads()

    yield among
    monkeypatch.undo()
    forget()


@pytest.fixture
def three(count: Callable[..., int]) -> None:
    """Three threads, also on a machine with one core."""
    assert count("3") == 3


def numbers(size: int, dtype: str) -> Any:
    """Some of all kinds: small and large, negative, infinite and nan."""
    x = np.random.default_rng(0).normal(0, 3, size)
    x[::97] *= 1000
    for step, value in ((1013, np.inf), (1511, -np.inf), (1777, np.nan), (2003, 0)):
        x[::step] = value
    return x.astype(dtype)


@pytest.mark.usefixtures("three")
@each_function
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
def test_all_sizes_give_the_bits_of_one_thread(
    function: Any, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = numbers(3 * LARGE + 5, dtype)
    for size in (LARGE - 1, LARGE, LARGE + 1, whole.size):
        x = whole[:size].copy()
        with np.errstate(all="ignore"):
            found = function(x)
            with monkeypatch.context() as patch:
                patch.setattr(threads, "LARGE", x.size + 1)
                expected = function(x)
        assert found.dtype == dtype
        assert found.tobytes() == expected.tobytes()


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
def test_all_layouts_give_the_bits_of_one_thread(layout: str, dtype: str) -> None:
    x = LAYOUTS[layout](numbers(LARGE + 16, dtype))
    with np.errstate(all="ignore"):
        found, expected = on_all_cores(np.exp, x), np.exp(x)
    assert found.shape == expected.shape
    assert found.tobytes() == expected.tobytes()


@pytest.mark.usefixtures("three")
def test_the_work_is_done_once_and_by_several_threads() -> None:
    """Each element is computed by one call; the caller and helpers take part."""
    barrier, names, sizes = threading.Barrier(3, timeout=60), set(), []

    def function(x: Any, out: Any) -> None:
        if threading.current_thread().name not in names:
            names.add(threading.current_thread().name)
            barrier.wait()
        sizes.append(x.size)
        np.copyto(out, x)

    x = numbers(LARGE + 5, "float32")
    assert on_all_cores(function, x).tobytes() == x.tobytes()
    assert sum(sizes) == x.size
    assert len(names) == 3
    assert sum(name.startswith("autograd_lite") for name in names) == 2


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("place", [0, LARGE // 2, -1])
def test_errstate_holds_in_all_threads(place: int) -> None:
    """Wherever the element is that overflows."""
    x = np.zeros(LARGE)
    x[place] = 1000
    with np.errstate(over="raise"), pytest.raises(FloatingPointError, match="overflow"):
        ag.exp(x)
    with np.errstate(over="ignore"):
        assert ag.exp(x)[place] == np.inf
    with np.errstate(over="warn"), pytest.warns(RuntimeWarning, match="overflow"):
        ag.exp(x)


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("in_helper", [True, False])
def test_an_error_in_any_thread_reaches_the_caller(in_helper: bool) -> None:
    barrier, caller, begun = threading.Barrier(3, timeout=60), threading.current_thread(), set()

    def function(_: Any, out: Any) -> None:
        thread = threading.current_thread()
        if thread not in begun:
            begun.add(thread)
            barrier.wait()  # until all have begun
        out[:] = 1
        if (thread is not caller) is in_helper:
            message = "no more"
            raise ZeroDivisionError(message)

    with pytest.raises(ZeroDivisionError, match="no more"):
        on_all_cores(function, np.zeros(3 * LARGE))
    assert (on_all_cores(np.exp, np.zeros(LARGE)) == 1).all()


def test_the_variables_say_how_many(count: Callable[..., int]) -> None:
    """Ours before that of OpenMP; what is no number above 0 counts for nothing."""
    default = count(None)
    assert default >= 1
    assert [count("2"), count("2", "5"), count(None, "5"), count("", "4")] == [2, 2, 5, 4]
    assert [count("0"), count("-1"), count("many"), count("1.5")] == [default] * 4
    assert count("0", "7") == 7


def test_one_thread_needs_no_pool(count: Callable[..., int]) -> None:
    assert count("1") == 1
    x = numbers(LARGE, "float32")
    with np.errstate(all="ignore"):
        assert on_all_cores(np.tanh, x).tobytes() == np.tanh(x).tobytes()
    assert threads._pool.cache_info().currsize == 0


@pytest.mark.usefixtures("three")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_forked_child_has_threads_of_its_own() -> None:
    x = np.linspace(-1, 1, LARGE)
    expected = np.exp(x).tobytes()
    assert on_all_cores(np.exp, x).tobytes() == expected
    child = os.fork()
    if not child:
        signal.alarm(60)  # which ends a child that waits for its parent's threads
        try:
            os._exit(0 if on_all_cores(np.exp, x).tobytes() == expected else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert on_all_cores(np.exp, x).tobytes() == expected


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("function", "slope", "curvature"),
    [
        (ag.exp, np.exp, np.exp),
        (ag.tanh, lambda x: 1 / np.cosh(x) ** 2, lambda x: -2 * np.tanh(x) / np.cosh(x) ** 2),
        (ag.sin, np.cos, lambda x: -np.sin(x)),
    ],
    ids=["exp", "tanh", "sin"],
)
def test_gradients_of_large_arrays(function: Any, slope: Any, curvature: Any) -> None:
    """Of orders one and two."""
    values = np.linspace(-2, 2, LARGE + 1)
    x = ag.tensor(values, requires_grad=True)
    (first,) = ag.grad(function(x).sum(), x, create_graph=True)
    (second,) = ag.grad(first.sum(), x)
    np.testing.assert_allclose(first.detach().numpy(), slope(values), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(second.numpy(), curvature(values), rtol=1e-12, atol=1e-14)
