"""Maps inside records: the same states, traces and words in all engines and under CPython."""

import pickle
from pathlib import Path

import pytest

from planespec.checker import values
from planespec.checker.budget import Budget, Options
from planespec.checker.engines.native.layout.variables import Layout
from planespec.checker.engines.python.judging import Judge
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.lang.data.records import FixedMap
from planespec.checker.load import load_model
from planespec.checker.outcome import Outcome, Verdict
from planespec.checker.run import check
from planespec.reports.formats.itf_values import decode, encode
from planespec.reports.text.trace_text import changes

MODEL = f"{Path(__file__).parent}/toys/maps.py:Clocks"
Clocks = load_model(MODEL)
WITHIN = Options(budget=Budget(depth=6), workers=2)
ALIKE = Options(budget=Budget(depth=6), workers=2, symmetry=True)


def numbers(outcome: Outcome) -> tuple[object, ...]:
    found = outcome.statistics
    return outcome.verdict, found.generated, found.distinct, found.levels, outcome.reached


@pytest.mark.parametrize("options", [WITHIN, ALIKE])
def test_python_and_native_find_the_same_states(options: Options) -> None:
    python, native = (check(Instance(Clocks), e, options) for e in ("python", "native"))
    assert numbers(python) == numbers(native)
    assert python.statistics.distinct > 100
    assert python.reached == {"is_kept": 3}


def test_native_finds_all_states_that_tlc_finds() -> None:
    found = check(Instance(Clocks), "native", Options(workers=2))
    assert found.verdict is Verdict.HOLDS
    assert (found.statistics.generated, found.statistics.distinct) == (15223, 6030)
    alike = check(Instance(Clocks), "native", Options(workers=2, symmetry=True))
    assert alike.statistics.distinct == 3045


@pytest.mark.parametrize("engine", ["python", "native", "symbolic"])
def test_a_broken_requirement_is_shown_place_by_place(engine: str) -> None:
    instance = Instance(Clocks, {}, "twice")
    outcome = check(instance, engine, WITHIN)
    assert outcome.violation is not None
    assert outcome.violation.property == "votes_come_one_by_one"
    (before, after), place = (
        outcome.violation.trace.states[:2],
        instance.variables.index("entries"),
    )
    type_ = instance.types["entries"]
    told = [(c.place, c.text) for c in changes(type_, before[place], after[place], "entries")]
    assert told == [
        ("entries[B].votes[server0]", "False -> True"),
        ("entries[B].votes[server1]", "False -> True"),
    ]


def test_states_of_other_engines_are_shown_and_taken_as_those_of_cpython() -> None:
    instance = Instance(Clocks, {}, "twice")
    native = check(instance, "native", WITHIN).violation
    assert native is not None
    state = native.trace.states[-1]
    assert [step.state for step in instance.successors(state)]
    type_ = instance.types["entries"]
    text = values.show(type_, state[instance.variables.index("entries")])
    assert "B: Entry(votes={server0: True, server1: True}, clock={A: 0, B: 0})" in text
    for (name, type_), value in zip(instance.types.items(), state, strict=True):
        assert decode(type_, encode(type_, value)) == value, name


def test_a_state_of_native_code_has_the_successors_of_the_same_state_of_cpython() -> None:
    instance = Instance(Clocks)
    layout = Layout(compile_system(instance))
    level, messages = {step.state for step in instance.initial_states()}, 0
    for _ in range(4):
        following = set()
        for state in sorted(level, key=str)[:12]:
            same = layout.decode(layout.encode(state))
            assert same == state
            steps = list(instance.successors(state))
            assert list(instance.successors(same)) == steps
            assert Judge(instance).state(same) is None
            messages += sum(step.action == "receive" for step in steps)
            following |= {step.state for step in steps}
        level = following
    assert messages


def test_a_map_of_a_record_is_a_value() -> None:
    model = Clocks()
    entry = next(iter(model.entries))
    server0, server1 = model.servers
    votes = entry.votes
    assert isinstance(votes, FixedMap)
    changed = votes | {server1: True}
    assert not votes[server1]
    assert changed == {server0: False, server1: True}
    assert {server0: False, server1: True} == changed
    assert changed != votes
    assert hash(changed) == hash((False, True))
    assert (changed.get(server1), changed.get(3), len(changed)) == (True, None, 2)
    assert list(changed) == [False, True]
    assert pickle.loads(pickle.dumps(changed)) == changed
    assert len({votes, changed, votes | {}}) == 2
    with pytest.raises(TypeError, match="never changes"):
        votes[server0] = True
    with pytest.raises(TypeError, match="any"):
        print(True in votes)


def test_the_order_in_which_a_dict_is_written_does_not_matter() -> None:
    model = Clocks()
    entry_class = type(next(iter(model.entries)))
    first, second = model.servers
    one = entry_class({first: True, second: False})
    assert one == entry_class({second: False, first: True})
    assert tuple(one.votes) == (True, False)
