"""Literals of collections and subscripts."""

import ast
from functools import reduce

from planespec.checker.front.arithmetic import common, concatenation
from planespec.checker.front.build import convert, length, number, unknown
from planespec.checker.front.dispatch import coerce, evaluate, handles, integer, unwrap, value
from planespec.checker.front.fields import narrow, path_of
from planespec.checker.front.scope import Frame, Static, Values
from planespec.checker.front.shapes import Never, set_of
from planespec.checker.front.tuples import as_row, at_constant
from planespec.checker.ir.nodes import Expr, Op
from planespec.checker.ir.types import Array, Int, Seq, Sort, Span, Type, members


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
    from planespec.checker.front.arithmetic import set_operation
    from planespec.checker.front.conversions import to_set
    from planespec.checker.front.walks import walked

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
    from planespec.checker.front.conversions import to_seq
    from planespec.checker.front.walks import walked

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
    at, allowed = frame.at(node), "each(value) or {k: value for k in domain}"
    if not node.keys or None in node.keys:
        raise frame.refusal(node, "a dict written out has no certain keys", allowed)
    keys = [value(frame, key) for key in node.keys if key is not None]
    items, item = elements_of(frame, node, node.values)
    key_type = reduce(lambda a, b: common(frame, node, a, b), (k.type for k in keys))
    known = {_number_of(k): v for k, v in zip(keys, items, strict=True)}
    if not key_type.is_scalar or None in known:
        raise frame.refusal(node, "the keys of a dict written out are constants", allowed)
    if set(known) != set(members(key_type)):
        raise frame.refusal(node, f"this dict has not a value for each {key_type}", allowed)
    ordered = tuple(known[number] for number in members(key_type))
    return Expr(Op.ARRAY, Array(key_type, item), ordered, at)


def _number_of(key: Expr) -> int | None:
    """The number of a constant of a scalar type; None for what is no constant."""
    inner = key.args[0] if key.op is Op.CONVERT else key
    return int(inner.arg) if inner.op is Op.CONST and inner.arg is not None else None


@handles(ast.Subscript)
def subscript(frame: Frame, node: ast.Subscript) -> Expr | Static:
    """`array[key]`, `xs[i]`, `xs[a:b]`, `domain[i]`."""
    owner = evaluate(frame, node.value)
    if isinstance(owner, Values) and not isinstance(node.slice, ast.Slice):
        return _member(frame, node, owner.type)
    found = unwrap(value(frame, node.value))
    if isinstance(found.type, Span):
        from planespec.checker.front.conversions import to_seq

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
        case Array(key_type, item):
            index = coerce(frame, key, value(frame, key), key_type, "as a key")
            return Expr(Op.INDEX, item, (owner, index), at)
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
    owner = as_row(frame, node, owner)
    if part.step is not None and isinstance(owner.type, Seq) and not _is_one(part.step):
        from planespec.checker.front.slices import stepped_slice

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
