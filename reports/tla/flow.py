"""What the renderer must know of statements: how they end, and what they change."""

from collections.abc import Iterable

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
from planespec.checker.ir.walk import block_expressions, statements

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
