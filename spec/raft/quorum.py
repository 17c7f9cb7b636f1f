"""Majority and joint quorums: which index is committed, and how an election stands.

`is_majority` and `is_as_complete` say for whom an election is won; node and model share them.

A joint configuration (Raft paper section 6, thesis section 4.3) is a pair of majority
configurations, and every decision needs both. An empty majority agrees with everything, so a
joint configuration with one empty half decides as the other half does.
Source: go.etcd.io/raft v3.6, package quorum.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

UNBOUNDED_INDEX = 2**64 - 1
"""What an empty majority commits: no bound at all, the largest 64-bit index."""


class VoteResult(StrEnum):
    """How an election stands; the values are the library's own spelling."""

    PENDING = "VotePending"
    """Neither side has a quorum yet, and both still can."""
    LOST = "VoteLost"
    """A quorum in favour is out of reach."""
    WON = "VoteWon"
    """A quorum is in favour."""


def is_majority(voters: Any, who: Any) -> bool:
    """Whether more than half of the set `voters` is in `who`; where nobody votes, everybody is."""
    return len(voters) == 0 or 2 * len(voters & who) > len(voters)


def is_as_complete(term: int, index: int, our_term: int, our_index: int) -> bool:
    """Whether a log that ends with `term` at `index` is at least as complete as ours.

    Source: Raft paper, 5.4.1.
    """
    return term > our_term or (term == our_term and index >= our_index)


def compute_quorum_size(voters: int) -> int:
    """Return the smallest majority (2 of 3, 3 of 4) of `voters` members, at least 1."""
    return voters // 2 + 1


def compute_majority_commit(voters: Iterable[int], acknowledged: Mapping[int, int]) -> int:
    """Return the highest index that a majority of `voters` has acknowledged.

    A voter missing from `acknowledged` counts as 0. Without voters the answer is
    `UNBOUNDED_INDEX`. Source: MajorityConfig.CommittedIndex.
    """
    indexes = sorted((acknowledged.get(voter, 0) for voter in set(voters)), reverse=True)
    if not indexes:
        return UNBOUNDED_INDEX
    return indexes[compute_quorum_size(len(indexes)) - 1]


def compute_joint_commit(
    incoming: Iterable[int], outgoing: Iterable[int], acknowledged: Mapping[int, int]
) -> int:
    """Return the highest index committed in both halves. Source: JointConfig.CommittedIndex."""
    return min(
        compute_majority_commit(incoming, acknowledged),
        compute_majority_commit(outgoing, acknowledged),
    )


def compute_majority_vote(voters: Iterable[int], votes: Mapping[int, bool]) -> VoteResult:
    """Return how the election stands among `voters`; others' votes do not count.

    A voter missing from `votes` has not answered. Without voters the election is won.
    Source: MajorityConfig.VoteResult.
    """
    members = set(voters)
    if is_majority(members, {member for member in members if votes.get(member, False)}):
        return VoteResult.WON
    if is_majority(members, {member for member in members if votes.get(member, True)}):
        return VoteResult.PENDING
    return VoteResult.LOST


def compute_joint_vote(
    incoming: Iterable[int], outgoing: Iterable[int], votes: Mapping[int, bool]
) -> VoteResult:
    """Return how the election stands when both halves must agree.

    One lost half loses; two won halves win; anything else waits. Source: JointConfig.VoteResult.
    """
    results = {compute_majority_vote(incoming, votes), compute_majority_vote(outgoing, votes)}
    if VoteResult.LOST in results:
        return VoteResult.LOST
    if VoteResult.PENDING in results:
        return VoteResult.PENDING
    return VoteResult.WON
