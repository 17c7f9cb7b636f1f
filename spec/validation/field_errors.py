"""What is wrong with a field, in upstream's words.

Source: `apimachinery/pkg/util/validation/field/errors.go`, v1.36. Values print as Go prints them:
texts quoted, numbers and booleans bare, anything else as JSON with the keys of maps sorted.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from planespec.spec.quantity import Quantity
from planespec.spec.quantity.amount import quote

_NOTHING = object()
"""Stands for a value that is not printed."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault: the path of the field, and what is said of it."""

    field: str
    message: str
    """The kind of fault, the value and the detail, as upstream's `ErrorBody`."""

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else f"<nil>: {self.message}"


Errors = Iterator[FieldError]


def invalid(field: str, value: object, detail: str) -> FieldError:
    """The value is malformed."""
    return _build("Invalid value", field, value, detail)


def required(field: str, detail: str = "") -> FieldError:
    """A value is missing or empty."""
    return _build("Required value", field, _NOTHING, detail)


def forbidden(field: str, detail: str) -> FieldError:
    """The value is well formed, and not allowed here."""
    return _build("Forbidden", field, _NOTHING, detail)


def duplicate(field: str, value: object, detail: str = "") -> FieldError:
    """The value must be unique and is not."""
    return _build("Duplicate value", field, value, detail)


def not_found(field: str, value: object, detail: str = "") -> FieldError:
    """The value names something that is not there."""
    return _build("Not found", field, value, detail)


def not_supported(field: str, value: object, allowed: Iterable[str]) -> FieldError:
    """The value is not one of those allowed, which are listed in the given order."""
    listed = ", ".join(quote(each) for each in allowed)
    return _build("Unsupported value", field, value, f"supported values: {listed}")


def too_long(field: str, limit: int) -> FieldError:
    """The value has more than `limit` bytes; it is not repeated."""
    return _build("Too long", field, _NOTHING, f"may not be more than {limit} bytes")


def too_many(field: str, actual: int, limit: int) -> FieldError:
    """The list has more than `limit` items."""
    return _build("Too many", field, actual, f"must have at most {limit} items")


def each_invalid(field: str, value: object, details: Iterable[str]) -> Errors:
    """Yield the value as invalid once for each detail."""
    for detail in details:
        yield invalid(field, value, detail)


def one_of(field: str, value: str, allowed: Sequence[str], *, needed: bool = True) -> Errors:
    """Yield an error unless the text is one of those allowed; an empty one may be required."""
    if not value and needed:
        yield required(field)
    elif value not in allowed:
        yield not_supported(field, value, allowed)


def positive_or_zero(field: str, value: int | None) -> Errors:
    """Yield an error for a negative number; source: ValidateNonnegativeField."""
    if value is not None and value < 0:
        yield invalid(field, value, "must be greater than or equal to 0")


def above_zero(field: str, value: int) -> Errors:
    """Yield an error for a number below 1; source: ValidatePositiveField."""
    if value <= 0:
        yield invalid(field, value, "must be greater than 0")


def checked(field: str, value: str, rule: Callable[[str], list[str]]) -> Errors:
    """Yield an error for each message of a rule for names."""
    return each_invalid(field, value, rule(value))


def print_value(value: object) -> str:
    """Print a value as Go does in an error."""
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, Quantity):
        return quote(str(value))
    if isinstance(value, list | tuple | dict):
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        for letter, code in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
            text = text.replace(letter, code)
        return text
    return json.dumps(value)


def _build(kind: str, field: str, value: object, detail: str) -> FieldError:
    shown = kind if value is _NOTHING else f"{kind}: {print_value(value)}"
    return FieldError(field, f"{shown}: {detail}" if detail else shown)
