"""save and load: what goes in comes out, and what cannot is refused by name."""

import math
import os
import stat
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd_lite as ag
from autograd_lite import nn, optim

both = pytest.mark.parametrize("suffix", [".npz", ".safetensors"])

REAL = st.one_of(
    hnp.boolean_dtypes(), hnp.integer_dtypes(), hnp.unsigned_integer_dtypes(), hnp.floating_dtypes()
)
MORE = st.one_of(
    REAL, hnp.complex_number_dtypes(), hnp.unicode_string_dtypes(min_len=1), hnp.datetime64_dtypes()
)
SHAPES = hnp.array_shapes(min_dims=0, min_side=0, max_side=3)
NUMBERS = st.one_of(st.integers(), st.floats(), st.booleans(), st.none())
# JSON has an escape for each half of a pair of surrogates, and takes two of them for one character.
TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.just("\ud800")


def states(arrays: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Whatever may be saved."""
    return st.recursive(
        st.one_of(NUMBERS, TEXT, arrays),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.lists(inner, max_size=3).map(tuple),
            st.dictionaries(st.one_of(TEXT, NUMBERS), inner, max_size=3),
        ),
        max_leaves=8,
    )


def assert_same(a: Any, b: Any) -> None:
    """The same types and values to the bit, nan and signs of zeros included."""
    assert type(a) is type(b)
    if isinstance(a, dict):
        assert_same(list(a.items()), list(b.items()))
    elif isinstance(a, (list, tuple)):
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            assert_same(x, y)
    elif isinstance(a, (np.ndarray, np.generic)):
        assert (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    elif isinstance(a, float):
        assert math.isnan(a) and math.isnan(b) if a != a else repr(a) == repr(b)  # noqa: PLR0124
    else:
        assert a == b


SCALARS = MORE.filter(lambda d: d.kind != "U").flatmap(lambda d: hnp.arrays(d, 1))


@given(states(hnp.arrays(MORE, SHAPES) | SCALARS.map(lambda array: array[0])))
def test_npz_gives_back_what_was_saved(
    tmp_path_factory: pytest.TempPathFactory, state: Any
) -> None:
    path = tmp_path_factory.mktemp("saved") / "state.npz"
    ag.save(path, state)
    assert_same(ag.load(path), state)


@given(states(hnp.arrays(REAL, SHAPES)))
def test_safetensors_gives_back_what_was_saved(
    tmp_path_factory: pytest.TempPathFactory, state: Any
) -> None:
    path = tmp_path_factory.mktemp("saved") / "state.safetensors"
    try:
        ag.save(path, state)
    except TypeError as error:
        assert "float128" in str(error)  # noqa: PT017  # on machines that have it
        return
    assert_same(ag.load(path), native(state))


def native(state: Any) -> Any:
    """The state with arrays in little-endian order, the one that the format has."""
    if isinstance(state, dict):
        return {key: native(value) for key, value in state.items()}
    if isinstance(state, (list, tuple)):
        return type(state)(map(native, state))
    return state.astype(state.dtype.newbyteorder("<")) if isinstance(state, np.ndarray) else state


@both
def test_the_state_of_a_training_goes_through_a_file(tmp_path: Path, suffix: str) -> None:
    """Positions of parameters are integers again, and the resumed run is the same to the bit."""
    model = nn.Linear(3, 2)
    optimizer = optim.Adam(model.parameters())
    x = ag.ones(4, 3)

    def step() -> None:
        optimizer.zero_grad()
        (model(x) ** 2).mean().backward()
        optimizer.step()

    step()
    path = tmp_path / f"training{suffix}"
    ag.save(path, {"model": model.state_dict(), "optimizer": optimizer.state_dict()})
    step()
    state = ag.load(path)
    assert list(state["optimizer"]["state"]) == [0, 1]
    expected = model.weight.numpy().tobytes()
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    step()
    assert model.weight.numpy().tobytes() == expected


def test_what_is_a_kind_of_something_comes_back_as_that(tmp_path: Path) -> None:
    class Named(str):
        __slots__ = ()

    path = tmp_path / "kinds.npz"
    memmap = np.memmap(tmp_path / "map", np.float32, "w+", shape=(2,))
    ag.save(
        path, [OrderedDict(a=1), Named("x"), np.str_(""), memmap, ag.ones(2, requires_grad=True)]
    )
    loaded = ag.load(path)
    assert_same(loaded, [{"a": 1}, "x", "", np.zeros(2, "f4"), np.ones(2, "f4")])
    assert loaded[4].flags.writeable


def test_numpy_reads_the_arrays_by_their_place(tmp_path: Path) -> None:
    """A place that cannot be a file's name is changed, and made to differ."""
    path = tmp_path / "state.npz"
    ag.save(path, {"model": {"0.weight": np.eye(2)}, "../x": np.ones(1), "___x": np.zeros(1)})
    with np.load(path) as archive:
        assert archive.files == ["structure.json", "model.0.weight", ".._x", "___x"]
        np.testing.assert_array_equal(archive["model.0.weight"], np.eye(2))
    ag.save(path, {"a/b": np.ones(1), "a:b": np.zeros(1), "x" * 999: np.ones(1)})
    with np.load(path) as archive:
        assert archive.files == ["structure.json", "a_b", "a_b~2", "x" * 200]


def test_any_layout_is_saved_by_its_values(tmp_path: Path) -> None:
    a = np.arange(24.0).reshape(2, 3, 4)
    state = [a.T, a[:, ::2], np.broadcast_to(a[0, 0], (2, 4)), a[..., ::-1]]
    for path in (tmp_path / "a.npz", tmp_path / "a.safetensors"):
        ag.save(path, state)
        for got, expected in zip(ag.load(path), state, strict=True):
            np.testing.assert_array_equal(got, expected)


CYCLE: list[Any] = [1]
CYCLE.append({"again": CYCLE})


def nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("state", "error", "message"),
    [
        ({"a": {"b": [1, object()]}}, TypeError, "save: a.b.1 is of type object; expected dicts"),
        ({"a": np.array([None])}, TypeError, r"save: a is \(1,\) object; expected floats"),
        ([np.zeros(2, "i4,f4")], TypeError, r"save: 0 is \(2,\) \[\('f0'"),
        ([np.zeros(2, "i4,f4")[0]], TypeError, r"save: 0 is \(\) \[\('f0'"),
        (
            [np.ma.array([1, 2], mask=[False, True])],
            TypeError,
            "save: 0 is a MaskedArray, of which only",
        ),
        ({"a": {(1, 2): 3}}, TypeError, r"save: a has the key \(1, 2\); expected strings, numbers"),
        ({"a": {1, 2}}, TypeError, "save: a is of type set; expected"),
        (b"x", TypeError, "save: the state is of type bytes; expected"),
        (nn.ReLU(), TypeError, r"save: the state is of type ReLU; .*: save its state_dict\(\)"),
        (print, TypeError, "save: the state is of type builtin_function_or_method"),
        ({"a": CYCLE}, ValueError, "save: a.1.again contains itself; expected at most 64 levels"),
        (nested(65), ValueError, r"save: (0\.){63}0 is nested too deeply; expected at most 64"),
    ],
)
@both
def test_what_cannot_be_saved_is_named_and_nothing_is_written(
    tmp_path: Path, suffix: str, state: Any, error: type[Exception], message: str
) -> None:
    path = tmp_path / f"state{suffix}"
    with pytest.raises(error, match=message):
        ag.save(path, state)
    assert list(tmp_path.iterdir()) == []


