"""What every part asks of a server and does to it: who decides, what its log says, its role.

Becoming follower, candidate or leader is figure 4 of the paper (becomeFollower and so on).
"""

from planespec.checker.lang import each, initial, mutant, require
from planespec.model.raft.etcd.raft_types import Configuration, Entry, Index, Server, Term
from planespec.model.raft.etcd.state import State
from planespec.spec.raft.quorum import is_majority
from planespec.spec.raft.raft_requirements import Role


class Servers(State):
    """Quorums, logs and roles: the common ground of the parts."""

    joint_incoming_only: bool = mutant(
        "A joint configuration decides by its incoming half.", when="joint"
    )
    joint_outgoing_only: bool = mutant(
        "A joint configuration decides by its outgoing half.", when="joint"
    )
    half_is_enough: bool = mutant("Half of the voters decide.")
    learner_counts: bool = mutant(
        "A learner counts for a quorum before it is promoted.", when="changes > 0"
    )
    change_before_own_commit: bool = mutant(
        "A new leader proposes a change while one of an older term is not committed.",
        issue="raft-dev, July 2015",
        when="changes > 0",
    )
    commit_falls: bool = mutant(
        "A follower takes over a commit index that is lower than its own.",
        issue="PySyncObj#166, raft.tla#18",
    )

    @initial
    def bootstrap(self) -> None:
        """Every server knows the first configuration, those that may join included."""
        for i in self.servers:
            self.configuration[i] = self.get_first_configuration()
            self.lease[i] = 0

    def get_first_configuration(self) -> Configuration:
        """The configuration at the start; empty where membership never changes."""
        if self.changes == 0:
            return Configuration()
        return Configuration(
            voters=frozenset(s for s in self.servers if s < self.voters),
            learners=frozenset(
                s for s in self.servers if self.voters <= s and s < self.voters + self.learners
            ),
        )

    def get_voters(self, i: Server) -> set[Server]:
        """The voters as server `i` knows them; the incoming ones where two majorities decide."""
        if self.changes == 0:
            return {s for s in self.servers if s < self.voters}
        return set(self.configuration[i].voters)

    def get_outgoing(self, i: Server) -> set[Server]:
        """The voters on their way out as server `i` knows them."""
        return set(self.configuration[i].outgoing)

    def get_learners(self, i: Server) -> set[Server]:
        """The learners as server `i` knows them."""
        return set(self.configuration[i].learners)

    def is_voter(self, i: Server, j: Server) -> bool:
        """Whether `j` votes as far as `i` knows, in either half."""
        return j in self.get_voters(i) or j in self.get_outgoing(i)

    def is_member(self, i: Server, j: Server) -> bool:
        """Whether `j` votes or learns as far as `i` knows."""
        return self.is_voter(i, j) or j in self.get_learners(i)

    def is_quorum(self, i: Server, who: set[Server]) -> bool:
        """Whether `who` decides in the configuration of `i`: a majority of both halves."""
        counted = self.get_voters(i)
        if self.learner_counts:
            counted = counted | self.get_learners(i)
        incoming = self.is_majority(counted, who)
        outgoing = self.is_majority(self.get_outgoing(i), who)
        if self.joint_incoming_only:
            return incoming
        if self.joint_outgoing_only and len(self.get_outgoing(i)) > 0:
            return outgoing
        return incoming and outgoing

    def is_majority(self, voters: set[Server], who: set[Server]) -> bool:
        """Whether `who` contains a majority of the voters; of nobody, everybody is one."""
        if self.half_is_enough:
            return 2 * len(voters & who) >= len(voters)
        return is_majority(voters, who)

    def last_term(self, i: Server) -> Term:
        """The term of the last entry, 0 for an empty log."""
        return self.log[i][-1].term if len(self.log[i]) > 0 else 0

    def term_at(self, i: Server, index: Index) -> Term:
        """The term of an entry the log has, 0 for index 0."""
        return self.log[i][index - 1].term if index > 0 else 0

    def has_entry(self, i: Server, index: Index, term: Term) -> bool:
        """Whether the log has an entry of that term there; every log has the one of index 0."""
        return index <= len(self.log[i]) and self.term_at(i, index) == term

    def has_unapplied_change(self, i: Server) -> bool:
        """Whether a change is committed and not applied (hasUnappliedConfChanges)."""
        return any(len(self.log[i][k].change) > 0 for k in range(self.applied[i], self.commit[i]))

    def get_durable_log(self, i: Server) -> list[Entry]:
        """What is left of the log after a crash of this moment (`durability`)."""
        return list(self.log[i])

    def get_durable_term(self, i: Server) -> Term:
        """What is left of the term after a crash of this moment (`durability`)."""
        return self.term[i]

    def get_durable_commit(self, i: Server) -> Index:
        """What is left of the commit index after a crash of this moment (`durability`)."""
        return self.commit[i]

    def configuration_at(self, i: Server, index: Index) -> Configuration:
        """The configuration that the log gives up to an index (`membership`)."""
        return self.get_first_configuration()

    def note_commit(self, i: Server) -> None:
        """History: remember what a server knows to be committed where it is news."""
        for k in range(len(self.committed), self.commit[i]):
            self.committed.append(self.log[i][k])

    def commit_to(self, i: Server, index: Index) -> None:
        """Move the commit index forward; it never moves back."""
        if index > self.commit[i] or self.commit_falls:
            self.commit[i] = index
            self.note_commit(i)

    def note_active(self, i: Server, j: Server) -> None:
        """A leader hears a member."""
        if self.check_quorum:
            self.active[i].add(j)

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

    def hear_leader(self, i: Server) -> None:
        """A follower elects nobody else for a while."""
        if self.lease_ticks > 0:
            self.lease[i] = self.lease_ticks
            self.leaderless.discard(i)

    def await_timeout(self, i: Server) -> None:
        """A server that comes back waits for its timeout, and elects others meanwhile.

        raft.go refuses votes only while `lead` is known, and that is not on disk.
        """
        self.lease[i] = self.lease_ticks
        self.lose_leader(i)
