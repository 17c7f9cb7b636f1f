"""What a deletion asks for, and what is left of an object that is not gone at once.

Source: `apiserver/pkg/registry/generic/registry/store.go`,
`apiserver/pkg/registry/rest/delete.go`, v1.36.
"""

from dataclasses import dataclass
from typing import Any

from planespec.spec.api.api_errors import conflict, invalid
from planespec.spec.objects import View
from planespec.spec.validation.field_errors import Errors, not_supported
from planespec.spec.validation.field_errors import invalid as invalid_value

Json = dict[str, Any]
ORPHAN, FOREGROUND = "orphan", "foregroundDeletion"
_POLICIES = ("Foreground", "Background", "Orphan")
_KIND = "DeleteOptions.meta.k8s.io"


@dataclass(frozen=True)
class DeleteOptions:
    """The body of a DELETE."""

    uid: str | None = None
    """The identity that the object must have."""
    version: str | None = None
    """The resource version that the object must have."""
    policy: str | None = None
    """Background, Foreground or Orphan."""
    orphan_dependents: bool | None = None
    """What older clients say instead of a policy."""
    grace: int | None = None
    """Seconds that a pod has to end."""
    dry_run: bool = False

    def check(self, kind: str, data: Json) -> None:
        """Hold an object to the preconditions; their messages name the kind. Raises ApiError."""
        meta = data["metadata"]
        if self.uid is not None and self.uid != meta["uid"]:
            raise conflict(
                kind,
                meta["name"],
                f"the UID in the precondition ({self.uid}) does not match the UID in record "
                f"({meta['uid']}). The object might have been deleted and then recreated",
            )
        version = meta["resourceVersion"]
        if self.version is not None and self.version != version:
            raise conflict(
                kind,
                meta["name"],
                f"the ResourceVersion in the precondition ({self.version}) does not match the "
                f"ResourceVersion in record ({version}). The object might have been modified",
            )


def read_delete_options(body: object, *, dry_run: bool = False) -> DeleteOptions:
    """Read the body of a DELETE; `dry_run` is what its URL says. Raises ApiError, ObjectError."""
    view = View(body)
    errors = list(_validate(view))
    if errors:
        raise invalid(_KIND, "", errors)
    preconditions = view.view("preconditions")
    return DeleteOptions(
        preconditions.text("uid") if preconditions.has("uid") else None,
        preconditions.text("resourceVersion") if preconditions.has("resourceVersion") else None,
        view.text("propagationPolicy") if view.has("propagationPolicy") else None,
        view.flag("orphanDependents") if view.has("orphanDependents") else None,
        view.integer("gracePeriodSeconds"),
        dry_run or bool(view.texts("dryRun")),
    )


def _validate(view: View) -> Errors:
    """Source: ValidateDeleteOptions."""
    policy = view.text("propagationPolicy")
    if view.has("propagationPolicy") and view.has("orphanDependents"):
        words = "orphanDependents and deletionPropagation cannot be both set"
        yield invalid_value("propagationPolicy", policy, words)
    if view.has("propagationPolicy") and policy not in _POLICIES:
        yield not_supported("propagationPolicy", policy, (*_POLICIES, "nil"))
    yield from validate_dry_run(view)


def validate_dry_run(view: View) -> Errors:
    """A dry run is of all stages. Source: ValidateDryRun."""
    values = view.texts("dryRun")
    for each in values:
        if each != "All":
            yield not_supported("dryRun", values[0], ("All",))
            return


def list_finalizers(data: Json, options: DeleteOptions) -> list[str]:
    """Return the finalizers that an object has once it is asked to go.

    The two of garbage collection follow what is asked, or stay. Source:
    deletionFinalizersForGarbageCollection.
    """
    present = data["metadata"].get("finalizers") or []
    wanted = _find_collection(present, options)
    kept = [each for each in present if each not in (ORPHAN, FOREGROUND)] + wanted
    return present if set(kept) == set(present) else kept


def _find_collection(present: list[str], options: DeleteOptions) -> list[str]:
    """Source: shouldOrphanDependents, shouldDeleteDependents."""
    if options.orphan_dependents is not None:
        return [ORPHAN] if options.orphan_dependents else []
    if options.policy is not None:
        return {"Orphan": [ORPHAN], "Foreground": [FOREGROUND]}.get(options.policy, [])
    return [each for each in present if each in (ORPHAN, FOREGROUND)][:1]


def mark_as_deleting(data: Json, now: str) -> None:
    """Set when an object was asked to go. Source: markAsDeleting."""
    meta = data["metadata"]
    if not meta.get("deletionTimestamp"):
        if meta.get("generation"):
            meta["generation"] += 1
        meta["deletionTimestamp"] = now
    meta["deletionGracePeriodSeconds"] = 0


def should_delete(data: Json, old: Json) -> bool:
    """Say whether an update is the end of an object. Source: ShouldDeleteDuringUpdate."""
    if data["metadata"].get("finalizers") or not old["metadata"].get("deletionTimestamp"):
        return False
    return not old["metadata"].get("deletionGracePeriodSeconds")
