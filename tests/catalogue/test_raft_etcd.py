"""Raft as etcd runs it: every mutant dies where the catalogue says; the pages are current."""

from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import pytest
from unmutated import Unmutated, unmutated

from planespec.checker.budget import Budget, Options
from planespec.checker.instance import JUDGED, Instance
from planespec.checker.outcome import Outcome, Verdict, ViolationKind
from planespec.checker.run import check
from planespec.model.raft.etcd import EtcdRaft
from planespec.reports.input.catalogue import Killed, catalogue, load_model
from planespec.reports.pages import raft_pages

DOCS = Path(__file__).resolve().parents[2] / "docs"
SWITCHES = (
    *("loss", "duplication", "restarts", "writes", "snapshots", "pre_vote", "check_quorum"),
    *("heartbeats", "transfers", "adds", "removals", "demotions", "joint", "lease_reads"),
)
TINY = 1_500
"""Distinct states up to which the reference engine finds the counterexample."""
HUGE = 10_000_000
"""Distinct states at the end of a mutant above which only its depth is searched without it."""
OFF = {
    *("outbox", "applied", "compacted", "configuration", "pending_change", "active", "lease"),
    *("leaderless", "transferee", "waiting"),
}
"""Variables of features that the default constants switch off, and others look at."""
ABSENT = {
    *("durable_term", "durable_vote", "durable_log", "durable_commit", "ballots"),
    *("offset", "answered", "asked", "msgs"),
}
"""Variables that exist only with their feature."""


@dataclass(frozen=True)
class Case:
    """A mutant and the model in which it dies."""

    model: str
    killed: Killed

    def check(self, mutant: str | None, requirements: tuple[str, ...]) -> Outcome:
        instance = Instance(load_model(self.model), self.killed.constants, mutant)
        # Below some thousand states running the model itself is faster than compiling it.
        engine = "python" if self.killed.distinct <= TINY and mutant else "native"
        # The whole space of the largest instance is too large for a test: as far as the mutant.
        steps = self.killed.steps if self.killed.distinct > HUGE else None
        options = Options(workers=2, requirements=requirements, budget=Budget(depth=steps))
        return check(instance, engine, options)


CASES = [Case(m, killed) for m in raft_pages.MODELS for killed in catalogue()[m].mutants]
QUICK = [case for case in CASES if not case.killed.slow]
SLOW = [case for case in CASES if case.killed.slow]


def name(case: Case) -> str:
    return f"{case.killed.name}-{case.killed.requirement}"


def assert_killed(case: Case) -> None:
    """The mutant dies for the requirement, as soon as recorded."""
    killed = case.killed
    violation = case.check(killed.name, (killed.requirement,)).violation
    assert violation is not None
    assert (violation.property, len(violation.trace.steps)) == (killed.requirement, killed.steps)


@pytest.mark.sample(3)
@pytest.mark.parametrize("case", QUICK, ids=name)
def test_a_mutant_of_raft_dies_as_soon_as_recorded(case: Case) -> None:
    assert_killed(case)


@pytest.mark.slow
@pytest.mark.parametrize("case", SLOW, ids=name)
def test_a_mutant_of_raft_dies_as_soon_as_recorded_on_a_large_instance(case: Case) -> None:
    assert_killed(case)


PLAIN = unmutated((case.model, case.killed) for case in CASES)


@pytest.mark.slow
@pytest.mark.parametrize("case", PLAIN, ids=lambda case: case.id)
def test_raft_keeps_its_promises_where_a_mutant_dies(case: Unmutated) -> None:
    plain = Instance(load_model(case.model), case.killed.constants)
    promised = (*(claim.id for claim in plain.claims(*JUDGED)), *case.requirements)
    assert Case(case.model, case.killed).check(None, promised).verdict is Verdict.HOLDS


def test_the_catalogue_names_every_mutant_of_raft_once_for_a_requirement() -> None:
    declared = {mutant.name for mutant in Instance(EtcdRaft).mutants}
    assert {case.killed.name for case in CASES} == declared
    assert len(declared) >= 20
    ends = [(case.killed.name, case.killed.requirement) for case in CASES]
    assert len(set(ends)) == len(ends)


def test_the_change_of_july_2015_and_most_others_break_safety_itself() -> None:
    """A direct rule, such as one pending change, is what a mutant breaks first."""
    safety = {"RAFT-1", "RAFT-3", "RAFT-4", "RAFT-5", "RAFT-9", "RAFT-23"}
    safe = {case.killed.name for case in CASES if case.killed.requirement in safety}
    assert "change_before_own_commit" in safe
    assert len(safe) >= 24


def test_at_least_ten_mutants_of_raft_bring_back_a_bug_with_a_number() -> None:
    assert sum(mutant.issue != "" for mutant in Instance(EtcdRaft).mutants) >= 10


@pytest.mark.parametrize("switch", SWITCHES)
def test_every_feature_of_raft_is_on_in_an_instance_that_holds(switch: str) -> None:
    default = Instance(EtcdRaft).constants[switch]
    assert any(
        known.verdict == "Holds" and known.constants.get(switch, default)
        for known in catalogue()["raft.etcd"].instances
    )


