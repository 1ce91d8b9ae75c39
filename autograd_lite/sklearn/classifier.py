"""The classifier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import ClassifierMixin

from autograd_lite.errors import describe
from autograd_lite.sklearn.base import Net
from autograd_lite.sklearn.labels import Labels, plain
from autograd_lite.sklearn.rows import class_weights

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

    from autograd_lite import nn
    from autograd_lite.sklearn.rows import Rows


class NetClassifier(ClassifierMixin, Net):  # type: ignore[misc]  # scikit-learn has no types
    """A network that predicts classes, as a classifier of scikit-learn.

    `check_estimator` passes, and what takes a classifier takes this one: pipelines, grid searches
    in several processes, calibration, bagging. The parameters that MLPClassifier has too mean what
    they mean there.

    What is random (first weights, the order of rows, Dropout, the validation part) follows
    `random_state`, and neither the library's generator nor NumPy's. After an error the estimator is
    as it was; only a `partial_fit` whose loss becomes infinite keeps the steps before that. Ctrl-C
    ends the training with a warning, and what is trained is kept.

    Args:
        module: what is trained: None for the layers that `hidden_layer_sizes` tells; a function (or
            a class) of (n_features, n_outputs) that makes a module; or a module, of which each fit
            trains a copy from the same first weights. n_outputs is the number of classes; with
            BCELoss and BCEWithLogitsLoss, 1 for two classes.
        hidden_layer_sizes: the width of each hidden layer, or one number for one layer.
        activation: what follows each of them: "relu", "tanh", "logistic", "identity",
            "leaky_relu", "elu", "gelu", "silu", or a class or function that makes a module.
        loss: a loss of `autograd_lite.nn`, which also tells what the outputs are: logits
            (SoftmaxCrossEntropyLoss, the default, and BCEWithLogitsLoss), logarithms (NLLLoss,
            KLDivLoss), or probabilities (CrossEntropyLoss, BrierLoss, BCELoss). With
            `reduction="sum"` steps descend the sum over the rows of a batch.
        optimizer: a name in `autograd_lite.optim`, such as "adam", "sgd", "lbfgs"; or a class or
            function of parameters (and `lr`), such as `functools.partial(optim.SGD, momentum=0.5)`.
        alpha: the penalty alpha / 2 ||W||^2, divided by the rows of a batch unless the loss is a
            sum, of all parameters but biases; as `weight_decay` of the optimizer, and not part of
            `loss_curve_`. 0 leaves the optimizer its own.
        batch_size: the rows of a step; "auto" for at most 200, and all of them for "lbfgs". They
            are one more where a single row would be left at the end, which BatchNorm refuses.
        learning_rate: "constant", or a function of the optimizer that makes a schedule of
            `autograd_lite.optim`, which goes on after each epoch.
        learning_rate_init: the learning rate at first; the optimizer's own for None.
        max_iter: how many epochs at most; reaching it is a ConvergenceWarning.
        shuffle: whether each epoch has an order of its own.
        random_state: an integer for the same results each time, a RandomState, or None.
        tol: by how much the loss, or the validation score, must get better.
        verbose: whether to print a line for each epoch.
        warm_start: whether `fit` goes on with the module that it trained before.
        early_stopping: whether the accuracy on validation data tells when to stop, and not the
            loss; the weights of the best epoch are kept.
        validation_fraction: the part of the rows that is held out for that, of each class as large
            a one, unless `fit` is given others.
        n_iter_no_change: training ends after more epochs in a row than that without progress.
        class_weight: what the rows of classes count for, a dict; or "balanced" for all classes the
            same. It multiplies `sample_weight`, in validation scores too.
        dtype: what the module computes in. Unless given a module keeps its own, and the layers of
            `hidden_layer_sizes` compute in that of the features, float32 or float64.

    Attributes:
        module_: the trained module, in evaluation mode.
        classes_: the classes, sorted.
        loss_curve_: the mean loss of each epoch, of all calls where one goes on with another's.
        validation_scores_: with `early_stopping`, the accuracy on the validation data after each
            epoch, else None.
        n_iter_, loss_, best_loss_, best_validation_score_: how many epochs, the last and the least
            loss, the best score (or None).
        n_features_in_, feature_names_in_, n_outputs_: of the data.
        dtype_: what the module computes in.

    Example:
        >>> import numpy as np
        >>> from autograd_lite import nn
        >>> from autograd_lite.sklearn import NetClassifier
        >>> x = np.random.RandomState(0).normal(size=(200, 2))
        >>> y = np.where(x[:, 0] * x[:, 1] > 0, "same", "mixed")
        >>> def make(n_features, n_outputs):
        ...     return nn.Sequential(nn.Linear(n_features, 32), nn.Tanh(), nn.Linear(32, n_outputs))
        >>> net = NetClassifier(make, learning_rate_init=0.03, batch_size=32, random_state=0)
        >>> net.fit(x, y).predict([[1, 1], [1, -1]])
        array(['same', 'mixed'], dtype='<U5')
    """

    classes_: NDArray[Any]

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
        class_weight: Any = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(
            module,
            hidden_layer_sizes=hidden_layer_sizes,
            activation=activation,
            loss=loss,
            optimizer=optimizer,
            alpha=alpha,
            batch_size=batch_size,
            learning_rate=learning_rate,
            learning_rate_init=learning_rate_init,
            max_iter=max_iter,
            shuffle=shuffle,
            random_state=random_state,
            tol=tol,
            verbose=verbose,
            warm_start=warm_start,
            early_stopping=early_stopping,
            validation_fraction=validation_fraction,
            n_iter_no_change=n_iter_no_change,
            dtype=dtype,
        )
        self.class_weight = class_weight

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> Self:
        """Train.

        Args:
            X: features, (n, n_features): an array, a DataFrame, nested lists.
            y: the class of each row, (n,), numbers or strings; or 0 and 1 for each of several
                labels, (n, labels), which a row may have all of.
            sample_weight: what each row counts for, (n,): 2 is as if it were there twice.
            X_val: features for early stopping, in place of a part of `X`.
            y_val: their classes.
            sample_weight_val: their weights.

        Returns:
            The estimator itself.

        Raises:
            ValueError: when a parameter or the data are bad, or the loss becomes infinite or nan;
                the estimator is as it was.
            TypeError: when the loss is none, or a function made no module or no optimizer.
        """
        return self._trained(X, y, sample_weight, (X_val, y_val, sample_weight_val))

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Train for one epoch on `X`, and go on with the module and the optimizer as they are.

        Args:
            X: features, (n, n_features).
            y: the class of each row, (n,).
            classes: all classes that there will be: required in the first call.
            sample_weight: what each row counts for, (n,).

        Returns:
            The estimator itself.

        Raises:
            ValueError: when the data are bad, or have other features or classes than before.
        """
        name = type(self).__name__
        if isinstance(self.class_weight, str):
            message = (
                f"{name}.partial_fit: got class_weight={describe(self.class_weight)}, which needs"
                " all the data; expected a dict: dict(zip(classes, compute_class_weight("
                "'balanced', classes=classes, y=y)))"
            )
            raise ValueError(message)  # noqa: TRY004  # of all its values, this one is wrong here
        if classes is None and not self.__sklearn_is_fitted__():
            message = (
                f"{name}.partial_fit: got no classes in the first call; expected all that will come"
                ": classes=np.unique(all_y)"
            )
            raise ValueError(message)
        return self._trained(X, y, sample_weight, once=True, classes=classes)

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """The probabilities of the classes: float64, whatever the module computes in.

        Args:
            X: features, (n, n_features).

        Returns:
            (n, classes), in the order of `classes_`, with sum 1; or (n, labels), each from 0 to 1.

        Raises:
            ValueError: when the features do not fit those of `fit`.
            NotFittedError: when nothing was fitted.
        """
        outputs = self._outputs(X)
        return self._labels.shares(outputs)

    def predict_log_proba(self, X: Any) -> NDArray[np.float64]:
        """The logarithms of the probabilities, from the logits: finite where those round to 0.

        Args:
            X: features, (n, n_features).

        Returns:
            As `predict_proba`.
        """
        outputs = self._outputs(X)
        return self._labels.log_shares(outputs)

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable class of each row; of several labels, those above one half.

        Args:
            X: features, (n, n_features).

        Returns:
            (n,), or 0 and 1, (n, labels).
        """
        shares = self.predict_proba(X)
        if self._labels.several:
            return (shares > 0.5).astype(np.int64)
        found: NDArray[Any] = self.classes_[shares.argmax(axis=1)]
        return found

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn may expect: several labels a row."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags

    # ---- for the base

    def _encoded(self, y: Any, classes: Any = None, *, learn: bool = False) -> NDArray[Any]:
        """Targets as the loss takes them."""
        name = type(self).__name__
        y = plain(name, y)
        if learn:
            self._labels = Labels(name, y, classes, self.loss)
            self.classes_, self.n_outputs_ = self._labels.classes, self._labels.outputs
            self._loss = self._labels.loss
        self._labels.check_same(classes)
        return self._labels.encode(y)

    def _classes_of(self, rows: Rows) -> NDArray[Any] | None:
        return None if self._labels.several else rows.y.reshape(-1).astype(np.intp)

    def _class_counts(self, rows: Rows) -> NDArray[np.float64] | None:
        name, index = type(self).__name__, self._classes_of(rows)
        if self.class_weight is None:
            return None
        if index is None:
            message = (
                f"{name}: got class_weight={describe(self.class_weight)} for labels of which a row"
                " may have several; expected None: give loss=nn.BCEWithLogitsLoss(pos_weight=...)"
            )
            raise ValueError(message)
        return class_weights(name, self.class_weight, self.classes_, index, rows.weight)

    def _score_of(self, outputs: NDArray[np.float64], rows: Rows) -> float:
        found, index = self._labels.shares(outputs), self._classes_of(rows)
        right = ((found > 0.5) == rows.y).all(axis=1) if index is None else found.argmax(1) == index
        return float(np.average(right, weights=rows.weight))
