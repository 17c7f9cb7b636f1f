"""Replication and commitment (the paper, 5.3 and 5.4.2).

Left out: flow control (probing, windows) and the hint that skips a whole term in a diverging log:
a refusal tells how long the follower's log is, and the leader goes back to there or by one.
"""

from planespec.checker.lang import Fairness, action, constant, mutant, reachable, require
from planespec.model.raft.etcd.raft_types import (
    AppendReply,
    AppendRequest,
    Entry,
    Heartbeat,
    HeartbeatReply,
    Index,
    Message,
    Server,
)
from planespec.model.raft.etcd.servers import Servers
from planespec.spec.raft.log_requirements import (
    commit_never_falls,
    committed_stays,
    leader_append_only,
    match_never_falls,
    next_above_match,
    quorum_decides_commit,
    quorum_holds_committed,
)
from planespec.spec.raft.raft_requirements import (
    Role,
    leader_completeness,
    log_matching,
    state_machine_safety,
)


class Replication(Servers):
    """Logs. Needs a network, and a leader that is elected or given."""

    clients: bool = constant(True)
    """Whether clients write; the entries of new leaders and of changes are there in any case."""

    count_old_terms: bool = mutant(
        "A leader commits an entry of an older term by counting (the paper, figure 8).",
        issue="PySyncObj#169",
    )
    match_falls: bool = mutant(
        "A late reply lowers what a leader knows to match.",
        issue="PySyncObj#167, raftos#25, raft.tla#19",
    )
    truncate_always: bool = mutant(
        "A follower drops what follows an append request, conflict or not.", issue="raftos#26"
    )
    append_unchecked: bool = mutant("A follower appends without comparing the entry before.")
    commit_unchecked: bool = mutant(
        "A heartbeat commits what the leader never saw matching.", when="heartbeats"
    )
    probe_stuck: bool = mutant("A leader that is refused tries the same place again.")
    leader_counts_itself: bool = mutant(
        "A leader that was removed still counts itself for a quorum."
    )

    requires = [
        committed_stays,
        log_matching,
        state_machine_safety,
        leader_completeness,
        leader_append_only,
        quorum_holds_committed,
        commit_never_falls,
        match_never_falls,
        next_above_match,
        quorum_decides_commit,
    ]

    @action(when="clients")
    def client_request(self, i: Server) -> None:
        """A leader appends an entry of its term, unless it hands over or was removed."""
        require(self.role[i] == Role.LEADER)
        require(len(self.transferee[i]) == 0 and self.is_member(i, i))
        self.append_as_leader(i, Entry(self.term[i]))

    @action(fair=Fairness.WEAK, per_instance=True)
    def advance_commit_index(self, i: Server) -> None:
        """A leader commits the greatest index a quorum holds, if that entry is of its term."""
        require(self.role[i] == Role.LEADER)
        index = max(
            (k for k in range(self.commit[i] + 1, len(self.log[i]) + 1) if self.is_held(i, k)),
            default=0,
        )
        require(index > 0)
        require(self.count_old_terms or self.term_at(i, index) == self.term[i])
        self.commit[i] = index
        self.note_commit(i)

    @action(when="changes > 0 or snapshots")
    def apply(self, i: Server) -> None:
        """A server applies the next committed entry; a change is in force from here on."""
        require(self.applied[i] < self.commit[i])
        entry = self.log[i][self.applied[i]]
        self.applied[i] += 1
        for change in entry.change:
            self.put_in_force(i, change)

    @action(fair=Fairness.WEAK, per_instance=True)
    def append_entries(self, i: Server, j: Server) -> None:
        """A leader sends the next entries a member needs, as many as a message takes, or none."""
        require(self.role[i] == Role.LEADER and j != i and self.is_member(i, j))
        require(self.next_index[i][j] > self.compacted[i])
        previous = self.next_index[i][j] - 1
        last = min(len(self.log[i]), previous + self.batch)
        self.send(self.make_append_request(i, j, previous, last))

    @action(when="heartbeats")
    def heartbeat(self, i: Server, j: Server) -> None:
        """A leader shows a member that it is there, and asks it to confirm the latest read."""
        require(self.role[i] == Role.LEADER and j != i and self.is_member(i, j))
        self.send(self.make_heartbeat(i, j))

    def is_held(self, i: Server, index: Index) -> bool:
        """Whether leader `i` knows a quorum to hold the entry at `index`."""
        holders = {j for j in self.servers if self.match_index[i][j] >= index}
        if self.leader_counts_itself and not self.is_voter(i, i):
            return 2 * len(holders | {i}) > len(self.get_voters(i)) + 1
        return self.is_quorum(i, holders)

    def make_append_request(
        self, i: Server, j: Server, previous: Index, last: Index
    ) -> AppendRequest:
        """The entries after `previous` up to `last`."""
        return AppendRequest(
            term=self.term[i],
            source=i,
            target=j,
            previous_index=previous,
            previous_term=self.term_at(i, previous),
            entries=tuple(self.log[i][k] for k in range(previous, last)),
            commit=min(self.commit[i], last),
        )

    def handle_append_request(self, m: AppendRequest) -> Message | None:
        """Take the entries if the logs match before them; an answer goes back either way."""
        i = m.target
        if (
            m.previous_index < self.commit[i]
            and not self.commit_falls
            and not self.truncate_always
        ):
            return AppendReply(self.term[i], i, m.source, granted=True, index=self.commit[i])
        has_previous = self.has_entry(i, m.previous_index, m.previous_term)
        if not has_previous and not (
            self.append_unchecked and m.previous_index <= len(self.log[i])
        ):
            hint = min(m.previous_index - 1, len(self.log[i]))
            return AppendReply(self.term[i], i, m.source, granted=False, index=hint)
        self.put_entries(m)
        last = m.previous_index + len(m.entries)
        self.commit_to(i, min(m.commit, last))
        return AppendReply(self.term[i], i, m.source, granted=True, index=last)

    def put_entries(self, m: AppendRequest) -> None:
        """Put entries behind the previous one; what conflicts, and all after it, goes."""
        i = m.target
        last = m.previous_index + len(m.entries)
        is_known = last <= len(self.log[i]) and all(
            self.log[i][m.previous_index + k] == m.entries[k] for k in range(len(m.entries))
        )
        if not is_known or self.truncate_always:
            self.log[i] = self.log[i][: m.previous_index] + list(m.entries)

    def handle_append_reply(self, m: AppendReply) -> None:
        """A leader learns how far a follower's log matches, or goes back in it."""
        i = m.target
        j = m.source
        if self.role[i] != Role.LEADER or m.term != self.term[i] or not self.is_member(i, j):
            return
        self.note_active(i, j)
        if not m.granted and not self.probe_stuck:
            self.next_index[i][j] = max(self.match_index[i][j] + 1, m.index + 1)
        elif m.granted and (m.index > self.match_index[i][j] or self.match_falls):
            self.match_index[i][j] = m.index
            self.next_index[i][j] = max(self.next_index[i][j], m.index + 1)

    def make_heartbeat(self, i: Server, j: Server) -> Heartbeat:
        """What the follower is known to have of what is committed, and the latest read."""
        commit = self.commit[i]
        if not self.commit_unchecked:
            commit = min(commit, self.match_index[i][j])
        context = self.waiting[i][-1].context if len(self.waiting[i]) > 0 else 0
        return Heartbeat(self.term[i], i, j, commit, context)

    def handle_heartbeat(self, m: Heartbeat) -> Message | None:
        """Commit as far as the leader says, and return its context.

        etcd panics where that is beyond the log (commitTo: "tocommit is out of range"), as happens
        where a disk lost entries (etcd#16220, etcd#20269, etcd#21178).
        """
        assert m.commit <= len(self.log[m.target]) or self.commit_unchecked
        self.commit_to(m.target, min(m.commit, len(self.log[m.target])))
        return HeartbeatReply(self.term[m.target], m.target, m.source, m.context)

    def handle_heartbeat_reply(self, m: HeartbeatReply) -> None:
        """A follower is alive, and confirms the read whose context it returns."""
        i = m.target
        if (
            self.role[i] != Role.LEADER
            or m.term != self.term[i]
            or not self.is_member(i, m.source)
        ):
            return
        self.note_active(i, m.source)
        self.confirm_reads(m)

    @reachable
    def entry_committed_everywhere(self) -> bool:
        """Every voter knows an entry to be committed."""
        return all(self.commit[s] > 0 for s in self.servers if s < self.voters)
