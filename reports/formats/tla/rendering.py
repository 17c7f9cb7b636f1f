"""What an expression is rendered in: the module it stands in, the state it reads, its names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from planespec.checker.ir.nodes import Expr, Function, Op
from planespec.checker.ir.system import Action, System
from planespec.checker.ir.traversal import block_expressions, bodies, statements
from planespec.reports.formats.tla.prelude import BOUND, PRELUDE
from planespec.reports.formats.tla.vocabulary import RESERVED, Names, Vocabulary

FIXED = [
    "vars",
    "Now",
    "Later",
    "Become",
    "Start",
    "Defaults",
    "TypeOK",
    "Init",
    "Next",
    "Spec",
    "Symmetry",
    "Terminal",
]
"""What every module defines."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression stands.

    `state` is the record that holds the state, None where the variables themselves do; `before`
    the same for the state before a step. `locals` maps names of the model to those in the module.
    """

    names: Names
    state: str | None = None
    before: str | None = None
    locals: Mapping[str, str] = field(default_factory=dict)

    def bind(self, name: str, identifier: str) -> "Scope":
        """The scope in which a local has that identifier."""
        return replace(self, locals={**self.locals, name: identifier})

    def moved(self, state: str | None) -> "Scope":
        """The scope after a change: another record holds the state."""
        return replace(self, state=state)


def _tables(system: System) -> Iterator[Expr]:
    """The constant tables that a system reads, each once."""
    every = [e for _, body in bodies(system) for e in block_expressions(body)]
    actions = (*system.initial, *system.actions)
    every += [p.domain for a in actions for p in a.parameters if p.domain is not None]
    yield from {e.arg: e for e in every if e.op is Op.TABLE}.values()


class Exported:
    """A system with what its module needs to know: names, and which functions read the state."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.names = Names(RESERVED | set(PRELUDE) | set(BOUND) | set(FIXED))
        self.variables = {v.name: self.names.fresh(v.name) for v in system.variables}
        self.tables = {e.arg: (self.names.fresh(e.arg.name), e) for e in _tables(system)}
        self.vocabulary = Vocabulary(system, self.names)
        self.actions = {
            a.name: self.names.fresh(a.name) for a in (*system.initial, *system.actions)
        }
        self.functions = {name: self.names.fresh(name) for name in system.functions}
        self.orders: dict[str, str] = {}
        self.used: set[str] = set()
        self.asking = self._readers(Op.ENABLED)
        self._reads = {Op.STATE: self._readers(Op.STATE), Op.BEFORE: self._readers(Op.BEFORE)}

    def use(self, operator: str) -> str:
        """The name of an operator of the prelude, which the module then has."""
        self.used.add(operator)
        return operator

    def order(self, enum: str) -> str:
        """The function from members of an enum to their numbers, which the module then has."""
        if enum not in self.orders:
            self.orders[enum] = self.names.fresh(f"{enum}_number")
        return self.orders[enum]

    def table(self, e: Expr) -> str:
        """The name of a constant table."""
        return self.tables[e.arg][0]

    def reads(self, name: str, op: Op) -> bool:
        """Whether a function reads the state (or that before the step), itself or by calls.

        One that asks what is enabled reads the variables themselves, and is given no state.
        """
        if op is Op.STATE and name in self.asking:
            return False
        takes = op is Op.STATE and not self.system.functions[name].pure
        return takes or name in self._reads[op]

    def _readers(self, op: Op) -> set[str]:
        found: set[str] = set()
        for function in self.in_order():
            called = {getattr(s, "function", None) for s in statements(function.body)}
            inside = list(block_expressions(function.body))
            called.update(e.arg for e in inside if e.op is Op.CALL)
            if found & called or any(e.op is op for e in inside):
                found.add(function.name)
        return found

    def questions(self) -> list[Function | Action]:
        """Actions that are asked for and helpers that ask, each behind those that it needs."""
        done: dict[str, Function | Action] = {}

        def visit(one: Function | Action) -> None:
            for e in block_expressions(one.body):
                if e.op is Op.ENABLED:
                    visit(self.system.asked[e.arg[0]])
                elif e.op is Op.CALL and e.arg in self.asking:
                    visit(self.system.functions[e.arg])
            done[f"{type(one).__name__} {one.name}"] = one

        for name in self.system.asked:
            visit(self.system.asked[name])
        for function in self.in_order():
            if function.name in self.asking:
                visit(function)
        return list(done.values())

    def in_order(self) -> list[Function]:
        """Functions, those that are called before those that call them."""
        functions, done = self.system.functions, dict[str, Function]()

        def visit(name: str) -> None:
            if name in done:
                return
            body = functions[name].body
            for e in block_expressions(body):
                if e.op is Op.CALL:
                    visit(e.arg)
            for statement in statements(body):
                if (called := getattr(statement, "function", None)) is not None:
                    visit(called)
            done[name] = functions[name]

        for name in functions:
            visit(name)
        return list(done.values())
