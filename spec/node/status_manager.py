"""The kubelet's status manager: what it holds of a pod's status, and what it sends of it.

Source: `pkg/kubelet/status/status_manager.go`, v1.36, default feature gates. One pod, which may be
static with a mirror pod at the API server. The API server is asked through `ApiPod`, which is the
object that it holds; a request never fails here but for an object that is gone.
"""

from copy import deepcopy
from dataclasses import dataclass, field

from planespec.spec.node.status_parts import (
    NOT_COMPARED,
    OWNED,
    SHARED,
    Json,
    diff_statuses,
    find_condition,
    get_generation,
    is_same_to_kubelet,
    is_terminal,
    make_containers_ready,
    make_ended,
    make_ready,
    normalize_status,
    put_condition,
)
from planespec.spec.node.status_transitions import has_initialized, is_legal_change, mark_ended

TIMED = (
    *("ContainersReady", "Ready", "Initialized", "PodReadyToStartContainers"),
    *("PodScheduled", "DisruptionTarget", "AllContainersRestarting"),
)
"""Conditions whose time of transition the manager sets."""


@dataclass(slots=True)
class HeldStatus:
    """What the manager holds of a pod; `version` counts the changes."""

    status: Json
    version: int
    finished: bool


@dataclass(slots=True)
class ApiRequest:
    """A request to the API server: `get`, `patch` with the patch, `delete` of a uid."""

    verb: str
    patch: Json | None = None
    uid: str = ""


@dataclass(slots=True)
class StatusManager:
    """The manager, and what it is told by the kubelet's pod manager and the API server."""

    pod: Json
    """The pod as the kubelet knows it; of a static one, the pod of its file."""
    is_static: bool = False
    mirror: Json | None = None
    """The mirror pod that the kubelet knows of."""
    api_pod: Json | None = None
    """The object of the pod's name at the API server."""
    could_run: bool = False
    """Whether the pod could have running containers."""
    now: str = ""
    held: HeldStatus | None = None
    sent: dict[str, int] = field(default_factory=dict)
    """The version that was sent last, by uid of the object."""
    requests: list[ApiRequest] = field(default_factory=list)

    def set_pod_status(self, status: Json) -> bool:
        """Take a status that the kubelet made; says whether it changed what is held."""
        status = deepcopy(status)
        generation = get_generation(self.pod)
        if generation:
            status["observedGeneration"] = generation
        deleted = bool(self.pod["metadata"].get("deletionTimestamp"))
        return self._update(status, force=deleted, finished=False)

    def set_container_readiness(self, container: str, *, ready: bool) -> None:
        """Take what a readiness probe found of a container, and what follows for the pod."""
        found = self._find(container)
        if found is None or bool(found[1].get("ready")) == ready:
            return
        status, entry = found
        entry["ready"] = ready
        conditions: list[Json] = status.setdefault("conditions", [])
        statuses = [*(status.get("initContainerStatuses") or ())]
        statuses += status.get("containerStatuses") or ()
        phase = status.get("phase") or ""
        put_condition(conditions, make_ready(self.pod, conditions, statuses, phase))
        put_condition(conditions, make_containers_ready(self.pod, statuses, phase))
        self._update(status, force=False, finished=False)

    def set_container_startup(self, container: str, *, started: bool) -> None:
        """Take what a startup probe found of a container."""
        found = self._find(container)
        if found is None or found[1].get("started") is started:
            return
        status, entry = found
        entry["started"] = started
        self._update(status, force=False, finished=False)

    def _find(self, container: str) -> tuple[Json, Json] | None:
        """A copy of the status that is held, and the container in it."""
        if self.held is None:
            return None
        status = deepcopy(self.held.status)
        for name in ("containerStatuses", "initContainerStatuses"):
            for entry in status.get(name) or ():
                if (entry.get("containerID") or "") == container:
                    return status, entry
        return None

    def terminate_pod(self) -> None:
        """Settle the status of a pod that has ended: nothing of it runs any more."""
        old = self.held.status if self.held else self.pod.get("status") or {}
        status = deepcopy(old)
        mark_ended(status, started=has_initialized(self.pod))
        if not self.is_static and not is_terminal(status.get("phase")):
            status["phase"] = "Failed"
        self._update(status, force=True, finished=True)

    def forget(self) -> None:
        """Drop the status of a pod that the kubelet no longer knows."""
        self.held = None

    def _update(self, status: Json, *, force: bool, finished: bool) -> bool:
        """Source: updateStatusInternal."""
        held = self.held
        if held is not None:
            old = held.status
            finished = finished or (held.finished and not self.is_static)
        else:
            old = (self.mirror or self.pod).get("status") or {}
        if not is_legal_change(old, status, self.pod.get("spec") or {}):
            return False
        for type_ in TIMED:
            _date(status, old, type_, self.now)
        status["startTime"] = old.get("startTime") or status.get("startTime") or self.now
        if (old.get("observedGeneration") or 0) > (status.get("observedGeneration") or 0):
            status["observedGeneration"] = old["observedGeneration"]
        normalize_status(self.pod, status)
        if held is not None and is_same_to_kubelet(held.status, status) and not force:
            return False
        self.held = HeldStatus(status, held.version + 1 if held else 1, finished)
        return True

    def sync_batch(self, *, everything: bool) -> int:
        """Send what is new, or also what the API server lost; says how many pods were tried."""
        uid = self.pod["metadata"]["uid"]
        mirror_uid = self.mirror["metadata"]["uid"] if self.mirror else ""
        if everything:
            kept = {uid if self.held else "", mirror_uid}
            self.sent = {key: value for key, value in self.sent.items() if key in kept}
        if self.held is None or (self.is_static and not mirror_uid):
            return 0
        target = mirror_uid if self.is_static else uid
        last = self.sent.get(target)
        is_new = (last or 0) < self.held.version
        if everything and not is_new and not self._can_delete(self.mirror or self.pod, self.held):
            if not self._differs_from_known(self.held.status):
                return 0
            del self.sent[target]
        elif not everything and not is_new:
            return 0
        self._sync(self.held)
        return 1

    def _differs_from_known(self, status: Json) -> bool:
        """Whether the object that the kubelet knows has another status (`needsReconcile`)."""
        known = self.mirror if self.is_static and self.mirror else self.pod
        seen = deepcopy(known.get("status") or {})
        normalize_status(known, seen)
        return not is_same_to_kubelet(seen, status)

    def _sync(self, held: HeldStatus) -> None:
        """Source: syncPod."""
        self.requests.append(ApiRequest("get"))
        api_pod = self.api_pod
        if api_pod is None:
            return
        uid = api_pod["metadata"]["uid"]
        is_mirror = self.mirror is not None and uid == self.mirror["metadata"]["uid"]
        if not is_mirror and uid != self.pod["metadata"]["uid"]:
            self.held = None
            return
        stored = api_pod.get("status") or {}
        merged = merge_status(api_pod, held.status, could_run=self.could_run, now=self.now)
        patch = diff_statuses(stored, merged)
        if patch:
            whole = {"metadata": {"uid": uid}, "status": patch}
            self.requests.append(ApiRequest("patch", whole))
            api_pod["status"] = merged
        self.sent[uid] = held.version
        if self._can_delete(api_pod, held) and not is_mirror:
            self.requests.append(ApiRequest("delete", uid=uid))
            self.api_pod = self.held = None

    def _can_delete(self, pod: Json, held: HeldStatus) -> bool:
        """Source: canBeDeleted."""
        if not pod["metadata"].get("deletionTimestamp") or pod is self.mirror:
            return False
        return held.finished and is_terminal((pod.get("status") or {}).get("phase"))


