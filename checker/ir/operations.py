"""Every operation with its rule and its meaning, and what stands for something else.

`derived` is the one answer to what an operation means that is another in disguise. What is left
is the core: constants, parts, `+ - * // %`, `==` and `<=`, `if`, wrapping and taking out,
literals, `in`, lengths, union, intersection and difference, bags, `++` and slices, conversions,
and folds. `%`, intersections and slices could be said by others of the core, too, but the solver
would be given larger terms.
"""

from dataclasses import replace

from planespec.checker.ir.collection_operations import CHANGES, LITERALS, QUESTIONS
from planespec.checker.ir.nodes import Expr, Fold, Op, Reduction
from planespec.checker.ir.number_operations import NUMBERS, TRUTHS
from planespec.checker.ir.operation import (
    Derived,
    Form,
    IllFormed,
    Operation,
    constant,
    demand,
    operand_types,
    predicate,
    ruled,
)
from planespec.checker.ir.part_operations import OPTIONS, PARTS, RECORDS
from planespec.checker.ir.system import System
from planespec.checker.ir.traversal import rewrite, rewrite_system
from planespec.checker.ir.types import Int, Span

__all__ = ["OPERATIONS", "REDUCTIONS", "Derived", "IllFormed", "demand", "derived", "reduced"]


def _span(value: Expr) -> bool:
    low, high = operand_types(value)
    ints = isinstance(low, Int) and isinstance(high, Int)
    return ints and isinstance(value.type, Span) and isinstance(value.type.element, Int)


SPANS: dict[Op, Operation] = {
    Op.RANGE: Operation(ruled("[int, int]", _span)),
    Op.DOMAIN: Operation(ruled("no operands", lambda v: not v.args and isinstance(v.type, Span))),
}

OPERATIONS: dict[Op, Operation] = {
    **PARTS,
    **NUMBERS,
    **TRUTHS,
    **OPTIONS,
    **RECORDS,
    **LITERALS,
    **QUESTIONS,
    **CHANGES,
    **SPANS,
}
"""All but those that need to know what is in scope (`SCOPED`)."""


def _some(e: Expr) -> Derived:
    """Not all are false."""
    assert isinstance(e, Fold)
    assert e.body is not None
    body = predicate(Op.NOT, [e.body], e.at)
    none = replace(e, reduction=Reduction.ALL, body=body)
    return Derived(predicate(Op.NOT, [none], e.at))


def _how_many(e: Expr) -> Derived:
    """One for each."""
    assert isinstance(e, Fold)
    one = constant(1, Int(1, 1), e.at)
    return Derived(replace(e, reduction=Reduction.SUM, body=one))


REDUCTIONS: dict[Reduction, Form] = {Reduction.ANY: _some, Reduction.COUNT: _how_many}
"""The reductions that are others in disguise."""

_FORMS = {op: operation.form for op, operation in OPERATIONS.items() if operation.form}


def derived(e: Expr) -> Derived | None:
    """What an expression stands for, or None where it has a meaning of its own."""
    form = REDUCTIONS.get(e.reduction) if isinstance(e, Fold) else _FORMS.get(e.op)
    return form(e) if form is not None else None


def reduced(system: System) -> System:
    """The system with what stands for something else replaced where no operand needs a name."""

    def core(e: Expr) -> Expr:
        stands = derived(e)
        return e if stands is None or stands.given else rewrite(stands.value, core)

    return rewrite_system(system, core, lambda block: block)
