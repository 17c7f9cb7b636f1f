"""Each requirement RAFT-n on an observation where it holds and on one where it does not."""

from dataclasses import dataclass, field, replace

import pytest

from planespec.spec.raft import log_requirements, raft_requirements
from planespec.spec.raft.raft_requirements import Role
from planespec.spec.requirement import Requirement

NOBODY = frozenset()
ALL = frozenset({1, 2, 3})
F, C, L = Role.FOLLOWER, Role.CANDIDATE, Role.LEADER


@dataclass(frozen=True)
class Entry:
    """One entry; `change` holds the members that it changes."""

    term: int
    change: frozenset[int] = NOBODY


A, B, X = Entry(1), Entry(1, frozenset({4})), Entry(2)
"""An entry, a membership change, and an entry of a later term."""


@dataclass(frozen=True)
class Read:
    """A read that was answered."""

    index: int
    asked_at: int


def each(value):
    return dict.fromkeys(sorted(ALL), value)


@dataclass(frozen=True)
class Observed:
    """Three servers in term 1; server 1 leads, and everybody has two entries, one committed."""

    servers: tuple = (1, 2, 3)
    elected: tuple = (NOBODY, frozenset({1}))
    term: dict = field(default_factory=lambda: each(1))
    role: dict = field(default_factory=lambda: {1: L, 2: F, 3: F})
    voted_for: dict = field(default_factory=lambda: each(1))
    log: dict = field(default_factory=lambda: each((A, A)))
    commit: dict = field(default_factory=lambda: each(1))
    match_index: dict = field(default_factory=lambda: each(each(1)))
    next_index: dict = field(default_factory=lambda: each(each(2)))
    votes: dict = field(default_factory=lambda: {1: frozenset({1, 2}), 2: NOBODY, 3: NOBODY})
    committed: tuple = (A,)
    ballots: dict = field(default_factory=lambda: each((NOBODY, frozenset({1}))))
    voters: dict = field(default_factory=lambda: each(ALL))
    outgoing: dict = field(default_factory=lambda: each(NOBODY))
    learners: dict = field(default_factory=lambda: each(NOBODY))
    durable: dict = field(default_factory=lambda: each(((A, A), 1, 1)))
    """Log, term and commit index on the disk."""
    applied: dict = field(default_factory=lambda: each(1))
    answered: tuple = (Read(1, 1),)
    leases: frozenset = frozenset({1})

    @property
    def configuration(self):
        return {i: (self.voters[i], self.outgoing[i], self.learners[i]) for i in self.servers}

    def get_voters(self, i):
        return self.voters[i]

    def get_outgoing(self, i):
        return self.outgoing[i]

    def get_learners(self, i):
        return self.learners[i]

    def get_durable_log(self, i):
        return self.durable[i][0]

    def get_durable_term(self, i):
        return self.durable[i][1]

    def get_durable_commit(self, i):
        return self.durable[i][2]

    def trusts_lease(self, i):
        return i in self.leases


GOOD = Observed()
"""Holds every requirement on a state, and with itself before it every one on a step."""


def but(**changed):
    """The good observation with some servers' values replaced."""
    return replace(GOOD, **{name: merge(name, value) for name, value in changed.items()})


def merge(name, value):
    old = getattr(GOOD, name)
    return {**old, **value} if isinstance(old, dict) else value


