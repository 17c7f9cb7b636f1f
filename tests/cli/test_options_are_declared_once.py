"""What two commands say alike of an option or an argument is declared in one place."""

import ast
from collections import defaultdict
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "reports" / "cli"
DECLARING = frozenset({"option", "argument"})


def declared(file: Path) -> list[str]:
    """The options and arguments that a file declares, as text without their layout."""
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr in DECLARING:
            found.append(ast.unparse(node))
    return found


def test_no_option_is_declared_in_two_commands() -> None:
    places = defaultdict(list)
    for file in sorted(FOLDER.glob("*.py")):
        for text in declared(file):
            places[text].append(file.name)
    assert len(places) > 40
    assert {text: files for text, files in places.items() if len(files) > 1} == {}
