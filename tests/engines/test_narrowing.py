"""Unions are narrowed as type checkers do, and every engine means the same by it."""

from pathlib import Path

import pytest

from planespec.checker.budget import Budget, Options
from planespec.checker.instance import Instance
from planespec.checker.load import load_model
from planespec.checker.outcome import Verdict
from planespec.checker.run import check

ZOO = Path(__file__).parents[1] / "front" / "zoo" / "narrowing_zoo.py"
MODEL = '''"""A record goes into another unless it is one already."""

from typing import Annotated

from planespec.checker.lang import Model, Range, action, record, require


@record
class A:
    """A number."""

    v: Annotated[int, Range(0, 3)]


@record
class B:
    """A truth."""

    v: bool


@record
class C:
    """One of them."""

    inner: A | B


Both = A | B


class Wraps(Model):
    """It is wrapped once."""

    deadlock = False
    u: A | B | C = A(0)
    o: A | B | C | None = A(0)
    taken: bool = False

    @action
    def wrap(self) -> None:
        """Wrap it."""
        old = self.u
{body}
'''

BODIES = {
    "tuple": "if isinstance(old, (A, B)):\n    self.u = C(old)",
    "union": "if isinstance(old, A | B):\n    self.u = C(old)",
    "alias": "if isinstance(old, Both):\n    self.u = C(old)",
    "or": "if isinstance(old, A) or isinstance(old, B):\n    self.u = C(old)",
    "negated": "if not isinstance(old, C):\n    self.u = C(old)",
    "else": "if isinstance(old, C):\n    return\nself.u = C(old)",
    "guard": "require(not isinstance(old, C))\nself.u = C(old)",
    "or_guard": "require(not (isinstance(old, C) or self.taken))\nself.u = C(old)",
    "assert": "if not isinstance(old, C):\n    assert isinstance(old, A | B)\n    self.u = C(old)",
    "field": "if not isinstance(self.u, C):\n    self.u = C(self.u)",
    "conditional": "self.u = old if isinstance(old, C) else C(old)",
    "and": "if not self.taken and not isinstance(old, C):\n    self.u = C(old)",
    "case": "match old:\n    case A() | B() as it:\n        self.u = C(it)",
    "rest": "match old:\n    case C():\n        pass\n    case it:\n        self.u = C(it)",
    "none": "it = self.o\nif it is None or isinstance(it, C):\n    return\n"
    "self.u = C(it)\nself.o = None",
    "none_first": "if None is not self.o and not isinstance(self.o, C):\n"
    "    self.u = C(self.o)\n    self.o = None",
    "none_case": "match self.o:\n    case None | C():\n        pass\n    case it:\n"
    "        self.u = C(it)\n        self.o = None",
    "loop": "for n in range(2):\n    if not isinstance(old, C):\n        old = C(old)\n"
    "self.u = old",
    "assigned": "x = self.u\nif isinstance(x, C):\n    x = A(0)\nif not isinstance(old, C):\n"
    "    self.u = C(x)",
}


@pytest.mark.parametrize("engine", ["python", "native", "symbolic"])
@pytest.mark.parametrize("form", BODIES)
def test_a_record_that_is_wrapped_is_wrapped_once(tmp_path: Path, form: str, engine: str) -> None:
    body = "\n".join(f"        {line}" for line in BODIES[form].splitlines())
    path = tmp_path / "wraps.py"
    path.write_text(MODEL.format(body=body))
    found = check(Instance(load_model(f"{path}:Wraps")), engine, Options(budget=Budget(depth=3)))
    assert found.verdict is Verdict.HOLDS
    if engine != "symbolic":
        assert found.statistics.distinct == 2


def test_what_a_loop_assigns_is_not_known_in_its_next_round(tmp_path: Path) -> None:
    body = (
        "require(isinstance(self.o, A | B))\nfor n in range(2):\n"
        "    self.taken = self.o is None\n    self.o = None\n"
        "require(self.taken)\nif self.o is None:\n    self.u = B(True)"
    )
    text = "\n".join(f"        {line}" for line in body.splitlines())
    path = tmp_path / "wraps.py"
    path.write_text(MODEL.format(body=text))
    last = [
        check(Instance(load_model(f"{path}:Wraps")), engine, Options()).statistics
        for engine in ("python", "native")
    ]
    assert [x.distinct for x in last] == [2, 2]


def test_machine_code_takes_the_steps_of_the_zoo() -> None:
    options = Options(budget=Budget(depth=3))
    native, python = (
        check(Instance(load_model(f"{ZOO}:Narrowing")), engine, options)
        for engine in ("native", "python")
    )
    assert native.verdict is python.verdict
    assert native.statistics.distinct == python.statistics.distinct > 100
    assert native.statistics.generated == python.statistics.generated
