"""Paxos commit (TLA+ Examples, transaction_commit/PaxosCommit; Gray and Lamport, 2006).

One instance of Paxos for each resource manager decides whether it is prepared or aborted. As in
the original, messages are all messages ever sent, receiving is looking at them, and who leads a
ballot is left out. Each majority that shows a decision is a step of its own, as TLC counts them.
"""

from enum import Enum
from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Range,
    Size,
    Sort,
    action,
    among,
    choose,
    constant,
    each,
    invariant,
    mutant,
    record,
    replace,
    require,
    sort,
)

Ballot = Annotated[int, Range(0, "ballots - 1")]
Voted = Annotated[int, Range(-1, "ballots - 1")]


class Manager(Sort):
    """A resource manager, and the instance of Paxos that decides about it."""


class Acceptor(Sort):
    """An acceptor of all instances."""


class Phase(Enum):
    """How far a resource manager is."""

    WORKING = "working"
    PREPARED = "prepared"
    COMMITTED = "committed"
    ABORTED = "aborted"


class Value(Enum):
    """What an instance decides."""

    NONE = "none"
    PREPARED = "prepared"
    ABORTED = "aborted"


@record
class Vote:
    """State of an acceptor in an instance: greatest ballot seen, ballot and value voted for."""

    seen: Ballot
    ballot: Voted
    value: Value


@record
class Phase1a:
    """A leader opens a ballot."""

    manager: Manager
    ballot: Ballot


@record
class Phase1b:
    """An acceptor joins a ballot and tells its last vote."""

    manager: Manager
    seen: Ballot
    ballot: Voted
    value: Value
    acceptor: Acceptor


@record
class Phase2a:
    """A leader, or in ballot 0 the resource manager itself, proposes a value."""

    manager: Manager
    ballot: Ballot
    value: Value


@record
class Phase2b:
    """An acceptor votes for a value."""

    acceptor: Acceptor
    manager: Manager
    ballot: Ballot
    value: Value


@record
class Decided:
    """The outcome is announced."""

    commits: bool


Message = Phase1a | Phase1b | Phase2a | Phase2b | Decided


class PaxosCommit(Model):
    """The transaction commits when every instance has chosen "prepared"."""

    managers: Domain[Manager] = sort(2)
    acceptors: Domain[Acceptor] = sort(3, at_least=3, at_most=3)
    ballots: int = constant(2, at_least=1)
    hasty: bool = mutant("One vote decides an instance.")

    phase: Array[Manager, Phase] = each(Phase.WORKING)
    votes: Array[Manager, Array[Acceptor, Vote]] = each(each(Vote(0, -1, Value.NONE)))
    messages: Annotated[set[Message], Size("32 * managers")] = set()

    deadlock = False

    def find_majority(self, m: Manager, value: Value) -> None:
        """Two acceptors of three have voted for the value in one ballot."""
        ballot = choose(range(self.ballots))
        left_out = choose(self.acceptors)
        agree = [
            a
            for a in self.acceptors
            if a != left_out and Phase2b(a, m, ballot, value) in self.messages
        ]
        require(len(agree) == len(self.acceptors) - 1 or (self.hasty and len(agree) > 0))

    @action
    def prepare(self, m: Manager) -> None:
        """A resource manager prepares and proposes so in ballot 0."""
        require(self.phase[m] == Phase.WORKING)
        self.phase[m] = Phase.PREPARED
        self.messages.add(Phase2a(m, 0, Value.PREPARED))

    @action
    def choose_to_abort(self, m: Manager) -> None:
        """A resource manager aborts of its own accord and proposes so in ballot 0."""
        require(self.phase[m] == Phase.WORKING)
        self.phase[m] = Phase.ABORTED
        self.messages.add(Phase2a(m, 0, Value.ABORTED))

    @action
    def receive_commit(self, m: Manager) -> None:
        """A resource manager is told to commit."""
        require(Decided(True) in self.messages)
        self.phase[m] = Phase.COMMITTED

    @action
    def receive_abort(self, m: Manager) -> None:
        """A resource manager is told to abort."""
        require(Decided(False) in self.messages)
        self.phase[m] = Phase.ABORTED

    @action
    def open_ballot(self, b: Ballot, m: Manager) -> None:
        """A leader opens a ballot above 0; sending again is harmless."""
        require(b > 0)
        self.messages.add(Phase1a(m, b))

    @action
    def propose(self, b: Ballot, m: Manager) -> None:
        """A leader proposes the value of the last vote a majority tells of, or to abort.

        Each majority that has answered is one step, as in the original.
        """
        require(b > 0)
        require(
            not any(
                isinstance(one, Phase2a) and one.ballot == b and one.manager == m
                for one in self.messages
            )
        )
        left_out = choose(self.acceptors)
        best = -1
        value = Value.ABORTED
        for a in self.acceptors:
            if a != left_out:
                require(
                    any(
                        isinstance(one, Phase1b)
                        and one.manager == m
                        and one.seen == b
                        and one.acceptor == a
                        for one in self.messages
                    )
                )
                for one in self.messages:
                    if (
                        isinstance(one, Phase1b)
                        and one.manager == m
                        and one.seen == b
                        and one.acceptor == a
                        and one.ballot > best
                    ):
                        best = one.ballot
                        value = one.value
        self.messages.add(Phase2a(m, b, value))

    @action
    def decide_commit(self) -> None:
        """Every instance has chosen "prepared"."""
        for m in self.managers:
            self.find_majority(m, Value.PREPARED)
        self.messages.add(Decided(True))

    @action
    def decide_abort(self, m: Manager) -> None:
        """Some instance has chosen "aborted"."""
        self.find_majority(m, Value.ABORTED)
        self.messages.add(Decided(False))

    @action
    def join(self, a: Acceptor, sent: Message = among("messages")) -> None:
        """An acceptor joins a higher ballot."""
        if isinstance(sent, Phase1a):
            old = self.votes[sent.manager][a]
            require(old.seen < sent.ballot)
            self.votes[sent.manager][a] = replace(old, seen=sent.ballot)
            self.messages.add(Phase1b(sent.manager, sent.ballot, old.ballot, old.value, a))
        else:
            require(False)

    @action
    def vote(self, a: Acceptor, sent: Message = among("messages")) -> None:
        """An acceptor votes for a proposal of a ballot that is not below what it has seen."""
        if isinstance(sent, Phase2a):
            require(self.votes[sent.manager][a].seen <= sent.ballot)
            self.votes[sent.manager][a] = Vote(sent.ballot, sent.ballot, sent.value)
            self.messages.add(Phase2b(a, sent.manager, sent.ballot, sent.value))
        else:
            require(False)

    @invariant
    def consistent(self) -> bool:
        """No two resource managers decide differently."""
        return not any(
            self.phase[a] == Phase.ABORTED and self.phase[b] == Phase.COMMITTED
            for a in self.managers
            for b in self.managers
        )
