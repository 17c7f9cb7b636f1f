"""Which package may know which: reports > model > checker's language and spec."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import house
import pytest

ALLOWED = {
    "spec": ("planespec.spec",),
    "model": ("planespec.spec", "planespec.model", "planespec.checker.lang"),
    "checker": ("planespec.checker",),
    "reports": ("planespec",),
}
THIRD_PARTY = {"spec": False, "model": False, "checker": True, "reports": True}


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and absolute module of every import of a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{house.name(path)}:{node.lineno}: relative import"
            yield node.lineno, node.module or ""


def is_allowed(package: str, module: str) -> bool:
    if module.split(".")[0] in sys.stdlib_module_names:
        return True
    if module.split(".")[0] != "planespec":
        return THIRD_PARTY[package]
    return any(module == name or module.startswith(name + ".") for name in ALLOWED[package])


@pytest.mark.parametrize("package", house.PACKAGES)
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    wrong = [
        f"{house.name(path)}:{line}: {module}"
        for path in house.python_files(package)
        for line, module in imported(path)
        if not is_allowed(package, module)
    ]
    assert wrong == []


def test_the_contracts_of_importlinter_are_kept(tmp_path: Path) -> None:
    house.assert_code_succeeds(
        "from importlinter.cli import lint_imports; import sys;"
        "sys.exit(lint_imports('.importlinter', no_cache=True, no_logo=True))",
        PYTHONPATH=str(house.linked(tmp_path)),
    )
