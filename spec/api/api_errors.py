"""Refusals of the API server: code, reason, message and causes, in upstream's words.

Source: `apimachinery/pkg/api/errors/errors.go`, v1.36.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from planespec.spec.labels.selector import join_errors
from planespec.spec.validation.field_errors import FieldError


class Cause(NamedTuple):
    """One cause of a refusal."""

    reason: str
    message: str
    field: str | None


class ApiError(Exception):
    """The API server refuses a request."""

    def __init__(
        self, code: int, reason: str | None, message: str, causes: Sequence[Cause] = ()
    ) -> None:
        """Keep the HTTP status and the fields of the `Status` that tells it."""
        super().__init__(message)
        self.code, self.reason, self.message = code, reason, message
        self.causes = tuple(causes)


_REASONS = {
    "Invalid value": "FieldValueInvalid",
    "Required value": "FieldValueRequired",
    "Duplicate value": "FieldValueDuplicate",
    "Forbidden": "FieldValueForbidden",
    "Not found": "FieldValueNotFound",
    "Unsupported value": "FieldValueNotSupported",
    "Too long": "FieldValueTooLong",
    "Too many": "FieldValueTooMany",
    "Internal error": "InternalError",
}
OPTIMISTIC_LOCK = (
    "the object has been modified; please apply your changes to the latest version and try again"
)
"""What a writer is told whose resource version is not the current one."""


def not_found(resource: str, name: str) -> ApiError:
    """There is no such object."""
    return ApiError(404, "NotFound", f'{resource} "{name}" not found')


def already_exists(resource: str, name: str) -> ApiError:
    """An object of this name is there."""
    return ApiError(409, "AlreadyExists", f'{resource} "{name}" already exists')


def conflict(resource: str, name: str, detail: str) -> ApiError:
    """The object is not as the request supposes."""
    message = f'Operation cannot be fulfilled on {resource} "{name}": {detail}'
    return ApiError(409, "Conflict", message)


def bad_request(message: str) -> ApiError:
    """The request cannot be understood."""
    return ApiError(400, "BadRequest", message)


def forbidden(resource: str, name: str, detail: str) -> ApiError:
    """Admission refuses the request."""
    return ApiError(403, "Forbidden", f'{resource} "{name}" is forbidden: {detail}')


def internal(message: str) -> ApiError:
    """An error that is none of the API's own: it has no reason."""
    return ApiError(500, None, message)


def invalid(kind: str, name: str, errors: Iterable[FieldError]) -> ApiError:
    """Fields are wrong; the message tells each error once, the causes each time it was found."""
    found = list(errors)
    message = f'{kind} "{name}" is invalid'
    if found:
        message += f": {join_errors(list(dict.fromkeys(map(str, found))))}"
    causes = [Cause(_find_reason(each), each.message, each.field or "<nil>") for each in found]
    return ApiError(422, "Invalid", message, causes)


def _find_reason(error: FieldError) -> str:
    return _REASONS[error.message.partition(":")[0]]


def patch_failed() -> ApiError:
    """A patch does not apply; why is not told."""
    message = "the server rejected our request due to an error in our request"
    return ApiError(422, "Invalid", message)


def too_large_version(asked: int, current: int) -> ApiError:
    """A cache did not reach the revision asked for within three seconds."""
    message = f"Timeout: Too large resource version: {asked}, current: {current}"
    causes = [Cause("ResourceVersionTooLarge", "Too large resource version", None)]
    return ApiError(504, "Timeout", message, causes)


def expired() -> ApiError:
    """The revision asked for was compacted."""
    message = "The resourceVersion for the provided list is too old."
    return ApiError(410, "Expired", message)
