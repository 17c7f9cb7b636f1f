"""What can be reached, feature by feature, so that no promise holds for want of behaviour.

A goal is there only where its feature is on and the bounds leave room for it.
"""

from planespec.checker.lang import reachable
from planespec.model.raft.etcd.liberties import Liberties
from planespec.spec.raft.raft_requirements import Role


class Goals(Liberties):
    """States that an instance must be able to come to."""

    @reachable
    def entry_committed_everywhere(self) -> bool:
        """Every voter knows an entry to be committed."""
        return all(self.commit[s] > 0 for s in self.servers if s < self.voters)

    @reachable(when="max_term >= 2 and voters >= 3 and candidates >= 2")
    def two_leaders_at_once(self) -> bool:
        """An old leader has not yet heard of the new one."""
        return sum(1 for s in self.servers if self.role[s] == Role.LEADER) > 1

    @reachable(when="pre_vote")
    def pre_vote_won(self) -> bool:
        """A pre-candidate may begin its election."""
        return any(
            self.role[s] == Role.PRE_CANDIDATE and self.is_quorum(s, self.votes[s])
            for s in self.servers
        )

    @reachable(when="check_quorum")
    def leader_steps_down_in_its_term(self) -> bool:
        """A leader that hears no quorum follows nobody in its own term."""
        return any(
            s in self.elected[self.term[s]] and self.role[s] == Role.FOLLOWER for s in self.servers
        )

    @reachable(when="transfers")
    def successor_campaigns(self) -> bool:
        """The server that leadership is handed to is a candidate."""
        return any(s in self.transferee[s] for s in self.servers)

    @reachable(when="reads > 0")
    def reads_answered(self) -> bool:
        """Every read that clients may ask for is answered."""
        return len(self.answered) == self.reads

    @reachable(when="snapshots")
    def logs_compacted(self) -> bool:
        """Every voter has compacted its log."""
        return all(self.compacted[s] > 0 for s in self.servers if s < self.voters)

    @reachable(when="changes > 0")
    def membership_changed(self) -> bool:
        """A server has another configuration in force than at the start."""
        return any(self.configuration[s] != self.get_first_configuration() for s in self.servers)

    @reachable(when="joint")
    def joint_left(self) -> bool:
        """A server has left a joint configuration which another one still has in force."""
        first = self.get_first_configuration()
        is_entered = any(len(self.configuration[s].outgoing) > 0 for s in self.servers)
        return is_entered and any(
            len(c.outgoing) == 0 and c.voters != first.voters for c in self.configuration
        )

    @reachable(when="joint and demotions")
    def demotion_staged(self) -> bool:
        """An outgoing voter is to learn once the joint configuration is left."""
        return any(len(self.configuration[s].learners_next) > 0 for s in self.servers)

    @reachable(when="duplication")
    def message_repeated(self) -> bool:
        """A message is on the network twice."""
        return any(self.msgs.count(m) == 2 for m in self.msgs)

    @reachable(when="writes")
    def entry_not_durable(self) -> bool:
        """A crash would lose an entry."""
        return any(self.durable_log[s] != self.log[s] for s in self.servers)
