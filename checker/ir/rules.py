"""The rule of every operation: its operands, its result, its extra argument."""

from collections.abc import Callable

from planespec.checker.ir import ranges
from planespec.checker.ir.frozen import fits
from planespec.checker.ir.nodes import Expr, Op, Position, Table
from planespec.checker.ir.types import (
    Array,
    Bag,
    Bool,
    Enum,
    Int,
    Option,
    Record,
    Seq,
    Set,
    Sort,
    Span,
    Type,
    Union,
    cardinality,
)

Rule = Callable[[Expr], None]


class IllFormed(Exception):  # noqa: N818 - a finding about IR, not about a model
    """IR that breaks its grammar: a mistake of the front end or of a pass."""


def demand(condition: bool, at: Position | None, message: str) -> None:
    """Raise IllFormed unless the condition holds."""
    if not condition:
        raise IllFormed(f"{at}: {message}")


def _rule(message: str, holds: Callable[[Expr], bool]) -> Rule:
    def check(value: Expr) -> None:
        try:
            held = holds(value)
        except (ValueError, KeyError, IndexError, AttributeError, TypeError) as error:
            raise IllFormed(f"{value.at}: {_described(value)}: {message} ({error})") from error
        demand(held, value.at, f"{_described(value)}: {message}")

    return check


def _described(value: Expr) -> str:
    operands = ", ".join(str(a.type) for a in value.args)
    return f"{value.op.name}[{operands}] / {value.arg!r} -> {value.type}"


def _types(value: Expr) -> tuple[Type, ...]:
    return tuple(a.type for a in value.args)


def _within(rule: Callable[..., Int]) -> Callable[[Expr], bool]:
    """The range of the result holds every value the operation has (see `ranges`)."""

    def holds(value: Expr) -> bool:
        operands = [t for t in _types(value) if isinstance(t, Int)]
        if not (isinstance(value.type, Int) and len(operands) == len(value.args) > 0):
            return False
        return ranges.contains(value.type, rule(*operands))

    return holds


def _comparison(value: Expr) -> bool:
    """Ints of any ranges, or two values of one type."""
    a, b = _types(value)
    both = isinstance(a, Int) and isinstance(b, Int)
    return value.type == Bool() and (both or (a == b and not isinstance(a, Span)))


def _ordered(value: Expr) -> bool:
    a, b = _types(value)
    same = a == b and isinstance(a, Enum | Sort)
    return value.type == Bool() and (same or (isinstance(a, Int) and isinstance(b, Int)))


def _bools(value: Expr) -> bool:
    return value.type == Bool() and all(t == Bool() for t in _types(value))


def _constant(value: Expr) -> bool:
    number, type_ = value.arg, value.type
    match type_:
        case Bool():
            return isinstance(number, bool)
        case Int(low, high):
            inside = (low is None or low <= number) and (high is None or number <= high)
            return type(number) is int and inside
        case Enum() | Sort():
            return type(number) is int and 0 <= number < cardinality(type_)
    return isinstance(type_, Option) and number is None


def _table(value: Expr) -> bool:
    return isinstance(value.arg, Table) and not value.args and fits(value.type, value.arg.value)


def _field(value: Expr) -> bool:
    (owner,) = _types(value)
    records = owner.variants if isinstance(owner, Union) else (owner,)
    return all(isinstance(r, Record) and r.field_type(value.arg) == value.type for r in records)


def _replace(value: Expr) -> bool:
    record, *new = _types(value)
    return (
        isinstance(record, Record)
        and value.type == record
        and tuple(new) == tuple(record.field_type(n) for n in value.arg)
    )


def _record(value: Expr) -> bool:
    type_ = value.type
    return isinstance(type_, Record) and _types(value) == tuple(t for _, t in type_.fields)


def _inject(value: Expr) -> bool:
    (record,) = _types(value)
    return isinstance(value.type, Union) and record in value.type.variants


def _is(value: Expr) -> bool:
    (union,) = _types(value)
    names = {v.name for v in union.variants} if isinstance(union, Union) else set()
    return value.type == Bool() and bool(value.arg) and set(value.arg) <= names


def _project(value: Expr) -> bool:
    (union,) = _types(value)
    wanted = isinstance(union, Union) and union.variants[union.index(value.arg)] == value.type
    return bool(wanted)


def _array(value: Expr) -> bool:
    type_ = value.type
    return (
        isinstance(type_, Array)
        and len(value.args) == cardinality(type_.key)
        and all(t == type_.value for t in _types(value))
    )


def _literal(kind: type[Set | Seq | Bag]) -> Callable[[Expr], bool]:
    def holds(value: Expr) -> bool:
        type_ = value.type
        if not isinstance(type_, kind):
            return False
        return all(t == type_.element for t in _types(value))

    return holds


def _member(value: Expr) -> bool:
    element, collection = _types(value)
    return (
        value.type == Bool()
        and isinstance(collection, Set | Seq | Bag)
        and (collection.element == element)
    )


def _count(value: Expr) -> bool:
    collection, element = _types(value)
    return (
        isinstance(value.type, Int)
        and isinstance(collection, Seq | Bag)
        and (collection.element == element)
    )


def _set_operation(value: Expr) -> bool:
    a, b = _types(value)
    return isinstance(a, Set) and a == b == value.type


def _one_more(*kinds: type[Type]) -> Callable[[Expr], bool]:
    """The collection itself, of the type of the result, and an element of it."""

    def holds(value: Expr) -> bool:
        collection, element = _types(value)
        own = isinstance(collection, kinds) and collection == value.type
        return own and getattr(collection, "element", None) == element

    return holds


def _concat(value: Expr) -> bool:
    a, b = _types(value)
    whole = value.type
    if not (isinstance(a, Seq) and isinstance(b, Seq) and isinstance(whole, Seq)):
        return False
    return a.element == b.element == whole.element


