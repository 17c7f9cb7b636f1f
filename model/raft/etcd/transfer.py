"""Handing leadership over to a chosen follower (thesis, section 3.10).

A leader brings its successor up to date, lets it campaign at once, and takes no proposals
meanwhile. The successor skips its pre-vote, and voters disregard their leases. The old leader does
not: until it hears of its successor it answers reads from its lease, which are then stale
(RAFT-24, and RAFT-23 behind it; etcd#12704 asks about it). etcd itself uses no lease reads.
"""

from planespec.checker.lang import action, mutant, reachable, require
from planespec.model.raft.etcd.raft_types import Server, TimeoutNow
from planespec.model.raft.etcd.servers import Servers
from planespec.spec.raft.raft_requirements import Role


class Transfer(Servers):
    """Leaders that choose their successors. Needs logs, which a successor has to the end."""

    transfer_to_learner: bool = mutant("Leadership is handed over to a learner.", when="transfers")

    @action(when="transfers")
    def transfer_leader(self, i: Server, j: Server) -> None:
        """A leader begins to hand over to another voter."""
        require(self.role[i] == Role.LEADER and i != j)
        require(self.is_voter(i, j) or (self.transfer_to_learner and self.is_member(i, j)))
        require(len(self.transferee[i]) == 0)
        self.transferee[i] = {j}

    @action(when="transfers")
    def abort_transfer(self, i: Server) -> None:
        """A leader gives up when its successor takes longer than an election timeout."""
        require(self.role[i] == Role.LEADER and len(self.transferee[i]) > 0)
        self.transferee[i] = set()

    @action(when="transfers")
    def timeout_now(self, i: Server, j: Server) -> None:
        """A leader tells its successor to campaign as soon as that has the whole log."""
        require(self.role[i] == Role.LEADER and j in self.transferee[i])
        require(self.match_index[i][j] == len(self.log[i]))
        self.send(TimeoutNow(self.term[i], i, j))

    def handle_timeout_now(self, m: TimeoutNow) -> None:
        """Campaign at once if this server may at all; the vote is asked for in the new term."""
        i = m.target
        may_lead = self.is_voter(i, i) or self.transfer_to_learner
        if self.role[i] == Role.FOLLOWER and may_lead and not self.has_unapplied_change(i):
            self.become_candidate_of(i)
            self.transferee[i] = {i}

    @reachable(when="transfers")
    def successor_campaigns(self) -> bool:
        """The server that leadership is handed to is a candidate."""
        return any(s in self.transferee[s] for s in self.servers)
