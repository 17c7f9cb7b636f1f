"""Kinds of a recorded cluster: how their objects are made up, as an API server decodes them."""

from functools import cache

from planespec.reports.input.schema_files import load_merge_types
from planespec.spec.api.decoding import DecodingError, decode
from planespec.spec.objects.view import ObjectError
from planespec.spec.schema.merge_types import MergeType

GROUPS = {
    "ConfigMap": ("", "v1"),
    "ControllerRevision": ("apps", "v1"),
    "Deployment": ("apps", "v1"),
    "Job": ("batch", "v1"),
    "Node": ("", "v1"),
    "Pod": ("", "v1"),
    "PodDisruptionBudget": ("policy", "v1"),
    "ReplicaSet": ("apps", "v1"),
    "ResourceQuota": ("", "v1"),
    "StatefulSet": ("apps", "v1"),
}
"""Group and version of the kinds that are read."""


@cache
def find_type(kind: str) -> MergeType:
    """The type of a kind of these."""
    return load_merge_types().find(*GROUPS[kind], kind)


def check_object(kind: str, data: object, field: str) -> None:
    """Raise ObjectError where an object of a kind of these has a field of another type."""
    if kind not in GROUPS:
        return
    try:
        decode(find_type(kind), data)
    except DecodingError as error:
        raise ObjectError(field, str(error)) from error
