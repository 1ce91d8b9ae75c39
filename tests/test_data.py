"""Batches and one-hot labels."""

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd_lite as ag
from autograd_lite.data import DataLoader, TensorDataset, one_hot

STRUCTURES = ["tuple", "dict", "array", "dataset", "dict dataset"]

sizes = st.integers(1, 40)
orders = st.fixed_dictionaries({"shuffle": st.booleans(), "drop_last": st.booleans()})


def make(structure: str, rows: int, *, tensors: bool = False) -> Any:
    """Data whose row i holds i, i + 0.5, ... and, where there is a second array, i itself."""
    numbers = np.arange(rows)
    x: Any = (numbers[:, None] + np.array([0, 0.5])).astype(np.float32)
    y: Any = numbers
    if tensors:
        x, y = ag.tensor(x), ag.tensor(y)
    return {
        "tuple": (x, y),
        "dict": {"x": x, "y": y},
        "array": x,
        "dataset": TensorDataset(x, y),
        "dict dataset": TensorDataset({"x": x, "y": y}),
    }[structure]


def parts(structure: str, batch: Any) -> list[Any]:
    """The tensors of a batch, which must have the structure of its data."""
    if structure == "array":
        assert isinstance(batch, ag.Tensor)
        return [batch]
    if "dict" in structure:
        assert list(batch) == ["x", "y"]
        return list(batch.values())
    assert isinstance(batch, tuple)
    return list(batch)


# ---- epochs


@given(st.sampled_from(STRUCTURES), sizes, sizes, orders, st.booleans())
def test_an_epoch_gives_each_row_once(
    structure: str, rows: int, batch_size: int, order: Any, tensors: bool
) -> None:
    """In batches of the given size, the rows of all arrays together, in the data's structure."""
    if order["drop_last"]:
        batch_size = min(batch_size, rows)
    loader = DataLoader(make(structure, rows, tensors=tensors), batch_size, **order)
    batches = [parts(structure, batch) for batch in loader]
    assert len(batches) == len(loader)
    lengths = [len(batch[0]) for batch in batches]
    assert lengths[:-1] == [batch_size] * (len(lengths) - 1)
    expected = rows - rows % batch_size if order["drop_last"] else rows
    assert sum(lengths) == expected
    seen = [int(row[0]) for batch in batches for row in batch[0].numpy()]
    assert len(set(seen)) == expected
    assert set(seen) <= set(range(rows))
    if not order["shuffle"]:
        assert seen == list(range(expected))
    for x, *rest in batches:
        np.testing.assert_array_equal(x.numpy()[:, 1], x.numpy()[:, 0] + 0.5)
        for y in rest:
            np.testing.assert_array_equal(y.numpy(), x.numpy()[:, 0])
            assert y.dtype == np.int64
        assert x.dtype == np.float32


def rows_of(loader: DataLoader) -> list[int]:
    return [int(i) for batch in loader for i in batch.numpy()]


def test_shuffling_follows_manual_seed() -> None:
    loader = DataLoader(np.arange(50), 8, shuffle=True)
    ag.manual_seed(3)
    first, second = rows_of(loader), rows_of(loader)
    assert first != second
    ag.manual_seed(3)
    assert [rows_of(loader), rows_of(loader)] == [first, second]


def test_the_librarys_generator_is_looked_up_when_an_epoch_begins() -> None:
    """A loader made before `manual_seed` follows it, and draws nothing while it is made."""
    ag.manual_seed(4)
    expected = ag.get_generator().permutation(9).tolist()
    ag.manual_seed(4)
    loader = DataLoader(np.arange(9), shuffle=True)
    assert rows_of(loader) == expected


@pytest.mark.parametrize("make_generator", [np.random.default_rng, np.random.RandomState])
def test_a_generator_of_its_own_leaves_the_librarys_alone(make_generator: Any) -> None:
    ag.manual_seed(5)
    state = ag.get_generator().bit_generator.state  # type: ignore[union-attr]
    loader = DataLoader(np.arange(20), 3, shuffle=True, generator=make_generator(1))
    assert rows_of(loader) == make_generator(1).permutation(20).tolist()
    assert ag.get_generator().bit_generator.state == state  # type: ignore[union-attr]


def test_two_epochs_may_run_at_once() -> None:
    loader = DataLoader(np.arange(6), 2)
    pairs = [(a.numpy()[0], b.numpy()[0]) for a, b in zip(loader, loader, strict=True)]
    assert pairs == [(0, 0), (2, 2), (4, 4)]


