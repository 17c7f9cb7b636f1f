"""Truth and numbers that are Python's while they are known and z3's when they are not.

Everything a model computes from known values stays known, so z3 sees only what really depends on
the state. All terms live in z3's one main context.
"""

from collections.abc import Iterable
from typing import Any

import z3

Truth = Any
"""A `bool` or a z3 `BoolRef`."""
Number = Any
"""An `int` or a z3 `ArithRef`."""


def known(value: Any) -> bool:
    """Whether a truth or number is a plain Python value."""
    return isinstance(value, bool | int)


def no(a: Truth) -> Truth:
    """Negation; that of a negation is what it denies."""
    if known(a):
        return not a
    return a.arg(0) if z3.is_not(a) else z3.Not(a)


def both(*values: Truth) -> Truth:
    """Conjunction; true of nothing."""
    return all_of(values)


def either(*values: Truth) -> Truth:
    """Disjunction; false of nothing."""
    return any_of(values)


def all_of(values: Iterable[Truth]) -> Truth:
    """Conjunction; true of nothing."""
    open_ = []
    for value in values:
        if known(value):
            if not value:
                return False
        else:
            open_.append(value)
    if not open_:
        return True
    return open_[0] if len(open_) == 1 else z3.And(open_)


def any_of(values: Iterable[Truth]) -> Truth:
    """Disjunction; false of nothing."""
    open_ = []
    for value in values:
        if known(value):
            if value:
                return True
        else:
            open_.append(value)
    if not open_:
        return False
    return open_[0] if len(open_) == 1 else z3.Or(open_)


def implies(a: Truth, b: Truth) -> Truth:
    """Implication."""
    return either(no(a), b)


def choose_truth(condition: Truth, a: Truth, b: Truth) -> Truth:
    """`a` where the condition holds, else `b`."""
    if known(condition):
        return a if condition else b
    if known(a):
        return either(condition, b) if a else both(no(condition), b)
    if known(b):
        return either(no(condition), a) if b else both(condition, a)
    return a if a.eq(b) else z3.If(condition, a, b)


def choose_number(condition: Truth, a: Number, b: Number) -> Number:
    """`a` where the condition holds, else `b`."""
    if known(condition):
        return a if condition else b
    if a is b or (known(a) and known(b) and a == b):
        return a
    if not known(a) and not known(b) and a.eq(b):
        return a
    return z3.If(condition, _number(a), _number(b))


def equal(a: Number, b: Number) -> Truth:
    """Equality of numbers."""
    if known(a) and known(b):
        return a == b
    if not known(a) and not known(b) and a.eq(b):
        return True
    return _number(a) == _number(b)


def same(a: Truth, b: Truth) -> Truth:
    """Equality of truths."""
    if known(a):
        return b if a else no(b)
    if known(b):
        return a if b else no(a)
    return True if a.eq(b) else a == b


def less(a: Number, b: Number) -> Truth:
    """`a < b`."""
    return bool(a < b) if known(a) and known(b) else _number(a) < _number(b)


def at_most(a: Number, b: Number) -> Truth:
    """`a <= b`."""
    return bool(a <= b) if known(a) and known(b) else _number(a) <= _number(b)


def within(value: Number, low: int | None, high: int | None) -> Truth:
    """`low <= value <= high`; None is an open end."""
    return both(
        True if low is None else at_most(low, value),
        True if high is None else at_most(value, high),
    )


def as_number(a: Truth) -> Number:
    """1 for true, 0 for false."""
    return int(a) if known(a) else z3.If(a, z3.IntVal(1), z3.IntVal(0))


def total(values: Iterable[Number]) -> Number:
    """Sum."""
    constant, open_ = 0, []
    for value in values:
        if known(value):
            constant += value
        else:
            open_.append(value)
    if not open_:
        return constant
    return z3.Sum([*open_, z3.IntVal(constant)]) if constant or len(open_) > 1 else open_[0]


def floor_divide(a: Number, b: Number) -> Number:
    """Python's `//`; z3's `div` is Euclidean and agrees where the divisor is positive."""
    if known(a) and known(b):
        return a // b if b else 0
    if known(b):
        return _number(a) / b if b > 0 else _number(-a) / -b if b else 0
    top, bottom = _number(a), _number(b)
    return z3.If(bottom > 0, top / bottom, (-top) / (-bottom))


def modulo(a: Number, b: Number) -> Number:
    """Python's `%`: the sign of the divisor."""
    if known(a) and known(b):
        return a % b if b else 0
    if known(b) and b > 0:
        return _number(a) % b
    return a - b * floor_divide(a, b)


def _truth(a: Truth) -> Any:
    return z3.BoolVal(a) if known(a) else a


def _number(a: Number) -> Any:
    return z3.IntVal(a) if known(a) else a


def term(a: Truth) -> Any:
    """A truth as a z3 term, for a solver."""
    return _truth(a)
