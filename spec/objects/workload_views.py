"""Views of what makes pods: workloads, and the pod template that each of them holds.

A template lies at another place in objects of another kind; here alone is said where. Left out:
what a template asks for, which `spec.cluster.pod_template` reads once for all pods of one spec.
"""

from collections.abc import Mapping
from functools import cached_property

from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject, View

_OF_SPEC = ("spec", "template")
_PATHS: Mapping[str, tuple[str, ...]] = {
    "Deployment": _OF_SPEC,
    "ReplicaSet": _OF_SPEC,
    "ReplicationController": _OF_SPEC,
    "StatefulSet": _OF_SPEC,
    "DaemonSet": _OF_SPEC,
    "Job": _OF_SPEC,
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "PodTemplate": ("template",),
}
HOLDERS = tuple(_PATHS)
"""Kinds whose objects hold a pod template."""
WORKLOADS = tuple(kind for kind in _PATHS if kind != "PodTemplate")
"""Kinds whose objects make pods."""


class PodTemplateSpec(ApiObject):
    """The pod template of an object: metadata and spec of the pods that are made of it."""

    @cached_property
    def pod(self) -> Pod:
        """A pod of the template; its fields are named as those of a pod are."""
        return Pod({"metadata": self.data.get("metadata"), "spec": self.data.get("spec")})


def get_template_field(kind: str) -> str:
    """Return what goes before a field of a pod in an object of a kind: `spec.template.`, say.

    It is empty for a pod itself, as for every kind that holds no template.
    """
    return "".join(f"{name}." for name in _PATHS.get(kind, ()))


class WorkloadView(ApiObject):
    """An object of one of the kinds in HOLDERS."""

    def __init__(self, kind: str, data: object, field: str = "") -> None:
        """Take the object; raises KeyError for a kind that holds no template."""
        super().__init__(data, field)
        self.kind, self._path = kind, _PATHS[kind]

    @cached_property
    def holder(self) -> View:
        """What the template is a field of: `spec`, or of a CronJob the `spec` of its jobs."""
        found: View = self
        for name in self._path[:-1]:
            found = found.view(name)
        return found

    @cached_property
    def template(self) -> PodTemplateSpec:
        """The template; an absent one is empty."""
        name = self._path[-1]
        return PodTemplateSpec(self.holder.data.get(name), self.holder.path(name))
