"""The tables of `docs/numpy.md`, made from the code: `python docs/numpy_page.py` writes them anew.

What dispatches is found by looking, at NumPy and at the ops that there are.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from autograd_lite.numpy_names import METHODS, op_named, way_of

PAGE = Path(__file__).with_name("numpy.md")
MADE = re.compile(r"(?<=<!-- made by numpy_page.py -->\n).*(?=<!-- end -->)", re.DOTALL)
MODULES: dict[str, Any] = {"": np, "linalg.": np.linalg, "fft.": np.fft}
DISPATCHERS = (np.ufunc, type(np.sum))


def functions() -> dict[str, Any]:
    """The public functions of NumPy that ask a tensor what to do, by name."""
    return {
        prefix + name: value
        for prefix, module in MODULES.items()
        for name in sorted(dir(module))
        if name[0] != "_" and isinstance(value := getattr(module, name), DISPATCHERS)
    }


def fates() -> dict[str, str]:
    """What becomes of a call of each, in the words of the page."""
    found = {}
    for name, function in functions().items():
        way = way_of(function)
        if way.op is not None:
            found[name] = f"`ag.{way.path}`"
        elif way.is_step:
            found[name] = "NumPy's"
        else:
            found[name] = f"refused: `{way.instead}`" if way.instead else "refused"
    return found


def tables() -> str:
    """The made part of the page."""
    found = fates()
    ops = {name: fate for name, fate in found.items() if fate.startswith("`")}
    same = [name for name, fate in ops.items() if fate == f"`ag.{name}`"]
    instead = {n: fate for n, fate in found.items() if fate.startswith("refused: ")}
    version = ".".join(np.__version__.split(".")[:2])
    reductions = {
        f"{ufunc}.{method}": f"`ag.{ours}`"
        for (ufunc, method), ours in METHODS.items()
        if op_named(ours)
    }
    parts = [
        f"The functions of NumPy {version}.\n",
        "### Recorded, by the op of the same name\n",
        listed(same),
        "### Recorded, by an op of another name\n",
        table({**{n: fate for n, fate in ops.items() if n not in same}, **reductions}),
        "`np.multiply.outer(x, y)`, and `outer` of other ufuncs, is the op with axes added.\n",
        "### Computed by NumPy: there is no derivative\n",
        listed([name for name, fate in found.items() if fate == "NumPy's"]),
        "### Refused, with what to write instead\n",
        table({name: fate.removeprefix("refused: ") for name, fate in instead.items()}),
        "### Refused: there is no op\n",
        listed([name for name, fate in found.items() if fate == "refused"]),
    ]
    return "\n" + "\n".join(parts) + "\n"


def listed(names: list[str]) -> str:
    """Names in a paragraph."""
    return ", ".join(f"`np.{name}`" for name in names) + "\n" if names else "None.\n"


def table(rows: dict[str, str]) -> str:
    """Names, and what to use, in two columns."""
    lines = [f"| `np.{name}` | {fate.replace('|', chr(92) + '|')} |" for name, fate in rows.items()]
    return "\n".join(["| NumPy | here |", "|---|---|", *lines]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(MADE.sub(lambda _: tables(), PAGE.read_text("utf-8")), "utf-8")
