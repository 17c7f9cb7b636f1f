"""Code that the constants make dead is not read in a model with conditions, and only that code."""

from pathlib import Path

import pytest
from agreement import assert_agreement

from planespec.checker.errors import InputError
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.ir.show import show
from planespec.checker.load import load_model

MODEL = '''
"""A model whose variable `x` and action `later` exist only when `on`."""

from enum import Enum
from typing import Annotated, ClassVar

from planespec.checker.lang import (
    Array, Domain, Model, Range, Sort, action, constant, each, invariant, mutant, only, require,
    sort,
)


class Node(Sort):
    """A node."""


class Mode(Enum):
    """A mode."""

    PLAIN = "plain"
    FULL = "full"


class M(Model):
    """A model."""

    nodes: Domain[Node] = sort(2)
    on: bool = constant(default=False)
    level: int = constant(0, at_least=0)
    mode: Mode = constant(Mode.PLAIN)
    bug: bool = mutant("A bug.")
    NEVER: ClassVar[bool] = False
    deadlock = False

    x: Array[Node, bool] = only(each(False), when="on")
    y: Annotated[int, Range(0, 3)] = 0

    @action
    def go(self, n: Node) -> None:
        """Go."""
BODY

    @action(when="on")
    def later(self, n: Node) -> None:
        """Later."""
        self.x[n] = not self.x[n]

    def is_set(self, n: Node) -> bool:
        """Set."""
        return self.x[n]

    def set_it(self, n: Node) -> None:
        """Set."""
        self.x[n] = True
'''

FORMS = {
    "if": "if self.on:\n    self.x[n] = True",
    "else": "if not self.on:\n    self.y = 1\nelse:\n    self.x[n] = True",
    "elif": "if self.bug:\n    self.y = 2\nelif self.on:\n    self.x[n] = True\n"
    "else:\n    self.y = 1",
    "and": "self.y = 1 if self.on and self.x[n] else 2",
    "and in the middle": "require(self.y < 3 and self.on and self.x[n])\nself.y += 1",
    "or": "require(not self.on or self.x[n])\nself.y = 1",
    "or in the middle": "require(self.y == 3 or not self.on or self.x[n])\nself.y = 1",
    "an arm": "self.y = (2 if self.x[n] else 1) if self.on else 0",
    "the other arm": "self.y = 0 if not self.on else 2 if self.x[n] else 1",
    "an arm behind the state": "self.y = 3 if self.y < 2 and self.on and self.x[n] else 0",
    "a return before": "if not self.on:\n    self.y = 1\n    return\nself.x[n] = True",
    "a return in both": (
        "if not self.on:\n    if self.y == 0:\n        self.y = 1\n        return\n"
        "    else:\n        return\nself.x[n] = True"
    ),
    "a guard": "require(self.on)\nself.x[n] = True",
    "a guard behind the state": "require(self.y == 0 and self.on)\nself.x[n] = True",
    "a condition behind the state": "if self.y == 0 and self.on:\n    self.x[n] = True\n"
    "self.y = 2",
    "a condition beside the state": "if self.y == 0 or not self.on:\n    self.y = 2\nelse:\n    "
    "self.x[n] = True",
    "a loop": "for m in self.nodes:\n    if not self.on:\n        continue\n    self.x[m] = True",
    "a loop that ends": "for m in self.nodes:\n    if not self.on:\n        break\n    "
    "self.x[m] = True",
    "a comprehension": "self.y = sum(1 for m in self.nodes if self.on and self.x[m])",
    "a helper": "self.y = 1 if self.on and self.is_set(n) else 0",
    "a procedure": "if self.on:\n    self.set_it(n)",
    "a match": "match n:\n    case _:\n        if self.on:\n            self.x[n] = True",
    "an enum": "if self.mode == Mode.FULL and self.on:\n    self.x[n] = True",
    "an enum alone": "if self.mode == Mode.PLAIN:\n    return\nself.x[n] = True",
    "numbers": "if self.level * 2 - 1 >= len(self.nodes) - 1:\n    self.x[n] = True",
    "a chain": "if 0 < self.level <= 2:\n    self.x[n] = True",
    "a constant of the class": "if self.NEVER:\n    self.x[n] = True\nself.y = 1",
    "a mutant": "if self.bug:\n    self.x[n] = True\nself.y = 1",
}
ON = {"on": True, "level": 1, "mode": "FULL"}
ALIVE = {
    "the state": "if self.y == 0:\n    self.x[n] = True",
    "a local": "on = self.on\nif on:\n    self.x[n] = True",
    "a parameter": "if n == n:\n    return\nself.x[n] = True",
    "another constant": "if self.level == 0:\n    self.x[n] = True",
    "the part before": "self.y = 1 if self.x[n] and self.on else 0",
    "after a loop": "for m in self.nodes:\n    if not self.on:\n        break\nself.x[n] = True",
    "a guard that may pass": "require(self.y == 0 or self.on)\nself.x[n] = True",
    "an early end of one branch": "if not self.on:\n    if self.y == 0:\n        return\n"
    "self.x[n] = True",
}


def model_of(folder: Path, body: str) -> str:
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    (folder / "model.py").write_text(MODEL.replace("BODY", lines), encoding="utf-8")
    return f"{folder / 'model.py'}:M"


@pytest.mark.parametrize("form", FORMS)
def test_what_is_never_run_may_name_what_is_off(form: str, tmp_path: Path) -> None:
    model = load_model(model_of(tmp_path, FORMS[form]))
    off = Instance(model)
    assert assert_agreement(off, limit=20) > 0
    assert "x[" not in show(compile_system(off))
    assert assert_agreement(Instance(model, ON), limit=40) > 1


@pytest.mark.parametrize("form", ALIVE)
def test_what_may_be_run_may_not(form: str, tmp_path: Path) -> None:
    model = load_model(model_of(tmp_path, ALIVE[form]))
    assert assert_agreement(Instance(model, ON), limit=10) > 0
    with pytest.raises(InputError, match="x exists only when on, which is false") as caught:
        compile_system(Instance(model))
    assert caught.value.line


def test_dead_code_is_read_in_a_model_without_conditions(tmp_path: Path) -> None:
    text = model_of(tmp_path, "if self.on:\n    self.x[n] = 1.5")
    path = tmp_path / "model.py"
    path.write_text(
        path.read_text("utf-8")
        .replace('only(each(False), when="on")', "each(False)")
        .replace('@action(when="on")', "@action"),
        encoding="utf-8",
    )
    with pytest.raises(InputError, match="whole numbers"):
        compile_system(Instance(load_model(text)))


def test_a_condition_is_evaluated_even_where_its_branch_is_dead(tmp_path: Path) -> None:
    body = "if [1, 2][self.y] == 1 and self.on:\n    self.x[n] = True\nself.y += 1"
    instance = Instance(load_model(model_of(tmp_path, body)))
    assert assert_agreement(instance, limit=10) == 3
    taken = list(instance.successors((1,)))
    assert {s.state for s in taken} == {(2,)}
