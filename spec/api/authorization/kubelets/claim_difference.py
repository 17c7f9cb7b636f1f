"""How the API server prints the difference of two claims: as its own types, line by line.

Source: `apimachinery/pkg/util/diff/diff.go` (v1.36) over `pkg/apis/core` types: metadata has the
names of the API, everything else the names of Go fields, and what is absent is null.
"""

import difflib
import json
from collections.abc import Iterator, Mapping

from planespec.spec.objects.view import ApiObject, View

_META = (
    *("name", "generateName", "namespace", "selfLink", "uid", "generation", "creationTimestamp"),
    *("deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations"),
    *("ownerReferences", "finalizers"),
)
"""Fields of metadata in order; resourceVersion and managedFields are not compared."""
_MAPS = ("labels", "annotations")


def compare_claims(old: ApiObject, new: ApiObject) -> str:
    """The lines in which two claims differ, with three lines around each; "" where in none.

    Left out of the comparison is what a kubelet may write: capacity, conditions and allocated
    resources of the status.
    """
    before, after = (_print(claim) for claim in (old, new))
    lines = difflib.unified_diff(before, after, lineterm="\n", n=3)
    return "".join(line for line in lines if not line.startswith(("--- ", "+++ ")))


def _print(claim: ApiObject) -> list[str]:
    shown = json.dumps(_convert(claim), indent=1, ensure_ascii=False)
    return [f"{line}\n" for line in shown.splitlines()]


def _convert(claim: ApiObject) -> dict[str, object]:
    meta = {name: _sort(name, value) for name, value in _list_meta(claim)}
    return {**meta, "Spec": _convert_spec(claim.spec), "Status": _convert_status(claim.status)}


def _list_meta(claim: ApiObject) -> Iterator[tuple[str, object]]:
    for name in _META:
        value = claim.meta.data.get(name)
        if value not in (None, "", 0, [], {}):
            yield name, value


def _sort(name: str, value: object) -> object:
    if name in _MAPS and isinstance(value, Mapping):
        return dict(sorted(value.items()))
    return value


def _convert_spec(spec: View) -> dict[str, object]:
    resources = spec.view("resources")
    return {
        "AccessModes": spec.data.get("accessModes"),
        "Selector": spec.data.get("selector"),
        "Resources": {
            "Limits": resources.data.get("limits"),
            "Requests": resources.data.get("requests"),
        },
        "VolumeName": spec.text("volumeName"),
        "StorageClassName": spec.data.get("storageClassName"),
        "VolumeMode": spec.data.get("volumeMode"),
        "DataSource": _convert_source(spec, "dataSource"),
        "DataSourceRef": _convert_source(spec, "dataSourceRef"),
        "VolumeAttributesClassName": spec.data.get("volumeAttributesClassName"),
    }


def _convert_source(spec: View, name: str) -> object:
    if not spec.has(name):
        return None
    source = spec.view(name)
    converted = {
        "APIGroup": source.data.get("apiGroup"),
        "Kind": source.text("kind"),
        "Name": source.text("name"),
    }
    if name == "dataSourceRef":
        converted["Namespace"] = source.data.get("namespace")
    return converted


def _convert_status(status: View) -> dict[str, object]:
    modify = status.view("modifyVolumeStatus")
    return {
        "Phase": status.text("phase"),
        "AccessModes": status.data.get("accessModes"),
        "Capacity": None,
        "Conditions": None,
        "AllocatedResources": None,
        "AllocatedResourceStatuses": None,
        "CurrentVolumeAttributesClassName": status.data.get("currentVolumeAttributesClassName"),
        "ModifyVolumeStatus": {
            "TargetVolumeAttributesClassName": modify.text("targetVolumeAttributesClassName"),
            "Status": modify.text("status"),
        }
        if status.has("modifyVolumeStatus")
        else None,
    }
