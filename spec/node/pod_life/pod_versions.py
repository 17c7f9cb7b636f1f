"""Whether one version of a pod at the API server may follow another.

Each function yields why it may not. Phase and conditions have to be those that the rules of
`pod_status` make of the containers, or those that stood where `status_manager` keeps them. Between
two versions others may have been, that nobody wrote to the API server.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from planespec.spec.node.lifecycle.crash_backoff import make_crash_backoff
from planespec.spec.node.pod_life.life_statuses import (
    explain_place,
    list_possible_conditions,
    list_possible_phases,
)
from planespec.spec.node.pod_status.container_statuses import KILLED, STATUS_UNKNOWN
from planespec.spec.node.status_parts import OWNED, Json, find_condition, is_sidecar, is_terminal
from planespec.spec.node.status_transitions import is_legal_change

LISTS = ("initContainerStatuses", "containerStatuses")
CHANGING = {
    *("nodeName", "schedulingGates", "nodeSelector", "affinity", "tolerations"),
    *("activeDeadlineSeconds", "containers", "initContainers", "ephemeralContainers"),
    *("terminationGracePeriodSeconds", "resources"),
}
"""What of a pod's spec may change."""
ONCE = ("startTime", "hostIP", "qosClass")
"""What of a status is set once."""
NODE_LOST = "NodeLost"
"""What the node controller says of a pod whose node is lost; it leaves the phase as it is."""
LONGEST_BACK_OFF = 300


@dataclass(frozen=True, slots=True)
class Happening:
    """What else is known of a version."""

    is_gone: bool = False
    """Whether it is the last one."""
    is_forced: bool = False
    """Whether somebody had the object removed at once."""
    may_forget: bool = False
    """Whether its kubelet may have been restarted, which forgets back-offs."""


def explain_version(before: Json | None, after: Json, happening: Happening) -> str:
    """Why a version does not follow the one before it; empty where it does."""
    return next(_list_faults(before, after, happening), "")


def _list_faults(before: Json | None, after: Json, happening: Happening) -> Iterator[str]:
    yield from _explain_object(before, after)
    old: Json = (before or {}).get("status") or {}
    status: Json = after.get("status") or {}
    yield from _explain_steps(old, status, after)
    if happening.is_gone:
        yield from _explain_end(after, status, happening.is_forced)
    statuses = {each["name"]: each for name in LISTS for each in status.get(name) or ()}
    yield from _explain_phase(old, status, after, statuses)
    if statuses:
        yield from _explain_conditions(old, status, after, statuses)
        yield from _explain_order(after, statuses)
    for each in statuses.values():
        yield from explain_place(each, _find_container(after, each["name"]), _is_init(after, each))
        yield from _explain_code(each)
        if not happening.may_forget:
            yield from _explain_back_off(after, each)


def _explain_object(before: Json | None, after: Json) -> Iterator[str]:
    meta, spec = after["metadata"], after["spec"]
    if before is None:
        return
    old, old_spec = before["metadata"], before["spec"]
    if old.get("deletionTimestamp") and not meta.get("deletionTimestamp"):
        yield "the deletion was taken back"
    graces = [each.get("deletionGracePeriodSeconds") for each in (old, meta)]
    if None not in graces and graces[1] > graces[0]:
        yield "the grace of the deletion has become longer"
    if old_spec.get("nodeName") and spec.get("nodeName") != old_spec["nodeName"]:
        yield "the pod has left its node"
    for name in sorted((old_spec.keys() | spec.keys()) - CHANGING):
        if old_spec.get(name) != spec.get(name):
            yield f"spec.{name} has changed"


