"""Comparisons, chained or not, and membership."""

import ast

from planespec.checker.front.core import building
from planespec.checker.front.core.building import (
    conjunction,
    convert,
    negation,
    number,
    optional,
    predicate,
    truth,
)
from planespec.checker.front.core.failing import computed, once_computed
from planespec.checker.front.core.integers import as_number, is_numeric
from planespec.checker.front.core.scope import Frame, Known, Static, Values, View
from planespec.checker.front.core.type_relations import (
    MismatchError,
    Never,
    fits,
    join,
    mentions_never,
    same_shape,
)
from planespec.checker.front.dispatch import (
    as_integer,
    as_value,
    coerce,
    evaluate,
    handles,
    present,
    unwrap,
)
from planespec.checker.front.expressions.scalars import to_seq, to_set
from planespec.checker.front.expressions.strict_zips import note_early
from planespec.checker.front.expressions.tuples import as_row, is_row, parts, refuse_two_kinds
from planespec.checker.front.outlines import once
from planespec.checker.ir.nodes import Expr, Op
from planespec.checker.ir.types import (
    Array,
    Bag,
    Bool,
    Int,
    Option,
    Record,
    Seq,
    Set,
    Sort,
    Span,
    Tuple,
    Type,
)
from planespec.checker.ir.types import Union as UnionType

ORDER = {ast.Lt: Op.LT, ast.LtE: Op.LE, ast.Gt: Op.GT, ast.GtE: Op.GE}


@handles(ast.Compare)
def comparison(frame: Frame, node: ast.Compare) -> Expr:
    """One comparison or a chain of them, which is their conjunction."""
    operands = [node.left, *node.comparators]
    found = [walked_or_value(frame, operand) for operand in operands]
    parts = []
    for index, operator in enumerate(node.ops):
        pair = ast.copy_location(
            ast.Compare(operands[index], [operator], [operands[index + 1]]), node
        )
        parts.append(_one(frame, pair, found[index], found[index + 1]))
    return conjunction(parts, frame.at(node))


def walked_or_value(frame: Frame, node: ast.expr) -> Expr | Static:
    """A range with a step is a sequence; all else is what it is."""
    from planespec.checker.front.expressions.rows import is_row_call, listed, row_of_call

    note_early(node)
    if is_row_call(node) and isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return listed(frame, node, row_of_call(frame, node))
    return evaluate(frame, node)


def _one(frame: Frame, node: ast.Compare, left: Expr | Static, right: Expr | Static) -> Expr:
    operator = node.ops[0]
    if isinstance(operator, ast.In | ast.NotIn):
        inside = membership(frame, node, _expr(frame, node.left, left), right)
        return inside if isinstance(operator, ast.In) else negation(inside)
    a, b = _expr(frame, node.left, left), _expr(frame, node.comparators[0], right)
    if isinstance(operator, ast.Is | ast.IsNot):
        same = _identity(frame, node, a, b)
        return same if isinstance(operator, ast.Is) else negation(same)
    if isinstance(operator, ast.Eq | ast.NotEq):
        pairs: list[tuple[ast.AST, Expr]] = [(node.left, a), (node.comparators[0], b)]
        refuse_two_kinds(frame, node, pairs, "equal", equal=True)
        return equality(frame, node, a, b, isinstance(operator, ast.NotEq))
    return _order(frame, node, ORDER[type(operator)], a, b)


def _expr(frame: Frame, node: ast.expr, found: Expr | Static) -> Expr:
    return found if isinstance(found, Expr) else as_value(frame, node, found)


def _identity(frame: Frame, node: ast.Compare, a: Expr, b: Expr) -> Expr:
    """`is` works for None, and for enum members and bools, which are single objects."""
    for one, other in ((a, b), (b, a)):
        if one.op is Op.CONST and one.arg is None:
            return _is_missing(other)
    if a.type == b.type and a.type.is_scalar and not isinstance(a.type, Int | Sort):
        return equality(frame, node, a, b, False)
    raise frame.refusal(
        node, f"`is` between {a.type} and {b.type}", "== between values; `is` with None"
    )


def is_none(found: Expr) -> Expr:
    """Whether a value is None; known at once for values that never are, and for SOME."""
    if not isinstance(found.type, Option) or found.op is Op.SOME:
        return truth(isinstance(found.type, Never), found.at)
    if found.op is Op.CONST:
        return truth(True, found.at)
    if optional(found) is not None:
        return found.args[0]
    return predicate(Op.IS_NONE, [found], found.at)


def _is_missing(found: Expr) -> Expr:
    """`x is None` as it is written: what is never None is computed for that."""
    missing = is_none(found)
    if found.op is Op.UNWRAP:  # known to be there
        return once_computed(found.args, missing)
    return once_computed([found], missing) if missing.op is Op.CONST else missing


