"""Is there a leader in the end, and is what clients wrote committed (the paper, section 5.6)?

Fairness, stated with the actions: a timer that may run out does, whoever has won begins, and
leaders and candidates go on asking each server. Terms are bounded, so servers that stand at the
same time could split the last vote for ever; nothing is promised for messages that are lost. So
instances of `LiveRaft` have one candidate and no loss.
"""

from planespec.checker.lang import choose, constant, eventually, initial, instance, leads_to
from planespec.model.raft.etcd.etcd_raft import EtcdRaft
from planespec.model.raft.etcd.raft_types import Entry
from planespec.spec.raft.raft_requirements import Role


class LiveRaft(EtcdRaft):
    """Raft in calm times."""

    held_to = EtcdRaft.held_to

    @eventually
    def leader_is_elected(self) -> bool:
        """A leader is eventually elected."""
        return any(self.role[s] == Role.LEADER for s in self.servers)

    def is_entry_waiting(self) -> bool:
        """A leader has an entry that is not committed."""
        return any(
            self.role[s] == Role.LEADER and self.commit[s] < len(self.log[s]) for s in self.servers
        )

    def is_everything_committed(self) -> bool:
        """Whoever leads has committed all it has; nobody leads where a leader stepped down."""
        return not self.is_entry_waiting()

    entries_are_committed = leads_to(
        is_entry_waiting,
        is_everything_committed,
        statement="An entry proposed to a leader that stays is eventually committed.",
        source="the paper, section 5.3; thesis, section 9.6",
    )

    def is_member_behind(self) -> bool:
        """A leader counts a member that lacks what is committed."""
        return any(
            self.role[i] == Role.LEADER
            and self.is_member(i, j)
            and self.match_index[i][j] < self.commit[i]
            for i in self.servers
            for j in self.servers
        )

    def is_every_member_up_to_date(self) -> bool:
        """Every member that a leader counts has what is committed."""
        return not self.is_member_behind()

    members_catch_up = leads_to(
        is_member_behind,
        is_every_member_up_to_date,
        statement="A member, an added one too, eventually has what its leader has committed.",
        source="thesis, section 4.2.1; raft#349",
    )

    instances = [
        instance("calm", loss=False, candidates=1),
        instance("pre-vote", loss=False, candidates=1, max_log=3, pre_vote=True),
        instance("check-quorum", loss=False, candidates=1, check_quorum=True),
        instance(
            "joining",
            slow=True,
            loss=False,
            candidates=1,
            voters=2,
            changes=1,
            adds=True,
            snapshots=True,
            max_log=3,
        ),
    ]


class MigratedRaft(LiveRaft):
    """Two of three servers are left when PreVote is switched on, one of them ahead in its term.

    It missed an entry that the other one has, and cannot win itself (etcd#8501).
    """

    held_to = LiveRaft.held_to

    max_term: int = constant(4, at_least=3, at_most=9)

    @initial
    def bootstrap(self) -> None:
        """One server is ahead in term, the others in their logs."""
        ahead = choose(self.servers)
        for i in self.servers:
            self.configuration[i] = self.get_first_configuration()
            self.term[i] = 3 if i == ahead else 1
            if i != ahead:
                self.log[i] = [Entry(1)]

    instances = [
        instance(
            "migrated", servers=2, voters=2, loss=False, max_term=4, max_log=2, pre_vote=True
        ),
    ]
