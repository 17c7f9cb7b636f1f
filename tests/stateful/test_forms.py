"""What a person would write for a value is read; what is no form of it is told with the forms."""

from collections import Counter, OrderedDict, deque, namedtuple
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from planespec.checker.instance import Instance
from planespec.checker.ir import types
from planespec.checker.load import load_model
from planespec.checker.stateful.adapter import MisfitError, Naming, Reader, differences

MODEL = load_model(f"{Path(__file__).parent / 'public.py'}:Public")
INSTANCE = Instance(MODEL)
NAMING = Naming(INSTANCE, {"Node": ["worker-a", "worker-b"]})
STATE = next(INSTANCE.initial_states()).state
VALUES = dict(zip(INSTANCE.variables, STATE, strict=True))
PHASE = type(VALUES["phase"])


class OwnPhase(Enum):
    NotReady = 7


@dataclass
class PlacedJob:
    weight: int
    node: str | None


class Slotted:
    __slots__ = ("node", "weight")

    def __init__(self) -> None:
        self.weight, self.node = 1, None


@dataclass
class Start:
    node: str


Tuple = namedtuple("Tuple", "weight node")

SAME: dict[str, list[Any]] = {
    "flag": [False],
    "count": [0],
    "phase": [PHASE.NOT_READY, "NOT_READY", "waiting", "not-ready", "NotReady", OwnPhase.NotReady],
    "home": ["worker-a", VALUES["home"]],
    "job": [VALUES["job"], 0, "job0", "Job0"],
    "away": [None],
    "place": [
        {"weight": 1, "node": None},
        {"weight": 1},
        {"type": "Place", "weight": 1},
        PlacedJob(1, None),
        Slotted(),
        Tuple(1, None),
        (1, None),
        [1, None],
        SimpleNamespace(weight=1, node=None),
        VALUES["place"],
    ],
    "message": [
        "TimedOut",
        "timed_out",
        {"tag": "TimedOut"},
        {"kind": "timed-out"},
        {"TimedOut": {}},
        {"TimedOut": None},
        {"tag": "TimedOut", "value": {}},
        VALUES["message"],
    ],
    "told": [
        {"tag": "Start", "node": "worker-a"},
        {"type": "start", "node": "worker-a"},
        {"Start": {"node": "worker-a"}},
        {"tag": "Start", "value": {"node": "worker-a"}},
        Start("worker-a"),
        VALUES["told"],
    ],
    "holds": [
        {"worker-a": True, "worker-b": False},
        OrderedDict([("worker-b", False), ("worker-a", True)]),
        [True, False],
        (True, False),
        {"worker-a"},
        {"worker-a": 0}.keys(),
    ],
    "load": [{0: 0, 1: 1, 2: 2}, {"2": 2, "1": 1, "0": 0}, [0, 1, 2]],
    "of": [{"worker-a": "worker-b", "worker-b": None}, {"worker-a": "worker-b"}],
    "sees": [
        {"worker-a": {"job0": True, "job1": False}, "worker-b": [False, False]},
        {"worker-a": {"job0"}, "worker-b": set()},
        {("worker-a", 0): True, ("worker-a", 1): False, ("worker-b", 0): False}
        | {("worker-b", 1): False},
    ],
    "phases": [{"waiting": 0, "RUNNING": 1}, {PHASE.RUNNING: 1, PHASE.NOT_READY: 0}]
    + [{"waiting": 0, "2": 1}],
    "members": [{"worker-b"}, ["worker-b"], ("worker-b",), frozenset({"worker-b"})],
    "pairs": [[{"weight": 2, "node": "worker-b"}], {Tuple(2, "worker-b")}, {(2, "worker-b")}],
    "tokens": [[2, 1, 1], (1, 2, 1), Counter([1, 1, 2]), {1: 2, 2: 1, 0: 0}, {"1": 2, "2": 1}]
    + [deque([1, 1, 2])],
    "queue": [["worker-b", "worker-a"], ("worker-b", "worker-a"), deque(["worker-b", "worker-a"])],
}

DIFFERENT: list[tuple[str, Any, str]] = [
    ("flag", True, "shows flag = True, the model has False"),
    ("count", 9, "shows count = 9, the model has 0"),
    ("phase", "RUNNING", "shows phase = RUNNING, the model has NOT_READY"),
    ("away", "worker-b", "shows away = 'worker-b', the model has None"),
    ("place", {"weight": 2}, "shows place.weight = 2, the model has 1"),
    ("place", PlacedJob(1, "worker-a"), "shows place.node = 'worker-a', the model has None"),
    (
        "message",
        {"tag": "start", "node": "worker-b"},
        "shows message = Start(node='worker-b'), the model has TimedOut()",
    ),
    ("told", {"Start": {"node": "worker-b"}}, "told.node = 'worker-b', the model has 'worker-a'"),
    ("holds", {"worker-a": True}, "shows holds[worker-b] = nothing, the model has False"),
    ("holds", {"worker-a", "worker-b"}, "shows holds[worker-b] = True, the model has False"),
    ("of", {}, "shows of[worker-a] = None, the model has 'worker-b'"),
    ("sees", [{0, 1}, set()], "shows sees[worker-a][job1] = True, the model has False"),
    ("phases", {"waiting": 0, "RUNNING": 5}, "shows phases[RUNNING] = 5, the model has 1"),
    (
        "members",
        ["worker-a"],
        "shows members = {'worker-a'}, the model has {'worker-b'} "
        "(only the system: 'worker-a'; only the model: 'worker-b')",
    ),
    ("tokens", [1, 2, 2, 2], "(only the system: 2, 2; only the model: 1)"),
    ("queue", ["worker-b"], "shows queue = ['worker-b'], the model has ['worker-b', 'worker-a']"),
    ("queue", ["worker-b"] * 2, "shows queue[1] = 'worker-b', the model has 'worker-a'"),
]

