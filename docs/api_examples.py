"""An extension of griffe: the section `Example:` of a docstring has code, as `Examples:` has."""

from __future__ import annotations

import re
from typing import Any

from griffe import Extension, Object


class ExampleSections(Extension):
    """Gives the section the name by which griffe knows it."""

    def on_object(self, *, obj: Object, **kwargs: Any) -> None:  # noqa: ARG002  # as griffe calls it
        """Rename the section in one docstring."""
        if obj.docstring is not None:
            text = obj.docstring.value
            obj.docstring.value = re.sub(r"^Example:$", "Examples:", text, flags=re.MULTILINE)
