"""What a model says of itself: instances that it names, and what holds it to reality.

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
    return _read_named(model, "instances", vars(model).get("instances", ()))


def named_views(model: type) -> tuple[NamedInstance, ...]:
    """The views that a model class or its nearest part names, the most consistent first.

    Raises LanguageError as `named_instances` does.
    """
    return _read_named(model, "views", getattr(model, "views", ()))


def _read_named(model: type, setting: str, found: object) -> tuple[NamedInstance, ...]:
    if not isinstance(found, Sequence) or not all(isinstance(i, NamedInstance) for i in found):
        text = f"{model.__name__}: {setting} is no list of instances"
        raise refusal_in(model, setting, text, ALLOWED.replace("instances", setting))
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


def find_instance(
    model: str, name: str, known: Sequence[NamedInstance], noun: str = "instance"
) -> NamedInstance:
    """The instance of a name; raises ConfigurationError where the model names none so."""
    for one in known:
        if one.name == name:
            return one
    names = [one.name for one in known]
    rest = f"its {noun}s are {', '.join(names)}" if names else "it names none"
    near = did_you_mean(name, names)
    raise ConfigurationError(f"{model} has no {noun} {name!r}; {rest}{near}")


# What holds a model to reality: answers recorded from a real component, or so far nothing.
#
# A model says it once, in its class: `held_to = [recording(...), ...]`, or `held_to =
# no_recording("why there is none")`. It is said of the very class: a model that adds to another,
# or is composed of parts, moves differently and says it anew.


SETTING = "held_to"


@dataclass(frozen=True, slots=True)
class Recording:
    """Recorded answers, and the test that holds a model to them.

    Either the test compares the model itself with the answers, or there is a rule between the two,
    `through` which the model is held: the rule agrees with every answer, and the test compares the
    model with the rule, step by step. Without a `test` the model calls the rule itself.
    """

    path: str
    """The file or folder, from the root of the project."""
    cases: int
    """How many answers it holds."""
    of: str
    """The component and its version."""
    part: str
    """What of the model they hold, in a few words."""
    test: str = ""
    """`tests/test_file.py::test_name`."""
    through: str = ""
    """The module of the rule."""
    conform: str = ""
    """The name under which `planespec conform` judges the recording; empty for another judge."""
    kinds: tuple[str, ...] = ()
    """The kinds of cases that count, as `planespec conform` names them; empty for all."""


@dataclass(frozen=True, slots=True)
class Fidelity:
    """Everything that holds a model; where nothing does, why."""

    recordings: tuple[Recording, ...]
    because: str = ""

    @property
    def cases(self) -> int:
        """How many recorded answers hold the model, together."""
        return sum(each.cases for each in self.recordings)


def recording(
    path: str,
    *,
    cases: int,
    of: str,
    part: str,
    test: str = "",
    through: str = "",
    conform: str = "",
    kinds: tuple[str, ...] = (),
) -> Recording:
    """Name recorded answers that hold a model; see `Recording`. Raises ConfigurationError."""
    if not test and not through:
        raise ConfigurationError(f"recording {path!r}: name the test, or the rule it goes through")
    if cases < 1:
        raise ConfigurationError(f"recording {path!r} has {cases} cases; at least 1 is needed")
    return Recording(path, cases, of, part, test, through, conform, kinds)


def no_recording(because: str) -> Fidelity:
    """Say that no recorded answer holds a model, and why."""
    if not because.strip():
        raise ConfigurationError("no_recording needs a reason")
    return Fidelity((), because)


def fidelity_of(model: type) -> Fidelity | None:
    """What a model class says of itself; None where it says nothing.

    Raises LanguageError where `held_to` is neither a list of recordings nor `no_recording(...)`.
    """
    said: Any = vars(model).get(SETTING)
    if said is None or isinstance(said, Fidelity):
        return said
    is_list = isinstance(said, list | tuple) and len(said) > 0
    if not is_list or not all(isinstance(each, Recording) for each in said):
        allowed = '[recording(...), ...] or no_recording("why")'
        raise refusal_in(model, SETTING, f"{model.__name__}: {SETTING} is {said!r}", allowed)
    return Fidelity(tuple(said))
