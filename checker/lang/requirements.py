"""What a model claims: requirements from outside, plain functions, and its decorated methods."""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from typing import Any, Protocol, runtime_checkable

from planespec.checker.errors import ConfigurationError
from planespec.checker.ir.nodes import Position
from planespec.checker.ir.system import PropertyKind
from planespec.checker.ir.types import Type
from planespec.checker.lang.declarations import position_of, statement_of


@runtime_checkable
class RequirementLike(Protocol):
    """What is expected of a requirement object; who defines it is of no interest here.

    `kind` is "state" or "step"; `predicates` take the model (step: the state before, then after).
    """

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def statement(self) -> str: ...  # noqa: D102
    @property
    def source(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def predicates(self) -> tuple[Callable[..., bool], ...]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Claim:
    """A property of a model as declared; `method` tells whether `predicates` are its methods.

    A step predicate takes (before, after) when it comes from outside, and (after, before) when it
    is a method: there `self` is the state after the step. `judge_step` hides the difference.
    The predicates of a promise may have `parameters`; it is claimed for each choice of them.
    """

    id: str
    name: str
    kind: PropertyKind
    predicates: tuple[Callable[..., Any], ...]
    statement: str
    at: Position
    source: str = ""
    method: bool = False
    parameters: tuple[tuple[str, Type], ...] = ()

    def judge(self, state: Any) -> Any:
        """Evaluate a predicate on a state."""
        return self.predicates[0](state)

    def judge_step(self, before: Any, after: Any) -> Any:
        """Evaluate a predicate on a step."""
        if self.method:
            return self.predicates[0](after, before)
        return self.predicates[0](before, after)


KINDS = {
    "state": PropertyKind.ALWAYS,
    "step": PropertyKind.STEP,
    "eventually": PropertyKind.EVENTUALLY,
    "always eventually": PropertyKind.ALWAYS_EVENTUALLY,
    "eventually always": PropertyKind.EVENTUALLY_ALWAYS,
    "leads to": PropertyKind.LEADS_TO,
}


def claim_of(item: Any) -> Claim:
    """Read one entry of `requires`; raises ConfigurationError for what is no requirement."""
    if isinstance(item, RequirementLike):
        return _from_requirement(item)
    if callable(item):
        kind = PropertyKind.STEP if len(signature(item).parameters) == 2 else PropertyKind.ALWAYS
        name = item.__name__
        return Claim(name, name, kind, (item,), statement_of(item), position_of(item))
    raise ConfigurationError(f"requires lists {item!r}, which is no requirement and no function")


def _from_requirement(item: RequirementLike) -> Claim:
    if item.kind not in KINDS:
        known = ", ".join(KINDS)
        raise ConfigurationError(f"requirement {item.id} is of kind {item.kind!r}; known: {known}")
    first = item.predicates[0]
    return Claim(
        id=item.id,
        name=first.__name__,
        kind=KINDS[item.kind],
        predicates=tuple(item.predicates),
        statement=item.statement,
        at=position_of(first),
        source=item.source,
    )
