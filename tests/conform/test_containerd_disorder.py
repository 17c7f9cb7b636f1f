"""Traces of a kubelet over containerd that contradict themselves are rejected."""

import gzip
import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from recordings import RECORDED, write_lines

from planespec.reports.judge.judges import load_judge

Json = dict[str, Any]
NAME = "kubelet_containerd"
MOST = 6
"""Traces into which each fault is put."""


def read() -> list[Json]:
    with gzip.open(RECORDED / f"{NAME}.jsonl.gz", "rt") as lines:
        return [json.loads(line) for line in lines]


def find_call(trace: Json, name: str, *, answered: bool = True) -> Json | None:
    calls = [each for each in trace["calls"] if each["call"] == name]
    return next((each for each in calls if not (answered and "code" in each)), None)


def repeat(trace: Json, sort: str, event: Json | None) -> bool:
    if event is not None:
        trace[sort].insert(trace[sort].index(event), deepcopy(event))
    return event is not None


def stop_twice(trace: Json) -> bool:
    """What was stopped has ended when the worker looks again."""
    return repeat(trace, "calls", find_call(trace, "StopContainer"))


def remove_thrice(trace: Json) -> bool:
    """A worker and what follows an exit remove a container, and nobody else."""
    call = find_call(trace, "RemoveContainer")
    return repeat(trace, "calls", call) and repeat(trace, "calls", call)


def probe_twice(trace: Json) -> bool:
    """A worker asks once at a time; a container that is not ready is asked more often."""
    spec = trace["pod"]["spec"]
    found = [*spec["containers"], *spec.get("initContainers", [])]
    if any("readinessProbe" in each or "startupProbe" in each for each in found):
        return False
    asked = [e for e in trace["calls"] if e["call"] == "ExecSync" and "timeout" in e]
    return repeat(trace, "calls", next((e for e in asked if e.get("exit") == 0), None))


def tell_no_change(trace: Json) -> bool:
    """A status is told when it has changed."""
    return repeat(trace, "status", trace["status"][1])


def act_twice(trace: Json) -> bool:
    """Nobody does the same twice at a time."""
    return repeat(trace, "actions", trace["actions"][0])


def list_later(trace: Json) -> bool:
    """Events stand in their order."""
    trace["status"][1]["t"] += 50
    return True


def use_before_made(trace: Json) -> bool:
    """A container has a name when it is made."""
    call = find_call(trace, "CreateContainer")
    if call is None or find_call(trace, "StartContainer") is None:
        return False
    call["took"] += 100
    return True


def take_no_time(trace: Json) -> bool:
    """A call does not end before it begins."""
    trace["calls"][0]["took"] = -1.0
    return True


def refuse_with_no_code(trace: Json) -> bool:
    """Codes are those of gRPC."""
    refused = [each for each in trace["calls"] if each.get("code")]
    if refused:
        refused[0]["code"] += "S"
    return bool(refused)


def miss_a_pod(trace: Json) -> bool:
    """A pod that its source has is listed."""
    is_calm = {each["action"] for each in trace["actions"]} == {"delete"}
    told = next((i for i, each in enumerate(trace["status"]) if each["pod"]), None)
    if told is None or not is_calm or trace["actions"][0]["t"] < trace["status"][told]["t"] + 2:
        return False
    later = trace["status"][told]["t"] + 0.1
    trace["status"].insert(told + 1, {"t": later, "pod": None})
    return any(call["t"] < later for call in trace["calls"])


def list_a_pod_that_is_gone(trace: Json) -> bool:
    """A pod that is gone from its source is not listed on."""
    last = trace["actions"][-1]
    ends = [each for each in trace["status"] if each["t"] >= last["t"]]
    goes_on = any(each["t"] > last["t"] + 6 for each in trace["calls"])
    if last["action"] != "delete" or not goes_on or len(ends) != 1 or ends[0]["pod"]:
        return False
    trace["status"].remove(ends[0])
    return trace["status"][-1]["pod"] is not None


def be_a_third_pod(trace: Json) -> bool:
    """Another manifest makes another pod, and nothing else does."""
    told = [each["pod"] for each in trace["status"] if each["pod"]]
    told[-1]["uid"] = "uid7"
    return True


def unschedule(trace: Json) -> bool:
    """A static pod is on its node."""
    told = [each["pod"] for each in trace["status"] if each["pod"]]
    told[-1]["conditions"]["PodScheduled"] = ["False"]
    return True


def kill_nothing(trace: Json) -> bool:
    """What was killed has a name."""
    kills = [each for each in trace["actions"] if each["action"].startswith("kill")]
    if kills:
        kills[0]["done"] = not kills[0]["done"]
    return bool(kills)


WAYS = [
    *(stop_twice, remove_thrice, probe_twice, tell_no_change, act_twice, list_later),
    *(use_before_made, take_no_time, refuse_with_no_code, miss_a_pod, list_a_pod_that_is_gone),
    *(be_a_third_pod, unschedule, kill_nothing),
]


@pytest.mark.parametrize("tamper", WAYS, ids=[each.__name__ for each in WAYS])
def test_a_trace_that_contradicts_itself_is_rejected(
    tamper: Callable[[Json], bool], tmp_path: Path
) -> None:
    faulty = [trace for trace in read() if tamper(trace)][:MOST]
    assert faulty, "the fault has a place"
    judge = load_judge(NAME)
    for trace in faulty:
        path = write_lines(tmp_path, trace)
        assert not all(each.agrees for each in judge(path)), f"{trace['seed']}: {tamper.__doc__}"
