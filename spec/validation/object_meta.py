"""Rules for the metadata of any object.

Source: `apimachinery/pkg/api/validation/objectmeta.go`, ValidateObjectMeta, and
`pkg/apis/core/validation/validation.go`, validateKubeFinalizerName, v1.36.
"""

from collections.abc import Callable

from planespec.spec.names import get_dns1123_label_errors, get_label_key_errors
from planespec.spec.objects import ObjectMeta, View
from planespec.spec.validation.field_errors import (
    Errors,
    checked,
    each_invalid,
    forbidden,
    invalid,
    positive_or_zero,
    required,
)
from planespec.spec.validation.value_rules import validate_annotations, validate_labels

NameRule = Callable[[str], list[str]]
_ORPHAN, _FOREGROUND = "orphan", "foregroundDeletion"
_FINALIZERS = ("kubernetes", _ORPHAN, _FOREGROUND)


def validate_object_meta(
    meta: ObjectMeta, rule: NameRule, *, is_namespaced: bool, has_old_finalizers: bool = True
) -> Errors:
    """Yield all that is wrong with the metadata of an object as it is created.

    Of older kinds, finalizers without a domain must be some that are known.
    """
    yield from validate_name(meta, rule)
    yield from _validate_namespace(meta, is_namespaced)
    yield from validate_labels(meta.path("labels"), meta.labels)
    yield from validate_rest_of_meta(meta, has_old_finalizers=has_old_finalizers)


def validate_name(meta: ObjectMeta, rule: NameRule) -> Errors:
    """Check name and generateName; a generated name ends as it must."""
    prefix = meta.text("generateName")
    if prefix:
        begun = prefix[:-1] + "a" if prefix.endswith("-") else prefix
        yield from each_invalid(meta.path("generateName"), prefix, rule(begun))
    if not (meta.name or prefix):
        yield required(meta.path("name"), "name or generateName is required")
    elif meta.name:
        yield from checked(meta.path("name"), meta.name, rule)


def _validate_namespace(meta: ObjectMeta, is_namespaced: bool) -> Errors:
    field = meta.path("namespace")
    if not is_namespaced:
        if meta.namespace:
            yield forbidden(field, "not allowed on this type")
    elif meta.namespace:
        yield from checked(field, meta.namespace, get_dns1123_label_errors)


def validate_rest_of_meta(meta: ObjectMeta, *, has_old_finalizers: bool = True) -> Errors:
    """Check all but names and labels: generation, annotations, owners, finalizers, managers."""
    yield from positive_or_zero(meta.path("generation"), meta.integer("generation"))
    if meta.has("annotations"):
        yield from validate_annotations(meta.path("annotations"), meta.annotations)
    if meta.has("ownerReferences"):
        yield from _validate_owners(meta)
    if meta.has("finalizers"):
        yield from _validate_finalizers(meta, has_old_finalizers)
    if meta.has("managedFields"):
        yield from _validate_managers(meta)


def _validate_owners(meta: ObjectMeta) -> Errors:
    """Source: ValidateOwnerReferences, whose errors name the list."""
    field, first = meta.path("ownerReferences"), ""
    for owner in meta.views("ownerReferences"):
        yield from _validate_owner(owner, field)
        if owner.flag("controller"):
            shown = f"{owner.text('kind')}/{owner.text('name')}"
            if first:
                words = "Only one reference can have Controller set to true. Found"
                detail = f'{words} "true" in references for {first} and {shown}'
                listed = [_show_owner(each) for each in meta.views("ownerReferences")]
                yield invalid(field, listed, detail)
            else:
                first = shown


def _validate_owner(owner: View, field: str) -> Errors:
    version, kind = owner.text("apiVersion"), owner.text("kind")
    if not version.rpartition("/")[2]:
        yield invalid(f"{field}.apiVersion", version, "version must not be empty")
    for name in ("kind", "name", "uid"):
        if not owner.text(name):
            yield invalid(f"{field}.{name}", "", "must not be empty")
    if (version, kind) == ("v1", "Event"):
        detail = "/v1, Kind=Event is disallowed from being an owner"
        yield invalid(field, _show_owner(owner), detail)


def _show_owner(owner: View) -> dict[str, object]:
    names = ("apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion")
    return {name: owner.data[name] for name in names if name in owner.data}


def _validate_finalizers(meta: ObjectMeta, has_old: bool) -> Errors:
    """Source: ValidateFinalizers, whose errors name the list, and validateKubeFinalizerName."""
    field, names = meta.path("finalizers"), meta.texts("finalizers")
    for name in names:
        yield from each_invalid(field, name, get_label_key_errors(name))
    if _ORPHAN in names and _FOREGROUND in names:
        detail = f"finalizer {_ORPHAN} and {_FOREGROUND} cannot be both set"
        yield invalid(field, names, detail)
    for index, name in enumerate(names if has_old else ()):
        yield from validate_finalizer(f"{field}[{index}]", name)


def validate_finalizer(field: str, name: str) -> Errors:
    """A finalizer without a domain is one of the old ones."""
    if "/" not in name and name not in _FINALIZERS:
        detail = "name is neither a standard finalizer name nor is it fully qualified"
        yield invalid(field, name, detail)


def _validate_managers(meta: ObjectMeta) -> Errors:
    """Source: ValidateManagedFields."""
    for entry in meta.views("managedFields"):
        operation, kind = entry.text("operation"), entry.text("fieldsType")
        if operation not in ("Apply", "Update"):
            yield invalid(entry.path("operation"), operation, "must be `Apply` or `Update`")
        if kind not in ("", "FieldsV1"):
            yield invalid(entry.path("fieldsType"), kind, "must be `FieldsV1`")
