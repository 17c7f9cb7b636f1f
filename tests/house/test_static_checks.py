"""Types, lint and layout of the whole repository, as CI and an editor see them."""

import ast
from pathlib import Path

import house
import pytest


@pytest.mark.parametrize("package", house.PACKAGES)
def test_a_package_is_there(package: str) -> None:
    assert list(house.python_files(package))


def test_every_package_passes_mypy_strict(tmp_path: Path) -> None:
    packages = [word for name in house.PACKAGES for word in ("-p", f"planespec.{name}")]
    there = (house.ROOT / ".pypath/planespec/spec").is_dir()  # an unpacked sdist has no links
    path = {} if there else {"MYPYPATH": str(house.linked(tmp_path))}
    house.assert_succeeds("mypy", "--strict", *packages, **path)


def test_ruff_finds_nothing() -> None:
    house.assert_succeeds("ruff", "check", ".")


def test_every_file_is_formatted() -> None:
    house.assert_succeeds("ruff", "format", "--check", ".")


def test_every_file_is_python_3_11() -> None:
    for path in house.python_files(*house.PACKAGES, "tests", "bench"):
        ast.parse(path.read_text(encoding="utf-8"), house.name(path), feature_version=(3, 11))
