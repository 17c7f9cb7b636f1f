"""Models with one slip, as a newcomer makes them: each is answered with place, text and advice.

Each file in `broken/` lists models; the answers are recorded in tests/golden, to be read as a user
reads them. A model that has nothing wrong with it does not belong here: it fails the test.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from planespec.checker.errors import InputError, PlanespecError
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.load import load_model

HERE = Path(__file__).parent / "broken"
TABLES = sorted(p.stem for p in HERE.glob("*.txt") if p.stem != "header.py")
HEADER = (HERE / "header.py.txt").read_text(encoding="utf-8")


def cases(table: str) -> Iterator[tuple[str, str]]:
    """Title and text of each model of a table."""
    for case in (HERE / f"{table}.txt").read_text(encoding="utf-8").split("====\n"):
        title, _, text = case.partition("\n")
        yield title, text


def answer(path: Path, text: str) -> PlanespecError:
    """What the user is told of a model with the given text."""
    path.write_text(HEADER + text, encoding="utf-8")
    with pytest.raises(PlanespecError) as caught:
        compile_system(Instance(load_model(f"{path}:M")))
    return caught.value


def told(path: Path, title: str, text: str) -> str:
    """The answer as it is recorded; fails where it lacks place, text or advice."""
    error = answer(path, text)
    assert isinstance(error, InputError), (title, error)
    assert error.line, (title, error)
    assert error.column, (title, error)
    assert error.text, (title, error)
    assert error.allowed or "cannot be imported" in error.message or "syntax" in error.message
    return f"{title}\n{text}----\n{error}\n".replace(str(path), "model.py")


@pytest.mark.parametrize("table", TABLES)
def test_a_slip_is_answered_with_place_text_and_advice(
    table: str, tmp_path: Path, golden: Callable[[str, str], None]
) -> None:
    found = [
        told(tmp_path / f"{table}_{number}.py", title, text)
        for number, (title, text) in enumerate(cases(table))
    ]
    recorded = "\n".join(found)
    for number in range(len(found)):
        recorded = recorded.replace(f"{tmp_path}/{table}_{number}.py", "model.py")
    golden(f"broken_{table}.txt", recorded)
