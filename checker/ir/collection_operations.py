"""The operations on arrays, sets, bags and sequences: rules, and meanings or forms."""

from collections.abc import Callable
from typing import Any

from planespec.checker.ir.frozen import build, converted
from planespec.checker.ir.nodes import Expr, Fold, Generator, Op, Reduction
from planespec.checker.ir.operation import (
    Derived,
    Operation,
    local,
    named,
    operand_types,
    predicate,
    ruled,
    truth,
)
from planespec.checker.ir.types import (
    Array,
    Bag,
    Bool,
    Int,
    Seq,
    Set,
    Span,
    Type,
    cardinality,
)

Test = Callable[[Expr], bool]
WALKED = "%x"
"""The element that a form looks at."""


def _built(e: Expr, args: list[Any]) -> Any:
    return build(e.type, args)


# Literals


def _array(value: Expr) -> bool:
    type_ = value.type
    return (
        isinstance(type_, Array)
        and len(value.args) == cardinality(type_.key)
        and all(t == type_.value for t in operand_types(value))
    )


def _fill(value: Expr) -> bool:
    return isinstance(value.type, Array) and operand_types(value) == (value.type.value,)


def _filled(e: Expr) -> Derived:
    """A value for each key."""
    assert isinstance(e.type, Array)
    key = e.type.key
    keys = (Generator(WALKED, key, Expr(Op.DOMAIN, Span(key), (), e.at)),)
    return named(e, lambda v: Fold(Op.FOLD, e.type, (), e.at, None, Reduction.ARRAY, keys, v))


def _literal(kind: type[Set | Seq | Bag]) -> Test:
    def holds(value: Expr) -> bool:
        type_ = value.type
        if not isinstance(type_, kind):
            return False
        return all(t == type_.element for t in operand_types(value))

    return holds


LITERALS: dict[Op, Operation] = {
    Op.ARRAY: Operation(ruled("a value for each key", _array), _built),
    Op.FILL: Operation(ruled("[value]", _fill), form=_filled),
    Op.SET: Operation(ruled("elements", _literal(Set)), _built),
    Op.SEQ: Operation(ruled("elements", _literal(Seq)), _built),
    Op.BAG: Operation(ruled("elements", _literal(Bag)), _built),
}

# Questions


def _length(value: Expr) -> bool:
    (whole,) = operand_types(value)
    return isinstance(value.type, Int) and isinstance(whole, Set | Seq | Bag | Array)


def _member(value: Expr) -> bool:
    element, collection = operand_types(value)
    kinds = Set | Seq | Bag
    own = isinstance(collection, kinds) and collection.element == element
    return value.type == Bool() and own


def _count(value: Expr) -> bool:
    collection, element = operand_types(value)
    own = isinstance(collection, Seq | Bag) and collection.element == element
    return isinstance(value.type, Int) and own


def _counted(e: Expr) -> Derived:
    """How many of its elements are that one."""

    def make(collection: Expr, sought: Expr) -> Expr:
        one = local(WALKED, sought.type, e.at)
        same = predicate(Op.EQ, [one, sought], e.at)
        each = (Generator(WALKED, sought.type, collection, (same,)),)
        return Fold(Op.FOLD, e.type, (), e.at, None, Reduction.COUNT, each, truth(True, e.at))

    return named(e, make)


def _subset(value: Expr) -> bool:
    a, b = operand_types(value)
    return value.type == Bool() and isinstance(a, Set) and a == b


def _nothing_more(e: Expr) -> Derived:
    """Nothing is left of it without the other."""
    type_ = e.args[0].type
    rest = Expr(Op.DIFFERENCE, type_, e.args, e.at)
    return Derived(predicate(Op.EQ, [rest, Expr(Op.SET, type_, (), e.at)], e.at))


QUESTIONS: dict[Op, Operation] = {
    Op.LEN: Operation(ruled("[collection]", _length), lambda _, a: len(a[0])),
    Op.IN: Operation(ruled("[element, collection of it]", _member), lambda _, a: a[0] in a[1]),
    Op.COUNT: Operation(ruled("[bag or seq, element of it]", _count), form=_counted),
    Op.SUBSET: Operation(ruled("two sets of one type", _subset), form=_nothing_more),
}

