"""What the API server answers to a list or a watch that it refuses, as a Status object.

Source: `apimachinery/pkg/api/errors/errors.go`, `apiserver/pkg/storage/errors.go`,
`apiserver/pkg/storage/etcd3/errors.go`, `apiserver/pkg/endpoints/handlers/responsewriters`, v1.36.
"""

from collections.abc import Sequence

from planespec.spec.validation.field_errors import FieldError

Status = dict[str, object]
"""A `v1.Status` as JSON, without empty fields and without `metadata`."""

RETRY_SECONDS = 1
"""When a client is told to come back after a revision that the cache did not reach."""
LIST_EXPIRED = "The resourceVersion for the provided list is too old."
CONTINUE_EXPIRED = (
    "The provided continue parameter is too old to display a consistent list result. You can "
    "start a new list without the continue parameter, or use the continue token in this response "
    "to retrieve the remainder of the results. Continuing with the provided token results in an "
    "inconsistent list - objects that were created, modified, or deleted between the time the "
    "first chunk was returned and now may show up in the list."
)
"""Its answer also has a new token, of revision -1."""
NO_PROGRESS = (
    "a watch stream was requested by the client but the required storage feature "
    "RequestWatchProgress is disabled"
)
"""Why an etcd that tells no progress on request ends a watch with initial events."""
_REASONS = {
    "Forbidden": "FieldValueForbidden",
    "Unsupported value": "FieldValueNotSupported",
    "Invalid value": "FieldValueInvalid",
}


class ReadRefusedError(Exception):
    """A list or watch that is refused; `status` is what the client gets."""

    def __init__(self, status: Status) -> None:
        super().__init__(status["message"])
        self.status = status


def refuse(code: int, message: str, reason: str = "", details: Status | None = None) -> Status:
    """Make a Status of failure; an error that is none of the API's own has no reason."""
    status: Status = {"kind": "Status", "status": "Failure", "message": message}
    if reason:
        status["reason"] = reason
    if details:
        status["details"] = details
    return status | {"code": code}


def bad_request(message: str) -> Status:
    """400: the request cannot be understood."""
    return refuse(400, message, "BadRequest")


def internal(message: str, reason: str = "") -> Status:
    """500: an error that the API server did not expect."""
    return refuse(500, message, reason)


def expired(message: str) -> Status:
    """410: what was asked for is no longer kept."""
    return refuse(410, message, "Expired")


def too_large(asked: int, current: int, retry_seconds: int = 0) -> Status:
    """504: the store or its cache stands at `current`, before the revision asked for."""
    text = "Too large resource version"
    details: Status = {"causes": [{"reason": "ResourceVersionTooLarge", "message": text}]}
    if retry_seconds:
        details["retryAfterSeconds"] = retry_seconds
    return refuse(504, f"Timeout: {text}: {asked}, current: {current}", "Timeout", details)


def invalid_options(errors: Sequence[FieldError]) -> Status:
    """422: the options contradict each other; a message that repeats another is left out."""
    texts = list(dict.fromkeys(str(error) for error in errors))
    said = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    causes = [
        {"reason": _REASONS[each.message.split(":")[0]], "message": each.message}
        | {"field": each.field}
        for each in errors
    ]
    details: Status = {"group": "meta.k8s.io", "kind": "ListOptions", "causes": causes}
    return refuse(422, f'ListOptions.meta.k8s.io "" is invalid: {said}', "Invalid", details)
