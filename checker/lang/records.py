"""Records: frozen values with named fields, compared by value."""

from dataclasses import dataclass, fields
from dataclasses import replace as dataclass_replace
from typing import Any, TypeVar, dataclass_transform

R = TypeVar("R")


@dataclass_transform(frozen_default=True)
def record(cls: type[R]) -> type[R]:
    """Make a class of annotated fields a record: immutable, hashable, compared by value.

    Field types are those of state variables but for the mutable ones: write `frozenset[T]` and
    `tuple[T, ...]` for collections. Values are checked where the record is stored in the state.
    """
    made = dataclass(frozen=True, slots=True)(cls)
    made.__planespec_record__ = True  # type: ignore[attr-defined]
    return made


def is_record(cls: Any) -> bool:
    """Whether `cls` is a class made by `record`."""
    return isinstance(cls, type) and "__planespec_record__" in vars(cls)


def field_names(cls: type) -> tuple[str, ...]:
    """Names of the fields of a record class, in order."""
    return tuple(f.name for f in fields(cls))


def replace(value: R, **changes: Any) -> R:
    """A copy of a record with some fields changed."""
    return dataclass_replace(value, **changes)  # type: ignore[type-var]
