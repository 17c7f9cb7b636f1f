"""Why a scheduler may bind a pod, say that it fits nowhere, nominate a node and delete victims."""

from collections.abc import Iterator

from planespec.reports.judge.control_plane.audited_writes import Write
from planespec.reports.judge.control_plane.clocks_and_cuts import (
    CONFLICT,
    answer,
    list_own,
    settle,
    tell_now,
)
from planespec.reports.judge.control_plane.components.scheduling.scheduler_views import (
    BINDING,
    SchedulerView,
    list_views,
    read_target,
)
from planespec.reports.judge.control_plane.scene import Scene
from planespec.reports.judge.control_plane.write_explainers import explains, list_present
from planespec.reports.judge.versions.object_versions import Version
from planespec.spec.node.status_parts import diff_statuses, find_condition, set_condition
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import View
from planespec.spec.scheduling.framework import find_feasible_nodes, run_scores
from planespec.spec.scheduling.pending_pods import (
    PREEMPTED,
    SCHEDULER_ERROR,
    Failure,
    list_failures,
    put_failure,
)
from planespec.spec.scheduling.pod_info import PodInfo

DEFAULT = "default-scheduler"
"""The name of schedulers that authenticate as the component; others take pods of other names."""
COMPONENT = "system:kube-scheduler"


@explains("kube-scheduler create pods/binding")
def explain_binding(write: Write, scene: Scene) -> str:
    """Why a pod could not be bound to this node.

    The node passes all filters and is among those of the highest score, or it is the one that the
    pod was nominated to.
    """
    fault = _find_fault_of_binding(write, scene)
    if not fault and write.code == CONFLICT:
        there = list_present(write, scene)
        is_taken = any(e.data["spec"].get("nodeName") or _is_going(e) for e in there)
        return "" if is_taken else "the pod could be bound"
    return answer(write, scene, fault)


def _is_going(version: Version) -> bool:
    return bool(version.meta.get("deletionTimestamp"))


def _find_fault_of_binding(write: Write, scene: Scene) -> str:
    node, fault = read_target(write), ""
    body = View(write.body)
    told = (body.view("target").text("kind"), body.view("metadata").text("namespace"))
    if told != ("Node", write.namespace):
        return "does not bind a pod of the namespace to a node"
    for view in list_views(write, scene):
        for version in view.pending:
            if not _is_asked(write, version):
                continue
            found = _find_scheduler_fault(write, version)
            found = found or _find_binding_fault(view, version, node)
            if not found:
                return ""
            fault = fault or found
    return fault or "the pod was not there, or bound"


def _is_asked(write: Write, version: Version) -> bool:
    return version.name == write.name and write.uid in ("", version.uid)


def _find_scheduler_fault(write: Write, version: Version) -> str:
    """Why a pod is another scheduler's."""
    name = version.data["spec"].get("schedulerName") or DEFAULT
    is_default = write.identity == COMPONENT
    return "" if is_default == (name == DEFAULT) else f"the pod is of the scheduler {name}"


def _find_binding_fault(view: SchedulerView, version: Version, node: str) -> str:
    if version.data["spec"].get("schedulingGates"):
        return "the pod has scheduling gates"
    pod = PodInfo(Pod(version.data))
    found = find_feasible_nodes(view.snapshot, pod)
    if all(each.name != node for each in found.feasible):
        return f"node {node} does not pass the filters"
    if len(found.feasible) == 1 or _get_nominated(view, version) == node:
        return ""
    scores = run_scores(view.snapshot, pod, found.feasible)
    return "" if node in scores.best else f"node {node} is not among those of the highest score"


def _get_nominated(view: SchedulerView, version: Version) -> str:
    for each in view.snapshot.nominated:
        if each.identity == version.uid:
            return each.nominated_node_name
    return ""


# Pods that fit nowhere, and what is done for them.


@explains("kube-scheduler patch pods/status")
def explain_status(write: Write, scene: Scene) -> str:
    """Why a scheduler could not write this into the status of a pod."""
    status = write.body.get("status")
    if not isinstance(status, dict) or write.body.keys() - {"status", "metadata"}:
        return "changes more than the status"
    conditions = status.get("conditions") or ()
    if find_condition(conditions, PREEMPTED["type"]) is not None:
        return _explain_victim(write, scene)
    told = find_condition(conditions, "PodScheduled")
    if told is not None and told.get("reason") == SCHEDULER_ERROR:
        return _explain_error(write, scene)
    return _explain_failure(write, scene)


