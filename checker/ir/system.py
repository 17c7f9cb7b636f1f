"""A whole compiled model: what an engine is given."""

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from planespec.checker.ir.nodes import Expr, Function, Parameter, Position, Stmt
from planespec.checker.ir.types import Sort, Type


class PropertyKind(Enum):
    """What a property speaks about."""

    ALWAYS = auto()  # holds in every reachable state
    STEP = auto()  # holds between every state and each of its successors
    REACHABLE = auto()  # some reachable state has it
    CONSTRAINT = auto()  # states without it are judged but not expanded
    STEP_CONSTRAINT = auto()  # steps without it are judged, and what they lead to is not kept
    TERMINAL = auto()  # states with it may have no successor
    EVENTUALLY = auto()  # predicate `p`: every fair behaviour reaches a state with it
    ALWAYS_EVENTUALLY = auto()  # predicate `p`: and again and again
    EVENTUALLY_ALWAYS = auto()  # predicate `p`: from some point on, for good
    LEADS_TO = auto()  # predicates `p`, `q`: every p-state is followed by (or is) a q-state
    LEADS_TO_ALWAYS = auto()  # predicates `p`, `q`: p, then q at last for good
    LEMMA = auto()  # like ALWAYS, offered to proofs as a helper
    ASSUMPTION = auto()  # restricts arbitrary initial states in symbolic search


PROMISES = (
    PropertyKind.EVENTUALLY,
    PropertyKind.ALWAYS_EVENTUALLY,
    PropertyKind.EVENTUALLY_ALWAYS,
    PropertyKind.LEADS_TO,
    PropertyKind.LEADS_TO_ALWAYS,
)
"""Kinds that speak about whole behaviours."""

STEPS = (PropertyKind.STEP, PropertyKind.STEP_CONSTRAINT)
"""Kinds that speak about a state and its successor."""


class Fairness(Enum):
    """How an action is scheduled in liveness checking."""

    NONE = auto()
    WEAK = auto()
    STRONG = auto()


@dataclass(frozen=True, slots=True)
class Fair:
    """A fairness condition of one action, or of several together, for each value of `each`.

    `each` are parameters that all of the actions have.
    """

    actions: tuple[str, ...]
    each: tuple[str, ...]
    fairness: Fairness


@dataclass(frozen=True, slots=True)
class Variable:
    """A state variable."""

    name: str
    type: Type
    at: Position
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """A guarded atomic step; its instances are the values of its parameters."""

    name: str
    parameters: tuple[Parameter, ...]
    body: tuple[Stmt, ...]
    at: Position
    locals: dict[str, Type] = field(default_factory=dict, hash=False)
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Property:
    """A requirement or another named predicate; `predicates` are bool functions.

    Those of a promise may have parameters, all the same ones; it is claimed for each choice. It
    is claimed of behaviours that keep the promises with the ids in `assuming`. One that is
    `assumed` is there for that alone and is no claim itself.

    `id` is what the user names on the command line: the requirement's number (`RAFT-1`) or, for a
    property written in the model, its name.
    """

    id: str
    name: str
    kind: PropertyKind
    predicates: tuple[Function, ...]
    statement: str
    at: Position
    source: str = ""
    assuming: tuple[str, ...] = ()
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Mutant:
    """A named switch that breaks the model on purpose."""

    name: str
    doc: str
    issue: str = ""
    when: str = ""


@dataclass(frozen=True, slots=True)
class System:
    """A model with its constants filled in.

    Initial states: run `defaults` (assignments that choose nothing), then each of `initial`, in
    order, as an action whose parameters and choices give one initial state each; a false guard
    drops that one.
    """

    name: str
    file: str
    constants: dict[str, Any]
    variables: tuple[Variable, ...]
    defaults: tuple[Stmt, ...]
    initial: tuple[Action, ...]
    actions: tuple[Action, ...]
    functions: dict[str, Function]
    properties: tuple[Property, ...]
    mutants: tuple[Mutant, ...] = ()
    mutant: str | None = None
    check_deadlock: bool = True
    doc: str = ""
    fair: tuple[Fair, ...] = ()
    asked: dict[str, Action] = field(default_factory=dict)
    """Actions that ENABLED asks for, whatever becomes of `actions`."""

    @property
    def symmetric_sorts(self) -> tuple[Sort, ...]:
        """Sorts declared symmetric, in the order of the constants."""
        return tuple(v for v in self.constants.values() if isinstance(v, Sort) and v.symmetric)

    def variable(self, name: str) -> Variable:
        """Look up a variable; raises KeyError when there is none."""
        return {v.name: v for v in self.variables}[name]

    def of_kind(self, *kinds: PropertyKind) -> tuple[Property, ...]:
        """Properties of the given kinds, in declaration order."""
        return tuple(p for p in self.properties if p.kind in kinds)


def expressions(value: Expr) -> list[Expr]:
    """The expression and everything under its `args`, outermost first (folds: see `walk`)."""
    found, queue = [], [value]
    while queue:
        node = queue.pop()
        found.append(node)
        queue.extend(reversed(node.args))
    return found
