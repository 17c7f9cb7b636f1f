"""The phase of a pod, counted from the statuses of its containers.

Source: `pkg/kubelet/kubelet_pods.go` (getPhase) of Kubernetes v1.36, whose gates
ContainerRestartRules and RestartAllContainersOnContainerExits are on.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from planespec.spec.node.lifecycle.restart_policy import restarts_after_exit
from planespec.spec.node.pod_status.container_statuses import RESTARTING_ALL
from planespec.spec.node.status_parts import Json, is_sidecar
from planespec.spec.objects.core_views import Container, Pod

SOURCE = "kubernetes.io/config.source"
"""Annotation with the source of a pod: api, file, http."""


@dataclass(slots=True)
class _Counts:
    """Containers of a pod by what they do; sidecars that have ended count nowhere."""

    uninitialized: int = 0
    """Init containers that end, and have not."""
    starting_sidecars: int = 0
    failed_for_good: int = 0
    """Init containers that failed and do not start again."""
    unknown: int = 0
    running: int = 0
    waiting: int = 0
    stopped: int = 0
    stopped_for_good: int = 0
    succeeded: int = 0


def is_static_pod(pod: Json) -> bool:
    """Whether a pod comes from a file or a URL, not from the API server."""
    source = ((pod.get("metadata") or {}).get("annotations") or {}).get(SOURCE)
    return source not in (None, "api")


def compute_phase(
    pod: Json, statuses: Mapping[str, Json], *, is_over: bool, has_started: bool
) -> str:
    """Compute the phase from the statuses by name.

    `is_over` says that nothing of the pod is started again whatever its policy, `has_started` that
    a regular container was started in the sandbox that the pod has now.
    """
    counts = _count(pod, statuses)
    if counts.failed_for_good:
        return "Failed"
    is_starting = counts.starting_sidecars > 0 and not has_started
    if counts.uninitialized or is_starting or counts.waiting or counts.unknown:
        return "Pending"
    if counts.running:
        return "Running"
    if not counts.stopped:
        return "Pending"
    all_succeeded = counts.stopped == counts.succeeded
    ends = is_over and not is_static_pod(pod)
    if not ends and counts.stopped != counts.stopped_for_good:
        return "Running"
    return "Succeeded" if all_succeeded else "Failed"


def _count(pod: Json, statuses: Mapping[str, Json]) -> _Counts:
    counts = _Counts()
    for container in pod["spec"].get("initContainers") or ():
        status = statuses.get(container["name"])
        if is_sidecar(container):
            _count_sidecar(counts, status)
        else:
            _count_init(counts, pod, container, status)
    for container in pod["spec"].get("containers") or ():
        _count_regular(counts, pod, container, statuses.get(container["name"]))
    return counts


def _get_end(status: Json) -> Json | None:
    """How a container ended that has, or that waits to be started again."""
    state = status.get("state") or {}
    name = "lastState" if "waiting" in state else "state"
    end: Json | None = (status.get(name) or {}).get("terminated")
    return end


def _is(status: Json, state: str) -> bool:
    return state in (status.get("state") or {})


def _is_restarted(pod: Json, container: Json, end: Json) -> bool:
    code = end.get("exitCode") or 0
    if end.get("reason") == RESTARTING_ALL:
        return True
    return restarts_after_exit(Pod(pod), Container(container), code)


def _count_init(counts: _Counts, pod: Json, container: Json, status: Json | None) -> None:
    end = _get_end(status) if status and not _is(status, "running") else None
    if end is None:
        counts.uninitialized += 1
    elif end.get("exitCode") and not _is_restarted(pod, container, end):
        counts.failed_for_good += 1


def _count_sidecar(counts: _Counts, status: Json | None) -> None:
    if status is None:
        counts.unknown += 1
    elif _is(status, "running"):
        counts.running += 1
        counts.starting_sidecars += not status.get("started")
    elif _is(status, "waiting"):
        if _get_end(status) is None:
            counts.starting_sidecars += 1
            counts.waiting += 1
    elif not _is(status, "terminated"):
        counts.starting_sidecars += 1
        counts.unknown += 1


def _count_regular(counts: _Counts, pod: Json, container: Json, status: Json | None) -> None:
    end = _get_end(status) if status else None
    if status is not None and _is(status, "running"):
        counts.running += 1
    elif status is not None and end is not None:
        counts.stopped += 1
        counts.stopped_for_good += not _is_restarted(pod, container, end)
        counts.succeeded += _is(status, "terminated") and not end.get("exitCode")
    elif status is not None and _is(status, "waiting"):
        counts.waiting += 1
    else:
        counts.unknown += 1
