"""A store to a part of a variable, as the IR has it: fields, too, which no model file names."""

from dataclasses import make_dataclass

import pytest

from planespec.checker.engines.symbolic import symbolic_values as v
from planespec.checker.engines.symbolic.execution import Run
from planespec.checker.engines.symbolic.unknowns import embed, frozen_of
from planespec.checker.ir.execute import successors
from planespec.checker.ir.nodes import Assign, Expr, Op, Position
from planespec.checker.ir.system import Action, System, Variable
from planespec.checker.ir.types import Array, Bool, Int, Record, Seq

AT = Position("stores.py", 1, 1, 1, 2)
SMALL = Int(0, 9)
NAMES = ("first", "second", "third")
TRIPLE = Record(
    "Triple",
    tuple((name, SMALL) for name in NAMES),
    make_dataclass("Triple", NAMES, frozen=True),
)
SHELF = Array(Bool(), Seq(TRIPLE, 2))
NUMBER = Expr(Op.CONST, SMALL, (), AT, 7)
SIDE = Expr(Op.CONST, Bool(), (), AT, 1)
LAST = Expr(Op.CONST, Int(-1, -1), (), AT, -1)


@pytest.mark.parametrize("name", NAMES)
def test_a_store_to_a_field_leaves_the_others(name: str) -> None:
    side = Expr(Op.INDEX, SHELF.value, (Expr(Op.STATE, SHELF, (), AT, "shelf"), SIDE), AT)
    whole = Expr(Op.AT, TRIPLE, (side, LAST), AT)
    action = Action(
        "put", (), (Assign(AT, Expr(Op.FIELD, SMALL, (whole,), AT, name), NUMBER),), AT
    )
    system = System(
        "Stores", "stores.py", {}, (Variable("shelf", SHELF, AT),), (), (), (action,), {}, ()
    )
    make = TRIPLE.python
    before = ((make(0, 1, 2),), (make(3, 4, 5), make(4, 5, 6)))
    run = Run({}, {"shelf": embed(SHELF, before)}, lambda _, kind: (v.zero(kind), True))
    run.block(action.body)
    assert run.enabled
    after = frozen_of(SHELF, run.state["shelf"])
    assert [t.state for t in successors(system, (before,))] == [(after,)]
    assert [getattr(after[1][1], each) for each in NAMES if each != name] == [
        getattr(before[1][1], each) for each in NAMES if each != name
    ]
    assert getattr(after[1][1], name) == 7
