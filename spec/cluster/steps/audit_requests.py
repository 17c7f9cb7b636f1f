"""Answered requests, as an audit log tells of them."""

from dataclasses import dataclass

from planespec.spec.cluster.cluster_requirements import Place, Reference, Violation
from planespec.spec.objects import View
from planespec.spec.objects.object_store import GROUPS, get_group
from planespec.spec.requirement import Requirement

KINDS = {
    "pods": "Pod",
    "nodes": "Node",
    "configmaps": "ConfigMap",
    "deployments": "Deployment",
    "replicasets": "ReplicaSet",
    "statefulsets": "StatefulSet",
    "jobs": "Job",
    "poddisruptionbudgets": "PodDisruptionBudget",
    "resourcequotas": "ResourceQuota",
    "controllerrevisions": "ControllerRevision",
}
"""Kinds of the resources that watches of a whole cluster show."""


@dataclass(frozen=True, slots=True)
class Request:
    """One answered request."""

    verb: str
    resource: str
    subresource: str
    reference: Reference
    uid: str
    """Empty where the log does not say."""
    code: int
    received: str
    """RFC 3339 with microseconds, which sorts as text."""
    body: View
    answer: View
    user: str = ""
    """The name of who asked; empty where the log does not say."""
    agent: str = ""
    """What was used for asking."""
    is_dry_run: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether something was written."""
        return 200 <= self.code < 300 and not self.is_dry_run

    @property
    def key(self) -> tuple[str, str, str]:
        """Kind, namespace and name."""
        return self.reference.kind, self.reference.namespace, self.reference.name

    def violates(
        self, requirement: Requirement, message: str, field: str = "", **numbers: int | str
    ) -> Violation:
        """Make a violation by this request."""
        return requirement.violated(self.reference, message=message, field=field, **numbers)


def read_request(data: View, place: Place) -> Request | None:
    """Read an audit event; None for a stage before the answer, or no object in it."""
    if data.text("stage") not in ("ResponseComplete", "Panic", ""):
        return None
    target = data.view("objectRef")
    body, answer = data.view("requestObject"), data.view("responseObject")
    resource, subresource = _read_resource(target)
    name = target.text("name") or body.view("metadata").text("name")
    name = name or answer.view("metadata").text("name")
    if not resource or (not name and data.text("verb") != "deletecollection"):
        return None
    kind = KINDS.get(resource, resource)
    uri = data.text("requestURI") or data.text("uri")
    return Request(
        data.text("verb"),
        resource,
        subresource,
        Reference(kind, target.text("namespace"), name, place),
        target.text("uid") or answer.view("metadata").text("uid"),
        data.view("responseStatus").integer("code") or 0,
        data.text("requestReceivedTimestamp") or data.text("timestamp"),
        body,
        answer,
        _read_user(data),
        data.text("userAgent") or data.text("agent"),
        "dryRun=" in uri,
    )


def _read_user(data: View) -> str:
    """Read the name of the user; recordings of this project have nothing else of it."""
    user = data.data.get("user")
    return user if isinstance(user, str) else data.view("user").text("username")


def _read_resource(target: View) -> tuple[str, str]:
    """Read resource and subresource; one that another group calls the same is another."""
    resource, group = target.text("resource"), target.text("apiGroup")
    if resource == "bindings" and not group:
        return "pods", "binding"  # the form before the subresource, which is served still
    kind = KINDS.get(resource, "")
    if kind and group and get_group(kind, f"{group}/v1") != GROUPS[kind]:
        resource = f"{resource}.{group}"
    return resource, target.text("subresource")
