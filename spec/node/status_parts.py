"""Parts of a pod's status as the kubelet's status manager makes, compares and sends them.

Source: `pkg/kubelet/status/generate.go`, `status_manager.go`, `pkg/util/pod/pod.go`, v1.36, with
default feature gates. A status is the JSON of the API; its times are whole seconds.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]

OWNED = {
    *("PodScheduled", "Ready", "Initialized", "ContainersReady", "PodResizeInProgress"),
    *("PodResizePending", "PodReadyToStartContainers", "AllContainersRestarting"),
}
"""Conditions that only the kubelet writes (`PodConditionByKubelet`)."""
SHARED = {"DisruptionTarget"}
"""Conditions that the kubelet writes among others."""
NOT_COMPARED = (
    "resourceClaimStatuses",
    "extendedResourceClaimStatus",
    "nodeAllocatableResourceClaimStatuses",
)
"""What others write: neither compared nor sent."""
MOST_MESSAGE = 12 * 1024
"""Bytes of termination messages of all containers of a pod together."""
_LISTS = ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")


def is_terminal(phase: str | None) -> bool:
    """Whether a pod in the phase has ended for good."""
    return phase in ("Succeeded", "Failed")


def find_condition(conditions: Sequence[Json] | None, type_: str) -> Json | None:
    """The first condition of a type."""
    return next((each for each in conditions or () if each.get("type") == type_), None)


def put_condition(conditions: list[Json], condition: Json) -> None:
    """Replace the first condition of the type, or append (`ReplaceOrAppendPodCondition`)."""
    for index, each in enumerate(conditions):
        if each.get("type") == condition["type"]:
            conditions[index] = condition
            return
    conditions.append(condition)


def set_condition(pod: Json, condition: Json, now: str) -> list[Json]:
    """The conditions of a pod with one set (`UpdatePodCondition`).

    The time of the last change stays where the status of the condition does.
    """
    conditions = [dict(each) for each in (pod.get("status") or {}).get("conditions") or ()]
    old = next((each for each in conditions if each.get("type") == condition["type"]), None)
    is_same = old is not None and old.get("status") == condition["status"]
    since = old.get("lastTransitionTime") if old is not None and is_same else now
    full: Json = {"lastProbeTime": None, "lastTransitionTime": since, **condition}
    generation = get_generation(pod)
    if generation:
        full["observedGeneration"] = generation
    put_condition(conditions, full)
    return conditions


def make_condition(
    type_: str, status: str, generation: int, reason: str = "", message: str = ""
) -> Json:
    """A condition without times, with what is empty left out as in Go."""
    found: Json = {"type": type_, "status": status}
    found |= {"lastProbeTime": None, "lastTransitionTime": None}
    told = {"observedGeneration": generation, "reason": reason, "message": message}
    return found | {name: value for name, value in told.items() if value}


def make_containers_ready(pod: Json, statuses: Sequence[Json], phase: str) -> Json:
    """`ContainersReady` of a pod (`GenerateContainersReadyCondition`)."""
    generation = get_generation(pod)
    if not statuses:
        return make_condition("ContainersReady", "False", generation, "UnknownContainerStatuses")
    ready = {each["name"]: bool(each.get("ready")) for each in reversed(statuses)}
    spec = pod.get("spec") or {}
    sidecars = [each for each in spec.get("initContainers") or () if is_sidecar(each)]
    names = [each["name"] for each in [*sidecars, *(spec.get("containers") or ())]]
    unknown = [name for name in names if name not in ready]
    unready = [name for name in names if not ready.get(name, True)]
    if phase == "Failed" or (phase == "Succeeded" and not unknown):
        return make_ended("ContainersReady", generation, phase)
    said = [("unknown", unknown), ("unready", unready)]
    parts = [f"containers with {what} status: [{' '.join(who)}]" for what, who in said if who]
    if parts:
        message = ", ".join(parts)
        return make_condition(
            "ContainersReady", "False", generation, "ContainersNotReady", message
        )
    return make_condition("ContainersReady", "True", generation)


def make_ended(type_: str, generation: int, phase: str) -> Json:
    """A readiness condition of a pod that has ended."""
    reason = "PodFailed" if phase == "Failed" else "PodCompleted"
    return make_condition(type_, "False", generation, reason)


def make_ready(
    pod: Json, conditions: Sequence[Json], statuses: Sequence[Json], phase: str
) -> Json:
    """`Ready` of a pod: its containers, then its gates (`GeneratePodReadyCondition`)."""
    containers = make_containers_ready(pod, statuses, phase)
    if containers["status"] != "True":
        return containers | {"type": "Ready"}
    messages = []
    for gate in (pod.get("spec") or {}).get("readinessGates") or ():
        name = gate["conditionType"]
        found = find_condition(conditions, name)
        quoted = f'pod readiness gate "{name}"'
        if found is None:
            messages.append(f"corresponding condition of {quoted} does not exist.")
        elif found.get("status") != "True":
            messages.append(f'the status of {quoted} is not "True", but {found.get("status")}')
    generation = get_generation(pod)
    if messages:
        said = ", ".join(messages)
        return make_condition("Ready", "False", generation, "ReadinessGatesNotReady", said)
    return make_condition("Ready", "True", generation)


def get_generation(pod: Json) -> int:
    """`metadata.generation`; 0 where there is none."""
    generation: int = (pod.get("metadata") or {}).get("generation") or 0
    return generation


def is_sidecar(container: Mapping[str, Any]) -> bool:
    """Whether an init container is restarted for as long as its pod lives."""
    return container.get("restartPolicy") == "Always"


def normalize_status(pod: Json, status: Json) -> None:
    """Cut long messages and put containers in order, in place (`normalizeStatus`)."""
    spec = pod.get("spec") or {}
    kinds = ("containers", "initContainers", "ephemeralContainers")
    count = sum(len(spec.get(kind) or ()) for kind in kinds)
    most = MOST_MESSAGE // count if count else MOST_MESSAGE
    for name in _LISTS:
        for each in status.get(name) or ():
            for state in (each.get("state") or {}, each.get("lastState") or {}):
                if (state.get("terminated") or {}).get("message"):
                    state["terminated"]["message"] = _cut(state["terminated"]["message"], most)
    for name in ("containerStatuses", "ephemeralContainerStatuses"):
        if status.get(name):
            status[name].sort(key=lambda each: each["name"])
    _sort_as_specified(spec.get("initContainers") or (), status.get("initContainerStatuses") or [])


def _cut(text: str, most: int) -> str:
    """The first bytes of a text; a character cut in the middle becomes U+FFFD byte by byte."""
    cut = text.encode("utf-8", "surrogatepass")[:most].decode("utf-8", "surrogateescape")
    return "".join("\ufffd" if "\udc80" <= each <= "\udcff" else each for each in cut)


def _sort_as_specified(containers: Sequence[Json], statuses: list[Json]) -> None:
    """Swap each status into the place of its container (`SortInitContainerStatuses`)."""
    current = 0
    for container in containers:
        for index in range(current, len(statuses)):
            if statuses[index]["name"] == container["name"]:
                both = statuses[index], statuses[current]
                statuses[current], statuses[index] = both
                current += 1
                break


def is_same_to_kubelet(old: Json, new: Json) -> bool:
    """Whether two statuses differ in nothing the kubelet tells (`isPodStatusByKubeletEqual`)."""
    if _tell(old) != _tell(new):
        return False
    passed = {"conditions", *NOT_COMPARED}
    return _strip(old, passed) == _strip(new, passed)


def _tell(status: Json) -> dict[str, tuple[object, ...]]:
    """What the conditions say that the kubelet writes, alone or among others."""
    return {
        each["type"]: tuple(each.get(name) or "" for name in ("status", "message", "reason"))
        for each in status.get("conditions") or ()
        if each["type"] in OWNED | SHARED
    }


def _strip(status: Json, passed: set[str]) -> Json:
    """What of a status is compared: an empty list or text is as good as none."""
    return {name: value for name, value in status.items() if value and name not in passed}


def diff_statuses(old: Json, new: Json) -> Json:
    """The strategic merge patch from one status to another (`CreateTwoWayMergePatch`)."""
    patch: Json = {}
    for name in old.keys() | new.keys():
        key = _MERGE_KEYS.get(name)
        if key:
            patch |= _diff_keyed(name, key, old.get(name), new.get(name))
        else:
            patch |= _diff_field(name, old, new)
    return patch


_MERGE_KEYS = {
    "conditions": "type",
    "podIPs": "ip",
    "hostIPs": "ip",
    "resourceClaimStatuses": "name",
}


def _diff_field(name: str, old: Json, new: Json) -> Json:
    if name not in new:
        return {name: None}
    before, after = old.get(name), new[name]
    if isinstance(before, dict) and isinstance(after, dict):
        inner: Json = {}
        for each in before.keys() | after.keys():
            inner |= _diff_field(each, before, after)
        return {name: inner} if inner else {}
    return {} if name in old and before == after else {name: after}


def _diff_keyed(name: str, key: str, old: list[Json] | None, new: list[Json] | None) -> Json:
    """A list merged by a key: what is changed or new, what is gone, and the order."""
    if not old or not new:
        return {} if not old and not new else {name: new or None}
    before = {each[key]: each for each in old}
    after = {each[key]: each for each in new}
    changes: list[Json] = []
    for value, item in after.items():
        inner: Json = {}
        for each in before.get(value, {}).keys() | item.keys():
            inner |= _diff_field(each, before.get(value, {}), item)
        if inner:
            changes.append(inner | {key: value})
    gone = [{"$patch": "delete", key: value} for value in sorted(before.keys() - after.keys())]
    if not changes and not gone and list(before) == list(after):
        return {}
    patch: Json = {f"$setElementOrder/{name}": [{key: value} for value in after]}
    return patch | ({name: changes + gone} if changes or gone else {})
