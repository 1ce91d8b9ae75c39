"""Reverse-mode automatic differentiation on NumPy.

>>> import autograd_lite as ag
>>> x = ag.tensor([1.0, 2.0, 3.0], requires_grad=True)
>>> y = (x**2).sum()
>>> y.backward()
>>> x.grad
Tensor([2., 4., 6.])
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

# First, for it ends with the import of Tensor, whose methods are ops and need it whole.
from autograd_lite import graph as graph  # isort: skip

from autograd_lite import ops as ops
from autograd_lite.allocator import keep_memory
from autograd_lite.creation import arange as arange
from autograd_lite.creation import full as full
from autograd_lite.creation import get_generator as get_generator
from autograd_lite.creation import manual_seed as manual_seed
from autograd_lite.creation import ones as ones
from autograd_lite.creation import rand as rand
from autograd_lite.creation import randn as randn
from autograd_lite.creation import tensor as tensor
from autograd_lite.creation import zeros as zeros
from autograd_lite.dlpack import from_dlpack as from_dlpack
from autograd_lite.dtypes import get_default_dtype as get_default_dtype
from autograd_lite.dtypes import set_default_dtype as set_default_dtype
from autograd_lite.engine import grad as grad
from autograd_lite.ops import abs as abs
from autograd_lite.ops import add as add
from autograd_lite.ops import append as append
from autograd_lite.ops import arccos as arccos
from autograd_lite.ops import arccosh as arccosh
from autograd_lite.ops import arcsin as arcsin
from autograd_lite.ops import arcsinh as arcsinh
from autograd_lite.ops import arctan as arctan
from autograd_lite.ops import arctan2 as arctan2
from autograd_lite.ops import arctanh as arctanh
from autograd_lite.ops import argsort as argsort
from autograd_lite.ops import array_split as array_split
from autograd_lite.ops import astype as astype
from autograd_lite.ops import atleast_1d as atleast_1d
from autograd_lite.ops import atleast_2d as atleast_2d
from autograd_lite.ops import atleast_3d as atleast_3d
from autograd_lite.ops import average as average
from autograd_lite.ops import bitwise_and as bitwise_and
from autograd_lite.ops import bitwise_or as bitwise_or
from autograd_lite.ops import bitwise_xor as bitwise_xor
from autograd_lite.ops import block as block
from autograd_lite.ops import broadcast_arrays as broadcast_arrays
from autograd_lite.ops import broadcast_to as broadcast_to
from autograd_lite.ops import cbrt as cbrt
from autograd_lite.ops import ceil as ceil
from autograd_lite.ops import choose as choose
from autograd_lite.ops import clip as clip
from autograd_lite.ops import column_stack as column_stack
from autograd_lite.ops import compress as compress
from autograd_lite.ops import concatenate as concatenate
from autograd_lite.ops import convolve as convolve
from autograd_lite.ops import copy as copy
from autograd_lite.ops import copysign as copysign
from autograd_lite.ops import corrcoef as corrcoef
from autograd_lite.ops import correlate as correlate
from autograd_lite.ops import cos as cos
from autograd_lite.ops import cosh as cosh
from autograd_lite.ops import cov as cov
from autograd_lite.ops import cross as cross
from autograd_lite.ops import cumprod as cumprod
from autograd_lite.ops import cumsum as cumsum
from autograd_lite.ops import deg2rad as deg2rad
from autograd_lite.ops import delete as delete
from autograd_lite.ops import diag as diag
from autograd_lite.ops import diagflat as diagflat
from autograd_lite.ops import diagonal as diagonal
from autograd_lite.ops import diff as diff
from autograd_lite.ops import digamma as digamma
from autograd_lite.ops import div as div
from autograd_lite.ops import divmod as divmod
from autograd_lite.ops import dot as dot
from autograd_lite.ops import dsplit as dsplit
from autograd_lite.ops import dstack as dstack
from autograd_lite.ops import einsum as einsum
from autograd_lite.ops import equal as equal
from autograd_lite.ops import erf as erf
from autograd_lite.ops import erfc as erfc
from autograd_lite.ops import erfinv as erfinv
from autograd_lite.ops import exp as exp
from autograd_lite.ops import exp2 as exp2
from autograd_lite.ops import expand_dims as expand_dims
from autograd_lite.ops import expm1 as expm1
from autograd_lite.ops import extract as extract
from autograd_lite.ops import fix as fix
from autograd_lite.ops import flip as flip
from autograd_lite.ops import fliplr as fliplr
from autograd_lite.ops import flipud as flipud
from autograd_lite.ops import float_power as float_power
from autograd_lite.ops import floor as floor
from autograd_lite.ops import floor_divide as floor_divide
from autograd_lite.ops import fmax as fmax
from autograd_lite.ops import fmin as fmin
from autograd_lite.ops import fmod as fmod
from autograd_lite.ops import full_like as full_like
from autograd_lite.ops import getitem as getitem
from autograd_lite.ops import greater as greater
from autograd_lite.ops import greater_equal as greater_equal
from autograd_lite.ops import heaviside as heaviside
from autograd_lite.ops import hsplit as hsplit
from autograd_lite.ops import hstack as hstack
from autograd_lite.ops import hypot as hypot
from autograd_lite.ops import inner as inner
from autograd_lite.ops import insert as insert
from autograd_lite.ops import interp as interp
from autograd_lite.ops import invert as invert
from autograd_lite.ops import kron as kron
from autograd_lite.ops import ldexp as ldexp
from autograd_lite.ops import leaky_relu as leaky_relu
from autograd_lite.ops import less as less
from autograd_lite.ops import less_equal as less_equal
from autograd_lite.ops import lgamma as lgamma
from autograd_lite.ops import log as log
from autograd_lite.ops import log1p as log1p
from autograd_lite.ops import log2 as log2
from autograd_lite.ops import log10 as log10
from autograd_lite.ops import log_softmax as log_softmax
from autograd_lite.ops import logaddexp as logaddexp
from autograd_lite.ops import logaddexp2 as logaddexp2
from autograd_lite.ops import logsumexp as logsumexp
from autograd_lite.ops import matmul as matmul
from autograd_lite.ops import matrix_transpose as matrix_transpose
from autograd_lite.ops import matvec as matvec
from autograd_lite.ops import max as max
from autograd_lite.ops import maximum as maximum
from autograd_lite.ops import mean as mean
from autograd_lite.ops import median as median
from autograd_lite.ops import meshgrid as meshgrid
from autograd_lite.ops import min as min
from autograd_lite.ops import minimum as minimum
from autograd_lite.ops import moveaxis as moveaxis
from autograd_lite.ops import mul as mul
from autograd_lite.ops import nan_to_num as nan_to_num
from autograd_lite.ops import nanmax as nanmax
from autograd_lite.ops import nanmean as nanmean
from autograd_lite.ops import nanmedian as nanmedian
from autograd_lite.ops import nanmin as nanmin
from autograd_lite.ops import nanpercentile as nanpercentile
from autograd_lite.ops import nanprod as nanprod
from autograd_lite.ops import nanquantile as nanquantile
from autograd_lite.ops import nanstd as nanstd
from autograd_lite.ops import nansum as nansum
from autograd_lite.ops import nanvar as nanvar
from autograd_lite.ops import neg as neg
from autograd_lite.ops import norm as norm
from autograd_lite.ops import not_equal as not_equal
from autograd_lite.ops import ones_like as ones_like
from autograd_lite.ops import outer as outer
from autograd_lite.ops import pad as pad
from autograd_lite.ops import percentile as percentile
from autograd_lite.ops import piecewise as piecewise
from autograd_lite.ops import polygamma as polygamma
from autograd_lite.ops import positive as positive
from autograd_lite.ops import pow as pow
from autograd_lite.ops import prod as prod
from autograd_lite.ops import ptp as ptp
from autograd_lite.ops import put_along_axis as put_along_axis
from autograd_lite.ops import quantile as quantile
from autograd_lite.ops import rad2deg as rad2deg
from autograd_lite.ops import ravel as ravel
from autograd_lite.ops import reciprocal as reciprocal
from autograd_lite.ops import relu as relu
from autograd_lite.ops import remainder as remainder
from autograd_lite.ops import repeat as repeat
from autograd_lite.ops import reshape as reshape
from autograd_lite.ops import rint as rint
from autograd_lite.ops import roll as roll
from autograd_lite.ops import rot90 as rot90
from autograd_lite.ops import round as round
from autograd_lite.ops import scatter_add as scatter_add
from autograd_lite.ops import select as select
from autograd_lite.ops import setitem as setitem
from autograd_lite.ops import sigmoid as sigmoid
from autograd_lite.ops import sign as sign
from autograd_lite.ops import sin as sin
from autograd_lite.ops import sinc as sinc
from autograd_lite.ops import sinh as sinh
from autograd_lite.ops import softmax as softmax
from autograd_lite.ops import softplus as softplus
from autograd_lite.ops import sort as sort
from autograd_lite.ops import split as split
from autograd_lite.ops import sqrt as sqrt
from autograd_lite.ops import square as square
from autograd_lite.ops import squeeze as squeeze
from autograd_lite.ops import stack as stack
from autograd_lite.ops import std as std
from autograd_lite.ops import sub as sub
from autograd_lite.ops import sum as sum
from autograd_lite.ops import swapaxes as swapaxes
from autograd_lite.ops import take as take
from autograd_lite.ops import take_along_axis as take_along_axis
from autograd_lite.ops import tan as tan
from autograd_lite.ops import tanh as tanh
from autograd_lite.ops import tensordot as tensordot
from autograd_lite.ops import tile as tile
from autograd_lite.ops import topk as topk
from autograd_lite.ops import trace as trace
from autograd_lite.ops import transpose as transpose
from autograd_lite.ops import trapezoid as trapezoid
from autograd_lite.ops import tril as tril
from autograd_lite.ops import triu as triu
from autograd_lite.ops import trunc as trunc
from autograd_lite.ops import unstack as unstack
from autograd_lite.ops import vander as vander
from autograd_lite.ops import var as var
from autograd_lite.ops import vdot as vdot
from autograd_lite.ops import vecdot as vecdot
from autograd_lite.ops import vecmat as vecmat
from autograd_lite.ops import vsplit as vsplit
from autograd_lite.ops import vstack as vstack
from autograd_lite.ops import where as where
from autograd_lite.ops import zeros_like as zeros_like
from autograd_lite.recording import enable_grad as enable_grad
from autograd_lite.recording import no_grad as no_grad
from autograd_lite.tensor import Tensor as Tensor

keep_memory()

if TYPE_CHECKING:
    from typing import Any

    from autograd_lite import data as data
    from autograd_lite import fft as fft
    from autograd_lite import func as func
    from autograd_lite import linalg as linalg
    from autograd_lite import nn as nn
    from autograd_lite import onnx as onnx
    from autograd_lite import optim as optim
    from autograd_lite import saving as saving
    from autograd_lite import sklearn as sklearn
    from autograd_lite import testing as testing
    from autograd_lite import training as training
    from autograd_lite.anomaly import detect_anomaly as detect_anomaly
    from autograd_lite.anomaly_report import AnomalyError as AnomalyError
    from autograd_lite.drawing import draw_graph as draw_graph
    from autograd_lite.onnx import to_onnx as to_onnx
    from autograd_lite.profiler import profile as profile
    from autograd_lite.saving import Checkpoint as Checkpoint
    from autograd_lite.saving import LoadError as LoadError
    from autograd_lite.saving import load as load
    from autograd_lite.saving import save as save
    from autograd_lite.training import fit as fit

# What is imported when it is first used: modules, and names with the module that has them.
_MODULES = {
    "data",
    "fft",
    "func",
    "linalg",
    "nn",
    "onnx",
    "optim",
    "saving",
    "sklearn",
    "testing",
    "training",
}
_LATE = {
    "AnomalyError": "anomaly_report",
    "Checkpoint": "saving",
    "LoadError": "saving",
    "detect_anomaly": "anomaly",
    "draw_graph": "drawing",
    "fit": "training",
    "load": "saving",
    "profile": "profiler",
    "save": "saving",
    "to_onnx": "onnx",
}


def __getattr__(name: str) -> Any:
    """`autograd_lite.nn` and its like are imported when first used: they take half of the time."""
    if name in _LATE:
        return getattr(importlib.import_module(f"autograd_lite.{_LATE[name]}"), name)
    if name in _MODULES:
        return importlib.import_module(f"autograd_lite.{name}")
    message = f"module 'autograd_lite' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATE, *_MODULES})
