"""Recorded objects that rules read as JSON: each field is of the type that the API gives it."""

from functools import cache

from planespec.reports.input.schema_files import RECORDED, load_published_kinds
from planespec.spec.objects.view import ObjectError, View
from planespec.spec.schema.field_shapes import Shape
from planespec.spec.schema.published_kinds import Release

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "list": (list,),
    "string": (str,),
    "time": (str,),
    "base64": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "quantity": (str, int, float),
    "int-or-string": (str, int),
}
_NAMES = ("conditionType", "ip", "name", "status", "type")
"""Fields that items of a list are told apart or judged by, where the API requires them."""
_MOST = 2**63 - 1


def check_pod(pod: View) -> View:
    """Return a pod; ObjectError for a field of another type than the API gives it."""
    return _check(pod, "Pod")


def check_pod_status(status: View) -> View:
    """Return the status of a pod; ObjectError for a field of another type than the API gives it.

    An object with conditions alone is one, too.
    """
    return _check(status, "PodStatus")


def check_resources(resources: View) -> View:
    """Return requests and limits; ObjectError for a field of another type than the API's."""
    return _check(resources, "ResourceRequirements")


def _check(view: View, kind: str) -> View:
    _compare(_load_shape(kind), view.data, view.field)
    return view


@cache
def _load_shape(kind: str) -> Shape:
    release = Release(load_published_kinds().get_definitions(RECORDED))
    return release.get_defined(f"io.k8s.api.core.v1.{kind}")


def _compare(shape: Shape, value: object, path: str) -> None:
    """Compare types alone, and what the values inside have; unknown fields are passed over.

    `find_flaws` of the audit asks more, and passes over texts that wait for a value.
    """
    types = _TYPES.get(shape.kind)
    is_flag = isinstance(value, bool) and shape.kind != "boolean"
    if types is not None and (is_flag or not isinstance(value, types)):
        raise ObjectError(path, f"must be of the type {shape.kind}")
    if shape.kind == "integer" and isinstance(value, int) and abs(value) > _MOST:
        raise ObjectError(path, "does not fit into 64 bits")
    if isinstance(value, dict):
        _compare_fields(shape, value, path)
    elif isinstance(value, list) and shape.items is not None:
        for index, item in enumerate(value):
            _compare(shape.items, item, f"{path}[{index}]")


def _compare_fields(shape: Shape, value: dict[str, object], path: str) -> None:
    for name in shape.required:
        if name in _NAMES and value.get(name) is None:
            raise ObjectError(f"{path}.{name}" if path else name, "is missing")
    for name, part in value.items():
        below = shape.fields.get(name) or shape.values
        if below is not None and part is not None:
            _compare(below, part, f"{path}.{name}" if path else name)
