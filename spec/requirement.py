"""What a requirement is: a numbered, sourced, pure predicate over what can be observed.

A predicate takes a `typing.Protocol`, so that the state of a model satisfies it by its shape, and
so does a snapshot of a real system. Ids are never reused and never renumbered.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement.

    `kind` is "state" for a predicate on one state and "step" for one on a state and its
    successor; `statement` is the first line of the predicate's docstring, which reports print;
    `source` says where it is written. State and step requirements have one predicate.
    """

    id: str
    statement: str
    source: str
    kind: str
    predicates: tuple[Callable[..., bool], ...]

    @property
    def name(self) -> str:
        """The name of the predicate, a noun phrase."""
        return self.predicates[0].__name__

    def __call__(self, *observations: Any) -> bool:
        """Judge a state, or a state and its successor."""
        return self.predicates[0](*observations)


REQUIREMENTS: dict[str, Requirement] = {}
"""Every requirement imported so far, by its id."""

_KINDS = {1: "state", 2: "step"}


def requirement(id_: str, *, source: str) -> Callable[[Callable[..., bool]], Requirement]:
    """Make a requirement of a documented predicate with one parameter (state) or two (step).

    Raises ValueError on an id in use, a predicate without a docstring, or one with another
    number of parameters.
    """

    def decorate(predicate: Callable[..., bool]) -> Requirement:
        made = Requirement(
            id=id_,
            statement=_get_statement(id_, predicate),
            source=source,
            kind=_get_kind(id_, predicate),
            predicates=(predicate,),
        )
        known = REQUIREMENTS.get(id_)
        if known is not None and known.name != predicate.__name__:
            raise ValueError(f"{id_} is {known.name} already; ids are never used again")
        REQUIREMENTS[id_] = made
        return made

    return decorate


def _get_statement(id_: str, predicate: Callable[..., bool]) -> str:
    statement = (inspect.getdoc(predicate) or "").partition("\n")[0].strip()
    if not statement:
        raise ValueError(f"{id_} {predicate.__name__} needs a docstring: its statement")
    return statement


def _get_kind(id_: str, predicate: Callable[..., bool]) -> str:
    parameters = len(inspect.signature(predicate).parameters)
    if parameters not in _KINDS:
        raise ValueError(f"{id_} {predicate.__name__} takes a state, or a state and its successor")
    return _KINDS[parameters]
