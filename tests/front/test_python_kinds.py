"""What CPython tells apart and the IR does not is refused, or made alike in the runtime."""

from pathlib import Path
from typing import Any

import pytest
from agreement import assert_agreement
from test_refused import load

from planespec.checker.front import LanguageError, compile_system
from planespec.checker.instance import Instance

MODEL = '''"""A model."""
from typing import Annotated
from planespec.checker.lang import *


class Node(Sort):
    """A node."""


N = Annotated[int, Range(0, 3)]


@record
class Path:
    nodes: Annotated[tuple[Node, ...], Size(2)] = ()


@record
class Put:
    node: Node
    value: N


@record
class Get:
    node: Node


@record
class Stop:
    n: N


class M(Model):
    nodes: Domain[Node] = sort(2)
    deadlock = False
    xs: Annotated[list[N], Size(3)] = [1, 2]
    ys: Annotated[tuple[N, ...], Size(3)] = (1,)
    path: Path = Path((Node(1),))
    load: Array[Node, N] = each(1)
    seen: Array[Node, set[Node]] = each(set())
    inbox: Put | Get | Stop | None = None
    n: N = 0


    def count(self, load: Array[Node, N]) -> int:
        return sum(load)

    def serve(self, m: Put | Get) -> None:
        if isinstance(m, Put):
            self.load[m.node] = m.value
        else:
            self.n = self.load[m.node]

    def value_of(self, m: Get | Put) -> int:
        match m:
            case Put(value=v):
                return v
            case _:
                return self.load[m.node]

    @action
    def send(self, node: Node, value: N) -> None:
        if value == 0:
            self.inbox = Get(node)
        elif value == 3:
            self.inbox = Stop(1)
        else:
            self.inbox = Put(node, value)

    @action
    def act(self, node: Node) -> None:
BODY
'''

REFUSED = {
    "each in a local": ("old: Array[Node, set[Node]] = each(set())\nold[node].add(node)"),
    "each as an argument": "self.n = self.count(each(1))",
    "each in a branch of a local": (
        "old = each(1) if self.n > 0 else self.load\nself.n = old[node]"
    ),
    "each in a comparison": "require(self.load == each(1))",
    "a list and the tuple of a record": "require(self.path.nodes == [node])",
    "a list and a tuple written out": "require([1] == (1,))",
    "a part of a list and a tuple": "require(self.xs[1:] == (2,))",
    "a list and a tuple joined": "self.xs = self.xs[:1] + (2,)",
    "a tuple joined to the state": "self.xs = self.xs + (3,)",
    "a walk over a dict": ("old = {n: 2 for n in self.nodes}\nself.n = sum(x for x in old)"),
    "a sum of a dict": "self.n = sum({n: 1 for n in self.nodes})",
    "a union that is too wide": ("require(self.inbox is not None)\nself.serve(self.inbox)"),
}

ALIKE = {
    "each where it is stored": (
        "self.load = each(2) if self.n == 0 else each(1)\nself.seen = each(set())"
    ),
    "a list of the state and a tuple": (
        "require(self.xs == (1, 2) and self.ys == [1] and (2,) != self.xs)\nself.n = 3"
    ),
    "a tuple variable and another list": (
        "self.n = 1 if self.ys == self.xs else 2\nself.ys = (1, 2)"
    ),
    "tuples of records": (
        "require(self.path.nodes == (Node(1),))\nself.path = Path((node,) + self.path.nodes[:1])"
    ),
    "values of a dict": (
        "old = {n: self.load[n] for n in self.nodes}\nself.n = max(old.values()) % 3"
    ),
    "a walk over an alias": ("old = self.load\nself.n = sum(x for x in old)"),
    "an array as an argument": "self.n = self.count(self.load)",
    "a union narrowed to a smaller one": (
        "m = self.inbox\n"
        "require(m is not None)\n"
        "if not isinstance(m, Stop):\n"
        "    self.serve(m)\n"
        "    self.n = self.value_of(m)\n"
        "elif isinstance(self.inbox, Put | Get):\n"
        "    self.n = self.value_of(self.inbox)\n"
        "self.inbox = None"
    ),
    "sets and frozensets": (
        "self.seen[node] = frozenset({node})\n"
        "require(self.seen[node] == {node} and {node} == frozenset(self.seen[node]))"
    ),
}


def model(folder: Path, title: str, cases: dict[str, str]) -> Any:
    body = "\n".join(f"        {line}" for line in cases[title].splitlines())
    number = list(cases).index(title)
    return load(folder / f"kinds_{len(cases)}_{number}.py", MODEL.replace("BODY", body)).M


@pytest.mark.parametrize("title", REFUSED)
def test_what_cpython_would_read_otherwise_is_refused(title: str, tmp_path: Path) -> None:
    with pytest.raises(LanguageError) as caught:
        compile_system(Instance(model(tmp_path, title, REFUSED)))
    assert caught.value.text
    assert caught.value.allowed


@pytest.mark.parametrize("title", ALIKE)
def test_what_both_read_alike_is_let_through(title: str, tmp_path: Path) -> None:
    assert assert_agreement(Instance(model(tmp_path, title, ALIKE)), limit=150) > 1
