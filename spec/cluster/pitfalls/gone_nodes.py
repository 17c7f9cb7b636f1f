"""OPS requirements on nodes that objects name: they exist, and the scheduler may choose one.

Sources: `pkg/controller/volume/persistentvolume/pv_controller.go`, syncUnboundClaim;
`pkg/scheduler/framework/plugins/volumebinding`; v1.36.
"""

from collections.abc import Iterator

from planespec.spec.cluster.cluster_requirements import Violation
from planespec.spec.cluster.evidence.certainty import knows_nodes
from planespec.spec.cluster.evidence.repeated import refer_to
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.cluster.pitfalls.originals import get_node_name, list_originals
from planespec.spec.objects.volumes import StorageClass
from planespec.spec.pods.node_selection import read_node_selector
from planespec.spec.requirement import Level, declare, judges

NODE_IS_THERE = declare(
    "OPS-10",
    "The node that a claim, a volume, a class or a template names exists.",
    "pkg/controller/volume/persistentvolume/pv_controller.go, provisionClaim",
    "warning",
)
CONSUMER_SCHEDULED = declare(
    "OPS-11",
    "A pod whose claim waits for its first consumer goes through the scheduler.",
    "https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode",
)


@judges(Level.SNAPSHOT, NODE_IS_THERE)
def judge_named_nodes(cluster: Cluster) -> Iterator[Violation]:
    """Look up nodes named by annotations of claims, and those that volumes and classes ask for."""
    if not knows_nodes(cluster) or not cluster.store.is_read("Node"):
        return
    for claim in cluster.claims.values():
        node = claim.claim.selected_node
        if node and not claim.claim.is_bound and node not in cluster.nodes:
            message = f"waits for a volume for node {node}, which does not exist"
            yield NODE_IS_THERE.violated(
                claim.reference, message=message, field="metadata.annotations"
            )
    yield from _judge_volumes(cluster)
    for stored in cluster.store.list("StorageClass"):
        found = StorageClass(dict(stored))
        if not any(found.allows_node(node.labels) for node in cluster.nodes.values()):
            message = f"no node has {_say(found)}"
            yield NODE_IS_THERE.violated(
                refer_to(stored), message=message, field="allowedTopologies"
            )
    for original in list_originals(cluster):
        for reference in original.objects if original.field else ():
            node = get_node_name(cluster, reference)
            if node and node not in cluster.nodes:
                message, field = f"node {node} does not exist", f"{original.field}spec.nodeName"
                yield NODE_IS_THERE.violated(reference, message=message, field=field)


def _say(found: StorageClass) -> str:
    terms = [
        " and ".join(f"{k} {'/'.join(sorted(v))}" for k, v in t.items()) for t in _terms(found)
    ]
    return " or ".join(terms) or "what an empty term asks for"


def _terms(found: StorageClass) -> list[dict[str, frozenset[str]]]:
    return [term for term in found.allowed_topologies if term]


def _judge_volumes(cluster: Cluster) -> Iterator[Violation]:
    for record in cluster.volumes.values():
        affinity = record.volume.spec.view("nodeAffinity")
        if not affinity.has("required") or record.volume.phase == "Released":
            continue
        field = affinity.path("required")
        selector = read_node_selector(affinity.data["required"], field)
        if not any(selector.matches(name, n.labels) for name, n in cluster.nodes.items()):
            message = f"none of {len(cluster.nodes)} nodes can reach it"
            yield NODE_IS_THERE.violated(record.reference, message=message, field=field)


@judges(Level.SNAPSHOT, CONSUMER_SCHEDULED)
def judge_bypassed_scheduler(cluster: Cluster) -> Iterator[Violation]:
    """Look for pods with a node of their own whose claims nobody will ever bind."""
    for original in list_originals(cluster):
        for reference in original.objects if original.template.claims else ():
            node = get_node_name(cluster, reference)
            for name, field in original.template.claims if node else ():
                record = cluster.claims.get((original.namespace, name))
                if record is None or record.claim.is_bound or record.claim.selected_node:
                    continue
                stored = cluster.store.find_named("StorageClass", "", record.claim.class_name)
                if stored is not None and StorageClass(dict(stored)).waits_for_consumer:
                    message = (
                        f"claim {name} waits for the scheduler, which nodeName {node} passes by"
                    )
                    yield CONSUMER_SCHEDULED.violated(
                        reference, record.reference, message=message, field=original.field + field
                    )
