"""Mutants that compute what the original does: no test can find them, and why."""

_DIVISOR = "-(g / y) out and -(out / y) g are the same product, but for rounding"

_EXCHANGED = "_divisor_gradient(g, out, y) -> _divisor_gradient(out, g, y)"

EQUIVALENT: dict[str, str] = {
    f"div[1] swapped operands: {_EXCHANGED}": _DIVISOR,
}
