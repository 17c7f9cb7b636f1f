"""Raft leader election (the Raft paper, 2014, sections 5.1, 5.2 and 5.6), with restarts.

What was sent stays sent: a late or lost message is one that is not received yet or never, a
duplicated one is received again. So there is no action for losing or copying a message.
Left out: logs (every log is as complete as every other), heartbeats, PreVote, and time: any
server may time out at any moment.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Range,
    Sort,
    action,
    among,
    constant,
    each,
    instance,
    mutant,
    no_recording,
    reachable,
    record,
    require,
    sort,
)
from planespec.spec.raft.raft_requirements import (
    Role,
    ballot_kept,
    election_safety,
    leaders_differ_in_term,
    term_never_falls,
)


class Server(Sort):
    """A Raft server."""


Term = Annotated[int, Range(0, "terms")]
"""Servers start in term 0; the first election is that of term 1."""


@record
class VoteRequest:
    """A candidate asks every server for its vote; RequestVote of the paper."""

    term: Term
    candidate: Server


@record
class Vote:
    """A server grants its vote; a refusal is not sent, it would change nothing."""

    term: Term
    voter: Server
    candidate: Server


class Election(Model):
    """Leader election among `servers` for `terms` terms."""

    held_to = no_recording("the paper's algorithm; no component runs it as it stands")

    servers: Domain[Server] = sort(3, at_least=3, at_most=7, symmetric=True)
    terms: int = constant(2, at_least=2, at_most=9)

    vote_twice: bool = mutant("A server grants every request of its term.")
    forget_vote: bool = mutant("A restart loses the vote; section 5.2 has it on disk.")
    forget_term: bool = mutant("A restart loses the term; section 5.1 has it on disk.")
    half_is_enough: bool = mutant("A candidate wins with half of the servers, rounded down.")
    count_old_votes: bool = mutant("A candidate counts votes it was given in earlier terms.")
    keep_votes: bool = mutant("A new candidacy starts with the votes of the last one.")

    deadlock = False

    role: Array[Server, Role] = each(Role.FOLLOWER)
    term: Array[Server, Term] = each(0)
    voted_for: Array[Server, Server | None] = each(None)
    votes: Array[Server, set[Server]] = each(set())
    requests: set[VoteRequest] = set()
    granted: set[Vote] = set()
    elected: Array[Term, set[Server]] = each(set())
    """History: who became leader of a term, whatever happened to it later."""

    requires = [election_safety, leaders_differ_in_term, term_never_falls, ballot_kept]

    @action
    def timeout(self, s: Server) -> None:
        """A server that hears no leader opens a new term, votes for itself and asks the others."""
        require(self.role[s] != Role.LEADER)
        require(self.term[s] < self.terms)
        self.term[s] += 1
        self.role[s] = Role.CANDIDATE
        self.voted_for[s] = s
        if not self.keep_votes:
            self.votes[s] = set()
        self.votes[s].add(s)
        self.requests.add(VoteRequest(self.term[s], s))

    @action
    def observe_term(self, s: Server, m: VoteRequest = among("requests")) -> None:
        """A server that hears of a newer term becomes a follower in it, its vote free again."""
        require(m.term > self.term[s])
        self.term[s] = m.term
        self.role[s] = Role.FOLLOWER
        self.voted_for[s] = None
        self.votes[s] = set()

    @action
    def grant_vote(self, s: Server, m: VoteRequest = among("requests")) -> None:
        """A server votes for the first candidate of its term that asks, and again for the same."""
        require(m.candidate != s and m.term == self.term[s])
        is_free = self.voted_for[s] is None or self.voted_for[s] == m.candidate
        require(is_free or self.vote_twice)
        self.voted_for[s] = m.candidate
        self.granted.add(Vote(m.term, s, m.candidate))

    @action
    def count_vote(self, m: Vote = among("granted")) -> None:
        """A candidate counts a vote given to it in its term."""
        require(self.role[m.candidate] == Role.CANDIDATE)
        require(m.term == self.term[m.candidate] or self.count_old_votes)
        require(m.voter not in self.votes[m.candidate])
        self.votes[m.candidate].add(m.voter)

    @action
    def become_leader(self, s: Server) -> None:
        """A candidate with the votes of a majority leads its term."""
        require(self.role[s] == Role.CANDIDATE)
        require(self.is_quorum(self.votes[s]))
        self.role[s] = Role.LEADER
        self.votes[s] = set()
        self.elected[self.term[s]].add(s)

    @action
    def restart(self, s: Server) -> None:
        """A server comes back with what it has on disk: its term and its vote."""
        self.role[s] = Role.FOLLOWER
        self.votes[s] = set()
        if self.forget_vote:
            self.voted_for[s] = None
        if self.forget_term:
            self.term[s] = 0
            self.voted_for[s] = None

    def is_quorum(self, who: set[Server]) -> bool:
        """Whether the servers are a majority."""
        if self.half_is_enough:
            return len(who) >= len(self.servers) // 2
        return 2 * len(who) > len(self.servers)

    @reachable
    def leader_in_every_term(self) -> bool:
        """Every term but the first, in which nobody stands, has had a leader."""
        return all(len(self.elected[t]) > 0 for t in range(1, self.terms + 1))

    @reachable
    def split_vote(self) -> bool:
        """Every server has voted for itself in the same term, so that nobody can win it."""
        return all(self.voted_for[s] == s and self.term[s] == self.terms for s in self.servers)

    @reachable
    def two_leaders_at_once(self) -> bool:
        """An old leader has not yet heard of the new one."""
        return sum(1 for s in self.servers if self.role[s] == Role.LEADER) > 1

    instances = [
        instance("terms-2", servers=3, terms=2),
        instance("terms-3", servers=3, terms=3),
    ]
