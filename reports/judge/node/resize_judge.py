"""Judge of `kubelet_resize`: pods admitted and resized in place by one allocation manager.

A line is `{"allocatable", "cpuManagerPolicy", "memoryManagerPolicy", "steps": [{"op", ...}]}`: the
room of the node, two policies of the kubelet, and what happened in turn. The predicates alone turn
pods away, and nothing is done about that for critical ones. A pod that is turned away is
forgotten; `specResize` gives one container other resources, and `resizeFinished` says that the
runtime is done. Each step is one case, counted by `op`, and compared in the answer, the queue of
`pending` resizes, the `events`, the pods `synced`, and `after`: the allocation and conditions of
every pod.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from planespec.reports.judge.recorded_pods import check_pod, check_resources
from planespec.reports.judge.runner import Comparison, compare, judge_lines, part_answers
from planespec.spec.node.resizing.allocation_manager import AllocationManager
from planespec.spec.node.resizing.allocations import NO_RESOURCES, print_resources
from planespec.spec.node.resizing.resize_admission import ResizePolicy
from planespec.spec.node.resizing.resize_conditions import ResizeCondition
from planespec.spec.objects.core_views import Node, Pod
from planespec.spec.objects.view import ObjectError, View

Json = dict[str, Any]

_STATE = ("after", "pending", "events", "synced")
_ANSWERS = {
    "AddPod": ("admitted", "reason", "message"),
    "UpdatePodFromAllocation": ("spec", "updated"),
    "resizeFinished": ("cleared", "generation"),
}


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each step; InputError where malformed."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    line.needing("allocatable", "cpuManagerPolicy", "memoryManagerPolicy", "steps")
    recorder = _Recorder(line)
    for step in line.views("steps"):
        op = step.needing("op", "after", "pending").text("op")
        given, expected = part_answers(step.data, (*_STATE, *_ANSWERS.get(op, ())))
        yield compare(op, where, given, expected, recorder.take(step))


@dataclass(slots=True)
class _Recorder:
    """The pods of one line, and the manager that knows them."""

    line: View
    pods: dict[str, Json] = field(default_factory=dict)
    """Pods that were admitted and are not removed, by name."""
    manager: AllocationManager = field(init=False)

    def __post_init__(self) -> None:
        status = {"allocatable": self.line.data["allocatable"]}
        node = Node({"metadata": {"name": "node"}, "status": status})
        node.allocatable  # noqa: B018 - a malformed quantity is told here
        policy = ResizePolicy(
            self.line.text("cpuManagerPolicy"), self.line.text("memoryManagerPolicy")
        )
        self.manager = AllocationManager(node, self._list_pods, self._find_pod, policy)

    def _list_pods(self) -> list[Pod]:
        return [Pod(pod) for pod in self.pods.values()]

    def _find_pod(self, uid: str) -> Pod | None:
        return next((pod for pod in self._list_pods() if pod.meta.uid == uid), None)

    def take(self, step: View) -> Json:
        """Take one step; returns all that is compared."""
        self.manager.events.clear()
        self.manager.synced.clear()
        answer = self._take(step)
        answer["after"] = {name: self._show(pod) for name, pod in self.pods.items()}
        answer["pending"] = list(self.manager.pending)
        if self.manager.events:
            answer["events"] = [f"{e.type} {e.reason} {e.message}" for e in self.manager.events]
        if self.manager.synced:
            answer["synced"] = [
                pod.name for uid in self.manager.synced if (pod := self._find_pod(uid))
            ]
        return answer

    def _take(self, step: View) -> Json:
        match step.text("op"):
            case "AddPod":
                return self._add(step)
            case "sourcesReady":
                self.manager.sources_ready = step.flag("value")
            case "RetryPendingResizes":
                self.manager.retry_pending_resizes()
            case "RemoveOrphanedPods":
                self.manager.remove_orphaned_pods({pod.meta.uid for pod in self._list_pods()})
            case _:
                return self._take_pod(step, self._need_pod(step))
        return {}

    def _take_pod(self, step: View, pod: Pod) -> Json:
        uid = pod.meta.uid
        match step.text("op"):
            case "PushPendingResize":
                self.manager.push_pending_resize(uid)
            case "specResize":
                _resize(self.pods[pod.name], step)
            case "RemovePod":
                self.manager.remove_pod(uid)
                del self.pods[pod.name]
            case "resizeFinished":
                found = self.manager.conditions.finish(uid)
                generation = found.observed_generation if found else 0
                return {"cleared": found is not None, "generation": generation}
            case "UpdatePodFromAllocation":
                updated, is_updated = self.manager.update_pod(pod)
                return {"spec": _print_spec(updated), "updated": is_updated}
            case other:
                raise ObjectError(step.path("op"), f"is of no kind that is known: {other!r}")
        return {}

    def _add(self, step: View) -> Json:
        name = step.needing("pod", "spec").text("pod")
        metadata: Json = {"name": name, "uid": f"u{name[1:]}", "generation": 1}
        if step.flag("static"):
            metadata["annotations"] = {"kubernetes.io/config.source": "file"}
        pod: Json = {"metadata": metadata, "spec": deepcopy(step.view("spec").data)}
        admission = self.manager.add_pod(Pod(check_pod(View(pod, step.field)).data))
        if admission.is_admitted:
            self.pods[name] = pod
        told = {"reason": admission.reason, "message": admission.message}
        return {"admitted": admission.is_admitted, **told}

    def _need_pod(self, step: View) -> Pod:
        name = step.needing("pod").text("pod")
        if name not in self.pods:
            raise ObjectError(step.path("pod"), f"{name!r} is no pod on the node")
        return Pod(self.pods[name])

    def _show(self, pod: Json) -> Json:
        uid = Pod(pod).meta.uid
        allocation = self.manager.allocated.get(uid)
        held = allocation.containers if allocation else {}
        conditions = [_show_condition(each) for each in self.manager.conditions.list_for(uid)]
        allocated = {name: print_resources(given) for name, given in held.items()}
        return {"allocated": allocated, "conditions": conditions}


def _resize(pod: Json, step: View) -> None:
    name = step.needing("container", "resources", "generation").text("container")
    pod["metadata"]["generation"] = step.int64("generation")
    spec = pod["spec"]
    found = [
        each
        for each in [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]
        if each["name"] == name
    ]
    if not found:
        raise ObjectError(step.path("container"), f"{name!r} is no container of the pod")
    found[0]["resources"] = check_resources(step.view("resources")).data


def _print_spec(pod: Pod) -> Json:
    """Return the spec with canonical quantities, as upstream writes it."""
    spec = dict(pod.spec.data)
    for name, containers in (
        ("initContainers", pod.init_containers),
        ("containers", pod.containers),
    ):
        if containers:
            spec[name] = [
                {**each.data, "resources": print_resources(each.resources or NO_RESOURCES)}
                for each in containers
            ]
    return spec


def _show_condition(condition: ResizeCondition) -> Mapping[str, object]:
    return {
        "type": condition.type,
        "status": "True",
        "reason": condition.reason,
        "message": condition.message,
        "observedGeneration": condition.observed_generation,
    }
