"""What follows a statement, how branches before it reach it, how they end and what they change."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from planespec.checker.ir.nodes import (
    Assign,
    Break,
    Choose,
    Continue,
    Do,
    For,
    If,
    Let,
    Op,
    Require,
    Return,
    Stmt,
)
from planespec.checker.ir.system import System
from planespec.checker.ir.traversal import block_expressions, statements
from planespec.reports.formats.tla.columns import Both, Branch, Node, Text
from planespec.reports.formats.tla.rendering import Exported, Scope
from planespec.reports.formats.tla.vocabulary import quoted

STATE = "s"
"""What records of the state are called."""


@dataclass(frozen=True, slots=True)
class Next:
    """What follows: `go` renders it; `live` are the locals it reads; `is_short` if one call."""

    go: Callable[[Scope], Node]
    live: frozenset[str] = frozenset()
    is_short: bool = False


@dataclass(frozen=True, slots=True)
class Exits:
    """Where `return`, `break` and `continue` lead, and whether the text is a formula of a step."""

    returned: Callable[[Scope, str | None], Node]
    in_step: bool
    broken: Next | None = None
    continued: Next | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """What an operator that joins branches is given: the state, locals that they change."""

    state: bool
    names: tuple[str, ...]

    def arguments(self, module: Exported, scope: Scope) -> list[str]:
        """The values in a scope; a local that has none is never read, None stands in."""
        state = [scope.state or "Now"] if self.state else []
        return state + [scope.locals.get(n, module.vocabulary.none) for n in self.names]

    def bound(self, scope: Scope) -> tuple[list[str], Scope]:
        """Fresh names, and the scope in which they hold the values."""
        found = []
        if self.state:
            found.append(scope.names.fresh(STATE))
            scope = scope.moved(found[-1])
        for name in self.names:
            found.append(scope.names.fresh(name))
            scope = scope.bind(name, found[-1])
        return found, scope


def asserted(condition: str, message: str, rest: Node, exits: Exits) -> Node:
    """What follows if the condition holds, else an error of TLC."""
    if exits.in_step:
        return Both((Text(f"Assert({condition}, {quoted(message)})"), rest))
    return Branch(condition, rest, Text(f"Assert(FALSE, {quoted(message)})"))


def called(name: str, arguments: list[str]) -> str:
    """An operator with its arguments."""
    return f"{name}({', '.join(arguments)})" if arguments else name


def packed(values: list[str]) -> str:
    """One value, or a tuple of several."""
    return values[0] if len(values) == 1 else f"<<{', '.join(values)}>>"


def unwrapped(node: Node) -> Node:
    """The node itself: nothing is defined around it."""
    return node


Block = tuple[Stmt, ...]


def falls(block: Block) -> bool:
    """Whether the end of the block can be reached."""
    for statement in block:
        match statement:
            case Return() | Break() | Continue():
                return False
            case If(then=then, orelse=orelse) if not falls(then) and not falls(orelse):
                return False
    return True


def is_total(system: System, block: Block) -> bool:
    """Whether a function with this body has one outcome always: no guard and no choice inside."""
    for statement in statements(block):
        match statement:
            case Require() | Choose():
                return False
            case Do(function=name) if not is_total(system, system.functions[name].body):
                return False
    return True


def is_straight(system: System, block: Block, looping: bool = False) -> bool:
    """Whether a block is total and is left at its end only."""
    for statement in block:
        match statement:
            case Return():
                return False
            case Break() | Continue() if not looping:
                return False
            case If(then=then, orelse=orelse):
                if not all(is_straight(system, b, looping) for b in (then, orelse)):
                    return False
            case For(body=body) if not is_straight(system, body, True):
                return False
    return is_total(system, block)


def reads(block: Iterable[Stmt]) -> set[str]:
    """Names of the locals that are read."""
    return {e.arg for e in block_expressions(tuple(block)) if e.op is Op.LOCAL and e.arg}


def writes(block: Block) -> set[str]:
    """Names of the locals that are given a value."""
    found: set[str] = set()
    for statement in statements(block):
        match statement:
            case Let(name=name) | Choose(name=name) | For(name=name) | Do(name=str(name)):
                found.add(name)
    return found


def changes(block: Block) -> bool:
    """Whether the block may change the state."""
    return any(isinstance(s, Assign | Do) for s in statements(block))


def exits(block: Block) -> int:
    """In how many places a function with this body ends."""
    returns = sum(1 for s in statements(block) if isinstance(s, Return))
    return returns + (1 if falls(block) else 0)


def breaks(block: Block) -> bool:
    """Whether a `break` in the body of a loop leaves that loop."""
    for statement in block:
        match statement:
            case Break():
                return True
            case If(then=then, orelse=orelse) if breaks(then) or breaks(orelse):
                return True
    return False
