"""Stores to a part of a local: `counts[k] = v`, `xs[i] = v`."""

import ast

from planespec.checker.front.core.building import (
    convert,
    domain,
    fold,
    length,
    local,
    number,
    predicate,
)
from planespec.checker.front.core.scope import Frame, Local
from planespec.checker.front.core.type_relations import Never
from planespec.checker.front.dispatch import coerce, integer, value
from planespec.checker.front.expressions.arithmetic import common
from planespec.checker.front.statements.locals import grow, learn, settle
from planespec.checker.front.statements.mutators import _refuse_shared
from planespec.checker.ir.nodes import Check, Expr, Generator, Op, Reduction
from planespec.checker.ir.ranges import add
from planespec.checker.ir.types import Array, Int, Seq


def store_part(
    frame: Frame, node: ast.stmt, to: ast.expr, found: Expr, step: Int | None = None
) -> None:
    """Give the local a new value that differs in one element, by `step` where it is known."""
    if not (isinstance(to, ast.Subscript) and isinstance(to.value, ast.Name)):
        raise frame.refusal(
            node, "only one element of a local can be stored", "xs[i] = v, or self.x[k] = v"
        )
    binding = frame.names[to.value.id]
    assert isinstance(binding, Local)
    if binding.type is not None:
        raise frame.refusal(
            node,
            f"{to.value.id} is not a local made here, so others may see the change",
            "a copy, or a store to self.x[k]",
        )
    _refuse_shared(frame, node, binding.name, to.value.id)
    frame.changes.append((f"local {binding.name}", frame.clock, frame.loops, node))
    owner = value(frame, to.value)
    made = _changed(frame, node, owner, to.slice, found, step is not None)
    if step is None:
        learn(frame, binding.name, made.type, node)
    else:
        grow(frame, binding.name, Never(), step)
    frame.block.append(settle(frame, node, binding.name, made))


def _changed(
    frame: Frame, node: ast.stmt, owner: Expr, key: ast.expr, found: Expr, grows: bool
) -> Expr:
    match owner.type:
        case Array(key_type, item):
            element = item if grows else common(frame, node, item, found.type)
            index = coerce(frame, key, value(frame, key), key_type)
            return _array(frame, node, owner, index, convert(found, element))
        case Seq(item, capacity):
            element = item if grows else common(frame, node, item, found.type)
            wide = convert(owner, Seq(element, capacity))
            return _sequence(frame, node, wide, integer(frame, key), convert(found, element))
    raise frame.refusal(node, f"elements of {owner.type} cannot be stored", "an Array or a list")


def _array(frame: Frame, node: ast.stmt, owner: Expr, index: Expr, found: Expr) -> Expr:
    """A new array: the stored value at the key, the old ones elsewhere."""
    at, name = frame.at(node), frame.fresh("key")
    assert isinstance(owner.type, Array)
    key_type = owner.type.key
    key = local(name, key_type, at)
    old = convert(Expr(Op.INDEX, owner.type.value, (owner, key), at), found.type)
    body = Expr(Op.IF, found.type, (predicate(Op.EQ, [key, index], at), found, old), at)
    walk = Generator(name, key_type, domain(key_type, at))
    return fold(Reduction.ARRAY, Array(key_type, found.type), (walk,), body, at)


def _sequence(frame: Frame, node: ast.stmt, owner: Expr, index: Expr, found: Expr) -> Expr:
    """What stands before the index, the value, what stands after it."""
    at = frame.at(node)
    if not isinstance(index.type, Int) or index.type.low is None or index.type.low < 0:
        raise frame.refusal(node, "this index may be negative", "an index of at least 0")
    frame.block.append(Check(at, predicate(Op.LT, [index, length(owner)], at), "no such element"))
    before = Expr(Op.SLICE, owner.type, (owner, number(0, at), index), at)
    next_ = Expr(Op.ADD, add(index.type, Int(1, 1)), (index, number(1, at)), at)
    after = Expr(Op.SLICE, owner.type, (owner, next_, length(owner)), at)
    with_value = Expr(Op.APPEND, owner.type, (before, found), at)
    return Expr(Op.CONCAT, owner.type, (with_value, after), at)
