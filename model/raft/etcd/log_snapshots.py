"""Snapshots and compaction (the paper, section 7).

The state of an application is the sequence of entries it applied, so a compacted log keeps them,
and no append request can be made of them. Left out: a snapshot that is received and not yet
durable (a crash then is a message that was lost), and reports of its arrival.
"""

from planespec.checker.lang import Fairness, action, mutant, reachable, require
from planespec.model.raft.etcd.raft_types import (
    AppendReply,
    CompactedIndex,
    Configuration,
    Message,
    Server,
    SnapshotRequest,
)
from planespec.model.raft.etcd.servers import Servers
from planespec.spec.raft.raft_requirements import Role


class Snapshots(Servers):
    """Logs that forget. Needs logs, and memberships only where they change."""

    snapshot_drops_configuration: bool = mutant(
        "A server that installs a snapshot keeps its old configuration.", when="snapshots"
    )
    snapshot_of_unapplied: bool = mutant(
        "A snapshot takes in entries that are not applied.", when="snapshots"
    )
    stale_snapshot: bool = mutant(
        "A snapshot older than the commit index is installed.", when="snapshots"
    )
    send_unnamed: bool = mutant(
        "A newcomer is sent a snapshot that was taken before it was added, and refuses it.",
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

    @action(fair=Fairness.WEAK, per_instance=True, when="snapshots")
    def send_snapshot(self, i: Server, j: Server) -> None:
        """A leader sends a snapshot to a member that needs entries which are compacted."""
        require(self.role[i] == Role.LEADER and j != i and self.is_member(i, j))
        require(self.next_index[i][j] <= self.compacted[i])
        self.send(self.make_snapshot(i, j, self.snapshot_index(i, j)))

    def snapshot_index(self, i: Server, j: Server) -> CompactedIndex:
        """The index of the snapshot that a host sends: a fresh one where the last lacks `j`."""
        index = self.compacted[i]
        if self.is_named(j, self.configuration_at(i, index)) or self.send_unnamed:
            return index
        return self.applied[i]

    def is_named(self, j: Server, configuration: Configuration) -> bool:
        """Whether a configuration has `j` as a member, where memberships change."""
        members = configuration.voters | configuration.outgoing | configuration.learners
        return self.changes == 0 or j in members

    def make_snapshot(self, i: Server, j: Server, index: CompactedIndex) -> SnapshotRequest:
        """Everything up to an index, with the configuration of that index."""
        return SnapshotRequest(
            term=self.term[i],
            source=i,
            target=j,
            index=index,
            state=tuple(self.log[i][k] for k in range(index)),
            configuration=self.configuration_at(i, index),
        )

    def handle_snapshot(self, m: SnapshotRequest) -> Message | None:
        """Restore from the snapshot if it brings news, and answer with where the log stands.

        One that does not name the server is no news to it.
        """
        i = m.target
        is_news = m.index > self.commit[i] or self.stale_snapshot
        if not is_news or not self.is_named(i, m.configuration):
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
        self.keep_snapshot(m)

    @reachable(when="snapshots")
    def logs_compacted(self) -> bool:
        """Every voter has compacted its log."""
        return all(self.compacted[s] > 0 for s in self.servers if s < self.voters)
