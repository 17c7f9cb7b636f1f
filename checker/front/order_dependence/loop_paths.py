"""Statements and paths of the IR, as the judgement of loops looks at them."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from planespec.checker.ir.nodes import (
    Break,
    Choose,
    Do,
    Expr,
    Fold,
    For,
    If,
    Let,
    Op,
    Reduction,
    Return,
    Stmt,
)
from planespec.checker.ir.system import System
from planespec.checker.ir.traversal import children, own_expressions, rewrite_statement, statements

PARTS = (Op.INDEX, Op.AT, Op.FIELD)
"""What leads from a variable to a part of it."""

DEEPEST = 20
"""Calls inside calls that are looked into."""


def inlined(system: System, block: tuple[Stmt, ...], depth: int = 0) -> list[Stmt]:
    """All statements of a block; after a call of a procedure comes what it does."""
    found: list[Stmt] = []
    for statement in statements(block):
        found.append(statement)
        if isinstance(statement, Do) and depth < DEEPEST:
            found += _called(system, statement, depth)
    return found


def _called(system: System, call: Do, depth: int) -> list[Stmt]:
    called = system.functions[call.function]
    names = dict(zip((p.name for p in called.parameters), call.args, strict=True))
    found: list[Stmt] = []
    for statement in statements(called.body):
        if isinstance(statement, Return):
            continue
        made = _placed(statement, names, called.name)
        found += inlined(system, (made,), depth + 1) if isinstance(made, Do) else [made]
    return found


def _placed(statement: Stmt, names: dict[str, Expr], prefix: str) -> Stmt:
    def change(value: Expr) -> Expr:
        if value.op is not Op.LOCAL:
            return value
        return names.get(value.arg, replace(value, arg=f"{prefix}:{value.arg}"))

    made = rewrite_statement(statement, change)
    name = getattr(made, "name", None)
    return made if name is None else replace(made, name=f"{prefix}:{name}")  # type: ignore[call-arg]


def is_within(statement: Stmt, loop: For) -> bool:
    """Whether a statement stands in the body of a loop."""
    return any(inner is statement for inner in statements(loop.body))


def assigned(block: Iterable[Stmt]) -> set[str]:
    """Locals that statements give a value."""
    return {s.name for s in block if isinstance(s, Let | Choose | Do | For) and s.name is not None}


def leaving_blocks(block: tuple[Stmt, ...]) -> Iterator[tuple[Stmt, ...]]:
    """The blocks inside a loop's body that end the loop."""
    if block and isinstance(block[-1], Break | Return):
        yield block
    for statement in block:
        if isinstance(statement, If):
            yield from leaving_blocks(statement.then)
            yield from leaving_blocks(statement.orelse)
        elif isinstance(statement, For):
            yield from (b for b in leaving_blocks(statement.body) if isinstance(b[-1], Return))


def stored_part(name: str, value: Expr) -> tuple[Expr, Expr] | None:
    """Place and value of `xs[key] = v` on a local, which is a new array that differs there."""
    while value.op is Op.CONVERT:
        value = value.args[0]
    if not (isinstance(value, Fold) and value.reduction is Reduction.ARRAY) or value.body is None:
        return None
    body, bound = value.body, value.generators[0].name
    if body.op is not Op.IF or body.args[0].op is not Op.EQ:
        return None
    (test, new, old), (left, key) = body.args, body.args[0].args
    while old.op is Op.CONVERT:
        old = old.args[0]
    kept = old.op is Op.INDEX and [(a.op, a.arg) for a in old.args] == [
        (Op.LOCAL, name),
        (Op.LOCAL, bound),
    ]
    if not kept or (left.op, left.arg) != (Op.LOCAL, bound):
        return None
    return Expr(Op.INDEX, new.type, (old.args[0], key), test.at), new


def root_of(value: Expr) -> str:
    """The variable that a path leads into; empty for what is no path."""
    while value.op in PARTS:
        value = value.args[0]
    if value.op is Op.STATE:
        return str(value.arg)
    return f"local {value.arg}" if value.op is Op.LOCAL else ""


def keys_of(value: Expr) -> Iterator[Expr]:
    """The keys on a path, innermost first."""
    while value.op in PARTS:
        yield from value.args[1:]
        value = value.args[0]


def own_depths(chain: Expr, name: str) -> frozenset[int]:
    """How deep in a path the loop's own element is a key, counted from the variable."""
    keys: list[bool] = []
    while chain.op in PARTS:
        own = chain.op is Op.INDEX and chain.args[1].op is Op.LOCAL and chain.args[1].arg == name
        keys.append(own)
        chain = chain.args[0]
    return frozenset(depth for depth, own in enumerate(reversed(keys)) if own)


def bare(value: Any) -> Any:
    """An expression without its places, to compare."""
    extra = tuple(bare(c) for c in children(value))
    return value.op, value.arg, type(value).__name__, getattr(value, "reduction", None), extra


def bare_block(block: tuple[Stmt, ...]) -> Any:
    """A block without its places, to compare."""
    return tuple(
        (type(s).__name__, getattr(s, "name", None), tuple(map(bare, own_expressions(s))))
        for s in block
    )
