"""What operations stand for is well-formed, and compiled code that knows nothing else agrees."""

import pytest
from random_expressions import Maker, node
from test_native_agrees_with_the_interpreter import make_pool, system_of

from planespec.checker.engines.native.codegen import frame
from planespec.checker.engines.native.host.build import Probe
from planespec.checker.ir.execute import successors
from planespec.checker.ir.nodes import Assign, Expr, Op
from planespec.checker.ir.operations import OPERATIONS, derived
from planespec.checker.ir.system import Action
from planespec.checker.ir.traversal import block_expressions, inside
from planespec.checker.ir.types import Int, Set

AT = node(Op.STATE, Int(0, 0)).at
FORMS = {op for op, operation in OPERATIONS.items() if operation.form}
FOR_BAGS = {Op.WITH, Op.WITHOUT}


def actions_of(maker: Maker, count: int) -> list[Action]:
    make_pool(maker)
    made = []
    for k in range(count):
        variable = maker.rng.choice(maker.variables)
        place = node(Op.STATE, variable.type, arg=variable.name)
        body = (Assign(AT, place, maker.expr(variable.type, 3)),)
        made.append(Action(f"a{k}", (), body, AT))
    return made


def expressions(seed: int) -> list[Expr]:
    actions = actions_of(Maker(seed), 40)
    return [e for action in actions for e in block_expressions(action.body)]


def test_a_form_obeys_the_rules_of_its_operations_and_keeps_the_type() -> None:
    seen = set()
    for e in (e for seed in range(30) for e in expressions(seed)):
        stands = derived(e)
        if stands is None:
            continue
        seen.add(e.op)
        operands = {id(part) for part in inside(e)}
        for part in inside(stands.value):
            if part.op in OPERATIONS and id(part) not in operands:
                OPERATIONS[part.op].rule(part)
        same = isinstance(e.type, Int) and isinstance(stands.value.type, Int)
        assert stands.value.type == e.type or same, e.op
    assert len(seen) > len(FORMS) * 3 // 4, FORMS - seen


def test_bags_have_no_form_for_a_copy_more_or_less() -> None:
    for e in (e for seed in range(30) for e in expressions(seed) if e.op in FOR_BAGS):
        assert (derived(e) is None) is not isinstance(e.type, Set)


@pytest.mark.parametrize("seed", range(100, 106))
def test_code_without_spellings_of_its_own_agrees(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for table in (frame.EXPRESSIONS, frame.CONDITIONS):
        for op in FORMS - FOR_BAGS:
            monkeypatch.delitem(table, op, raising=False)
    maker = Maker(seed)
    actions = actions_of(maker, 20)
    system = system_of(maker.variables, actions)
    probe = Probe(system)
    for _ in range(20):
        state = tuple(maker.value(v.type) for v in maker.variables)
        expected = [
            (0 if t.state is None else t.action, t.state) for t in successors(system, state)
        ]
        assert expected == [(s.action, s.state) for s in probe.successors(state)]