def _explain_failure(write: Write, scene: Scene) -> str:
    wanted = settle({"status": write.body.get("status")}, write)
    fault = "the pod was not pending"
    for view in list_views(write, scene):
        for version in view.pending:
            if version.name != write.name:
                continue
            fault = _find_scheduler_fault(write, version) or "a node takes the pod"
            for failure in _list_failures(view, version):
                fault = f"what is said is not what the filters say: {failure.message}"
                if wanted in list(_list_patches(write, view, version, failure)):
                    return ""
            if _is_cleared(write, view, version):
                return ""
    return fault


def _list_failures(view: SchedulerView, version: Version) -> list[Failure]:
    found = find_feasible_nodes(view.snapshot, _read_pending(view, version))
    return [] if found.feasible else list_failures(found)


def _read_pending(view: SchedulerView, version: Version) -> PodInfo:
    """The pod with the node that it is known to wait for."""
    nominated = _get_nominated(view, version)
    status = dict(version.data.get("status") or {}) | {"nominatedNodeName": nominated}
    return PodInfo(Pod({**version.data, "status": status}))


def _list_patches(
    write: Write, view: SchedulerView, version: Version, failure: Failure
) -> Iterator[object]:
    """The patches from versions of the pod that the scheduler may have had in hand."""
    seen: Version | None = version
    for _ in range(4):
        if seen is None or seen.is_gone:
            return
        new = put_failure(seen.data, failure, tell_now(write))
        yield settle({"status": diff_statuses(seen.data.get("status") or {}, new)}, write)
        seen = seen.before


def _is_cleared(write: Write, view: SchedulerView, version: Version) -> bool:
    """Whether the pod has lost the node that it waited for to one of higher priority."""
    status = write.body.get("status") or {}
    if status.keys() != {"nominatedNodeName"} or status["nominatedNodeName"]:
        return False
    node, priority = _get_nominated(view, version), version.data["spec"].get("priority") or 0
    return bool(node) and any(
        (other.data["spec"].get("priority") or 0) > priority
        and any(failure.nominated == node for failure in _list_failures(view, other))
        for other in view.pending
    )


def _explain_error(write: Write, scene: Scene) -> str:
    """Why no request of the scheduler for this pod has failed, which the recording tells of."""
    for each in list_own(write, scene):
        if each.resource == BINDING and each.name == write.name and not each.is_accepted:
            return ""
    return "no request for the pod has failed"


def _explain_victim(write: Write, scene: Scene) -> str:
    """Why a pod is no victim: it is told so before it is deleted."""
    told = find_condition((write.body.get("status") or {}).get("conditions"), "DisruptionTarget")
    for life in scene.list_named("Pod", write.name):
        for version in life.versions:
            if version.is_gone or version.since > write.received:
                continue
            conditions = set_condition(version.data, _sign(version), tell_now(write))
            wanted = find_condition(conditions, "DisruptionTarget")
            if settle(told, write) == settle(wanted, write):
                return explain_victim(write, scene)
    return "is not the condition of a victim"


def _sign(version: Version) -> dict[str, str]:
    """The condition of a victim, signed by the scheduler of its preemptor."""
    return dict(PREEMPTED)


@explains("kube-scheduler delete pods")
def explain_victim(write: Write, scene: Scene) -> str:
    """Why no pending pod has this one to go: it is of no node that preemption chooses."""
    options = write.body.keys() - {"kind", "apiVersion", "status", "metadata", "preconditions"}
    if options:
        return f"asks for {', '.join(sorted(options))}"
    for view in list_views(write, scene):
        for version in view.pending:
            if _find_scheduler_fault(write, version):
                continue
            for failure in _list_failures(view, version):
                if failure.nominated and _is_victim(failure, write.name):
                    return ""
    return "no pod that waits preempts it"


def _is_victim(failure: Failure, name: str) -> bool:
    victims = failure.preemption.candidates[failure.nominated or ""].pods
    return any(each.name == name for each in victims)
