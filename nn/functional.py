"""Functions that layers and losses are made of, beside the package's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd_lite.dtypes import as_dtype
from autograd_lite.ops import astype
from autograd_lite.tensor import Tensor

from .functional_activation import check_approximate as check_approximate
from .functional_activation import elu as elu
from .functional_activation import gelu as gelu
from .functional_activation import normal_cdf as normal_cdf
from .functional_activation import selu as selu
from .functional_activation import silu as silu
from .functional_classes import brier_score as brier_score
from .functional_classes import class_cross_entropy as class_cross_entropy
from .functional_classes import cross_entropy as cross_entropy
from .functional_classes import kl_divergence as kl_divergence
from .functional_classes import nll as nll
from .functional_classes import softmax_cross_entropy as softmax_cross_entropy
from .functional_conv import conv1d as conv1d
from .functional_conv import conv2d as conv2d
from .functional_conv import conv3d as conv3d
from .functional_conv_transpose import conv_transpose1d as conv_transpose1d
from .functional_conv_transpose import conv_transpose2d as conv_transpose2d
from .functional_conv_transpose import conv_transpose3d as conv_transpose3d
from .functional_layer import dropout as dropout
from .functional_layer import embedding as embedding
from .functional_layer import linear as linear
from .functional_layer import standardize as standardize
from .functional_loss import absolute_error as absolute_error
from .functional_loss import binary_cross_entropy as binary_cross_entropy
from .functional_loss import binary_cross_entropy_with_logits as binary_cross_entropy_with_logits
from .functional_loss import huber as huber
from .functional_loss import squared_error as squared_error
from .functional_pool import max_pool1d as max_pool1d
from .functional_pool import max_pool2d as max_pool2d
from .functional_pool import max_pool3d as max_pool3d
from .functional_pool_adaptive import adaptive_avg_pool1d as adaptive_avg_pool1d
from .functional_pool_adaptive import adaptive_avg_pool2d as adaptive_avg_pool2d
from .functional_pool_adaptive import adaptive_avg_pool3d as adaptive_avg_pool3d
from .functional_pool_adaptive import adaptive_max_pool1d as adaptive_max_pool1d
from .functional_pool_adaptive import adaptive_max_pool2d as adaptive_max_pool2d
from .functional_pool_adaptive import adaptive_max_pool3d as adaptive_max_pool3d
from .functional_pool_mean import avg_pool1d as avg_pool1d
from .functional_pool_mean import avg_pool2d as avg_pool2d
from .functional_pool_mean import avg_pool3d as avg_pool3d

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


def as_tensor(x: Any, dtype: DTypeLike | None = None) -> Tensor:
    """`x` as a tensor, in `dtype` if given: the door of a layer, where data is cast once.

    Args:
        x: a tensor, an array, a number, or nested lists.
        dtype: what the layer computes in.

    Example:
        >>> import numpy as np
        >>> from autograd_lite import nn
        >>> nn.functional.as_tensor(np.array([1, 2]), "float32")
        Tensor([1., 2.])
    """
    if not isinstance(x, Tensor):
        return Tensor(x, dtype=dtype)
    if dtype is None or x.dtype is dtype:
        return x
    wanted = as_dtype("as_tensor", dtype)
    return x if x.dtype == wanted else astype(x, wanted)
