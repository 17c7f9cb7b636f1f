"""Operators: numbers, truth, sets, sequences, the conditional expression."""

import ast
from collections.abc import Callable

from planespec.checker.front.core.advice import described
from planespec.checker.front.core.building import (
    conjunction,
    convert,
    is_false,
    negation,
    number,
    predicate,
    unknown,
)
from planespec.checker.front.core.failing import once_computed
from planespec.checker.front.core.narrowing import narrowed_by
from planespec.checker.front.core.scope import Frame
from planespec.checker.front.core.type_relations import (
    MismatchError,
    Never,
    fits,
    join,
    most_elements,
    set_of,
)
from planespec.checker.front.dispatch import (
    as_integer,
    coerce,
    handles,
    integer,
    present,
    truth_value,
    value,
)
from planespec.checker.front.expressions.bits import whole
from planespec.checker.front.expressions.tuples import as_row, is_row, refuse_two_kinds
from planespec.checker.front.map_updates import updated
from planespec.checker.ir import ranges
from planespec.checker.ir.nodes import Expr, Op
from planespec.checker.ir.types import Array, Bag, Int, Seq, Set, Span, Tuple, Type

Rule = Callable[[Int, Int], Int]
NUMBERS: dict[type[ast.operator], tuple[Op, Rule]] = {
    ast.Add: (Op.ADD, ranges.add),
    ast.Sub: (Op.SUB, ranges.subtract),
    ast.Mult: (Op.MUL, ranges.multiply),
    ast.FloorDiv: (Op.FLOORDIV, ranges.floor_divide),
    ast.Mod: (Op.MOD, ranges.modulo),
}
SETS: dict[type[ast.operator], Op] = {
    ast.BitOr: Op.UNION,
    ast.BitAnd: Op.INTERSECTION,
    ast.Sub: Op.DIFFERENCE,
    ast.BitXor: Op.SYMMETRIC_DIFFERENCE,
}
ALLOWED_OPERATORS = "+ - * // % ** << >> & | ^ on numbers, | & - ^ on sets, + on lists"


@handles(ast.BinOp)
def binary(frame: Frame, node: ast.BinOp) -> Expr:
    """An operator between two values."""
    left = present(frame, node.left, value(frame, node.left))
    if isinstance(left.type, Array) and isinstance(node.op, ast.BitOr):
        return _updated(frame, node, left)
    right = present(frame, node.right, value(frame, node.right))
    pairs: list[tuple[ast.AST, Expr]] = [(node.left, left), (node.right, right)]
    refuse_two_kinds(frame, node, pairs, "joined", equal=False)
    return combine(frame, node, node.op, left, right)


def _updated(frame: Frame, node: ast.BinOp, left: Expr) -> Expr:
    """`xs | {k: v}`."""
    if isinstance(node.right, ast.Dict):
        return updated(frame, node, left, node.right)
    raise frame.refusal(
        node.right, "an Array takes new values from a dict written out", "xs | {key: value}"
    )


def combine(frame: Frame, node: ast.AST, operator: ast.operator, left: Expr, right: Expr) -> Expr:
    """An operator applied; `node` is the place that is blamed."""
    if Span in (type(left.type), type(right.type)):
        raise frame.refusal(
            node,
            f"a domain or range takes no `{_symbol(operator)}` under CPython",
            "set(self.nodes) - {x}, list(self.nodes) + [...]",
        )
    if is_row(left) and is_row(right):
        left, right = as_row(frame, node, left), as_row(frame, node, right)
    if isinstance(left.type, Set) and isinstance(right.type, Set) and type(operator) in SETS:
        return set_operation(frame, node, SETS[type(operator)], left, right)
    if isinstance(left.type, Seq) and isinstance(right.type, Seq) and _is(operator, ast.Add):
        return concatenation(frame, node, left, right)
    if isinstance(operator, ast.Mult) and (is_row(left) or is_row(right)):
        return repetition(frame, node, left, right)
    if not any(isinstance(x.type, Set | Seq | Bag | Array | Tuple) for x in (left, right)):
        made = whole(frame, node, operator, left, right)
        if made is not None:
            return made
    if isinstance(operator, ast.Div):
        raise frame.refusal(node, "`/` makes no whole number", "a // b, which rounds down")
    if type(operator) not in NUMBERS or isinstance(left.type, Set | Seq | Bag):
        raise frame.refusal(
            node,
            f"`{_symbol(operator)}` does not take {described(left.type)} and "
            f"{described(right.type)}",
            ALLOWED_OPERATORS,
        )
    op, rule = NUMBERS[type(operator)]
    a, b = as_integer(frame, node, left), as_integer(frame, node, right)
    if not (isinstance(a.type, Int) and isinstance(b.type, Int)):
        return unknown(frame.at(node))
    return Expr(op, rule(a.type, b.type), (a, b), frame.at(node))


def _symbol(operator: ast.operator) -> str:
    text = ast.unparse(ast.BinOp(ast.Name("a"), operator, ast.Name("b")))
    return text.strip("ab ")


def _is(operator: ast.operator, kind: type[ast.operator]) -> bool:
    return isinstance(operator, kind)


