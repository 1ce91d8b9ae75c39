"""Eleven common functions."""

from __future__ import annotations

from checking.curved import CUMPROD, LOGSUMEXP, MAX, RENORM, SOFTMAX, STANDARDIZE, TANH
from checking.linear import BIAS, CONV1D, MATMUL, TAKE

SUBJECTS = (
    TANH,
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