def _explain_steps(old: Json, status: Json, after: Json) -> Iterator[str]:
    """What may not become of a status."""
    if is_terminal(old.get("phase")) and status.get("phase") != old["phase"]:
        yield f"the phase has left {old['phase']}"
    for name in ONCE:
        if old.get(name) and status.get(name) != old[name]:
            yield f"{name} has changed"
    if (status.get("observedGeneration") or 0) > (after["metadata"].get("generation") or 0):
        yield "observedGeneration is of a generation to come"
    if not is_legal_change(old, status, after["spec"]):
        yield "a container that ended for good has come back"
    for name in LISTS:
        befores = {each["name"]: each for each in old.get(name) or ()}
        for each in status.get(name) or ():
            if each["name"] in befores:
                yield from _explain_container_step(befores[each["name"]], each)
    for type_ in sorted(OWNED):
        first = find_condition(old.get("conditions"), type_)
        second = find_condition(status.get("conditions"), type_)
        if first and second and _is_before(second, first, "lastTransitionTime"):
            yield f"{type_} has changed before it did the last time"


def _explain_container_step(before: Json, after: Json) -> Iterator[str]:
    name = after["name"]
    if after["restartCount"] < before["restartCount"]:
        yield f"the restart count of {name} has become smaller"
    first, second = before.get("containerID"), after.get("containerID")
    if first and second and first != second and after["restartCount"] == before["restartCount"]:
        yield f"{name} is another container, and its restart count is the same"
    if not first or first != second or _is_lost((after.get("lastState") or {}).get("terminated")):
        return  # The runtime had lost it, and a new one may have the name of the old.
    if after["restartCount"] != before["restartCount"] and "running" in after["state"]:
        yield f"{name} was not restarted"
    ended, still = before["state"].get("terminated"), after["state"].get("terminated")
    if ended is not None and "running" in after["state"]:
        yield f"{name} has ended, and runs"
    if ended is not None and still is not None and ended != still:
        yield f"{name} has ended in another way"
    runs, ran = before["state"].get("running"), after["state"].get("running")
    if runs is not None and ran is not None and runs != ran:
        yield f"{name} was started at another time"


def _is_before(one: Json, other: Json, name: str) -> bool:
    return bool(one.get(name)) and bool(other.get(name)) and str(one[name]) < str(other[name])


def _explain_end(after: Json, status: Json, is_forced: bool) -> Iterator[str]:
    meta = after["metadata"]
    if meta.get("deletionGracePeriodSeconds") != 0:
        yield "the object is gone with some grace left"
    is_forced = is_forced or after["spec"].get("terminationGracePeriodSeconds") == 0
    runs = [
        each["name"]
        for name in LISTS
        for each in status.get(name) or ()
        if "running" in each["state"]
    ]
    if runs and not is_forced:
        yield f"the object is gone, and {', '.join(runs)} run on"


def _explain_phase(
    old: Json, status: Json, after: Json, statuses: dict[str, Json]
) -> Iterator[str]:
    phase, reason = status.get("phase"), status.get("reason")
    possible = {"Pending"}
    if statuses:
        is_over = _is_deleting(after) or is_terminal(status.get("phase"))
        possible = list_possible_phases(after, statuses, is_over=is_over)
    is_kept = _ends(possible)  # As long as containers could run.
    if is_kept:
        possible |= {"Running"}  # That version may not have been seen.
    if old.get("phase") and (is_kept or _is_deleting(after) or is_terminal(old["phase"])):
        possible |= {old["phase"]}
    if reason and not old.get("reason") and reason != NODE_LOST:
        has_deadline = "activeDeadlineSeconds" in after["spec"]
        possible = {"Failed"} if reason != "DeadlineExceeded" or has_deadline else set()
    elif _is_deleting(after) and not _runs(statuses):
        possible |= {"Failed"}
    if phase not in possible:
        yield f"the phase must be {' or '.join(sorted(possible)) or 'another'}, not {phase}"


def _ends(phases: set[str]) -> bool:
    return any(is_terminal(each) for each in phases)


def _runs(statuses: dict[str, Json]) -> bool:
    return any("running" in each["state"] for each in statuses.values())


def _is_deleting(pod: Json) -> bool:
    return bool(pod["metadata"].get("deletionTimestamp"))


