"""The examples in docstrings run as they stand."""

import doctest
import importlib
import pkgutil

import pytest

PACKAGES = ("autograd_lite", "autograd_lite.nn", "autograd_lite.optim")


def module_names() -> list[str]:
    """Every module by its installed name, also where nn and optim are no folders of the package."""
    names = set(PACKAGES)
    for package in PACKAGES:
        path = importlib.import_module(package).__path__
        names.update(found.name for found in pkgutil.walk_packages(path, package + "."))
    return sorted(names)


@pytest.mark.parametrize("name", module_names())
def test_the_examples_in_docstrings_run(name: str) -> None:
    result = doctest.testmod(
        importlib.import_module(name),
        optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE,
    )
    assert not result.failed
