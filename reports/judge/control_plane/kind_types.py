"""Kinds of a recorded cluster: whether their objects are as an API server decodes them."""

from planespec.reports.judge.versions.stored_changes import find_type
from planespec.spec.api.decoding import DecodingError, decode
from planespec.spec.objects.view import ObjectError

KINDS = (
    *("ConfigMap", "ControllerRevision", "Deployment", "Job", "Node", "Pod"),
    *("PodDisruptionBudget", "ReplicaSet", "ResourceQuota", "StatefulSet"),
)
"""The kinds that are read."""


def check_object(kind: str, data: object, field: str) -> None:
    """Raise ObjectError where an object of a kind of these has a field of another type."""
    if kind not in KINDS:
        return
    try:
        decode(find_type(kind), data)
    except DecodingError as error:
        raise ObjectError(field, str(error)) from error
