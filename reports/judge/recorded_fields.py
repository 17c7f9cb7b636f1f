"""Fields of recorded lines and steps that several judges read in the same way."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

from planespec.spec.objects.view import ObjectError, View

Value = TypeVar("Value")
Member = TypeVar("Member", bound=Enum)


def read_choice(view: View, name: str, choices: Mapping[str, Value]) -> Value:
    """Return what a text stands for; ObjectError, which lists the choices, for any other."""
    value = view.text(name)
    if value not in choices:
        known = ", ".join(choices)
        raise ObjectError(view.path(name), f"must be one of {known}, not {value!r}")
    return choices[value]


def read_member(view: View, name: str, members: type[Member]) -> Member:
    """Return the member of an enumeration that has this value; ObjectError for any other."""
    return read_choice(view, name, {str(each.value): each for each in members})


def read_number(view: View, name: str) -> float:
    """Read an integer or a number with a fraction; ObjectError for anything else."""
    value = view.data.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ObjectError(view.path(name), "must be a number")
    return value


def read_amount(view: View, name: str) -> int:
    """Read an integer of 64 bits, 0 where there is none; ObjectError below that."""
    amount = view.int64(name)
    if amount < 0:
        raise ObjectError(view.path(name), "must not be negative")
    return amount
