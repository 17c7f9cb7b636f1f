"""What CPython reads as whole numbers: bools, members of an IntEnum, elements of sorts."""

from enum import Enum as PythonEnum

from planespec.checker.front.core.building import constant, domain, fold, local, number, predicate
from planespec.checker.front.core.scope import Frame
from planespec.checker.ir.nodes import Expr, Generator, Op, Reduction
from planespec.checker.ir.types import Array, Bool, Enum, Int, Seq, Sort, Type


def numbers_of(type_: Enum) -> list[int] | None:
    """The numbers that the members of an IntEnum are; None for other enums."""
    python = type_.python
    if isinstance(python, type) and issubclass(python, int) and issubclass(python, PythonEnum):
        return [int(member) for member in python]
    return None


def is_numeric(type_: Type) -> bool:
    """Whether values are numbers for CPython, too, though not of type int."""
    match type_:
        case Bool():
            return True
        case Enum():
            return numbers_of(type_) is not None
        case Sort():
            return not type_.symmetric
    return False


def as_number(found: Expr) -> Expr:
    """The number that such a value is; other values as they are."""
    match found.type:
        case Bool() if found.op is Op.CONST:
            return number(int(found.arg), found.at)
        case Bool():
            ends = [constant(flag, Int(0, 1), found.at) for flag in (1, 0)]
            return Expr(Op.IF, Int(0, 1), (found, *ends), found.at)
        case Sort(_, size, False):
            return Expr(Op.CONVERT, Int(0, size - 1), (found,), found.at)
        case Enum():
            return _of_member(found, found.type)
    return found


def _of_member(found: Expr, type_: Enum) -> Expr:
    numbers = numbers_of(type_)
    if numbers is None:
        return found
    if found.op is Op.CONST:
        return number(numbers[found.arg], found.at)
    range_ = Int(min(numbers), max(numbers))
    table = tuple(constant(n, range_, found.at) for n in numbers)
    array = Expr(Op.ARRAY, Array(type_, range_), table, found.at)
    return Expr(Op.INDEX, range_, (array, found), found.at)


def member_of(frame: Frame, found: Expr, type_: Enum) -> Expr:
    """The member with a number (`Level(2)`); a number that none has is a model error."""
    at, numbers = found.at, numbers_of(type_) or []
    if found.op is Op.CONST and found.arg in numbers:
        return constant(numbers.index(found.arg), type_, at)
    name = frame.fresh("member")
    member = local(name, type_, at)
    same = predicate(Op.EQ, [as_number(member), found], at)
    walk = Generator(name, type_, domain(type_, at), (same,))
    hits = fold(Reduction.SEQ, Seq(type_, len(numbers)), (walk,), member, at)
    return Expr(Op.AT, type_, (hits, number(0, at)), at)


def like(frame: Frame, found: Expr, type_: Type) -> Expr:
    """A number that is known to be one of a type, as a value of that type."""
    at = found.at
    match type_:
        case Bool():
            return predicate(Op.EQ, [found, number(1, at)], at)
        case Sort():
            return Expr(Op.CONVERT, type_, (found,), at)
        case Enum():
            return member_of(frame, found, type_)
    return found