def _explain_conditions(
    old: Json, status: Json, after: Json, statuses: dict[str, Json]
) -> Iterator[str]:
    """Conditions may be of the phase that the kubelet knows and has not told yet."""
    phases = {status.get("phase") or "", *list_possible_phases(after, statuses, is_over=True)}
    ends = _is_deleting(after) or is_terminal(status.get("phase"))
    if ends or "activeDeadlineSeconds" in after["spec"]:
        phases |= {"Failed"}
    possible: dict[str, list[list[str]]] = {}
    for phase in phases:
        others = status.get("conditions") or ()
        for type_, told in list_possible_conditions(after, statuses, phase, others).items():
            possible.setdefault(type_, []).extend(told)
    # The node controller says so of a node that is not ready.
    possible["Ready"].append(["False"])
    for type_, choices in possible.items():
        found = _show(find_condition(status.get("conditions"), type_))
        kept = _show(find_condition(old.get("conditions"), type_))
        # What others say of the readiness of a pod is taken up later.
        is_late = ends or (type_ == "Ready" and after["spec"].get("readinessGates"))
        if found not in choices and not (is_late and found == kept):
            yield f"{type_} must be {choices[0]}, not {found}"


def _show(condition: Json | None) -> list[str]:
    if condition is None:
        return []
    return [condition["status"], *filter(None, [condition.get("reason")])]


def _find_container(pod: Json, name: str) -> Json:
    spec = pod["spec"]
    both = [*(spec.get("initContainers") or ()), *spec["containers"]]
    return next((each for each in both if each["name"] == name), {})


def _is_init(pod: Json, status: Json) -> bool:
    return any(each["name"] == status["name"] for each in pod["spec"].get("initContainers") or ())


def _explain_order(pod: Json, statuses: dict[str, Json]) -> Iterator[str]:
    """Init containers one after the other, then the others."""
    waits_for = ""
    for container in pod["spec"].get("initContainers") or ():
        status = statuses.get(container["name"])
        if status is None:
            continue
        if waits_for and _has_begun(status):
            yield f"{container['name']} has begun before {waits_for} was done"
        if not waits_for and not _was_done(container, status):
            waits_for = str(container["name"])
    for container in pod["spec"]["containers"]:
        status = statuses.get(container["name"])
        if status is not None and waits_for and _has_begun(status):
            yield f"{container['name']} has begun before {waits_for} was done"


def _has_begun(status: Json) -> bool:
    ended = status["state"].get("terminated")
    return "running" in status["state"] or bool(ended and ended.get("containerID"))


def _was_done(container: Json, status: Json) -> bool:
    """Whether an init container let the next begin; a sidecar may have begun again since."""
    if is_sidecar(container):
        return bool(status.get("started")) or status["restartCount"] > 0 or any(_list_ends(status))
    ends = [each for each in _list_ends(status) if each]
    return any(not each.get("exitCode") or _is_lost(each) for each in ends)


def _list_ends(status: Json) -> list[Json | None]:
    return [(status.get(name) or {}).get("terminated") for name in ("state", "lastState")]


def _is_lost(end: Json | None) -> bool:
    return end is not None and end.get("reason") == STATUS_UNKNOWN


def _explain_code(status: Json) -> Iterator[str]:
    end = status["state"].get("terminated") or {}
    codes = {"Completed": 0, STATUS_UNKNOWN: KILLED}
    code, reason = end.get("exitCode") or 0, end.get("reason")
    if reason in codes and code != codes[reason]:
        yield f"{status['name']} ended with {code}, which is not {reason}"


def _explain_back_off(pod: Json, status: Json) -> Iterator[str]:
    """A container that runs again has waited, if it ended by itself."""
    container = _find_container(pod, status["name"])
    running = status["state"].get("running")
    ended = (status.get("lastState") or {}).get("terminated")
    probed = "livenessProbe" in container or "startupProbe" in container
    if running is None or ended is None or probed or status["restartCount"] < 2:
        return
    if not (ended.get("finishedAt") and running.get("startedAt")):
        return
    first = make_crash_backoff(LONGEST_BACK_OFF).first
    wait = min(first * 2 ** (status["restartCount"] - 2), LONGEST_BACK_OFF)
    passed = _read_time(running["startedAt"]) - _read_time(ended["finishedAt"])
    if passed.total_seconds() < wait - 1:
        yield f"{status['name']} must wait {wait} s before it runs again"


def _read_time(text: str) -> datetime:
    return datetime.fromisoformat(text)
