"""Stores to a part of a local: `counts[k] = v`, `xs[i] = v`."""

import ast
from collections.abc import Callable

from planespec.checker.front.core.building import convert, length, number, predicate
from planespec.checker.front.core.scope import Frame, Local
from planespec.checker.front.core.type_relations import Never, element_of, item_of, with_item
from planespec.checker.front.dispatch import integer, unwrap, value
from planespec.checker.front.expressions.arithmetic import common
from planespec.checker.front.expressions.displays import element
from planespec.checker.front.list_values import store_slice_of_local
from planespec.checker.front.map_updates import with_value
from planespec.checker.front.statements.list_changes import place_in
from planespec.checker.front.statements.mutators import _refuse_shared
from planespec.checker.front.statements.places import grow, learn, note_elements, settle
from planespec.checker.front.tuple_keys import index_of
from planespec.checker.ir.nodes import Check, Expr, Op
from planespec.checker.ir.ranges import add
from planespec.checker.ir.types import Array, Int, Option, Seq, Type


def store_part(
    frame: Frame, node: ast.stmt, to: ast.expr, found: Expr, step: Int | None = None
) -> None:
    """Give the local a new value that differs in one element, by `step` where it is known."""
    keys, start, binding = _own_local(frame, node, to)
    owner = value(frame, start)
    if isinstance(keys[-1], ast.Slice) and len(keys) == 1:
        assert isinstance(to, ast.Subscript)
        store_slice_of_local(frame, node, to, owner, found)
        return
    if step is None:
        learn(frame, binding.name, _having(owner.type, len(keys), found.type), node)
    else:
        grow(frame, binding.name, Never(), step)
    _note_element(frame, node, binding.name, found)
    made = _rebuilt(frame, node, owner, keys, found, grows=step is not None)
    frame.block.append(settle(frame, node, binding.name, made))


def change_part(
    frame: Frame, node: ast.Call, to: ast.expr, found: Expr, added: tuple[Type, int] | None
) -> None:
    """The same where an element changes in place: by so many elements of a type, if known."""
    keys, start, binding = _own_local(frame, node, to)
    owner = value(frame, start)
    frame.deep.append((binding.name, node))
    frame.forget(start.id)
    if added is not None:
        type_, number_ = added
        learn(frame, binding.name, _having(owner.type, len(keys), type_), node)
        grow(frame, binding.name, Never(), elements=number_)
    made = _rebuilt(frame, node, owner, keys, found, grows=True)
    frame.block.append(settle(frame, node, binding.name, made))


def _note_element(frame: Frame, node: ast.AST, name: str, found: Expr) -> None:
    """Note what an element that is stored is a part of."""
    row = Expr(Op.SEQ, Seq(found.type, 1), (found,), found.at)
    note_elements(frame, node, name, row)


def _own_local(
    frame: Frame, node: ast.stmt | ast.expr, to: ast.expr
) -> tuple[list[ast.expr], ast.Name, Local]:
    """The keys, and the local, made here and shared with nobody, of which a part is changed."""
    keys: list[ast.expr] = []
    start = to
    while isinstance(start, ast.Subscript):
        keys.insert(0, start.slice)
        start = start.value
    inner = any(isinstance(key, ast.Slice) for key in keys[:-1] if len(keys) > 1)
    if not keys or inner or not isinstance(start, ast.Name):
        allowed = "xs[i] = v, or self.x[k] = v"
        if isinstance(start, ast.Attribute):
            name, new = start.attr, "value" if start is to else "record.{0} | {{key: value}}"
            allowed = f"record = replace(record, {name}={new.format(name)})"
        raise frame.refusal(node, "only one element of a local can be stored", allowed)
    binding = frame.names[start.id]
    assert isinstance(binding, Local)
    if binding.type is not None:
        raise frame.refusal(
            node,
            f"{start.id} is not a local made here, so others may see the change",
            "a copy, or a store to self.x[k]",
        )
    _refuse_shared(frame, node, binding.name, start.id)
    if len(keys) > 1:
        frame.deep.append((binding.name, node))
    frame.changes.append((f"local {binding.name}", frame.clock, frame.loops, node))
    return keys, start, binding


def delete_from_local(
    frame: Frame,
    node: ast.Delete,
    to: ast.expr,
    without: Callable[[Expr, ast.expr], Expr],
) -> None:
    """`del xs[i]` of a list that is made here."""
    keys, start, binding = _own_local(frame, node, to)
    owner = value(frame, start)
    if len(keys) > 1:
        raise frame.refusal(node, "only elements of a local itself are deleted", "xs[a].pop(i)")
    if not isinstance(owner.type, Seq):
        raise frame.refusal(node, f"elements of {owner.type} cannot be deleted", "del xs[i]")
    made = without(owner, keys[0])
    learn(frame, binding.name, made.type, node)
    frame.block.append(settle(frame, node, binding.name, made))


def _having(owner: Type, depth: int, item: Type) -> Type:
    """What a store says of the type of a collection: that it may have such an element."""
    plain = owner.inner if isinstance(owner, Option) else owner
    if depth > 1:
        inner = element_of(plain)
        item = _having(Never() if inner is None else inner, depth - 1, item)
    return with_item(plain, item) if isinstance(plain, Array) else Seq(item, 0)


def _rebuilt(
    frame: Frame,
    node: ast.stmt | ast.expr,
    owner: Expr,
    keys: list[ast.expr],
    found: Expr,
    *,
    grows: bool,
) -> Expr:
    """A collection with another value under one key after the other."""
    owner, (key, *rest) = unwrap(owner), keys
    if isinstance(owner.type, Never):
        return owner
    if rest:
        inner = element(frame, node, owner, key)
        found = _rebuilt(frame, node, inner, rest, found, grows=grows)
    return _changed(frame, node, owner, key, found, grows)


def _changed(
    frame: Frame, node: ast.stmt | ast.expr, owner: Expr, key: ast.expr, found: Expr, grows: bool
) -> Expr:
    match owner.type:
        case Array():
            item = item_of(owner.type)
            wanted = item if grows else common(frame, node, item, found.type)
            index = index_of(frame, key, owner.type)
            return with_value(frame, node, owner, index, convert(found, wanted))
        case Seq(item, capacity):
            wanted = item if grows else common(frame, node, item, found.type)
            wide = convert(owner, Seq(wanted, capacity))
            return _sequence(frame, node, wide, integer(frame, key), convert(found, wanted))
    raise frame.refusal(node, f"elements of {owner.type} cannot be stored", "an Array or a list")


def _sequence(
    frame: Frame, node: ast.stmt | ast.expr, owner: Expr, index: Expr, found: Expr
) -> Expr:
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
