"""Fields that kubectl applied by itself before it asked the server to.

An object that was applied by the client has its configuration in an annotation. Where the server
applies it now, under the name `kubectl`, that takes from others what the annotation shows to be
its own, and the annotation follows. Source: `apimachinery/pkg/util/managedfields/internal`:
lastappliedmanager.go, lastappliedupdater.go, lastapplied.go, v1.36.
"""

import json
from typing import Any

from planespec.spec.api.apply.field_sets import NO_FIELDS, FieldSet
from planespec.spec.api.apply.managers import ApplyConflictError
from planespec.spec.api.apply.ownership import FieldManager
from planespec.spec.api.apply.typed_values import TypedError, check, compare_values, list_fields
from planespec.spec.api.decoding import complete

Json = dict[str, Any]
KUBECTL = "kubectl"
ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"
_LARGEST = 256 << 10
"""Bytes of annotations; a larger configuration leaves an empty one."""


def apply_object(
    manager: FieldManager,
    live: Json | None,
    patch: Json,
    name: str,
    *,
    force: bool = False,
    now: str = "",
) -> Json:
    """Apply a configuration as `FieldManager.apply` does, also for kubectl. Raises ApiError."""
    try:
        made = manager.apply(live, patch, name, force=force, now=now)
    except ApplyConflictError as error:
        if name != KUBECTL or live is None:
            raise
        left = error.without(_find_own(manager, live))
        if left is not None:
            raise left from error
        made = manager.apply(live, patch, name, force=True, now=now)
    if name == KUBECTL and ANNOTATION in (made["metadata"].get("annotations") or {}):
        annotations = {**made["metadata"]["annotations"], ANNOTATION: _write(patch)}
        made = {**made, "metadata": {**made["metadata"], "annotations": annotations}}
    return made


def _find_own(manager: FieldManager, live: Json) -> FieldSet:
    """Return the fields that the annotation has, and that are still as they were applied."""
    text = (live["metadata"].get("annotations") or {}).get(ANNOTATION, "")
    try:
        applied = json.loads(text)
        if not isinstance(applied, dict) or applied.get("apiVersion") != manager.version:
            return NO_FIELDS
        check(manager.type, applied)
    except (json.JSONDecodeError, TypedError):
        return NO_FIELDS
    found = compare_values(manager.type, applied, complete(manager.type, live))
    return list_fields(manager.type, applied) - found.added - found.modified - found.removed


def _write(patch: Json) -> str:
    """Return a configuration as the annotation has it, which does not hold itself."""
    meta = {k: v for k, v in (patch.get("metadata") or {}).items() if k != "managedFields"}
    if "annotations" in meta:
        meta["annotations"] = {k: v for k, v in meta["annotations"].items() if k != ANNOTATION}
    text = json.dumps({**patch, "metadata": meta}, sort_keys=True, separators=(",", ":")) + "\n"
    return text if len(text) <= _LARGEST else ""
