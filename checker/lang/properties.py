"""What a model claims: requirements from outside, plain functions, and its decorated methods."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from inspect import signature
from itertools import product
from typing import Any, Protocol, runtime_checkable

from planespec.checker.errors import ConfigurationError
from planespec.checker.ir.nodes import Position
from planespec.checker.ir.system import STEPS, PropertyKind
from planespec.checker.ir.types import Type
from planespec.checker.lang.declarations import position_of, statement_of
from planespec.checker.lang.presence import Only


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


Parameters = tuple[tuple[str, Type, Sequence[Any]], ...]
"""Name, type and values of each parameter of a property."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A property of a model as declared; `method` tells whether `predicates` are its methods.

    A step predicate takes (before, after) when it comes from outside, and (after, before) when it
    is a method: there `self` is the state after the step. `judge_step` hides the difference.
    The predicates may have `parameters`; the claim is made for each choice of them. `assuming`
    are the ids of promises that a behaviour has to keep for this one to be claimed of it; one
    that is `assumed` is none of the model's claims. It is made only under the condition `when`.
    """

    id: str
    name: str
    kind: PropertyKind
    predicates: tuple[Callable[..., Any], ...]
    statement: str
    at: Position
    source: str = ""
    method: bool = False
    parameters: Parameters = ()
    assuming: tuple[str, ...] = ()
    assumed: bool = False
    when: str = ""

    def judge(self, state: Any) -> Any:
        """Evaluate a predicate on a state: the first answer that is not True, or True."""
        return self._judged(state)[0]

    def judge_step(self, before: Any, after: Any) -> Any:
        """Evaluate a predicate on a step."""
        return self._judged(*((after, before) if self.method else (before, after)))[0]

    def broken_for(self, before: Any, after: Any) -> tuple[tuple[str, Any], ...]:
        """The values of the parameters for which a state (`after`) or a step breaks the claim."""
        states = (after, before) if self.kind in STEPS else (after,)
        names = [name for name, _, _ in self.parameters]
        return tuple(zip(names, self._judged(*states)[1], strict=False))

    def _judged(self, *states: Any) -> tuple[Any, tuple[Any, ...]]:
        if not self.parameters:
            return self.predicates[0](*states), ()
        for values in product(*(values for _, _, values in self.parameters)):
            holds = self.predicates[0](*states, *values)
            if holds is not True:
                return holds, values
        return True, ()


KINDS = {
    "state": PropertyKind.ALWAYS,
    "step": PropertyKind.STEP,
    "eventually": PropertyKind.EVENTUALLY,
    "always eventually": PropertyKind.ALWAYS_EVENTUALLY,
    "eventually always": PropertyKind.EVENTUALLY_ALWAYS,
    "leads to": PropertyKind.LEADS_TO,
    "leads to always": PropertyKind.LEADS_TO_ALWAYS,
}


def claim_of(item: Any) -> Claim:
    """Read one entry of `requires`, which may be under a condition (`only`).

    Raises ConfigurationError for what is no requirement.
    """
    if isinstance(item, Only):
        return replace(claim_of(item.value), when=item.when)
    if isinstance(item, RequirementLike):
        return _from_requirement(item)
    if callable(item):
        kind = PropertyKind.STEP if len(signature(item).parameters) == 2 else PropertyKind.ALWAYS
        name = item.__name__
        return Claim(name, name, kind, (item,), statement_of(item), position_of(item))
    raise ConfigurationError(f"requires lists {item!r}, which is no requirement and no function")


def _from_requirement(item: RequirementLike) -> Claim:
    if not item.predicates:
        raise ConfigurationError(f"requirement {item.id} has no predicate for a model to judge")
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
