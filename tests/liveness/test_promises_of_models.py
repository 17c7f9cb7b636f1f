"""Promises of models, judged on the graphs of both explicit engines."""

import lock
import pytest

from planespec.checker.budget import Budget, Options
from planespec.checker.errors import ConfigurationError
from planespec.checker.instance import Instance
from planespec.checker.outcome import Outcome, Trace, Verdict, ViolationKind
from planespec.checker.run import check
from planespec.model.raft.election_liveness import CalmElection, FairElection, PromisedElection
from planespec.reports.text.verdicts import exit_code_of

ENGINES = ["python", "native"]


def judged(model: type, promise: str, engine: str, mutant: str | None = None) -> Outcome:
    options = Options(requirements=(promise,), workers=2, check_deadlock=mutant is None)
    return check(Instance(model, {}, mutant), engine, options)


def assert_can_be_followed(instance: Instance, trace: Trace) -> None:
    """Every step is a step of the model under CPython, and the last one comes back."""
    assert trace.initial in {step.state for step in instance.initial_states()}
    before = trace.initial
    for step in trace.steps:
        assert step in list(instance.successors(before))
        before = step.state
    assert trace.loop is not None
    assert trace.states[trace.loop] == before


def assert_broken(outcome: Outcome, model: type, mutant: str | None = None) -> Trace:
    assert outcome.verdict is Verdict.VIOLATED
    assert outcome.violation is not None
    assert outcome.violation.kind is ViolationKind.LIVENESS
    assert exit_code_of(outcome) == 13
    assert_can_be_followed(Instance(model, {}, mutant), outcome.violation.trace)
    return outcome.violation.trace


@pytest.mark.parametrize("engine", ENGINES)
def test_a_weakly_fair_release_frees_the_lock_again_and_again(engine: str) -> None:
    assert judged(lock.Lock, "lock_is_free", engine).verdict is Verdict.HOLDS


@pytest.mark.parametrize("engine", ENGINES)
def test_a_holder_that_keeps_the_lock_breaks_the_promise(engine: str) -> None:
    outcome = judged(lock.Lock, "lock_is_free", engine, "keep")
    trace = assert_broken(outcome, lock.Lock, "keep")
    assert trace.states[-1][0] is not None


@pytest.mark.parametrize("engine", ENGINES)
def test_a_deadlock_comes_before_a_promise_it_breaks(engine: str) -> None:
    outcome = check(Instance(lock.Lock, {}, "keep"), engine, Options())
    assert outcome.violation is not None
    assert outcome.violation.kind is ViolationKind.DEADLOCK


@pytest.mark.parametrize("engine", ENGINES)
def test_nobody_need_ever_ask(engine: str) -> None:
    trace = assert_broken(judged(lock.Lock, "somebody_asks", engine), lock.Lock)
    assert (trace.steps, trace.loop) == ((), 0)


@pytest.mark.parametrize("engine", ENGINES)
def test_granting_needs_fairness(engine: str) -> None:
    assert_broken(judged(lock.Lock, "granted", engine), lock.Lock)
    assert judged(lock.FairLock, "granted", engine).verdict is Verdict.HOLDS


@pytest.mark.parametrize("engine", ENGINES)
def test_fairness_of_an_action_may_starve_one_of_its_instances(engine: str) -> None:
    trace = assert_broken(judged(lock.Queue, "served", engine), lock.Queue)
    assert trace.loop is not None
    assert {s.action for s in trace.steps[trace.loop :]} == {"serve", "work", "again"}


@pytest.mark.parametrize("engine", ENGINES)
def test_fairness_of_every_instance_serves_everybody(engine: str) -> None:
    assert judged(lock.JustQueue, "served", engine).verdict is Verdict.HOLDS


@pytest.mark.parametrize("engine", ENGINES)
def test_a_model_error_in_a_promise_is_told(engine: str) -> None:
    outcome = judged(lock.Faulty, "divides", engine)
    assert outcome.violation is not None
    assert outcome.violation.kind is ViolationKind.ERROR
    assert "division" in outcome.violation.message
    assert len(outcome.violation.trace.steps) == 2


@pytest.mark.parametrize("engine", ENGINES)
def test_what_a_constraint_cuts_off_leaves_promises_unknown(engine: str) -> None:
    outcome = judged(lock.Counter, "arrives", engine)
    assert outcome.verdict is Verdict.UNKNOWN
    assert "constraint" in outcome.reason
    assert judged(lock.FreeCounter, "arrives", engine).verdict is Verdict.HOLDS


@pytest.mark.parametrize("engine", ENGINES)
def test_what_a_depth_cuts_off_leaves_promises_unknown(engine: str) -> None:
    options = Options(requirements=("arrives",), budget=Budget(depth=3))
    outcome = check(Instance(lock.FreeCounter), engine, options)
    assert outcome.verdict is Verdict.UNKNOWN
    assert exit_code_of(outcome) == 152


@pytest.mark.parametrize("engine", ENGINES)
def test_symmetry_with_promises_is_refused_by_name(engine: str) -> None:
    with pytest.raises(ConfigurationError, match=r"lock_is_free .*--symmetry"):
        check(Instance(lock.Lock), engine, Options(symmetry=True))


def test_symmetry_is_allowed_where_no_promise_is_judged() -> None:
    options = Options(symmetry=True, requirements=())
    assert check(Instance(lock.Lock), "python", options).verdict is Verdict.HOLDS


@pytest.mark.parametrize("engine", ENGINES)
def test_a_broken_requirement_comes_before_a_broken_promise(engine: str) -> None:
    outcome = check(Instance(lock.Broken), engine, Options())
    assert outcome.violation is not None
    assert outcome.violation.kind is ViolationKind.SAFETY


def test_a_graph_that_does_not_fit_in_memory_is_unknown() -> None:
    options = Options(requirements=("leader_is_elected",), budget=Budget(memory=20_000_000))
    outcome = check(Instance(PromisedElection, {"terms": 3}), "native", options)
    assert outcome.verdict is Verdict.UNKNOWN


def test_a_leader_is_not_elected_without_fairness() -> None:
    outcome = judged(PromisedElection, "leader_is_elected", "native")
    assert_broken(outcome, PromisedElection)


def test_fairness_alone_lets_votes_split_for_ever() -> None:
    trace = assert_broken(judged(FairElection, "leader_is_elected", "native"), FairElection)
    roles, terms = trace.states[-1][:2]
    assert {role.name for role in roles} == {"CANDIDATE"}
    assert len(set(terms)) == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_a_leader_is_elected_in_calm_times(engine: str) -> None:
    assert judged(CalmElection, "leader_is_elected", engine).verdict is Verdict.HOLDS
