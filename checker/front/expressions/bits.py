"""Powers, shifts and bits of whole numbers, by multiplication and division."""

import ast
from collections.abc import Callable

from planespec.checker.front.core.building import conjunction, constant, convert, number, predicate
from planespec.checker.front.core.scope import Frame
from planespec.checker.front.dispatch import as_integer
from planespec.checker.front.outlines import once
from planespec.checker.ir import ranges
from planespec.checker.ir.nodes import Expr, Op
from planespec.checker.ir.types import Bool, Int

MOST = 62
"""The most places that a number is shifted by, and that a power has as its exponent."""

WHOLE = (ast.Pow, ast.LShift, ast.RShift, ast.BitAnd, ast.BitOr, ast.BitXor)
TRUTHS: dict[type[ast.operator], Op] = {ast.BitAnd: Op.AND, ast.BitOr: Op.OR, ast.BitXor: Op.NE}


def whole(
    frame: Frame, node: ast.AST, operator: ast.operator, left: Expr, right: Expr
) -> Expr | None:
    """`**`, `<<`, `>>`, `&`, `|`, `^` of numbers and of bools; None for other operators."""
    if not isinstance(operator, WHOLE):
        return None
    op = TRUTHS.get(type(operator))
    if op and isinstance(left.type, Bool) and isinstance(right.type, Bool):
        return once(frame, node, "both", [left, right], lambda v: predicate(op, v, v[0].at))
    numbers = [as_integer(frame, node, x) for x in (left, right)]
    if not all(isinstance(n.type, Int) for n in numbers):
        return numbers[0]
    _refuse_unbounded(frame, node, numbers)
    rule = RULES[type(operator)]
    return once(
        frame, node, type(operator).__name__.lower(), numbers, lambda v: rule(frame, node, *v)
    )


def _refuse_unbounded(frame: Frame, node: ast.AST, numbers: list[Expr]) -> None:
    for found in numbers:
        if isinstance(found.type, Int) and not found.type.is_bounded:
            raise frame.refusal(node, "this number has no bound", "numbers with a Range")


def _range(value: Expr) -> Int:
    assert isinstance(value.type, Int)
    return value.type


def power(frame: Frame, node: ast.AST, base: Expr, exponent: Expr) -> Expr:
    """`base ** exponent`, by cases of the exponent, which is not negative."""
    low, high = _range(exponent).bounds
    if low < 0 or high > MOST:
        raise frame.refusal(
            node,
            f"this exponent may be anything in {low}..{high}",
            f"an exponent within 0..{MOST}",
        )
    powers = [number(1, base.at)]
    for _ in range(high):
        powers.append(_times(powers[-1], base))
    range_ = ranges.hull(*(_range(p) for p in powers[low:]))
    if not ranges.fits_word(range_):
        raise frame.refusal(
            node, f"this power may be anything in {range_}", "numbers within 64 bits"
        )
    return _cases(exponent, powers, range_)


def _cases(exponent: Expr, powers: list[Expr], range_: Int) -> Expr:
    low, high = _range(exponent).bounds
    result = convert(powers[high], range_)
    for n in reversed(range(low, high)):
        same = predicate(Op.EQ, [exponent, number(n, exponent.at)], exponent.at)
        result = Expr(Op.IF, range_, (same, convert(powers[n], range_), result), exponent.at)
    return result


def _times(a: Expr, b: Expr) -> Expr:
    if a.op is Op.CONST and b.op is Op.CONST:
        return number(a.arg * b.arg, b.at)
    if a.op is Op.CONST and a.arg == 1:
        return b
    return Expr(Op.MUL, ranges.multiply(_range(a), _range(b)), (a, b), b.at)


def _shift(frame: Frame, node: ast.AST, places: Expr) -> Expr:
    """Two to the power of the places; fewer than none is a model error, as in CPython."""
    low, high = _range(places).bounds
    if high > MOST or high < 0:
        raise frame.refusal(
            node, f"this shift may be anything in {low}..{high}", f"a shift by 0..{MOST} places"
        )
    return power(frame, node, number(2, places.at), convert(places, Int(max(low, 0), high)))


