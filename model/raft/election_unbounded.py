"""Raft leader election with terms that never end: the model to prove, for all terms at once.

It differs from `election` in how it remembers, so that a state is finite though terms are not:

- Of the requests and votes that one server sent another, the latest is kept. An older vote cannot
  be counted any more, for its candidate has moved on to a later term. An older request could still
  be answered: so every request is taken to stand for all terms up to its own, which allows more
  than Raft does, never less.
- Instead of a history of all terms there is that of one, `watched`, which is any term: what holds
  of it holds of each. `elected` and `ballots` belong to it.

The lemmas are the argument of section 5.4.3 of the paper for one term: a server's ballot in a term
is cast once, a leader has the ballots of a majority, and two majorities have a server in common.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Nat,
    Range,
    Sort,
    action,
    each,
    initial,
    instance,
    lemma,
    mutant,
    no_recording,
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


Watched = Annotated[int, Range(0, 0)]
"""The one term whose history is kept."""


class UnboundedElection(Model):
    """Leader election among `servers` for ever."""

    held_to = no_recording(
        "the paper's algorithm; a test walks raft.election beside it, which no recording holds"
    )

    servers: Domain[Server] = sort(3, at_least=3, at_most=7)

    vote_twice: bool = mutant("A server grants every request of its term.")
    forget_vote: bool = mutant("A restart loses the vote; section 5.2 has it on disk.")
    half_is_enough: bool = mutant("A candidate wins with half of the servers, rounded down.")
    keep_votes: bool = mutant("A new candidacy starts with the votes of the last one.")

    deadlock = False

    role: Array[Server, Role] = each(Role.FOLLOWER)
    term: Array[Server, Nat] = each(0)
    voted_for: Array[Server, Server | None] = each(None)
    votes: Array[Server, set[Server]] = each(set())
    asked: Array[Server, Nat] = each(0)
    """The latest term a server has asked for votes in."""
    granted: Array[Server, Array[Server, Nat]] = each(each(0))
    """Voter, then candidate: the latest term in which the one voted for the other."""
    watched: Nat = 0
    elected: Array[Watched, set[Server]] = each(set())
    """Who became leader of the watched term."""
    ballots: Array[Server, Server | None] = each(None)
    """Whom each server voted for in the watched term."""

    requires = [election_safety, leaders_differ_in_term, term_never_falls, ballot_kept]

    @initial
    def watch(self, term: Nat) -> None:
        """Any term may be the watched one; nobody stands in term 0."""
        require(term > 0)
        self.watched = term

    @action
    def timeout(self, s: Server) -> None:
        """A server that hears no leader opens a new term, votes for itself and asks the others."""
        require(self.role[s] != Role.LEADER)
        self.term[s] += 1
        self.role[s] = Role.CANDIDATE
        if not self.keep_votes:
            self.votes[s] = set()
        self.votes[s].add(s)
        self.asked[s] = self.term[s]
        self.vote(s, s)

    @action
    def observe_term(self, s: Server, candidate: Server, term: Nat) -> None:
        """A server that hears of a newer term becomes a follower in it, its vote free again."""
        require(self.term[s] < term and term <= self.asked[candidate])
        self.term[s] = term
        self.role[s] = Role.FOLLOWER
        self.voted_for[s] = None
        self.votes[s] = set()

    @action
    def grant_vote(self, s: Server, candidate: Server) -> None:
        """A server votes for the first candidate of its term that asks, and again for the same."""
        require(candidate != s and self.term[s] > 0 and self.term[s] <= self.asked[candidate])
        is_free = self.voted_for[s] is None or self.voted_for[s] == candidate
        require(is_free or self.vote_twice)
        self.vote(s, candidate)

    @action
    def count_vote(self, candidate: Server, voter: Server) -> None:
        """A candidate counts a vote given to it in its term."""
        require(self.role[candidate] == Role.CANDIDATE)
        require(self.granted[voter][candidate] == self.term[candidate])
        self.votes[candidate].add(voter)

    @action
    def become_leader(self, s: Server) -> None:
        """A candidate with the votes of a majority leads its term."""
        require(self.role[s] == Role.CANDIDATE)
        require(self.is_quorum(self.votes[s]))
        self.role[s] = Role.LEADER
        if self.term[s] == self.watched:
            self.elected[0].add(s)

    @action
    def restart(self, s: Server) -> None:
        """A server comes back with what it has on disk: its term and its vote."""
        self.role[s] = Role.FOLLOWER
        self.votes[s] = set()
        if self.forget_vote:
            self.voted_for[s] = None

    def vote(self, s: Server, candidate: Server) -> None:
        """Cast the vote of the present term, in the memory of the server and in the history."""
        self.voted_for[s] = candidate
        self.granted[s][candidate] = self.term[s]
        if self.term[s] == self.watched:
            self.ballots[s] = candidate

    def is_quorum(self, who: set[Server]) -> bool:
        """Whether the servers are a majority."""
        if self.half_is_enough:
            return len(who) >= len(self.servers) // 2
        return 2 * len(who) > len(self.servers)

    @lemma
    def terms_asked_for_are_past(self) -> bool:
        """A server has asked for votes in no later term than its own, and nobody in term 0."""
        return all(
            self.asked[s] <= self.term[s] and (self.role[s] == Role.FOLLOWER or self.term[s] > 0)
            for s in self.servers
        )

    @lemma
    def votes_of_a_term_are_remembered(self) -> bool:
        """Votes are of past terms, and the vote of the present term is the one remembered."""
        return all(
            self.granted[v][c] <= self.term[v]
            and (
                self.granted[v][c] == 0
                or self.granted[v][c] < self.term[v]
                or self.voted_for[v] == c
            )
            for v in self.servers
            for c in self.servers
        )

    @lemma
    def a_server_votes_once_in_a_term(self) -> bool:
        """A server has voted for two candidates in different terms."""
        return all(
            self.granted[v][c] == 0 or self.granted[v][c] != self.granted[v][d]
            for v in self.servers
            for c in self.servers
            for d in self.servers
            if c != d
        )

    @lemma
    def counted_votes_were_granted(self) -> bool:
        """Candidates and leaders have counted nothing but votes of their term."""
        return all(
            self.granted[v][s] == self.term[s] and self.term[s] > 0
            for s in self.servers
            for v in self.votes[s]
        )

    @lemma
    def leaders_have_a_majority(self) -> bool:
        """A leader has counted the votes of a majority."""
        return all(
            self.role[s] != Role.LEADER or self.is_quorum(self.votes[s]) for s in self.servers
        )

    @lemma
    def ballots_are_the_votes_of_the_watched_term(self) -> bool:
        """No ballot before the watched term; in it, the ballot is the vote remembered."""
        return all(
            (self.term[v] >= self.watched or self.ballots[v] is None)
            and (self.term[v] != self.watched or self.ballots[v] == self.voted_for[v])
            for v in self.servers
        )

    @lemma
    def votes_granted_in_the_watched_term_are_ballots(self) -> bool:
        """Who granted a vote in the watched term has cast that ballot."""
        return all(
            self.granted[v][c] != self.watched or self.ballots[v] == c
            for v in self.servers
            for c in self.servers
        )

    @lemma
    def the_elected_have_the_ballots_of_a_majority(self) -> bool:
        """Whoever was elected in the watched term has the ballots of a majority."""
        return self.watched > 0 and all(
            self.is_quorum({v for v in self.servers if self.ballots[v] == s})
            for s in self.elected[0]
        )

    instances = [
        instance("three", servers=3),
        instance("four", servers=4),
        instance("five", servers=5),
    ]
