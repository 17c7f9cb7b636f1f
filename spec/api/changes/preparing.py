"""What is put back or counted before an object is stored, and rules that many kinds share.

Generations: kinds whose spec is observed count its changes. Source: PrepareForCreate and
PrepareForUpdate of `pkg/registry/*/*/strategy.go`, v1.36.
"""

from collections.abc import Iterable, Mapping, Sequence

from planespec.spec.admission.pod_defaults import default_pod_spec
from planespec.spec.api.meta_updates import IMMUTABLE, read_meta
from planespec.spec.api.strategies import Json, Prepare
from planespec.spec.objects import View
from planespec.spec.validation.field_errors import Errors, invalid, positive_or_zero
from planespec.spec.validation.object_meta import validate_object_meta
from planespec.spec.validation.object_rules import Kind, find_kind
from planespec.spec.validation.pod.pod_rules import validate_template_spec

_AFTER_TEMPLATE = (
    *("spec.strategy", "spec.minReadySeconds", "spec.revisionHistoryLimit"),
    *("spec.progressDeadlineSeconds", "spec.updateStrategy"),
)
"""Fields of workloads that upstream looks at after the template."""


def begin(data: Json) -> None:
    """Store a new object as its first generation, without what only a controller says."""
    data.pop("status", None)
    data["metadata"]["generation"] = 1


def drop_status(data: Json) -> None:
    """Store a new object without what only a controller says."""
    data.pop("status", None)


def keep(data: Json, old: Json, fields: Iterable[str]) -> None:
    """Put back fields that a resource does not write."""
    for name in fields:
        if name in old:
            data[name] = old[name]
        else:
            data.pop(name, None)


def raise_generation(data: Json, old: Json) -> None:
    """Count a change."""
    data["metadata"]["generation"] = (old["metadata"].get("generation") or 0) + 1


def counting(*also: str) -> Prepare:
    """Return what keeps the status and counts a change of the spec, or of these metadata."""

    def prepare(data: Json, old: Json) -> None:
        keep(data, old, ("status",))
        changed = data.get("spec") != old.get("spec")
        if changed or any(_get(data, each) != _get(old, each) for each in also):
            raise_generation(data, old)

    return prepare


def _get(data: Json, name: str) -> object:
    return data["metadata"].get(name) or {}


def keeping(*fields: str, meta: Sequence[str] = ()) -> Prepare:
    """Return what puts back fields, and fields of the metadata."""

    def prepare(data: Json, old: Json) -> None:
        keep(data, old, fields)
        keep(data["metadata"], old["metadata"], meta)

    return prepare


def default_template(holder: Json) -> Json:
    """Fill in the template of a workload's spec, and return its pod spec."""
    template = holder.setdefault("template", {})
    template.setdefault("metadata", {})
    return default_pod_spec(template.setdefault("spec", {}))


def _find_kind(data: Json) -> Kind:
    kind = find_kind(data["apiVersion"].rpartition("/")[0], data["kind"])
    assert kind is not None, "rules of every kind here are known"
    return kind


def validate_whole_meta(data: Json) -> Errors:
    """Hold metadata to what a new object is held to. Source: ValidateObjectMeta of a kind."""
    kind = _find_kind(data)
    yield from validate_object_meta(
        read_meta(data),
        kind.name,
        is_namespaced=kind.is_namespaced,
        has_old_finalizers=kind.has_old_finalizers,
    )


def validate_content(data: Json) -> Errors:
    """Hold an object to the rules of its kind, its pod spec where upstream looks at it."""
    kind, view = _find_kind(data), View(data)
    errors = list(kind.validate(view))
    template = None if kind.find_template is None else kind.find_template(view)
    if template is None:
        yield from errors
        return
    late = (i for i, each in enumerate(errors) if each.field.startswith(_AFTER_TEMPLATE))
    first = next(late, len(errors))
    yield from errors[:first]
    yield from validate_template_spec(template)
    yield from errors[first:]


def validate_new(data: Json) -> Errors:
    """Hold a new object to all rules of its kind."""
    yield from validate_whole_meta(data)
    yield from validate_content(data)


def validate_immutable(
    data: Json, old: Json, path: str, *, field: str = "", shown: object = None
) -> Errors:
    """A field stays as it is, be it absent. Source: ValidateImmutableField.

    `path` has dots; `field` is its name in the message, and `shown` what is printed where it is
    not the value itself.
    """
    value, before = find_value(data, path), find_value(old, path)
    if not is_same(value, before):
        yield invalid(field or path, value if shown is None else shown, IMMUTABLE)


def find_value(data: Json, path: str) -> object:
    """Return the value at a dotted path; None where there is none."""
    value: object = data
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def is_same(one: object, other: object) -> bool:
    """Say whether two values are the same to the API: absent is as good as empty.

    Source: apiequality.Semantic.
    """
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return all(is_same(one.get(key), other.get(key)) for key in {**one, **other})
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    if not one and not other and (isinstance(one, list | dict) or isinstance(other, list | dict)):
        return True
    return one == other


def validate_counts(status: View, names: Iterable[str]) -> Errors:
    """Numbers of a status are not negative."""
    for name in names:
        yield from positive_or_zero(status.path(name), status.integer(name))


def validate_not_decremented(data: Json, old: Json, path: str) -> Errors:
    """A counter does not go back. Source: IsDecremented."""
    value, before = find_value(data, path), find_value(old, path)
    if isinstance(before, int) and (not isinstance(value, int) or value < before):
        yield invalid(path, value if isinstance(value, int) else 0, "cannot be decremented")
