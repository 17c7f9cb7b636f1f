"""Instances that a model names: `MODEL@small`, and the commands that run them all."""

import json
from xml.etree import ElementTree

import pytest
from commands import Commands
from test_document_schemas import assert_valid

from planespec.checker.errors import ExitCode
from planespec.checker.lang.named import split_target

QUEUE = '''
from enum import Enum
from typing import Annotated
from planespec.checker.lang import (
    Fairness, Model, Range, action, constant, instance, invariant, mutant, reachable, require,
)

class Order(Enum):
    """An order."""
    FIRST = "first"
    LAST = "last"

class Queue(Model):
    """Counts what waits."""
    instances = [
        instance("small", room=1),
        instance("last", room=3, order=Order.LAST),
        instance("large", slow=True, room=9),
    ]
    room: int = constant(2, at_least=1, at_most=9)
    order: Order = constant(Order.FIRST)
    overfull: bool = mutant("It takes one more than it has room for.")
    greedy: bool = mutant("Two leave at once.", when="room > 2")
    deadlock = False
    waiting: Annotated[int, Range(0, 10)] = 0

    @action
    def come(self) -> None:
        """One comes."""
        require(self.waiting < self.room + (1 if self.overfull else 0))
        self.waiting += 1

    @action
    def go(self) -> None:
        """One goes."""
        require(self.waiting > 0)
        if self.greedy and self.waiting == 3:
            self.waiting = 10
            return
        self.waiting -= 1

    @invariant
    def has_room(self) -> bool:
        """Not more wait than there is room for."""
        return self.waiting <= self.room

    @reachable
    def is_full(self) -> bool:
        """It is full."""
        return self.waiting == self.room
'''


@pytest.mark.parametrize(
    ("target", "split"),
    [
        ("a.py:M@small", ("a.py:M", "small")),
        ("a.py@small-1.5", ("a.py", "small-1.5")),
        ("raft.etcd@pre-vote", ("raft.etcd", "pre-vote")),
        ("me@home/a.py", ("me@home/a.py", "")),
        ("me@home/a.py:M@x", ("me@home/a.py:M", "x")),
        ("a@b.py", ("a@b.py", "")),
        ("a.py:M@", ("a.py:M@", "")),
        ("@small", ("@small", "")),
        ("a.py:M", ("a.py:M", "")),
    ],
)
def test_a_name_stands_behind_the_last_at(target: str, split: tuple[str, str]) -> None:
    assert split_target(target) == split


def test_a_name_stands_for_its_constants(planespec: Commands) -> None:
    path = planespec.write(QUEUE)
    answer = planespec("check", f"{path}:Queue@last", "--json")
    document = json.loads(answer.out)
    assert document["constants"] == {"room": 3, "order": "LAST"}
    assert document["model"] == f"{path}:Queue@last"
    assert document["reached"] == {"is_full": 3}
    plain = json.loads(planespec("check", f"{path}:Queue", "--json").out)
    assert plain["constants"] == {"room": 2, "order": "FIRST"}


def test_a_constant_that_is_given_goes_before_the_name(planespec: Commands) -> None:
    path = planespec.write(QUEUE)
    answer = planespec("check", f"{path}@last", "-c", "room=4", "--json")
    assert json.loads(answer.out)["constants"] == {"room": 4, "order": "LAST"}


def test_an_unknown_name_is_answered_with_the_nearest(planespec: Commands) -> None:
    path = planespec.write(QUEUE)
    for command in ("check", "mutate", "vacuity", "prove", "simulate", "list"):
        answer = planespec(command, f"{path}@smal")
        assert answer.code == ExitCode.CONFIGURATION, command
        assert "has no instance 'smal'; its instances are small, last, large" in answer.err
        assert "did you mean 'small'?" in answer.err
    none = planespec.write(QUEUE.replace("instances = [", "named = ["), "none.py")
    assert "it names none" in planespec("check", f"{none}@small").err


