"""Types, lint and layout of the whole repository, as CI and an editor see them."""

import ast
import os
from collections import Counter
from pathlib import Path

import house
import pytest

MYPY_OF_TESTS = """
[mypy]
explicit_package_bases = True
namespace_packages = True
check_untyped_defs = True
disable_error_code = arg-type, assignment, attr-defined, call-arg, comparison-overlap, dict-item,
    index, list-item, misc, operator, type-var, union-attr, valid-type, var-annotated

[mypy-grpc.*,llvmlite.*,z3.*,networkx.*,scipy.*]
ignore_missing_imports = True

[mypy-planespec.*]
follow_imports = silent
"""
"""For tests, which give wrong values on purpose and hold models by their base: imports, names,
redefinitions, overrides and results are checked; what is left out may be taken up kind by kind."""


def packages_for_mypy(folder: Path) -> str:
    """Where mypy finds the packages; an unpacked source distribution has no links."""
    links = house.ROOT / ".pypath"
    return str(links if (links / "planespec/spec").is_dir() else house.linked(folder))


@pytest.mark.parametrize("package", house.PACKAGES)
def test_a_package_is_there(package: str) -> None:
    assert list(house.python_files(package))


def test_every_package_passes_mypy_strict(tmp_path: Path) -> None:
    packages = [word for name in house.PACKAGES for word in ("-p", f"planespec.{name}")]
    house.assert_succeeds("mypy", "--strict", *packages, MYPYPATH=packages_for_mypy(tmp_path))


def test_what_tests_import_and_name_is_there(tmp_path: Path) -> None:
    """Under mypy, with untyped functions checked too; kinds of errors left out: see MYPY_OF_TESTS.

    All in one run, under the names by which tests import each other; what has the name of another
    file is left out.
    """
    files = [f for f in house.python_files("tests") if not f.name.startswith("conftest")]
    names = Counter(path.stem for path in files)
    alone = [path for path in files if names[path.stem] == 1]
    assert len(alone) > 0.95 * len(files)
    (tmp_path / "mypy.ini").write_text(MYPY_OF_TESTS, encoding="utf-8")
    folders = sorted({str(path.parent) for path in alone})
    house.assert_succeeds(
        *("mypy", "--config-file", str(tmp_path / "mypy.ini")),
        *("--cache-dir", str(house.ROOT / ".mypy_cache" / "tests")),
        *map(str, alone),
        MYPYPATH=os.pathsep.join([packages_for_mypy(tmp_path), *folders]),
    )


def test_ruff_finds_nothing() -> None:
    house.assert_succeeds("ruff", "check", ".")


def test_every_file_is_formatted() -> None:
    house.assert_succeeds("ruff", "format", "--check", ".")


def test_every_file_is_python_3_11() -> None:
    for path in house.python_files(*house.PACKAGES, "tests", "bench"):
        ast.parse(path.read_text(encoding="utf-8"), house.name(path), feature_version=(3, 11))