MISFITS: list[tuple[str, Any, str]] = [
    ("flag", 1, r"field flag: 1 \(int\) is no bool\n  accepted: True or False"),
    ("flag", None, r"None \(NoneType\) is no bool"),
    ("count", True, r"field count: True \(bool\) is no 0..2\n  accepted: a whole number"),
    ("count", "1", r"'1' \(str\)"),
    ("count", 1.0, r"1.0 \(float\)"),
    ("phase", "paused", r"accepted: a member of Phase.*NOT_READY \('waiting'\), RUNNING \(2\)"),
    ("phase", 1, r"field phase: 1 \(int\) is no Phase"),
    ("home", "worker-c", r"no Node\n  accepted: a name that the adapter gives.*'worker-b'"),
    ("home", 0, r"field home: 0 \(int\) is no Node"),
    ("job", 2, r"an element of Job, its text or its number: job0, job1, 0 to 1 \(names"),
    ("away", "nowhere", r"is no Node \| None\n  accepted: None, or a name"),
    ("place", {"node": None}, r"has no field weight\n  accepted: a dict with weight, node"),
    ("place", {"wieght": 1}, r"has 'wieght', which is no field of Place; did you mean 'weight'"),
    ("place", [1], r"field place: \[1\] \(list\) is no Place\n.*a tuple of their values in this"),
    ("place", {"weight": 1, "node": "x"}, r"field place.node: 'x' \(str\)"),
    ("message", {"tag": "Stop"}, r"'Stop' under 'tag' is none of Start \| TimedOut"),
    ("message", {"node": "worker-a"}, r"accepted: a dict with its fields and, under one of 'tag'"),
    ("message", "Start", r"'Start' \(str\) is no Start \| TimedOut"),
    ("told", {"kind": "Start", "node": "worker-a"}, r"is no Start \| Finished"),
    ("holds", [True], r"has 1 values for 2 keys"),
    ("holds", {"worker-c": True}, r"field holds: 'worker-c' is no key\n  accepted: as key a name"),
    ("holds", "worker-a", r"accepted: a dict from each Node.*a set of the keys that are True"),
    ("load", {0: 0, "0": 0}, r"has '0' twice"),
    ("of", {"worker-a"}, r"\(set\) is no Array\[Node, Node \| None\]"),
    ("members", "worker-a", r"field members: 'worker-a' \(str\).*\n  accepted: a set or list"),
    ("members", ["worker-a", "worker-a"], r"has a member twice, and a set has each once"),
    ("members", ["worker-a", "w"], r"field members\[1\]: 'w' \(str\) is no Node"),
    ("tokens", {1: -1}, r"-1 is not how many there are of 1"),
    ("tokens", 3, r"accepted: a list in any order, or a Counter"),
    ("queue", {"worker-a"}, r"field queue: .* \(set\) is no list.*\n  accepted: a list or tuple"),
    ("queue", "worker-a", r"field queue: 'worker-a' \(str\) is no list"),
]


def read(name: str, given: Any) -> Any:
    return Reader(NAMING).read(INSTANCE.types[name], given, name)


@pytest.mark.parametrize(("name", "given"), [(n, g) for n, forms in SAME.items() for g in forms])
def test_each_form_of_a_value_is_that_value(name: str, given: Any) -> None:
    assert read(name, given) == VALUES[name]


def test_every_kind_of_value_is_among_them() -> None:
    assert set(SAME) == set(INSTANCE.variables)


def test_what_is_told_to_a_system_is_itself_a_form_of_the_value() -> None:
    shown = NAMING.state(STATE)
    assert (shown.home, shown.queue) == ("worker-a", ["worker-b", "worker-a"])
    assert shown.pairs == {type(VALUES["place"])(weight=2, node="worker-b")}
    assert Reader(NAMING).variables(shown, "state()") == VALUES


@pytest.mark.parametrize(("name", "given", "message"), DIFFERENT)
def test_another_value_is_told_by_its_field_with_both_sides(
    name: str, given: Any, message: str
) -> None:
    [difference] = differences(NAMING, {name: read(name, given)}, STATE)
    assert str(difference).startswith("the system shows ")
    assert message in str(difference)


@pytest.mark.parametrize(("name", "given", "message"), MISFITS)
def test_what_fits_no_form_is_told_with_the_forms(name: str, given: Any, message: str) -> None:
    with pytest.raises(MisfitError, match=message):
        read(name, given)


def test_a_text_that_means_two_members_means_none() -> None:
    class Odd(Enum):
        A = "B"
        B = "A"

    type_ = types.Enum("Odd", ("A", "B"), Odd)
    assert Reader(NAMING).read(type_, Odd.A, "odd") is Odd.A
    with pytest.raises(MisfitError, match=r"'A' .* is no Odd"):
        Reader(NAMING).read(type_, "A", "odd")
