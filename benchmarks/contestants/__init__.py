"""Who takes part: each contestant is one file, with one function for each workload."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Contestant:
    """One that takes part.

    Attributes:
        module: its file here.
        needs: what must be installed for it.
        imports: the statement whose time is the import time; none for the floor.
        environment: variables of its processes.
        ours: whether it is this library.
    """

    module: str
    needs: tuple[str, ...]
    imports: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    ours: bool = False


FLOOR = "NumPy GEMM"
_OURS = "import autograd_lite; from autograd_lite import nn, optim"
CONTESTANTS = {
    "autograd_lite": Contestant(
        "ours", ("autograd_lite",), _OURS, {"AUTOGRAD_LITE_FAST": "0"}, ours=True
    ),
    "autograd_lite[fast]": Contestant("ours", ("autograd_lite", "numba"), _OURS, ours=True),
    "torch": Contestant("pytorch", ("torch",), "import torch"),
    "jax": Contestant("jax_xla", ("jax", "jaxlib"), "import jax, jax.numpy"),
    "autograd": Contestant("hips", ("autograd",), "import autograd, autograd.numpy"),
    "mygrad": Contestant("my_grad", ("mygrad",), "import mygrad, mygrad.nnet"),
    "tinygrad": Contestant(
        "tiny_grad",
        ("tinygrad",),
        "from tinygrad import Tensor, nn",
        # Its optimizers ask for the first; the second makes its embedding 500 times as fast.
        {"TRAINING": "1", "USE_ATOMICS": "1"},
    ),
    FLOOR: Contestant("floor", ("numpy",)),
}

# The function of a contestant's file that does a workload; the last two are those of growth.py.
FUNCTIONS = {
    "a": "mlp_sgd",
    "b": "mlp_adam",
    "c500": "spiral",
    "c1000": "spiral",
    "d": "five_points",
    "e": "chain",
    "f": "elements",
    "g": "attention",
    "h": "reduction",
    "i": "curvature",
    "j": "table",
    "layers": "mlp_sgd",
    "batch": "mlp_sgd",
}
