"""Snapshots and compaction (the paper, section 7).

The state of an application is the sequence of entries it applied, so a compacted log keeps them,
and no append request can be made of them. Left out: a snapshot that is received and not yet
durable (a crash then is a message that was lost), and reports of its arrival.
"""

from planespec.checker.lang import action, mutant, require
from planespec.model.raft.etcd.membership import Membership
from planespec.model.raft.etcd.raft_types import AppendReply, Message, Server, SnapshotRequest


class Snapshots(Membership):
    """Logs that forget."""

    snapshot_drops_configuration: bool = mutant(
        "A server that installs a snapshot keeps its old configuration.", when="snapshots"
    )
    snapshot_of_unapplied: bool = mutant(
        "A snapshot takes in entries that are not applied.", when="snapshots"
    )
    stale_snapshot: bool = mutant(
        "A snapshot older than the commit index is installed.", when="snapshots"
    )
    refuse_unnamed: bool = mutant(
        "A newcomer refuses a snapshot that was taken before it was added.",
        issue="raft#349, etcd#13741",
        when="snapshots",
    )

    @action(when="snapshots")
    def compact(self, i: Server) -> None:
        """A server takes a snapshot of all it applied and forgets the log up to there."""
        require(self.is_durable(i))
        index = len(self.log[i]) if self.snapshot_of_unapplied else self.applied[i]
        require(index > self.compacted[i])
        self.compacted[i] = index
        if self.snapshot_of_unapplied:
            self.applied[i] = max(index, self.applied[i])

    def make_snapshot(self, i: Server, j: Server) -> SnapshotRequest:
        """Everything up to the compacted index, with the configuration of that index."""
        return SnapshotRequest(
            term=self.term[i],
            source=i,
            target=j,
            index=self.compacted[i],
            state=tuple(self.log[i][k] for k in range(self.compacted[i])),
            configuration=self.configuration_at(i, self.compacted[i]),
        )

    def handle_snapshot(self, m: SnapshotRequest) -> Message | None:
        """Restore from the snapshot if it brings news, and answer with where the log stands."""
        i = m.target
        if self.refuse_unnamed and i not in m.configuration.voters | m.configuration.learners:
            return AppendReply(self.term[i], i, m.source, granted=True, index=self.commit[i])
        if m.index <= self.commit[i] and not self.stale_snapshot:
            return AppendReply(self.term[i], i, m.source, granted=True, index=self.commit[i])
        term = m.state[m.index - 1].term if m.index > 0 else 0
        if self.has_entry(i, m.index, term) and not self.stale_snapshot:
            self.commit_to(i, m.index)
        else:
            self.install(m)
        return AppendReply(self.term[i], i, m.source, granted=True, index=m.index)

    def install(self, m: SnapshotRequest) -> None:
        """Replace log and membership by those of the snapshot."""
        i = m.target
        self.log[i] = list(m.state)
        self.commit[i] = m.index
        self.note_commit(i)
        self.applied[i] = m.index
        self.compacted[i] = m.index
        if not self.snapshot_drops_configuration:
            self.configuration[i] = m.configuration
        if self.writes:
            self.durable_log[i] = list(m.state)
            self.durable_commit[i] = m.index