def test_a_feature_of_raft_that_is_off_takes_no_room_in_a_state() -> None:
    instance = Instance(EtcdRaft)
    outcome = check(instance, "native", Options(workers=2))
    assert set(outcome.statistics.unchanged) == OFF
    assert instance.binding.absent.keys() == ABSENT
    assert outcome.statistics.bits_per_state <= 102


PAIRS = raft_pages.pairs()


def pair_name(pair: raft_pages.Pair) -> str:
    return "-".join(pair.features)


def assert_pair(pair: raft_pages.Pair) -> None:
    """The verdict and the numbers are the recorded ones."""
    outcome = check(Instance(EtcdRaft, pair.constants), "native", Options(workers=2))
    violation, numbers = outcome.violation, outcome.statistics
    found = (violation.property, len(violation.trace.steps)) if violation else ("", 0)
    assert found == (pair.requirement, pair.steps)
    assert (numbers.distinct, numbers.generated) == (pair.distinct, pair.generated)
    assert numbers.depth == pair.depth


@pytest.mark.parametrize("pair", sorted(PAIRS, key=lambda p: p.distinct)[:1], ids=pair_name)
def test_a_small_pair_of_features_is_as_recorded(pair: raft_pages.Pair) -> None:
    assert_pair(pair)


@pytest.mark.slow
@pytest.mark.parametrize("pair", PAIRS, ids=pair_name)
def test_a_pair_of_features_is_as_recorded(pair: raft_pages.Pair) -> None:
    assert_pair(pair)


def test_every_pair_of_features_has_an_instance_with_both() -> None:
    named = raft_pages.features()
    assert [pair.features for pair in PAIRS] == list(combinations(named, 2))
    for pair in PAIRS:
        constants = Instance(EtcdRaft, pair.constants).constants
        for name, value in (item for f in pair.features for item in named[f].items()):
            if name == "voters":  # fewer than all, so that one may join
                assert constants["voters"] < len(constants["servers"])
            else:
                assert constants[name] >= value


def test_every_switch_is_a_feature_of_a_pair() -> None:
    on = {name for constants in raft_pages.features().values() for name in constants}
    assert set(SWITCHES) - {"loss"} <= on
    assert Instance(EtcdRaft).constants["loss"] is True


def test_a_pair_of_features_that_is_broken_says_why() -> None:
    broken = {pair.features: pair.because for pair in PAIRS if pair.requirement}
    assert {"transfers", "lease_reads"} in map(set, broken)
    assert {"restarts", "lease_reads"} in map(set, broken)
    assert all(len(because) > 80 for because in broken.values())


def test_a_heartbeat_that_commits_beyond_the_log_is_an_error_of_the_model() -> None:
    constants = {"heartbeats": True, "max_log": 2, "candidates": 2, "restarts": True}
    options = Options(workers=2, requirements=("RAFT-1",))
    mutated = Instance(EtcdRaft, constants, "restart_forgets_log")
    violation = check(mutated, "native", options).violation
    assert violation is not None
    assert violation.kind is ViolationKind.ERROR
    assert (violation.message, violation.action) == ("assertion failed", "heartbeat")


def test_a_removed_leader_beside_one_voter_answers_a_read_from_before_the_next_leader() -> None:
    """The library does so, too: tests/spec/raft_node/test_raft_inputs.py."""
    constants = {"servers": 2, "voters": 2, "changes": 1, "removals": True, "reads": 1}
    instance = Instance(EtcdRaft, {**constants, "max_term": 2, "max_log": 3})
    violation = check(instance, "native", Options(workers=2, requirements=("RAFT-23",))).violation
    assert violation is not None
    assert violation.trace.steps[-1].action == "read_index"


@pytest.mark.parametrize("page", sorted(raft_pages.PAGES))
def test_the_pages_about_raft_are_current(page: str) -> None:
    assert (DOCS / page).read_text(encoding="utf-8") == raft_pages.PAGES[page](), (
        "run python -m planespec.reports.pages.raft_pages"
    )


def test_a_leader_answers_a_read_when_its_followers_confirm_it() -> None:
    one = {"max_term": 1, "max_log": 1, "reads": 1, "heartbeats": True, "candidates": 1}
    options = Options(requirements=("reads_answered",))
    outcome = check(Instance(EtcdRaft, one), "python", options)
    assert outcome.verdict is Verdict.HOLDS
    assert outcome.reached == {"reads_answered": 8}


def test_a_server_whose_lease_has_ended_votes_for_another_leader() -> None:
    leases = {"check_quorum": True, "lease_ticks": 2, "check_ticks": 1, "drift": 1}
    constants = {"max_term": 2, "max_log": 1, "candidates": 2, "heartbeats": True, **leases}
    wanted = ("entry_committed_everywhere", "two_leaders_at_once")
    outcome = check(Instance(EtcdRaft, constants), "native", Options(requirements=wanted))
    assert outcome.verdict is Verdict.HOLDS
    assert outcome.reached == {"entry_committed_everywhere": 7, "two_leaders_at_once": 6}
