"""The regressor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score

from autograd_lite import nn
from autograd_lite.errors import describe
from autograd_lite.sklearn.base import Net
from autograd_lite.sklearn.objective import OF_OUTPUTS, OF_ROWS, checked_loss

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from autograd_lite.sklearn.rows import Rows


class NetRegressor(RegressorMixin, Net):  # type: ignore[misc]  # scikit-learn has no types
    """A network that predicts numbers, as a regressor of scikit-learn.

    The targets are one number a row, (n,), or a row of them, (n, outputs); predictions have the
    same form, (n, 1) included. They are not scaled: for targets far from 0 and 1 see
    `sklearn.compose.TransformedTargetRegressor`.

    The parameters are those of `NetClassifier`, which explains them, but for `class_weight`; they
    differ in this:

    Args:
        module: must give a column for each output.
        loss: MSELoss() unless given; L1Loss, HuberLoss, or another loss of numbers.

    Attributes:
        module_: the trained module, in evaluation mode.
        loss_curve_: the mean loss of each epoch.
        validation_scores_: with `early_stopping`, R^2 on the validation data after each epoch, else
            None.
        n_iter_, loss_, best_loss_, best_validation_score_: how many epochs, the last and the least
            loss, the best score (or None).
        n_features_in_, feature_names_in_, n_outputs_: of the data.
        dtype_: what the module computes in.

    Example:
        >>> import numpy as np
        >>> from autograd_lite.sklearn import NetRegressor
        >>> x = np.linspace(-1, 1, 100)[:, None]
        >>> net = NetRegressor(
        ...     hidden_layer_sizes=20, optimizer="lbfgs", max_iter=50, random_state=0
        ... )
        >>> net.fit(x, np.sin(3 * x[:, 0])).score(x, np.sin(3 * x[:, 0])) > 0.99
        True
    """

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
            y: targets, (n,) or (n, outputs).
            sample_weight: what each row counts for, (n,): 2 is as if it were there twice.
            X_val: features for early stopping, in place of a part of `X`.
            y_val: their targets.
            sample_weight_val: their weights.

        Returns:
            The estimator itself.

        Raises:
            ValueError: when a parameter or the data are bad, or the loss becomes infinite or nan;
                the estimator is as it was.
            TypeError: when the loss is none, or a function made no module or no optimizer.
        """
        return self._trained(X, y, sample_weight, (X_val, y_val, sample_weight_val))

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train for one epoch on `X`, and go on with the module and the optimizer as they are.

        Args:
            X: features, (n, n_features).
            y: targets, of as many outputs each time.
            sample_weight: what each row counts for, (n,).

        Returns:
            The estimator itself.

        Raises:
            ValueError: when the data are bad, or do not fit those before.
        """
        return self._trained(X, y, sample_weight, once=True)

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Predict the targets of rows: float64, whatever the module computes in.

        Args:
            X: features, (n, n_features).

        Returns:
            (n,) or (n, outputs), as the targets were.

        Raises:
            ValueError: when the features do not fit those of `fit`.
            NotFittedError: when nothing was fitted.
        """
        outputs = self._outputs(X)
        return outputs.reshape(-1) if self._flat else outputs

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn may expect: several outputs."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    # ---- for the base

    def _encoded(self, y: Any, classes: Any = None, *, learn: bool = False) -> NDArray[Any]:
        """Targets as columns of numbers; there are no `classes`."""
        del classes
        name = type(self).__name__
        count = 1 if y.ndim == 1 else y.shape[1]
        if learn:
            self.n_outputs_, self._flat = count, y.ndim == 1
            self._loss = self._checked_loss()
        if count != self.n_outputs_:
            message = f"{name}: got y of {count} columns; expected {self.n_outputs_}, as at first"
            raise ValueError(message)
        return np.asarray(y, np.float64).reshape(len(y), -1)

    def _checked_loss(self) -> nn.Loss:
        name, loss = type(self).__name__, nn.MSELoss() if self.loss is None else self.loss
        if isinstance(loss, OF_ROWS + OF_OUTPUTS):
            message = (
                f"{name}: got loss={describe(loss)}, which is one of classes; expected one of"
                " numbers, such as nn.MSELoss() or nn.HuberLoss(), or use NetClassifier"
            )
            raise TypeError(message)
        return checked_loss(name, loss, (nn.MSELoss, nn.L1Loss, nn.HuberLoss, nn.Loss))

    def _score_of(self, outputs: NDArray[np.float64], rows: Rows) -> float:
        return float(r2_score(rows.y, outputs, sample_weight=rows.weight))
