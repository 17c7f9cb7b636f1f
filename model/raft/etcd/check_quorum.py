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

from planespec.checker.lang import Array, action, constant, each, mutant, only, reachable, require
from planespec.model.raft.etcd.raft_types import Offset, Server
from planespec.model.raft.etcd.servers import Servers
from planespec.spec.raft.raft_requirements import Role


class Leases(Servers):
    """Leaders that notice that they are alone. Needs logs, whose replies a leader hears."""

    drift: int = constant(1, at_least=1, at_most=9)
    """Ticks by which a clock is ahead of another at most."""

    offset: Array[Server, Offset] = only(each(0), when="lease_ticks > 0")
    """Ticks by which a clock is ahead of the slowest one."""

    ignore_quorum: bool = mutant(
        "A leader that hears no quorum goes on leading.", when="check_quorum"
    )
    lease_without_check_quorum: bool = mutant(
        "A leader trusts its lease although it never checks its quorum.", when="lease_ticks > 0"
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

    @reachable(when="check_quorum")
    def leader_steps_down_in_its_term(self) -> bool:
        """A leader that hears no quorum follows nobody in its own term."""
        return any(
            s in self.elected[self.term[s]] and self.role[s] == Role.FOLLOWER for s in self.servers
        )
