"""Files and functions stay small enough to be read at one sitting."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import house

LONGEST_FILE = 400
"""Lines no file may exceed; 80 to 250 is the aim."""
LONGEST_FUNCTION = 60
"""Lines no function may exceed, docstring included; 4 to 20 is the aim."""
SHARE_OF_SHORT_FUNCTIONS = 0.9
SHORT_FUNCTION = 25

FILES = list(house.python_files(*house.PACKAGES))


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Place and length in lines of every function of a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield (
                f"{house.name(path)}:{node.lineno} {node.name}",
                node.end_lineno - node.lineno + 1,
            )


@cache
def all_functions() -> tuple[tuple[str, int], ...]:
    """Those of the packages."""
    return tuple(pair for path in FILES for pair in functions(path))


def test_no_file_is_longer_than_the_limit() -> None:
    lengths = {
        house.name(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in house.python_files(*house.PACKAGES, "bench", "tests")
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_longer_than_the_limit() -> None:
    lengths = dict(all_functions())
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def test_nine_functions_in_ten_are_short() -> None:
    lengths = sorted(all_functions(), key=lambda pair: -pair[1])
    short = sum(lines <= SHORT_FUNCTION for _, lines in lengths)
    longest = "\n".join(f"{lines:4} {place}" for place, lines in lengths[:20])
    print(f"the longest functions:\n{longest}")
    assert short / len(lengths) >= SHARE_OF_SHORT_FUNCTIONS
