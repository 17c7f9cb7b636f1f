"""A table treats elements of a symmetric sort alike where no permutation of them changes it."""

import random
from enum import Enum
from typing import Any

import pytest
from every_permutation import _mover, _permutations

from planespec.checker.front.order_dependence.orders import told_apart
from planespec.checker.instance import Instance
from planespec.checker.lang import Array, Bag, Domain, Model, Sort, each, record, sort, table


class Node(Sort):
    pass


class Disk(Sort):
    pass


class Kind(Enum):
    ONE = 1
    TWO = 2


@record
class At:
    node: Node
    kind: Kind | None = None


@record
class Gone:
    disk: Disk | None


class Kinds(Model):
    """Tables of every kind over two symmetric sorts."""

    nodes: Domain[Node] = sort(3, symmetric=True)
    disks: Domain[Disk] = sort(2, symmetric=True)
    weight: Array[Node, int] = table(each(1))
    peer: Array[Node, Node | None] = table(each(None))
    near: Array[Node, set[Node]] = table(each([]))
    by: Array[Kind, set[Disk]] = table(each([]))
    links: set[tuple[Node, Node]] = table([])
    places: set[At] = table([])
    lot: Bag[Disk] = table([])
    row: list[Node] = table([])
    last: Array[Kind, At | Gone] = table(each({"Gone": {"disk": None}}))
    far: Array[Node, Array[Disk, bool]] = table(each(each(True)))


def drawn(name: str, draw: random.Random) -> Any:
    """A value for a table: often the same for all elements."""
    nodes = range(3)
    pairs = [[a, b] for a in nodes for b in nodes]
    match name:
        case "weight":
            return [draw.choice((1, 1, 2)) for _ in nodes]
        case "peer":
            return draw.choice(([None] * 3, [0, 1, 2], [1, 2, 0], [0, None, 2]))
        case "near":
            own = draw.choice(
                (lambda n: [n], lambda n: [m for m in nodes if m != n], lambda n: [0])
            )
            return [own(n) for n in nodes]
        case "by":
            return [draw.choice(([], [0], [0, 1])), draw.choice(([], [1], [0, 1]))]
        case "links":
            return draw.choice((pairs, [p for p in pairs if p[0] != p[1]], pairs[:4], []))
        case "places":
            kinds = draw.choice(([None], ["ONE", None]))
            some = draw.choice((nodes, range(2), range(0)))
            return [{"node": n, "kind": k} for n in some for k in kinds]
        case "lot":
            return draw.choice(([0, 1], [0, 0, 1, 1], [0, 1, 1], []))
        case "row":
            return draw.choice(([], [0], [0, 1, 2]))
        case "last":
            gone = {"Gone": {"disk": draw.choice((None, 1))}}
            return [gone, draw.choice((gone, {"At": {"node": 2}}))]
    return [draw.choice(([True, True], [True, False])) for _ in nodes]


@pytest.mark.parametrize("name", list(Instance(Kinds).binding.tables))
def test_tables_are_alike_where_no_permutation_changes_them(name: str) -> None:
    draw, answers = random.Random(name), set()
    for _ in range(30):
        instance = Instance(Kinds, {name: drawn(name, draw)})
        held = instance.binding.tables[name]
        moves = [_mover(held.type, p) for p in _permutations(instance.symmetric_sorts)]
        alike = all(move(held.value) == held.value for move in moves)
        assert (told_apart(held.type, held.value) is None) == alike, held.value
        answers.add(alike)
    assert answers == {True, False}