def test_no_rows_give_no_batches() -> None:
    assert list(DataLoader(np.empty((0, 3)), 4, drop_last=True)) == []


# ---- memory


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_batch_of_an_ndarray_has_memory_of_its_own(shuffle: bool) -> None:
    """Neither side sees what is written to the other afterwards."""
    data = np.zeros((6, 2))
    for batch in DataLoader(data, 3, shuffle=shuffle):
        assert not np.shares_memory(batch.data, data)
        batch.data[...] = 1
        np.testing.assert_array_equal(data, 0)


def test_a_batch_of_a_tensor_in_order_is_a_slice_without_a_copy() -> None:
    data = ag.zeros(6, 2)
    for batch in DataLoader(data, 3):
        assert np.shares_memory(batch._data, data._data)


def test_a_slice_of_a_tensor_whose_array_somebody_holds_is_a_copy() -> None:
    data = ag.zeros(6, 2)
    held = data.data
    w = ag.ones(2, requires_grad=True)
    for batch in DataLoader(data, 6):
        loss = ((batch + 1) * w).sum()
        held[...] = 100
        loss.backward()
        np.testing.assert_array_equal(batch.numpy(), 0)
    np.testing.assert_array_equal(w.grad.numpy(), [6, 6])  # type: ignore[union-attr]


def test_writing_to_a_slice_or_to_its_tensor_leaves_the_other_as_it_was() -> None:
    data = ag.zeros(6, 2)
    first, second = DataLoader(data, 3)
    first.data[...] = 1
    np.testing.assert_array_equal(data.numpy(), 0)
    data.data[...] = 2
    np.testing.assert_array_equal(second.numpy(), 0)


def test_a_graph_keeps_the_values_of_its_batch() -> None:
    """The data may change between a forward and a backward pass."""
    data = np.ones((4, 2), np.float32)
    w = ag.ones(2, requires_grad=True)
    for batch in DataLoader(data, 4):
        loss = (batch * w).sum()
        data[...] = 100
        loss.backward()
    np.testing.assert_array_equal(w.grad.numpy(), [4, 4])  # type: ignore[union-attr]


def test_later_batches_show_what_was_written_to_the_data() -> None:
    data = np.zeros(4)
    loader = DataLoader(data, 2)
    data[:] = 7
    assert rows_of(loader) == [7, 7, 7, 7]


def test_tensors_that_require_a_gradient_get_it_through_their_batches() -> None:
    x = ag.tensor([1.0, 2.0, 3.0], requires_grad=True)
    for (batch,) in DataLoader((x,), 2, shuffle=True):
        (batch * batch).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), [2, 4, 6])  # type: ignore[union-attr]


def test_a_mapped_file_is_read_slice_by_slice(tmp_path: Any) -> None:
    np.save(tmp_path / "x.npy", np.arange(10))
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert rows_of(DataLoader(mapped, 4)) == list(range(10))
    assert type(next(iter(DataLoader(mapped, 4, shuffle=True)))._data) is np.ndarray


# ---- datasets


def test_a_dataset_takes_rows_by_number_slice_and_array() -> None:
    dataset = TensorDataset(np.arange(5) * 10, ag.arange(5))
    assert len(dataset) == 5
    taken: Any = [dataset[i] for i in (1, slice(-2, None), np.array([4, 0]), [True] + [False] * 4)]
    assert [[part.numpy().tolist() for part in parts] for parts in taken] == [
        [10, 1],
        [[30, 40], [3, 4]],
        [[40, 0], [4, 0]],
        [[0], [0]],
    ]
    with pytest.raises(IndexError):
        dataset[5]


def test_a_dataset_that_overrides_getitem_is_asked_for_whole_batches() -> None:
    asked = []

    class Doubled(TensorDataset):
        def __getitem__(self, rows: Any) -> Any:
            asked.append(rows)
            (x,) = super().__getitem__(rows)
            return x * 2

    assert rows_of(DataLoader(Doubled(np.arange(5)), 3)) == [0, 2, 4, 6, 8]
    assert asked == [slice(0, 3), slice(3, 5)]


def test_datasets_and_loaders_show_what_they_hold_and_survive_pickling() -> None:
    loader = DataLoader({"x": np.zeros((5, 2)), "y": np.arange(5)}, 2, shuffle=True)
    assert repr(loader) == (
        "DataLoader(TensorDataset('x': (5, 2) float64, 'y': (5,) int64), batch_size=2,"
        " shuffle=True, drop_last=False)"
    )
    assert len(pickle.loads(pickle.dumps(loader))) == 3  # noqa: S301  # our own