def equality(frame: Frame, node: ast.AST, a: Expr, b: Expr, different: bool) -> Expr:
    """`==` of two values of one kind; two kinds are never equal and comparing them is refused."""
    at, op = frame.at(node), Op.NE if different else Op.EQ
    for one, other in ((a, b), (b, a)):
        if one.op is Op.CONST and one.arg is None and isinstance(one.type, Option):
            missing = _is_missing(other)
            return negation(missing) if different else missing
    a, b = _numbers(a, b)
    if isinstance(a.type, Int) and isinstance(b.type, Int):
        return predicate(op, [a, b], at)
    try:
        type_ = join(a.type, b.type)
    except MismatchError:
        type_ = Never()
    if isinstance(type_, Never | Span):
        if isinstance(a.type, Never) or isinstance(b.type, Never):
            return truth(False, at)
        raise frame.refusal(
            node, f"{a.type} and {b.type} are never equal", "== between two of one type"
        )
    if (
        isinstance(a.type, Record)
        and isinstance(b.type, Record)
        and a.type != b.type
        and not isinstance(type_, Tuple)
    ):
        raise frame.refusal(
            node, f"{a.type} and {b.type} are never equal", "== between two of one type"
        )
    return predicate(op, [convert(a, type_), convert(b, type_)], at)


def _numbers(a: Expr, b: Expr) -> tuple[Expr, Expr]:
    """A bool, a member of an IntEnum, an element of an ordered sort counts beside a number."""
    if a.type == b.type:
        return a, b
    if is_numeric(a.type) and is_numeric(b.type) and Sort not in (type(a.type), type(b.type)):
        return as_number(a), as_number(b)
    first = as_number(a) if isinstance(b.type, Int) and is_numeric(a.type) else a
    return first, as_number(b) if isinstance(a.type, Int) and is_numeric(b.type) else b


def _order(frame: Frame, node: ast.Compare, op: Op, a: Expr, b: Expr) -> Expr:
    a, b = present(frame, node.left, a), present(frame, node.comparators[0], b)
    if isinstance(a.type, Never) or isinstance(b.type, Never):
        return truth(False, frame.at(node))
    if isinstance(a.type, Set) and isinstance(b.type, Set):
        return subset(frame, node, op, a, b)
    if isinstance(a.type, Tuple) and isinstance(b.type, Tuple):
        return once(frame, node, "order", [a, b], lambda v: _of_places(frame, node, op, *v))
    if is_row(a) and is_row(b):
        from planespec.checker.front.list_values import order_of_lists

        return order_of_lists(frame, node, op, a, b)
    for found in (a, b):
        if isinstance(found.type, Seq | Record):
            raise frame.refusal(
                node,
                f"{found.type} has no order here",
                "numbers, or tuples of them: (x, y) < (u, v)",
            )
    left, right = as_integer(frame, node.left, a), as_integer(frame, node.comparators[0], b)
    if not (isinstance(left.type, Int) and isinstance(right.type, Int)):
        return truth(False, frame.at(node))
    return predicate(op, [left, right], frame.at(node))


def _of_places(frame: Frame, node: ast.Compare, op: Op, a: Expr, b: Expr) -> Expr:
    """The order of two tuples: that of the first places at which they differ."""
    at = frame.at(node)
    pairs = list(zip(parts(a), parts(b), strict=False))
    lengths = number(len(parts(a)), at), number(len(parts(b)), at)
    result = predicate(op, lengths, at)
    for one, other in reversed(pairs):
        same = equality(frame, node, one, other, False)
        less = _order(frame, node, op, one, other)
        result = Expr(Op.IF, Bool(), (same, result, less), at)
    return result


def subset(frame: Frame, node: ast.AST, op: Op, a: Expr, b: Expr) -> Expr:
    """`<=` and the like between sets."""
    if op in (Op.GT, Op.GE):
        a, b = b, a
    try:
        type_ = join(a.type, b.type)
    except MismatchError:
        message = f"{a.type} and {b.type} do not go together"
        raise frame.refusal(node, message, "sets of one type") from None
    a, b = convert(a, type_), convert(b, type_)
    within = predicate(Op.SUBSET, [a, b], frame.at(node))
    if op in (Op.LE, Op.GE):
        return within
    return conjunction([within, predicate(Op.NE, [a, b], frame.at(node))], frame.at(node))


