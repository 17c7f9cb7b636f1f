"""What a refused request is answered: a Status of the API, or a line of plain text.

Source: `apimachinery/pkg/api/errors/errors.go`, `apiserver/pkg/endpoints/handlers/`
`responsewriters/errors.go`, `apiserver/pkg/server/filters/timeout.go`, v1.36.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from planespec.spec.api.authorization.access_request import Attributes
from planespec.spec.api.authorization.forbidden_text import describe_refusal
from planespec.spec.quantity.amount import quote

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
Status = dict[str, object]

_GENERIC = {
    400: ("BadRequest", "the server rejected our request for an unknown reason"),
    401: ("Unauthorized", "the server has asked for the client to provide credentials"),
    403: ("Forbidden", ""),
    404: ("NotFound", "the server could not find the requested resource"),
    405: ("MethodNotAllowed", "the server does not allow this method on the requested resource"),
    406: ("NotAcceptable", ""),
    409: ("Conflict", "the server reported a conflict"),
    415: ("UnsupportedMediaType", ""),
    422: ("Invalid", "the server rejected our request due to an error in our request"),
    429: (
        "TooManyRequests",
        "the server has received too many requests and has asked us to try again later",
    ),
    503: ("ServiceUnavailable", "the server is currently unable to handle the request"),
    504: (
        "Timeout",
        "the server was unable to return a response in the time allotted, but may still be "
        "processing the request",
    ),
}
"""Reason and message by code, where all that is known is the code; no message: the server's."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What a client gets."""

    code: int
    body: object
    content_type: str = JSON
    status: Status | None = None
    """The object that audit sees where the answer is a Status."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """More headers, by their name in lower case."""


def make_status(code: int, reason: str, message: str, details: Status | None = None) -> Status:
    """A Status that tells of a failure; details are left out where there are none."""
    status: Status = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
    }
    if details is not None:
        status["details"] = details
    return {**status, "code": code}


def answer_status(status: Status) -> HttpAnswer:
    """Answer with a Status, under its own code."""
    code = status["code"]
    assert isinstance(code, int), "make_status sets it"
    return HttpAnswer(code, status, status=status)


def answer_text(code: int, text: str) -> HttpAnswer:
    """Answer with a line of text, as Go's `http.Error` does."""
    return HttpAnswer(code, f"{text}\n", TEXT, headers={"x-content-type-options": "nosniff"})


def refuse_unauthenticated() -> HttpAnswer:
    """401: nobody knows who asks, or a credential is no good; why is not told."""
    return answer_status(make_status(401, "Unauthorized", "Unauthorized"))


def refuse_bad_request(message: str) -> HttpAnswer:
    """400."""
    return answer_status(make_status(400, "BadRequest", message))


def refuse_forbidden(request: Attributes, message: str) -> HttpAnswer:
    """403 about an object, with the message; `request` says which object."""
    details: Status = {}
    if request.is_resource:
        details = _identify(request.group, request.resource, request.name)
    answer = answer_status(make_status(403, "Forbidden", message, details))
    return HttpAnswer(
        answer.code,
        answer.body,
        status=answer.status,
        headers={"x-content-type-options": "nosniff"},
    )


def refuse_unauthorized(request: Attributes, reason: str) -> HttpAnswer:
    """403 for a request that no authorizer allows."""
    return refuse_forbidden(request, describe_refusal(request, reason))


def refuse_missing(request: Attributes) -> HttpAnswer:
    """404 for an object that does not exist."""
    what = _qualify(request.group, request.resource)
    message = f"{what} {quote(request.name)} not found"
    details = _identify(request.group, request.resource, request.name)
    return answer_status(make_status(404, "NotFound", message, details))


def refuse_existing(request: Attributes, name: str) -> HttpAnswer:
    """409 for an object that is to be created and exists."""
    what = _qualify(request.group, request.resource)
    message = f"{what} {quote(name)} already exists"
    details = _identify(request.group, request.resource, name)
    return answer_status(make_status(409, "AlreadyExists", message, details))


def refuse_route(code: int, server_message: str = "") -> HttpAnswer:
    """A path that names nothing (404), or a method (405) or media type (415) it does not know."""
    reason, message = _GENERIC[code]
    return answer_status(make_status(code, reason, message or server_message, {}))


def refuse_internal(path: str, error: str) -> HttpAnswer:
    """500 of a filter: plain text with what went wrong; `path` is as the client sent it."""
    return answer_text(500, f"Internal Server Error: {quote(path)}: {error}")


def refuse_late() -> HttpAnswer:
    """504 at the deadline; this Status says neither kind nor version."""
    message = "Timeout: request did not complete within the allotted timeout"
    status = make_status(504, "Timeout", message, {})
    body = {name: value for name, value in status.items() if name not in ("kind", "apiVersion")}
    return HttpAnswer(504, body, TEXT)


def describe_response_code(code: int, server_message: str = "unknown") -> str:
    """The error of a client that gets nothing but a code, as the API machinery words it."""
    if code in _GENERIC:
        return _GENERIC[code][1] or server_message
    if code >= 500:
        quoted = quote(server_message)
        return f"an error on the server ({quoted}) has prevented the request from succeeding"
    return f"the server responded with the status code {code} but did not return more information"


def _qualify(group: str, resource: str) -> str:
    return f"{resource}.{group}" if group else resource


def _identify(group: str, resource: str, name: str) -> Status:
    details: Status = {"name": name, "group": group, "kind": resource}
    return {key: value for key, value in details.items() if value}
