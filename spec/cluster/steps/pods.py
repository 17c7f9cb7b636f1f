"""How a pod may change: its binding, its immutable fields, its phase, its containers."""

from collections.abc import Iterator

from planespec.spec.cluster.cluster_requirements import (
    BOUND_ONCE,
    COUNTERS,
    IMMUTABLE,
    PHASES,
    STATUS_ADDS_UP,
    Violation,
)
from planespec.spec.cluster.steps.change import Change, State, get_condition
from planespec.spec.cluster.steps.generations import find_differences
from planespec.spec.objects import View
from planespec.spec.requirement import Level, judges

_MUTABLE = (
    "nodeName",
    "activeDeadlineSeconds",
    "terminationGracePeriodSeconds",
    "tolerations",
    "schedulingGates",
    "ephemeralContainers",
    "resources",
)
_MUTABLE_WHILE_GATED = ("nodeSelector", "affinity")
_MUTABLE_OF_CONTAINERS = ("image", "resources")
_KEPT_STATUS = ("qosClass", "startTime")
_REFUSALS = (
    "NodePorts",
    "NodeAffinity",
    "TaintToleration",
    "NodeName",
    "UnexpectedAdmissionError",
)
_CONTAINER_LISTS = ("containerStatuses", "initContainerStatuses")


@judges(Level.TRANSITION, BOUND_ONCE)
def judge_binding(change: Change, before: State) -> Iterator[Violation]:
    """Once a pod has a node, it keeps it."""
    if change.kind != "Pod":
        return
    old, new = before.spec.text("nodeName"), change.after.spec.text("nodeName")
    if old and new != old:
        moved = f"moved from node {old} to {new}" if new else f"lost its node {old}"
        yield change.violates(BOUND_ONCE, moved, "spec.nodeName", before=old, after=new)


@judges(Level.TRANSITION, IMMUTABLE)
def judge_immutable(change: Change, before: State) -> Iterator[Violation]:
    """Nothing of the spec changes but what the API server lets through."""
    if change.kind != "Pod":
        return
    old, new = before.spec.data, change.after.spec.data
    if old == new:
        return
    mutable = _MUTABLE + (_MUTABLE_WHILE_GATED if old.get("schedulingGates") else ())
    for name in {**old, **new}:
        if name in mutable or old.get(name) == new.get(name):
            continue
        differences = find_differences(old.get(name), new.get(name), f"spec.{name}")
        wrong = [path for path in differences if not _is_mutable_part(path)]
        if wrong:
            yield change.violates(IMMUTABLE, f"{', '.join(wrong)} changed", wrong[0])


def _is_mutable_part(path: str) -> bool:
    """Image and resources of containers; a resize raises the generation, which is API-3."""
    if not path.startswith(("spec.containers[", "spec.initContainers[")):
        return False
    part = path.partition("].")[2]
    return part.split(".")[0].split("[")[0] in _MUTABLE_OF_CONTAINERS


@judges(Level.TRANSITION, IMMUTABLE)
def judge_kept_status(change: Change, before: State) -> Iterator[Violation]:
    """QoS class and start time are set once."""
    if change.kind != "Pod":
        return
    for name in _KEPT_STATUS:
        old, new = before.status.text(name), change.after.status.text(name)
        if old and new != old:
            message = f"status.{name} changed from {old} to {new or 'nothing'}"
            yield change.violates(IMMUTABLE, message, f"status.{name}")


@judges(Level.TRANSITION, PHASES)
def judge_phase(change: Change, before: State) -> Iterator[Violation]:
    """A finished pod stays finished; a running one goes back only while it initialises anew.

    After its sandbox is lost, a pod with init containers runs them again and is Pending meanwhile.
    """
    if change.kind != "Pod":
        return
    old, new = before.status.text("phase"), change.after.status.text("phase")
    field = "status.phase"
    if before.is_terminal and new != old:
        message = f"phase went from {old} to {new or 'nothing'}"
        yield change.violates(PHASES, message, field, before=old, after=new)
    elif (old, new) == ("Running", "Pending") and not change.after.spec.items("initContainers"):
        yield change.violates(PHASES, "phase went from Running to Pending", field)
    elif old and not new:
        yield change.violates(PHASES, f"phase {old} was taken away", field)


@judges(Level.EVENT, STATUS_ADDS_UP)
def judge_end(change: Change) -> Iterator[Violation]:
    """A pod ends when its containers have ended, and the phase says how.

    That one which succeeded has no container that failed is KUB-11 (`kubelet_steps`). One that is
    deleted, disrupted, evicted or over its deadline is given up before that; the
    last two name a reason. A pod the kubelet refuses has failed.
    Source: `pkg/kubelet/kubelet_pods.go`, getPhase; `pkg/kubelet/lifecycle/predicate.go`.
    """
    if change.kind != "Pod":
        return
    status = change.after.status
    phase, reason = status.text("phase"), status.text("reason")
    if phase != "Failed" and (reason in _REFUSALS or reason.startswith("OutOf")):
        message = f"phase is {phase}, the kubelet refused the pod: {reason}"
        yield change.violates(STATUS_ADDS_UP, message, "status.phase")
    if not change.after.is_terminal or reason or get_condition(status, "DisruptionTarget"):
        return
    exits = []
    for container in status.views("containerStatuses"):
        state = container.view("state")
        if state.has("running") and not change.after.meta.is_deleting:
            message = f"phase is {phase} and container {container.text('name')} runs"
            yield change.violates(STATUS_ADDS_UP, message, "status.phase")
        exits.append(state.view("terminated").integer("exitCode"))
    if None not in exits and exits and phase == "Failed" and not any(exits):
        message = f"phase is Failed, the containers ended with {', '.join(map(str, exits))}"
        yield change.violates(STATUS_ADDS_UP, message, "status.phase")


@judges(Level.TRANSITION, COUNTERS)
def judge_containers(change: Change, before: State) -> Iterator[Violation]:
    """Restarts are counted up, as long as the container that counted them is known to the node.

    The kubelet takes the number from the last container it finds. When those are gone, because the
    node was set up anew or the sandbox was removed with all in it, it begins again: then it is
    another container that has the lower number.
    """
    if change.kind != "Pod":
        return
    for name in _CONTAINER_LISTS:
        old = {each.text("name"): each for each in before.status.views(name)}
        for container in change.after.status.views(name):
            known = old.get(container.text("name"))
            if known is None:
                continue
            was, now = (each.integer("restartCount") or 0 for each in (known, container))
            if now < was and not _is_another(known, container):
                message = (
                    f"restarts of container {container.text('name')} fell from {was} to {now}"
                )
                yield change.violates(COUNTERS, message, f"status.{name}")


def _is_another(before: View, after: View) -> bool:
    """Say whether the container of a status was replaced, or there is none yet."""
    old, new = before.text("containerID"), after.text("containerID")
    return bool(old) and old != new