def set_operation(frame: Frame, node: ast.AST, op: Op, left: Expr, right: Expr) -> Expr:
    """An operation on two sets; all three have one type, large enough for every result."""
    element = common(frame, node, _element(left), _element(right))
    a, b = most_elements(left.type), most_elements(right.type)
    if isinstance(element, Never):
        a, b = 0, 0
    enlarges = op in (Op.UNION, Op.SYMMETRIC_DIFFERENCE)
    if not enlarges and _element(left) == element and fits(right.type, left.type):
        type_: Type = left.type
    else:
        type_ = set_of(element, a + b if enlarges else max(a, b))
    args = tuple(coerce(frame, node, x, type_) for x in (left, right))
    return Expr(op, type_, args, frame.at(node))


def _element(collection: Expr) -> Type:
    element: Type = collection.type.element  # type: ignore[attr-defined]
    return element


def concatenation(frame: Frame, node: ast.AST, left: Expr, right: Expr) -> Expr:
    """Two sequences, one after the other."""
    element = common(frame, node, _element(left), _element(right))
    room = most_elements(left.type) + most_elements(right.type)
    parts = [convert(part, Seq(element, most_elements(part.type))) for part in (left, right)]
    return Expr(Op.CONCAT, Seq(element, room), tuple(parts), frame.at(node))


def repetition(frame: Frame, node: ast.AST, left: Expr, right: Expr) -> Expr:
    """`[x] * n`: a sequence as often as a number says."""
    row, times = (left, right) if is_row(left) else (right, left)
    row, times = as_row(frame, node, row), as_integer(frame, node, times)
    if not (isinstance(row.type, Seq) and isinstance(times.type, Int)):
        return row
    if times.op is not Op.CONST:
        from planespec.checker.front.list_values import repeated

        return repeated(frame, node, row, times)
    room = row.type.capacity * max(times.arg, 0)
    type_ = Seq(row.type.element, room)
    if times.arg <= 0:
        return once_computed([row], Expr(Op.SEQ, type_, (), frame.at(node)))
    if row.op is Op.SEQ:
        return Expr(Op.SEQ, type_, row.args * times.arg, frame.at(node))
    made = Expr(Op.SEQ, Seq(row.type.element, 0), (), frame.at(node))
    for _ in range(times.arg):
        made = concatenation(frame, node, made, row)
    return made


def common(frame: Frame, node: ast.AST, a: Type, b: Type) -> Type:
    """The common type of two; refuses two that have none."""
    try:
        return join(a, b)
    except MismatchError:
        message = f"{a} and {b} do not go together"
        raise frame.refusal(node, message, "two values of one type") from None


@handles(ast.UnaryOp)
def unary(frame: Frame, node: ast.UnaryOp) -> Expr:
    """`not` and the sign."""
    if isinstance(node.op, ast.Not):
        return negation(truth_value(frame, node.operand))
    if isinstance(node.op, ast.USub) and _is_number(node.operand):
        return number(-node.operand.value, frame.at(node))  # type: ignore[attr-defined]
    operand = integer(frame, node.operand)
    if not isinstance(operand.type, Int):
        return operand
    if isinstance(node.op, ast.USub):
        if operand.op is Op.CONST:
            return Expr(Op.CONST, ranges.negate(operand.type), (), frame.at(node), -operand.arg)
        return Expr(Op.NEG, ranges.negate(operand.type), (operand,), frame.at(node))
    if isinstance(node.op, ast.UAdd):
        return operand
    turned = Expr(Op.NEG, ranges.negate(operand.type), (operand,), frame.at(node))
    return combine(frame, node, ast.Sub(), turned, number(1, frame.at(node)))


def _is_number(node: ast.expr) -> bool:
    """Whether a number is written out: the least one of 64 bits has no positive counterpart."""
    return isinstance(node, ast.Constant) and type(node.value) is int


@handles(ast.BoolOp)
def boolean(frame: Frame, node: ast.BoolOp) -> Expr:
    """`and`, `or`: what the parts before say about a union is known in the parts after."""
    conjunctive = isinstance(node.op, ast.And)
    before, parts = frame.narrowed, []
    for part in node.values:
        parts.append(truth_value(frame, part))
        frame.narrowed = {**frame.narrowed, **narrowed_by(frame, part, conjunctive)}
    frame.narrowed = before
    if conjunctive:
        return conjunction(parts, frame.at(node))
    rest = [p for p in parts if not is_false(p)] or parts[:1]
    return rest[0] if len(rest) == 1 else predicate(Op.OR, rest, frame.at(node))


@handles(ast.IfExp)
def conditional(frame: Frame, node: ast.IfExp) -> Expr:
    """`a if test else b`."""
    condition = truth_value(frame, node.test)
    with frame.narrowing(narrowed_by(frame, node.test, True)):
        yes = value(frame, node.body)
    with frame.narrowing(narrowed_by(frame, node.test, False)):
        no = value(frame, node.orelse)
    type_ = common(frame, node, yes.type, no.type)
    return Expr(Op.IF, type_, (condition, convert(yes, type_), convert(no, type_)), frame.at(node))
