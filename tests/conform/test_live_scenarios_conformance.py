"""Live scenarios of garbage and of volumes are explained, those tampered with are not."""

import copy
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from recordings import check_refusal, check_whole, get_recording, judge_lines, read_lines
from scenario_forgeries import DONE_OTHERWISE
from scenario_tampering import SHOWN_OTHERWISE

from planespec.checker.errors import ExitCode
from planespec.reports.judge.controllers.traced.traced_judge import list_faults
from planespec.reports.judge.controllers.traced.traced_line import read_scenario
from planespec.reports.judge.judges import recognise
from planespec.spec.objects.view import View

FAULTS = [*SHOWN_OTHERWISE, *DONE_OTHERWISE]
GARBAGE = {"deployment_delete": 29, "namespace_delete": 40, "owner_graph": 111}
VOLUMES = {
    "volumes_attach": 35,
    "volumes_dynamic": 34,
    "volumes_freed": 30,
    "volumes_static": 76,
}
NAMES = ["gc", "volumes_live"]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "counts"), [("gc", GARBAGE), ("volumes_live", VOLUMES)])
def test_every_recorded_scenario_is_explained(name: str, counts: dict[str, int]) -> None:
    check_whole(name, counts)


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_of_the_scenarios_is_explained(name: str, tmp_path: Path) -> None:
    assert recognise(get_recording(name)) == name
    lines = read_lines(name, every=9)
    tally = judge_lines(name, tmp_path, *lines)
    assert (tally.exit_code, tally.cases) == (ExitCode.HOLDS, len(lines))


def count_tampered(lines: list[Any], count: int, seed: int) -> tuple[Counter[str], list[str]]:
    """How many were tampered with in each way, and which of them were explained."""
    rng = random.Random(seed)
    done: Counter[str] = Counter()
    missed: list[str] = []
    turn = 0
    while sum(done.values()) < count:
        tamper = FAULTS[turn % len(FAULTS)]
        turn += 1
        for _ in range(60):
            line = copy.deepcopy(rng.choice(lines))
            if tamper(line, rng):
                done[tamper.__name__] += 1
                if next(list_faults(read_scenario(View(line))), None) is None:
                    missed.append(tamper.__name__)
                break
    return done, missed


def test_scenarios_tampered_with_are_rejected() -> None:
    lines = [*read_lines("gc", every=5), *read_lines("volumes_live", every=5)]
    done, missed = count_tampered(lines, 90, 5)
    assert not missed
    assert len(done) > 26


@pytest.mark.slow
def test_five_hundred_scenarios_tampered_with_are_rejected() -> None:
    lines = [*read_lines("gc"), *read_lines("volumes_live")]
    done, missed = count_tampered(lines, 500, 7)
    assert len(missed) <= 5
    assert len(done) == len(FAULTS)


def change_value(line: Any, rng: random.Random) -> None:
    """Put something else in place of any one value of a line."""
    places = list(list_places(line))
    holder, key = rng.choice(places)
    holder[key] = rng.choice([None, 0, 1.5, True, "", "x", [], {}, [None], {"a": 1}, [{}], 10**30])


def list_places(value: Any) -> Any:
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(entries):
        yield value, key
        if isinstance(inner, dict | list):
            yield from list_places(inner)


@pytest.mark.parametrize("name", NAMES)
def test_values_of_any_kind_are_judged_or_refused(name: str) -> None:
    rng = random.Random(3)
    lines = read_lines(name, every=15)
    outcomes: Counter[str] = Counter()
    for _ in range(150):
        line = copy.deepcopy(rng.choice(lines))
        change_value(line, rng)
        try:
            outcomes["judged"] += next(list_faults(read_scenario(View(line))), "") is not None
        except ValueError:
            outcomes["refused"] += 1
    assert min(outcomes["judged"], outcomes["refused"]) > 10


MALFORMED: list[tuple[dict[str, Any], str]] = [
    ({"scenario": None}, "scenario: is missing"),
    ({"duration": "long"}, "duration: must be a number"),
    ({"actions": [{"t": 1, "tDone": 2, "do": "EAT", "path": "/", "code": 1}]}, "must be one of"),
    (
        {"actions": [{"t": 1, "tDone": 2, "do": "GET", "path": "/api/v1/odd", "code": 1}]},
        "leads to no resource",
    ),
    (
        {"controllerWrites": [{"t": 1, "user": "u", "verb": "v", "resource": "r", "code": 1}]},
        "is no resource that is known",
    ),
    ({"events": [{"t": 1, "kind": "Pod", "type": "SEEN", "object": {}}]}, "type: must be one of"),
    (
        {
            "events": [
                {
                    "t": 1,
                    "kind": "Pod",
                    "type": "ADDED",
                    "object": {"name": "a", "uid": "u", "resourceVersion": "x"},
                }
            ]
        },
        "resourceVersion: must be a number",
    ),
    (
        {"events": [{"t": 1, "kind": "Event", "type": "ADDED", "object": {"reason": "r"}}]},
        "object.about: is missing",
    ),
]


