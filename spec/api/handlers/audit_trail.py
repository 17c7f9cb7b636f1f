"""The audit events of one request, by level and stage.

A request that is being received is written before anything is known of its answer; a long-running
one when its answer begins, and all when it is complete. Bodies are written from level Request on
where the request got as far as decoding, answers at RequestResponse where they are objects. The
user is who authenticated; whom they act as stands beside it.

Source: `apiserver/pkg/audit/request.go`, `apiserver/pkg/endpoints/filters/audit.go`, v1.36. Left
out: times, addresses, the user agent, and panics.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from planespec.spec.api.authorization.access_request import Attributes, User
from planespec.spec.api.handlers.audit_policy import AuditDecision, Level
from planespec.spec.api.handlers.statuses import HttpAnswer

DECISION = "authorization.k8s.io/decision"
REASON = "authorization.k8s.io/reason"
LEVEL_NAMES = {
    Level.METADATA: "Metadata",
    Level.REQUEST: "Request",
    Level.REQUEST_RESPONSE: "RequestResponse",
}
Event = dict[str, object]


@dataclass(frozen=True, slots=True)
class AuditTrail:
    """What is known of a request in the end."""

    uri: str
    request: Attributes
    """As its own user made it."""
    answer: HttpAnswer
    long_running: bool = False
    impersonated: User | None = None
    constraint: str = ""
    """The verb by which impersonation was allowed; empty for the older kind."""
    annotations: Mapping[str, str] = field(default_factory=dict)
    decoded: object = None
    """The request's body, where it was decoded; a patch as it was sent."""
    decoded_name: str = ""
    """The name of the object in it."""


def write_events(trail: AuditTrail, decision: AuditDecision) -> list[Event]:
    """The events of a request in order."""
    if decision.level is Level.NONE:
        return []
    return [
        {"level": LEVEL_NAMES[decision.level], "stage": stage, **event}
        for stage, event in _stages(trail, decision.level)
        if stage not in decision.omitted
    ]


def _stages(trail: AuditTrail, level: Level) -> Iterator[tuple[str, Event]]:
    received = _describe_request(trail)
    yield "RequestReceived", received
    complete = {**received, **_describe_end(trail, level)}
    if trail.long_running:
        yield "ResponseStarted", complete
    yield "ResponseComplete", complete


def _describe_request(trail: AuditTrail) -> Event:
    request = trail.request
    event: Event = {"requestURI": trail.uri, "verb": request.verb, "user": _print(request.user)}
    if request.is_resource:
        event["objectRef"] = _refer(request)
    return event


def _describe_end(trail: AuditTrail, level: Level) -> Event:
    event: Event = {"responseStatus": _shorten(trail.answer)}
    if trail.impersonated is not None:
        event["impersonatedUser"] = _print(trail.impersonated)
    if trail.constraint:
        event["authenticationMetadata"] = {"impersonationConstraint": trail.constraint}
    if trail.annotations:
        event["annotations"] = dict(trail.annotations)
    if trail.decoded_name and trail.request.is_resource and not trail.request.name:
        event["objectRef"] = _refer(replace(trail.request, name=trail.decoded_name))
    if trail.decoded is not None and level >= Level.REQUEST:
        event["requestObject"] = trail.decoded
    if level >= Level.REQUEST_RESPONSE and isinstance(trail.answer.body, dict):
        event["responseObject"] = trail.answer.body
    return event


def _shorten(answer: HttpAnswer) -> Event:
    """The Status that was answered without its type; else the code alone."""
    if answer.status is None:
        return {"metadata": {}, "code": answer.code}
    kept = {
        name: value for name, value in answer.status.items() if name not in ("kind", "apiVersion")
    }
    return {**kept, "code": answer.code}


def _print(user: User) -> Event:
    written: Event = {"username": user.name}
    if user.uid:
        written["uid"] = user.uid
    if user.groups:
        written["groups"] = list(user.groups)
    if user.extra:
        written["extra"] = {key: list(values) for key, values in user.extra.items()}
    return written


def _refer(request: Attributes) -> Event:
    fields: Event = {
        "resource": request.resource,
        "namespace": request.namespace,
        "name": request.name,
        "apiGroup": request.group,
        "apiVersion": request.version,
        "subresource": request.subresource,
    }
    return {name: value for name, value in fields.items() if value}
