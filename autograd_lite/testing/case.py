"""A declaration of a line that an op is tested by."""

from __future__ import annotations

import functools
import inspect
import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st

from autograd_lite.errors import describe, is_whole
from autograd_lite.testing.aspects import CHECKS, IN_FLOAT64, OF_GRADIENTS, SLOW
from autograd_lite.testing.example import Example, usual_call
from autograd_lite.testing.strategies import REAL, Domain, arrays, broadcastable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Draw = Callable[[st.SearchStrategy[Any]], Any]

MANY = 1000  # from so many examples on nothing is spared
# Half of the time of a draw is that a strategy is made anew.
_arrays = functools.lru_cache(maxsize=4096)(arrays)


@dataclass(frozen=True, repr=False)
class OpCase:
    """An op, and how to test it; `op_case` makes one.

    Attributes:
        op: the op: a function of tensors or arrays, and settings.
        reference: the same of arrays, written in another way, or None.
        inputs: a strategy of pairs: the shapes of the arrays, and a dict of settings.
        domains: the values that each array takes; the last one holds for all that follow.
        order: the highest order of gradients to check, 0 where there is none.
        call: how `op` and `reference` are called: with the function, the arrays and the settings.
        name: what the tests are called.
        ASPECTS: the names of all tests.

    Example:
        >>> import numpy as np
        >>> import autograd_lite as ag
        >>> from autograd_lite.testing import op_case
        >>> case = op_case(ag.tanh, np.tanh)
        >>> case
        tanh
        >>> case.run("value", max_examples=10)
    """

    op: Callable[..., Any]
    reference: Callable[..., Any] | None
    inputs: st.SearchStrategy[Any]
    domains: tuple[Domain, ...]
    order: int
    call: Callable[..., Any]
    name: str

    ASPECTS: ClassVar[tuple[str, ...]] = tuple(CHECKS)

    def __repr__(self) -> str:
        return self.name

    @property
    def aspects(self) -> tuple[str, ...]:
        """Those of `ASPECTS` that can be tested: of values with a reference, of gradients."""
        left_out = set() if self.reference else {"value"}
        if not self.order:
            left_out |= OF_GRADIENTS
        return tuple(name for name in self.ASPECTS if name not in left_out)

    def draw(self, draw: Draw, dtype: str = "float64") -> tuple[list[NDArray[Any]], dict[str, Any]]:
        """The arrays and the settings of a call.

        Args:
            draw: what draws from a strategy, such as `data.draw` of hypothesis.
            dtype: the dtype of the floating arrays.

        Returns:
            The arrays, in any memory layout, and a dict of the settings.
        """
        shapes, static = draw(self.inputs)
        domains = itertools.chain(self.domains, itertools.repeat(self.domains[-1]))
        each = zip(shapes, domains, strict=False)
        return [draw(_arrays(shape, dtype, domain)) for shape, domain in each], static

    def example(self, draw: Draw, *aspects: str) -> Example:
        """A call, in a dtype that the aspects are for.

        Args:
            draw: what draws from a strategy.
            *aspects: those of `ASPECTS` that it is for.
        """
        exact = set(aspects) <= IN_FLOAT64
        dtype = "float64" if exact else draw(st.sampled_from(["float64", "float32"]))
        arrays, static = self.draw(draw, dtype)
        high = self.order > 2 and "gradient" in aspects and draw(st.sampled_from([0, 0, 1]))
        return Example(self, arrays, static, self.order if high else min(self.order, 2))

    def check(self, aspect: str, draw: Draw) -> None:
        """Test one aspect with one example.

        Args:
            aspect: one of `ASPECTS`.
            draw: what draws from a strategy.

        Raises:
            AssertionError: when the op is wrong; a `GradientError`, when its gradient is.
        """
        _checked(aspect)(self.example(draw, aspect))

    def test(self, *aspects: str, **settings: Any) -> Callable[[], None]:
        """A test under hypothesis: a function of nothing, as `given` makes one.

        What hypothesis puts on top of a test may be put on this one: `seed`, `reproduce_failure`.

        Args:
            *aspects: one of `ASPECTS`, or several, which then share their examples.
            **settings: hypothesis' settings, such as `max_examples=1000`, instead of the profile's.

        Returns:
            The test. It draws as many examples as the profile says; a third of them for aspects
            that take longer than the draw, unless that is 1,000 or more.
        """
        checks = [_checked(aspect) for aspect in aspects]

        def test(example: Example) -> None:
            for aspect, check in zip(aspects, checks, strict=True):
                try:
                    check(example)
                except AssertionError as error:
                    error.add_note(f"Aspect: {aspect}")
                    raise

        title = "-".join([self.name, *aspects])
        test.__name__ = re.sub(r"\W|^(?=\d)", "_", title)
        # By its source and signature hypothesis knows a test again, in its store of failures.
        test.__annotations__ = {"example": title}
        examples = st.composite(lambda draw: self.example(draw, *aspects))()
        profile = hypothesis.settings()
        most = profile.max_examples
        if most < MANY and SLOW.issuperset(aspects):
            most = max(most // 3, 5)
        chosen: dict[str, Any] = {
            "max_examples": most,
            "report_multiple_bugs": False,
            "deadline": None,  # a loaded machine is not a wrong op
            "suppress_health_check": [*profile.suppress_health_check, HealthCheck.too_slow],
            "phases": [phase for phase in profile.phases if phase is not Phase.explain],
            **settings,
        }
        return hypothesis.settings(**chosen)(hypothesis.given(example=examples)(test))

    def run(self, *aspects: str, **settings: Any) -> None:
        """Run the test that `test` gives.

        Args:
            *aspects: as those of `test`; none for all that the case has.
            **settings: as those of `test`.

        Raises:
            AssertionError: when the op is wrong; a `GradientError`, when its gradient is. Its
                notes have the aspect, and the smallest example that hypothesis found.
        """
        self.test(*(aspects or self.aspects), **settings)()


def _checked(aspect: str) -> Callable[[Example], None]:
    """The check of an aspect."""
    if aspect not in CHECKS:
        message = f"OpCase: got the aspect {aspect!r}; expected one of {', '.join(CHECKS)}"
        raise ValueError(message)
    return CHECKS[aspect]


def op_case(
    op: Callable[..., Any],
    reference: Callable[..., Any] | None = None,
    inputs: st.SearchStrategy[Any] | None = None,
    domains: Domain | Sequence[Domain] = (REAL,),
    order: int = 2,
    call: Callable[..., Any] = usual_call,
    name: str | None = None,
) -> OpCase:
    """Declare in one line how an op is tested.

    Bound to a name that begins with `test`, alone or in a list, it is collected by the pytest
    plugin `autograd_lite.testing.plugin` as a test of each aspect:

    - value: that of the reference, of tensors and of arrays, in float64 and float32, from any
      memory layout;
    - gradient: that of finite differences, up to `order`;
    - jvp: products with the derivative and with its transpose agree, and with the Jacobian;
    - laws: linearity, zero, broadcasting, accumulation, symmetry;
    - dtype: results and gradients of orders 1 and 2 have the dtype and the shape they should have;
    - layout: arrays with gaps, reversed or transposed give what contiguous ones give;
    - hygiene: nothing is written to, nothing shared, and the same comes out twice.

    Args:
        op: a function of tensors or arrays, and settings.
        reference: the same function of arrays, written in another way, as NumPy has it.
        inputs: a strategy of pairs: a list of the arrays' shapes, and a dict of settings. By
            default shapes that broadcast, as many as there are parameters before the slash.
        domains: the values of each array; the last holds for all that follow. By default numbers
            from -3 to 3. Keep them off kinks, where a gradient is no derivative; or give a Domain
            with `kinks`, and any gradient between the one-sided ones will do.
        order: the highest order of gradients to check, 0 for an op that has none. Those above 2
            are checked in a third of the examples, for each takes three times as long.
        call: how to call `op` and `reference`, if not as `f(*arrays, **settings)`: a function of
            one of them, the arrays and the settings.
        name: what the tests are called, if not as the op.

    Returns:
        The case.

    Raises:
        TypeError: when an argument is of the wrong kind, or the op has no slash and no `inputs`.
        ValueError: when `order` is no order, or there are no domains.

    Example:
        >>> import numpy as np
        >>> import autograd_lite as ag
        >>> @ag.func.custom_op
        ... def log1pexp(x, /):
        ...     return np.logaddexp(0, x), lambda g: g * ag.sigmoid(x)
        >>> test_log1pexp = op_case(log1pexp, lambda x: np.log(1 + np.exp(x)))
        >>> test_log1pexp.run("gradient")
    """
    for role, value in {"op": op, "call": call, "reference": reference or op}.items():
        if not callable(value):
            msg = f"op_case: got {describe(value)} as {role}; expected a function"
            raise TypeError(msg)
    name = name or str(getattr(op, "__name__", None) or type(op).__name__)
    if not isinstance(name, str):
        msg = f"op_case: got {describe(name)} as name; expected a string"
        raise TypeError(msg)
    each: tuple[Any, ...] = tuple(domains) if isinstance(domains, (tuple, list)) else (domains,)
    if not each or not all(isinstance(domain, Domain) for domain in each):
        message = f"op_case: got domains={each}; expected a Domain for each array, or one for all"
        raise (TypeError if each else ValueError)(message)
    if not is_whole(order, 0):
        msg = f"op_case: got order={order!r}; expected 0, 1, 2 or more"
        raise ValueError(msg)
    if inputs is None:
        inputs = _broadcasting(op, name)
    elif not isinstance(inputs, st.SearchStrategy):
        message = (
            f"op_case: got {describe(inputs)} as inputs; expected a strategy of pairs (shapes,"
            " settings), such as st.just(([(2, 3)], {'axis': 0}))"
        )
        raise TypeError(message)
    return OpCase(op, reference, inputs, each, order, call, name)


def _broadcasting(op: Callable[..., Any], name: str) -> st.SearchStrategy[Any]:
    """As many shapes that broadcast as the op has arrays."""
    try:
        parameters = list(inspect.signature(op).parameters.values())
    except (TypeError, ValueError):  # of a function in C that says nothing of itself
        parameters = []
    count = sum(p.kind is p.POSITIONAL_ONLY and p.default is p.empty for p in parameters)
    if not count:
        message = (
            f"op_case: {name} has no parameters before a slash, so nobody knows how many arrays it"
            " takes; write def f(x, y, /, setting=1), or give inputs: a strategy of pairs (shapes,"
            " settings)"
        )
        raise TypeError(message)
    return broadcastable(count).map(lambda shapes: (shapes, {}))
