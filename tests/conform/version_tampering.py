"""Versions of a pod with a fault in them that no kubelet and no API server makes.

A stream is the first line of a recording and the watch events of one pod. Each function changes it
in place, or returns False where it has no place for its fault: where the change could be one that
happens, as two readiness probes that nobody saw, it is not made.
"""

import random
from copy import deepcopy
from itertools import pairwise
from typing import Any

Json = dict[str, Any]
Stream = list[Json]


def list_entries(event: Json) -> list[Json]:
    """The statuses of a version's containers."""
    status = event["object"].get("status", {})
    return [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]


def pick(rng: random.Random, found: list[Any]) -> Any:
    return rng.choice(found) if found else None


def list_alive(stream: Stream) -> Stream:
    """Versions in which a container runs, and the pod is neither ending nor deleted."""
    return [
        each
        for each in stream[1:]
        if each["object"]["status"].get("phase") == "Running"
        and "deletionTimestamp" not in each["object"]["metadata"]
        and any("running" in entry["state"] for entry in list_entries(each))
        and "activeDeadlineSeconds" not in each["object"]["spec"]
    ]


def number(event: Json) -> int:
    return int(event["object"]["metadata"]["resourceVersion"])


def append(stream: Stream, event: Json, **more: Any) -> None:
    again = deepcopy(event) | more
    again["object"]["metadata"]["resourceVersion"] = str(number(stream[-1]) + 1)
    stream.append(again)


def swap_versions(stream: Stream, rng: random.Random) -> bool:
    """Versions grow."""
    places = [place for place in range(1, len(stream) - 1) if number(stream[place]) > 0]
    place = pick(rng, places)
    if place is None or number(stream[place]) == number(stream[place + 1]):
        return False
    stream[place], stream[place + 1] = stream[place + 1], stream[place]
    return True


def repeat_version(stream: Stream, rng: random.Random) -> bool:
    """A version comes once."""
    place = rng.randrange(1, len(stream))
    if stream[place]["type"] == "INITIAL":
        return False
    stream.insert(place, deepcopy(stream[place]))
    return True


def drop_the_first(stream: Stream, rng: random.Random) -> bool:
    """What was never added is not modified."""
    if len(stream) < 3 or stream[1]["type"] != "ADDED" or stream[2]["type"] != "MODIFIED":
        return False
    del stream[1]
    return True


def go_on_when_gone(stream: Stream, rng: random.Random) -> bool:
    """What is gone is not modified."""
    if stream[-1]["type"] != "DELETED":
        return False
    append(stream, stream[-1], type="MODIFIED")
    return True


def change_uid(stream: Stream, rng: random.Random) -> bool:
    """Another pod would have been added."""
    event = pick(rng, [each for each in stream[1:] if each["type"] == "MODIFIED"])
    if event is None:
        return False
    event["object"]["metadata"]["uid"] = "another"
    return True


def leave_a_terminal_phase(stream: Stream, rng: random.Random) -> bool:
    """It is for good."""
    place = next(
        (p for p in range(1, len(stream)) if stream[p]["object"]["status"].get("phase") in ENDS),
        None,
    )
    alive = list_alive(stream)
    if place is None or not alive:
        return False
    del stream[place + 1 :]
    append(stream, alive[-1], type="MODIFIED")
    return True


ENDS = ("Failed", "Succeeded")


def change_phase(stream: Stream, rng: random.Random) -> bool:
    """A container runs."""
    event = pick(rng, list_alive(stream))
    if event is None:
        return False
    event["object"]["status"]["phase"] = rng.choice(["Succeeded", "Failed", "Unknown"])
    return True


def run_without_containers(stream: Stream, rng: random.Random) -> bool:
    """Nothing is told of any container."""
    found = [
        each
        for each in stream[1:]
        if not list_entries(each) and each["object"]["status"].get("phase") == "Pending"
    ]
    event = pick(rng, found)
    if event is None:
        return False
    event["object"]["status"]["phase"] = "Running"
    return True


def forget_a_restart(stream: Stream, rng: random.Random) -> bool:
    """Restarts are counted."""
    found = [
        (place, entry["name"])
        for place in range(2, len(stream))
        for entry in list_entries(stream[place - 1])
        if entry["restartCount"] > 0
    ]
    chosen = pick(rng, found)
    if chosen is None:
        return False
    place, name = chosen
    for entry in list_entries(stream[place]):
        if entry["name"] == name:
            entry["restartCount"] = 0
            return True
    return False


def exchange_a_container(stream: Stream, rng: random.Random) -> bool:
    """Another container of that name is a restart."""
    found = [
        entry
        for before, after in pairwise(stream[1:])
        for old in list_entries(before)
        for entry in list_entries(after)
        if entry["name"] == old["name"] and old.get("containerID") and entry.get("containerID")
        if entry["containerID"] == old["containerID"]
    ]
    entry = pick(rng, found)
    if entry is None:
        return False
    entry["containerID"] += "-other"
    return True


