"""What an update may do to the metadata of an object.

Source: `apimachinery/pkg/api/validation/objectmeta.go`, `apiserver/pkg/registry/rest/update.go`
and `meta.go`, v1.36.
"""

from typing import Any

from planespec.spec.api.strategies import Prepare
from planespec.spec.names import get_dns1123_label_errors
from planespec.spec.objects import ObjectMeta
from planespec.spec.validation.field_errors import Errors, checked, forbidden, invalid, required
from planespec.spec.validation.object_meta import (
    NameRule,
    validate_finalizer,
    validate_name,
    validate_rest_of_meta,
)
from planespec.spec.validation.value_rules import get_path_segment_errors, validate_labels

Json = dict[str, Any]
IMMUTABLE = "field is immutable"
_KEPT = ("name", "namespace", "uid", "creationTimestamp", "deletionTimestamp")


def read_meta(data: Json) -> ObjectMeta:
    """Return the metadata of an object."""
    return ObjectMeta(data.get("metadata"), "metadata")


def validate_meta(
    data: Json, *, is_namespaced: bool, rule: NameRule = get_path_segment_errors
) -> Errors:
    """Check metadata as it is stored, whatever was there. Source: ValidateObjectMetaAccessor."""
    meta = read_meta(data)
    yield from validate_name(meta, rule)
    if not is_namespaced:
        if meta.namespace:
            yield forbidden("metadata.namespace", "not allowed on this type")
    elif not meta.namespace:
        yield required("metadata.namespace")
    else:
        yield from checked("metadata.namespace", meta.namespace, get_dns1123_label_errors)
    yield from validate_labels("metadata.labels", meta.labels)
    yield from validate_rest_of_meta(meta, has_old_finalizers=False)


def validate_meta_change(data: Json, old: Json) -> Errors:
    """Check what changed of metadata. Source: ValidateObjectMetaAccessorUpdate."""
    meta, before = read_meta(data), read_meta(old)
    if before.is_deleting:
        yield from _validate_finalizers(meta, before)
    if not meta.text("resourceVersion"):
        yield invalid("metadata.resourceVersion", "", "must be specified for an update")
    generation = meta.integer("generation") or 0
    if generation < (before.integer("generation") or 0):
        yield invalid("metadata.generation", generation, "must not be decremented")
    for name in _KEPT:
        if meta.text(name) != before.text(name):
            empty = None if name.endswith("Timestamp") else ""
            yield invalid(f"metadata.{name}", meta.data.get(name, empty), IMMUTABLE)
    grace = meta.integer("deletionGracePeriodSeconds")
    if grace != before.integer("deletionGracePeriodSeconds"):
        yield invalid("metadata.deletionGracePeriodSeconds", grace, IMMUTABLE)
    yield from validate_labels("metadata.labels", meta.labels)
    rest = {key: value for key, value in meta.data.items() if key not in _NOT_AGAIN}
    yield from validate_rest_of_meta(ObjectMeta(rest, "metadata"), has_old_finalizers=False)


_NOT_AGAIN = ("finalizers", "generation")
"""What is looked at as a change alone."""


def _validate_finalizers(meta: ObjectMeta, before: ObjectMeta) -> Errors:
    """Source: ValidateNoNewFinalizers."""
    added = sorted(set(meta.texts("finalizers")) - set(before.texts("finalizers")))
    if added:
        listed = ", ".join(f'"{each}"' for each in added)
        words = "no new finalizers can be added if the object is being deleted"
        detail = f"{words}, found new finalizers []string{{{listed}}}"
        yield forbidden("metadata.finalizers", detail)


def validate_core_meta_change(data: Json, old: Json) -> Errors:
    """The same for kinds that know finalizers without a domain: their ValidateObjectMetaUpdate."""
    yield from validate_meta_change(data, old)
    for index, name in enumerate(read_meta(data).texts("finalizers")):
        yield from validate_finalizer(f"metadata.finalizers[{index}]", name)


def prepare_change(data: Json, old: Json, prepare: Prepare) -> None:
    """Make of an update what is stored: what a resource does not write is put back.

    `prepare` is what its strategy does. Source: BeforeUpdate.
    """
    meta, before = data["metadata"], old["metadata"]
    meta.pop("generation", None)
    if before.get("generation"):
        meta["generation"] = before["generation"]
    prepare(data, old)
    _carry_over(data["metadata"], before)


def _carry_over(meta: Json, before: Json) -> None:
    """Put back what no update changes: times, and an identity that is not given."""
    if not meta.get("uid"):
        _put(meta, "uid", before)
    if before.get("creationTimestamp"):
        meta["creationTimestamp"] = before["creationTimestamp"]
    if before.get("deletionTimestamp"):
        meta["deletionTimestamp"] = before["deletionTimestamp"]
    if meta.get("deletionGracePeriodSeconds") is None:
        _put(meta, "deletionGracePeriodSeconds", before)


def _put(meta: Json, name: str, before: Json) -> None:
    if before.get(name) is not None:
        meta[name] = before[name]
