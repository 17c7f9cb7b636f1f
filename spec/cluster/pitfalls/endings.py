"""OPS requirement on deletions: they come to an end.

Sources: `pkg/controller/namespace/deletion/namespaced_resources_deleter.go`;
https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/
"""

from collections.abc import Iterator

from planespec.spec.cluster.cluster_requirements import Violation
from planespec.spec.cluster.evidence.repeated import refer_to
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.objects import ObjectMeta, View
from planespec.spec.objects.interning import Stored
from planespec.spec.requirement import Level, declare, judges

DELETION_ENDS = declare(
    "OPS-9",
    "A deletion waits for no finalizer, and a namespace for nothing that is left in it.",
    "https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/",
    "warning",
)
_OF_COLLECTOR = ("foregroundDeletion", "orphan")
"""The garbage collector takes them away by itself once dependents are gone."""
_REMAINING = (
    "NamespaceDeletionDiscoveryFailure",
    "NamespaceDeletionGroupVersionParsingFailure",
    "NamespaceDeletionContentFailure",
    "NamespaceContentRemaining",
    "NamespaceFinalizersRemaining",
)


@judges(Level.SNAPSHOT, DELETION_ENDS)
def judge_deletions(cluster: Cluster) -> Iterator[Violation]:
    """Tell what has been deleted and is still there, and what it waits for."""
    for stored in cluster.store:
        if stored.metadata is None or not stored.metadata.derive(_may_hang, stored.status):
            continue
        meta = ObjectMeta(stored["metadata"], "metadata")
        waits = "; ".join(_list_reasons(stored, meta))
        if waits:
            since = meta.text("deletionTimestamp")
            message = f"is being deleted since {since} and waits: {waits}"
            field = "metadata.finalizers" if meta.texts("finalizers") else "status.conditions"
            yield DELETION_ENDS.violated(refer_to(stored), message=message, field=field)


def _may_hang(metadata: dict[str, object], status: dict[str, object] | None) -> bool:
    """Decide for all objects with equal metadata at once; almost none is being deleted."""
    return "deletionTimestamp" in metadata and ("finalizers" in metadata or status is not None)


def _list_reasons(stored: Stored, meta: ObjectMeta) -> Iterator[str]:
    if not meta.is_deleting:
        return
    finalizers = [each for each in meta.texts("finalizers") if each not in _OF_COLLECTOR]
    if finalizers:
        yield f"for the finalizers {', '.join(finalizers)}"
    if stored.key.kind == "Namespace":
        for condition in View(stored.get("status"), "status").views("conditions"):
            if condition.text("type") in _REMAINING and condition.text("status") == "True":
                yield condition.text("message") or condition.text("reason")
