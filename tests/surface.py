"""The public surface, found by looking; and what a call of any of it may and may not do."""

from __future__ import annotations

import contextlib
import enum
import importlib
import inspect
import pkgutil
import re
import traceback
import warnings
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd_lite as ag
from autograd_lite import creation, kernels, nn, optim
from autograd_lite.recording import mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

_INTERNAL = {"kernels", "check_approximate", "draw"}  # for layers, whose names they are told
_MADE = {"Drawing", "OpCase", "Run"}  # what draw_graph, op_case and fit make: nobody else does
_SCIKIT_LEARN = re.compile(r"[\\/]sklearn[\\/]utils[\\/]")
_LOOP = re.compile(r"[\\/]training[\\/]loop\.py$")
_LANGUAGE = {  # what Python itself calls with arguments of its own making
    "__class__", "__dir__", "__enter__", "__exit__", "__getattribute__", "__getstate__", "__init__",
    "__init_subclass__", "__module__", "__new__", "__reduce__", "__reduce_ex__", "__repr__",
    "__setattr__", "__setstate__", "__sizeof__", "__str__", "__subclasshook__", "__hash__",
    "__format__", "__array_ufunc__", "__array_function__", "__getattr__", "__delattr__",
    "__class_getitem__",
}  # fmt: skip


def _packages() -> Iterator[ModuleType]:
    """The face, its packages, and the modules that a package exports as namespaces."""
    yield ag
    for found in pkgutil.iter_modules(ag.__path__):
        if found.ispkg and found.name not in _INTERNAL:
            yield importlib.import_module(f"autograd_lite.{found.name}")
    yield from (nn.functional, nn.init)


# What a base class calls with arguments of its own, and a subclass writes.
_PROTOCOL = {
    "averages", "begin", "check", "checked", "decay", "evaluated", "idle", "single_pass", "slots",
    "tried", "advance", "factor_at", "lr_at", "settings_at", "pair", "predicted", "reduce",
    "reduce_rows", "weighted", "as_op", "changed",
}  # fmt: skip


@dataclass(frozen=True)
class Target:
    """A public function, class or method.

    Attributes:
        label: where it is: `nn.functional.elu`, `Tensor.reshape`.
        name: what its errors call it.
        value: the function or class itself.
        owner: the class, for a method.
    """

    label: str
    name: str
    value: Any
    owner: type | None = None

    def __repr__(self) -> str:
        return self.label

    @property
    def signature(self) -> inspect.Signature:
        """What it takes, without `self`."""
        signature = inspect.signature(self.value)
        if self.owner is None or isinstance(self.value, staticmethod):
            return signature
        return signature.replace(parameters=list(signature.parameters.values())[1:])


def functions() -> list[Target]:
    """All public functions and classes, each once."""
    found: dict[int, Target] = {}
    for package in _packages():
        prefix = package.__name__.removeprefix("autograd_lite").lstrip(".")
        for name in dir(package):
            value = getattr(package, name)
            if not name.startswith("_") and callable(value) and _is_exported(package, name):
                found.setdefault(id(value), Target(f"{prefix}.{name}".lstrip("."), name, value))
    return [t for t in found.values() if not _is_named(t.value)]


def _is_exported(package: ModuleType, name: str) -> bool:
    """Whether a package defines a name, or exports it by `import NAME as NAME`, or lazily."""
    value = getattr(package, name)
    origin = getattr(value, "__module__", None) or ""
    if not origin.startswith("autograd_lite") or name in _INTERNAL | _MADE:
        return False
    written = inspect.getsource(package)
    lazy = name not in vars(package) or f'"{name}"' in written
    return origin == package.__name__ or lazy or f"import {name} as {name}\n" in written


def _is_named(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, (BaseException, enum.Enum))


def classes() -> list[Target]:
    """The classes among them."""
    return [target for target in functions() if isinstance(target.value, type)]


def methods() -> list[Target]:
    """All methods of public classes; one that is inherited is that of the class that has it."""
    found: dict[int, Target] = {}
    for owner in classes():
        for name in dir(owner.value):
            value = getattr(owner.value, name)
            defined = inspect.isfunction(value) and value.__module__.startswith("autograd_lite")
            rule = name == "update" and issubclass(owner.value, optim.Optimizer)
            inner = rule or name in _PROTOCOL or name.startswith("on_")  # fit calls a callback
            if defined and not inner and name not in _LANGUAGE and re.match(r"__|[a-z]", name):
                label, plain = f"{owner.name}.{name}", name.strip("_")
                found.setdefault(id(value), Target(label, plain, value, owner.value))
    return list(found.values())


