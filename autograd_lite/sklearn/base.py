"""What both estimators share: their parameters, and the way from data to a trained module."""

from __future__ import annotations

import copy
from abc import abstractmethod
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state, gen_batches
from sklearn.utils.validation import check_is_fitted, validate_data

from autograd_lite import nn, optim
from autograd_lite.creation import drawing_from
from autograd_lite.recording import enable_grad, no_grad
from autograd_lite.sklearn.network import (
    dtype_of,
    make_module,
    make_optimizer,
    make_schedule,
    perceptron,
)
from autograd_lite.sklearn.objective import Objective
from autograd_lite.sklearn.rows import Rows, check_held, checked_weight, held_out
from autograd_lite.sklearn.settings import check_settings
from autograd_lite.sklearn.training import Progress, Training, as_columns
from autograd_lite.tensor import Tensor

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

_AUTO_BATCH = 200  # as scikit-learn's
_PREDICTED = 4096  # the rows that are predicted at once: memory for the layers' results


class Net(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """The base of the estimators; see `NetClassifier` and `NetRegressor` for the parameters."""

    module_: nn.Module
    loss_curve_: list[float]
    validation_scores_: list[float] | None
    n_outputs_: int
    _loss: nn.Loss

    def __init__(
        self,
        module: Any = None,
        *,
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        loss: nn.Loss | None = None,
        optimizer: Any = "adam",
        alpha: float = 0.0,
        batch_size: int | str = "auto",
        learning_rate: Any = "constant",
        learning_rate_init: float | None = None,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: float = 10,
        dtype: DTypeLike | None = None,
    ) -> None:
        self.module = module
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.loss = loss
        self.optimizer = optimizer
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.dtype = dtype

    # ---- what an estimator defines

    @abstractmethod
    def _encoded(self, y: Any, classes: Any = None, *, learn: bool = False) -> NDArray[Any]:
        """Targets as the loss takes them.

        Args:
            y: the targets, validated.
            classes: all classes that there are, if they were given.
            learn: whether to note what targets are like, and the loss; else they must be like that.
        """

    @abstractmethod
    def _score_of(self, outputs: NDArray[np.float64], rows: Rows) -> float:
        """The score of outputs."""

    def _classes_of(self, rows: Rows) -> NDArray[Any] | None:  # noqa: ARG002  # a classifier's
        """The number of the class of each row, if a row has one."""
        return None

    def _class_counts(self, rows: Rows) -> NDArray[np.float64] | None:  # noqa: ARG002  # the same
        """What a row of each class counts for, if classes count differently."""
        return None

    # ---- training

    def _trained(
        self, X: Any, y: Any, sample_weight: Any, held: tuple[Any, ...] = (None, None), **how: Any
    ) -> Self:
        """Train a copy, and become it: after an error this estimator is as it was."""
        name = type(self).__name__
        check_settings(name, vars(self))
        check_held(name, held, used=self.early_stopping)
        work = copy.copy(self)
        work._train(X, y, sample_weight, held, **how)
        self.__dict__.clear()  # of what only an earlier fit had, such as feature_names_in_
        self.__dict__.update(work.__dict__)
        return self

    def _train(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        held: tuple[Any, ...],
        *,
        once: bool = False,
        classes: Any = None,
    ) -> None:
        """Train on data as given: for one epoch (`once`), or until there is no progress."""
        name = type(self).__name__
        anew = not (self.__sklearn_is_fitted__() and (once or self.warm_start))
        X, y = self._validated(X, y, anew=anew)
        y = self._encoded(y, classes, learn=anew)
        rows = Rows(X, y, checked_weight(name, sample_weight, X)).counting(name)
        by_class = self._class_counts(rows)
        rows = rows.weighted(name, by_class, self._classes_of(rows))
        if anew:
            given = self.random_state
            self._source = np.random.RandomState() if given is None else check_random_state(given)
        elif not once:
            self.module_ = copy.deepcopy(self.module_)
        with drawing_from(self._source), enable_grad():
            if anew:
                self._make_module(rows.x)
            score = None
            if self.early_stopping and not once:
                rows, others = self._divided(rows, held, by_class)
                score = partial(self._score_on, others)
            training = self._training(rows.cast(self.dtype_), anew=anew or not once)
            try:
                if once:
                    training.epoch()
                else:
                    progress = Progress(self.tol, self.n_iter_no_change)
                    training.run(self.max_iter, progress, score, verbose=bool(self.verbose))
                training.check_finite()
            finally:
                self.module_.eval()
        self._note(training, anew=anew)

    def _validated(self, X: Any, y: Any, *, anew: bool = False) -> tuple[NDArray[Any], Any]:
        """Features and targets as arrays; their number and names are noted, or compared."""
        dtype = dtype_of(self.module, self.dtype) if anew else self.dtype_
        with np.errstate(over="ignore", invalid="ignore"):  # float32's limits are an error
            X, y = validate_data(self, X, y, reset=anew, dtype=dtype, multi_output=True)
        return X, y

    def _make_module(self, x: NDArray[Any]) -> None:
        """Make the module, and note its dtype."""
        name = type(self).__name__
        build = partial(
            perceptron,
            hidden=self.hidden_layer_sizes,
            activation=self.activation,
            dtype=x.dtype,
            name=name,
        )
        self.module_ = make_module(name, self.module, x.shape[1], self.n_outputs_, build)
        if self.dtype is not None:
            self.module_.to(self.dtype)
        self.dtype_ = dtype_of(self.module_, None)

    def _divided(
        self, rows: Rows, held: tuple[Any, ...], by_class: NDArray[np.float64] | None
    ) -> tuple[Rows, Rows]:
        """The rows to train on, and those for validation."""
        name = type(self).__name__
        if held[0] is None:
            classes = self._classes_of(rows)
            mask = held_out(name, len(rows.x), self.validation_fraction, classes, self._source)
            return rows.take(~mask), rows.take(mask)
        X, y, weight = held
        X, y = self._validated(X, y)
        others = Rows(X, self._encoded(y), checked_weight(name, weight, X)).counting(name)
        return rows, others.weighted(name, by_class, self._classes_of(others))

    def _training(self, rows: Rows, *, anew: bool) -> Training:
        """The epochs to come, with an optimizer that begins `anew` or goes on."""
        name, size = type(self).__name__, self._batch(len(rows.x))
        objective = Objective(self._loss, weighted=rows.weight is not None)
        if anew:
            mean = 1.0 if rows.weight is None else float(rows.weight.mean())
            decay = self.alpha if objective.sums else self.alpha / (size * mean)
            rate = self.learning_rate_init
            self._optimizer = make_optimizer(name, self.optimizer, self.module_, rate, decay)
            self._schedule = make_schedule(name, self.learning_rate, self._optimizer)
        return Training(
            name,
            self.module_.train(),
            self._optimizer,
            self._schedule,
            objective,
            rows,
            batch_size=size,
            shuffle=bool(self.shuffle),
            source=self._source,
            outputs=self.n_outputs_,
        )

    def _batch(self, count: int) -> int:
        """The rows of a batch: for L-BFGS, which has no use for noise, all of them."""
        size = min(count, _AUTO_BATCH if self.batch_size == "auto" else int(self.batch_size))
        rule = self.optimizer
        by_name = isinstance(rule, str) and rule.lower() == "lbfgs"
        if self.batch_size == "auto" and (by_name or rule is optim.LBFGS):
            return count
        while count % size == 1 < size:  # a row alone has no variance for BatchNorm
            size += 1
        return size

    def _score_on(self, rows: Rows) -> float:
        """The score of the module as it is now, on validation data; nan where it diverged."""
        self.module_.eval()
        outputs = self._computed(rows.x)
        self.module_.train()
        return self._score_of(outputs, rows) if np.isfinite(outputs).all() else np.nan

    def _note(self, training: Training, *, anew: bool) -> None:
        """Note how the training went."""
        self.loss_curve_ = [*([] if anew else self.loss_curve_), *training.losses]
        self.n_iter_ = len(self.loss_curve_)
        self.loss_ = self.loss_curve_[-1] if self.loss_curve_ else np.nan
        self.best_loss_ = min(self.loss_curve_, default=None)
        scores = [*((not anew and self.validation_scores_) or []), *training.scores]
        self.validation_scores_ = scores or None
        self.best_validation_score_ = max(scores, default=None)

    # ---- prediction

    def __sklearn_is_fitted__(self) -> bool:
        """Whether there is a trained module; scikit-learn asks."""
        return hasattr(self, "module_")

    def _outputs(self, X: Any) -> NDArray[np.float64]:
        """The outputs of the module for features as they are given, (n, n_outputs)."""
        check_is_fitted(self)
        with np.errstate(over="ignore", invalid="ignore"):  # as in _validated
            x = validate_data(self, X, reset=False, dtype=self.dtype_)
        return self._computed(x)

    def _computed(self, x: NDArray[Any]) -> NDArray[np.float64]:
        name, out = type(self).__name__, np.empty((len(x), self.n_outputs_))
        with no_grad():
            for rows in gen_batches(len(x), _PREDICTED):
                made = self.module_(Tensor(np.ascontiguousarray(x[rows], self.dtype_), copy=False))
                count = rows.stop - rows.start
                out[rows] = as_columns(name, made, count, self.n_outputs_).numpy()
        return out
