"""What the library and its hosts may do beside what the other parts fix: with `liberties`.

The other parts leave out what a step of the library hangs on (refusals that are counted, windows,
hints, timers) or choose one way for the host (when to compact, which changes to propose). Here
each of these may come at any moment, so that whatever a node of `spec.raft.node` does is a step
of the model: tests go along with recordings. Off elsewhere, since states multiply.
"""

from planespec.checker.lang import abstract, action, require
from planespec.model.raft.etcd.membership import apply_change
from planespec.model.raft.etcd.raft_types import (
    AppendRequest,
    ChangeKind,
    CompactedIndex,
    ConfChange,
    Index,
    Server,
    SingleChange,
    SnapshotRequest,
    Transition,
)
from planespec.model.raft.etcd.servers import Servers
from planespec.spec.raft.raft_requirements import Role


class Liberties(Servers):
    """Steps that may come at any moment. Needs elections, logs, memberships and snapshots."""

    @action(when="liberties")
    def append_from(self, i: Server, j: Server, previous: Index, last: Index) -> None:
        """A leader sends entries from anywhere after what is known to match (package tracker).

        It goes on to later entries before earlier ones are acknowledged, and back by hints.
        """
        require(self.role[i] == Role.LEADER)
        require(j != i and self.is_member(i, j))
        require(max(self.match_index[i][j], self.compacted[i]) <= previous and previous <= last)
        require(last <= min(len(self.log[i]), previous + self.batch))
        self.send(self.make_append_request(i, j, previous, last))

    @action(when="liberties")
    def send_snapshot_of(self, i: Server, j: Server, index: CompactedIndex) -> None:
        """A leader sends a snapshot that its host took later than it compacted."""
        require(self.role[i] == Role.LEADER)
        require(j != i and self.is_member(i, j) and index > 0)
        require(self.compacted[i] <= index and index <= self.applied[i])
        self.send(self.make_snapshot(i, j, index))

    @action(when="liberties")
    def compact_to(self, i: Server, index: CompactedIndex) -> None:
        """A host keeps some of the entries that its snapshot holds."""
        require(self.snapshots and self.is_durable(i))
        require(self.compacted[i] < index and index <= self.applied[i])
        self.compacted[i] = index

    @action(when="liberties")
    def give_up(self, i: Server) -> None:
        """A candidate that enough voters refuse follows nobody (VoteLost).

        So does a leader that no longer votes, with StepDownOnRemoval.
        """
        require(len(self.outbox[i]) == 0)
        require(self.role[i] != Role.FOLLOWER)
        require(self.role[i] != Role.LEADER or not self.is_voter(i, i))
        self.become_follower(i, self.term[i])

    @action(when="liberties")
    def ask_again(self, i: Server) -> None:
        """A pre-candidate whose timeout runs out forgets the answers it has."""
        require(self.role[i] == Role.PRE_CANDIDATE)
        self.require_may_campaign(i)
        self.become_pre_candidate_of(i)

    @action(when="liberties")
    def propose_single(
        self, i: Server, kind: ChangeKind, s: Server, transition: Transition
    ) -> None:
        """A leader appends one change, which may change nothing or pass through a joint state."""
        require(self.changes > 0)
        require(self.joint or transition == Transition.AUTO)
        self.propose_any(i, ConfChange((SingleChange(kind, s),), transition))

    @action(when="liberties")
    def propose_pair(
        self,
        i: Server,
        kind: ChangeKind,
        s: Server,
        other_kind: ChangeKind,
        other: Server,
        implicit: bool,
    ) -> None:
        """A leader appends any joint change of two servers, or twice of one."""
        require(self.joint)
        transition = Transition.JOINT_IMPLICIT if implicit else Transition.JOINT_EXPLICIT
        changes = (SingleChange(kind, s), SingleChange(other_kind, other))
        self.propose_any(i, ConfChange(changes, transition))

    def propose_any(self, i: Server, change: ConfChange) -> None:
        """Append a change that leaves somebody to vote."""
        require(len(self.configuration[i].outgoing) == 0)
        for single in change.changes:
            require(self.is_made(single.kind, single.server))
        require(len(apply_change(self.configuration[i], change).voters) > 0)
        self.propose(i, change)

    @abstract
    def require_may_campaign(self, i: Server) -> None:
        """Guard of a campaign (`elections`)."""

    @abstract
    def make_append_request(
        self, i: Server, j: Server, previous: Index, last: Index
    ) -> AppendRequest:
        """The entries after `previous` up to `last` (`replication`)."""
        raise NotImplementedError

    @abstract
    def make_snapshot(self, i: Server, j: Server, index: CompactedIndex) -> SnapshotRequest:
        """Everything up to an index (`log_snapshots`)."""
        raise NotImplementedError

    @abstract
    def is_made(self, kind: ChangeKind, s: Server) -> bool:
        """Whether the instance makes such changes (`membership`)."""
        raise NotImplementedError

    @abstract
    def propose(self, i: Server, change: ConfChange) -> None:
        """Append a change unless another one is pending (`membership`)."""