@pytest.mark.parametrize(
    ("written", "message", "code"),
    [
        ('instance("small", rom=1)', "Queue has no constant 'rom'", ExitCode.PARSE),
        ('instance("small", room=0)', "constant room of Queue is 0, outside 1..9", ExitCode.PARSE),
        ('instance("small", room=True)', "is an int, not True", ExitCode.PARSE),
        ('instance("small", order="NEXT")', "is one of FIRST, LAST", ExitCode.PARSE),
        ('instance("last")', "there is another instance of this name", ExitCode.PARSE),
        ('instance("a b", room=1)', "'a b' is no name of an instance", ExitCode.PARSE),
        ('instance("small", slow=1)', "slow is 1", ExitCode.PARSE),
        ('"small"', "Queue: instances is no list of instances", ExitCode.PARSE),
    ],
)
def test_a_wrong_instance_is_refused_at_its_line(
    written: str, message: str, code: ExitCode, planespec: Commands
) -> None:
    path = planespec.write(QUEUE.replace('instance("small", room=1)', written))
    line = QUEUE[: QUEUE.index('instance("small"')].count("\n") + 1
    answer = planespec("check", f"{path}:Queue@{'last' if 'last' in written else 'small'}")
    assert answer.code == code
    assert message in answer.err
    places = [f"{path.name}:{n}:" for n in (line, line - 1, line + 1)]
    assert any(place in answer.err for place in places), answer.err
    if "instances is no list" not in message and "another" not in message:
        assert places[0] in answer.err
    for command in ("report", "baseline"):
        extra = ["-o", str(path.parent / "out")] if command == "report" else ["--update"]
        assert planespec(command, f"{path}:Queue", *extra).code == code


def test_instances_of_a_part_are_not_those_of_the_whole(planespec: Commands) -> None:
    path = planespec.write(QUEUE + '\nclass Long(Queue):\n    """More."""\n')
    assert planespec("check", f"{path}:Long@small").code == ExitCode.CONFIGURATION
    assert planespec("check", f"{path}:Queue@small").code == ExitCode.HOLDS


def test_a_typed_name_is_no_list_of_instances(planespec: Commands) -> None:
    path = planespec.write(QUEUE.replace("instances = [", "instances: list = ["))
    answer = planespec("check", f"{path}:Queue")
    assert answer.code == ExitCode.PARSE
    assert "instances is a setting and has no type" in answer.err


def test_mutants_are_tried_in_each_instance_until_one_kills_them(planespec: Commands) -> None:
    path = planespec.write(QUEUE)
    answer = planespec("mutate", path)
    assert answer.code == ExitCode.HOLDS, answer.out
    assert "2 of 2 mutants killed within small, last" in answer.out
    document = assert_valid("mutate", planespec("mutate", path, "--json").out)
    ends = {row["mutant"]: (row["fate"], row["instance"]) for row in document["mutants"]}
    assert ends == {"overfull": ("killed", "small"), "greedy": ("killed", "last")}
    assert [one["name"] for one in document["instances"]] == ["small", "last"]
    alone = planespec("mutate", f"{path}@small")
    assert "not applicable: greedy (exists only when room > 2)" in alone.out
    slow = json.loads(planespec("mutate", path, "--slow", "--json").out)
    assert [one["name"] for one in slow["instances"]] == ["small", "last", "large"]
    given = json.loads(planespec("mutate", path, "-c", "room=3", "--json").out)
    assert given["instances"] == []


def test_a_mutant_survives_only_where_no_instance_kills_it(planespec: Commands) -> None:
    path = planespec.write(QUEUE.replace("self.waiting = 10", "self.waiting = 1"))
    answer = planespec("mutate", path)
    assert answer.code == ExitCode.SAFETY
    assert "1 of 2 mutants killed" in answer.out
    assert "survived: greedy" in answer.out


def test_an_instance_that_is_broken_already_is_not_mutated(planespec: Commands) -> None:
    text = QUEUE.replace("return self.waiting <= self.room", "return self.waiting <= 2")
    answer = planespec("mutate", planespec.write(text))
    assert answer.code == ExitCode.SAFETY
    assert "@last: Violated has_room" in answer.err
    assert "must hold before its mutants" in answer.err


def test_a_model_whose_instances_are_all_slow_says_so(planespec: Commands) -> None:
    text = QUEUE.replace('"small", ', '"small", slow=True, ').replace(
        '"last", ', '"last", slow=True, '
    )
    answer = planespec("mutate", planespec.write(text))
    assert answer.code == ExitCode.CONFIGURATION
    assert "every instance of" in answer.err
    assert "--slow" in answer.err