# Changes


def _set_operation(value: Expr) -> bool:
    a, b = operand_types(value)
    return isinstance(a, Set) and a == b == value.type


def _one_more(*kinds: type[Type]) -> Test:
    """The collection itself, of the type of the result, and an element of it."""

    def holds(value: Expr) -> bool:
        collection, element = operand_types(value)
        own = isinstance(collection, kinds) and collection == value.type
        return own and getattr(collection, "element", None) == element

    return holds


def _concat(value: Expr) -> bool:
    a, b = operand_types(value)
    whole = value.type
    if not (isinstance(a, Seq) and isinstance(b, Seq) and isinstance(whole, Seq)):
        return False
    return a.element == b.element == whole.element


def _slice(value: Expr) -> bool:
    sequence, low, high = operand_types(value)
    ends = isinstance(low, Int) and isinstance(high, Int)
    return isinstance(sequence, Seq) and ends and sequence == value.type


def _either_alone(e: Expr) -> Derived:
    def make(a: Expr, b: Expr) -> Expr:
        alone = tuple(Expr(Op.DIFFERENCE, e.type, pair, e.at) for pair in ((a, b), (b, a)))
        return Expr(Op.UNION, e.type, alone, e.at)

    return named(e, make)


def _with_one(e: Expr) -> Derived | None:
    """In a set; a bag has copies, which no operation on two of them gives."""
    if not isinstance(e.type, Set):
        return None
    whole, element = e.args
    return Derived(Expr(Op.UNION, e.type, (whole, Expr(Op.SET, e.type, (element,), e.at)), e.at))


def _without_one(e: Expr) -> Derived | None:
    """Of a set; one that can hold nothing is given room for the set of the element."""
    if not isinstance(e.type, Set):
        return None
    whole, element = e.args
    if e.type.capacity == 0:
        room = Set(e.type.element, 1)
        rest = Expr(Op.WITHOUT, room, (Expr(Op.CONVERT, room, (whole,), e.at), element), e.at)
        return Derived(Expr(Op.CONVERT, e.type, (rest,), e.at))
    one = Expr(Op.SET, e.type, (element,), e.at)
    return Derived(Expr(Op.DIFFERENCE, e.type, (whole, one), e.at))


def _copy_less(_: Expr, args: list[Any]) -> Any:
    rest = list(args[0])
    if args[1] in rest:
        rest.remove(args[1])
    return tuple(rest)


def _one_behind(e: Expr) -> Derived:
    whole, element = e.args
    last = Expr(Op.SEQ, Seq(element.type, 1), (element,), e.at)
    return Derived(Expr(Op.CONCAT, e.type, (whole, last), e.at))


_SETS = ruled("two sets of the type of the result", _set_operation)

CHANGES: dict[Op, Operation] = {
    Op.UNION: Operation(_SETS, lambda e, a: converted(e.type, a[0] | a[1])),
    Op.INTERSECTION: Operation(_SETS, lambda _, a: a[0] & a[1]),
    Op.DIFFERENCE: Operation(_SETS, lambda _, a: a[0] - a[1]),
    Op.SYMMETRIC_DIFFERENCE: Operation(_SETS, form=_either_alone),
    Op.WITH: Operation(
        ruled("[set or bag, element]", _one_more(Set, Bag)),
        lambda e, a: build(e.type, [*a[0], a[1]]),
        _with_one,
    ),
    Op.WITHOUT: Operation(
        ruled("[set or bag, element]", _one_more(Set, Bag)), _copy_less, _without_one
    ),
    Op.APPEND: Operation(ruled("[seq, element]", _one_more(Seq)), form=_one_behind),
    Op.CONCAT: Operation(
        ruled("[seq, seq] of the elements of the result", _concat),
        lambda e, a: build(e.type, [*a[0], *a[1]]),
    ),
    Op.SLICE: Operation(ruled("[seq, int, int]", _slice), lambda _, a: a[0][a[1] : a[2]]),
}
