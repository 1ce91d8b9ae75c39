"""What a fuzzer gives to public functions where it fits, and the calls that it makes of that."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn, optim, testing
from tests.hostile import FLOATS, SHAPES, hostile, leaf, numbers, operands, tensors

if TYPE_CHECKING:
    from collections.abc import Callable


# ---- what fits, by the name of a parameter


def model() -> nn.Module:
    """A network whose parts are all layers that have a state."""
    return nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2), nn.ReLU(), nn.Linear(2, 2))


def optimizer() -> optim.Optimizer:
    """An optimizer of one parameter that has a gradient."""
    w = leaf([1.0, 2.0])
    w.sum().backward()
    return optim.SGD([w], lr=0.1)


def with_gradient(shape: tuple[int, ...]) -> ag.Tensor:
    """A leaf with a gradient."""
    w = leaf(numbers(shape, "float32"))
    (w * w).sum().backward()
    return w


def scheduled() -> list[optim.LRScheduler]:
    """Two schedules of one optimizer."""
    common = optimizer()
    return [optim.ExponentialLR(common, 0.5), optim.StepLR(common, 2)]


def training() -> tuple[Any, ...]:
    """A model, a loss, an optimizer and data."""
    layer = nn.Linear(3, 2)
    data = np.ones((4, 3), np.float32), np.ones((4, 2), np.float32)
    return layer, nn.MSELoss(), optim.SGD(layer.parameters()), data


def saved() -> str:
    """The name of a file that `save` wrote."""
    ag.save("saved.npz", {"w": np.ones(2)})
    return "saved.npz"


def parts(a: Any, b: Any, c: Any) -> None:
    """Nothing: what a closure or a callback may be."""


def _made(*makers: Callable[[], Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from(makers).map(lambda make: make())


_small = st.integers(-3, 3)
_share = st.sampled_from([0.0, 0.1, 0.5, 0.9])
_sizes = st.sampled_from([1, 2, 3])
_shape = st.sampled_from([*SHAPES, 3, -1, (-1,), (3, -1), (6,)])
_axis = st.one_of(st.none(), st.integers(-2, 2), st.sampled_from([(0,), (0, 1), (-1, 0)]))
_dtype = st.sampled_from([*FLOATS, "int64", None, np.float32, np.dtype("float64")])
_generator = _made(lambda: None, lambda: np.random.default_rng(0), lambda: np.random.RandomState(0))
_pairs = st.sampled_from([(0.9, 0.99), (0.5, 1.2), (1e-6, 50)])
_subscripts = st.sampled_from(["ij,jk->ik", "ij->ji", "ii", "i,i->", "...i,...i->...", "ij,j"])
_indices = st.sampled_from([0, -1, slice(1, None), [0, 0], (0, slice(None)), None, ..., (0, 1)])
_index = st.one_of(_indices, _made(lambda: np.array([0, 1]), lambda: np.array([True, False])))
_params = _made(
    lambda: [with_gradient((2, 3)), with_gradient((3,))],
    lambda: [{"params": [with_gradient((3,))]}, {"params": with_gradient(()), "lr": 0.5}],
    lambda: [with_gradient((3,)), leaf([1.0])],
)
_path = st.sampled_from(["/nonexistent/file", "/dev/null", "."])

FITTING: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(["x", "y", "p", "z", "condition", "low", "high", "other"], operands),
    **dict.fromkeys(["operands", "gradient", "grad_outputs", "metric", "value"], operands),
    **dict.fromkeys(["array", "grad"], tensors),
    **dict.fromkeys(["prepend", "append"], st.one_of(st.none(), tensors)),
    "arrays": st.one_of(st.lists(operands, max_size=3), operands),
    "axis": _axis,
    **dict.fromkeys(["axis1", "axis2", "offset", "k", "start_axis", "end_axis"], _small),
    "axes": st.sampled_from([0, 1, 2, (0, 1), (1, 0), ((0,), (1,)), None]),
    **dict.fromkeys(["shape", "normalized_shape"], _shape),
    "dtype": _dtype,
    "generator": _generator,
    "params": _params,
    **dict.fromkeys(["optimizer"], _made(optimizer)),
    "schedulers": _made(scheduled),
    "data": st.one_of(operands, tensors.map(lambda x: (x, x))),
    **dict.fromkeys(["inputs", "outputs"], st.one_of(tensors, st.lists(tensors, max_size=2))),
    "index": _index,
    "rows": _index,
    "activation": st.sampled_from([None, ag.relu, ag.tanh, ag.exp, ag.leaky_relu]),
    "approximate": st.sampled_from(["none", "tanh"]),
    "reduction": st.sampled_from(["mean", "sum", "none"]),
    "labels": st.sampled_from([[0, 1], 1, [[0, 2]], []]),
    "subscripts": _subscripts,
    "ord": st.sampled_from([None, 1, 2, 3, 2.5, "fro", np.inf, -np.inf, 0]),
    "pad_width": st.sampled_from([0, 1, (1, 2), ((1, 0), (0, 1))]),
    "shift": st.sampled_from([0, 1, -2, (1, 1)]),
    "indices_or_sections": st.sampled_from([1, 2, 3, [1], [0, 2], (1, 1)]),
    "layers": _made(nn.Tanh, lambda: nn.Linear(3, 3)),
    "layer": _made(nn.Tanh, lambda: nn.Linear(3, 3)),
    "f": st.sampled_from([ag.exp, ag.sin, lambda x: x * x]),
    "function": st.sampled_from([lambda _: None, print]),
    "closure": _made(lambda: None, lambda: lambda: 1.0),
    "hook": st.sampled_from([lambda _: None, lambda g: g * 2]),
    "lr_lambda": _made(lambda: lambda _: 0.5),
    "milestones": st.sampled_from([[1], [1, 2]]),
    "method": st.sampled_from(["xavier", "he"]),
    "init_method": st.sampled_from(["xavier", "he"]),
    "mode": st.sampled_from(["min", "max", True]),
    "threshold_mode": st.sampled_from(["rel", "abs"]),
    "anneal_strategy": st.sampled_from(["cos", "linear"]),
    "line_search_fn": st.sampled_from([None, "strong_wolfe"]),
    **dict.fromkeys(["betas", "etas", "step_sizes"], _pairs),
    "split": st.sampled_from(["train", "test"]),
    **dict.fromkeys(["path", "folder"], _path),
    "state": st.sampled_from([{}, {"state": {}, "param_groups": []}]),
    "group": _made(lambda: {"params": [leaf([1.0])]}, lambda: 0),
    **dict.fromkeys(["epoch", "max_iter", "step"], _sizes),
    "name": st.sampled_from(["x", "weight"]),
    "prefix": st.sampled_from(["", "a"]),
    "seed": st.sampled_from([0, 1]),
    **dict.fromkeys(["fan_in", "num_embeddings", "embedding_dim", "num_features"], _sizes),
    **dict.fromkeys(["in_channels", "out_channels", "kernel_size", "output_size"], _sizes),
    **dict.fromkeys(["in_features", "in1_features", "in2_features", "out_features"], _sizes),
}  # fmt: skip


def fitting(parameter: inspect.Parameter) -> st.SearchStrategy[Any]:
    """Values that a parameter may well be meant to take."""
    known = FITTING.get(parameter.name.lstrip("_"))
    if known is not None:
        return known
    default = parameter.default
    if isinstance(default, bool):
        return st.booleans()
    if isinstance(default, float):
        return st.one_of(_share, st.just(default))
    if default is inspect.Parameter.empty:
        return st.one_of(_sizes, _share, operands)
    return st.one_of(st.just(default), _sizes, _share)


Call: TypeAlias = "tuple[list[Any], dict[str, Any]]"


# Calls of functions whose arguments must fit one another, by label; what fits each alone does not.
EXAMPLES: dict[str, Callable[[], Call]] = {
    "testing.mutants_of": lambda: ([ag.sin], {"whole": False}),
    "testing.mutation_score": lambda: (
        [[testing.op_case(ag.sin, np.sin)]],
        {"only": {"sin"}, "examples": 1, "nearest": 1, "workers": 0, "progress": False},
    ),
    "testing.op_case": lambda: ([ag.sin, np.sin], {"order": 1}),
    "ops.on_diagonal": lambda: ([np.ones(2), (2, 2), 0, 0, 1], {}),
    "nn.functional.class_cross_entropy": lambda: ([np.ones((2, 3)), np.array([0, 2])], {}),
    "optim.OneCycleLR": lambda: ([optimizer()], {"max_lr": 0.1, "total_steps": 3}),
    "optim.SequentialLR": lambda: (
        [(both := scheduled())[0].optimizer, both],
        {"milestones": [1]},
    ),
    "optim.Optimizer": lambda: ([[leaf([1.0])], {"lr": 0.1}], {}),
    "Checkpoint": lambda: (["runs"], {"model": model()}),
    "draw_graph": lambda: ([leaf([1.0]) * 2], {}),
    "fit": lambda: (list(training()), {}),
    "func.functional_call": lambda: ([nn.Linear(3, 2), {}, np.ones((1, 3))], {}),
    "func.hvp": lambda: ([ag.logsumexp, (np.ones(2),), (np.ones(2),)], {}),
    "func.jvp": lambda: ([ag.sin, (np.ones(2),), (np.ones(2),)], {}),
    "from_dlpack": lambda: ([np.ones(2)], {}),
    "sklearn.NetClassifier": lambda: ([], {"hidden_layer_sizes": 2, "max_iter": 2}),
    "sklearn.NetRegressor": lambda: ([], {"hidden_layer_sizes": 2, "max_iter": 2}),
    "NetClassifier.fit": lambda: ([np.eye(4, 2), [0, 1, 0, 1]], {}),
    "NetRegressor.fit": lambda: ([np.eye(4, 2), np.ones(4)], {}),
    "load": lambda: ([saved()], {}),
    "save": lambda: (["state.npz", {"w": np.ones(2)}], {}),
    "to_onnx": lambda: ([nn.Linear(3, 2), np.ones((1, 3), np.float32)], {}),
    "training.History": lambda: ([{"epoch": [1], "loss": [0.5]}], {}),
}


def _windows(count: int) -> dict[str, Callable[[], Call]]:
    """The same of convolutions and pools over so many axes."""
    x, w = np.ones((2, 2, *[4] * count)), np.ones((2, 2, *[2] * count))
    return {
        f"nn.functional.conv{count}d": lambda: ([x, w], {"padding": 1}),
        f"nn.functional.conv_transpose{count}d": lambda: ([x, w], {"stride": 2}),
        f"nn.functional.max_pool{count}d": lambda: ([x, 2], {"padding": 1}),
        f"nn.functional.avg_pool{count}d": lambda: ([x, 2], {"stride": 1}),
        f"nn.functional.adaptive_avg_pool{count}d": lambda: ([x, 3], {}),
        f"nn.functional.adaptive_max_pool{count}d": lambda: ([x, 3], {}),
        f"nn.Conv{count}d": lambda: ([2, 4, 2], {"groups": 2}),
        f"nn.ConvTranspose{count}d": lambda: ([2, 4, 2], {"stride": 2}),
    }


for _count in (1, 2, 3):
    EXAMPLES |= _windows(_count)


def _spoilt(
    draw: Any, signature: inspect.Signature, args: list[Any], named: dict[str, Any]
) -> Call:
    """The arguments with something hostile in place of one, or of a default."""
    rest = list(signature.parameters.values())[len(args) :]
    names = [p.name for p in rest if p.kind not in {p.VAR_POSITIONAL, p.VAR_KEYWORD}]
    place = draw(st.integers(0, len(args) + len(names) - 1))
    if place >= len(args):
        return args, {**named, names[place - len(args)]: draw(hostile)}
    return [draw(hostile) if i == place else value for i, value in enumerate(args)], named


@st.composite
def calls(  # a case for each kind of parameter
    draw: Any, signature: inspect.Signature, label: str = "", *, good: bool = False
) -> Call:
    """Arguments for a function: all of them fitting (`good`), or any of them hostile.

    Args:
        draw: what draws.
        signature: the function's, without `self`.
        label: the function's, by which `EXAMPLES` may have a call to change.
        good: whether hostile values are left out.
    """
    if label in EXAMPLES and draw(st.booleans()):
        return EXAMPLES[label]() if good else _spoilt(draw, signature, *EXAMPLES[label]())
    args, named, by_name = [], {}, False
    mostly = draw(st.sampled_from([0, 1, 3, 9]))  # of ten values, how many are hostile

    def value(parameter: inspect.Parameter) -> Any:
        bad = not good and draw(st.integers(0, 9)) < mostly
        return draw(hostile if bad else fitting(parameter))

    for parameter in signature.parameters.values():
        match parameter.kind:
            case inspect.Parameter.VAR_POSITIONAL:
                args += [value(parameter) for _ in range(draw(st.integers(0, 3)))]
                by_name = True
            case inspect.Parameter.VAR_KEYWORD:
                if not good and draw(st.integers(0, 9)) == 0:
                    named[draw(st.sampled_from(["nonsense", "axis", "out"]))] = draw(hostile)
            case kind:
                optional = parameter.default is not inspect.Parameter.empty
                if optional and draw(st.booleans()):
                    by_name = True
                    continue
                if kind is inspect.Parameter.POSITIONAL_ONLY and by_name:
                    continue
                if kind is inspect.Parameter.KEYWORD_ONLY or by_name:
                    named[parameter.name] = value(parameter)
                else:
                    args.append(value(parameter))
    return args, named
