"""Constant tables: what may be given for one, what each refusal says, and that none changes."""

from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import pytest

from planespec.checker.errors import ConfigurationError, InputError
from planespec.checker.instance import Instance
from planespec.checker.lang import (
    Array,
    Bag,
    Domain,
    LanguageError,
    Model,
    ModelError,
    Range,
    Sort,
    action,
    among,
    constant,
    each,
    invariant,
    record,
    require,
    sort,
    table,
)
from planespec.checker.lang.data.tables import FromFile

Small = Annotated[int, Range(0, 9)]


class Node(Sort):
    pass


class Zone(Enum):
    EAST = "eu-east-1"
    WEST = "eu-west-1"


@record
class Pod:
    cpu: Small
    zone: Zone | None = None


@record
class Gone:
    by: Node


class Tables(Model):
    """A table of every kind."""

    nodes: Domain[Node] = sort(2)
    most: int = constant(5)
    capacity: Array[Node, Small] = table([1, 5], check="max(capacity) <= most")
    pods: Array[Zone, Pod] = table([{"cpu": 3}, Pod(2, Zone.WEST)])
    flags: Array[bool, Small | None] = table({"true": 1, "false": None})
    slots: Array[Annotated[int, Range(2, "nodes + 1")], int] = table({"2": -7, "3": 40})
    near: Array[Node, set[Node]] = table([[1], []])
    far: Array[Node, Array[Zone, Small]] = table(each(each(3)))
    links: set[tuple[Node, int]] = table([["node0", 700], [1, -3]])
    order: list[Node] = table([1, 1, 0])
    lot: Bag[int] = table([4, 4, 1])
    ends: Array[Node, Pod | Gone] = table([{"Pod": {"cpu": 1}}, Gone(Node(0))])
    pair: tuple[Zone, int] = table(["WEST", 12])
    deadlock = False

    free: Array[Node, Annotated[int, Range(0, "max(capacity)")]] = capacity

    @action
    def take(self, n: Node, link: tuple[Node, int] = among("links")) -> None:
        require(self.free[n] > 0 and link[0] == n)
        self.free[n] -= 1

    @invariant
    def some(self) -> bool:
        return self.capacity[Node(0)] <= self.most


TABLES = tuple(Instance(Tables).binding.tables)


def read(name: str, given: Any) -> Any:
    return Instance(Tables, {name: given}).binding.tables[name].value


@pytest.mark.parametrize(
    "given",
    [
        [3, 4],
        (3, 4),
        {"node0": 3, "node1": 4},
        {"node1": 4, "Node0": 3},
        {Node(0): 3, Node(1): 4},
        {"0": 3, "1": 4},
        FromFile([3, 4], "capacity.json"),
    ],
)
def test_a_table_may_be_given_in_any_form(given: Any) -> None:
    assert read("capacity", given) == (3, 4)


def test_names_and_values_of_members_and_dicts_of_records_are_read() -> None:
    given = {"EAST": {"cpu": 1, "zone": "eu-west-1"}, "eu-west-1": {"cpu": 2}}
    assert read("pods", given) == (Pod(1, Zone.WEST), Pod(2))


UNFIT = [
    ("capacity", [1], "capacity: [1] has 1 values for 2 keys"),
    ("capacity", {"node0": 1}, "capacity[node1]: there is no value for this key"),
    ("capacity", {"node0": 1, "node1": 2, "node2": 3}, "capacity: 'node2' is no key"),
    ("capacity", {"node0": 1, "0": 1, "node1": 2}, "has '0' twice"),
    ("capacity", [1, 10], "capacity[node1] = 10 leaves 0..9"),
    ("capacity", [1, "2"], "capacity[node1]: '2' (str) is no 0..9"),
    ("capacity", [1, True], "capacity[node1]: True (bool) is no 0..9"),
    ("capacity", [1, 2.0], "capacity[node1]: 2.0 (float) is no 0..9"),
    ("capacity", [1, None], "capacity[node1]: None (NoneType) is no 0..9"),
    ("capacity", "3", "capacity: '3' (str) is no Array[Node, 0..9]"),
    ("slots", ["x", 1], "slots[2]: 'x' (str) is no int"),
    ("slots", {"1": 1, "2": 2, "3": 3}, "slots: '1' is no key"),
    ("slots", [10**30, 1], f"slots: its numbers are 1..{10**30}, which 64 bits do not hold"),
    ("order", [0] * 65_537, "order: a collection of it has 65,537 members"),
    ("pods", [{"cpu": 3}, {"cpu": 3, "zone": "MARS"}], "pods[WEST].zone: 'MARS' (str) is no Zone"),
    ("pods", [{"cpu": 3}, {"zone": "EAST"}], "pods[WEST]: {'zone': 'EAST'} has no field cpu"),
    ("pods", [{"cpu": 3}, {"cpu": 1, "zones": 1}], "has 'zones', which is no field of Pod"),
    ("pods", [{"cpu": 3}, {"cpu": 11}], "pods[WEST].cpu = 11 leaves 0..9"),
    ("far", [[1, 2], {"EAST": 1}], "far[node1][WEST]: there is no value for this key"),
    ("links", [[0, 1], [0, 1]], "links: [[0, 1], [0, 1]] has a member twice"),
    ("links", [[0, 1, 2]], "links[0]: [0, 1, 2] (list) is no tuple[Node, int]"),
    ("order", {"node0": 1}, "order: {'node0': 1} (dict) is no list[Node]"),
    ("ends", [{"Other": {}}, {"Gone": {"by": 0}}], "ends[node0]: {'Other': {}}"),
]


