"""SCHED requirements on a snapshot: what is on each node, and whether it may be there."""

from collections.abc import Iterator
from datetime import datetime

from planespec.spec.cluster.cluster_requirements import (
    CONSTRAINTS,
    HOST_PORTS,
    NODE_EXISTS,
    NOMINATED,
    RESOURCE_FIT,
    Violation,
)
from planespec.spec.cluster.evidence.certainty import knows_nodes
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.cluster.snapshot_records import NodeRecord, PodRecord
from planespec.spec.cluster.steps.occupancy import list_shortages
from planespec.spec.objects import Taint
from planespec.spec.pods.node_selection import find_untolerated_taint
from planespec.spec.requirement import Level, judges
from planespec.spec.scheduling.amounts import PODS, Amounts, sum_amounts
from planespec.spec.scheduling.pod_info import HostPort, is_port_conflict


@judges(Level.SNAPSHOT, RESOURCE_FIT)
def judge_fit(cluster: Cluster) -> Iterator[Violation]:
    """Sum the requests on each node, as the kubelet does when it takes a pod in.

    Mirror pods count; a pod that is bound and that the kubelet has not taken in counts too: it
    either does not fit, or leaves no room for others.
    """
    for name, pods in cluster.pods_by_node.items():
        node = cluster.nodes.get(name)
        if node is None:
            continue
        if not node.node.shows_room:
            cluster.doubt(_CUT_STATUS, node.reference)
            continue
        requested = sum_amounts(pod.requests for pod in pods)
        short = dict(list_shortages(requested, node.allocatable))
        if len(pods) > node.pods:
            short[PODS] = (len(pods), node.pods)
        for resource, (asked, offered) in short.items():
            greedy = sorted(pods, key=lambda pod: -_amount(pod, resource))
            message = (
                f"{len(pods)} pods request {asked:,} {resource}, allocatable is {offered:,}: "
                f"{asked - offered:,} too much"
            )
            yield RESOURCE_FIT.violated(
                node.reference,
                *(pod.reference for pod in greedy),
                message=message,
                field=f"status.allocatable[{resource.partition(' ')[0]}]",
                requested=asked,
                allocatable=offered,
            )


def _amount(pod: PodRecord, resource: str) -> int:
    return dict(list_shortages(pod.requests, Amounts())).get(resource, (0, 0))[0]


OTHER_NODES = "what other nodes than these there are for a pod"
_CUT_STATUS = "what a node has room for: its status does not say"


@judges(Level.SNAPSHOT, HOST_PORTS)
def judge_ports(cluster: Cluster) -> Iterator[Violation]:
    """Compare the host ports of the pods on each node."""
    for name, pods in cluster.pods_by_node.items():
        used: list[tuple[HostPort, PodRecord]] = []
        for pod in pods:
            for port in pod.template.host_ports:
                for other, holder in used:
                    if holder is not pod and is_port_conflict([other], port):
                        message = f"both take {port.protocol} {port.address}:{port.port} of {name}"
                        yield HOST_PORTS.violated(
                            pod.reference, holder.reference, message=message, port=port.port
                        )
                used.append((port, pod))


@judges(Level.SNAPSHOT, NODE_EXISTS, NOMINATED)
def judge_nodes_exist(cluster: Cluster) -> Iterator[Violation]:
    """Look up the node of every pod. A snapshot without nodes, or without some, tells nothing."""
    if not cluster.nodes:
        return
    is_known = knows_nodes(cluster)
    for pod in cluster.pods:
        name = pod.node or pod.nominated
        if not name or name in cluster.nodes or pod.is_terminal:
            continue
        if not is_known or cluster.has("Node", "", name):
            cluster.doubt(OTHER_NODES, pod.reference)
        elif pod.node:
            message = f"bound to node {pod.node}, which does not exist"
            yield NODE_EXISTS.violated(pod.reference, message=message, field="spec.nodeName")
        else:
            message = f"nominated to node {pod.nominated}, which does not exist"
            field = "status.nominatedNodeName"
            yield NOMINATED.violated(pod.reference, message=message, field=field)


@judges(Level.SNAPSHOT, CONSTRAINTS)
def judge_constraints(cluster: Cluster) -> Iterator[Violation]:
    """Compare running pods with the taints and labels of their nodes.

    Node affinity is for scheduling alone, so labels may have changed since: a warning. A NoExecute
    taint that is not tolerated for any time evicts at once; a NoSchedule taint counts where it is
    older than the binding. Spread is not judged: later deletions change it.
    """
    verdicts: dict[tuple[int, str], str] = {}
    for name, pods in cluster.pods_by_node.items():
        node = cluster.nodes.get(name)
        if node is None:
            continue
        for pod in pods:
            if pod.is_deleting:
                continue
            key = (id(pod.template), name)
            if key not in verdicts:
                verdicts[key] = _explain_affinity(pod, node)
            if verdicts[key]:
                objects = (pod.reference, node.reference)
                yield CONSTRAINTS.violated(*objects, message=verdicts[key], field="spec.affinity")
            taint = _find_taint(pod, node) if node.node.taints else None
            if taint is not None:
                words = f"{taint.key}={taint.value}:{taint.effect}"
                message = f"node {name} has the taint {words}, which the pod does not tolerate"
                objects = (pod.reference, node.reference)
                yield CONSTRAINTS.violated(*objects, message=message, field="spec.tolerations")


def _explain_affinity(pod: PodRecord, node: NodeRecord) -> str:
    if pod.is_mirror or pod.template.affinity.matches(node.reference.name, node.labels):
        return ""
    wrong = [
        f"{key}={value} (is {node.labels.get(key, 'absent')})"
        for key, value in pod.template.affinity.labels.items()
        if node.labels.get(key) != value
    ]
    what = f"nodeSelector {', '.join(wrong)}" if wrong else "no term of the required node affinity"
    verb = "does not match" if wrong else "matches"
    return f"{what} {verb} node {node.reference.name}"


def _find_taint(pod: PodRecord, node: NodeRecord) -> Taint | None:
    if pod.is_mirror:
        return None
    times = {
        (taint.text("key"), taint.text("effect")): taint.text("timeAdded")
        for taint in node.node.spec.views("taints")
    }

    def counts(taint: Taint) -> bool:
        if taint.effect == "NoExecute":
            return pod.is_admitted
        added = times[taint.key, taint.effect]
        return taint.effect == "NoSchedule" and _is_before(added, pod.scheduled)

    return find_untolerated_taint(node.node.taints, pod.template.tolerations, counts)


def _is_before(first: str, second: str) -> bool:
    if not first or not second:
        return False
    try:
        return datetime.fromisoformat(first) < datetime.fromisoformat(second)
    except (ValueError, TypeError):
        return False
