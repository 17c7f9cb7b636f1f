"""The statuses of a pod's containers, from what the runtime says and what was said before.

Source: `pkg/kubelet/kubelet_pods.go` (convertToAPIContainerStatuses) of Kubernetes v1.36, default
feature gates. Left out are mounts, users, stop signals, and resources that the runtime reports:
those of a container are what the pod asks for, or while it runs what was said of it last.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from planespec.spec.node.lifecycle.restart_policy import should_be_started
from planespec.spec.node.lifecycle.runtime_status import (
    ContainerState,
    ContainerStatus,
    RuntimeStatus,
)
from planespec.spec.node.status_parts import Json, is_sidecar
from planespec.spec.objects.core_views import Container, Pod

RESTARTING_ALL = "RestartingAllContainers"
"""The reason of a container that ended because all of its pod are started again."""
STATUS_UNKNOWN = "ContainerStatusUnknown"
_REMOVED = "The container is removed because RestartAllContainers in place"
_WAS_RUNNING = (
    "The container could not be located when the pod was deleted.  "
    "The container used to be Running"
)
_NOT_LOCATED = "The container could not be located when the pod was terminated"
_INITIALIZED = (
    "Unable to get init container status from container runtime and pod has been initialized, "
    "treat it as exited normally"
)
KILLED = 137
"""The exit code of a container of which nothing else is known."""
RESIZABLE = ("cpu", "memory")


class ContainerKind(StrEnum):
    """The lists of containers in a pod's spec."""

    REGULAR = "containers"
    INIT = "initContainers"
    EPHEMERAL = "ephemeralContainers"


@dataclass(frozen=True, slots=True)
class StartFailure:
    """Why a container could not be started the last time (the reason cache)."""

    reason: str
    message: str


@dataclass(slots=True)
class StatusSources:
    """What the statuses of a pod's containers are made of."""

    pod: Json
    runtime: RuntimeStatus
    """The newest container of a name first."""
    failures: Mapping[str, StartFailure] = field(default_factory=dict)
    """By name of the container; None of one that was started."""
    restarts_all: bool = False
    """Whether all containers of the pod are to start again."""

    @property
    def has_init_containers(self) -> bool:
        """Whether the pod has init containers, sidecars among them."""
        return bool(self.pod["spec"].get("initContainers"))


def make_container_statuses(
    sources: StatusSources, kind: ContainerKind, old: Sequence[Json]
) -> list[Json]:
    """Make the statuses of the containers of a kind; `old` are those that were told last.

    Init containers are in the order of the pod, all others in that of their names.
    """
    containers: list[Json] = sources.pod["spec"].get(kind.value) or []
    before = {each["name"]: each for each in old}
    statuses = {each["name"]: _begin(sources, each, before) for each in containers}
    for name in statuses:
        if name in before and not any(each.name == name for each in sources.runtime.containers):
            _explain_absence(sources, statuses[name], before[name])
    _take_seen(sources, statuses, before)
    for container in containers:
        _settle(sources, container, statuses[container["name"]], kind)
    names = [each["name"] for each in containers]
    return [statuses[name] for name in (names if kind is ContainerKind.INIT else sorted(names))]


def _begin(sources: StatusSources, container: Json, before: Mapping[str, Json]) -> Json:
    """The status of a container of which the runtime says nothing."""
    old = before.get(container["name"])
    if old is not None and _get_ended(old) is not None:
        return deepcopy(old)
    status = _make_status(container["name"], container.get("image") or "")
    status["state"] = {"waiting": {"reason": _get_default_reason(sources)}}
    if old is not None:
        status["restartCount"] = old.get("restartCount") or 0
        status["lastState"] = deepcopy(old.get("lastState") or {})
    return status


def _make_status(name: str, image: str) -> Json:
    return {
        "name": name,
        "state": {},
        "lastState": {},
        "ready": False,
        "restartCount": 0,
        "image": image,
        "imageID": "",
    }


def _get_default_reason(sources: StatusSources) -> str:
    return "PodInitializing" if sources.has_init_containers else "ContainerCreating"


def _get_ended(status: Json, name: str = "state") -> Json | None:
    ended: Json | None = (status.get(name) or {}).get("terminated")
    return ended


def _end(code: int, reason: str, message: str) -> Json:
    """What is told of an end of which the runtime knows nothing."""
    told = {"reason": reason, "message": message, "startedAt": None, "finishedAt": None}
    return {"exitCode": code} | told


def _replace_end(status: Json, reason: str, message: str) -> Json:
    """The last state with another end; what else was told of it stays, as upstream has it."""
    return (status.get("lastState") or {}) | {"terminated": _end(KILLED, reason, message)}


def _explain_absence(sources: StatusSources, status: Json, old: Json) -> None:
    """Say what became of a container that the runtime no longer knows (in place)."""
    is_waiting = "waiting" in (old.get("state") or {})
    if sources.restarts_all and not is_waiting:
        status["state"] = {"waiting": {"reason": RESTARTING_ALL, "message": _REMOVED}}
        status["lastState"] = _replace_end(status, RESTARTING_ALL, _REMOVED)
        status["restartCount"] = (old.get("restartCount") or 0) + 1
        return
    was_running = "running" in (old.get("state") or {})
    if was_running and _get_ended(status, "lastState") is None:
        status["lastState"] = _replace_end(status, STATUS_UNKNOWN, _WAS_RUNNING)
        if not sources.pod["metadata"].get("deletionTimestamp"):
            status["restartCount"] += 1


