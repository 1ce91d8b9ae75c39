"""Mutants that compute what the original does: no test can find them, and why."""

_DIVISOR = "-(g / y) out and -(out / y) g are the same product, but for rounding"

_EXCHANGED = "_divisor_gradient(g, out, y) -> _divisor_gradient(out, g, y)"

_MATMUL = "no operand of this kind of product is broadcast: the gradient has its shape"

_ONE_COLUMN = "the gradient has one column, which is its own mirror image"

_NOTHING_OVER = "0 / 2 is 0 / 1"

EQUIVALENT: dict[str, str] = {
    f"div[1] swapped operands: {_EXCHANGED}": _DIVISOR,
    "_ties swapped operands: y[..., None, :] - y[..., :, None]"
    " -> y[..., :, None] - y[..., None, :]": "the absolute value is taken",
    "_svd_gradient swapped operands: min(m, n) -> min(n, m)": "the smaller one is the same",
    "asked[0] not summed": "the result is x, so its gradient has the shape of x",
    "over_gaps constant: 1 -> 2 #2": _NOTHING_OVER,
    "over_gaps other array: y -> x #7": "both are as long, as x is square",
    "over_gaps[0] one entry": "the last entry is on the diagonal, where all are 0",
    "over_values constant: 1 -> 2": _NOTHING_OVER,
    **dict.fromkeys(
        [
            "matmul[0] not summed",
            "matmul[1] not summed",
            "matmul[1]#2 not summed",
            "matmul[0]#3 not summed",
            "matmul[0]#4 not summed",
            "matmul[1]#4 not summed",
            "matmul[0]#5 not summed",
            "matmul[1]#5 not summed",
        ],
        _MATMUL,
    ),
    "matmul[1]#5 flipped": _ONE_COLUMN,
}
