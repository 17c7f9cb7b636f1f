"""How the statuses of a pod's containers may change, and what they are when the pod has ended.

Source: `checkContainerStateTransition`, `hasPodInitialized`, `initializedContainers` and
`TerminatePod` of `pkg/kubelet/status/status_manager.go`, `ContainerShouldRestart` of
`pkg/api/v1/pod/util.go`, v1.36.
"""

from collections.abc import Sequence

from planespec.spec.node.lifecycle.restart_policy import should_restart
from planespec.spec.node.status_parts import Json, is_sidecar
from planespec.spec.objects.core_views import Container

_LOST = {
    "reason": "ContainerStatusUnknown",
    "message": "The container could not be located when the pod was terminated",
    "exitCode": 137,
    "startedAt": None,
    "finishedAt": None,
}


def is_legal_change(old: Json, new: Json, spec: Json) -> bool:
    """Whether no container that ended for good is said to have come back."""
    if spec.get("restartPolicy") == "Always" or could_restart_all(spec):
        return True
    containers = {each["name"]: each for each in reversed(spec.get("containers") or ())}
    for before in old.get("containerStatuses") or ():
        container = containers.get(before["name"])
        if _has_come_back(before, new.get("containerStatuses") or (), container, spec):
            return False
    init = spec.get("initContainers") or ()
    for index, before in enumerate(old.get("initContainerStatuses") or ()):
        if index >= len(init) or init[index]["name"] != before["name"]:
            return False
        after = new.get("initContainerStatuses") or ()
        if not is_sidecar(init[index]) and _has_come_back(before, after, init[index], spec):
            return False
    return True


def _has_come_back(
    before: Json, after: Sequence[Json], container: Json | None, spec: Json
) -> bool:
    ended = _get_ended(before, "state")
    if ended is None:
        return False
    code = ended.get("exitCode") or 0
    if code != 0 and spec.get("restartPolicy") == "OnFailure":
        return False
    policy = spec.get("restartPolicy") or ""
    if container is not None and should_restart(Container(container), policy, code):
        return False
    same = [each for each in after if each["name"] == before["name"]]
    return any(_get_ended(each, "state") is None for each in same)


def could_restart_all(spec: Json) -> bool:
    """Whether the end of a container may start all of its pod again."""
    both = [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]
    rules = [rule for each in both for rule in each.get("restartPolicyRules") or ()]
    return any(rule.get("action") == "RestartAllContainers" for rule in rules)


def _get_ended(status: Json, name: str) -> Json | None:
    """What is told of the end of a container, in `state` or in `lastState`."""
    ended: Json | None = (status.get(name) or {}).get("terminated")
    return ended


def _is_waiting(status: Json) -> bool:
    return (status.get("state") or {}).get("waiting") is not None


def has_initialized(pod: Json) -> bool:
    """Whether a regular container of the pod may have started (`hasPodInitialized`)."""
    init = (pod.get("spec") or {}).get("initContainers") or ()
    status = pod.get("status") or {}
    regular = status.get("containerStatuses") or ()
    if not init or any(_get_ended(each, "lastState") or not _is_waiting(each) for each in regular):
        return True
    statuses = status.get("initContainerStatuses") or ()
    last = len(statuses) - 1
    if not statuses or last >= len(init) or init[last]["name"] != statuses[last]["name"]:
        return False
    if is_sidecar(init[last]):
        running = (statuses[last].get("state") or {}).get("running") is not None
        return running and statuses[last].get("started") is True
    ends = [_get_ended(statuses[last], name) for name in ("lastState", "state")]
    return any(end is not None and not end.get("exitCode") for end in ends)


def mark_ended(status: Json, *, started: bool) -> None:
    """Say of containers not known to have ended that they were lost, in place.

    Regular ones only where they may have `started`; of init containers, those before and with the
    last that was ever tried, the first at least.
    """
    init = status.get("initContainerStatuses") or []
    tried = [
        index
        for index, each in enumerate(init)
        if not _is_waiting(each) or _get_ended(each, "lastState") is not None
    ]
    lost = init[: max(tried, default=0) + 1]
    if started:
        lost = [*lost, *(status.get("containerStatuses") or ())]
    for each in lost:
        if _get_ended(each, "state") is None:
            each["state"] = {"terminated": dict(_LOST)}
