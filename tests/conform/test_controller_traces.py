"""`conform controller`: every trace that a model could have left is explained, no other one."""

import random
from collections import Counter as Tally
from pathlib import Path

import pytest
from traced_controllers import MODELS, SIZES, Line, told_runs, version_of, write

from planespec.checker.lang.named import NamedInstance
from planespec.model.parts.informers import Informers
from planespec.reports.judge.controller_traces.controller_judge import (
    Judged,
    Question,
    judge_trace,
)
from planespec.reports.judge.controller_traces.trace_reading import read_trace
from planespec.reports.judge.controller_traces.trace_search import Verdict

VIEWS = {view.name: view for view in Informers.views}
HERE = Path(__file__).parent / "traced_controllers.py"


def judge(name: str, path: Path, view: str, **constants: int) -> Judged:
    """Hold a trace to one of the models."""
    target = f"{HERE}:{MODELS[name].__name__}"
    question = Question(target, NamedInstance("given", constants))
    return judge_trace(question, read_trace([path]).lines, VIEWS[view])


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", MODELS)
def test_what_a_model_did_is_explained_by_it(name: str, view: str, tmp_path: Path) -> None:
    explained = 0
    for _, lines in told_runs(name, view, 6, 7):
        if not any("call" in line for line in lines):
            continue
        judged = judge(name, write(tmp_path / "trace.jsonl", lines), view)
        assert judged.found.verdict is Verdict.EXPLAINED, (judged.line, judged.reasons, lines)
        assert judged.found.reached == len(lines)
        explained += 1
    assert explained


@pytest.mark.parametrize("name", ["rolling", "cleaner", "counter"])
def test_writes_of_others_need_not_be_told(name: str, tmp_path: Path) -> None:
    for _, lines in told_runs(name, "monotonic", 3, 11, 20, has_stored=False):
        if any("call" in line for line in lines):
            judged = judge(name, write(tmp_path / "trace.jsonl", lines), "monotonic", **SIZES)
            assert judged.found.verdict is Verdict.EXPLAINED, (judged.line, judged.reasons, lines)


# Traces that were changed by hand.


def is_write(line: Line) -> bool:
    """Whether a line is a write that took effect and has a resourceVersion."""
    return "heard" not in line and "resourceVersion" in line


def drop(lines: list[Line], chance: random.Random) -> list[Line] | None:
    """Leave out how an object came to be that is spoken of later."""
    made = ("create", "ADDED")
    places = [
        n
        for n, line in enumerate(lines)
        if is_write(line)
        and (line.get("call") in made or line.get("stored") in made)
        and any(later.get("uid") == line["uid"] for later in lines[n + 1 :])
    ]
    if not places:
        return None
    place = chance.choice(places)
    return lines[:place] + lines[place + 1 :]


def rename(lines: list[Line], chance: random.Random) -> list[Line] | None:
    """Let a call be about an object that was never there."""
    places = [
        n
        for n, line in enumerate(lines)
        if line.get("call") in ("update", "delete") and line["code"] < 300
    ]
    if not places:
        return None
    place = chance.choice(places)
    return [*lines[:place], {**lines[place], "name": "web-9"}, *lines[place + 1 :]]


def swap(lines: list[Line], chance: random.Random) -> list[Line] | None:
    """Exchange two writes, so that resourceVersions go backwards."""
    places = [n for n, line in enumerate(lines) if is_write(line)]
    if len(places) < 2:
        return None
    first = chance.randrange(len(places) - 1)
    one, other = places[first], places[first + 1]
    found = list(lines)
    found[one], found[other] = found[other], found[one]
    return found


def make_stale(lines: list[Line], chance: random.Random) -> list[Line] | None:
    """Let an accepted update be made from a version before all others."""
    places = [n for n, line in enumerate(lines) if "seen" in line and line["code"] == 200]
    if not places:
        return None
    place = chance.choice(places)
    return [*lines[:place], {**lines[place], "seen": version_of(0)}, *lines[place + 1 :]]


def hear_another(lines: list[Line], chance: random.Random) -> list[Line] | None:
    """Let a process hear of an object in a version that another object was given."""
    writes = {line["resourceVersion"]: line["name"] for line in lines if is_write(line)}
    pairs = [
        (n, version)
        for n, line in enumerate(lines)
        for version, name in writes.items()
        if "heard" in line and "resourceVersion" in line and name != line["name"]
    ]
    if not pairs:
        return None
    place, version = chance.choice(pairs)
    changed = {**lines[place], "resourceVersion": version}
    return [*lines[:place], changed, *lines[place + 1 :]]


def create_twice(lines: list[Line], chance: random.Random) -> list[Line] | None:
    """Create an object again at once, under the name that it has."""
    places = [n for n, line in enumerate(lines) if line.get("call") == "create"]
    if not places:
        return None
    place = chance.choice(places)
    again = {**lines[place], "uid": "uid-twice"}
    again["resourceVersion"] = str(int(again["resourceVersion"]) + 1)
    return [*lines[: place + 1], again, *lines[place + 1 :]]


def refuse(lines: list[Line], chance: random.Random) -> list[Line] | None:
    """Let an update be refused that was made from what was stored."""
    places = [n for n, line in enumerate(lines) if "seen" in line and line["code"] == 200]
    if not places:
        return None
    place = chance.choice(places)
    changed = {**lines[place], "code": 409}
    del changed["resourceVersion"]
    return [*lines[:place], changed, *lines[place + 1 :]]


def accept(lines: list[Line], chance: random.Random) -> list[Line] | None:
    """Let a delete succeed that was refused since the object was another by then, or gone."""
    places = [n for n, line in enumerate(lines) if line.get("call") == "delete"]
    places = [n for n in places if lines[n]["code"] == 409]
    if not places:
        return None
    place = chance.choice(places)
    return [*lines[:place], {**lines[place], "code": 200}, *lines[place + 1 :]]


TAMPERINGS = (drop, rename, swap, make_stale, hear_another, create_twice, refuse, accept)


@pytest.mark.parametrize(
    ("runs", "least"), [(5, 45), pytest.param(20, 200, marks=pytest.mark.slow)], ids=str
)
def test_what_no_model_did_is_not_explained(tmp_path: Path, runs: int, least: int) -> None:
    """Of more than 200 traces that were changed visibly, 99 of 100 are rejected."""
    chance, rejected, tried = random.Random(3), Tally[str](), Tally[str]()
    for name in MODELS:
        for _, lines in told_runs(name, "monotonic", runs, 5, 22, processes=1):
            for tamper in TAMPERINGS:
                changed = tamper(lines, chance)
                if changed is None:
                    continue
                judged = judge(name, write(tmp_path / "trace.jsonl", changed), "monotonic")
                tried[tamper.__name__] += 1
                is_rejected = judged.found.verdict is Verdict.NOT_EXPLAINED
                rejected[tamper.__name__] += is_rejected
                assert not is_rejected or judged.reasons
    assert sum(tried.values()) >= least, tried
    assert all(tried[tamper.__name__] >= least // 40 for tamper in TAMPERINGS), tried
    assert sum(rejected.values()) >= 0.99 * sum(tried.values()), (rejected, tried)
