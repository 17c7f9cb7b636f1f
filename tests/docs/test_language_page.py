"""Every model on docs/language.md is what its first line says, in both explicit engines."""

import re
from pathlib import Path

import pytest

from planespec.checker.budget import Options
from planespec.checker.engines.native import native_engine as native
from planespec.checker.engines.python import python_engine as python
from planespec.checker.errors import InputError
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.ir.grammar import verify
from planespec.checker.lang.declarations import Part
from planespec.checker.lang.model import Model, declarations
from planespec.checker.load import load_model
from planespec.checker.outcome import Verdict

PAGE = Path(__file__).parents[2] / "docs" / "language.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.S | re.M)


def models(block: str, folder: Path) -> list[Instance]:
    path = folder / "page.py"
    path.write_text(block, encoding="utf-8")
    names = re.findall(r"^class (\w+)\((?:Model|\w+, \w+)\)|^(\w+) = compose", block, re.M)
    found = [load_model(f"{path}:{a or b}") for a, b in names]
    return [Instance(model) for model in found if not _is_unfinished(model)]


def _is_unfinished(model: type[Model]) -> bool:
    """Whether a part needs another part to run."""
    return any(m.is_a(Part.ABSTRACT) for m in declarations(model).methods.values())


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_each_model_of_the_page_is_what_it_says(number: int, tmp_path: Path) -> None:
    block = BLOCKS[number]
    expected = block.splitlines()[0].removeprefix("# ")
    found = models(block, tmp_path)
    assert found
    if expected.startswith("Refused: "):
        with pytest.raises(InputError) as refusal:
            compile_system(found[0])
        assert expected.removeprefix("Refused: ") in str(refusal.value)
        return
    for instance in found:
        verify(compile_system(instance))
        for engine in (python, native):
            outcome = engine.run(instance, Options())
            text = outcome.verdict.value
            if outcome.verdict is Verdict.VIOLATED and outcome.violation is not None:
                text += f": {outcome.violation.property}"
            assert text == expected


def test_the_page_has_a_model_of_each_kind() -> None:
    kinds = {block.splitlines()[0].split(":")[0] for block in BLOCKS}
    assert kinds == {"# Holds", "# Violated", "# Refused"}
