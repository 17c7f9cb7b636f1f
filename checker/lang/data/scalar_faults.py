"""What is wrong with a value that is no bool, number, enum member or element of a sort."""

from collections.abc import Callable
from typing import Any

from planespec.checker.ir import types
from planespec.checker.lang.data.order import show

Fault = Callable[[Any], str | None]


def scalar_fault(type_: types.Type) -> Fault:
    """The function that says how a value is none of the type; it ends the sentence "name ..."."""
    match type_:
        case types.Int():
            return _int_fault(type_)
        case types.Sort():
            return _sort_fault(type_)
        case types.Bool():
            return lambda v: None if type(v) is bool else f" = {show(v)} is not a bool"
        case types.Nothing():
            return lambda v: None if v is None else f" = {show(v)} is not None"
    python = getattr(type_, "python", None)
    return lambda v: None if type(v) is python else f" = {show(v)} is not a {type_}"


def _int_fault(type_: types.Int) -> Fault:
    low = float("-inf") if type_.low is None else type_.low
    high = float("inf") if type_.high is None else type_.high

    def fault(value: Any) -> str | None:
        if type(value) is not int:
            return f" = {show(value)} is not an int"
        if low <= value <= high:
            return None
        return f" = {value} leaves {type_}"

    return fault


def _sort_fault(type_: types.Sort) -> Fault:
    python, size = type_.python, type_.size

    def fault(value: Any) -> str | None:
        if type(value) is not python:
            return f" = {show(value)} is not a {type_}"
        if 0 <= value < size:
            return None
        return f" = {show(value)} is none of the {size} elements of {type_}"

    return fault
