"""The quorum rules against counting every way an election or a replication can go."""

from itertools import chain, combinations, product

from hypothesis import given
from hypothesis import strategies as st

from planespec.spec.raft.quorum import (
    UNBOUNDED_INDEX,
    VoteResult,
    compute_joint_commit,
    compute_joint_vote,
    compute_majority_commit,
    compute_majority_vote,
    compute_quorum_size,
)

nodes = st.integers(1, 8)
halves = st.frozensets(nodes, max_size=5)
acknowledged_indexes = st.dictionaries(nodes, st.integers(0, 6))
cast_votes = st.dictionaries(nodes, st.booleans())


def majorities(voters):
    """Every set that holds more than half of the voters."""
    subsets = chain.from_iterable(combinations(voters, size) for size in range(len(voters) + 1))
    return [set(subset) for subset in subsets if 2 * len(subset) > len(voters)]


def naive_commit(voters, acknowledged):
    """The best that any majority has acknowledged together."""
    if not voters:
        return UNBOUNDED_INDEX
    return max(min(acknowledged.get(v, 0) for v in group) for group in majorities(voters))


def wins(voters, votes):
    return not voters or any(all(votes[v] for v in group) for group in majorities(voters))


def naive_joint_vote(incoming, outgoing, votes):
    """Play out every way the missing votes can fall."""
    voters = sorted(incoming | outgoing)
    choices = [[votes[v]] if v in votes else [True, False] for v in voters]
    outcomes = set()
    for choice in product(*choices):
        cast = dict(zip(voters, choice, strict=True))
        outcomes.add(wins(incoming, cast) and wins(outgoing, cast))
    if len(outcomes) == 2:
        return VoteResult.PENDING
    return VoteResult.WON if outcomes.pop() else VoteResult.LOST


@given(halves, acknowledged_indexes)
def test_the_committed_index_is_the_best_of_any_majority(voters, acknowledged):
    assert naive_commit(voters, acknowledged) == compute_majority_commit(voters, acknowledged)


@given(halves, halves, acknowledged_indexes)
def test_a_joint_commit_needs_both_halves(incoming, outgoing, acknowledged):
    expected = min(naive_commit(incoming, acknowledged), naive_commit(outgoing, acknowledged))
    assert expected == compute_joint_commit(incoming, outgoing, acknowledged)


@given(halves, halves, cast_votes)
def test_an_election_is_decided_when_the_missing_votes_cannot_change_it(incoming, outgoing, votes):
    expected = naive_joint_vote(incoming, outgoing, votes)
    assert expected == compute_joint_vote(incoming, outgoing, votes)


@given(halves, cast_votes)
def test_an_empty_half_decides_as_the_other_half_does(voters, votes):
    alone = compute_majority_vote(voters, votes)
    assert alone == compute_joint_vote(voters, (), votes) == compute_joint_vote((), voters, votes)


@given(halves, acknowledged_indexes, nodes)
def test_an_acknowledgement_never_lowers_the_committed_index(voters, acknowledged, node):
    further = {**acknowledged, node: acknowledged.get(node, 0) + 1}
    before, after = (compute_majority_commit(voters, a) for a in (acknowledged, further))
    assert after >= before


def test_a_quorum_is_the_smallest_majority():
    assert [compute_quorum_size(n) for n in range(1, 6)] == [1, 2, 2, 3, 3]
    assert all(
        2 * compute_quorum_size(n) > n >= 2 * (compute_quorum_size(n) - 1) for n in range(9)
    )
