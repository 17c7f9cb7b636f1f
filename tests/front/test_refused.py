"""What the language does not have is refused at its place, with what is allowed instead.

Each file in `refused/` lists bodies of an action; the messages are recorded in tests/golden.
"""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from planespec.checker.errors import ExitCode
from planespec.checker.front import LanguageError, compile_system
from planespec.checker.instance import Instance

HERE = Path(__file__).parent / "refused"
TABLES = sorted(p.stem for p in HERE.glob("*.txt"))
MODEL = (Path(__file__).parent / "refused" / "model.template").read_text(encoding="utf-8")


def load(path: Path, text: str) -> Any:
    """Write a model file and import it."""
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def refusal(folder: Path, body: str, number: int) -> str:
    """The message for an action with the given body, without the folder."""
    lines = "\n".join(f"        {line}" if line else "" for line in body.splitlines())
    path = folder / f"refused_{number}.py"
    module = load(path, MODEL.replace("        BODY", lines))
    with pytest.raises(LanguageError) as caught:
        compile_system(Instance(module.Refused))
    assert caught.value.exit_code is ExitCode.PARSE
    return str(caught.value).replace(str(path), "model.py")


@pytest.mark.parametrize("table", TABLES)
def test_unknown_constructs_are_refused_with_place_text_and_advice(
    table: str, tmp_path: Path, golden: Callable[[str, str], None]
) -> None:
    found = []
    for number, case in enumerate((HERE / f"{table}.txt").read_text().split("====\n")):
        title, _, body = case.partition("\n")
        message = refusal(tmp_path, body, number)
        found.append(f"{title}\n{body}----\n{message}\n")
    golden(f"refused_{table}.txt", "\n".join(found))
