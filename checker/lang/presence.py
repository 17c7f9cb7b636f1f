"""What exists only under a condition over the constants: `when="pre_vote"`.

A condition is an expression over the constants and mutants of the model, as in a `Range`. What
is left out has no place in the instance: a variable no bits, an action no steps, a claim no
verdict.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Protocol, TypeVar, overload

from planespec.checker.lang.locations import refusal_here

F = TypeVar("F", bound=Callable[..., Any])
WHEN = "__planespec_when__"
"""Where a record class keeps the conditions of its fields, by name."""


@dataclass(frozen=True, slots=True)
class Only:
    """A value of a variable, a field or an entry of `requires`, with the condition it is under."""

    value: Any
    when: str

    def __repr__(self) -> str:
        return f"only({self.value!r}, when={self.when!r})"


@dataclass(frozen=True, slots=True)
class Absent:
    """What an instance leaves out: its name, its sentence, and the condition that is false."""

    name: str
    when: str
    statement: str = ""

    @property
    def reason(self) -> str:
        """Why it is left out."""
        return existence(self.when)


def existence(when: str) -> str:
    """A condition in words, to follow the name of what is under it."""
    return f"exists only when {when}"


def only(value: Any, *, when: str) -> Any:
    """What is there only under a condition over the constants.

    `lease: Array[Server, Ticks] = only(each(0), when="ticks > 0")` is such a variable,
    `pre: bool = only(False, when="pre_vote")` such a field of a record, whose default is its value
    where it is left out, and `requires = [only(lease_excludes_others, when="ticks > 0")]` such a
    requirement.
    """
    return Only(value, condition(when))


def condition(when: Any) -> str:
    """A condition as it was given; raises LanguageError for what is no text."""
    if not isinstance(when, str) or not when.strip():
        raise refusal_here(f"when is {when!r}", 'the text of an expression: when="pre_vote"')
    return when


def stated(when: str) -> str:
    """A condition, or nothing where none is stated."""
    return condition(when) if when else ""


class Conditional(Protocol):
    """A decorator that may be given a condition."""

    @overload
    def __call__(self, function: F, /) -> F: ...
    @overload
    def __call__(self, *, when: str) -> Callable[[F], F]: ...


def conditional(plain: Callable[[Any], Any]) -> Conditional:
    """Let a decorator that leaves a mark take a condition: `@invariant(when="pre_vote")`."""

    @wraps(plain)
    def decorate(function: Any = None, *, when: str = "") -> Any:
        if function is not None:
            return plain(function)
        known = condition(when)
        return lambda method: under(known, plain(method))

    return decorate


def under(when: str, function: F) -> F:
    """A marked method whose mark says when it is there."""
    function.__planespec__ = replace(function.__planespec__, when=when)  # type: ignore[attr-defined]
    return function


def conditions_of(cls: Any) -> Mapping[str, str]:
    """The conditions of the fields of a record class."""
    return getattr(cls, WHEN, {})


def absent_field(record: Any, name: str) -> str:
    """Why a record of the IR has no such field in this instance; empty where it never has."""
    python = getattr(record, "python", None)
    when = conditions_of(python).get(name, "")
    if not when or name in dict(record.fields):
        return ""
    return f"field {name} of {record} {existence(when)}"


def absent_defaults(record: Any) -> dict[str, Any]:
    """The fields that a record of the IR has not in this instance, with the value they keep."""
    python, there = record.python, dict(record.fields)
    names = [name for name in conditions_of(python) if name not in there]
    return {name: python.__dataclass_fields__[name].default for name in names}
