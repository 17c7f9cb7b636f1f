"""CheckQuorum and its leases (thesis, sections 6.2 and 6.4.1), with clocks that drift.

A leader that does not hear a quorum steps down; a follower that heard its leader elects nobody
else for a while. Without clocks a leader may check its quorum at any moment, and a lease is as
good as a lost vote request. With clocks, `offset` is by how much a clock is ahead of the slowest,
at most `drift`; a message takes no time where the network holds none (`max_msgs=0`).

Two hazards of the library show here and are no error of the model; nothing in raft.go guards them.
A follower that restarts knows no leader, so that it votes at once although the leader it forgot
still trusts its lease; and a transfer disregards leases on purpose (`transfer`). Where leaders
answer from leases, RAFT-24 is violated with `restarts` and with `transfers`: docs/raft-pairs.md.
"""

from planespec.checker.lang import action, mutant, require
from planespec.model.raft.etcd.raft_types import Server
from planespec.model.raft.etcd.reads import Reads
from planespec.spec.raft.raft_requirements import Role


class Leases(Reads):
    """Leaders that notice that they are alone."""

    ignore_quorum: bool = mutant(
        "A leader that hears no quorum goes on leading.", when="check_quorum"
    )

    @action(when="check_quorum and lease_ticks == 0")
    def check_quorum_now(self, i: Server) -> None:
        """A leader steps down when it heard no quorum since the last check."""
        require(self.role[i] == Role.LEADER)
        self.check(i)

    def check(self, i: Server) -> None:
        """Step down without a quorum, and begin to listen anew."""
        if self.is_quorum(i, self.active[i] | {i}) or self.ignore_quorum:
            self.active[i] = set()
        else:
            self.become_follower(i, self.term[i])

    @action(when="lease_ticks > 0")
    def tick(self, i: Server) -> None:
        """Time passes on one clock."""
        require(self.offset[i] < self.drift)
        self.offset[i] += 1
        if all(self.offset[j] > 0 for j in self.servers):
            for j in self.servers:
                self.offset[j] -= 1
        self.count_down(i)

    def count_down(self, i: Server) -> None:
        """A lease runs out; that of a leader is renewed by a check."""
        if self.lease[i] > 0:
            self.lease[i] -= 1
            if self.lease[i] == 0:
                self.leaderless.discard(i)
        if self.role[i] == Role.LEADER and self.lease[i] == 0:
            self.lease[i] = self.check_ticks
            if self.check_quorum and not self.lease_without_check_quorum:
                self.check(i)

    def trusts_lease(self, i: Server) -> bool:
        """Whether a leader answers reads without asking anybody, because its lease holds."""
        if not self.lease_reads or self.lease_ticks == 0:
            return False
        return self.role[i] == Role.LEADER and self.term_at(i, self.commit[i]) == self.term[i]

    def await_timeout(self, i: Server) -> None:
        """A server that comes back waits for its timeout, and elects others meanwhile.

        raft.go refuses votes only while `lead` is known, and that is not on disk.
        """
        self.lease[i] = self.lease_ticks
        self.lose_leader(i)

    def hear_leader(self, i: Server) -> None:
        """A follower elects nobody else for a while."""
        if self.lease_ticks > 0:
            self.lease[i] = self.lease_ticks
            self.leaderless.discard(i)
