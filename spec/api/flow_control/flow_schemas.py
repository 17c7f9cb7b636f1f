"""Which flow schema a request matches, and which flow of it the request belongs to.

Schemas are tried by precedence and then by name; the first that matches decides. One that names a
priority level that does not exist is never chosen. If none matches, the mandatory `catch-all`
takes the request: it matches everything that is authenticated or unauthenticated.

Source: `apiserver/pkg/util/flowcontrol/rule.go`, `apf_controller.go` (startRequest,
computeFlowDistinguisher), v1.36.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from planespec.spec.objects.view import ObjectError, View

EVERYTHING = "*"
CATCH_ALL = "catch-all"
SERVICE_ACCOUNT_PREFIX = "system:serviceaccount:"


@dataclass(frozen=True, slots=True)
class FlowUser:
    """Whom a request is made as, after impersonation."""

    name: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowRequest:
    """What classification looks at; `path` counts only where it is no resource request."""

    verb: str
    is_resource: bool
    path: str = ""
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class FlowSchema:
    """A flow schema: where it stands in the order, which level it leads to, what it matches."""

    name: str
    level: str
    precedence: int
    distinguisher: str
    """`ByUser`, `ByNamespace`, or empty: then the schema is one flow."""
    rules: tuple[View, ...] = field(repr=False, default=())


def read_flow_schema(name: str, spec: View) -> FlowSchema:
    """Read the spec of a FlowSchema; raises ObjectError."""
    precedence = spec.integer("matchingPrecedence")
    if precedence is None:
        precedence = 1000  # the default of pkg/apis/flowcontrol/v1/defaults.go
    method = spec.view("distinguisherMethod").text("type")
    if method not in ("", "ByUser", "ByNamespace"):
        field = spec.path("distinguisherMethod.type")
        raise ObjectError(field, "must be ByUser or ByNamespace")
    level = spec.view("priorityLevelConfiguration").text("name")
    return FlowSchema(name, level, precedence, method, tuple(spec.views("rules")))


def classify(
    schemas: Iterable[FlowSchema], levels: Collection[str], user: FlowUser, request: FlowRequest
) -> FlowSchema | None:
    """The schema that takes the request; None when not even a catch-all is there."""
    usable = [schema for schema in schemas if schema.level in levels]
    for schema in sorted(usable, key=lambda schema: (schema.precedence, schema.name)):
        if matches(schema.rules, user, request):
            return schema
    return next((schema for schema in usable if schema.name == CATCH_ALL), None)


def distinguish(schema: FlowSchema, user: FlowUser, request: FlowRequest) -> str:
    """What tells the flow of a request from others of the same schema."""
    match schema.distinguisher:
        case "ByUser":
            return user.name
        case "ByNamespace":
            return request.namespace
        case _:
            return ""


def matches(rules: Iterable[View], user: FlowUser, request: FlowRequest) -> bool:
    """Whether one of the rules of a schema names the user and the request."""
    return any(_matches_rule(rule, user, request) for rule in rules)


def _matches_rule(rule: View, user: FlowUser, request: FlowRequest) -> bool:
    if not any(_matches_subject(subject, user) for subject in rule.views("subjects")):
        return False
    if request.is_resource:
        return any(_matches_resource(each, request) for each in rule.views("resourceRules"))
    return any(_matches_path(each, request) for each in rule.views("nonResourceRules"))


def _matches_subject(subject: View, user: FlowUser) -> bool:
    kind = subject.text("kind")
    if kind == "User":
        return subject.has("user") and subject.view("user").text("name") in (EVERYTHING, user.name)
    if kind == "Group":
        group = subject.view("group").text("name")
        return subject.has("group") and (group == EVERYTHING or group in user.groups)
    if kind == "ServiceAccount":
        return subject.has("serviceAccount") and _is_account(
            subject.view("serviceAccount"), user.name
        )
    return False


def _is_account(account: View, user: str) -> bool:
    prefix = f"{SERVICE_ACCOUNT_PREFIX}{account.text('namespace')}:"
    if account.text("name") == EVERYTHING:
        return user.startswith(prefix)
    return user == prefix + account.text("name")


def _matches_resource(rule: View, request: FlowRequest) -> bool:
    resource = request.resource
    if request.subresource:
        resource = f"{resource}/{request.subresource}"
    return (
        _lists(rule.texts("verbs"), request.verb)
        and _lists(rule.texts("resources"), resource)
        and _lists(rule.texts("apiGroups"), request.group)
        and _covers_namespace(rule, request.namespace)
    )


def _covers_namespace(rule: View, namespace: str) -> bool:
    if not namespace:
        return rule.flag("clusterScope")
    return _lists(rule.texts("namespaces"), namespace)


def _matches_path(rule: View, request: FlowRequest) -> bool:
    return _lists(rule.texts("verbs"), request.verb) and any(
        _matches_url(url, request.path) for url in rule.texts("nonResourceURLs")
    )


def _matches_url(url: str, path: str) -> bool:
    """A URL also covers what lies below it, whether or not it ends in `/*`."""
    if url in (EVERYTHING, path):
        return True
    prefix = url.removesuffix("*")
    return path.startswith(prefix if prefix.endswith("/") else f"{prefix}/")


def _lists(values: Sequence[str], value: str) -> bool:
    """A star stands for everything only where it is alone, as validation demands."""
    return list(values) == [EVERYTHING] or value in values
