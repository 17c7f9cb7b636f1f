"""Statuses in a trace of a pod's life that no kubelet tells, and why it does not.

Like the faults of `life_tampering`: each changes a trace in place, or returns False.
"""

import random
from copy import deepcopy

from life_tampering import Json, list_calls


def list_told(line: Json) -> list[Json]:
    """Statuses that tell of containers."""
    return [
        each["pod"]
        for each in line["status"]
        if each["pod"] and each["pod"].get("containerStatuses")
    ]


def leave_a_terminal_phase(line: Json, rng: random.Random) -> bool:
    """It is for good while the pod is there and the kubelet is not restarted."""
    loose = {"readd", "kubeletRestart", "edit"}
    if loose & {each["action"] for each in line["actions"]}:
        return False
    told = [each for each in line["status"] if each["pod"]]
    ended = next((e for e in told if e["pod"]["phase"] in ("Failed", "Succeeded")), None)
    alive = [each for each in told if each["pod"]["phase"] == "Running"]
    if ended is None or not alive:
        return False
    place = line["status"].index(ended) + 1
    line["status"].insert(place, deepcopy(alive[-1]) | {"t": ended["t"]})
    return True


def tell_of_a_container_never_started(line: Json, rng: random.Random) -> bool:
    """It has not even been made."""
    made = {each["name"] for each in list_calls(line, "CreateContainer", worked=False)}
    names = [
        each["name"] for each in line["pod"]["spec"]["containers"] if each["name"] not in made
    ]
    told = list_told(line)
    if not names or not told:
        return False
    entry = rng.choice(told)["containerStatuses"].get(rng.choice(names))
    if entry is None:
        return False
    entry["state"] = rng.choice(
        ({"is": "running"}, {"is": "terminated", "reason": "Completed", "exitCode": 0})
    )
    return True


def change_restart_count(line: Json, rng: random.Random) -> bool:
    """Nothing was restarted so often."""
    told = list_told(line)
    if not told:
        return False
    entry = rng.choice([*rng.choice(told)["containerStatuses"].values()])
    entry["restartCount"] += 40
    return True


def change_exit_code(line: Json, rng: random.Random) -> bool:
    """No program ends so."""
    told = [each for pod in list_told(line) for each in pod["containerStatuses"].values()]
    ended = [each["state"] for each in told if each["state"]["is"] == "terminated"]
    if not ended:
        return False
    rng.choice(ended)["exitCode"] = 77
    return True


def be_ready_without_running(line: Json, rng: random.Random) -> bool:
    """It waits."""
    told = [each for pod in list_told(line) for each in pod["containerStatuses"].values()]
    waiting = [each for each in told if each["state"]["is"] == "waiting"]
    if not waiting:
        return False
    rng.choice(waiting)[rng.choice(("ready", "started"))] = True
    return True


def change_phase(line: Json, rng: random.Random) -> bool:
    """A container waits that was never made, or another runs: the pod has not ended."""
    told = []
    for pod in list_told(line):
        states = [each["state"] for each in pod["containerStatuses"].values()]
        runs = any(each["is"] == "running" for each in states)
        if runs and pod["phase"] == "Running":
            told.append(pod)
    if not told:
        return False
    rng.choice(told)["phase"] = "Succeeded"
    return True


def turn_a_condition(line: Json, rng: random.Random) -> bool:
    """A container is not ready, and the pod is told to be."""
    told = [
        pod
        for pod in list_told(line)
        if not all(each["ready"] for each in pod["containerStatuses"].values())
    ]
    if not told:
        return False
    rng.choice(told)["conditions"][rng.choice(("Ready", "ContainersReady"))] = ["True"]
    return True


STATUSES = (
    *(leave_a_terminal_phase, tell_of_a_container_never_started, change_restart_count),
    *(change_exit_code, be_ready_without_running, change_phase, turn_a_condition),
)
