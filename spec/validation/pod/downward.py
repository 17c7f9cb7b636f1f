"""Rules for what a container learns of its own pod, by variables and by files.

Source: `pkg/apis/core/validation/validation.go`, validateObjectFieldSelector and
validateContainerResourceFieldSelector; `pkg/apis/core/pods/helpers.go`,
ConvertDownwardAPIFieldLabel; v1.36.
"""

import re
from collections.abc import Sequence

from planespec.spec.objects import View
from planespec.spec.pods.resources import is_huge_page
from planespec.spec.validation.field_errors import Errors, invalid, not_supported, required
from planespec.spec.validation.pod.volume_sources import needing, validate_mode
from planespec.spec.validation.value_rules import validate_file_path, validate_label_key

IN_VARIABLES = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
)
"""Fields of a pod that a variable may hold."""
IN_FILES = (
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
)
"""Fields of a pod that a file may hold."""
_CONVERTED = frozenset(
    (
        *IN_VARIABLES,
        *IN_FILES,
        "spec.restartPolicy",
        "spec.schedulerName",
        "status.phase",
    )
)
_RESOURCES = (
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
)
_BYTES = ("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei")
_SUBSCRIPT = re.compile(r"(.*)\['(.*)'\]", re.DOTALL)


def validate_field_selector(view: View, allowed: Sequence[str]) -> Errors:
    """Check a reference to a field of the pod; its version defaults to v1."""
    version, path = view.text("apiVersion") or "v1", view.text("fieldPath")
    if not path:
        yield required(view.path("fieldPath"))
        return
    subscripted = _SUBSCRIPT.fullmatch(path)
    base = subscripted.group(1) if subscripted else path
    problem = _find_conversion_error(version, path, base, is_subscripted=bool(subscripted))
    if problem:
        detail = f"error converting fieldPath: {problem}"
        yield invalid(view.path("fieldPath"), path, detail)
    elif subscripted:
        key = subscripted.group(2)
        key = key.lower() if base == "metadata.annotations" else key
        yield from validate_label_key(view.field, key)
    elif path not in allowed:
        yield not_supported(view.path("fieldPath"), path, allowed)


def _find_conversion_error(version: str, path: str, base: str, *, is_subscripted: bool) -> str:
    if version != "v1":
        return f"unsupported pod version: {version}"
    if is_subscripted:
        if base in ("metadata.annotations", "metadata.labels"):
            return ""
        return f"field label does not support subscript: {base}"
    if path in _CONVERTED or path == "spec.host":
        return ""
    return f"field label not supported: {path}"


def validate_resource_selector(view: View, *, is_file: bool) -> Errors:
    """Check a reference to requests or limits of a container."""
    name = view.text("resource")
    if is_file and not view.text("containerName"):
        yield required(view.path("containerName"))
    elif not name:
        yield required(view.path("resource"))
    elif name not in _RESOURCES and not _is_huge(name):
        yield not_supported(view.path("resource"), name, _RESOURCES)
    yield from _validate_divisor(view, name)


def _is_huge(name: str) -> bool:
    kind, _, resource = name.partition(".")
    return kind in ("requests", "limits") and is_huge_page(resource)


def _validate_divisor(view: View, name: str) -> Errors:
    divisor = view.quantity("divisor")
    if divisor.is_zero:
        return
    resource = "hugepages" if _is_huge(name) else name.partition(".")[2]
    field, words = view.path("divisor"), ", ".join(_BYTES)
    spoken = {"ephemeral-storage": "local ephemeral storage"}.get(resource, resource)
    if resource == "cpu":
        if str(divisor) not in ("1m", "1"):
            detail = "only divisor's values 1m and 1 are supported with the cpu resource"
            yield invalid(field, name, detail)
    elif resource in ("memory", "ephemeral-storage", "hugepages") and str(divisor) not in _BYTES:
        detail = f"only divisor's values {words} are supported with the {spoken} resource"
        yield invalid(field, name, detail)


def validate_downward_file(item: View, field: str) -> Errors:
    """Check a file of a downwardAPI volume; errors name the volume."""
    item = View(item.data, field)
    yield from needing("path")(item)
    yield from validate_file_path(item.path("path"), item.text("path"))
    if item.has("fieldRef"):
        yield from validate_field_selector(item.view("fieldRef"), IN_FILES)
        if item.has("resourceFieldRef"):
            words = "fieldRef and resourceFieldRef can not be specified simultaneously"
            yield invalid(field, "resource", words)
    elif item.has("resourceFieldRef"):
        yield from validate_resource_selector(item.view("resourceFieldRef"), is_file=True)
    else:
        yield required(field, "one of fieldRef and resourceFieldRef is required")
    yield from validate_mode(item, "mode")
