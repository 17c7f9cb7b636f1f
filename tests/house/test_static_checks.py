"""Types, lint and layout of the whole repository, as CI and an editor see them."""

import ast

import house
import pytest


@pytest.mark.parametrize("package", house.PACKAGES)
def test_a_package_is_there(package: str) -> None:
    assert list(house.python_files(package))


def test_every_package_passes_mypy_strict() -> None:
    packages = [word for name in house.PACKAGES for word in ("-p", f"planespec.{name}")]
    house.assert_succeeds("mypy", "--strict", *packages)


def test_ruff_finds_nothing() -> None:
    house.assert_succeeds("ruff", "check", ".")


def test_every_file_is_formatted() -> None:
    house.assert_succeeds("ruff", "format", "--check", ".")


def test_every_file_is_python_3_11() -> None:
    for path in house.python_files(*house.PACKAGES, "tests", "bench"):
        ast.parse(path.read_text(encoding="utf-8"), house.name(path), feature_version=(3, 11))