def membership(frame: Frame, node: ast.Compare, item: Expr, container: Expr | Static) -> Expr:
    """`x in xs`: a collection, a domain, an enum class, or a tuple or set written out."""
    at = frame.at(node)
    if isinstance(container, Known) and isinstance(container.value, type):
        container = Values(frame.program.facts.resolve(container.value))
    if isinstance(container, Values):
        return _in_values(frame, node, item, container.type)
    if isinstance(container, View):
        raise frame.refusal(node, "the model is no collection", "a set, list, Bag or domain")
    found = as_row(frame, node, unwrap(_expr(frame, node.comparators[0], container)))
    if isinstance(found.type, Never):
        return once_computed([item], truth(False, at))
    if isinstance(found.type, Span):
        return _in_range(frame, node, item, found)
    if isinstance(found.type, Array) and _are_values(node.comparators[0]):
        found = to_seq(frame, node, found)
    if isinstance(found.type, Seq) and found.op is Op.FOLD and found.type.element.is_scalar:
        found = to_set(frame, node, found)  # of which no order can be seen
    if isinstance(found.type, Array) or not isinstance(found.type, Set | Bag | Seq):
        kept = "xs.values() or xs.keys()" if isinstance(found.type, Array) else "a domain"
        raise frame.refusal(
            node, f"`in` does not look into {found.type}", f"a set, list or Bag; {kept}"
        )
    if isinstance(found.type.element, Never):
        return once_computed([item], truth(False, at))
    if found.op in (Op.SET, Op.SEQ) and 0 < len(found.args) <= 4:
        return _in_written(frame, node, item, found.args)
    return _in_collection(frame, node, item, found, found.type.element)


def _in_written(frame: Frame, node: ast.AST, item: Expr, members: tuple[Expr, ...]) -> Expr:
    """A member of a few written out; all are computed, also those after an equal one."""
    at, tests = frame.at(node), [equality(frame, node, item, part, False) for part in members]
    found = tests[0] if len(tests) == 1 else predicate(Op.OR, tests, at)
    return conjunction([*computed(*members[1:]), found], at)


def _are_values(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)


def _in_values(frame: Frame, node: ast.Compare, item: Expr, type_: Type) -> Expr:
    if isinstance(item.type, Option):
        return negation(is_none(item)) if item.type.inner == type_ else _never(frame, node, item)
    return _any_value(frame, node, item) if item.type == type_ else _never(frame, node, item)


def _any_value(frame: Frame, node: ast.Compare, item: Expr) -> Expr:
    """Every value of a type is in its domain; `Node(n)` is one where there is such an element."""
    at = frame.at(node)
    if item.op is Op.CONVERT and isinstance(item.type, Sort):
        given = item.args[0]
        ends = number(0, at), number(item.type.size, at)
        parts = [predicate(Op.LE, [ends[0], given], at), predicate(Op.LT, [given, ends[1]], at)]
        return conjunction(parts, at)
    return conjunction(computed(item), at)


def _never(frame: Frame, node: ast.Compare, item: Expr) -> Expr:
    if isinstance(item.type, Never) or mentions_never(item.type):
        return truth(False, frame.at(node))
    raise frame.refusal(node, f"{item.type} is never in there", "values of one type")


def _in_range(frame: Frame, node: ast.Compare, item: Expr, span: Expr) -> Expr:
    if span.op is not Op.RANGE:
        return _in_values(frame, node, item, span.type.element)  # type: ignore[attr-defined]
    item = as_integer(frame, node.left, item)
    low, high = span.args
    parts = [predicate(Op.LE, [low, item], item.at), predicate(Op.LT, [item, high], item.at)]
    return conjunction([*computed(high), *parts], frame.at(node))


def _in_collection(
    frame: Frame, node: ast.AST, item: Expr, container: Expr, element: Type
) -> Expr:
    """IN with an item of exactly the element type; what cannot be one is not in there."""
    guard, fitted = fitting_beside(frame, node, item, container, element)
    inside = predicate(Op.IN, [fitted, container], frame.at(node))
    return conjunction([*guard, inside], frame.at(node))


def fitting_beside(
    frame: Frame, node: ast.AST, item: Expr, container: Expr, wanted: Type
) -> tuple[list[Expr], Expr]:
    """`fitting`, where a false test must not hide that the collection cannot be computed."""
    guard, fitted = fitting(frame, node, item, wanted)
    return [*computed(item, container), *guard] if guard else [], fitted


def fitting(frame: Frame, node: ast.AST, item: Expr, wanted: Type) -> tuple[list[Expr], Expr]:
    """The item in the wanted type, and the tests under which it is a value of that type."""
    if isinstance(item.type, Option) and not isinstance(wanted, Option):
        guard, fitted = fitting(frame, node, unwrap(item), wanted)
        return [negation(is_none(item)), *guard], fitted
    item, _ = _numbers(item, building.constant(0, wanted, item.at))
    if isinstance(item.type, Int) and isinstance(wanted, Int) and not fits(item.type, wanted):
        low, high = wanted.bounds
        guard = [
            predicate(Op.LE, [number(low, item.at), item], item.at),
            predicate(Op.LE, [item, number(high, item.at)], item.at),
        ]
        return guard, convert(item, wanted)
    if isinstance(item.type, UnionType) and isinstance(wanted, Record):
        is_one = predicate(Op.IS, [item], item.at, (wanted.name,))
        return [is_one], Expr(Op.PROJECT, wanted, (item,), item.at, wanted.name)
    if not fits(item.type, wanted) and not same_shape(item.type, wanted):
        raise frame.refusal(node, f"{item.type} is never among {wanted}", f"values of {wanted}")
    return [], coerce(frame, node, item, wanted)
