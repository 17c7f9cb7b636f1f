"""Assignments: plain, annotated, augmented, to several targets; `del` of parts of a list."""

import ast
from functools import partial, reduce
from typing import Annotated, get_args, get_origin

from planespec.checker.front.core.building import local, number
from planespec.checker.front.core.narrowing import facts_of_value, roots
from planespec.checker.front.core.scope import Frame, Inline, Local
from planespec.checker.front.core.type_relations import Never, is_mutable, most_elements
from planespec.checker.front.dispatch import unwrap, value
from planespec.checker.front.expressions.arithmetic import combine
from planespec.checker.front.expressions.displays import position
from planespec.checker.front.expressions.tuples import stored_fills
from planespec.checker.front.expressions.unpacking import distributed
from planespec.checker.front.list_values import as_list, with_part
from planespec.checker.front.statements import performs
from planespec.checker.front.statements.effects import value_or_effect
from planespec.checker.front.statements.list_changes import around, place_in, without
from planespec.checker.front.statements.local_parts import delete_from_local, store_part
from planespec.checker.front.statements.mutators import IN_PLACE, in_place
from planespec.checker.front.statements.places import (
    annotate,
    grow,
    is_local_path,
    learn,
    note_elements,
    place_of,
    root,
    settle,
    store,
    store_local,
    target,
)
from planespec.checker.ir import ranges
from planespec.checker.ir.nodes import Check, Expr, Op
from planespec.checker.ir.types import Array, Int, Seq, Set

Term = tuple[ast.operator, ast.expr]
"""One part of a sum: the operator before it, and the part."""


@performs(ast.Assign)
def assignment(frame: Frame, node: ast.Assign) -> bool:
    """`target = value`."""
    to = node.targets[0]
    if len(node.targets) != 1:
        chained(frame, node)
    elif isinstance(to, ast.Tuple | ast.List):
        unpacked(frame, node, to)
    else:
        assign(frame, node, to, node.value)
    return False


@performs(ast.AnnAssign)
def annotated(frame: Frame, node: ast.AnnAssign) -> bool:
    """`x: Term = 0` gives a local a type."""
    if node.value is None or not isinstance(node.target, ast.Name):
        raise frame.refusal(node, "only a local with a value takes a type", "x: Term = 0")
    function = frame.source.function
    names = {**frame.globals, **frame.closure, **frame.program.facts.names}
    code = compile(ast.Expression(node.annotation), function.__code__.co_filename, "eval")
    try:
        hint = eval(code, names)
    except Exception as error:
        raise frame.refusal(
            node.annotation, f"this type cannot be read: {error}", "a type of the language"
        ) from None
    name = target(frame, node.target.id)
    if not is_imprecise(hint):
        annotate(frame, node, name, frame.program.facts.resolve(hint))
    assign(frame, node, node.target, node.value)
    return False


def is_imprecise(hint: object) -> bool:
    """Whether an annotation leaves a range or size open, so that the values tell the type.

    `int`, `int | None`, `list[Term]` and `dict[Node, int]` are for type checkers.
    """
    sized = get_origin(hint) in (list, dict) or hint in (list, dict, set, frozenset, tuple)
    open_ = hint is int or isinstance(hint, str) or sized
    return open_ or any(map(is_imprecise, get_args(hint) if not is_annotated(hint) else ()))


def is_annotated(hint: object) -> bool:
    """Whether a hint says its range or size: `Annotated[int, Range(0, 3)]`."""
    return get_origin(hint) is Annotated


def assign(frame: Frame, node: ast.stmt, to: ast.expr, given: ast.expr) -> None:
    """Store to a local, a part of a local or a place in the state."""
    if isinstance(to, ast.Name):
        _assign_local(frame, node, to, given)
    elif isinstance(to, ast.Subscript) and isinstance(to.slice, ast.Slice):
        _assign_slice(frame, node, to, value_or_effect(frame, given))
    elif is_local_path(frame, to):
        store_part(frame, node, to, value_or_effect(frame, given))
    else:
        frame.stored |= stored_fills(given)
        found = value_or_effect(frame, given)
        store(frame, node, place_of(frame, to), found)
        frame.narrowed = {**frame.narrowed, **facts_of_value(to, found)}


def _assign_slice(frame: Frame, node: ast.stmt, to: ast.Subscript, found: Expr) -> None:
    """`xs[i:j] = ys` of the state, or of a local by its own name."""
    if is_local_path(frame, to):
        store_part(frame, node, to, found)
        return
    place = place_of(frame, to.value)
    store(frame, node, place, with_part(frame, node, to, place, as_list(frame, node, found)))


def _assign_local(frame: Frame, node: ast.stmt, to: ast.Name, given: ast.expr) -> None:
    if _is_self(frame, to):
        raise frame.refusal(node, f"{to.id} cannot be assigned", "another name")
    terms = _terms(given, to.id)
    if terms and _accumulates(frame, to):
        accumulate(frame, node, to, terms)
        return
    found = value_or_effect(frame, given, to.id)
    name = target(frame, to.id)
    frame.forget(to.id)
    frame.block.append(store_local(frame, node, name, found))
    frame.narrowed = {**frame.narrowed, **facts_of_value(to, found)}


def _is_self(frame: Frame, to: ast.Name) -> bool:
    binding = frame.names.get(to.id)
    return binding is not None and not isinstance(binding, Local)


def _accumulates(frame: Frame, to: ast.Name) -> bool:
    binding = frame.names.get(to.id)
    return isinstance(binding, Local) and binding.name in frame.assigned


