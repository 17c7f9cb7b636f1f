"""What can be read off a server: who votes, what is a quorum, what its log says."""

from planespec.checker.lang import initial, mutant
from planespec.model.raft.etcd.raft_types import Configuration, Entry, Index, Server, Term
from planespec.model.raft.etcd.state import State
from planespec.spec.raft.quorum import is_majority


class Quorums(State):
    """Quorums and logs."""

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

    def is_durable(self, i: Server) -> bool:
        """Whether a crash of this moment would lose nothing but the commit index."""
        return not self.writes or (self.is_hard_state_durable(i) and self.is_log_durable(i))

    def is_hard_state_durable(self, i: Server) -> bool:
        """Whether term and vote are durable."""
        if not self.writes:
            return True
        is_vote_durable = all(
            (s in self.durable_vote[i]) == (self.voted_for[i] == s) for s in self.servers
        )
        return self.durable_term[i] == self.term[i] and is_vote_durable

    def is_log_durable(self, i: Server) -> bool:
        """Whether the log is durable."""
        return not self.writes or self.durable_log[i] == self.log[i]

    def get_durable_log(self, i: Server) -> list[Entry]:
        """What is left of the log after a crash of this moment."""
        return list(self.durable_log[i]) if self.writes else list(self.log[i])

    def get_durable_term(self, i: Server) -> Term:
        """What is left of the term after a crash of this moment."""
        return self.durable_term[i] if self.writes else self.term[i]

    def get_durable_commit(self, i: Server) -> Index:
        """What is left of the commit index after a crash of this moment."""
        return self.durable_commit[i] if self.writes else self.commit[i]

    def note_commit(self, i: Server) -> None:
        """History: remember what a server knows to be committed where it is news."""
        for k in range(len(self.committed), self.commit[i]):
            self.committed.append(self.log[i][k])
