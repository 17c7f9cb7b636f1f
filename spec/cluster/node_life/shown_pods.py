"""What the status of one pod shows of its kubelet: order, restarts, readiness, ends, evictions.

A kubelet writes a status as a whole, of what it saw at one time, so that one status is judged by
itself. It is read without what differs from pod to pod, such as times, so that it is judged once
for all pods that are alike. Sources: `pkg/kubelet/kubelet_pods.go`, convertToAPIContainerStatuses
and getPhase, `pkg/kubelet/kuberuntime/kuberuntime_manager.go`, computePodActions,
`pkg/kubelet/eviction/eviction_manager.go`; v1.36.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from planespec.spec.cluster.cluster_requirements import Violation
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.node.container_requirements import (
    apps_start_after_the_others,
    init_containers_run_in_order,
    ready_pods_are_ready_throughout,
    restarts_follow_the_policy,
)
from planespec.spec.node.evictions.pressure_requirements import (
    critical_pods_are_admitted,
    critical_pods_stay,
)
from planespec.spec.node.node_requirements import evictions_follow_taints
from planespec.spec.node.pod_requirements import success_is_seen
from planespec.spec.objects import ObjectError, ObjectMeta, View
from planespec.spec.requirement import Level, Requirement, judges

MIRROR = "kubernetes.io/config.mirror"
CRITICAL = 2_000_000_000
"""The priority from which on a kubelet spares a pod (scheduling.SystemCriticalPriority)."""
CONTAINERS, _INITS = "status.containerStatuses", "status.initContainerStatuses"
_LOW = "The node was low on resource"
_REFUSED = "The node had condition: "
_NOT_RUN = ("ContainerStatusUnknown", "StartError", "ContainerCannotRun")
"""Reasons of what ended without a run, or without anybody having seen the end."""

SHOWN = (
    init_containers_run_in_order,
    apps_start_after_the_others,
    restarts_follow_the_policy,
    success_is_seen,
    ready_pods_are_ready_throughout,
    critical_pods_stay,
    critical_pods_are_admitted,
    evictions_follow_taints,
)


class Shown(NamedTuple):
    """What a status shows to be broken."""

    requirement: Requirement
    message: str
    field: str


@judges(Level.SNAPSHOT, *SHOWN)
def judge_shown(cluster: Cluster) -> Iterator[Violation]:
    """Judge each status that is not the usual one; those that are alike once."""
    for pod in cluster.pods:
        stored = pod.stored
        if pod.progress.is_quiet or stored.status is None:
            continue
        for found in stored.status.derive(find_shown, stored.spec, stored.metadata):
            requirement, message, field = found
            yield requirement.violated(pod.reference, message=message, field=field)


def find_shown(
    status: Mapping[str, object],
    spec: Mapping[str, object] | None,
    metadata: Mapping[str, object] | None,
) -> tuple[Shown, ...]:
    """Return what the parts of a pod show; nothing where a field cannot be read."""
    parts = View(status, "status"), View(spec, "spec")
    meta = ObjectMeta(metadata, "metadata")
    try:
        return tuple(_list_shown(*parts, meta))
    except ObjectError:
        return ()


def _list_shown(status: View, spec: View, meta: ObjectMeta) -> Iterator[Shown]:
    phase = status.text("phase")
    yield from _list_needless(status, spec)
    is_mirror = MIRROR in meta.annotations
    if phase in ("Pending", "Running") and not is_mirror:
        # Of a static pod a kubelet that begins anew knows no container that was removed.
        yield from _list_disorder(status, spec)
        yield from _list_restarts(status, spec, meta)
    if phase == "Running":
        yield from _list_unready(status, spec)
    elif phase == "Succeeded":
        yield from list_failures(status)
    elif phase == "Failed" and status.text("reason") == "Evicted":
        is_critical = is_mirror or (spec.integer("priority") or 0) >= CRITICAL
        yield from _list_evictions(status, is_critical)


def runs(container: View) -> bool:
    """Whether a status of a container says that it runs."""
    return container.view("state").has("running")


def is_sidecar(container: View) -> bool:
    """Whether an init container goes on beside the others."""
    return container.text("restartPolicy") == "Always"


def _list_disorder(status: View, spec: View) -> Iterator[Shown]:
    """Compare what runs with the init containers before it; one without a status tells nothing."""
    known = {each.text("name"): each for each in status.views("initContainerStatuses")}
    behind = ""
    for container in spec.views("initContainers"):
        name = container.text("name")
        if name not in known:
            return
        shown = known[name]
        if behind and runs(shown):
            message = f"init container {name} runs, {behind}"
            yield Shown(init_containers_run_in_order, message, _INITS)
        behind = behind or _say_unfinished(shown, is_sidecar(container))
    for shown in status.views("containerStatuses") if behind else ():
        if runs(shown):
            message = f"container {shown.text('name')} runs, {behind}"
            yield Shown(apps_start_after_the_others, message, CONTAINERS)


def _say_unfinished(shown: View, may_go_on: bool) -> str:
    """Say why nothing behind an init container may run yet; empty where it may."""
    state, name = shown.view("state"), shown.text("name")
    code = state.view("terminated").integer("exitCode")
    if state.has("waiting") and not shown.view("lastState").has("terminated"):
        return f"and {'sidecar' if may_go_on else 'init container'} {name} has not begun"
    if may_go_on or code == 0:
        return ""
    if state.has("running"):
        return f"and init container {name} runs still"
    if state.has("waiting"):
        return f"and init container {name} waits to run again"
    return "" if code is None else f"and init container {name} ended with {code}"


def _list_restarts(status: View, spec: View, meta: ObjectMeta) -> Iterator[Shown]:
    """Look for what runs again under Never, as long as no new image may be the reason.

    Under OnFailure a kubelet that sets up a new sandbox starts again what it has ended itself, so
    that only a step tells: `steps.kubelet_steps`.
    """
    if meta.integer("generation") != 1:
        return
    policies = read_policies(spec)
    for shown in status.views("containerStatuses"):
        name, last = shown.text("name"), shown.view("lastState").view("terminated")
        if policies.get(name) == "Never" and runs(shown) and has_run(last):
            code = last.integer("exitCode")
            message = f"container {name} ended with {code} and runs again; its policy is Never"
            yield Shown(restarts_follow_the_policy, message, CONTAINERS)


def read_policies(spec: View) -> Mapping[str, str]:
    """Return the restart policy of each app container; empty where rules for exits decide."""
    containers = [*spec.views("containers"), *spec.views("initContainers")]
    if any(each.has("restartPolicyRules") for each in containers):
        return {}
    of_pod = spec.text("restartPolicy") or "Always"
    return {c.text("name"): c.text("restartPolicy") or of_pod for c in spec.views("containers")}


def has_run(terminated: View) -> bool:
    """Whether a container ran to an end that somebody saw."""
    code = terminated.integer("exitCode")
    is_seen = terminated.has("startedAt") and terminated.text("reason") not in _NOT_RUN
    return code is not None and code != 128 and is_seen


def _list_unready(status: View, spec: View) -> Iterator[Shown]:
    ready = next((c for c in status.views("conditions") if c.text("type") == "Ready"), None)
    if ready is None or ready.text("status") != "True":
        return
    sidecars = {c.text("name") for c in spec.views("initContainers") if is_sidecar(c)}
    shown = [c for c in status.views("initContainerStatuses") if c.text("name") in sidecars]
    for container in (*status.views("containerStatuses"), *shown):
        if container.data.get("ready") is False:
            message = f"the pod is Ready, and container {container.text('name')} is not"
            yield Shown(ready_pods_are_ready_throughout, message, "status.conditions")


def list_failures(status: View) -> Iterator[Shown]:
    """Yield the app containers of a pod that succeeded which failed."""
    for container in status.views("containerStatuses"):
        code = container.view("state").view("terminated").integer("exitCode")
        if code:
            message = f"phase is Succeeded, container {container.text('name')} ended with {code}"
            yield Shown(success_is_seen, message, "status.phase")


def _list_evictions(status: View, is_critical: bool) -> Iterator[Shown]:
    """Compare an eviction, or a refusal, with what the kubelet spares; its message tells which."""
    message = status.text("message")
    words = message.strip().rstrip(".")
    if message.startswith(_LOW) and is_critical:
        said = f"critical, and evicted: {words}"
        yield Shown(critical_pods_stay, said, "status.reason")
    elif message.startswith(_REFUSED):
        only_memory = words == f"{_REFUSED}[MemoryPressure]"
        asks = status.text("qosClass") in ("Burstable", "Guaranteed")
        if is_critical or (only_memory and asks):
            what = "critical" if is_critical else f"{status.text('qosClass')}"
            said = f"{what}, and refused: {words}"
            yield Shown(critical_pods_are_admitted, said, "status.reason")


def _list_needless(status: View, spec: View) -> Iterator[Shown]:
    """Look for what was evicted for a taint, though it tolerates all, whichever it was."""
    tolerations = spec.views("tolerations")
    lasting = not any(each.has("tolerationSeconds") for each in tolerations)
    accepts_all = any(
        each.text("operator") == "Exists"
        and not each.text("key")
        and each.text("effect") in ("", "NoExecute")
        for each in tolerations
    )
    for condition in status.views("conditions") if lasting and accepts_all else ():
        is_so = condition.text("type") == "DisruptionTarget" and condition.text("status") == "True"
        if is_so and condition.text("reason") == "DeletionByTaintManager":
            message = "evicted for a taint, and tolerates every taint for ever"
            yield Shown(evictions_follow_taints, message, "spec.tolerations")