def test_a_baseline_measures_all_instances(planespec: Commands) -> None:
    path, lock = planespec.write(QUEUE), planespec.folder / "lock.json"
    assert planespec("baseline", path, "--file", str(lock), "--update").code == ExitCode.HOLDS
    (lines,) = json.loads(lock.read_text("utf-8"))["models"].values()
    assert [line["constants"]["room"] for line in lines] == [1, 3]
    assert [line["distinct"] for line in lines] == [2, 4]
    slow = planespec("baseline", path, "--file", str(lock), "--update", "--slow")
    assert "3 instances of 1 model" in slow.out
    one = planespec("baseline", f"{path}@last", "--file", str(lock), "--update")
    assert "4 instances of 2 models" in one.out


def test_a_report_runs_all_instances_and_names_them(
    planespec: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    planespec.write(QUEUE, "queue.py")
    monkeypatch.chdir(planespec.folder)
    command = ("report", "queue.py", "-o", "pages", "--run", "answers")
    assert planespec(*command).code == ExitCode.HOLDS
    pages = planespec.folder / "pages"
    document = assert_valid("report", (pages / "models" / "queue.json").read_text("utf-8"))
    runs = [
        (r["name"], r["constants"].get("room"), bool(r["answers"])) for r in document["instances"]
    ]
    assert runs == [("small", 1, True), ("last", 3, True), ("large", 9, False)]
    fates = {m["name"]: (m["fate"], m["constants"]["room"]) for m in document["mutants"]}
    assert fates == {"overfull": ("killed", 1), "greedy": ("killed", 3)}
    suites = ElementTree.parse(pages / "junit.xml").getroot()
    assert len([s for s in suites if "room=3" in s.get("name", "")]) == 2
    page = (pages / "models" / "queue.md").read_text("utf-8")
    assert "last: room=3, order=LAST" in page
    assert "not run" in page
    alone = ("report", "queue.py@last", "-o", "one", "--run", "answers", "--format", "json")
    assert planespec(*alone).code == ExitCode.HOLDS
    (found,) = (planespec.folder / "one" / "models").glob("*.json")
    runs = json.loads(found.read_text("utf-8"))["instances"]
    assert [run["name"] for run in runs] == ["last"]


def test_the_list_shows_instances_and_their_constants(planespec: Commands) -> None:
    path = planespec.write(QUEUE)
    text = planespec("list", path).out
    assert "last        room=3, order=LAST" in text
    document = assert_valid("list", planespec("list", path, "--json").out)
    (model,) = document["models"]
    assert [(i["name"], i["slow"], i["verdict"]) for i in model["instances"]] == [
        ("small", False, None),
        ("last", False, None),
        ("large", True, None),
    ]


def test_a_saved_counterexample_of_an_instance_is_replayed(
    planespec: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    planespec.write(QUEUE, "queue.py")
    monkeypatch.chdir(planespec.folder)
    target = "queue.py:Queue@last"
    found = planespec("check", target, "--mutant", "greedy", "--save", "trace.json")
    assert found.code == ExitCode.SAFETY
    assert planespec("replay", "trace.json").code == ExitCode.SAFETY


@pytest.mark.parametrize("command", ["vacuity", "prove", "simulate"])
def test_commands_take_the_name_of_an_instance(command: str, planespec: Commands) -> None:
    path = planespec.write(QUEUE)
    few = ["--walks", "2"] if command == "simulate" else []
    answer = planespec(command, f"{path}@last", "--json", *few)
    assert json.loads(answer.out)["constants"] == {"room": 3, "order": "LAST"}
    if command == "simulate":
        assert f"simulate {path}@last " in json.loads(answer.out)["reproduce"]


def test_the_catalogue_of_this_package_has_the_same_instances(planespec: Commands) -> None:
    document = json.loads(planespec("check", "raft.bench@s3-t1-l1-m1", "--json").out)
    assert document["statistics"]["distinct"] == 2672
    answer = planespec("list", "raft.bench")
    assert "s5-t1-l1-m1" in answer.out
