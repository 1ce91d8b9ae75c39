"""The README's taste of the API runs."""

import re
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"


def test_the_taste_of_the_api_runs() -> None:
    """The Python of the README, with its own assertions."""
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(code, str(README), "exec"), {})  # noqa: S102  # it is what a reader would paste
