"""What holds a model to reality: answers recorded from a real component, or so far nothing.

A model says it once, in its class: `held_to = [recording(...), ...]`, or `held_to =
no_recording("why there is none")`. It is said of the very class: a model that adds to another, or
is composed of parts, moves differently and says it anew.
"""

from dataclasses import dataclass
from typing import Any

from planespec.checker.errors import ConfigurationError
from planespec.checker.lang.locations import refusal_in

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
