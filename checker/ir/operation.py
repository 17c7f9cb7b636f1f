"""What an operation of the IR is: a rule for its operands and its result, and a meaning.

The meaning is a function of frozen values, or a *form*: the expression of other operations that
it stands for. The interpreter and the solver know an operation that has a form by that form alone;
native code and TLA+ spell some of them in their own way, for speed and to be read, and take the
form of all others.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from planespec.checker.ir.nodes import Expr, Op, Position
from planespec.checker.ir.types import Bool, Type

Rule = Callable[[Expr], None]
Meaning = Callable[[Expr, list[Any]], Any]
"""The value of an expression from those of its operands; raises EvaluationError."""


class IllFormed(Exception):  # noqa: N818 - a finding about IR, not about a model
    """IR that breaks its grammar: a mistake of the front end or of a pass."""


@dataclass(frozen=True, slots=True)
class Derived:
    """The expression that another stands for.

    `given` are the operands that it names, to be evaluated once, in order, before the rest. Where
    there are none the operands stand in it themselves, each once and none where it was lazy.
    """

    value: Expr
    given: tuple[tuple[str, Expr], ...] = ()


Form = Callable[[Expr], Derived | None]
"""None where the operation has a meaning of its own for operands of these types."""


@dataclass(frozen=True, slots=True)
class Operation:
    """The rule and the meaning of an operation; one whose operands are lazy may have neither."""

    rule: Rule
    meaning: Meaning | None = None
    form: Form | None = None


def demand(condition: bool, at: Position | None, message: str) -> None:
    """Raise IllFormed unless the condition holds."""
    if not condition:
        raise IllFormed(f"{at}: {message}")


def ruled(message: str, holds: Callable[[Expr], bool]) -> Rule:
    """A rule that says `message` where the expression does not pass the test."""

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


def operand_types(value: Expr) -> tuple[Type, ...]:
    """The types of the operands."""
    return tuple(a.type for a in value.args)


# What forms and other expressions are made of.


def constant(value: Any, type_: Type, at: Position) -> Expr:
    """A constant of a scalar type, by number; None of an Option."""
    return Expr(Op.CONST, type_, (), at, value)


def truth(value: bool, at: Position) -> Expr:
    """True or False."""
    return constant(value, Bool(), at)


def local(name: str, type_: Type, at: Position) -> Expr:
    """A local variable, parameter or bound variable."""
    return Expr(Op.LOCAL, type_, (), at, name)


def predicate(op: Op, args: Sequence[Expr], at: Position, arg: Any = None) -> Expr:
    """An operation with a truth value."""
    return Expr(op, Bool(), tuple(args), at, arg)


def chosen(condition: Expr, yes: Expr, no: Expr) -> Expr:
    """One of two of the same type."""
    return Expr(Op.IF, yes.type, (condition, yes, no), condition.at)


def named(e: Expr, make: Callable[..., Expr], type_: Type | None = None) -> Derived:
    """A form that uses its operands more than once: `make` gets them as locals.

    `type_` is the type of all of these, where it is not that of the operand itself.
    """
    given = tuple((f"%{k}", operand) for k, operand in enumerate(e.args))
    return Derived(make(*(local(n, type_ or a.type, a.at) for n, a in given)), given)
