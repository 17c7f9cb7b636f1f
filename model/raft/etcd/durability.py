"""What survives a crash, and in which order a server writes and sends (Ready and Advance).

A server changes its volatile state, writes it, and only then sends the replies that attest it and
counts its own vote and entries. Where `writes` is off all that is one step, and a restart loses
the volatile state only. Left out: writing hard state and entries in separate steps, and taking
further messages while a reply waits.
"""

from planespec.checker.lang import action, mutant, require
from planespec.model.raft.etcd.raft_types import Message, Server, VoteReply
from planespec.model.raft.etcd.transfer import Transfer
from planespec.spec.raft.raft_requirements import Role


class Durability(Transfer):
    """Disks."""

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

    def may_send(self, i: Server, m: Message) -> bool:
        """Whether all that a reply attests is durable."""
        if isinstance(m, VoteReply):
            return self.is_hard_state_durable(i) or self.vote_before_write
        return self.is_durable(i) or self.append_before_write

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

    def lose(self, i: Server) -> None:
        """What only broken disks lose."""
        if self.restart_forgets_vote:
            self.voted_for[i] = None
        if self.restart_forgets_term:
            self.term[i] = 0
            self.voted_for[i] = None
        if self.restart_forgets_log and len(self.log[i]) > self.commit[i]:
            self.log[i] = self.log[i][:-1]
