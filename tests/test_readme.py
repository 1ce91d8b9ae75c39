"""The README's taste of the API runs."""

import re
from pathlib import Path

import matplotlib as mpl
import pytest

README = Path(__file__).parent.parent / "README.md"


def test_the_taste_of_the_api_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Python of the README, with its own assertions."""
    monkeypatch.chdir(tmp_path)
    mpl.use("Agg")
    code = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile("\n".join(code), str(README), "exec"), {})  # noqa: S102  # as a reader would
    assert {path.suffix for path in tmp_path.iterdir()} == {"", ".npz", ".onnx", ".png", ".svg"}
