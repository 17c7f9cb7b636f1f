"""Stores to the state: `[s EXCEPT !.term[i] = 1, ...]`."""

from collections.abc import Iterable, Iterator

from planespec.checker.ir import types as t
from planespec.checker.ir.nodes import Assign, Expr, Op, Stmt
from planespec.checker.ir.traversal import inside
from planespec.reports.formats.tla.rendering import Exported, Scope
from planespec.reports.formats.tla.tla_expressions import express, plus_one, tight

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
