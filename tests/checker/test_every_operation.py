"""Every operation of the IR is known to everything that reads expressions."""

import pytest

from planespec.checker.engines.native.codegen import lower  # noqa: F401 - registers the lowering
from planespec.checker.engines.native.codegen.frame import EXPRESSIONS
from planespec.checker.engines.symbolic import expressions as symbolic
from planespec.checker.ir import show
from planespec.checker.ir.evaluate import EAGER, LAZY
from planespec.checker.ir.nodes import SCOPED, WALKED, Op, Reduction
from planespec.checker.ir.rules import RULES
from planespec.reports.formats.tla import tla_expressions as tla
from planespec.reports.formats.tla.tla_folds import REDUCTIONS

OPS = frozenset(Op)
VALUES = OPS - WALKED - {Op.FOLD}
"""Operations that give a value of operands."""


def test_every_operation_has_a_rule_or_is_judged_with_its_scope() -> None:
    assert RULES.keys() | SCOPED == OPS
    assert RULES.keys() & SCOPED == set()


def test_every_operation_has_a_meaning_and_only_one() -> None:
    assert LAZY.keys() | EAGER.keys() == VALUES
    assert LAZY.keys() & EAGER.keys() == set()


def test_every_operation_is_lowered_to_native_code() -> None:
    assert EXPRESSIONS.keys() == OPS


def test_every_operation_is_known_to_the_solver() -> None:
    assert symbolic.SPECIAL.keys() | symbolic.PLAIN.keys() == VALUES


def test_every_operation_is_exported_to_tla() -> None:
    assert {*tla.HANDLERS, *tla.INFIX, *tla.SAME, *tla.CALLS} == VALUES


def test_operations_between_operands_are_shown_between_them() -> None:
    names = {op.name.lower() for op in OPS - show.INFIX.keys()}
    assert len(names) == len(OPS) - len(show.INFIX)
    assert len(set(show.INFIX.values())) >= len(show.INFIX) - 1  # sets have a minus, too


@pytest.mark.parametrize("reduction", Reduction, ids=lambda r: r.name.lower())
def test_every_reduction_is_exported_to_tla(reduction: Reduction) -> None:
    assert reduction in REDUCTIONS
