"""The first nan or infinity, and where it comes from."""

from __future__ import annotations

from autograd_lite.anomaly_watch import Detector
from autograd_lite.errors import describe
from autograd_lite.recording import Mode, Switch


class detect_anomaly(Switch):  # noqa: N801  # as no_grad: it reads as a statement
    """Make the first nan or infinity inside an error that tells where it comes from.

    Whatever op makes it, forward or backward, the error has the op, the shapes, dtypes and ranges
    of what it was given, their values at the place, how many are bad, the module that was running,
    and the line of code that called the op: for a gradient too, if the op was called inside.
    An op that was given a bad value is not blamed: the error then names the argument, and the
    parameter if it is one. A bad gradient that no op made is that which `backward` was given, what
    a hook returned, or a sum that overflowed, and the error says so.

    A context manager and a decorator (of functions and coroutine functions), of the calling thread
    and asyncio task alone. It is for looking, not for every day: each result is read once more. It
    nests with `profile()`; of two nested ones, the inner decides. NumPy's own warnings of floats
    are silent inside ops, for the error says more. An error in `backward` changes no `grad`.

    Args:
        inf: whether infinities are errors too. False lets them pass, where they are meant: logits
            of -inf that rule classes out, log(0). What makes nan of them is found all the same.

    Raises:
        TypeError: when `inf` is not True or False, or it decorates a generator function.
        AnomalyError: a FloatingPointError, inside the block.

    Example:
        >>> import autograd_lite as ag
        >>> x = ag.tensor([1.0, 4.0, 0.0], requires_grad=True)
        >>> y = (x**0.25).sum()
        >>> try:
        ...     with ag.detect_anomaly():
        ...         (x**0.25).sum().backward()
        ... except ag.AnomalyError as error:
        ...     print(str(error).splitlines()[0])
        detect_anomaly: in the backward pass of pow, 1 of 3 values is not finite (1 infinite), the
        first, inf, at 2, of the gradient for its argument x
    """

    def __init__(self, *, inf: bool = True) -> None:
        if not isinstance(inf, bool):
            message = (
                f"detect_anomaly: got inf={describe(inf)}; expected True or False: write"
                " `with detect_anomaly():`, or @detect_anomaly() above a function"
            )
            raise TypeError(message)
        self._inf = inf

    def changed(self, before: Mode) -> Mode:
        """The present mode, with a watcher around the one that there is."""
        return Mode(before.records, Detector(before.watcher, inf=self._inf))
