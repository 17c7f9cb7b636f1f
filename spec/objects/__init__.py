"""Read-only typed views of Kubernetes objects over plain JSON.

A view reads a field when it is asked for and raises ObjectError, with the field's path, where the
JSON has the wrong type. An absent or null field reads as empty, as Go's decoder leaves it.
"""

from planespec.spec.objects.core_views import (
    Container,
    Node,
    Pod,
    ResourceRequirements,
    Taint,
    Toleration,
    list_containers,
)
from planespec.spec.objects.view import ApiObject, GapError, ObjectError, ObjectMeta, View

__all__ = [
    "ApiObject",
    "Container",
    "GapError",
    "Node",
    "ObjectError",
    "ObjectMeta",
    "Pod",
    "ResourceRequirements",
    "Taint",
    "Toleration",
    "View",
    "list_containers",
]
