"""Hypothesis strategies for tests of array functions: shapes, layouts, values and arguments."""

try:
    import hypothesis as _hypothesis  # noqa: F401  # here to fail with a way out
except ImportError as error:
    message = (
        "autograd_lite.testing.strategies needs the package hypothesis, which cannot be imported: "
        'pip install "autograd-lite[testing]"'
    )
    raise ImportError(message) from error

from autograd_lite.testing.strategies.arrays import LAYOUTS as LAYOUTS
from autograd_lite.testing.strategies.arrays import arrays as arrays
from autograd_lite.testing.strategies.arrays import lay_out as lay_out
from autograd_lite.testing.strategies.arrays import tensors as tensors
from autograd_lite.testing.strategies.axes import axes as axes
from autograd_lite.testing.strategies.axes import axis as axis
from autograd_lite.testing.strategies.axes import reductions as reductions
from autograd_lite.testing.strategies.calls import Call as Call
from autograd_lite.testing.strategies.calls import arguments as arguments
from autograd_lite.testing.strategies.calls import calls as calls
from autograd_lite.testing.strategies.domain import REAL as REAL
from autograd_lite.testing.strategies.domain import Domain as Domain
from autograd_lite.testing.strategies.einsum import einsums as einsums
from autograd_lite.testing.strategies.indices import advanced_indices as advanced_indices
from autograd_lite.testing.strategies.indices import basic_indices as basic_indices
from autograd_lite.testing.strategies.indices import indices as indices
from autograd_lite.testing.strategies.shapes import Shape as Shape
from autograd_lite.testing.strategies.shapes import broadcastable as broadcastable
from autograd_lite.testing.strategies.shapes import shapes as shapes
from autograd_lite.testing.strategies.windows import adaptive_pools as adaptive_pools
from autograd_lite.testing.strategies.windows import convolutions as convolutions
from autograd_lite.testing.strategies.windows import pools as pools
