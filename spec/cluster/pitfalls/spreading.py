"""OPS requirements on where pods are: spread over domains they may enter, near their traffic.

Sources: KEP-3094; `pkg/proxy/topology.go`, CategorizeEndpoints; v1.36.
"""

from collections.abc import Iterator

from planespec.spec.cluster.cluster_requirements import Violation
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.cluster.pitfalls.originals import Original, list_originals
from planespec.spec.cluster.snapshot_records import NodeRecord
from planespec.spec.objects import Taint, View
from planespec.spec.pods.node_selection import find_untolerated_taint
from planespec.spec.requirement import Level, declare, judges

SPREAD_REACHES = declare(
    "OPS-13",
    "Pods are spread over domains with a node that they tolerate, or only such nodes count.",
    "KEP-3094: nodeTaintsPolicy is Ignore by default",
    "warning",
)
LOCAL_TRAFFIC = declare(
    "OPS-14",
    "Every node that takes traffic for local pods alone has such a pod.",
    "https://kubernetes.io/docs/reference/networking/virtual-ips/#external-traffic-policy",
    "warning",
)


@judges(Level.SNAPSHOT, SPREAD_REACHES)
def judge_spreading(cluster: Cluster) -> Iterator[Violation]:
    """Look for domains that count as empty for ever and so keep pods from all others."""
    for original in list_originals(cluster) if cluster.nodes else ():
        spec = original.template.pod.spec
        for view in spec.views("topologySpreadConstraints"):
            is_hard = view.text("whenUnsatisfiable") != "ScheduleAnyway"
            if is_hard and view.text("nodeTaintsPolicy") != "Honor":
                yield from _judge_constraint(cluster, original, view)


def _judge_constraint(cluster: Cluster, original: Original, view: View) -> Iterator[Violation]:
    key, template = view.text("topologyKey"), original.template
    domains: dict[str, list[Taint | None]] = {}
    for name, node in cluster.nodes.items():
        counts = view.text("nodeAffinityPolicy") == "Ignore" or template.affinity.matches(
            name, node.labels
        )
        if counts and key in node.labels:
            found = find_untolerated_taint(node.node.taints, template.tolerations, _keeps_away)
            domains.setdefault(node.labels[key], []).append(found)
    closed = {name: taints for name, taints in domains.items() if all(taints)}
    if closed and len(closed) < len(domains):
        name, closing = next(iter(closed.items()))
        taint = next(each for each in closing if each)
        message = (
            f"{len(closed)} of {len(domains)} domains count and are closed, such as {key} {name} "
            f"by the taint {taint.key}:{taint.effect}; with nodeTaintsPolicy Honor they would not"
        )
        field = original.field + view.path("topologyKey")
        yield SPREAD_REACHES.violated(*original.objects, message=message, field=field)


def _keeps_away(taint: Taint) -> bool:
    return taint.effect in ("NoSchedule", "NoExecute")


@judges(Level.SNAPSHOT, LOCAL_TRAFFIC)
def judge_local_traffic(cluster: Cluster) -> Iterator[Violation]:
    """Look for ready nodes that drop what arrives there for a Service of type NodePort.

    In front of a LoadBalancer a health check keeps traffic away, unless no node has a pod.
    """
    for (namespace, name), service in cluster.services.items() if cluster.nodes else ():
        stored = cluster.store.find_named("Service", namespace, name)
        spec = View(None if stored is None else stored.get("spec"), "spec")
        kind = spec.text("type")
        if spec.text("externalTrafficPolicy") != "Local" or not service.selector:
            continue
        groups = cluster.pod_groups.get(namespace, {}).values()
        selected = [
            p
            for labels, pods in groups
            if service.selector.items() <= labels.items()
            for p in pods
        ]
        having = {pod.node for pod in selected if pod.phase == "Running" and not pod.is_deleting}
        lacking = [n for n, node in cluster.nodes.items() if n not in having and _takes(node)]
        if selected and lacking and (kind == "NodePort" or not having):
            message = f"{len(lacking)} of {len(cluster.nodes)} nodes drop it, such as {lacking[0]}"
            nodes = [cluster.nodes[each].reference for each in lacking]
            yield LOCAL_TRAFFIC.violated(
                service.reference, *nodes, message=message, field="spec.externalTrafficPolicy"
            )


def _takes(node: NodeRecord) -> bool:
    return not node.troubles and not node.node.is_unschedulable and not node.node.taints
