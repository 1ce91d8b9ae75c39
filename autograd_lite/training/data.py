"""The batches that `fit` goes through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.data import DataLoader, TensorDataset
from autograd_lite.errors import describe
from autograd_lite.optim.settings import check, is_bool, optional
from autograd_lite.tensor import Tensor

if TYPE_CHECKING:
    from autograd_lite.training.run import Run

BATCH_SIZE = 32
_EXPECTED = (
    "expected arrays, (x, y); a DataLoader; or what gives (x, y) batches each time that it is"
    " iterated over, such as a list of them"
)


def as_batches(what: str, data: Any, batch_size: int | None, *, shuffle: bool, pairs: bool) -> Any:
    """What gives the batches of an epoch, each time that it is iterated over.

    Args:
        what: which argument of `fit` it is, for the error message.
        data: arrays for a `DataLoader`, a `DataLoader`, or another iterable of batches.
        batch_size: the rows of a batch, for arrays.
        shuffle: whether each epoch has a random order, for arrays.
        pairs: whether batches must be pairs, which of arrays is known before the first one.

    Returns:
        The batches; None for no data.

    Raises:
        TypeError: when it is something else, or can be iterated over only once.
        ValueError: when settings for arrays are given with something that has its own.
    """
    if data is None and what == "validation":
        return None
    if isinstance(data, (tuple, dict, np.ndarray, Tensor, TensorDataset)):
        if pairs and not isinstance(data, TensorDataset):
            _check_pair(what, data)
        return DataLoader(data, BATCH_SIZE if batch_size is None else batch_size, shuffle)
    if isinstance(data, float):
        message = (
            f"fit: got {what}={data!r}; {_EXPECTED}. For a part of the data, split them before: by"
            " sklearn.model_selection.train_test_split, or x[:900], x[900:]"
        )
        raise TypeError(message)
    if not hasattr(data, "__iter__") or isinstance(data, str):
        message = f"fit: got {what}={describe(data)}; {_EXPECTED}"
        raise TypeError(message)
    if hasattr(data, "__next__"):
        message = (
            f"fit: got {what}={describe(data)}, which can be iterated over only once; {_EXPECTED}"
        )
        raise TypeError(message)
    return data


def refuse_settings(data: Any, batch_size: int | None, shuffle: bool | None) -> None:
    """Refuse settings for arrays where there are none.

    Raises:
        ValueError: when one is given, and `data` has its own, or it is no such setting.
    """
    check("fit", {"shuffle": shuffle}, "shuffle", optional(is_bool), "True, False or None")
    given = {"batch_size": batch_size, "shuffle": shuffle}
    given = {name: value for name, value in given.items() if value is not None}
    if given and not isinstance(data, (tuple, dict, np.ndarray, Tensor, TensorDataset)):
        settings = ", ".join(f"{name}={value!r}" for name, value in given.items())
        message = (
            f"fit: got {settings} with {type(data).__name__} as data, which makes its own batches;"
            " expected them with arrays only: give them to the DataLoader"
        )
        raise ValueError(message)


def rows_of(batch: Any) -> int:
    """The number of rows of a batch: of its first array.

    Raises:
        TypeError: when it has none.
    """
    first = batch
    if isinstance(batch, (tuple, list)):
        first = next(iter(batch), None)
    elif isinstance(batch, dict):
        first = next(iter(batch.values()), None)
    try:
        return len(first)
    except TypeError:
        message = f"fit: got {describe(batch)} as batch; expected arrays, such as a pair (x, y)"
        raise TypeError(message) from None


def compute(model: Any, loss: Any, batch: Any) -> tuple[Any, Any, Any]:
    """What `fit` computes of a batch (x, y), unless it is given a function that does it.

    Returns:
        The loss of the batch, the output of the model, and the target.

    Raises:
        TypeError: when the batch is no pair.
    """
    _check_pair("batch", batch)
    x, y = batch
    output = model(x)
    return loss(output, y), output, y


def _check_pair(what: str, batch: Any) -> None:
    if isinstance(batch, (tuple, list)) and len(batch) == 2:
        return
    parts = f" of {len(batch)} arrays" if isinstance(batch, (tuple, list)) else ""
    message = (
        f"fit: got a {type(batch).__name__}{parts} as {what}; expected a pair (x, y) (arrays"
        " are given as a tuple, a list is one of batches), or step=function, where"
        " function(model, loss, batch) returns the loss, the output and the target"
    )
    raise TypeError(message)


def computed(run: Run, batch: Any) -> tuple[Any, Any, Any]:
    """What the step of a run computes of a batch: the loss, the output and the target.

    Raises:
        TypeError: when it returns something else.
    """
    result: Any = run.compute(run.model, run.loss, batch)
    if not isinstance(result, (tuple, list)) or len(result) != 3:
        message = (
            f"fit: step returned {describe(result)}; expected three things: the loss, the output"
            " and the target"
        )
        raise TypeError(message)
    loss, output, target = result
    return loss, output, target
