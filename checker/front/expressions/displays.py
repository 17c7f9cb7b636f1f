"""Literals of collections, subscripts and slices."""

import ast
from functools import reduce

from planespec.checker.front.core.building import convert, length, number, predicate, unknown
from planespec.checker.front.core.scope import Frame, Static, Values
from planespec.checker.front.core.type_relations import Never, set_of
from planespec.checker.front.dispatch import evaluate, handles, integer, unwrap, value
from planespec.checker.front.expressions.arithmetic import combine, common, concatenation
from planespec.checker.front.expressions.rows import Row, listed, stepped_row
from planespec.checker.front.expressions.tuples import (
    as_row,
    at_constant,
    narrow,
    path_of,
    some_parts,
)
from planespec.checker.front.map_updates import updated
from planespec.checker.front.tuple_keys import (
    array_written,
    index_of,
    key_number,
    key_numbers,
    under,
)
from planespec.checker.ir import ranges
from planespec.checker.ir.nodes import Expr, Op
from planespec.checker.ir.types import Array, Int, Seq, Sort, Span, Type


@handles(ast.Set)
def set_literal(frame: Frame, node: ast.Set) -> Expr:
    """`{a, b}`, and `{*xs, a}`: the union of a set and of what is written out."""
    stars = [item for item in node.elts if isinstance(item, ast.Starred)]
    if stars:
        return _with_members(frame, node, [item for item in node.elts if item not in stars], stars)
    elements, element = elements_of(frame, node, node.elts)
    return Expr(Op.SET, set_of(element, len(elements)), tuple(elements), frame.at(node))


def _with_members(
    frame: Frame, node: ast.Set, plain: list[ast.expr], stars: list[ast.Starred]
) -> Expr:
    from planespec.checker.front.expressions.arithmetic import set_operation
    from planespec.checker.front.expressions.comprehensions import walked
    from planespec.checker.front.expressions.scalars import to_set

    elements, element = elements_of(frame, node, plain)
    made = Expr(Op.SET, set_of(element, len(elements)), tuple(elements), frame.at(node))
    for item in stars:
        more = to_set(frame, item, walked(frame, item.value))
        made = set_operation(frame, node, Op.UNION, made, more)
    return made


@handles(ast.List)
def sequence_literal(frame: Frame, node: ast.List | ast.Tuple) -> Expr:
    """`[a, b]`, and `[*xs, a]`: one sequence after another."""
    if any(isinstance(item, ast.Starred) for item in node.elts):
        return _with_rows(frame, node)
    elements, element = elements_of(frame, node, node.elts)
    return Expr(Op.SEQ, Seq(element, len(elements)), tuple(elements), frame.at(node))


def _with_rows(frame: Frame, node: ast.List | ast.Tuple) -> Expr:
    from planespec.checker.front.expressions.comprehensions import walked
    from planespec.checker.front.expressions.scalars import to_seq

    made = Expr(Op.SEQ, Seq(Never(), 0), (), frame.at(node))
    for item in node.elts:
        if isinstance(item, ast.Starred):
            more = to_seq(frame, item, walked(frame, item.value))
        else:
            one = value(frame, item)
            more = Expr(Op.SEQ, Seq(one.type, 1), (one,), frame.at(item))
        made = concatenation(frame, node, made, more)
    return made


def elements_of(frame: Frame, node: ast.AST, items: list[ast.expr]) -> tuple[list[Expr], Type]:
    """The elements of a literal in their common type."""
    found = [value(frame, item) for item in items]
    element: Type = Never()
    for part in found:
        element = common(frame, node, element, part.type)
    return [convert(part, element) for part in found], element


@handles(ast.Dict)
def dict_literal(frame: Frame, node: ast.Dict) -> Expr:
    """`{Color.RED: 1, Color.BLUE: 2}`: a value for each key of a type, keys written out."""
    allowed = "each(value) or {k: value for k in domain}"
    if len(node.keys) > 1 and node.keys[0] is None and None not in node.keys[1:]:
        owner = unwrap(value(frame, node.values[0]))
        if isinstance(owner.type, Array):
            return updated(frame, node, owner, ast.Dict(node.keys[1:], node.values[1:]))
    if not node.keys or None in node.keys:
        raise frame.refusal(node, "a dict written out has no certain keys", allowed)
    keys = [value(frame, key) for key in node.keys if key is not None]
    items, item = elements_of(frame, node, node.values)
    return array_of(frame, node, keys, items, item)


def array_of(frame: Frame, node: ast.AST, keys: list[Expr], items: list[Expr], item: Type) -> Expr:
    """The array with these values under constant keys, one for each value of a type."""
    allowed = "each(value) or {k: value for k in domain}"
    key_type = reduce(lambda a, b: common(frame, node, a, b), (k.type for k in keys))
    known = {key_number(k): v for k, v in zip(keys, items, strict=True)}
    numbers = key_numbers(key_type)
    if numbers is None or None in known:
        raise frame.refusal(node, "the keys of a dict written out are constants", allowed)
    if set(known) != set(numbers):
        raise frame.refusal(node, f"this dict has not a value for each {key_type}", allowed)
    return array_written(key_type, [known[n] for n in numbers], item, frame.at(node))


@handles(ast.Subscript)
def subscript(frame: Frame, node: ast.Subscript) -> Expr | Static:
    """`array[key]`, `xs[i]`, `xs[a:b]`, `domain[i]`."""
    owner = evaluate(frame, node.value)
    if isinstance(owner, Values) and not isinstance(node.slice, ast.Slice):
        return _member(frame, node, owner.type)
    found = unwrap(value(frame, node.value))
    if isinstance(found.type, Span):
        from planespec.checker.front.expressions.scalars import to_seq

        found = to_seq(frame, node, found)
    if isinstance(node.slice, ast.Slice):
        return sliced(frame, node, found, node.slice)
    part = element(frame, node, found, node.slice)
    return narrow(frame, node, part) if path_of(node) in frame.narrowed else part


