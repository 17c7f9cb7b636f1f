"""What follows a statement, how branches reach it, and stores to the state on the way."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from planespec.checker.ir import types as t
from planespec.checker.ir.nodes import (
    Assign,
    Break,
    Choose,
    Continue,
    Do,
    Expr,
    For,
    If,
    Let,
    Op,
    Require,
    Return,
    Stmt,
)
from planespec.checker.ir.system import System
from planespec.checker.ir.traversal import block_expressions, inside, statements
from planespec.reports.formats.tla.columns import Both, Branch, Node, Text
from planespec.reports.formats.tla.rendering import Exported, Scope
from planespec.reports.formats.tla.tla_expressions import express, plus_one, tight
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


# Stores to the state: `[s EXCEPT !.term[i] = 1, ...]`.


LONG = 60
"""Characters of stores that still stand on one line."""


def grouped(module: Exported, block: tuple[Stmt, ...]) -> list[Assign]:
    """The stores at the head of a block that can be made at once.

    None reads what another wrote.
    """
    found: list[Assign] = []
    written: set[str] = set()
    for statement in block:
        if not isinstance(statement, Assign):
            break
        variable = _root(statement.place)
        if variable in written or _reads(module, statement, written):
            break
        written.add(variable)
        found.append(statement)
    return found


def _root(place: Expr) -> str:
    while place.op is not Op.STATE:
        place = place.args[0]
    return str(place.arg)


def _reads(module: Exported, statement: Assign, written: set[str]) -> bool:
    """Whether a store reads a variable.

    A helper that reads the state may read any, and so does asking what is enabled.
    """
    for e in (*inside(statement.value), *inside(statement.place)):
        if e.op is Op.STATE and e.arg in written:
            return True
        if e.op is Op.CALL and module.reads(e.arg, Op.STATE) and written:
            return True
        if written and (e.op is Op.ENABLED or (e.op is Op.CALL and e.arg in module.asking)):
            return True
    return False


def updated(module: Exported, changes: Iterable[Assign], scope: Scope) -> str:
    """The record of the state after some stores."""
    texts = [
        f"!{_path(module, c.place, scope)} = {express(module, c.value, scope)}" for c in changes
    ]
    opened = f"[{scope.state or 'Now'} EXCEPT "
    short = sum(map(len, texts)) < LONG
    return opened + (", " if short else ",\n" + " " * len(opened)).join(texts) + "]"


def _path(module: Exported, place: Expr, scope: Scope) -> str:
    if place.op is Op.STATE:
        return f".{module.variables[place.arg]}"
    owner = place.args[0]
    path = _path(module, owner, scope)
    if place.op is Op.FIELD:
        assert isinstance(owner.type, t.Record)
        return f"{path}.{module.vocabulary.field(owner.type.name, place.arg)}"
    if place.op is Op.INDEX:
        return f"{path}[{express(module, place.args[1], scope)}]"
    return f"{path}[{_from_one(module, place, scope)}]"


def _from_one(module: Exported, place: Expr, scope: Scope) -> str:
    """The index of an element of a sequence as TLA+ counts."""
    owner, index = place.args
    if isinstance(index.type, t.Int) and index.type.low is not None and index.type.low >= 0:
        return plus_one(module, index, scope)
    text, length = tight(module, index, scope), f"Len({express(module, owner, scope)})"
    return f"IF {text} < 0 THEN {length} + {text} + 1 ELSE {text} + 1"


def within_bounds(module: Exported, changes: Iterable[Assign], scope: Scope) -> Iterator[str]:
    """What must hold for stores into sequences, which EXCEPT would else leave out silently."""
    for change in changes:
        place = change.place
        while place.op is not Op.STATE:
            if place.op is Op.AT:
                owner = tight(module, place.args[0], scope)
                yield f"({_from_one(module, place, scope)}) \\in DOMAIN {owner}"
            place = place.args[0]