@pytest.mark.parametrize(("name", "given", "text"), UNFIT)
def test_what_does_not_fit_is_told_with_its_field(name: str, given: Any, text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Instance(Tables, {name: given})
    message = str(caught.value)
    assert message.startswith("Tables, table ")
    assert text in message
    assert "\n  allowed: " in message


def test_what_does_not_fit_in_a_file_is_told_with_the_file() -> None:
    with pytest.raises(InputError) as caught:
        Instance(Tables, {"capacity": FromFile({"node0": 1}, "data/cap.json")})
    assert str(caught.value).startswith("data/cap.json: Tables, table capacity[node1]: ")


def test_a_table_of_the_class_is_as_long_as_its_sort() -> None:
    with pytest.raises(ConfigurationError, match="2 values for 3 keys by default") as caught:
        Instance(Tables, {"nodes": 3})
    assert "give -c capacity=@FILE.json" in str(caught.value)


def test_a_check_speaks_of_tables_and_constants() -> None:
    with pytest.raises(ConfigurationError, match="fails its check 'max") as caught:
        Instance(Tables, {"capacity": [1, 6]})
    assert 'capacity={"node0": 1, "node1": 6}' in str(caught.value)
    free: Any = Instance(Tables, {"capacity": [1, 6], "most": 6}).types["free"]
    assert free.value.high == 6


def test_ranges_and_sizes_are_those_of_what_is_there() -> None:
    shown = {name: str(held.type) for name, held in Instance(Tables).binding.tables.items()}
    assert shown["slots"] == "Array[2..3, -7..40]"
    assert shown["links"] == "set[tuple[Node, -3..700], 2]"
    assert shown["order"] == "list[Node, 3]"
    assert shown["lot"] == "Bag[1..4, 3]"
    assert shown["near"] == "Array[Node, set[Node]]"


@pytest.mark.parametrize("name", TABLES)
def test_what_is_printed_of_a_table_gives_it_again(name: str) -> None:
    held = Instance(Tables).binding.tables[name]
    again = Instance(Tables, {name: held.plain}).binding.tables[name]
    assert (again.type, again.value) == (held.type, held.value)
    other = Instance(Tables, {name: held}).binding.tables[name]
    assert (other.value, other.origin) == (held.value, "the class")


CHANGES: dict[str, Callable[[Tables], object]] = {
    "a value": lambda m: m.capacity.__setitem__(Node(0), 2),
    "a table": lambda m: setattr(m, "capacity", m.free),
    "a member": lambda m: m.near[Node(1)].add(Node(1)),
    "a member less": lambda m: m.near[Node(0)].discard(Node(1)),
    "all members": lambda m: m.near[Node(0)].clear(),
    "an element": lambda m: m.order.append(Node(0)),
    "an element less": lambda m: m.order.pop(),
    "another element": lambda m: m.order.__setitem__(0, Node(0)),
    "another order": lambda m: m.order.reverse(),
    "a copy": lambda m: m.lot.add(4),
    "a copy less": lambda m: m.lot.discard(4),
}


@pytest.mark.parametrize("what", CHANGES)
def test_nothing_of_a_table_changes_under_cpython(what: str) -> None:
    instance = Instance(Tables)
    before = {n: repr(held.shown) for n, held in instance.binding.tables.items()}
    with pytest.raises(ModelError, match="is a constant table, which never changes"):
        CHANGES[what](instance.new())  # type: ignore[arg-type]
    assert {n: repr(held.shown) for n, held in instance.binding.tables.items()} == before


def test_a_variable_that_begins_with_a_table_changes_alone() -> None:
    model = Tables()
    model.free[Node(1)] = 2
    assert model.capacity[Node(1)] == 5
    assert model.free[Node(1)] == 2


class Needed(Model):
    """A table that every run gives."""

    nodes: Domain[Node] = sort(2)
    weight: Array[Node, int] = table()
    x: Small = 0


def test_a_table_without_a_default_is_asked_for() -> None:
    with pytest.raises(ConfigurationError, match=r"give -c weight=@FILE\.json"):
        Instance(Needed)
    assert Needed(weight=[1, 2]).weight[Node(1)] == 2


@pytest.mark.parametrize(
    "hint", ["int", "Small", "Zone", "Small | None", "Array[int, int]", "dict"]
)
def test_a_table_has_a_type_with_many_values(hint: str, tmp_path: Path) -> None:
    from planespec.checker.load import load_model

    path = tmp_path / "single.py"
    text = Path(__file__).read_text(encoding="utf-8").split("class Tables")[0]
    path.write_text(f"{text}class Single(Model):\n    t: {hint} = table([1])\n    x: Small = 0\n")
    with pytest.raises(LanguageError) as caught:
        Instance(load_model(f"{path}:Single"))
    assert f"t: {hint} = table([1])" in str(caught.value)
    assert "allowed: " in str(caught.value)