def element(frame: Frame, node: ast.AST, owner: Expr, key: ast.expr) -> Expr:
    """One element of an array or sequence."""
    at = frame.at(node)
    known = at_constant(frame, node, owner, key)
    if known is not None:
        return known
    owner = as_row(frame, node, owner)
    match owner.type:
        case Never():
            return unknown(at)
        case Array(Never(), item):
            raise frame.refusal(
                node, f"the keys of this array of {item} are not known", "an annotation"
            )
        case Array():
            return under(owner, index_of(frame, key, owner.type), at)
        case Seq(item, _):
            return Expr(Op.AT, item, (owner, position(frame, key)), at)
    raise frame.refusal(
        node, f"{owner.type} has no elements by position or key", "an Array or a list"
    )


def position(frame: Frame, key: ast.expr) -> Expr:
    """An index of a sequence."""
    index = integer(frame, key)
    return index if isinstance(index.type, Int) else number(0, index.at)


def sliced(frame: Frame, node: ast.AST, owner: Expr, part: ast.Slice) -> Expr:
    """`xs[low:high]` and `xs[low:high:step]`."""
    if isinstance(owner.type, Never):
        return unknown(frame.at(node))
    some = some_parts(frame, owner, part)
    if some is not None:
        return some
    owner = as_row(frame, node, owner)
    if part.step is not None and isinstance(owner.type, Seq) and not _is_one(part.step):
        return stepped_slice(frame, node, owner, part)
    if (part.step is not None and not _is_one(part.step)) or not isinstance(owner.type, Seq):
        raise frame.refusal(
            node, f"this slice of {owner.type} is not part of the language", "xs[a:b] on a list"
        )
    low = number(0, owner.at) if part.lower is None else position(frame, part.lower)
    high = length(owner) if part.upper is None else position(frame, part.upper)
    return Expr(Op.SLICE, owner.type, (owner, low, high), frame.at(node))


def _is_one(step: ast.expr) -> bool:
    return isinstance(step, ast.Constant) and step.value in (1, None)


def _member(frame: Frame, node: ast.Subscript, type_: Type) -> Expr:
    """`self.servers[i]`: the element with that number."""
    if not isinstance(type_, Sort):
        raise frame.refusal(
            node, f"{type_} has no elements by position", "for x in ... over its members"
        )
    return numbered(frame, node, integer(frame, node.slice), type_)


def numbered(frame: Frame, node: ast.AST, index: Expr, sort: Sort) -> Expr:
    """The element of an ordered sort with a number; a number without one is a model error."""
    if sort.symmetric:
        raise frame.refusal(
            node,
            f"{sort} is symmetric: its elements have no numbers",
            f"for x in the domain, or sort(..., symmetric=False) for {sort}",
        )
    if not isinstance(index.type, Int):
        return unknown(frame.at(node))
    return Expr(Op.CONVERT, sort, (index,), frame.at(node))


def stepped_slice(frame: Frame, node: ast.AST, owner: Expr, part: ast.Slice) -> Expr:
    """The elements from one end to the other, every so many of them."""
    assert part.step is not None
    assert isinstance(owner.type, Seq)
    step = integer(frame, part.step)
    if step.op is not Op.CONST or step.arg == 0:
        raise frame.refusal(part.step, "a step is a number other than 0", "xs[::2] or xs[::-1]")
    size, at = length(owner), frame.at(node)
    if step.arg > 0:
        ends = (number(0, at), size)
        defaults = ends
    else:
        last = combine(frame, node, ast.Sub(), size, number(1, at))
        ends = (number(-1, at), last)
        defaults = (last, number(-1, at))
    given = (part.lower, part.upper)
    low, high = (
        default if end is None else clamped(frame, node, integer(frame, end), size, ends)
        for end, default in zip(given, defaults, strict=True)
    )
    numbers = stepped_row(frame, node, low, high, step)
    room = Int(0, max(0, owner.type.capacity - 1))
    element = owner.type.element

    def part_at(index: Expr) -> Expr:
        place = numbers.at(index)
        assert isinstance(place, Expr)
        return Expr(Op.AT, element, (owner, convert(place, room)), at)

    assert isinstance(numbers.length.type, Int)
    shorter = Int(0, min(numbers.length.type.bounds[1], owner.type.capacity))
    return listed(frame, node, Row(convert(numbers.length, shorter), part_at))


def clamped(
    frame: Frame,
    node: ast.AST,
    end: Expr,
    size: Expr,
    limits: tuple[Expr, Expr] | None = None,
) -> Expr:
    """An end as CPython reads it: from the back where it is negative, and within the list."""
    if not isinstance(end.type, Int):
        return end
    at = frame.at(node)
    place = end
    if end.type.low is None or end.type.low < 0:
        back = combine(frame, node, ast.Add(), end, size)
        assert isinstance(back.type, Int)
        both = ranges.hull(back.type, end.type)
        negative = predicate(Op.LT, [end, number(0, at)], at)
        place = Expr(Op.IF, both, (negative, convert(back, both), convert(end, both)), at)
    low, high = limits or (number(0, at), size)
    least = Expr(Op.MIN, ranges.least(place.type, high.type), (place, high), at)  # type: ignore[arg-type]
    return Expr(Op.MAX, ranges.greatest(least.type, low.type), (least, low), at)  # type: ignore[arg-type]