def left_shift(frame: Frame, node: ast.AST, value: Expr, places: Expr) -> Expr:
    """`value << places`."""
    return _times(value, _shift(frame, node, places))


def right_shift(frame: Frame, node: ast.AST, value: Expr, places: Expr) -> Expr:
    """`value >> places`, which rounds down."""
    by = _shift(frame, node, places)
    return Expr(Op.FLOORDIV, ranges.floor_divide(_range(value), _range(by)), (value, by), value.at)


def _width(*values: Expr) -> int:
    """The places that the values need, without the sign."""
    ends = [end for value in values for end in _range(value).bounds]
    return max((end if end >= 0 else ~end).bit_length() for end in ends)


def _bit(value: Expr, n: int) -> Expr:
    """The bit at a place: 0 or 1, that of the two's complement for negative numbers."""
    at = value.at
    if value.op is Op.CONST:
        return number(value.arg >> n & 1, at)
    by = number(2**n, at)
    high = Expr(Op.FLOORDIV, ranges.floor_divide(_range(value), _range(by)), (value, by), at)
    two = number(2, at)
    return Expr(Op.MOD, ranges.modulo(_range(high), _range(two)), (high, two), at)


def bits_of_both(frame: Frame, node: ast.AST, a: Expr, b: Expr) -> Expr:
    """`a & b`."""
    width, at = _width(a, b), frame.at(node)
    if width > MOST:
        raise frame.refusal(node, f"these numbers have {width} bits", f"at most {MOST} bits")
    total = number(0, at)
    for n in range(width):
        bit = _product(_bit(a, n), _bit(b, n))
        total = _plus(total, _times(bit, number(2**n, at)))
    lows = [_range(x).bounds[0] for x in (a, b)]
    if max(lows) < 0:
        total = _plus(total, _both_negative(a, b, width))
    caps = [_range(x).bounds[1] for x in (a, b) if _range(x).bounds[0] >= 0]
    low, high = (0, min(caps)) if caps else (-(2**width), 2**width - 1)
    return convert(total, Int(low, high))


def _product(a: Expr, b: Expr) -> Expr:
    known = [x for x in (a, b) if x.op is Op.CONST]
    if any(x.arg == 0 for x in known):
        return number(0, a.at)
    if known:
        return b if known[0] is a else a
    return _times(a, b)


def _plus(a: Expr, b: Expr) -> Expr:
    if a.op is Op.CONST and a.arg == 0:
        return b
    if b.op is Op.CONST and b.arg == 0:
        return a
    return Expr(Op.ADD, ranges.add(_range(a), _range(b)), (a, b), b.at)


def _both_negative(a: Expr, b: Expr, width: int) -> Expr:
    at, range_ = a.at, Int(-(2**width), 0)
    signs = [predicate(Op.LT, [x, number(0, at)], at) for x in (a, b)]
    ends = [constant(n, range_, at) for n in (-(2**width), 0)]
    return Expr(Op.IF, range_, (conjunction(signs, at), *ends), at)


def _from_both(times: int) -> Callable[[Frame, ast.AST, Expr, Expr], Expr]:
    """`a + b` less so many times `a & b`: once for `|`, twice for `^`."""

    def made(frame: Frame, node: ast.AST, a: Expr, b: Expr) -> Expr:
        shared = _times(bits_of_both(frame, node, a, b), number(times, a.at))
        sum_ = _plus(a, b)
        rest = ranges.subtract(_range(sum_), _range(shared))
        found = Expr(Op.SUB, rest, (sum_, shared), a.at)
        width, lows = _width(a, b), [_range(x).bounds[0] for x in (a, b)]
        return convert(found, Int(0 if min(lows) >= 0 else -(2**width), 2**width - 1))

    return made


RULES = {
    ast.Pow: power,
    ast.LShift: left_shift,
    ast.RShift: right_shift,
    ast.BitAnd: bits_of_both,
    ast.BitOr: _from_both(1),
    ast.BitXor: _from_both(2),
}