PROPERTIES = frozenset(
    name
    for target in classes()
    for name in dir(target.value)
    if name[0] != "_" and inspect.isdatadescriptor(getattr(target.value, name))
)
NAMES = PROPERTIES | {target.name for target in [*functions(), *methods()]}


# ---- what a call may do


def complaint(error: BaseException, target: Target) -> str | None:  # noqa: PLR0911  # one line a rule
    """What is wrong with an error, or None: it must be of a usual kind and name who raised it."""
    allowed = (TypeError, ValueError, IndexError, RuntimeError, OverflowError, MemoryError, OSError)
    others = (AssertionError, BufferError)  # of gradcheck; of the DLPack protocol
    if not isinstance(error, (*allowed, *others)) or isinstance(error, RecursionError):
        return "is of a kind that says nothing to a caller"
    kept = (np.exceptions.AxisError, np.linalg.LinAlgError)
    if type(error).__module__.startswith("numpy") and not isinstance(error, kept):
        return "is NumPy's own"
    if isinstance(error, OSError) and error.filename is not None:
        return None  # Python's own words, which name the file
    if _SCIKIT_LEARN.search(traceback.extract_tb(error.__traceback__)[-1].filename):
        return None  # its own words on X and y, which its checks of estimators ask for
    text = str(error)
    above = target.owner.__mro__[:-1] if target.owner else ()  # whose method it may be
    names = {target.name, *(cls.__name__ for cls in above)}
    if any(name in text for name in names):
        return None
    first = re.match(r"(np\.)?(\w+)", text)
    if first is None or (first[1] is None and first[2] not in NAMES):
        return "does not name the function"
    return None


def fingerprint(value: Any, depth: int = 0) -> Any:  # noqa: C901, PLR0911  # one line a kind
    """Something that changes when `value` does."""
    if depth > 6:
        return None
    if isinstance(value, ag.Tensor):
        state = (value.requires_grad, fingerprint(value.grad, depth + 1))
        return (*state, fingerprint(value._data, depth + 1))
    if isinstance(value, np.ndarray):
        return (value.shape, str(value.dtype), value.tobytes())
    if isinstance(value, np.random.Generator):
        return str(value.bit_generator.state)
    if isinstance(value, np.random.RandomState):
        return str(value.get_state())
    if isinstance(value, optim.Optimizer):
        groups = fingerprint(value.param_groups, depth + 1)
        return groups, fingerprint([*value.state.values()], depth + 1)
    if isinstance(value, (list, tuple)):
        return tuple(fingerprint(item, depth + 1) for item in islice(value, 50))
    if isinstance(value, dict):
        return tuple((str(key), fingerprint(item, depth + 1)) for key, item in value.items())
    if type(value).__module__.startswith("autograd_lite") and hasattr(value, "__dict__"):
        hidden = {"_scratch", "scratch", "driver"}
        if isinstance(value, nn.Module):
            hidden.add("training")  # the class has it too, which an instance may repeat
        shown = {k: v for k, v in vars(value).items() if k not in hidden}
        return getattr(value, "training", None), fingerprint(shown, depth + 1)
    return type(value).__name__


def world() -> Any:
    """What all calls share."""
    generator = fingerprint(creation.get_generator())  # made now, if it was not used before
    return mode.get(), ag.get_default_dtype(), kernels._switch.on, generator, np.geterr()


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Warnings are right for what is given here."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def has_begun(error: BaseException) -> bool:
    """Whether an error ended a training: `fit` says what it leaves then, the steps that it made."""
    trace = traceback.extract_tb(error.__traceback__)
    return any(frame.name == "train" and _LOOP.search(frame.filename) for frame in trace)


def used(result: Any) -> Any:
    """A result, run through if it gives one thing after another."""
    if inspect.isgenerator(result):
        return list(islice(result, 100))
    if hasattr(result, "__enter__") and not isinstance(result, ag.Tensor):
        with result:
            return result
    return result


def outcome(
    target: Target, call: Callable[..., Any], args: list[Any], named: dict[str, Any]
) -> tuple[Any, str | None]:
    """The result of a call, and what is wrong with the way it failed, if it did."""
    given = [args, named, getattr(call, "__self__", None)]
    before, around = fingerprint(given), world()
    try:
        with silence():
            return used(call(*args, **named)), None
    except BaseException as error:  # every kind is what this looks for
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        wrong = complaint(error, target)
        if has_begun(error):
            before, around = fingerprint(given), world()
        if wrong is None and fingerprint(given) != before:
            wrong = "has changed what was given"
        if wrong is None and world() != around:
            wrong = "has changed what all calls share"
        return error, wrong and f"{target}: {type(error).__name__}: {error!s:.300} -- {wrong}"
