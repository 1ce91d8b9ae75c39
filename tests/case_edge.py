"""What a comparison with differences cannot test of an op: where derivatives end, by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, repr=False)
class Edge:
    """Tests of an op at the edge of where it has a gradient, for the mutation score to ask, too.

    Attributes:
        op: the op that what is tested belongs to.
        checks: by name, a function that draws one example and raises AssertionError.
    """

    op: Callable[..., Any]
    checks: dict[str, Callable[[Any], None]]

    def __repr__(self) -> str:
        return f"edges of {self.op.__name__}"

    @property
    def aspects(self) -> tuple[str, ...]:
        """The names of the checks."""
        return tuple(self.checks)

    def check(self, aspect: str, draw: Any) -> None:
        """Test one aspect with one example."""
        self.checks[aspect](draw)
