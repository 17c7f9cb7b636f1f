"""A request as admission sees it, and what rules and selectors of webhooks and policies say of it.

Sources: `apiserver/pkg/admission/attributes.go`,
`apiserver/pkg/admission/plugin/webhook/predicates` and
`apiserver/pkg/admission/plugin/policy/matching/matching.go`; v1.36.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from planespec.spec.api.authorization.access_request import ADMINISTRATORS
from planespec.spec.labels import read_label_selector
from planespec.spec.objects import View

Json = dict[str, Any]
NAMESPACES = "namespaces"
EQUIVALENT: Sequence[frozenset[tuple[str, str, str]]] = (
    frozenset({("", "v1", "events"), ("events.k8s.io", "v1", "events")}),
    frozenset(
        {
            ("autoscaling", "v1", "horizontalpodautoscalers"),
            ("autoscaling", "v2", "horizontalpodautoscalers"),
        }
    ),
)
"""Resources that are one and the same under several groups and versions served by default."""
_CLOSED = frozenset(
    (
        *("mutatingwebhookconfigurations", "validatingwebhookconfigurations"),
        *("validatingadmissionpolicies", "validatingadmissionpolicybindings"),
        *("mutatingadmissionpolicies", "mutatingadmissionpolicybindings"),
    )
)
"""Resources about which neither webhooks nor policies are asked, lest they lock everybody out."""


@dataclass(frozen=True)
class GroupVersion:
    """A name in a version of an API group: of a kind, or of a resource."""

    group: str
    version: str
    name: str

    def to_json(self, word: str) -> Json:
        """Return it as an AdmissionReview has it; `word` is `kind` or `resource`."""
        return {"group": self.group, "version": self.version, word: self.name}


@dataclass(frozen=True)
class AdmissionRequest:
    """What is asked of the API server, by whom, and the objects before and after."""

    operation: str
    """CREATE, UPDATE, DELETE or CONNECT."""
    kind: GroupVersion
    resource: GroupVersion
    namespace: str
    """Of a request for a Namespace its own name; empty for other objects of the cluster."""
    name: str
    object: Json | None
    """The object as it is to be; None for a deletion."""
    old: Json | None = None
    subresource: str = ""
    dry_run: bool = False
    has_fine_time: bool = False
    """Whether the writer took fields: when, managedFields tell finer than JSON can."""
    username: str = "system:admin"
    groups: tuple[str, ...] = ADMINISTRATORS

    @property
    def is_closed(self) -> bool:
        """Whether nobody outside is asked."""
        return self.resource.group == "admissionregistration.k8s.io" and (
            self.resource.name in _CLOSED
        )

    @property
    def qualified_resource(self) -> str:
        """The resource with its group, as messages call it."""
        group = self.resource.group
        return f"{self.resource.name}.{group}" if group else self.resource.name

    def with_object(self, made: Json) -> "AdmissionRequest":
        """Return the request with another new object."""
        return replace(self, object=made)

    def describe(self) -> Json:
        """Return what expressions know as `request`."""
        user = {"username": self.username, "uid": "", "groups": [*self.groups], "extra": {}}
        kind, resource = self.kind.to_json("kind"), self.resource.to_json("resource")
        return {
            "kind": kind,
            "resource": resource,
            "subResource": self.subresource,
            "requestKind": kind,
            "requestResource": resource,
            "requestSubResource": self.subresource,
            "name": self.name,
            "namespace": self.namespace,
            "operation": self.operation,
            "userInfo": user,
            "dryRun": self.dry_run,
        }


_IDENTITY = frozenset(
    (
        *("name", "namespace", "uid", "resourceVersion", "creationTimestamp", "generation"),
        *("managedFields", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds"),
    )
)


def takes_fields(made: Json, old: Json | None) -> bool:
    """Say whether a writer who makes this of an object adds or changes a field that he then owns.

    Source: `apimachinery/pkg/util/managedfields/internal/{managedfieldsupdater,stripmeta}.go`.
    """
    before = old or {}
    meta, former = made.get("metadata") or {}, before.get("metadata") or {}
    kept = {key: value for key, value in meta.items() if key not in _IDENTITY}
    rest = {k: v for k, v in made.items() if k not in ("metadata", "apiVersion", "kind")}
    return _adds(kept, former) or _adds(rest, before)


def _adds(made: Any, old: Any) -> bool:
    if isinstance(made, dict) and isinstance(old, dict):
        return any(
            value not in (None, {}) and (key not in old or _adds(value, old[key]))
            for key, value in made.items()
        )
    return bool(made != old)


def covers(rule: View, request: AdmissionRequest, resource: GroupVersion | None = None) -> bool:
    """Say whether a rule means the request. Source: `predicates/rules/rules.go`.

    `resource` stands for the request's own, where another is equivalent.
    """
    found = resource or request.resource
    return (
        _has(rule.texts("operations"), request.operation)
        and _has(rule.texts("apiGroups"), found.group)
        and _has(rule.texts("apiVersions"), found.version)
        and any(
            _is_meant(each, found.name, request.subresource) for each in rule.texts("resources")
        )
        and _is_in_scope(rule.text("scope"), request)
    )


def _has(listed: Sequence[str], name: str) -> bool:
    return "*" in listed or name in listed


def _is_meant(pattern: str, resource: str, subresource: str) -> bool:
    name, _, part = pattern.partition("/")
    return name in ("*", resource) and part in ("*", subresource)


def _is_in_scope(scope: str, request: AdmissionRequest) -> bool:
    is_wide = request.resource.name == NAMESPACES or not request.namespace
    return scope in ("", "*") or scope == ("Cluster" if is_wide else "Namespaced")


def list_resources(request: AdmissionRequest, *, is_exact: bool) -> list[GroupVersion]:
    """Return the resource of the request and, unless exact, what is equivalent to it."""
    own = request.resource
    wanted = (own.group, own.version, own.name)
    others = [] if is_exact else [each for each in EQUIVALENT if wanted in each]
    more = sorted(name for group in others for name in group if name != wanted)
    return [own, *(GroupVersion(*each) for each in more)]


def is_selected(match: View, request: AdmissionRequest, namespace: Mapping[str, str]) -> bool:
    """Say whether the selectors for namespace and object choose the request.

    `namespace` are the labels of its namespace as stored. Raises SelectorError.
    """
    return _is_namespace_selected(match, request, namespace) and _is_object_selected(
        match, request
    )


def _is_namespace_selected(
    match: View, request: AdmissionRequest, namespace: Mapping[str, str]
) -> bool:
    is_namespace = request.resource.name == NAMESPACES
    if not request.namespace and not is_namespace:
        return True
    if is_namespace and not request.subresource and request.operation in ("CREATE", "UPDATE"):
        namespace = _read_labels(request.object)
    return _matches(match, "namespaceSelector", namespace)


def _is_object_selected(match: View, request: AdmissionRequest) -> bool:
    if not match.has("objectSelector") or not match.view("objectSelector").data:
        return True
    shown = [each for each in (request.object, request.old) if each is not None]
    return any(_matches(match, "objectSelector", _read_labels(each)) for each in shown)


def _matches(match: View, field: str, labels: Mapping[str, str]) -> bool:
    if not match.has(field):
        return True
    return read_label_selector(match.data[field], match.path(field)).matches(labels)


def _read_labels(data: Json | None) -> Mapping[str, str]:
    return View(data).view("metadata").text_map("labels")
