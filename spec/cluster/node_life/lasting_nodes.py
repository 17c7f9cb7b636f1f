"""What nodes show of the controllers that watch them: conditions, taints, and who is heard of.

Sources: `pkg/controller/nodelifecycle/node_lifecycle_controller.go` and
`pkg/controller/tainteviction/taint_eviction.go`, v1.36.
"""

from collections.abc import Iterator

from planespec.spec.cluster.cluster_requirements import Violation
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.cluster.node_life.moments import (
    NODE_PATIENCE,
    PATIENCE,
    Clock,
    get_heard,
    get_ready,
    latest,
    list_leases,
    read_moment,
)
from planespec.spec.cluster.snapshot_records import NodeCondition, NodeRecord, NodeTaint, PodRecord
from planespec.spec.node.node_requirements import (
    exposed_pods_are_evicted,
    returned_nodes_are_untainted,
)
from planespec.spec.objects import Taint
from planespec.spec.pods.node_selection import tolerates
from planespec.spec.requirement import Level, declare, judges

SILENT_NOT_READY = declare(
    "NODE-13",
    "A node that has long been silent is not Ready.",
    "node_lifecycle_controller.go, monitorNodeHealth; node-monitor-grace-period",
)
TAINTED_AS_CONDITIONED = declare(
    "NODE-14",
    "A node has the taint of each condition that it is in.",
    "node_lifecycle_controller.go, doNoScheduleTaintingPass",
)
_PREFIX = "node.kubernetes.io/"
_TAINTS = {
    ("Ready", "False"): "not-ready",
    ("Ready", "Unknown"): "unreachable",
    ("MemoryPressure", "True"): "memory-pressure",
    ("DiskPressure", "True"): "disk-pressure",
    ("PIDPressure", "True"): "pid-pressure",
    ("NetworkUnavailable", "True"): "network-unavailable",
}
"""The taint, with NoSchedule, of a condition (taintKeyToNodeConditionMap)."""
_OF_SILENCE = (f"{_PREFIX}not-ready", f"{_PREFIX}unreachable")


@judges(Level.SNAPSHOT, returned_nodes_are_untainted)
def judge_returned(cluster: Cluster) -> Iterator[Violation]:
    """Look for taints of silence on nodes that have reported for long that they are Ready."""
    for node in cluster.nodes.values():
        ready, heard = get_ready(node), get_heard(node)
        if not node.taints or ready is None or ready.status != "True" or heard is None:
            continue
        for taint in node.taints:
            if taint.key not in _OF_SILENCE:
                continue
            since = latest(read_moment(ready.since), read_moment(taint.added or ready.since))
            if since is not None and since + NODE_PATIENCE < heard:
                message = (
                    f"Ready since {ready.since}, heard of at {ready.heard}, and has the taint "
                    f"{taint.key}:{taint.effect} still"
                )
                yield returned_nodes_are_untainted.violated(
                    node.reference, message=message, field="spec.taints"
                )


@judges(Level.SNAPSHOT, SILENT_NOT_READY)
def judge_silent(cluster: Cluster) -> Iterator[Violation]:
    """Compare the report and the lease of each node with when most others were heard of.

    Reports alone do not tell: how often an unchanged one is repeated can be set.
    """
    clock = cluster.derive(Clock)
    leases = dict(list_leases(cluster)) if clock.now is not None else {}
    for name, renewed in leases.items():
        node = cluster.nodes.get(name)
        ready = None if node is None else get_ready(node)
        if node is None or ready is None or ready.status != "True":
            continue
        heard = latest(renewed, get_heard(node) or 0.0)
        if heard is not None and clock.now is not None and heard + NODE_PATIENCE < clock.now:
            silence = int(clock.now - heard)
            message = f"Ready is True, and the node was silent for {silence:,} s"
            yield SILENT_NOT_READY.violated(
                node.reference, message=message, field="status.conditions", seconds=silence
            )


@judges(Level.SNAPSHOT, TAINTED_AS_CONDITIONED)
def judge_taints(cluster: Cluster) -> Iterator[Violation]:
    """Look for the taint of each condition that has stood for long."""
    clock = cluster.derive(Clock)
    for node in cluster.nodes.values():
        keys = {taint.key for taint in node.taints}
        for condition in node.conditions:
            name = _TAINTS.get((condition.type, condition.status))
            if name is None or _PREFIX + name in keys:
                continue
            since, seen = read_moment(condition.since), _get_seen(node, condition, clock)
            if since is not None and seen is not None and since + NODE_PATIENCE < seen:
                message = (
                    f"{condition.type} is {condition.status} since {condition.since}, and there "
                    f"is no taint {_PREFIX}{name}"
                )
                yield TAINTED_AS_CONDITIONED.violated(
                    node.reference, message=message, field="spec.taints"
                )


def _get_seen(node: NodeRecord, condition: NodeCondition, clock: Clock) -> float | None:
    """When the condition still stood: its node said so, or is not heard of while others are."""
    is_silent = condition.type == "Ready" and condition.status == "Unknown"
    return clock.now if is_silent else get_heard(node)


@judges(Level.SNAPSHOT, exposed_pods_are_evicted)
def judge_exposed(cluster: Cluster) -> Iterator[Violation]:
    """Look for pods that have stayed on a tainted node for far longer than they tolerate.

    What is not tolerated at all is SCHED-5. The controller counts anew when it begins anew, so
    that the time counts twice.
    """
    clock = cluster.derive(Clock)
    for name, node in cluster.nodes.items():
        taints = [taint for taint in node.taints if taint.effect == "NoExecute"]
        pods = cluster.pods_by_node.get(name, ()) if taints and clock.now is not None else ()
        for pod in pods:
            if pod.is_deleting or pod.is_mirror or not pod.is_admitted:
                continue
            seconds = _get_tolerated(pod, node, taints)
            since = latest(*(read_moment(t.added) for t in taints), read_moment(pod.scheduled))
            if seconds is None or since is None or clock.now is None:
                continue
            if since + 2 * seconds + PATIENCE < clock.now:
                stays = int(clock.now - since)
                message = f"tolerates node {name} for {seconds:,} s, and stays for {stays:,} s"
                yield exposed_pods_are_evicted.violated(
                    pod.reference, node.reference, message=message, field="spec.tolerations"
                )


def _get_tolerated(pod: PodRecord, node: NodeRecord, taints: list[NodeTaint]) -> int | None:
    """Return the least seconds for which the taints are tolerated; None: for ever, or not at all.

    Of each taint the first toleration that accepts it counts (GetMatchingTolerations).
    """
    values = {(taint.key, taint.effect): taint for taint in node.node.taints}
    least: int | None = None
    for key, effect, _ in taints:
        taint: Taint = values[key, effect]
        used = next((each for each in pod.template.tolerations if tolerates(each, taint)), None)
        if used is None:
            return None
        if used.seconds is not None:
            least = max(0, used.seconds if least is None else min(least, used.seconds))
    return least