def _date(status: Json, old: Json, type_: str, now: str) -> None:
    """Set the time of transition of a condition: a new one where its status is (in place)."""
    condition = find_condition(status.get("conditions"), type_)
    before = find_condition(old.get("conditions"), type_)
    if condition is None:
        return
    if before is not None and before.get("status") == condition.get("status"):
        condition["lastTransitionTime"] = before.get("lastTransitionTime")
    else:
        condition["lastTransitionTime"] = now


def merge_status(pod: Json, new: Json, *, could_run: bool, now: str) -> Json:
    """What is sent: the kubelet's status, with what others wrote (`mergePodStatus`).

    A pod that could have running containers keeps its phase until they have ended. Shared
    conditions are dated when they are sent, in `new` as well, as upstream does.
    """
    old = pod.get("status") or {}
    ends = not is_terminal(old.get("phase")) and is_terminal(new.get("phase"))
    others = [each for each in old.get("conditions") or () if each["type"] not in OWNED]
    conditions = deepcopy(others)
    for condition in new.get("conditions") or ():
        if condition["type"] in OWNED:
            conditions.append(dict(condition))
        elif condition["type"] in SHARED and ends and not could_run:
            _date(new, old, condition["type"], now)
            put_condition(conditions, dict(condition))
    merged = deepcopy(new) | {"conditions": conditions}
    taken: tuple[str, ...] = NOT_COMPARED
    if ends and could_run:
        taken = (*NOT_COMPARED, "phase", "reason", "message")
    for name in taken:
        merged.pop(name, None)
        if old.get(name):
            merged[name] = old[name]
    _end_readiness(pod, merged, now)
    if not conditions:
        del merged["conditions"]
    return merged


def _end_readiness(pod: Json, merged: Json, now: str) -> None:
    """A pod that has ended is never told to be ready."""
    conditions, phase = merged["conditions"], merged.get("phase") or ""
    types = ("ContainersReady", "Ready")
    ready = [find_condition(conditions, type_) for type_ in types]
    if not is_terminal(phase) or not any(each and each["status"] == "True" for each in ready):
        return
    for type_ in types:
        condition = make_ended(type_, get_generation(pod), phase)
        before = find_condition(conditions, type_)
        same = before is not None and before["status"] == "False"
        condition["lastTransitionTime"] = before["lastTransitionTime"] if before and same else now
        put_condition(conditions, condition)
