"""Ten common functions."""

from __future__ import annotations

from checking.curved import CUMPROD, LOGSUMEXP, MAX, RENORM, SOFTMAX, STANDARDIZE
from checking.linear import BIAS, CONV1D, MATMUL, TAKE

SUBJECTS = (
    BIAS,
    MATMUL,
    TAKE,
    CONV1D,
    SOFTMAX,
    STANDARDIZE,
    LOGSUMEXP,
    MAX,
    CUMPROD,
    RENORM,
)
