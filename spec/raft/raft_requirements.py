"""What Raft promises, as predicates over servers, their terms, ballots and logs.

Source: Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm (Extended
Version)", 2014, called "the paper" here; its figure 3 names the properties.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, Protocol

from planespec.spec.requirement import requirement


class Role(Enum):
    """What a server takes itself for (the paper, section 5.1)."""

    FOLLOWER = "follower"
    CANDIDATE = "candidate"
    LEADER = "leader"
    PRE_CANDIDATE = "pre-candidate"
    """Asks whether it could win an election that has not begun (thesis, section 9.6)."""


class ElectionHistory(Protocol):
    """Who was ever elected: the winners of each term."""

    @property
    def elected(self) -> Iterable[Collection[Any]]:
        """For every term the servers that became its leader at any time."""


class Ballots(Protocol):
    """What every server must remember across a restart."""

    @property
    def servers(self) -> Iterable[Any]:
        """All servers."""

    @property
    def term(self) -> Mapping[Any, int]:
        """The latest term a server has seen."""

    @property
    def voted_for(self) -> Mapping[Any, Any]:
        """Whom a server voted for in its term, or None."""


class Leaders(Protocol):
    """Who leads at this moment."""

    @property
    def servers(self) -> Iterable[Any]:
        """All servers."""

    @property
    def term(self) -> Mapping[Any, int]:
        """The latest term a server has seen."""

    @property
    def role(self) -> Mapping[Any, Role]:
        """What a server takes itself for."""


class Logs(Protocol):
    """The logs; an entry compares equal to another of the same term and command."""

    @property
    def servers(self) -> Iterable[Any]:
        """All servers."""

    @property
    def log(self) -> Mapping[Any, Sequence[Any]]:
        """The entries of a server; index 1 of the paper is place 0 here."""

    @property
    def commit(self) -> Mapping[Any, int]:
        """How many entries a server knows to be committed."""


class LeadersWithLogs(Leaders, Logs, Protocol):
    """Who leads, and what is in the logs."""


@requirement("RAFT-1", source="the paper, figure 3, Election Safety; section 5.2")
def election_safety(s: ElectionHistory) -> bool:
    """At most one server is ever elected leader in a term."""
    return all(len(winners) <= 1 for winners in s.elected)


@requirement("RAFT-2", source="the paper, figure 3, Election Safety, seen at one moment")
def leaders_differ_in_term(s: Leaders) -> bool:
    """Two servers that lead at the same time do so in different terms."""
    return all(
        s.term[i] != s.term[j]
        for i in s.servers
        for j in s.servers
        if i != j and s.role[i] == Role.LEADER and s.role[j] == Role.LEADER
    )


@requirement("RAFT-3", source="the paper, figure 3, Log Matching; section 5.3")
def log_matching(s: Logs) -> bool:
    """Logs that agree at an index agree in everything before it."""
    return all(
        s.log[i][:k] == s.log[j][:k]
        for i in s.servers
        for j in s.servers
        if i != j
        for k in range(min(len(s.log[i]), len(s.log[j])))
        if s.log[i][k] == s.log[j][k]
    )


@requirement("RAFT-4", source="the paper, figure 3, State Machine Safety; section 5.4.3")
def state_machine_safety(s: Logs) -> bool:
    """What two servers know to be committed agrees as far as both know it."""
    return all(
        s.log[i][k] == s.log[j][k]
        for i in s.servers
        for j in s.servers
        if i != j
        for k in range(min(s.commit[i], s.commit[j]))
    )


@requirement("RAFT-5", source="the paper, figure 3, Leader Completeness; section 5.4")
def leader_completeness(s: LeadersWithLogs) -> bool:
    """A leader has everything that any server in an older or equal term knows to be committed."""
    return all(
        s.commit[j] <= len(s.log[i]) and s.log[i][: s.commit[j]] == s.log[j][: s.commit[j]]
        for i in s.servers
        if s.role[i] == Role.LEADER
        for j in s.servers
        if i != j and s.term[j] <= s.term[i]
    )


@requirement("RAFT-6", source="the paper, section 5.1: current terms increase monotonically")
def term_never_falls(before: Ballots, after: Ballots) -> bool:
    """The term of a server never falls, not even when it restarts."""
    return all(after.term[i] >= before.term[i] for i in after.servers)


@requirement("RAFT-7", source="the paper, section 5.2: at most one vote in a given term")
def ballot_kept(before: Ballots, after: Ballots) -> bool:
    """A server that has voted keeps its vote for as long as it stays in that term."""
    return all(
        after.voted_for[i] == before.voted_for[i]
        for i in after.servers
        if after.term[i] == before.term[i] and before.voted_for[i] is not None
    )
