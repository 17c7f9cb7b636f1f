"""Instances that a model names: `instances = [instance("small", servers=3)]`.

A name stands for constants. What is known of an instance (verdict and numbers) is no part of the
model: `planespec baseline` keeps it for models of users, the catalogue for those of this package.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from planespec.checker.errors import (
    ConfigurationError,
    LanguageError,
    PlanespecError,
    did_you_mean,
)
from planespec.checker.ir.nodes import Position
from planespec.checker.lang.locations import here, refusal_at, refusal_here, refusal_in

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
ALLOWED = 'instances = [instance("small", servers=3), instance("large", slow=True, servers=5)]'


@dataclass(frozen=True, slots=True)
class NamedInstance:
    """Constants under a name, and what is known of the search with them.

    Constants that are not named have their defaults; members of enums are given by name. `slow`
    ones take minutes and are run only where that is asked for. `verdict` is empty where nothing is
    known; Proved is that of `prove`, which counts no states. `symmetric` counts the distinct
    states under symmetry.
    """

    name: str
    constants: Mapping[str, Any]
    slow: bool = False
    at: Position | None = field(default=None, compare=False)
    verdict: str = ""
    distinct: int = 0
    generated: int = 0
    depth: int = 0
    symmetric: int | None = None

    def refused(self, error: PlanespecError) -> PlanespecError:
        """The error for constants that do not fit the model, at the line that gives them."""
        if self.at is None or getattr(error, "file", None) is not None:
            return error
        return refusal_at(self.at, f"instance {self.name}: {error}", "constants of the model")


def instance(name: str, *, slow: bool = False, **constants: Any) -> NamedInstance:
    """Constants under a name: `planespec check MODEL@small`.

    `slow` leaves it out where all instances are run, unless `--slow` asks for it.
    """
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise refusal_here(f"{name!r} is no name of an instance", "letters, digits, _, . and -")
    if type(slow) is not bool:
        raise refusal_here(f"slow is {slow!r}", "slow=True, or nothing")
    given = {n: v.name if isinstance(v, Enum) else v for n, v in constants.items()}
    return NamedInstance(name, given, slow, here())


def named_instances(model: type) -> tuple[NamedInstance, ...]:
    """The instances that a model class names, in order; those of its parts are not its own.

    Raises LanguageError for what is no list of instances, and for a name that is given twice.
    """
    found = vars(model).get("instances", ())
    if not isinstance(found, Sequence) or not all(isinstance(i, NamedInstance) for i in found):
        text = f"{model.__name__}: instances is no list of instances"
        raise refusal_in(model, "instances", text, ALLOWED)
    names: set[str] = set()
    for one in found:
        if one.name in names:
            raise one.refused(LanguageError("there is another instance of this name"))
        names.add(one.name)
    return tuple(found)


def split_target(target: str) -> tuple[str, str]:
    """The model and the name of the instance in `MODEL@small`; no name where there is none.

    A path may have an `@` in it: what ends a file or a folder is no name.
    """
    model, at, name = target.rpartition("@")
    if not at or not model or name.endswith(".py") or not NAME.fullmatch(name):
        return target, ""
    return model, name


def find_instance(model: str, name: str, known: Sequence[NamedInstance]) -> NamedInstance:
    """The instance of a name; raises ConfigurationError where the model names none so."""
    for one in known:
        if one.name == name:
            return one
    names = [one.name for one in known]
    rest = f"its instances are {', '.join(names)}" if names else "it names none"
    near = did_you_mean(name, names)
    raise ConfigurationError(f"{model} has no instance {name!r}; {rest}{near}")