def test_the_deepest_state_and_one_thing_in_two_places_are_saved(tmp_path: Path) -> None:
    shared = [np.ones(1)]
    for state in (nested(64), {"a": shared, "b": shared}):
        ag.save(tmp_path / "a.npz", state)
        assert_same(ag.load(tmp_path / "a.npz"), state)


@pytest.mark.parametrize("dtype", ["c8", "m8[D]", "M8[s]"])
def test_what_safetensors_cannot_store_is_refused(tmp_path: Path, dtype: str) -> None:
    array = np.zeros(2, dtype)
    with pytest.raises(TypeError, match=r"save: x is \(2,\) .* all that .safetensors can st"):
        ag.save(tmp_path / "a.safetensors", {"x": array})
    ag.save(tmp_path / "a.safetensors", {"x": [array[0], 1]})  # in the structure
    assert_same(ag.load(tmp_path / "a.safetensors"), {"x": [array[0], 1]})


@pytest.mark.parametrize("name", ["model", "model.pt", ".npz", "npz"])
def test_another_ending_is_refused(tmp_path: Path, name: str) -> None:
    for call in (lambda: ag.save(tmp_path / name, 1), lambda: ag.load(tmp_path / name)):
        with pytest.raises(ValueError, match=rf"got the name '{name}'; expected one that ends in"):
            call()
    ag.save(tmp_path / "A.NPZ", 1)
    assert ag.load(tmp_path / "A.NPZ") == 1


def test_arguments_in_the_wrong_order_are_refused(tmp_path: Path) -> None:
    with pytest.raises(
        TypeError, match=r"save: got \{'a': 1\} as path; expected a string or a Path"
    ):
        ag.save({"a": 1}, tmp_path / "a.npz")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"load: got 7 as path"):
        ag.load(7)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"save: got 'a.x00.npz' as path; expected no zero byte"):
        ag.save("a\0.npz", 1)


def test_where_no_file_can_be_the_error_says_so(tmp_path: Path) -> None:
    """Also for somebody who may do everything, as tests in a container may."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder.npz").mkdir()
    with pytest.raises(FileNotFoundError, match=r"load: there is no file .*none.npz"):
        ag.load(tmp_path / "none.npz")
    with pytest.raises(FileNotFoundError, match=r"save: cannot write .*a.npz"):
        ag.save(tmp_path / "none" / "a.npz", 1)
    with pytest.raises(NotADirectoryError, match=r"save: cannot write .*a.npz"):
        ag.save(tmp_path / "file" / "a.npz", 1)
    with pytest.raises(IsADirectoryError, match=r"save: cannot write .*that is a folder"):
        ag.save(tmp_path / "folder.npz", 1)
    with pytest.raises(ag.LoadError, match=r"folder.npz: it is a folder"):
        ag.load(tmp_path / "folder.npz")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.npz"]


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and permissions are POSIX's")
def test_links_are_followed_permissions_kept_and_devices_left_alone(tmp_path: Path) -> None:
    real, link, pipe = tmp_path / "real.npz", tmp_path / "link.npz", tmp_path / "pipe.npz"
    ag.save(real, 1)
    real.chmod(0o640)
    link.symlink_to(real)
    ag.save(link, 2)
    assert link.is_symlink()
    assert ag.load(real) == 2
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="that is no regular file"):
        ag.save(pipe, 1)
    with pytest.raises(ag.LoadError, match="it is no regular file"):
        ag.load(pipe)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_without_safetensors_the_error_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.safetensors"
    ag.save(path, 1)
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    for call in (lambda: ag.save(path, 1), lambda: ag.load(path)):
        with pytest.raises(ImportError, match=r'pip install "autograd-lite\[safetensors\]", or'):
            call()
