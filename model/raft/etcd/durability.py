"""What survives a crash, and in which order a server writes and sends (Ready and Advance).

A server changes its volatile state, writes it, and only then sends the replies that attest it and
counts its own vote and entries. Where `writes` is off all that is one step, and a restart loses
the volatile state only. Left out: writing hard state and entries in separate steps, and taking
further messages while a reply waits.
"""

from planespec.checker.lang import Array, abstract, action, each, mutant, only, reachable, require
from planespec.model.raft.etcd.raft_types import (
    Entry,
    Index,
    Log,
    Message,
    Server,
    SnapshotRequest,
    Term,
    VoteReply,
)
from planespec.model.raft.etcd.servers import Servers
from planespec.spec.raft.log_requirements import (
    committed_is_durable,
    durable_term_never_falls,
    one_ballot,
)
from planespec.spec.raft.raft_requirements import Role


class Durability(Servers):
    """Disks. Needs a network; elections are enough to have something to lose."""

    durable_term: Array[Server, Term] = only(each(0), when="writes")
    durable_vote: Array[Server, set[Server]] = only(each(set()), when="writes")
    durable_log: Array[Server, Log] = only(each([]), when="writes")
    durable_commit: Array[Server, Index] = only(each(0), when="writes")
    ballots: Array[Server, Array[Term, set[Server]]] = only(each(each(set())), when="writes")
    """History: for whom a server told that it votes in a term."""

    restart_forgets_vote: bool = mutant(
        "A restart loses the vote; section 5.2 has it on disk.", when="restarts"
    )
    restart_forgets_term: bool = mutant(
        "A restart loses the term; section 5.1 has it on disk.", when="restarts"
    )
    restart_forgets_log: bool = mutant("A restart loses the last entry.", when="restarts")
    vote_before_write: bool = mutant("A vote is told before it is durable.", when="writes")
    append_before_write: bool = mutant(
        "A follower tells that it has entries before they are.", when="writes"
    )
    count_before_write: bool = mutant(
        "A leader counts its own entries before they are durable.",
        issue="etcd#14370",
        when="writes",
    )

    requires = [
        committed_is_durable,
        durable_term_never_falls,
        only(one_ballot, when="writes"),
    ]

    @action(when="writes")
    def write(self, i: Server) -> None:
        """A server makes its term, vote and log durable; its own vote and entries count now."""
        require(not self.is_durable(i) or self.durable_commit[i] != self.commit[i])
        self.durable_term[i] = self.term[i]
        self.durable_vote[i] = {s for s in self.servers if self.voted_for[i] == s}
        self.durable_log[i] = list(self.log[i])
        self.durable_commit[i] = self.commit[i]
        if self.role[i] == Role.CANDIDATE:
            self.votes[i].add(i)
        if self.role[i] == Role.LEADER:
            self.match_index[i][i] = len(self.log[i])

    @action(when="count_before_write and writes")
    def count_unwritten(self, i: Server) -> None:
        """Only broken leaders count what they have not written."""
        require(self.role[i] == Role.LEADER)
        self.match_index[i][i] = len(self.log[i])

    @action(when="restarts")
    def restart(self, i: Server) -> None:
        """A server crashes and comes back with what is durable."""
        if self.writes:
            self.term[i] = self.durable_term[i]
            self.voted_for[i] = None
            for s in self.servers:
                if s in self.durable_vote[i]:
                    self.voted_for[i] = s
            self.log[i] = list(self.durable_log[i])
            self.commit[i] = self.durable_commit[i]
            self.outbox[i] = []
        self.lose(i)
        self.start_anew(i)
        self.role[i] = Role.FOLLOWER
        self.await_timeout(i)
        self.applied[i] = self.compacted[i]
        self.configuration[i] = self.configuration_at(i, self.compacted[i])

    @action(when="writes")
    def send_reply(self, i: Server) -> None:
        """A server sends the reply that waited until what it attests was durable."""
        require(len(self.outbox[i]) > 0)
        reply = self.outbox[i][0]
        require(self.may_send(i, reply))
        self.outbox[i] = []
        if isinstance(reply, VoteReply) and reply.pre == 0:
            self.ballots[i][reply.term].add(reply.target)
        self.deliver(reply)

    @abstract
    def deliver(self, m: Message) -> None:
        """Let a reply go its way (`network`)."""

    def may_send(self, i: Server, m: Message) -> bool:
        """Whether all that a reply attests is durable."""
        if isinstance(m, VoteReply):
            return self.is_hard_state_durable(i) or self.vote_before_write
        return self.is_durable(i) or self.append_before_write

    def lose(self, i: Server) -> None:
        """What only broken disks lose."""
        if self.restart_forgets_vote:
            self.voted_for[i] = None
        if self.restart_forgets_term:
            self.term[i] = 0
            self.voted_for[i] = None
        if self.restart_forgets_log and len(self.log[i]) > self.commit[i]:
            self.log[i] = self.log[i][:-1]

    def is_durable(self, i: Server) -> bool:
        """Whether a crash of this moment would lose nothing but the commit index."""
        return not self.writes or (self.is_hard_state_durable(i) and self.is_log_durable(i))

    def is_hard_state_durable(self, i: Server) -> bool:
        """Whether term and vote are durable."""
        if not self.writes:
            return True
        is_vote_durable = all(
            (s in self.durable_vote[i]) == (self.voted_for[i] == s) for s in self.servers
        )
        return self.durable_term[i] == self.term[i] and is_vote_durable

    def is_log_durable(self, i: Server) -> bool:
        """Whether the log is durable."""
        return not self.writes or self.durable_log[i] == self.log[i]

    def get_durable_log(self, i: Server) -> list[Entry]:
        """What is left of the log after a crash of this moment."""
        return list(self.durable_log[i]) if self.writes else list(self.log[i])

    def get_durable_term(self, i: Server) -> Term:
        """What is left of the term after a crash of this moment."""
        return self.durable_term[i] if self.writes else self.term[i]

    def get_durable_commit(self, i: Server) -> Index:
        """What is left of the commit index after a crash of this moment."""
        return self.durable_commit[i] if self.writes else self.commit[i]

    def keep_snapshot(self, m: SnapshotRequest) -> None:
        """A snapshot is durable before it is installed."""
        if self.writes:
            self.durable_log[m.target] = list(m.state)
            self.durable_commit[m.target] = m.index

    @reachable(when="writes")
    def entry_not_durable(self) -> bool:
        """A crash would lose an entry."""
        return any(self.durable_log[s] != self.log[s] for s in self.servers)
