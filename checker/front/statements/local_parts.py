"""Stores to a part of a local: `counts[k] = v`, `xs[i] = v`."""

import ast
from collections.abc import Callable

from planespec.checker.front.core.building import convert, length, number, predicate
from planespec.checker.front.core.scope import Frame, Local
from planespec.checker.front.core.type_relations import Never, item_of, with_item
from planespec.checker.front.dispatch import integer, value
from planespec.checker.front.expressions.arithmetic import common
from planespec.checker.front.list_values import store_slice_of_local
from planespec.checker.front.map_updates import with_value
from planespec.checker.front.statements.list_changes import place_in
from planespec.checker.front.statements.mutators import _refuse_shared
from planespec.checker.front.statements.places import grow, learn, settle
from planespec.checker.front.tuple_keys import index_of
from planespec.checker.ir.nodes import Check, Expr, Op
from planespec.checker.ir.ranges import add
from planespec.checker.ir.types import Array, Int, Seq, Type


def store_part(
    frame: Frame, node: ast.stmt, to: ast.expr, found: Expr, step: Int | None = None
) -> None:
    """Give the local a new value that differs in one element, by `step` where it is known."""
    to, binding = _own_local(frame, node, to)
    owner = value(frame, to.value)
    if isinstance(to.slice, ast.Slice):
        store_slice_of_local(frame, node, to, owner, found)
        return
    made = _changed(frame, node, owner, to.slice, found, step is not None)
    if step is None:
        learn(frame, binding.name, _having(owner.type, found.type), node)
    else:
        grow(frame, binding.name, Never(), step)
    frame.block.append(settle(frame, node, binding.name, made))


def _own_local(frame: Frame, node: ast.stmt, to: ast.expr) -> tuple[ast.Subscript, Local]:
    """The local, made here and shared with nobody, of which a part is changed."""
    if not (isinstance(to, ast.Subscript) and isinstance(to.value, ast.Name)):
        allowed = "xs[i] = v, or self.x[k] = v"
        if isinstance(to, ast.Subscript) and isinstance(to.value, ast.Attribute):
            name = to.value.attr
            allowed = f"record = replace(record, {name}=record.{name} | {{key: value}})"
        raise frame.refusal(node, "only one element of a local can be stored", allowed)
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
    return to, binding


def delete_from_local(
    frame: Frame,
    node: ast.Delete,
    to: ast.expr,
    without: Callable[[Expr, ast.expr], Expr],
) -> None:
    """`del xs[i]` of a list that is made here."""
    to, binding = _own_local(frame, node, to)
    owner = value(frame, to.value)
    if not isinstance(owner.type, Seq):
        raise frame.refusal(node, f"elements of {owner.type} cannot be deleted", "del xs[i]")
    made = without(owner, to.slice)
    learn(frame, binding.name, made.type, node)
    frame.block.append(settle(frame, node, binding.name, made))


def _having(owner: Type, item: Type) -> Type:
    """What a store says of the type of a collection: that it may have such an element."""
    return with_item(owner, item) if isinstance(owner, Array) else Seq(item, 0)


def _changed(
    frame: Frame, node: ast.stmt, owner: Expr, key: ast.expr, found: Expr, grows: bool
) -> Expr:
    match owner.type:
        case Array():
            item = item_of(owner.type)
            element = item if grows else common(frame, node, item, found.type)
            index = index_of(frame, key, owner.type)
            return with_value(frame, node, owner, index, convert(found, element))
        case Seq(item, capacity):
            element = item if grows else common(frame, node, item, found.type)
            wide = convert(owner, Seq(element, capacity))
            return _sequence(frame, node, wide, integer(frame, key), convert(found, element))
    raise frame.refusal(node, f"elements of {owner.type} cannot be stored", "an Array or a list")


def _sequence(frame: Frame, node: ast.stmt, owner: Expr, index: Expr, found: Expr) -> Expr:
    """What stands before the index, the value, what stands after it."""
    at = frame.at(node)
    if not isinstance(index.type, Int) or index.type.low is None or index.type.low < 0:
        index = place_in(frame, node, owner, index, "no such element")
    else:
        inside = predicate(Op.LT, [index, length(owner)], at)
        frame.block.append(Check(at, inside, "no such element"))
    assert isinstance(index.type, Int)
    before = Expr(Op.SLICE, owner.type, (owner, number(0, at), index), at)
    next_ = Expr(Op.ADD, add(index.type, Int(1, 1)), (index, number(1, at)), at)
    after = Expr(Op.SLICE, owner.type, (owner, next_, length(owner)), at)
    with_value = Expr(Op.APPEND, owner.type, (before, found), at)
    return Expr(Op.CONCAT, owner.type, (with_value, after), at)