ON_STATES = {
    raft_requirements.election_safety: but(elected=(NOBODY, frozenset({1, 2}))),
    raft_requirements.leaders_differ_in_term: but(role={2: L}),
    raft_requirements.log_matching: but(log={2: (X, A)}),
    raft_requirements.state_machine_safety: but(log={2: (X, A)}),
    raft_requirements.leader_completeness: but(log={1: ()}),
    log_requirements.committed_stays: but(commit={2: 2}),
    log_requirements.quorum_holds_committed: but(log={2: (), 3: ()}),
    log_requirements.committed_is_durable: but(durable={1: ((), 1, 0), 2: ((), 1, 0)}),
    log_requirements.one_ballot: but(ballots={3: (NOBODY, frozenset({1, 2}))}),
    log_requirements.next_above_match: but(next_index={1: {1: 2, 2: 1, 3: 2}}),
    log_requirements.one_pending_change: but(log={3: (A, B, B)}),
    log_requirements.configuration_follows_log: but(voters={3: frozenset({1, 2})}),
    log_requirements.nobody_votes_and_learns: but(learners={2: frozenset({3})}),
    log_requirements.linearizable_reads: but(answered=(Read(1, 1), Read(1, 2))),
    log_requirements.lease_excludes_others: but(role={3: L}, term={3: 2}),
}

ON_STEPS = {
    raft_requirements.term_never_falls: (GOOD, but(term={2: 0})),
    raft_requirements.ballot_kept: (GOOD, but(voted_for={2: 3})),
    log_requirements.leader_append_only: (GOOD, but(log={1: (A,)})),
    log_requirements.durable_term_never_falls: (GOOD, but(durable={2: ((A, A), 0, 1)})),
    log_requirements.commit_never_falls: (GOOD, but(commit={2: 0})),
    log_requirements.match_never_falls: (GOOD, but(match_index={1: {1: 1, 2: 0, 3: 1}})),
    log_requirements.quorum_decides_commit: (GOOD, but(commit={1: 2})),
    log_requirements.quorum_decides_election: (
        but(role={1: C}, votes={1: frozenset({1})}),
        GOOD,
    ),
    log_requirements.learner_never_campaigns: (
        but(voters={3: frozenset({1, 2})}),
        but(role={3: C}),
    ),
}

ALLOWED_STEPS = {
    raft_requirements.term_never_falls: (GOOD, but(term={2: 2})),
    raft_requirements.ballot_kept: (GOOD, but(voted_for={2: 3}, term={2: 2})),
    log_requirements.leader_append_only: (GOOD, but(log={1: (A, A, A), 2: ()})),
    log_requirements.durable_term_never_falls: (GOOD, but(durable={2: ((A, A), 2, 1)})),
    log_requirements.commit_never_falls: (but(durable={2: ((A, A), 1, 0)}), but(commit={2: 0})),
    log_requirements.match_never_falls: (GOOD, but(match_index={1: each(2), 2: each(0)})),
    log_requirements.quorum_decides_commit: (
        GOOD,
        but(commit={1: 2}, match_index={1: {1: 2, 2: 2, 3: 1}}),
    ),
    log_requirements.quorum_decides_election: (but(role={1: C}), GOOD),
    log_requirements.learner_never_campaigns: (GOOD, but(role={3: C})),
}
"""Steps that look alike and are no violation."""


def name_of(value):
    return f"{value.id} {value.name}" if isinstance(value, Requirement) else ""


@pytest.mark.parametrize(("rule", "bad"), ON_STATES.items(), ids=name_of)
def test_a_state_is_judged(rule, bad):
    assert rule(GOOD)
    assert not rule(bad)


@pytest.mark.parametrize(("rule", "step"), ON_STEPS.items(), ids=name_of)
def test_a_step_is_judged(rule, step):
    assert rule(GOOD, GOOD)
    assert rule(*ALLOWED_STEPS[rule])
    assert not rule(*step)


def test_each_half_of_a_joint_configuration_decides():
    joint = but(
        commit={1: 2},
        match_index={1: {1: 2, 2: 2, 3: 1}},
        outgoing={1: frozenset({3})},
    )
    assert not log_requirements.quorum_decides_commit(GOOD, joint)


def test_no_requirement_is_left_out():
    judged = {*ON_STATES, *ON_STEPS}
    modules = (raft_requirements, log_requirements, log_requirements)
    declared = {
        rule for m in modules for rule in vars(m).values() if isinstance(rule, Requirement)
    }
    assert declared == judged
    assert {rule.id for rule in judged} == {f"RAFT-{number}" for number in range(1, 25)}
