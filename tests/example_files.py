"""The scripts in examples/, as modules and as a user starts them."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "examples"


def load(name: str) -> Any:
    """The script of that name as a module."""
    if str(FOLDER) not in sys.path:
        sys.path.append(str(FOLDER))  # as for Python itself, so that scripts import one another
    return importlib.import_module(name)


def start(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What the script does when a user starts it."""
    command = [sys.executable, str(FOLDER / f"{name}.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)