def _take_seen(
    sources: StatusSources, statuses: dict[str, Json], before: Mapping[str, Json]
) -> None:
    """Take what the runtime says of the newest container of a name, and of the one before it."""
    newest_first = sorted(sources.runtime.containers, key=lambda each: -each.created_at)
    seen: dict[str, int] = {}
    for found in newest_first:
        name, times = found.name, seen.get(found.name, 0)
        if name not in statuses or times >= 2:
            continue
        status = _convert(sources, found, before.get(name))
        if times == 0:
            statuses[name] = status
        else:
            statuses[name]["lastState"] = status["state"]
        seen[name] = times + 1


def _convert(sources: StatusSources, found: ContainerStatus, old: Json | None) -> Json:
    """The status of a container that the runtime knows."""
    status = _make_status(found.name, found.image)
    status |= {"imageID": found.image_id, "restartCount": found.restart_count}
    status["containerID"] = found.container_id
    if old is not None:
        _keep_history(status, old)
    status["state"] = _show_state(sources, found, old, status)
    running = found.state is ContainerState.RUNNING
    if running and old is not None and old.get("started") is not None:
        status["started"] = old["started"]
    _add_resources(sources.pod, status, old if running else None)
    return status


def _keep_history(status: Json, old: Json) -> None:
    """Keep the count and the last end of a container whose predecessors the runtime forgot."""
    status["restartCount"] = max(status["restartCount"], old.get("restartCount") or 0)
    last = _get_ended(old, "lastState")
    if old.get("containerID", "") != status["containerID"]:
        last = _get_ended(old) or last
    if last is not None:
        status["lastState"] = {"terminated": deepcopy(last)}


def _show_state(
    sources: StatusSources, found: ContainerStatus, old: Json | None, status: Json
) -> Json:
    """The state of a container; the restart count follows it (in place)."""
    count = (old.get("restartCount") or 0) if old else 0
    if found.state is ContainerState.RUNNING:
        if old is not None and _get_ended(old) is not None and count >= found.restart_count:
            status["restartCount"] = count + 1
        return {"running": {"startedAt": show_time(found.started_at)}}
    if found.state is ContainerState.EXITED:
        return {"terminated": _show_end(found)}
    was_running = old is not None and "running" in (old.get("state") or {})
    if found.state is ContainerState.UNKNOWN and was_running:
        status["restartCount"] = count + 1
        reason = RESTARTING_ALL if sources.restarts_all else STATUS_UNKNOWN
        return {"terminated": _end(KILLED, reason, _NOT_LOCATED)}
    return {"waiting": {}}


def _show_end(found: ContainerStatus) -> Json:
    shown: Json = {
        "exitCode": found.exit_code,
        "startedAt": show_time(found.started_at),
        "finishedAt": show_time(found.finished_at),
        "containerID": found.container_id,
    }
    told = {"reason": found.reason, "message": found.message}
    return shown | {name: text for name, text in told.items() if text}


def show_time(seconds: int | None) -> str | None:
    """A time of the API in seconds of the epoch, None for none."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _add_resources(pod: Json, status: Json, old: Json | None) -> None:
    """Say what a container was given; `old` is the last status of one that runs."""
    spec = pod["spec"]
    containers = (each for kind in ContainerKind for each in spec.get(kind.value) or ())
    container = next((each for each in containers if each["name"] == status["name"]), None)
    if container is None:
        return
    resources = deepcopy(container.get("resources") or {})
    if resources.get("requests"):
        status["allocatedResources"] = dict(resources["requests"])
    same = old is not None and old.get("containerID") == status["containerID"]
    if old is not None and same and "running" in (old.get("state") or {}):
        for part in [each for each in ("requests", "limits") if resources.get(each) is not None]:
            told = (old.get("resources") or {}).get(part) or {}
            resources[part] |= {name: told[name] for name in RESIZABLE if name in told}
    status["resources"] = resources


def _settle(sources: StatusSources, container: Json, status: Json, kind: ContainerKind) -> None:
    """Say why a container waits that is to be started; take an init container as done (in place).

    One that the runtime has forgotten is, where a regular container was made: only sidecars are
    started again then.
    """
    pod, view = Pod(sources.pod), Container(container)
    found = sources.runtime.find(view)
    if kind is ContainerKind.INIT:
        if found is not None and found.is_success:
            return
        is_lost = found is None and not is_sidecar(container) and "waiting" in status["state"]
        made = (ContainerState.CREATED, ContainerState.RUNNING, ContainerState.EXITED)
        if is_lost and sources.runtime.knows(pod, *made):
            status["state"] = {"terminated": _end(0, "Completed", _INITIALIZED)}
            return
    failure = sources.failures.get(container["name"])
    if failure is None or not should_be_started(pod, view, sources.runtime):
        return
    if _get_ended(status) is not None:
        status["lastState"] = status["state"]
    told = {"reason": failure.reason, "message": failure.message}
    status["state"] = {"waiting": {name: text for name, text in told.items() if text}}
