"""Linearizable reads (thesis, section 6.4): from which index on may a read be answered.

A leader first makes sure that it still leads: it asks a quorum (ReadOnlySafe), or trusts its lease
(ReadOnlyLeaseBased). Left out: reads at followers, which pass them to the leader.
"""

from typing import Annotated

from planespec.checker.lang import (
    Size,
    action,
    constant,
    mutant,
    only,
    reachable,
    replace,
    require,
)
from planespec.model.raft.etcd.raft_types import (
    Context,
    HeartbeatReply,
    ReadRequest,
    ReadState,
    Server,
)
from planespec.model.raft.etcd.servers import Servers
from planespec.spec.raft.log_requirements import lease_excludes_others, linearizable_reads
from planespec.spec.raft.raft_requirements import Role


class Reads(Servers):
    """Reads without writing to the log. Needs logs, whose heartbeats confirm a leader."""

    lease_reads: bool = constant(False)
    """Whether a leader answers from its lease instead of asking a quorum."""

    answered: Annotated[set[ReadState], Size("reads")] = only(set(), when="reads > 0")
    asked: Context = only(0, when="reads > 0")

    read_before_own_commit: bool = mutant(
        "A leader answers reads before an entry of its own term is committed.", when="reads > 0"
    )
    read_unconfirmed: bool = mutant(
        "A leader answers reads without asking anybody.", when="reads > 0"
    )
    confirm_any_context: bool = mutant(
        "The answer to any heartbeat confirms the read that waits.", when="reads > 0"
    )
    reuse_context: bool = mutant(
        "A read that is asked again has the context of its first time.",
        issue="raft#397, etcd#20418",
        when="reads > 0",
    )

    requires = [
        only(linearizable_reads, when="reads > 0"),
        only(lease_excludes_others, when="lease_reads and lease_ticks > 0"),
    ]

    @action(when="reads > 0")
    def read_index(self, i: Server) -> None:
        """A client asks a leader for a read; it waits until a quorum confirms the leader.

        A leader does not know how much is committed until an entry of its own term is. Where one
        server votes alone, raft.go answers at once, whether or not that server is the leader.
        """
        require(self.role[i] == Role.LEADER and self.asked < self.reads)
        is_alone = len(self.get_voters(i)) == 1 and len(self.get_outgoing(i)) == 0
        knows = self.term_at(i, self.commit[i]) == self.term[i]
        require(knows or is_alone or self.read_before_own_commit)
        self.asked += 1
        context = 1 if self.reuse_context else self.asked
        if self.lease_reads or self.read_unconfirmed or is_alone:
            self.answered.add(ReadState(context, self.commit[i], len(self.committed)))
        else:
            request = ReadRequest(context, self.commit[i], len(self.committed), frozenset({i}))
            self.waiting[i].append(request)

    @action(when="reads > 0")
    def answer_read(self, i: Server) -> None:
        """A leader answers the oldest read when a quorum has confirmed it or a later one."""
        require(len(self.waiting[i]) > 0)
        oldest = self.waiting[i][0]
        require(any(self.is_quorum(i, set(r.confirmed)) for r in self.waiting[i]))
        self.waiting[i] = self.waiting[i][1:]
        self.answered.add(ReadState(oldest.context, oldest.index, oldest.asked_at))

    def confirm_reads(self, m: HeartbeatReply) -> None:
        """A follower confirms the read whose context it returns."""
        i = m.target
        self.waiting[i] = [
            replace(r, confirmed=r.confirmed | {m.source})
            if r.context == m.context or self.confirm_any_context
            else r
            for r in self.waiting[i]
        ]

    def trusts_lease(self, i: Server) -> bool:
        """Whether a leader answers reads without asking anybody, because its lease holds."""
        if not self.lease_reads or self.lease_ticks == 0:
            return False
        return self.role[i] == Role.LEADER and self.term_at(i, self.commit[i]) == self.term[i]

    @reachable(when="reads > 0")
    def reads_answered(self) -> bool:
        """Every read that clients may ask for is answered."""
        return len(self.answered) == self.reads
