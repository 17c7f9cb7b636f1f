"""Induction: what is proved, with which helpers, and what is said where it fails."""

from dataclasses import replace

import counters
import pytest

from planespec.checker.engines.symbolic import proving
from planespec.checker.engines.symbolic.induction import Induction
from planespec.checker.engines.symbolic.proving import Answer, Proof, Request, prove
from planespec.checker.engines.symbolic.solving import Clock, Query
from planespec.checker.errors import ConfigurationError
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.ir.operations import reduced
from planespec.checker.ir.system import PropertyKind
from planespec.checker.lang import Model
from planespec.checker.outcome import ViolationKind
from planespec.model.raft.election_unbounded import UnboundedElection
from planespec.model.scheduler.core import Core
from planespec.model.toys.resource_fit import ResourceFit
from planespec.reports.text.proof_text import exit_code_of_proofs


@pytest.fixture(autouse=True)
def search_without_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may take longer for a counterexample than a user is made to wait."""
    monkeypatch.setattr(proving, "SEARCH_SECONDS", 3_600.0)


def proofs_of(model: type, mutant: str | None = None, **wanted: object) -> dict[str, Proof]:
    found = prove(Instance(model, {}, mutant), Request(seconds=3_600, **wanted))  # type: ignore[arg-type]
    return {proof.goal: proof for proof in found}


@pytest.mark.slow
def test_no_node_is_overfull_whatever_five_nodes_have_and_eight_pods_ask_for() -> None:
    """The page about proofs has a smaller one, which takes less time."""
    instance = Instance(ResourceFit, {"nodes": 5, "pods": 8})
    found = prove(instance, Request(seconds=3_600))
    assert {proof.answer for proof in found} == {Answer.PROVED}


def test_numbers_without_a_bound_are_proved_without_a_bound() -> None:
    found = proofs_of(counters.Twins)
    assert {p.answer for p in found.values()} == {Answer.PROVED}
    assert exit_code_of_proofs(list(found.values())) == 0


def test_the_helpers_are_those_the_proof_needs_and_no_more() -> None:
    found = proofs_of(counters.Twins)
    assert found["second_never_exceeds"].helpers == ()
    assert set(found["never_back"].helpers) == {"together"}


def induction_of(model: type[Model]) -> Induction:
    system = replace(reduced(compile_system(Instance(model))), check_deadlock=False)
    return Induction(system, Clock(None))


def test_what_was_answered_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    induction = induction_of(counters.Twins)
    proved = induction.largest(induction.system.of_kind(PropertyKind.ALWAYS, PropertyKind.LEMMA))
    goals = [None, *induction.system.of_kind(PropertyKind.STEP), *proved]
    helpers = [induction.needed(goal, proved) for goal in goals]
    assert any(helpers)
    monkeypatch.delattr(Query, "satisfiable")
    assert [induction.needed(goal, proved) for goal in goals] == helpers


@pytest.mark.parametrize("model", [counters.Twins, counters.Dominoes])
def test_helpers_carry_a_proof_where_nothing_was_asked_before(model: type[Model]) -> None:
    induction = induction_of(model)
    proved = induction.largest(induction.system.of_kind(PropertyKind.ALWAYS, PropertyKind.LEMMA))
    for goal in (None, *induction.system.of_kind(PropertyKind.STEP), *proved):
        helpers = induction.needed(goal, proved)
        for p in (goal, *helpers):
            broken, _ = induction_of(model).ask(p, [*helpers, *([goal] if goal in proved else [])])
            assert broken is None


def test_without_the_lemma_a_counterexample_to_induction_names_it() -> None:
    wanted = {"requirements": ("never_back",), "lemmas": ("second_is_not_negative",)}
    proof = proofs_of(counters.Twins, **wanted)["never_back"]
    assert proof.answer is Answer.NOT_INDUCTIVE
    assert "together" in proof.hints
    assert exit_code_of_proofs([proof]) == 152


def test_a_real_violation_is_told_from_a_state_that_may_be_unreachable() -> None:
    found = proofs_of(counters.Twins, "apart", requirements=("second_never_exceeds",))
    proof = found["second_never_exceeds"]
    assert proof.answer is Answer.VIOLATED
    assert proof.violation is not None
    assert len(proof.violation.trace.steps) == 1
    assert exit_code_of_proofs([proof]) == 12


def test_k_induction_proves_what_induction_does_not() -> None:
    assert proofs_of(counters.Ring)["not_five"].answer is Answer.NOT_INDUCTIVE
    proof = proofs_of(counters.Ring, k=4)["not_five"]
    assert (proof.answer, proof.k) == (Answer.PROVED, 3)


def test_leaving_a_range_is_an_obligation_of_its_own() -> None:
    proof = proofs_of(counters.Overflow)["model-errors"]
    assert proof.answer is Answer.VIOLATED
    assert proof.violation is not None
    assert proof.violation.kind is ViolationKind.ERROR
    assert "leaves 0..3" in proof.violation.message
    assert exit_code_of_proofs([proof]) == 75


def test_what_the_solver_cannot_decide_is_unknown_with_the_reason() -> None:
    found = prove(Instance(counters.Factoring), Request(("no_cubes",), seconds=2))
    assert found[0].answer in (Answer.UNDECIDED, Answer.NOT_INDUCTIVE)
    assert exit_code_of_proofs(found) == 152


def test_a_spent_budget_is_unknown() -> None:
    found = prove(Instance(counters.Twins), Request(seconds=1e-9))
    assert {p.answer for p in found} == {Answer.UNDECIDED}
    assert all("time budget" in p.reason for p in found)
    assert exit_code_of_proofs(found) == 152


def test_an_interrupt_leaves_the_rest_unknown_and_exits_130(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(
        "planespec.checker.engines.symbolic.solving.Query.satisfiable", interrupted
    )
    found = prove(Instance(counters.Twins), Request())
    assert [p.reason for p in found] == ["interrupted"]
    assert exit_code_of_proofs(found) == 130


@pytest.mark.parametrize("wanted", [{"requirements": ("none",)}, {"lemmas": ("never_back",)}])
def test_unknown_names_are_refused(wanted: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(ConfigurationError):
        proofs_of(counters.Twins, **wanted)


@pytest.mark.parametrize(
    ("mutant", "requirement"),
    [
        ("vote_twice", "RAFT-7"),
        ("forget_vote", "RAFT-7"),
        ("half_is_enough", "RAFT-1"),
        ("keep_votes", "counted_votes_were_granted"),
    ],
)
def test_mutants_of_the_election_are_not_proved(mutant: str, requirement: str) -> None:
    found = proofs_of(UnboundedElection, mutant, requirements=(requirement,))
    assert found[requirement].answer in (Answer.VIOLATED, Answer.NOT_INDUCTIVE)


def test_a_node_is_never_overfull_whatever_it_has() -> None:
    [proof] = proofs_of(ResourceFit, requirements=("no_node_is_overfull",)).values()
    assert proof.answer is Answer.PROVED


def test_a_stale_check_overfills_a_node_after_five_steps() -> None:
    found = proofs_of(ResourceFit, "stale_check", requirements=("no_node_is_overfull",))
    proof = found["no_node_is_overfull"]
    assert proof.answer is Answer.VIOLATED
    assert proof.violation is not None
    assert len(proof.violation.trace.steps) == 5


CORE_MUTANTS = [
    ("accept_twice", "SCHED-1", 3),
    ("stale_check", "the_cache_fits", 5),
    ("skip_assume", "sent_bindings_are_assumed", 3),
    ("forget_terminating", "bound_pods_are_cached", 6),
]


def test_no_mutant_of_the_core_of_the_scheduler_is_left_out() -> None:
    declared = {mutant.name for mutant in Instance(Core).mutants}
    assert {name for name, _, _ in CORE_MUTANTS} == declared


@pytest.mark.parametrize(("mutant", "requirement", "steps"), CORE_MUTANTS)
def test_mutants_of_the_core_of_the_scheduler_have_a_shortest_trace(
    mutant: str, requirement: str, steps: int
) -> None:
    proof = proofs_of(Core, mutant, requirements=(requirement,))[requirement]
    assert proof.answer is Answer.VIOLATED
    assert proof.violation is not None
    assert len(proof.violation.trace.steps) == steps


def test_a_lemma_that_is_false_at_the_beginning_helps_no_proof() -> None:
    found = proofs_of(counters.Evens)
    assert found["odd"].answer is Answer.VIOLATED
    proof = found["not_a_thousand"]
    assert proof.answer is Answer.NOT_INDUCTIVE
    assert proof.helpers == ()
    assert "odd" in proof.hints


def test_lemmas_that_rest_on_what_was_dropped_are_dropped_too() -> None:
    found = proofs_of(counters.Dominoes)
    for name in ("first_stands", "second_stands", "third_stands"):
        assert found[name].answer is Answer.VIOLATED
        assert found[name].helpers == ()
