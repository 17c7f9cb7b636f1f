"""Examples in docstrings, run under the import names users have."""

import doctest
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import house
import pytest


def modules() -> Iterator[str]:
    """Dotted names of all modules of the four packages."""
    for package in house.PACKAGES:
        root = importlib.import_module(f"planespec.{package}")
        yield root.__name__
        for info in pkgutil.walk_packages(root.__path__, root.__name__ + "."):
            yield info.name


@pytest.mark.parametrize("package", house.PACKAGES)
def test_the_examples_of_a_package_are_true(package: str) -> None:
    for name in modules():
        if name.split(".")[1] == package and not name.endswith("__main__"):
            module = importlib.import_module(name)
            if ">>> " in Path(str(module.__file__)).read_text(encoding="utf-8"):
                result = doctest.testmod(module)
                assert (result.failed, result.attempted > 0) == (0, True), name


def test_the_walk_finds_modules_in_subpackages() -> None:
    assert "planespec.reports.cli.main" in set(modules())
