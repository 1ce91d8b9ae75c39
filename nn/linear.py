"""Layers that multiply by weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite.dtypes import floating
from autograd_lite.errors import flag

from .functional import as_tensor, linear
from .init import Init, draw
from .module import Module
from .parameter import Parameter, whole

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

    from autograd_lite.creation import Generator
    from autograd_lite.tensor import Tensor


class Linear(Module):
    """The affine map y = x W + b.

    Data of another dtype is cast to the layer's at its door, so a float32 model computes in float32
    whatever it is fed.

    Args:
        in_features: the size of the last axis of x.
        out_features: the size of the last axis of y.
        init_method: how W is drawn: "xavier", "he", "he_leaky", "normal", "uniform", or a function
            of a shape and a `generator`; see `autograd_lite.nn.init`. b begins at zero.
        bias: whether there is a b.
        dtype: the dtype of W and b; the default one unless given.
        generator: what draws W; the library's own unless given (see `autograd_lite.manual_seed`).

    Attributes:
        weight: W, (in_features, out_features).
        bias: b, (1, out_features), or None.

    Raises:
        ValueError: when a size is not a positive integer, or there is no such `init_method`.
        TypeError: when `dtype` is not floating, `bias` not True or False, or `generator` not one
            of NumPy's.

    Source:
        Document 1; document 2, section 1.

    Example:
        >>> import numpy as np
        >>> from autograd_lite import nn
        >>> layer = nn.Linear(2, 3, init_method="he", generator=np.random.RandomState(0))
        >>> layer(np.zeros((5, 2))).shape
        (5, 3)
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in_features: int,
        out_features: int,
        init_method: Init = "xavier",
        *,
        bias: bool = True,
        dtype: DTypeLike | None = None,
        generator: Generator | None = None,
    ) -> None:
        self.in_features = whole("Linear", "in_features", in_features)
        self.out_features = whole("Linear", "out_features", out_features)
        chosen, has_bias = floating("Linear", dtype), flag("Linear", "bias", bias)
        shape = (self.in_features, self.out_features)
        drawn = draw("Linear", init_method, shape, fan_in=self.in_features, generator=generator)
        self.weight = Parameter(drawn, dtype=chosen)
        self.bias = Parameter(np.zeros((1, self.out_features)), dtype=chosen) if has_bias else None

    def forward(self, x: Any, activation: Any = None, **settings: Any) -> Tensor:
        """Compute x W + b.

        Args:
            x: (..., in_features).
            activation: an op to apply as well, in the same step; see `nn.functional.linear`.
            **settings: what it takes beside the array.

        Returns:
            (..., out_features), in the dtype of the weight.

        Raises:
            ValueError: when the last axis of `x` has another size.
        """
        x = as_tensor(x, self.weight.dtype)
        if x.ndim == 0 or x.shape[-1] != self.in_features:
            raise ValueError(self._mismatch(x.shape))
        return _affine(x, self.weight, self.bias, activation=activation, **settings)

    def extra_repr(self) -> str:
        """The sizes."""
        has_bias = self.bias is not None
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={has_bias}"

    def _mismatch(self, shape: tuple[int, ...]) -> str:
        path = (self.weight.name or "").rpartition(".")[0]
        where = f" at {path!r}" if path else ""
        got = f"{shape[-1]} features" if shape else "no axis of features"
        return (
            f"Linear({self.in_features}, {self.out_features}){where}: got x of shape {shape},"
            f" {got}; expected (..., {self.in_features}): give the layer the size of the data,"
            " or reshape the data"
        )


class Bilinear(Module):
    """y_k = sum_ij x_i W_ijk z_j + b_k: every product of a feature of x with one of z, weighted.

    Args:
        in1_features: the size of the last axis of x.
        in2_features: the size of the last axis of z.
        out_features: the size of the last axis of y.
        init_method: how W is drawn, as for `Linear`, with in1_features * in2_features inputs to a
            unit. b begins at zero.
        bias: whether there is a b.
        dtype: the dtype of W and b; the default one unless given.
        generator: what draws W; the library's own unless given (see `autograd_lite.manual_seed`).

    Attributes:
        weight: W, (in1_features, in2_features, out_features).
        bias: b, (1, out_features), or None.

    Raises:
        ValueError: when a size is not a positive integer, or there is no such `init_method`.
        TypeError: when `dtype` is not floating, `bias` not True or False, or `generator` not one
            of NumPy's.

    Example:
        >>> import autograd_lite as ag
        >>> from autograd_lite import nn
        >>> nn.Bilinear(2, 3, 4)(ag.ones(5, 2), ag.ones(5, 3)).shape
        (5, 4)
    """

    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        init_method: Init = "xavier",
        *,
        bias: bool = True,
        dtype: DTypeLike | None = None,
        generator: Generator | None = None,
    ) -> None:
        self.in1_features = whole("Bilinear", "in1_features", in1_features)
        self.in2_features = whole("Bilinear", "in2_features", in2_features)
        self.out_features = whole("Bilinear", "out_features", out_features)
        shape = (self.in1_features, self.in2_features, self.out_features)
        chosen, has_bias = floating("Bilinear", dtype), flag("Bilinear", "bias", bias)
        fan_in = shape[0] * shape[1]
        drawn = draw("Bilinear", init_method, shape, fan_in=fan_in, generator=generator)
        self.weight = Parameter(drawn, dtype=chosen)
        self.bias = Parameter(np.zeros((1, self.out_features)), dtype=chosen) if has_bias else None

    def forward(self, x: Any, z: Any) -> Tensor:
        """Compute x W z + b.

        Args:
            x: (..., in1_features).
            z: (..., in2_features), with the same axes before the last.

        Returns:
            (..., out_features), in the dtype of the weight.

        Raises:
            ValueError: when a last axis has another size, or the others differ.
        """
        x, z = as_tensor(x, self.weight.dtype), as_tensor(z, self.weight.dtype)
        sizes = (self.in1_features, self.in2_features)
        if (x.shape[-1:], z.shape[-1:]) != (sizes[:1], sizes[1:]) or x.shape[:-1] != z.shape[:-1]:
            message = (
                f"Bilinear({sizes[0]}, {sizes[1]}, {self.out_features}): got x of shape {x.shape}"
                f" and z of shape {z.shape}; expected (..., {sizes[0]}) and (..., {sizes[1]}), "
                " equal but for the last axis: give the layer the data's sizes, or reshape the data"
            )
            raise ValueError(message)
        products = (x[..., :, None] * z[..., None, :]).reshape(*x.shape[:-1], sizes[0] * sizes[1])
        weight = self.weight.reshape(sizes[0] * sizes[1], self.out_features)
        return _affine(products, weight, self.bias)

    def extra_repr(self) -> str:
        """The sizes."""
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features},"
            f" out_features={self.out_features}, bias={self.bias is not None}"
        )


def _affine(x: Tensor, w: Tensor, b: Tensor | None, **settings: Any) -> Tensor:
    """`linear`, also of a single vector."""
    if x.ndim > 1:
        return linear(x, w, b, **settings)
    return linear(x.reshape(1, -1), w, b, **settings).reshape(-1)
