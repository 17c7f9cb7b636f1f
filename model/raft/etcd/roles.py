"""Becoming follower, candidate or leader (the paper, figure 4; becomeFollower and so on)."""

from planespec.checker.lang import each, mutant, require
from planespec.model.raft.etcd.quorums import Quorums
from planespec.model.raft.etcd.raft_types import Entry, Server, Term
from planespec.spec.raft.raft_requirements import Role


class Roles(Quorums):
    """What a server forgets and begins when its role changes."""

    change_before_own_commit: bool = mutant(
        "A new leader proposes a change while one of an older term is not committed.",
        issue="raft-dev, July 2015",
        when="changes > 0",
    )

    def become_follower(self, i: Server, term: Term) -> None:
        """Follow in `term`; a new term also forgets the vote."""
        if self.term[i] != term:
            self.term[i] = term
            self.voted_for[i] = None
            self.lose_leader(i)
        self.start_anew(i)
        self.role[i] = Role.FOLLOWER

    def lose_leader(self, i: Server) -> None:
        """A follower that knows no leader elects others at once; its own timeout still runs."""
        if self.lease[i] > 0 and (self.restarts or self.transfers):
            self.leaderless.add(i)

    def end_lease(self, i: Server) -> None:
        """Wait for nobody."""
        self.lease[i] = 0
        self.leaderless.discard(i)

    def start_anew(self, i: Server) -> None:
        """Forget what belonged to the old role."""
        self.votes[i] = set()
        self.next_index[i] = each(1)
        self.match_index[i] = each(0)
        self.pending_change[i] = 0
        self.active[i] = set()
        self.transferee[i] = set()
        self.waiting[i] = []
        if self.role[i] != Role.FOLLOWER:
            self.end_lease(i)

    def become_pre_candidate_of(self, i: Server) -> None:
        """Ask whether an election could be won; term and vote stay."""
        self.start_anew(i)
        self.role[i] = Role.PRE_CANDIDATE
        self.votes[i] = {i}
        self.end_lease(i)

    def become_candidate_of(self, i: Server) -> None:
        """Open the next term and vote for oneself; the vote counts once it is durable."""
        require(self.term[i] < self.max_term)
        self.start_anew(i)
        self.term[i] += 1
        self.role[i] = Role.CANDIDATE
        self.voted_for[i] = i
        self.end_lease(i)
        if not self.writes:
            self.votes[i] = {i}

    def lead(self, i: Server) -> None:
        """Lead the term, beginning with an empty entry of that term.

        The log may hold a change that is not applied yet, so none is proposed before everything
        up to its present end is.
        """
        require(len(self.log[i]) < self.max_log)
        self.start_anew(i)
        self.role[i] = Role.LEADER
        self.lease[i] = self.check_ticks if self.lease_ticks > 0 else 0
        self.elected[self.term[i]].add(i)
        for j in self.servers:
            self.next_index[i][j] = len(self.log[i]) + 1 if j != i else 1
        if self.changes > 0 and not self.change_before_own_commit:
            self.pending_change[i] = len(self.log[i])
        self.append_as_leader(i, Entry(self.term[i]))

    def append_as_leader(self, i: Server, entry: Entry) -> None:
        """Put an entry at the end; the leader counts itself once the entry is durable."""
        require(len(self.log[i]) < self.max_log)
        self.log[i].append(entry)
        if not self.writes:
            self.match_index[i][i] = len(self.log[i])
