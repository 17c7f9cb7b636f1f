"""How the garbage collector lets dependents of an owner go that is deleted with Orphan.

Each dependent that the graph knows is asked to forget the owner; once all have answered, the owner
loses its finalizer, if it still is the version that was read. A dependent that is not there any
more, or another by now, counts as released.

Source: Kubernetes v1.36, `pkg/controller/garbagecollector/garbagecollector.go`
(attemptToOrphanWorker, orphanDependents) and `operations.go` (removeFinalizer).
"""

from typing import Any

from planespec.spec.controllers.garbage_collection import ORPHAN, CollectorWrite
from planespec.spec.objects.resource_names import plural_of
from planespec.spec.objects.view import ApiObject

_STRATEGIC, _MERGE = "application/strategic-merge-patch+json", "application/merge-patch+json"


def release(dependent: ApiObject, owner_uid: str) -> CollectorWrite:
    """Ask a dependent to forget an owner; its uid says which dependent is meant."""
    entries = [{"$patch": "delete", "uid": owner_uid}]
    metadata = {"ownerReferences": entries, "uid": dependent.meta.uid}
    return _patch(dependent, metadata, _STRATEGIC)


def finish_orphaning(owner: ApiObject) -> CollectorWrite:
    """Take the finalizer off an owner whose dependents were all asked."""
    metadata: dict[str, Any] = {"resourceVersion": owner.meta.text("resourceVersion")}
    left = [name for name in owner.meta.texts("finalizers") if name != ORPHAN]
    if left:
        metadata["finalizers"] = left
    return _patch(owner, metadata, _MERGE)


def _patch(thing: ApiObject, metadata: dict[str, Any], patch_type: str) -> CollectorWrite:
    resource = plural_of(thing.text("kind"))
    return CollectorWrite("patch", resource, thing.name, {"metadata": metadata}, patch_type)
