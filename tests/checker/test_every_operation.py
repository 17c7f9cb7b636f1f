"""Every operation of the IR is known to everything that reads expressions."""

import pytest

from planespec.checker.engines.native.codegen import lower  # noqa: F401 - registers the lowering
from planespec.checker.engines.native.codegen.frame import EXPRESSIONS
from planespec.checker.engines.symbolic import expressions as symbolic
from planespec.checker.ir import show
from planespec.checker.ir.evaluate import LAZY
from planespec.checker.ir.nodes import SCOPED, WALKED, Op, Reduction
from planespec.checker.ir.operations import OPERATIONS
from planespec.reports.formats.tla import tla_expressions as tla
from planespec.reports.formats.tla.tla_folds import REDUCTIONS

OPS = frozenset(Op)
VALUES = OPS - WALKED - {Op.FOLD}
"""Operations that give a value of operands."""

FORMS = {op for op, operation in OPERATIONS.items() if operation.form}
"""Operations that stand for others."""
MEANINGS = {op for op, operation in OPERATIONS.items() if operation.meaning}
FOR_BAGS = {Op.WITH, Op.WITHOUT}
"""Operations that stand for others on sets and have a meaning of their own on bags."""


def test_every_operation_has_a_rule_or_is_judged_with_its_scope() -> None:
    assert OPERATIONS.keys() | SCOPED == OPS
    assert OPERATIONS.keys() & SCOPED == set()


def test_every_operation_has_a_meaning_and_only_one() -> None:
    assert LAZY.keys() | MEANINGS | FORMS == VALUES
    assert LAZY.keys() & (MEANINGS | FORMS) == set()
    assert MEANINGS & FORMS == FOR_BAGS


def test_every_operation_is_lowered_to_native_code_or_stands_for_others() -> None:
    assert EXPRESSIONS.keys() | FORMS == VALUES | {Op.FOLD}


def test_the_solver_knows_every_operation_that_stands_for_no_other_and_no_more() -> None:
    cases = symbolic.SPECIAL.keys() | symbolic.PLAIN.keys()
    assert cases | FORMS == VALUES
    assert cases & FORMS == FOR_BAGS


def test_every_operation_is_exported_to_tla_or_stands_for_others() -> None:
    assert {*tla.HANDLERS, *tla.INFIX, *tla.SAME, *tla.CALLS} | FORMS == VALUES


def test_operations_between_operands_are_shown_between_them() -> None:
    names = {op.name.lower() for op in OPS - show.INFIX.keys()}
    assert len(names) == len(OPS) - len(show.INFIX)
    assert len(set(show.INFIX.values())) >= len(show.INFIX) - 1  # sets have a minus, too


@pytest.mark.parametrize("reduction", Reduction, ids=lambda r: r.name.lower())
def test_every_reduction_is_exported_to_tla(reduction: Reduction) -> None:
    assert reduction in REDUCTIONS
