"""Assignments to several targets: `a, b = b, a`, `k, v = pair`, `x = y = 0`."""

import ast

from planespec.checker.front.core.aliasing import roots
from planespec.checker.front.core.building import local
from planespec.checker.front.core.scope import Frame, Inline
from planespec.checker.front.core.type_relations import is_mutable
from planespec.checker.front.expressions.tuples import stored_fills
from planespec.checker.front.expressions.unpacking import distributed
from planespec.checker.front.statements.effects import value_or_effect
from planespec.checker.front.statements.locals import learn, settle
from planespec.checker.ir.nodes import Check, Expr, Op

SIMPLE = (Op.CONST, Op.LOCAL)


def unpacked(frame: Frame, node: ast.Assign, to: ast.Tuple | ast.List) -> None:
    """All values first, then the targets from left to right."""
    given = node.value
    if (
        isinstance(given, ast.Tuple | ast.List)
        and len(given.elts) == len(to.elts)
        and not any(isinstance(e, ast.Starred) for e in (*given.elts, *to.elts))
    ):
        values = [_kept(frame, node, value_or_effect(frame, e)) for e in given.elts]
        pairs = list(zip(to.elts, values, strict=True))
    else:
        pairs = [(to, _kept(frame, node, value_or_effect(frame, given)))]
    checks: list[Check] = []
    found = [
        bound for inner, value in pairs for bound in distributed(frame, node, inner, value, checks)
    ]
    frame.block.extend(checks)
    for inner, value in found:
        give(frame, node, inner, value)


def chained(frame: Frame, node: ast.Assign) -> None:
    """`x = y = value`: one value for all targets, from left to right."""
    if stored_fills(node.value):
        raise frame.refusal(node, "each(...) has one target", "one assignment on each line")
    found = _kept(frame, node, value_or_effect(frame, node.value))
    if is_mutable(found.type) and any(isinstance(t, ast.Name) for t in node.targets):
        raise frame.refusal(
            node, "these names would share one collection", "one assignment on each line"
        )
    for to in node.targets:
        checks: list[Check] = []
        pairs = list(distributed(frame, node, to, found, checks))
        frame.block.extend(checks)
        for inner, value in pairs:
            give(frame, node, inner, value)


def give(frame: Frame, node: ast.stmt, to: ast.expr, found: Expr) -> None:
    """Store a value that is computed already."""
    from planespec.checker.front.statements.assignments import assign

    hidden = frame.fresh("value")
    name = ast.copy_location(ast.Name(f"{hidden} ", ast.Load()), node)
    with frame.bind(name.id, Inline(found)):
        assign(frame, node, to, name)


def _kept(frame: Frame, node: ast.stmt, found: Expr) -> Expr:
    """The value as it is now, whatever is stored before it is used.

    A store replaces what a place holds and changes no object, so the old value stays what it was.
    """
    if found.op is Op.CONST:
        return found
    name, shared = frame.fresh("kept"), roots(frame, found)
    if shared:
        frame.binds.append((name, shared, frame.clock, frame.loops, node))
    learn(frame, name, found.type, node)
    frame.block.append(settle(frame, node, name, found))
    kept = local(name, frame.estimate(name) or found.type, found.at)
    frame.reads.append((name, frame.clock, frame.loops))
    return kept
