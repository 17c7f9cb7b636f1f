"""Changes of a list at a place: insert, remove, pop(i), reverse, sort."""

import ast

from planespec.checker.front.core.building import (
    constant,
    convert,
    fold,
    length,
    local,
    number,
    predicate,
)
from planespec.checker.front.core.failing import once_computed
from planespec.checker.front.core.scope import Frame
from planespec.checker.front.core.type_relations import Never, count
from planespec.checker.front.dispatch import as_integer, coerce, evaluate, integer, unwrap, value
from planespec.checker.front.expressions.arithmetic import combine
from planespec.checker.front.expressions.comparisons import fitting, fitting_beside
from planespec.checker.front.expressions.comprehensions import walked
from planespec.checker.front.expressions.displays import clamped
from planespec.checker.front.expressions.picking import in_order
from planespec.checker.front.expressions.rows import listed, row_of_value, turned_row
from planespec.checker.front.expressions.scalars import arguments
from planespec.checker.front.statements.places import store_local
from planespec.checker.ir import ranges
from planespec.checker.ir.nodes import Check, Expr, Generator, Op, Reduction
from planespec.checker.ir.types import Bag, Int, Seq, Span, Tuple


def first_place(
    frame: Frame,
    node: ast.AST,
    owner: Expr,
    fitted: Expr,
    guard: list[Expr],
    low: Expr | None = None,
) -> Expr:
    """The first place at which an element is; nowhere is a model error."""
    assert isinstance(owner.type, Seq)
    at, name = frame.at(node), frame.fresh("place")
    range_ = Int(0, max(0, owner.type.capacity - 1))
    index = local(name, range_, at)
    here = Expr(Op.AT, owner.type.element, (owner, index), at)
    same = predicate(Op.EQ, [here, fitted], at)
    start = number(0, at) if low is None else low
    walk = Expr(Op.RANGE, Span(range_), (start, length(owner)), at)
    generator = Generator(name, range_, walk, (*guard, same))
    return fold(Reduction.MIN, range_, (generator,), index, at)


def index_call(frame: Frame, node: ast.Call, owner: Expr) -> Expr:
    """`xs.index(x)` and `xs.index(x, start)`."""
    assert isinstance(owner.type, Seq)
    if not 1 <= len(node.args) <= 2 or node.keywords:
        raise frame.refusal(node, "index takes an element", "xs.index(x)")
    guard, fitted = fitting(frame, node, value(frame, node.args[0]), owner.type.element)
    low = None
    if len(node.args) == 2:
        low = as_integer(frame, node, value(frame, node.args[1]))
        if not isinstance(low.type, Int) or low.type.low is None or low.type.low < 0:
            raise frame.refusal(node, "this start may be negative", "a start of at least 0")
    return first_place(frame, node, owner, fitted, guard, low)


def size_of(frame: Frame, node: ast.Call) -> Expr:
    """`len(xs)` of anything that can be walked, and of a tuple."""
    (argument,) = arguments(frame, node, 1, 1, "len(xs)")
    size = _parts_of_tuple(frame, node, argument)
    if size is not None:
        return size
    found = walked(frame, argument, counted=True)
    if isinstance(found.type, Span):
        if found.op is Op.DOMAIN:
            return number(count(found.type.element), found.at)
        return row_of_value(frame, node, found).length
    if isinstance(found.type, Seq) and isinstance(found.type.element, Never):
        return number(0, found.at)
    return length(found)


def _parts_of_tuple(frame: Frame, node: ast.Call, argument: ast.expr) -> Expr | None:
    """How many parts a tuple has, which is known; None for anything else."""
    if not isinstance(argument, ast.Tuple | ast.Name | ast.Attribute | ast.Subscript):
        return None
    found = evaluate(frame, argument)
    plain = unwrap(found) if isinstance(found, Expr) else None
    if plain is None or not isinstance(plain.type, Tuple):
        return None
    return once_computed([plain], number(len(plain.type.fields), frame.at(node)))


def copies(frame: Frame, node: ast.Call, owner: Expr, item: Expr) -> Expr:
    """How often an element is in a list or Bag."""
    assert isinstance(owner.type, Bag | Seq)
    type_ = Int(0, owner.type.capacity)
    zero = constant(0, type_, frame.at(node))
    if isinstance(owner.type.element, Never):
        return once_computed([item], zero)
    guard, fitted = fitting_beside(frame, node, item, owner, owner.type.element)
    found = Expr(Op.COUNT, type_, (owner, fitted), zero.at)
    for condition in reversed(guard):
        found = Expr(Op.IF, type_, (condition, found, zero), zero.at)
    return found


PLACED = ("insert", "remove", "reverse", "sort")


def part(owner: Expr, low: Expr, high: Expr) -> Expr:
    """`xs[low:high]`."""
    return Expr(Op.SLICE, owner.type, (owner, low, high), owner.at)


