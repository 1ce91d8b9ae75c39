"""What a step works on: the gradients of the parameters, checked, and their norm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .clip import global_norm, norm_scale
from .finite import refuse_not_finite
from .groups import gradient_of
from .rows import gradient_or_rows, rows_that_count, values_of
from .settings import plain

if TYPE_CHECKING:
    from autograd_lite.tensor import Tensor

    from .optimizer import Optimizer
    from .rows import Gradient

    Work = tuple[Tensor, Gradient, dict[str, Any]]


def gathered(optimizer: Optimizer, *, check: bool = True) -> tuple[list[Work], float]:
    """Each parameter to update, its gradient and settings; the norm, if a group clips by it.

    Args:
        optimizer: whose parameters.
        check: whether `check_finite` is obeyed.

    Raises:
        ValueError: when a gradient has another shape than its parameter.
        FloatingPointError: when one is not finite, and that is asked for.
    """
    name = f"{type(optimizer).__name__}.step"
    work: list[Work] = []
    for settings in optimizer.param_groups:
        group = plain(settings)
        alone, lazy = optimizer.idle(group), group["lazy_rows"]
        for p in settings["params"]:
            if p.requires_grad and p.grad is not None:
                grad = gradient_or_rows(name, p) if alone or lazy else gradient_of(name, p)
                work.append((p, rows_that_count(grad) if lazy else grad, group))
    checked = [(p, grad) for p, grad, group in work if group["check_finite"]] if check else []
    if checked:
        refuse_not_finite(name, checked)
    if any(group["clip_norm"] is not None for group in optimizer.param_groups):
        return work, global_norm(values_of(grad) for _, grad, _ in work)
    return work, 0.0


def scale_of(group: dict[str, Any], norm: float) -> float:
    """What gradients are multiplied by: for `clip_norm` and `maximize`."""
    limit = group["clip_norm"]
    scale = 1.0 if limit is None else norm_scale(norm, limit)
    return -scale if group["maximize"] else scale
