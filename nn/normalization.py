"""Layers that bring activations to mean 0 and variance 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from autograd_lite import ops
from autograd_lite.dtypes import floating
from autograd_lite.errors import flag
from autograd_lite.recording import no_grad
from autograd_lite.tensor import Tensor

from .checks import positive, share
from .functional import as_tensor, standardize
from .module import Module
from .parameter import Parameter, filled, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import DTypeLike


NAMES = ((), ("length",), ("height", "width"), ("depth", "height", "width"))  # by their number


class LayerNorm(Module):
    """w (x - mean) / sqrt(var + eps) + b, with the mean and the variance of each sample's features.

    Args:
        normalized_shape: the sizes of the last axes of x, over which the mean is: a number for the
            last one alone.
        eps: what keeps the division finite.
        affine: whether there are w and b.
        dtype: the dtype of w and b; the default one unless given.

    Attributes:
        weight: w, of `normalized_shape`, at first ones; None without `affine`.
        bias: b, of `normalized_shape`, at first zeros; None without `affine`.

    Raises:
        ValueError: when a size is not a positive integer, or `eps` not above 0.
        TypeError: when `dtype` is not floating.

    Source:
        Ba et al., "Layer normalization", 2016.

    Example:
        >>> from autograd_lite import nn
        >>> nn.LayerNorm(3)([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]]).detach().numpy().round(3)
        array([[-1.225,  0.   ,  1.225],
               [ 0.   ,  0.   ,  0.   ]], dtype=float32)
    """

    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        *,
        affine: bool = True,
        dtype: DTypeLike | None = None,
    ) -> None:
        sizes = (
            normalized_shape if isinstance(normalized_shape, (tuple, list)) else (normalized_shape,)
        )
        self.normalized_shape = tuple(whole("LayerNorm", "normalized_shape", n) for n in sizes)
        if not self.normalized_shape:
            message = "LayerNorm: got normalized_shape=(); expected the sizes of one axis or more"
            raise ValueError(message)
        self.eps = positive("LayerNorm", "eps", eps)
        chosen = floating("LayerNorm", dtype)
        self.weight = self.bias = None
        if flag("LayerNorm", "affine", affine):
            ones = filled("LayerNorm", self.normalized_shape, 1, chosen)
            self.weight = Parameter(ones, dtype=chosen)
            self.bias = Parameter(np.zeros_like(ones), dtype=chosen)

    def forward(self, x: Any) -> Tensor:
        """Normalise each sample.

        Args:
            x: (..., *normalized_shape).

        Returns:
            The same shape, in the dtype of the weight (in that of `x` if there is none).

        Raises:
            ValueError: when the last axes of `x` have other sizes.
        """
        x = as_tensor(x, None if self.weight is None else self.weight.dtype)
        count = len(self.normalized_shape)
        if x.shape[-count:] != self.normalized_shape:
            expected = ", ".join(map(str, ("...", *self.normalized_shape)))
            message = (
                f"LayerNorm({self.extra_repr()}): got x of shape {x.shape}; expected ({expected}):"
                " give the layer the sizes of the data's last axes"
            )
            raise ValueError(message)
        y = standardize(x, tuple(range(-count, 0)), self.eps)
        return y if self.weight is None or self.bias is None else y * self.weight + self.bias

    def extra_repr(self) -> str:
        """The sizes and the settings."""
        affine = self.weight is not None
        return f"normalized_shape={self.normalized_shape}, eps={self.eps}, affine={affine}"


class BatchNorm1d(Module):
    """w (x - mean) / sqrt(var + eps) + b, with the mean and the variance of each feature.

    In training they are those of the batch, and running averages of them are kept, by which
    evaluation mode (`model.eval()`) normalises: average <- (1 - momentum) average + momentum new.
    The batch is normalised by its own variance (of n), the average takes the unbiased one (n - 1).

    Args:
        num_features: the size of axis 1 of x.
        eps: what keeps the division finite.
        momentum: the share of a new batch in the averages.
        affine: whether there are w and b.
        dtype: the dtype of all; the default one unless given.

    Attributes:
        weight: w, (num_features,), at first ones; None without `affine`.
        bias: b, (num_features,), at first zeros; None without `affine`.
        running_mean: the average of means, a buffer (num_features,), at first zeros.
        running_var: the average of variances, a buffer (num_features,), at first ones.

    Raises:
        ValueError: when a setting makes no sense.
        TypeError: when `dtype` is not floating.

    Source:
        Ioffe and Szegedy, "Batch normalization", 2015.

    Example:
        >>> from autograd_lite import nn
        >>> layer = nn.BatchNorm1d(1)
        >>> layer([[1.0], [2.0], [3.0]]).detach().numpy().round(3).ravel()
        array([-1.225,  0.   ,  1.225], dtype=float32)
        >>> layer.running_mean, layer.running_var
        (Tensor([0.2]), Tensor([1.]))
        >>> layer.eval()([[1.2]]).detach().numpy().round(3)
        array([[1.]], dtype=float32)
    """

    weight: Parameter | None
    bias: Parameter | None
    running_mean: Tensor
    running_var: Tensor
    after: ClassVar[tuple[int, ...]] = (0, 1)  # how many axes may come after the features

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        *,
        affine: bool = True,
        dtype: DTypeLike | None = None,
    ) -> None:
        name = type(self).__name__
        self.num_features = whole(name, "num_features", num_features)
        self.eps = positive(name, "eps", eps)
        self.momentum = share(name, "momentum", momentum)
        chosen, affine = floating(name, dtype), flag(name, "affine", affine)
        shape = (self.num_features,)
        zeros, ones = (filled(name, shape, value, chosen) for value in (0, 1))
        self.weight = Parameter(ones, dtype=chosen) if affine else None
        self.bias = Parameter(zeros, dtype=chosen) if affine else None
        self.register_buffer("running_mean", zeros)
        self.register_buffer("running_var", ones)

    def forward(self, x: Any) -> Tensor:
        """Normalise each feature.

        Args:
            x: (batch, num_features) or (batch, num_features, length).

        Returns:
            The same shape, in the dtype of the layer.

        Raises:
            ValueError: when the shape is another, or in training there is one value to a feature,
                whose variance is 0; the averages stay as they were.
        """
        x = as_tensor(x, self.running_mean.dtype)
        if x.ndim - 2 not in self.after or x.shape[1] != self.num_features:
            sizes = [", ".join(map(str, (self.num_features, *NAMES[n]))) for n in self.after]
            message = (
                f"{type(self).__name__}({self.num_features}): got x of shape {x.shape}; expected"
                f" (batch, {') or (batch, '.join(sizes)}): give the layer the size of the data"
            )
            raise ValueError(message)
        axis, row = (0, *range(2, x.ndim)), (-1, *(1,) * (x.ndim - 2))
        if self.training:
            y = self._by_batch(x, axis)
        else:
            scale = 1 / np.sqrt(self.running_var._data + x.dtype.type(self.eps))
            y = (x - self.running_mean.reshape(row)) * Tensor(scale.reshape(row), copy=False)
        if self.weight is None or self.bias is None:
            return y
        return y * self.weight.reshape(row) + self.bias.reshape(row)

    def _by_batch(self, x: Tensor, axis: tuple[int, ...]) -> Tensor:
        if x.size // self.num_features < 2:
            message = (
                f"{type(self).__name__}({self.num_features}): got x of shape {x.shape} in training,"
                " which has no variance; expected at least 2 values of each feature: leave out a"
                " last batch of 1 (drop_last=True), or call eval() to use the running averages"
            )
            raise ValueError(message)
        y = standardize(x, axis, self.eps)
        with no_grad():
            new, old = self.momentum, 1 - self.momentum
            mean, var = ops.mean(x, axis), ops.var(x, axis, ddof=1)
            self.running_mean = self.running_mean * old + mean * new
            self.running_var = self.running_var * old + var * new
        return y

    def extra_repr(self) -> str:
        """The size and the settings."""
        affine = self.weight is not None
        settings = f"eps={self.eps}, momentum={self.momentum}, affine={affine}"
        return f"num_features={self.num_features}, {settings}"


class BatchNorm2d(BatchNorm1d):
    """`BatchNorm1d` for pictures: the mean and the variance of each channel, over all its pixels.

    Args:
        num_features: the number of channels: the size of axis 1 of x.
        eps: as for `BatchNorm1d`, and so are the others.
        momentum: the share of a new batch in the averages.
        affine: whether there are w and b.
        dtype: the dtype of all.

    Attributes:
        weight: w, (num_features,), at first ones; None without `affine`.
        bias: b, (num_features,), at first zeros; None without `affine`.
        running_mean: the average of means, a buffer (num_features,), at first zeros.
        running_var: the average of variances, a buffer (num_features,), at first ones.

    Raises:
        ValueError: when a setting makes no sense, or x is not (batch, channels, height, width).
        TypeError: when `dtype` is not floating.

    Source:
        Ioffe and Szegedy, "Batch normalization", 2015, section 3.2.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.BatchNorm2d(3)(ag.ones(2, 3, 4, 4)).shape
        (2, 3, 4, 4)
    """

    after = (2,)


class BatchNorm3d(BatchNorm1d):
    """`BatchNorm1d` for volumes: the mean and the variance of each channel, over all its elements.

    Args:
        num_features: the number of channels: the size of axis 1 of x.
        eps: as for `BatchNorm1d`, and so are the others.
        momentum: the share of a new batch in the averages.
        affine: whether there are w and b.
        dtype: the dtype of all.

    Attributes:
        weight: w, (num_features,), at first ones; None without `affine`.
        bias: b, (num_features,), at first zeros; None without `affine`.
        running_mean: the average of means, a buffer (num_features,), at first zeros.
        running_var: the average of variances, a buffer (num_features,), at first ones.

    Raises:
        ValueError: when a setting makes no sense, or x is not (batch, channels, depth, height,
            width).
        TypeError: when `dtype` is not floating.

    Source:
        Ioffe and Szegedy, "Batch normalization", 2015, section 3.2.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.BatchNorm3d(3)(ag.ones(2, 3, 4, 4, 4)).shape
        (2, 3, 4, 4, 4)
    """

    after = (3,)