@pytest.mark.parametrize(("change", "message"), MALFORMED)
def test_a_malformed_scenario_is_refused(
    change: dict[str, Any], message: str, tmp_path: Path
) -> None:
    check_refusal("gc", tmp_path, read_lines("gc", most=1)[0] | change, message)


def find_line(name: str, scenario: str, seed: int) -> Any:
    found = (line for line in read_lines(name) if line["scenario"] == scenario)
    return next(line for line in found if line["seed"] == seed)


def list_reasons(line: Any) -> list[str]:
    return list(list_faults(read_scenario(View(line))))


def test_what_nobody_collects_is_told() -> None:
    """The owner is gone, the dependent stays, and so does the reason for it."""
    line = find_line("gc", "owner_graph", 7)
    gone = [w for w in line["controllerWrites"] if w["verb"] == "delete" and w["name"] == "o2"]
    line["controllerWrites"] = [w for w in line["controllerWrites"] if w not in gone]
    line["events"] = [
        e for e in line["events"] if e["type"] != "DELETED" or e["object"]["name"] != "o2"
    ]
    assert list_reasons(line) == ["ServiceAccount g7/o2 is left to the garbage collector"]


def test_a_write_of_an_unknown_controller_is_not_explained() -> None:
    line = find_line("gc", "owner_graph", 7)
    line["controllerWrites"][0]["user"] = "system:odd"
    assert any("nobody knows this controller" in each for each in list_reasons(line))


def test_volumes_wait_for_the_resync_but_not_for_what_they_hear_of() -> None:
    """A claim that went is heard of: its volume is released at once."""
    line = find_line("volumes_live", "volumes_freed", 915)
    assert not list_reasons(line)
    released = find_line("volumes_live", "volumes_attach", 176)
    write = released["controllerWrites"].pop()
    assert write["request"]["status"]["phase"] == "Released"
    base = int(write["request"]["metadata"]["resourceVersion"])
    later = [
        e
        for e in released["events"]
        if e["kind"] == "PersistentVolume"
        and e["object"]["name"] == write["name"]
        and int(e["object"]["resourceVersion"]) > base
    ]
    released["events"] = [e for e in released["events"] if e not in later]
    assert any("left to the binder" in each for each in list_reasons(released))


def test_a_controller_does_not_know_what_is_still_to_come() -> None:
    """The dependent goes before its owner was deleted, and the one watch does not tell."""
    line = find_line("gc", "owner_graph", 42)
    assert not list_reasons(line)
    write = next(
        w for w in line["controllerWrites"] if w["verb"] == "delete" and w["name"] == "o1"
    )
    gone = next(
        e for e in line["events"] if e["type"] == "DELETED" and e["object"]["name"] == "o1"
    )
    assert gone["kind"] == "ConfigMap"
    write["t"], gone["t"] = 1.4, 1.41
    assert any("no look at the object leads to it" in each for each in list_reasons(line))


def test_the_content_of_a_namespace_waits_for_every_server() -> None:
    line = find_line("gc", "namespace_delete", 3)
    for write in line["controllerWrites"]:
        if write["verb"] == "deletecollection":
            write["t"] -= 0.1
    assert any("not for long enough" in each for each in list_reasons(line))


def test_times_of_a_scenario_fit_one_clock() -> None:
    line = find_line("gc", "namespace_delete", 3)
    for event in line["events"]:
        if event["object"].get("deletionTimestamp"):
            event["object"]["deletionTimestamp"] = "2026-11-28T17:41:25Z"
    for action in line["actions"]:
        if action["answer"].get("deletionTimestamp"):
            action["answer"]["deletionTimestamp"] = "2026-11-28T17:41:25Z"
    for write in line["controllerWrites"]:
        if "deletionTimestamp" in (write["request"].get("metadata") or {}):
            write["request"]["metadata"]["deletionTimestamp"] = "2026-11-28T17:41:25Z"
    assert not list_reasons(line), "one time alone fits some clock"
    line = find_line("volumes_live", "volumes_freed", 915)
    for event in line["events"]:
        if event["object"].get("deletionTimestamp"):
            event["object"]["deletionTimestamp"] = "2026-11-28T18:05:25Z"
    for action in line["actions"]:
        if action["answer"].get("deletionTimestamp"):
            action["answer"]["deletionTimestamp"] = "2026-11-28T18:05:25Z"
    assert [each for each in list_reasons(line) if "was not made at" in each]
