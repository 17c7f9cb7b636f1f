"""Records: frozen values with named fields, compared by value."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, fields
from dataclasses import replace as dataclass_replace
from typing import Any, TypeVar, dataclass_transform

from planespec.checker.lang.errors import ModelError
from planespec.checker.lang.presence import WHEN, Only

R = TypeVar("R")

field_faults: ContextVar[Callable[[Any], str | None] | None] = ContextVar(
    "field_faults", default=None
)
"""What is wrong with the fields of a new record, as the constants of the model at work say it."""


@dataclass_transform(frozen_default=True)
def record(cls: type[R]) -> type[R]:
    """Make a class of annotated fields a record: immutable, hashable, compared by value.

    Field types are those of state variables but for the mutable ones: write `frozenset[T]` and
    `tuple[T, ...]` for collections. A value outside the type of its field is a model error where
    the record is made, if an engine runs the model, and else where it is stored in the state.
    """
    cls.__post_init__ = _check_fields  # type: ignore[attr-defined]
    conditions = _taken_off(cls)
    made = dataclass(frozen=True, slots=True)(cls)
    made.__planespec_record__ = True  # type: ignore[attr-defined]
    setattr(made, WHEN, conditions)
    return made


def _taken_off(cls: type) -> dict[str, str]:
    """The conditions of the fields, which keep their bare defaults."""
    found = {name: mark for name, mark in vars(cls).items() if isinstance(mark, Only)}
    for name, mark in found.items():
        setattr(cls, name, mark.value)
    return {name: mark.when for name, mark in found.items()}


def _check_fields(value: Any) -> None:
    fault_of = field_faults.get()
    fault = None if fault_of is None else fault_of(value)
    if fault is not None:
        raise ModelError(f"{type(value).__name__}{fault}")


def is_record(cls: Any) -> bool:
    """Whether `cls` is a class made by `record`."""
    return isinstance(cls, type) and "__planespec_record__" in vars(cls)


def field_names(cls: type) -> tuple[str, ...]:
    """Names of the fields of a record class, in order."""
    return tuple(f.name for f in fields(cls))


def replace(value: R, /, **changes: Any) -> R:
    """A copy of a record with some fields changed."""
    return dataclass_replace(value, **changes)  # type: ignore[type-var]
