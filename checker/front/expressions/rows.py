"""What is walked by position: enumerate, zip, items, reversed, ranges with a step.

A *row* is something with a length whose elements are known by their number; an element may be a
group of parts, so that `for i, (k, v) in enumerate(xs.items())` needs no tuples.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Union

from planespec.checker.front.core.building import constant, convert, domain, fold, local, number
from planespec.checker.front.core.integers import like
from planespec.checker.front.core.narrowing import roots
from planespec.checker.front.core.scope import Frame, Values
from planespec.checker.front.core.type_relations import Never, count, is_mutable
from planespec.checker.front.dispatch import as_value, evaluate, integer, unwrap, value
from planespec.checker.front.expressions.arithmetic import combine
from planespec.checker.front.expressions.strict_zips import checked_length, is_whole
from planespec.checker.front.expressions.tuples import as_row, tuple_value
from planespec.checker.front.statements.places import learn, settle
from planespec.checker.ir import ranges
from planespec.checker.ir.nodes import Expr, Generator, Op, Reduction
from planespec.checker.ir.types import (
    Array,
    Bag,
    Bool,
    Enum,
    Grid,
    Int,
    Seq,
    Set,
    Sort,
    Span,
    Type,
)

Part = Union[Expr, "Group"]


@dataclass(frozen=True)
class Group:
    """Several values that are walked together."""

    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Row:
    """A length and what stands at a number below it.

    `shared` are the variables that may not change while a loop walks it, `live` those whose
    elements may.
    """

    length: Expr
    at: Callable[[Expr], Part]
    shared: frozenset[str] = frozenset()
    live: frozenset[str] = frozenset()


CALLS = ("enumerate", "zip", "reversed")
METHODS = ("items",)


def is_row_call(node: ast.expr) -> bool:
    """Whether an expression is one of the calls that make rows."""
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in CALLS:
            return True
        case ast.Call(func=ast.Attribute(attr="items"), args=[], keywords=[]):
            return True
        case ast.Call(func=ast.Name(id="range"), args=[_, _, _]):
            return True
    return False


def row_of_call(frame: Frame, node: ast.expr) -> Row:
    """The row that a call of `is_row_call` makes."""
    match node:
        case ast.Call(func=ast.Name(id="enumerate")):
            return _enumerated(frame, node)
        case ast.Call(func=ast.Name(id="zip")):
            return _zipped(frame, node)
        case ast.Call(func=ast.Name(id="reversed"), args=[given], keywords=[]):
            return _reversed(frame, node, given)
        case ast.Call(func=ast.Name(id="range"), args=[low, high, step], keywords=[]):
            return stepped_row(frame, node, *(integer(frame, a) for a in (low, high, step)))
        case ast.Call(func=ast.Attribute(value=owner)):
            return _items(frame, node, unwrap(value(frame, owner)))
    raise frame.refusal(node, "these arguments are not part of the language", "reversed(xs)")


def row_of_walk(frame: Frame, node: ast.expr) -> Row:
    """Anything that can be walked, by position; sets and bags have no certain order."""
    if is_row_call(node):
        return row_of_call(frame, node)
    from planespec.checker.front.expressions.comprehensions import walked

    found = walked(frame, node)
    if isinstance(found.type, Set | Bag):
        raise frame.refusal(
            node, f"the elements of {found.type} have no certain order", "sorted(...) around it"
        )
    return row_of_value(frame, node, found)


def row_of_value(frame: Frame, node: ast.AST, found: Expr) -> Row:
    """A sequence, array, range or domain by position."""
    at = found.at
    if found.op is Op.RANGE:
        low, high = found.args
        return stepped_row(frame, node, low, high, number(1, at))
    shared, live = variables(frame, found)
    found = fixed(frame, node, found)
    match found.type:
        case Span(element):
            return Row(number(count(element), at), lambda i: _member(frame, node, element, i))
        case Array(key, item):
            return Row(
                number(count(key), at),
                lambda i: Expr(Op.INDEX, item, (found, _member(frame, node, key, i)), at),
                shared,
                live,
            )
        case Seq(element, capacity):
            size = Expr(Op.LEN, Int(0, capacity), (found,), at)
            return Row(size, lambda i: Expr(Op.AT, element, (found, i), at), shared, live)
    raise frame.refusal(node, f"{found.type} is not walked by position", "a list or a domain")


def is_live(found: Expr) -> bool:
    """Whether a loop sees the elements of a collection as they are in each round."""
    while found.op in (Op.INDEX, Op.AT) and found.args[1].op is Op.CONST:
        found = found.args[0]
    return found.op is Op.STATE


def variables(frame: Frame, found: Expr) -> tuple[frozenset[str], frozenset[str]]:
    """The variables that may not change while a value is walked, and those that may in part."""
    shared, none = roots(frame, found), frozenset[str]()
    return (none, shared) if is_live(found) else (shared, none)


def fixed(frame: Frame, node: ast.AST, found: Expr) -> Expr:
    """A value as it is before a loop, unless CPython looks at it in each round."""
    if not frame.fixing or found.op in (Op.CONST, Op.DOMAIN, Op.TABLE):
        return found
    if is_mutable(found.type) and is_live(found):
        return found
    name = frame.fresh("walked")
    learn(frame, name, found.type, node)
    frame.block.append(settle(frame, node, name, found))
    return local(name, frame.estimate(name) or found.type, found.at)


def _member(frame: Frame, node: ast.AST, type_: Type, index: Expr) -> Expr:
    """The value of a finite type with a number."""
    at = index.at
    match type_:
        case Sort(name, symmetric=True):
            raise frame.refusal(
                node,
                f"{name} is symmetric: its elements have no numbers",
                f"a walk over the domain alone, or sort(..., symmetric=False) for {name}",
            )
        case Int(int(low)):
            moved = combine(frame, node, ast.Add(), index, number(low, at))
            return convert(moved, type_)
        case Enum(_, members):
            key = Int(0, len(members) - 1)
            table = tuple(constant(n, type_, at) for n in range(len(members)))
            array = Expr(Op.ARRAY, Array(key, type_), table, at)
            return Expr(Op.INDEX, type_, (array, convert(index, key)), at)
        case Bool() | Sort():
            return like(frame, index, type_)
    raise frame.refusal(node, f"{type_} is not walked by position", "a list or a domain")


def _items(frame: Frame, node: ast.expr, owner: Expr) -> Row:
    if not isinstance(owner.type, Array):
        raise frame.refusal(node, f"{owner.type} has no items", "an Array: for k, v in xs.items()")
    if isinstance(owner.type, Grid):
        from planespec.checker.front.expressions.grid_walks import GridWalk

        return row_of_value(frame, node, GridWalk(owner, "items").listed(frame, node))
    if isinstance(owner.type.key, Never):
        raise frame.refusal(node, "the keys of this array are not known", "an annotation")
    shared, live = variables(frame, owner)
    owner = fixed(frame, node, owner)
    assert isinstance(owner.type, Array)
    key, item, at = owner.type.key, owner.type.value, frame.at(node)

    def pair(index: Expr) -> Part:
        name = _member(frame, node, key, index)
        return Group((name, Expr(Op.INDEX, item, (owner, name), at)))

    return Row(number(count(key), at), pair, shared, live)


def pair_of_key(owner: Expr, key: Expr) -> Part:
    """What `items` yields for a key."""
    assert isinstance(owner.type, Array)
    return Group((key, Expr(Op.INDEX, owner.type.value, (owner, key), key.at)))


def _enumerated(frame: Frame, node: ast.Call) -> Row:
    start = [*node.args[1:], *(k.value for k in node.keywords if k.arg == "start")]
    if not node.args or len(start) > 1 or len(node.args) + len(node.keywords) != 1 + len(start):
        raise frame.refusal(node, "enumerate takes one collection", "enumerate(xs, start)")
    row = row_of_walk(frame, node.args[0])
    first = number(0, frame.at(node))
    if start:
        first = fixed(frame, node, integer(frame, start[0]))

    def part(index: Expr) -> Part:
        return Group((combine(frame, node, ast.Add(), index, first), row.at(index)))

    return Row(row.length, part, row.shared, row.live)


def _zipped(frame: Frame, node: ast.Call) -> Row:
    """The shortest ends a zip, as in CPython; with `strict=True` all are equally long."""
    whole = is_whole(node)
    strict = [k for k in node.keywords if not _is_false(k)]
    if (
        (strict and not whole)
        or not node.args
        or any(isinstance(a, ast.Starred) for a in node.args)
    ):
        raise frame.refusal(
            node, "zip takes collections by place", "zip(xs, ys), after assert len(xs) == len(ys)"
        )
    rows = [row_of_walk(frame, a) for a in node.args]
    lengths = tuple(r.length for r in rows)
    types = [x.type for x in lengths if isinstance(x.type, Int)]
    shortest = lengths[0]
    if len(rows) > 1:
        shortest = Expr(Op.MIN, ranges.least(*types), lengths, frame.at(node))
    if whole:
        shortest = checked_length(frame, node, shortest)
    shared = frozenset[str]().union(*(r.shared for r in rows))
    live = frozenset[str]().union(*(r.live for r in rows))
    return Row(shortest, lambda i: Group(tuple(r.at(i) for r in rows)), shared, live)


def _is_false(keyword: ast.keyword) -> bool:
    return (
        keyword.arg == "strict"
        and isinstance(keyword.value, ast.Constant)
        and keyword.value.value is False
    )


def _reversed(frame: Frame, node: ast.Call, given: ast.expr) -> Row:
    return turned_row(frame, node, row_of_walk(frame, given))


def turned_row(frame: Frame, node: ast.AST, row: Row) -> Row:
    """The same elements from the last to the first."""

    def part(index: Expr) -> Part:
        from_end = combine(frame, node, ast.Sub(), row.length, index)
        at = combine(frame, node, ast.Sub(), from_end, number(1, index.at))
        assert isinstance(row.length.type, Int)
        return row.at(convert(at, Int(0, max(0, row.length.type.bounds[1] - 1))))

    return Row(row.length, part, row.shared, row.live)


def stepped_row(frame: Frame, node: ast.AST, low: Expr, high: Expr, step: Expr) -> Row:
    """`range(low, high, step)`; a step of 0 is a model error, as in CPython."""
    at = frame.at(node)
    if not all(isinstance(x.type, Int) for x in (low, high, step)):
        return Row(number(0, at), lambda i: i)
    assert isinstance(step.type, Int)
    for end in (low, high, step):
        if isinstance(end.type, Int) and not end.type.is_bounded:
            raise frame.refusal(node, "this range has no bound", "numbers with a Range")
    low, high, step = (fixed(frame, node, x) for x in (low, high, step))
    assert isinstance(step.type, Int)
    least, most = step.type.bounds
    if least < 0 < most or least == most == 0:
        raise frame.refusal(node, "this step may go either way", "a step of one sign")
    distance, size = ((high, low), step) if most > 0 else ((low, high), _turned(step))
    room = combine(frame, node, ast.Sub(), *distance)
    whole = combine(
        frame, node, ast.Sub(), combine(frame, node, ast.Add(), room, size), number(1, at)
    )
    rounds = combine(frame, node, ast.FloorDiv(), whole, size)
    assert isinstance(rounds.type, Int)
    range_ = ranges.greatest(rounds.type, Int(0, 0))
    length = Expr(Op.MAX, range_, (rounds, number(0, at)), at)

    def part(index: Expr) -> Part:
        return combine(frame, node, ast.Add(), low, combine(frame, node, ast.Mult(), index, step))

    return Row(length, part)


def _turned(step: Expr) -> Expr:
    assert isinstance(step.type, Int)
    if step.op is Op.CONST:
        return number(-step.arg, step.at)
    return Expr(Op.NEG, ranges.negate(step.type), (step,), step.at)


def places(row: Row) -> Expr:
    """The numbers of the elements of a row, as what a loop walks."""
    at = row.length.at
    assert isinstance(row.length.type, Int)
    most = max(0, row.length.type.bounds[1] - 1)
    return Expr(Op.RANGE, Span(Int(0, most)), (number(0, at), row.length), at)


def as_one(part: Part, frame: Frame, node: ast.AST) -> Expr:
    """An element as one value: groups are tuples."""
    if isinstance(part, Expr):
        return part
    return tuple_value([as_one(p, frame, node) for p in part.parts], frame.at(node))


def listed(frame: Frame, node: ast.AST, row: Row) -> Expr:
    """The sequence of the elements of a row."""
    walk = places(row)
    assert isinstance(walk.type, Span)
    name = frame.fresh("place")
    index = local(name, walk.type.element, walk.at)
    body = as_one(row.at(index), frame, node)
    assert isinstance(row.length.type, Int)
    type_ = Seq(body.type, max(0, row.length.type.bounds[1]))
    return fold(
        Reduction.SEQ, type_, (Generator(name, walk.type.element, walk),), body, frame.at(node)
    )


def owner_of_items(frame: Frame, node: ast.expr) -> Expr | None:
    """The Array of `xs.items()`; None for other expressions."""
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr="items"), args=[], keywords=[]):
            found = evaluate(frame, owner)
            if isinstance(found, Expr) and isinstance(unwrap(found).type, Array):
                return unwrap(found)
    return None


def keys_of(frame: Frame, node: ast.AST, owner: Expr) -> Expr:
    """The keys of an Array, as what a walk walks."""
    assert isinstance(owner.type, Array)
    if isinstance(owner.type.key, Never):
        raise frame.refusal(node, "the keys of this array are not known", "an annotation")
    return domain(owner.type.key, frame.at(node))


def values_of(frame: Frame, node: ast.expr) -> Expr:
    """The walk that a plain expression stands for, domains included."""
    found = evaluate(frame, node)
    if isinstance(found, Values):
        return domain(found.type, frame.at(node))
    return as_row(frame, node, found if isinstance(found, Expr) else as_value(frame, node, found))
