"""A request to an API server and its answer, as far as it was recorded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from planespec.reports.judge.versions.object_versions import Key
from planespec.spec.api.deletion import DeleteOptions, read_delete_options
from planespec.spec.objects.resource_names import KINDS
from planespec.spec.objects.view import View

if TYPE_CHECKING:
    from planespec.reports.judge.versions.object_versions import Version

VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete", "GET": "get"}
"""The verb of a method that asks for one object."""


@dataclass(slots=True, eq=False, kw_only=True)
class ApiRequest:
    """A request; times are seconds."""

    component: str
    """Who asked: a controller, a program, or whoever acts in a scenario."""
    verb: str
    resource: str
    """With the subresource: `pods/status`."""
    namespace: str
    """Empty where its kind has none."""
    name: str
    """Empty for a collection, and where the API server was to find one (`generateName`)."""
    uid: str = ""
    """The identity that the object must have."""
    revision: int | None
    """The resourceVersion of the object that it was made from."""
    received: float
    """When it came in, or was sent: nothing of it was done before."""
    done: float
    """When it was answered; infinite where nobody recorded that."""
    code: int
    body: Any
    query: Mapping[str, list[str]]
    """Parameters of the URL."""
    made: "list[Version]" = field(default_factory=list)
    """The versions that it made, as far as they are found."""

    @property
    def kind(self) -> str:
        """The kind of the object that it is about; empty where nobody knows the resource."""
        return KINDS.get(self.resource.partition("/")[0], "")

    @property
    def subresource(self) -> str:
        """The part of the object that it is about; empty where it is the whole."""
        return self.resource.partition("/")[2]

    @property
    def about(self) -> Key:
        """The object that it is about."""
        return Key(self.kind, self.namespace, self.name)

    @property
    def is_accepted(self) -> bool:
        """Whether the answer was that it is done."""
        return 200 <= self.code < 300

    def is_stale(self, version: str) -> bool:
        """Whether it was made from another version than that, by its resourceVersion."""
        return self.revision is not None and str(self.revision) != version

    @property
    def key(self) -> str:
        """What kind of request it is: `deployment-controller update deployments/status`."""
        return f"{self.component} {self.verb} {self.resource}"


def split_path(path: str) -> tuple[str, str, str, str]:
    """Split a path of the API into resource, namespace, name and subresource, empty if absent."""
    parts = [part for part in path.partition("?")[0].split("/") if part]
    parts = parts[2:] if parts[:1] == ["api"] else parts[3:]
    namespace = ""
    if parts[:1] == ["namespaces"] and len(parts) > 2:
        namespace, parts = parts[1], parts[2:]
    resource, name, subresource = [*parts[:3], "", "", ""][:3]
    return resource, namespace, name, subresource


def read_options(request: ApiRequest) -> DeleteOptions:
    """Read what a deletion asks for, in its body and its URL. Raises ApiError, ObjectError."""
    body = dict(View(request.body).data)
    if values := request.query.get("propagationPolicy"):
        body["propagationPolicy"] = values[-1]
    grace = request.query.get("gracePeriodSeconds", [""])[-1]
    if grace.isascii() and grace.isdigit():
        body["gracePeriodSeconds"] = int(grace)
    return read_delete_options(body)