def run_after_the_end(stream: Stream, rng: random.Random) -> bool:
    """The same container does not run again."""
    found = [
        (place, entry)
        for place in range(1, len(stream))
        for entry in list_entries(stream[place])
        if (entry["state"].get("terminated") or {}).get("containerID")
    ]
    chosen = pick(rng, found)
    if chosen is None:
        return False
    place, entry = chosen
    del stream[place + 1 :]
    append(stream, stream[place], type="MODIFIED")
    for each in list_entries(stream[-1]):
        if each["name"] == entry["name"]:
            each["state"] = {"running": {"startedAt": entry["state"]["terminated"]["finishedAt"]}}
            each["containerID"] = entry["containerID"]
    return True


def start_at_another_time(stream: Stream, rng: random.Random) -> bool:
    """A container is started once."""
    found = [
        entry
        for before, after in pairwise(stream[1:])
        for old in list_entries(before)
        for entry in list_entries(after)
        if entry["name"] == old["name"] and entry.get("containerID") == old.get("containerID")
        if "running" in old["state"] and "running" in entry["state"]
        if not (entry.get("lastState") or {}).get("terminated")
    ]
    entry = pick(rng, found)
    if entry is None:
        return False
    entry["state"]["running"]["startedAt"] = "2026-11-22T12:00:00Z"
    return True


def change_exit_code(stream: Stream, rng: random.Random) -> bool:
    """No program of the recording ends so."""
    ended = [
        entry["state"]["terminated"]
        for each in stream[1:]
        for entry in list_entries(each)
        if "terminated" in entry["state"]
    ]
    end = pick(rng, ended)
    if end is None:
        return False
    end["exitCode"] = 77
    return True


def be_ready_while_waiting(stream: Stream, rng: random.Random) -> bool:
    """It does not run."""
    waiting = [e for each in stream[1:] for e in list_entries(each) if "waiting" in e["state"]]
    entry = pick(rng, waiting)
    if entry is None:
        return False
    entry[rng.choice(("ready", "started"))] = True
    return True


def turn_a_condition(stream: Stream, rng: random.Random) -> bool:
    """The containers say otherwise, and the pod goes on."""
    conditions = [
        condition
        for each in list_alive(stream)
        for condition in each["object"]["status"]["conditions"]
        if condition["type"] == "ContainersReady"
    ]
    condition = pick(rng, conditions)
    if condition is None:
        return False
    condition["status"] = "True" if condition["status"] == "False" else "False"
    return True


def run_at_once(stream: Stream, rng: random.Random) -> bool:
    """A new pod is Pending."""
    alive = list_alive(stream)
    if stream[1]["type"] != "ADDED" or not alive:
        return False
    stream[1] = deepcopy(alive[0]) | {"type": "ADDED"}
    stream[1]["object"]["metadata"]["resourceVersion"] = "1"
    return True


def begin_before_init(stream: Stream, rng: random.Random) -> bool:
    """An init container has not even begun."""
    found = [
        each
        for each in stream[1:]
        if each["object"]["status"].get("initContainerStatuses")
        and not any(
            "running" in entry["state"] or "terminated" in entry["state"] or entry.get("lastState")
            for entry in list_entries(each)
        )
    ]
    event = pick(rng, found)
    if event is None:
        return False
    entry = event["object"]["status"]["containerStatuses"][0]
    entry["state"] = {"running": {"startedAt": "2026-11-22T13:30:00Z"}}
    return True


def come_back_for_good(stream: Stream, rng: random.Random) -> bool:
    """What ended under Never is not started again."""
    place = next(
        (
            place
            for place in range(1, len(stream))
            if stream[place]["object"]["spec"]["restartPolicy"] == "Never"
            and any(
                "terminated" in entry["state"]
                for entry in stream[place]["object"]["status"].get("containerStatuses", [])
            )
        ),
        None,
    )
    if place is None:
        return False
    del stream[place + 1 :]
    append(stream, stream[place], type="MODIFIED")
    for entry in stream[-1]["object"]["status"]["containerStatuses"]:
        if "terminated" in entry["state"]:
            entry["lastState"] = entry["state"]
            entry["state"] = {"running": {"startedAt": "2026-11-22T13:59:00Z"}}
            entry["restartCount"] += 1
            entry["containerID"] = "fakeRuntime://new"
    return True


def hurry(stream: Stream, rng: random.Random) -> bool:
    """From the second time on it has to wait before it is started again."""
    found = [
        entry
        for each in stream[1:]
        for entry in each["object"]["status"].get("containerStatuses", [])
        if entry["restartCount"] >= 2 and "running" in entry["state"]
        if ((entry.get("lastState") or {}).get("terminated") or {}).get("finishedAt")
    ]
    entry = pick(rng, found)
    probes = stream[1]["object"]["spec"]["containers"][0].keys() & {
        "livenessProbe",
        "startupProbe",
    }
    if entry is None or probes:
        return False
    entry["state"]["running"]["startedAt"] = entry["lastState"]["terminated"]["finishedAt"]
    return True


VERSIONS = (
    *(swap_versions, repeat_version, drop_the_first, go_on_when_gone, change_uid),
    *(leave_a_terminal_phase, change_phase, run_without_containers, forget_a_restart),
    *(exchange_a_container, run_after_the_end, start_at_another_time, change_exit_code),
    *(be_ready_while_waiting, turn_a_condition, run_at_once, begin_before_init),
    *(come_back_for_good, hurry),
)
