"""What pods show of the kubelet of a Ready node: what it took in, and what it should have ended.

Sources: `pkg/kubelet/kubelet.go`, `pkg/kubelet/eviction/eviction_manager.go`, Admit,
`pkg/kubelet/nodeshutdown/nodeshutdown_manager.go`, Admit, and
https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/ ; v1.36.
"""

from collections.abc import Iterator, Sequence

from planespec.spec.cluster.cluster_requirements import Violation
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.cluster.node_life.moments import Clock, get_ready, read_moment, read_start
from planespec.spec.cluster.node_life.shown_pods import CRITICAL
from planespec.spec.cluster.snapshot_records import NodeCondition, NodeRecord, PodRecord
from planespec.spec.node.container_requirements import apps_come_to_run
from planespec.spec.node.evictions.pressure_requirements import pressure_admits_few
from planespec.spec.node.node_requirements import closing_nodes_admit_nothing
from planespec.spec.node.pod_requirements import deleted_objects_go
from planespec.spec.objects import ObjectMeta, Taint, View
from planespec.spec.pods.node_selection import is_tolerated
from planespec.spec.requirement import Level, judges

_CLOSING = "node is shutting down"
_PRESSED = Taint("node.kubernetes.io/memory-pressure", "", "NoSchedule")
_LAG = 60.0
"""Seconds by which a pod may have been taken in after a node came to be so, in good faith."""


@judges(Level.SNAPSHOT, deleted_objects_go)
def judge_ending(cluster: Cluster) -> Iterator[Violation]:
    """Look for pods whose time for ending is long over, and that wait for their node alone.

    What finalizers hold up is OPS-9.
    """
    clock = cluster.derive(Clock)
    for pod in cluster.pods if clock.now is not None else ():
        if not pod.is_deleting or pod.is_mirror or not pod.node:
            continue
        meta = ObjectMeta(pod.stored.get("metadata"), "metadata")
        until = meta.text("deletionTimestamp")
        if not meta.items("finalizers") and clock.is_overdue(pod.node, read_moment(until)):
            message = f"was to end by {until}, and is there still; node {pod.node} is Ready"
            yield deleted_objects_go.violated(
                pod.reference,
                cluster.nodes[pod.node].reference,
                message=message,
                field="metadata.deletionTimestamp",
            )


@judges(Level.SNAPSHOT, apps_come_to_run)
def judge_taken_in(cluster: Cluster) -> Iterator[Violation]:
    """Look for pods of which a Ready node has long said nothing at all.

    Later a kubelet may have to wait for others: for images, volumes, secrets.
    """
    clock = cluster.derive(Clock)
    for pod in cluster.pods if clock.now is not None else ():
        is_new = pod.phase in ("", "Pending") and not pod.is_admitted and pod.node
        if not is_new or pod.is_deleting or pod.is_mirror:
            continue
        since = pod.scheduled or _read_creation(pod)
        if clock.is_overdue(pod.node, read_moment(since)):
            message = f"on node {pod.node} since {since}, of which its kubelet shows nothing"
            yield apps_come_to_run.violated(
                pod.reference,
                cluster.nodes[pod.node].reference,
                message=message,
                field="status",
            )


def _read_creation(pod: PodRecord) -> str:
    return ObjectMeta(pod.stored.get("metadata"), "metadata").text("creationTimestamp")


@judges(Level.SNAPSHOT, closing_nodes_admit_nothing)
def judge_closing(cluster: Cluster) -> Iterator[Violation]:
    """Look for pods that a node took in while it said that it shuts down."""
    for name, node in cluster.nodes.items():
        ready = get_ready(node)
        if ready is None or ready.status != "False" or _CLOSING not in ready.message:
            continue
        for pod in _list_started(cluster.pods_by_node.get(name, ()), ready):
            message = f"was taken in while node {name} shut down, which began at {ready.since}"
            yield closing_nodes_admit_nothing.violated(
                pod.reference, node.reference, message=message, field="status.startTime"
            )


@judges(Level.SNAPSHOT, pressure_admits_few)
def judge_pressed(cluster: Cluster) -> Iterator[Violation]:
    """Look for pods without requests that a node took in while it had no memory to give."""
    for name, node in cluster.nodes.items():
        pressure = _get_pressure(node)
        if pressure is None:
            continue
        for pod in _list_started(cluster.pods_by_node.get(name, ()), pressure):
            if _is_spared(pod):
                continue
            message = f"asks for nothing, and was taken in under pressure, since {pressure.since}"
            yield pressure_admits_few.violated(
                pod.reference, node.reference, message=message, field="status.startTime"
            )


def _get_pressure(node: NodeRecord) -> NodeCondition | None:
    """The condition of memory, where it says that there is none."""
    found = [each for each in node.conditions if each.type == "MemoryPressure"]
    return found[0] if found and found[0].status == "True" else None


def _is_spared(pod: PodRecord) -> bool:
    """Whether memory pressure keeps a kubelet from nothing: who asks, is critical, tolerates."""
    status, spec = (View(pod.stored.get(name), name) for name in ("status", "spec"))
    is_critical = (spec.integer("priority") or 0) >= CRITICAL
    asks = status.text("qosClass") != "BestEffort"
    return asks or is_critical or is_tolerated(_PRESSED, pod.template.tolerations)


def _list_started(pods: Sequence[PodRecord], during: NodeCondition) -> Iterator[PodRecord]:
    """Yield the pods that were taken in between the beginning of a condition and its report."""
    since, heard = read_moment(during.since), read_moment(during.heard)
    if since is None or heard is None:
        return
    for pod in pods:
        started = None if pod.is_mirror else read_start(pod)
        if started is not None and since + _LAG < started < heard:
            yield pod