@performs(ast.AugAssign)
def augmented(frame: Frame, node: ast.AugAssign) -> bool:
    """`target += value` and the like."""
    if isinstance(node.target, ast.Name):
        accumulate(frame, node, node.target, [(node.op, node.value)])
        return False
    if is_local_path(frame, node.target):
        left = unwrap(value(frame, node.target))
        right = unwrap(value_or_effect(frame, node.value))
        made = combine(frame, node, node.op, left, right)
        if is_mutable(left.type):
            frame.deep.append((_local_of(frame, node.target), node))
        store_part(frame, node, node.target, made, _step(node.op, right))
        return False
    place = place_of(frame, node.target)
    if isinstance(place.type, Array):
        raise frame.refusal(
            node, "no operator changes an Array in place", "self.xs = self.xs | {key: value}"
        )
    right = unwrap(value_or_effect(frame, node.value))
    if type(node.op) in IN_PLACE.get(type(place.type), {}):
        in_place(frame, node, place, IN_PLACE[type(place.type)][type(node.op)], right)
    else:
        store(frame, node, place, combine(frame, node, node.op, unwrap(place), right))
    return False


def _local_of(frame: Frame, to: ast.expr) -> str:
    """The IR name of the local in which a place is."""
    start = root(to)
    assert isinstance(start, ast.Name)
    binding = frame.names[start.id]
    assert isinstance(binding, Local)
    return binding.name


def _step(operator: ast.operator, right: Expr) -> Int | None:
    """The range of what one `+=` or `-=` adds; None for other operators."""
    if isinstance(operator, ast.Add | ast.Sub) and isinstance(right.type, Int):
        return right.type if isinstance(operator, ast.Add) else ranges.negate(right.type)
    return None


def _terms(node: ast.expr, name: str) -> list[Term]:
    """What `x + a - b` adds to `x`, in order; empty where it is no such sum."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub)):
        return []
    if isinstance(node.left, ast.Name) and node.left.id == name:
        return [(node.op, node.right)]
    before = _terms(node.left, name)
    return [*before, (node.op, node.right)] if before else []


def accumulate(frame: Frame, node: ast.stmt, to: ast.Name, terms: list[Term]) -> None:
    """`x += e`: in a loop the local has room for as many additions as the loop has rounds."""
    result = unwrap(value(frame, ast.copy_location(ast.Name(to.id, ast.Load()), to)))
    steps: list[Int] = []
    elements = 0
    for operator, given in terms:
        right = unwrap(value_or_effect(frame, given))
        result = combine(frame, node, operator, result, right)
        step = _step(operator, right)
        steps += [step] if step is not None else []
        grows = isinstance(operator, ast.Add | ast.BitOr)
        elements += most_elements(right.type) if grows else 0
    name = target(frame, to.id)
    frame.forget(to.id)
    if isinstance(result.type, Never):
        return
    if result.args:
        note_elements(frame, node, name, result.args[-1])
    if isinstance(result.type, Int) and len(steps) == len(terms):
        grow(frame, name, Never(), reduce(ranges.add, steps))
        frame.block.append(settle(frame, node, name, result))
    elif isinstance(result.type, Set | Seq) and elements:
        grow(frame, name, _empty(result), elements=elements)
        frame.block.append(settle(frame, node, name, result))
    else:
        frame.block.append(store_local(frame, node, name, result))


def _empty(result: Expr) -> Seq | Set:
    """The type of the result without the room for what was added."""
    if isinstance(result.type, Seq):
        return Seq(result.type.element, 0)
    assert isinstance(result.type, Set)
    full = result.type.capacity is None
    return Set(result.type.element, None if full else 0)


@performs(ast.Delete)
def deletion(frame: Frame, node: ast.Delete) -> bool:
    """`del self.xs[i:]`, `del self.xs[:i]`, `del xs[i]`; several from left to right."""
    for to in node.targets:
        if not isinstance(to, ast.Subscript):
            raise frame.refusal(node, "only elements of a list are deleted", "del self.xs[i:]")
        _delete(frame, node, to)
    return False


def _delete(frame: Frame, node: ast.Delete, to: ast.Subscript) -> None:
    if is_local_path(frame, to):
        delete_from_local(frame, node, to, partial(_without, frame, node))
        return
    place = place_of(frame, to.value)
    if not isinstance(place.type, Seq):
        raise frame.refusal(node, f"elements of {place.type} cannot be deleted", "del self.xs[i:]")
    store(frame, node, place, _without(frame, node, place, to.slice))


def _without(frame: Frame, node: ast.Delete, place: Expr, part: ast.expr) -> Expr:
    at, zero = frame.at(node), number(0, frame.at(node))
    if not isinstance(part, ast.Slice):
        index = place_in(frame, node, place, position(frame, part), "del of no element")
        return without(frame, node, place, index)
    if part.step is not None:
        raise frame.refusal(part, "this slice cannot be deleted", "del self.xs[i:j]")
    if part.upper is None and part.lower is not None:
        return Expr(Op.SLICE, place.type, (place, zero, position(frame, part.lower)), at)
    return around(frame, node, place, part, [])


# Assignments to several targets: `a, b = b, a`, `k, v = pair`, `x = y = 0`.


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
        bound
        for inner, given_value in pairs
        for bound in distributed(frame, node, inner, given_value, checks)
    ]
    frame.block.extend(checks)
    for inner, given_value in found:
        give(frame, node, inner, given_value)


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
        for inner, given_value in pairs:
            give(frame, node, inner, given_value)


def give(frame: Frame, node: ast.stmt, to: ast.expr, found: Expr) -> None:
    """Store a value that is computed already."""

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
