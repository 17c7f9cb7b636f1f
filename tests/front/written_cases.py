"""Tables of what people write: a title, the body of an action, and what else its model has.

`--- class` and `--- module` begin what belongs into the class and before it; `====` ends a case.
"""

import importlib.util
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "written"
TEMPLATE = (HERE / "model.template").read_text(encoding="utf-8")


@dataclass
class Case:
    """One entry of a table."""

    title: str
    parts: dict[str, list[str]] = field(
        default_factory=lambda: {"body": [], "class": [], "module": []}
    )

    @property
    def is_body_alone(self) -> bool:
        """Whether nothing belongs into the class or the module."""
        return not self.parts["class"] and not self.parts["module"]


def cases(table: str) -> Iterator[Case]:
    """The entries of a table, in order."""
    for block in (HERE / f"{table}.txt").read_text(encoding="utf-8").split("====\n"):
        title, _, text = block.strip("\n").partition("\n")
        case, where = Case(title), "body"
        for line in text.splitlines():
            if line.startswith("--- "):
                where = line.removeprefix("--- ")
            else:
                case.parts[where].append(line)
        yield case


def model_of(folder: Path, name: str, given: Sequence[Case]) -> Any:
    """A model class with one action for each case, from a file of its own."""
    path = folder / f"{name}.py"
    path.write_text(source_of(given), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module.Written


def source_of(given: Sequence[Case]) -> str:
    """The text of such a model."""
    module = [line for case in given for line in case.parts["module"]]
    inside = [_indented(line, 4) for case in given for line in case.parts["class"]]
    before, after = TEMPLATE.split("    # ACTIONS\n")
    before = before.replace("# MODULE\n", "\n".join([*module, ""]))
    before = before.replace("    # CLASS\n", "\n".join([*inside, ""]))
    return before + "\n".join(map(_action, range(len(given)), given)) + after


def _action(number: int, case: Case) -> str:
    body = "\n".join(_indented(line, 8) for line in case.parts["body"])
    head = f'    @action\n    def go{number}(self) -> None:\n        """{case.title}."""\n'
    return f"{head}{body}\n"


def _indented(line: str, by: int) -> str:
    return " " * by + line if line else ""
