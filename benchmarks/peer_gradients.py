"""A search for wrong gradients in released libraries, through our public toolkit.

python benchmarks/peer_gradients.py
python benchmarks/peer_gradients.py --libraries "HIPS autograd,MyGrad" --cases prod

Functions at points that are hard for derivatives (kinks, ties, zeros, repeated indices and values,
second derivatives) are handed to `gradcheck` as plain callables, and at float32 to `check_hygiene`.
The report is Markdown: what is wrong, what is accepted at kinks, and what raises. What is not
installed is left out.
"""

from __future__ import annotations

import argparse
import functools
import importlib.metadata
import importlib.util
import sys
import warnings
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from searching.cases import ELEMENTS, Case
from searching.cases_arrays import MATRICES, NORMS, PICKS, REDUCTIONS
from searching.libraries import LIBRARIES, Library, NotThereError, many

from autograd_lite.testing import check_hygiene, gradcheck

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES = (*ELEMENTS, *REDUCTIONS, *NORMS, *PICKS, *MATRICES)
_LIMITS = (NotImplementedError, NotThereError, FileNotFoundError)  # the last: no clang


class Found(NamedTuple):
    """What became of a case in a library.

    Attributes:
        case: the case.
        library: the library's name.
        verdict: gradcheck's, or "not offered", "raises" or "float64".
        gradient: the gradient of the sum, or the message of what was raised.
    """

    case: Case
    library: str
    verdict: str
    gradient: str = ""


def main() -> None:
    """Search the libraries that the command line asks for, and print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    known = [library.name for library in LIBRARIES]
    parser.add_argument("--libraries", default=",".join(known), help="separated by commas")
    parser.add_argument("--cases", default="", help="only cases with this in their name")
    options = parser.parse_args()
    asked = options.libraries.split(",")
    if not set(asked) <= set(known):
        parser.error(f"expected libraries of {', '.join(known)}")
    chosen = [x for x in LIBRARIES if x.name in asked and importlib.util.find_spec(x.package)]
    warnings.simplefilter("ignore")
    found = []
    with np.errstate(all="ignore"):
        for library in chosen:
            print(library.name, file=sys.stderr, flush=True)
            found += list(search(library, options.cases))
    print(", ".join(f"{x.name} {importlib.metadata.version(x.package)}" for x in chosen) + "\n")
    report(found, [library.name for library in chosen])


def search(library: Library, part: str) -> Iterator[Found]:
    """What becomes of the cases with a part of a name in a library."""
    names, plain = library.load()
    for case in [case for case in CASES if part in case.name]:
        if case.order > library.orders:
            yield Found(case, library.name, "not offered")
            continue
        forward, vjp = plain(functools.partial(case.f, names), case.order)
        yield examine(case, library.name, forward, vjp)
        if case.order == 1 and leaks(case, forward, vjp):
            yield Found(case, library.name, "float64")


def examine(case: Case, library: str, forward: Any, vjp: Any) -> Found:
    """The verdict on one case."""
    try:
        values = forward(*case.inputs)
    except Exception:  # noqa: BLE001 - the libraries raise what they like where they lack a case
        return Found(case, library, "not offered")
    try:
        gradients = ", ".join(map(show, vjp(tuple(map(np.ones_like, values)), *case.inputs)))
        checked = gradcheck(forward, case.inputs, vjp=vjp, raise_exception=False)
        return Found(case, library, str(checked.verdict), gradients)
    except _LIMITS:
        return Found(case, library, "not offered")
    except Exception as error:  # noqa: BLE001 - the same
        return Found(case, library, "raises", f"{type(error).__name__}: {error}".splitlines()[0])


def leaks(case: Case, forward: Any, vjp: Any) -> bool:
    """Whether a float32 input that gives float32 results gets a gradient of another dtype."""
    inputs = [x.astype(np.float32) for x in case.inputs]
    try:
        if any(v.dtype != np.float32 for v in many(forward(*inputs))):
            return False
        return "form" in check_hygiene(forward, inputs, vjp=vjp, raise_exception=False).broken
    except Exception:  # noqa: BLE001 - what raises is found by examine
        return False


def show(gradient: Any) -> str:
    """The entries of a gradient, in short."""
    return np.array2string(
        np.asarray(gradient), precision=4, separator=", ", max_line_width=10**6
    ).replace("\n", "")


def report(found: list[Found], libraries: list[str]) -> None:
    """Print the tables."""
    cases = {f.case.name for f in found}
    functions = {name.split("''")[0] for name in cases}
    print(f"{len(cases)} cases of {len(functions)} functions and points.\n")
    verdicts = ("pass", "not smooth", "fail", "raises", "not offered", "float64")
    counts = Counter((f.library, f.verdict) for f in found)
    heads = ["library", "right", "accepted at a kink", "wrong", "raises", "not offered", "leaks"]
    table(heads, [[name, *(counts[name, v] for v in verdicts)] for name in libraries])
    by_verdict = defaultdict(list)
    for f in found:
        by_verdict[f.verdict].append(f)
    print("### Wrong\n")
    rows = sorted(by_verdict["fail"], key=lambda f: CASES.index(f.case))
    table(
        ["case", "point", "library", "gradient of the sum", "right, or the sides"],
        [[f.case.name, point(f.case), f.library, f.gradient, f.case.right] for f in rows],
    )
    print("### Accepted at a kink\n")
    rows = sorted(by_verdict["not smooth"], key=lambda f: CASES.index(f.case))
    table(
        ["case", "point", "library", "gradient of the sum"],
        [[f.case.name, point(f.case), f.library, f.gradient] for f in rows],
    )
    print("### Raises in the backward pass\n")
    table(
        ["case", "library", "message"],
        [[f.case.name, f.library, f"`{f.gradient[:90]}`"] for f in by_verdict["raises"]],
    )
    print("### Gradients in float64 of float32 inputs and results\n")
    for name in libraries:
        leaking = [f.case.name for f in by_verdict["float64"] if f.library == name]
        print(f"- {name}: {'; '.join(leaking) or 'none'}")


def point(case: Case) -> str:
    """The inputs of a case, where they are short."""
    shown = "; ".join(map(show, case.inputs))
    return shown if len(shown) <= 40 else " and ".join(str(x.shape) for x in case.inputs)


def table(head: list[str], rows: list[list[Any]]) -> None:
    """Print rows as Markdown."""
    for row in [head, ["---"] * len(head), *rows]:
        print("| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |")
    print()


if __name__ == "__main__":
    main()