@pytest.mark.parametrize(
    ("kind", "make_it", "message"),
    [
        (ValueError, TensorDataset, "no arrays"),
        (ValueError, lambda: DataLoader(()), "no arrays"),
        (
            ValueError,
            lambda: DataLoader((np.zeros(3), np.zeros(2), np.zeros(3))),
            r"lengths 3 \(0\), 2 \(1\), 3 \(2\)",
        ),
        (
            ValueError,
            lambda: DataLoader({"x": np.zeros(3), "y": np.zeros(1)}),
            r"lengths 3 \('x'\), 1 \('y'\)",
        ),
        (TypeError, lambda: DataLoader([[1, 2], [3, 4]]), r"DataLoader\(\(x, y\)\)"),
        (TypeError, lambda: DataLoader((np.zeros(2), [1, 2])), r"np\.asarray"),
        (TypeError, lambda: TensorDataset(np.float64(1)), "expected an ndarray or a Tensor"),
        (TypeError, lambda: TensorDataset(ag.tensor(1.0)), "a single number for 0"),
        (TypeError, lambda: TensorDataset(np.array(["a", "b"])), "encode classes as integers"),
        (ValueError, lambda: DataLoader(np.zeros(3), 0), "batch_size=0"),
        (ValueError, lambda: DataLoader(np.zeros(3), 2.0), r"batch_size=2\.0"),  # type: ignore[arg-type]
        (ValueError, lambda: DataLoader(np.zeros(3), batch_size=True), "batch_size=True"),
        (ValueError, lambda: DataLoader(np.zeros(3), 4, drop_last=True), "leaves no batch of 3"),
        (TypeError, lambda: DataLoader(np.zeros(3), generator=1), r"default_rng\(seed\)"),  # type: ignore[arg-type]
    ],
)
def test_wrong_data_and_settings_are_refused(kind: Any, make_it: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        make_it()


# ---- one_hot


@given(st.data(), hnp.array_shapes(min_dims=0, max_dims=3, min_side=0), st.integers(1, 12))
def test_one_hot_is_the_row_of_the_unit_matrix(data: Any, shape: Any, classes: int) -> None:
    """For labels of every integer dtype and shape, as an array, a tensor or lists."""
    dtype = data.draw(hnp.integer_dtypes() | hnp.unsigned_integer_dtypes())
    labels = data.draw(hnp.arrays(dtype, shape, elements=st.integers(0, classes - 1)))
    expected = np.eye(classes, dtype=np.float32)[labels.astype(int)]
    forms = [labels, labels.tolist()]
    if dtype.isnative:
        forms.append(ag.Tensor(labels))
    for given_labels in forms:
        result = one_hot(given_labels, classes)
        assert result.dtype == np.float32
        if not (isinstance(given_labels, list) and labels.size == 0):
            np.testing.assert_array_equal(result.numpy(), expected)


def test_one_hot_counts_the_classes_itself_and_takes_a_dtype() -> None:
    result = one_hot(np.array([2, 0]), dtype="float64")
    np.testing.assert_array_equal(result.numpy(), [[0, 0, 1], [1, 0, 0]])
    assert result.dtype == np.float64
    assert one_hot([], 3).shape == (0, 3)


@pytest.mark.parametrize(
    ("kind", "labels", "classes", "message"),
    [
        (TypeError, [1.0, 2.0], None, r"\.astype\(int\)"),
        (TypeError, [True, False], None, "expected integers"),
        (TypeError, ["9", "0"], None, "return_inverse"),
        (ValueError, [0, -1], None, "label -1; expected labels of 0 or more"),
        (ValueError, [0, -1], 3, "label -1; expected labels of 0 to 2"),
        (ValueError, [0, 3], 3, "label 3; expected labels of 0 to 2, for num_classes=3"),
        (ValueError, [0], 0, "num_classes=0"),
        (ValueError, [0], 2.5, r"num_classes=2\.5"),
        (ValueError, [], None, "give num_classes"),
    ],
)
def test_one_hot_refuses_what_is_no_label(
    kind: Any, labels: Any, classes: Any, message: str
) -> None:
    with pytest.raises(kind, match=message):
        one_hot(labels, classes)
