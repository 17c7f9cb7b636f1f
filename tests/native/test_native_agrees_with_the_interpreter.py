"""Random types, values and expressions: native code against the direct interpreter of the IR."""

from typing import Any

import pytest
from random_expressions import AT, BOOL, Maker, node
from random_values import COLOUR, NODE

from planespec.checker.engines.native.host.build import Probe
from planespec.checker.engines.native.layout.coding import value_of, words_of
from planespec.checker.engines.native.layout.variables import Layout
from planespec.checker.ir.execute import successors
from planespec.checker.ir.nodes import Assign, Expr, Op
from planespec.checker.ir.system import Action, System, Variable
from planespec.checker.ir.types import Int


def system_of(variables: list[Variable], actions: list[Action]) -> System:
    defaults = ()
    return System("Random", "r.py", {}, tuple(variables), defaults, (), tuple(actions), {}, ())


def make_pool(maker: Maker) -> None:
    types = [
        BOOL,
        COLOUR,
        NODE,
        Int(-2, 5),
        *(maker.type(maker.rng.randint(1, 3), top=True) for _ in range(7)),
    ]
    maker.variables = [Variable(f"v{k}", t, AT) for k, t in enumerate(types)]


def show(e: Expr) -> Any:
    return (e.op.name, str(e.type), e.arg, [show(a) for a in e.args])


@pytest.mark.parametrize("seed", range(60))
def test_values_survive_encoding(seed: int) -> None:
    maker = Maker(seed)
    for _ in range(10):
        type_ = maker.type(3, top=True)
        for _ in range(10):
            value = maker.value(type_)
            assert value_of(type_, words_of(type_, value)) == value


@pytest.mark.parametrize("seed", range(25))
def test_expressions_have_the_same_value(seed: int) -> None:
    maker = Maker(seed)
    make_pool(maker)
    actions = []
    for k in range(20):
        variable = maker.rng.choice(maker.variables)
        value = maker.expr(variable.type, 3)
        place = node(Op.STATE, variable.type, arg=variable.name)
        actions.append(Action(f"a{k}", (), (Assign(AT, place, value),), AT))
    system = system_of(maker.variables, actions)
    probe = Probe(system)
    assert Layout(system).words == probe.layout.words
    for _ in range(10):
        state = tuple(maker.value(v.type) for v in maker.variables)
        expected = [(t.action, t.state) for t in successors(system, state)]
        found = [(s.action, s.state) for s in probe.successors(state)]
        for k, ((_, right), (_, native)) in enumerate(zip(expected, found, strict=True)):
            assert right == native, show(actions[k].body[0].value)  # type: ignore[attr-defined]
