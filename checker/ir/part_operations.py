"""Constants, parts, options, records and unions: rules, and meanings or forms."""

from typing import Any

from planespec.checker.ir.frozen import (
    EvaluationError,
    converted,
    fits,
    index_of,
    position_of,
    scalar,
    variant_of,
)
from planespec.checker.ir.nodes import Expr, Op, Table
from planespec.checker.ir.operation import (
    Derived,
    Operation,
    constant,
    named,
    operand_types,
    predicate,
    ruled,
)
from planespec.checker.ir.types import (
    Array,
    Bag,
    Bool,
    Enum,
    Int,
    Nothing,
    Option,
    Record,
    Seq,
    Set,
    Sort,
    Type,
    Union,
    cardinality,
)

# Constants and parts


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


def _known(e: Expr, _: list[Any]) -> Any:
    type_ = e.type.inner if isinstance(e.type, Option) else e.type
    if e.arg is None or isinstance(type_, Nothing):
        return None
    return scalar(type_, e.arg)


def _table(value: Expr) -> bool:
    return isinstance(value.arg, Table) and not value.args and fits(value.type, value.arg.value)


def _index(value: Expr) -> bool:
    array, key = operand_types(value)
    return isinstance(array, Array) and array.key == key and array.value == value.type


def _at(value: Expr) -> bool:
    sequence, index = operand_types(value)
    return isinstance(sequence, Seq) and isinstance(index, Int) and sequence.element == value.type


def _field(value: Expr) -> bool:
    (owner,) = operand_types(value)
    records = owner.variants if isinstance(owner, Union) else (owner,)
    return all(isinstance(r, Record) and r.field_type(value.arg) == value.type for r in records)


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


PARTS: dict[Op, Operation] = {
    Op.CONST: Operation(ruled("a value of its type", _constant), _known),
    Op.TABLE: Operation(ruled("a value of its type", _table), lambda e, _: e.arg.value),
    Op.INDEX: Operation(
        ruled("[array, key]", _index), lambda e, a: a[0][index_of(e.args[0].type, a[1])]
    ),
    Op.AT: Operation(ruled("[seq, int]", _at), lambda _, a: a[0][position_of(len(a[0]), a[1])]),
    Op.FIELD: Operation(
        ruled("a field of a record, or of all variants", _field), lambda e, a: getattr(a[0], e.arg)
    ),
    Op.CONVERT: Operation(
        ruled("other ranges and sizes", lambda v: _convertible(v.args[0].type, v.type)),
        lambda e, a: converted(e.type, a[0]),
    ),
}

# Options


def _unwrap(_: Expr, args: list[Any]) -> Any:
    if args[0] is None:
        raise EvaluationError("None where a value is needed")
    return args[0]


def _is_none(e: Expr) -> Derived:
    (value,) = e.args
    return Derived(predicate(Op.EQ, [value, constant(None, value.type, e.at)], e.at))


OPTIONS: dict[Op, Operation] = {
    Op.SOME: Operation(
        ruled("[t]", lambda v: v.type == Option(*operand_types(v))), lambda _, a: a[0]
    ),
    Op.UNWRAP: Operation(
        ruled("[option]", lambda v: operand_types(v) == (Option(v.type),)), _unwrap
    ),
    Op.IS_NONE: Operation(
        ruled("[option]", lambda v: v.type == Bool() and isinstance(operand_types(v)[0], Option)),
        form=_is_none,
    ),
}

# Records and unions


def _record(value: Expr) -> bool:
    type_ = value.type
    return isinstance(type_, Record) and operand_types(value) == tuple(t for _, t in type_.fields)


def _made(e: Expr, args: list[Any]) -> Any:
    assert isinstance(e.type, Record)
    names = [n for n, _ in e.type.fields]
    return converted(e.type, e.type.python(**dict(zip(names, args, strict=True))))


def _replacement(value: Expr) -> bool:
    record, *new = operand_types(value)
    return (
        isinstance(record, Record)
        and value.type == record
        and tuple(new) == tuple(record.field_type(n) for n in value.arg)
    )


def _replaced(e: Expr) -> Derived:
    def make(record: Expr, *values: Expr) -> Expr:
        assert isinstance(e.type, Record)
        new = dict(zip(e.arg, values, strict=True))
        old = ((n, Expr(Op.FIELD, t, (record,), e.at, n)) for n, t in e.type.fields)
        return Expr(Op.RECORD, e.type, tuple(new.get(n, field) for n, field in old), e.at)

    return named(e, make)


def _inject(value: Expr) -> bool:
    (record,) = operand_types(value)
    return isinstance(value.type, Union) and record in value.type.variants


def _is(value: Expr) -> bool:
    (union,) = operand_types(value)
    names = {v.name for v in union.variants} if isinstance(union, Union) else set()
    return value.type == Bool() and bool(value.arg) and set(value.arg) <= names


def _project(value: Expr) -> bool:
    (union,) = operand_types(value)
    wanted = isinstance(union, Union) and union.variants[union.index(value.arg)] == value.type
    return bool(wanted)


def _projected(e: Expr, args: list[Any]) -> Any:
    source = e.args[0].type
    if isinstance(source, Union) and variant_of(source, args[0]).name != e.arg:
        raise EvaluationError(f"{args[0]} is no {e.arg}")
    return args[0]


RECORDS: dict[Op, Operation] = {
    Op.RECORD: Operation(ruled("a value for each field", _record), _made),
    Op.REPLACE: Operation(ruled("[record, new values]", _replacement), form=_replaced),
    Op.INJECT: Operation(
        ruled("[record] of the union", _inject), lambda e, a: converted(e.type, a[0])
    ),
    Op.IS: Operation(
        ruled("[union] / variants of it", _is), lambda e, a: type(a[0]).__name__ in e.arg
    ),
    Op.PROJECT: Operation(ruled("[union] / a variant of it", _project), _projected),
}