def joined(owner: Expr, *parts: Expr) -> Expr:
    """Sequences one after another, of the type of the list."""
    made = parts[0]
    for more in parts[1:]:
        made = Expr(Op.CONCAT, owner.type, (made, more), owner.at)
    return made


def kept(frame: Frame, node: ast.AST, found: Expr, name: str) -> Expr:
    """A value in a local of its own."""
    hidden = frame.fresh(name)
    frame.block.append(store_local(frame, node, hidden, found))
    return local(hidden, frame.estimate(hidden) or found.type, found.at)


def placed(frame: Frame, node: ast.Call, owner: Expr, method: str, args: list[Expr]) -> Expr:
    """The list after a change of `PLACED`."""
    assert isinstance(owner.type, Seq)
    wanted = {"insert": 2, "remove": 1}.get(method, 0)
    if len(args) != wanted:
        example = {"insert": "xs.insert(i, x)", "remove": "xs.remove(x)"}.get(
            method, f"{method}()"
        )
        raise frame.refusal(node, f"{method} takes {wanted} values", example)
    if method == "insert":
        return _inserted(frame, node, owner, *args)
    if method == "remove":
        return _removed(frame, node, owner, args[0])
    if method == "reverse":
        made = listed(frame, node, turned_row(frame, node, row_of_value(frame, node, owner)))
    else:
        assert isinstance(node.func, ast.Attribute)
        made = in_order(frame, node, node.func.value, node.keywords)
    return convert(made, owner.type)


def _inserted(frame: Frame, node: ast.Call, owner: Expr, index: Expr, item: Expr) -> Expr:
    """As two slices around the element: they end where the list ends, as `insert` does."""
    assert isinstance(owner.type, Seq)
    at = frame.at(node)
    place = as_integer(frame, node, index)
    fitted = coerce(frame, node, item, owner.type.element)
    before = Expr(Op.APPEND, owner.type, (part(owner, number(0, at), place), fitted), at)
    return joined(owner, before, part(owner, place, length(owner)))


def _removed(frame: Frame, node: ast.Call, owner: Expr, item: Expr) -> Expr:
    assert isinstance(owner.type, Seq)
    at = frame.at(node)
    guard, fitted = fitting(frame, node, item, owner.type.element)
    inside = predicate(Op.IN, [fitted, owner], at)
    for condition in (*guard, inside):
        frame.block.append(Check(at, condition, "remove of an absent element"))
    place = kept(frame, node, first_place(frame, node, owner, fitted, []), "place")
    return without(frame, node, owner, place)


def without(frame: Frame, node: ast.AST, owner: Expr, place: Expr) -> Expr:
    """The list without the element at a place that it has, counted from the front."""
    at = frame.at(node)
    rest = combine(frame, node, ast.Add(), place, number(1, at))
    return joined(owner, part(owner, number(0, at), place), part(owner, rest, length(owner)))


def place_in(frame: Frame, node: ast.AST, owner: Expr, index: Expr, message: str) -> Expr:
    """An index counted from the front, in a local; one that the list has not is a model error."""
    assert isinstance(owner.type, Seq)
    at, size = frame.at(node), length(owner)
    index = as_integer(frame, node, index)
    if not isinstance(index.type, Int):
        return index
    least = Expr(Op.NEG, Int(-owner.type.capacity, 0), (size,), at)
    for test in ([least, index], [index, size]):
        op = Op.LE if test[0] is least else Op.LT
        frame.block.append(Check(at, predicate(op, test, at), message))
    room = Int(0, max(0, owner.type.capacity - 1))
    if index.type.low is not None and index.type.low >= 0:
        return kept(frame, node, convert(index, room), "place")
    from_end = convert(combine(frame, node, ast.Add(), index, size), room)
    if index.op is Op.CONST:
        return kept(frame, node, from_end, "place")
    negative = predicate(Op.LT, [index, number(0, at)], at)
    both = Expr(Op.IF, room, (negative, from_end, convert(index, room)), at)
    return kept(frame, node, both, "place")


def around(
    frame: Frame, node: ast.AST, owner: Expr, part_: ast.Slice, between: list[Expr]
) -> Expr:
    """What stands before a slice, then `between`, then what stands after it."""
    at, size = frame.at(node), length(owner)
    ends = [
        default if end is None else clamped(frame, node, integer(frame, end), size)
        for end, default in zip((part_.lower, part_.upper), (number(0, at), size), strict=True)
    ]
    types = [end.type for end in ends if isinstance(end.type, Int)]
    last = Expr(Op.MAX, ranges.greatest(*types), tuple(ends), at)
    before, after = part(owner, number(0, at), ends[0]), part(owner, last, size)
    return joined(owner, before, *between, after)