def _index(value: Expr) -> bool:
    array, key = _types(value)
    return isinstance(array, Array) and array.key == key and array.value == value.type


def _at(value: Expr) -> bool:
    sequence, index = _types(value)
    return isinstance(sequence, Seq) and isinstance(index, Int) and sequence.element == value.type


def _slice(value: Expr) -> bool:
    sequence, low, high = _types(value)
    ends = isinstance(low, Int) and isinstance(high, Int)
    return isinstance(sequence, Seq) and ends and sequence == value.type


def _span(value: Expr) -> bool:
    low, high = _types(value)
    ints = isinstance(low, Int) and isinstance(high, Int)
    return ints and isinstance(value.type, Span) and isinstance(value.type.element, Int)


def _convertible(a: Type, b: Type) -> bool:
    """Numbers into other ranges, sorts from and to numbers, sizes of collections."""
    match a, b:
        case ((Int() | Sort()), (Int() | Sort())):
            return a == b or not (isinstance(a, Sort) and isinstance(b, Sort))
        case Option(x), Option(y):
            return _convertible(x, y)
        case (Set(x), Set(y)) | (Seq(x), Seq(y)) | (Bag(x), Bag(y)):
            return _convertible(x, y)
        case Array(k, x), Array(j, y):
            return k == j and _convertible(x, y)
    return a == b


def _conversion(value: Expr) -> bool:
    (operand,) = _types(value)
    return _convertible(operand, value.type)


RULES: dict[Op, Rule] = {
    Op.CONST: _rule("a value of its type", _constant),
    Op.TABLE: _rule("a value of its type", _table),
    Op.INDEX: _rule("[array, key]", _index),
    Op.AT: _rule("[seq, int]", _at),
    Op.SLICE: _rule("[seq, int, int]", _slice),
    Op.FIELD: _rule("a field of a record, or of all variants", _field),
    Op.ADD: _rule("[int, int] and its range", _within(ranges.add)),
    Op.SUB: _rule("[int, int] and its range", _within(ranges.subtract)),
    Op.MUL: _rule("[int, int] and its range", _within(ranges.multiply)),
    Op.FLOORDIV: _rule("[int, int] and its range", _within(ranges.floor_divide)),
    Op.MOD: _rule("[int, int] and its range", _within(ranges.modulo)),
    Op.NEG: _rule("[int] and its range", _within(ranges.negate)),
    Op.ABS: _rule("[int] and its range", _within(ranges.absolute)),
    Op.MIN: _rule("[int, ...] and their range", _within(ranges.least)),
    Op.MAX: _rule("[int, ...] and their range", _within(ranges.greatest)),
    **{op: _rule("two of one type", _comparison) for op in (Op.EQ, Op.NE)},
    **{op: _rule("two ordered ones", _ordered) for op in (Op.LT, Op.LE, Op.GT, Op.GE)},
    Op.NOT: _rule("[bool]", lambda v: _bools(v) and len(v.args) == 1),
    Op.AND: _rule("[bool, ...]", lambda v: _bools(v) and len(v.args) > 1),
    Op.OR: _rule("[bool, ...]", lambda v: _bools(v) and len(v.args) > 1),
    Op.IF: _rule("[bool, t, t]", lambda v: _types(v) == (Bool(), v.type, v.type)),
    Op.SOME: _rule("[t]", lambda v: v.type == Option(*_types(v))),
    Op.UNWRAP: _rule("[option]", lambda v: _types(v) == (Option(v.type),)),
    Op.IS_NONE: _rule("[option]", lambda v: v.type == Bool() and isinstance(_types(v)[0], Option)),
    Op.RECORD: _rule("a value for each field", _record),
    Op.REPLACE: _rule("[record, new values]", _replace),
    Op.INJECT: _rule("[record] of the union", _inject),
    Op.IS: _rule("[union] / variants of it", _is),
    Op.PROJECT: _rule("[union] / a variant of it", _project),
    Op.ARRAY: _rule("a value for each key", _array),
    Op.FILL: _rule(
        "[value]", lambda v: isinstance(v.type, Array) and (_types(v) == (v.type.value,))
    ),
    Op.SET: _rule("elements", _literal(Set)),
    Op.SEQ: _rule("elements", _literal(Seq)),
    Op.BAG: _rule("elements", _literal(Bag)),
    Op.LEN: _rule(
        "[collection]",
        lambda v: isinstance(v.type, Int) and (isinstance(_types(v)[0], Set | Seq | Bag | Array)),
    ),
    Op.IN: _rule("[element, collection of it]", _member),
    Op.COUNT: _rule("[bag or seq, element of it]", _count),
    **{
        op: _rule("two sets of the type of the result", _set_operation)
        for op in (Op.UNION, Op.INTERSECTION, Op.DIFFERENCE, Op.SYMMETRIC_DIFFERENCE)
    },
    Op.SUBSET: _rule(
        "two sets of one type",
        lambda v: (
            v.type == Bool() and (isinstance(_types(v)[0], Set) and _types(v)[0] == _types(v)[1])
        ),
    ),
    Op.WITH: _rule("[set or bag, element]", _one_more(Set, Bag)),
    Op.WITHOUT: _rule("[set or bag, element]", _one_more(Set, Bag)),
    Op.APPEND: _rule("[seq, element]", _one_more(Seq)),
    Op.CONCAT: _rule("[seq, seq] of the elements of the result", _concat),
    Op.RANGE: _rule("[int, int]", _span),
    Op.DOMAIN: _rule("no operands", lambda v: not v.args and isinstance(v.type, Span)),
    Op.CONVERT: _rule("other ranges and sizes", lambda v: _conversion(v)),
}
