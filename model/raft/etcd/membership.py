"""Membership changes (thesis, chapter 4): proposed, committed, and in force once applied.

Version 1 changes one server at a time. Version 2 passes through a joint configuration in which old
and new majority must agree. Left out: joint changes of more than two servers.
"""

from planespec.checker.lang import action, constant, mutant, only, reachable, replace, require
from planespec.model.raft.etcd.raft_types import (
    ChangeKind,
    ConfChange,
    Configuration,
    Entry,
    Index,
    Server,
    SingleChange,
    Transition,
)
from planespec.model.raft.etcd.servers import Servers
from planespec.spec.raft.confchange import (
    make_joint,
    make_learner,
    make_settled,
    make_stranger,
    make_voter,
)
from planespec.spec.raft.log_requirements import (
    configuration_follows_log,
    learner_never_campaigns,
    nobody_votes_and_learns,
    one_pending_change,
)
from planespec.spec.raft.raft_requirements import Role


class Membership(Servers):
    """Who belongs to the cluster. Needs logs: a change is an entry."""

    adds: bool = constant(False)
    removals: bool = constant(False)
    demotions: bool = constant(False)
    """Whether a change makes a learner of a server, be it a voter or a new one."""
    fixed: int = constant(0, at_least=0, at_most=7)
    """Servers numbered below it are never added or removed: a bound."""
    simple: bool = constant(True)
    """Whether changes of one server are proposed to be applied at once."""

    second_change_early: bool = mutant(
        "A leader proposes a change while another one is pending.",
        issue="etcd#7625",
        when="changes > 0",
    )
    v2_not_pending: bool = mutant(
        "A change of version 2 is not counted as pending.", issue="etcd#12133", when="changes == 2"
    )
    swap_without_joint: bool = mutant(
        "Two servers change places without a joint configuration.",
        issue="etcd#12359",
        when="joint",
    )
    leave_before_commit: bool = mutant(
        "A joint configuration is left as soon as that is proposed, before it is committed.",
        when="joint",
    )

    requires = [
        only(one_pending_change, when="changes > 0"),
        only(learner_never_campaigns, when="changes > 0"),
        only(configuration_follows_log, when="changes > 0"),
        only(nobody_votes_and_learns, when="changes > 0"),
    ]

    def put_in_force(self, i: Server, change: ConfChange) -> None:
        """A change that is applied is in force."""
        self.switch_to(i, apply_change(self.configuration[i], change))

    def switch_to(self, i: Server, configuration: Configuration) -> None:
        """Put a configuration in force; a leader knows nothing of newcomers' logs.

        They count as heard, so that the next check of the quorum leaves them time to answer.
        """
        newcomers = {j for j in self.servers if not self.is_member(i, j)}
        self.configuration[i] = configuration
        if self.role[i] != Role.LEADER:
            return
        for j in self.servers:
            if not self.is_member(i, j):
                self.match_index[i][j] = 0
                self.next_index[i][j] = 1
                self.active[i].discard(j)
            elif j in newcomers:
                self.note_active(i, j)
        self.end_transfer(i)

    def end_transfer(self, i: Server) -> None:
        """A leader that votes gives up handing over to a server that no longer does."""
        if self.is_voter(i, i):
            self.transferee[i] = {j for j in self.transferee[i] if self.is_voter(i, j)}

    @action(when="changes > 0 and simple")
    def propose_change(self, i: Server, kind: ChangeKind, s: Server) -> None:
        """A leader appends a change of one server, to be applied at once."""
        require(len(self.configuration[i].outgoing) == 0)
        require(self.is_wanted(i, kind, s))
        require(kind == ChangeKind.ADD_VOTER or len(self.get_voters(i) - {s}) > 0)
        self.propose(i, ConfChange((SingleChange(kind, s),), Transition.AUTO))

    @action(when="joint and adds")
    def propose_swap(
        self, i: Server, joining: Server, kind: ChangeKind, leaving: Server, implicit: bool
    ) -> None:
        """A leader appends a joint change: one server votes, another one no longer does."""
        require(joining != leaving)
        require(len(self.configuration[i].outgoing) == 0)
        require(kind != ChangeKind.ADD_VOTER and leaving in self.get_voters(i))
        require(joining not in self.get_voters(i) and self.is_wanted(i, kind, leaving))
        transition = Transition.JOINT_IMPLICIT if implicit else Transition.JOINT_EXPLICIT
        if self.swap_without_joint:
            transition = Transition.AUTO
        add = SingleChange(ChangeKind.ADD_VOTER, joining)
        self.propose(i, ConfChange((add, SingleChange(kind, leaving)), transition))

    @action(when="joint")
    def leave_joint(self, i: Server) -> None:
        """A leader appends the change that leaves a joint configuration.

        By itself where the change that entered said so, otherwise because it is asked to.
        """
        require(len(self.configuration[i].outgoing) > 0)
        self.propose(i, ConfChange((), Transition.AUTO))
        if self.leave_before_commit:
            self.configuration[i] = apply_change(
                self.configuration[i], ConfChange((), Transition.AUTO)
            )

    def is_wanted(self, i: Server, kind: ChangeKind, s: Server) -> bool:
        """Whether the instance makes such changes, and the change would change something."""
        if kind == ChangeKind.ADD_VOTER:
            return self.is_made(kind, s) and s not in self.get_voters(i)
        if kind == ChangeKind.ADD_LEARNER:
            return self.is_made(kind, s) and s not in self.get_learners(i)
        return self.is_made(kind, s) and self.is_member(i, s)

    def is_made(self, kind: ChangeKind, s: Server) -> bool:
        """Whether the instance makes such changes."""
        if s < self.fixed:
            return False
        if kind == ChangeKind.ADD_VOTER:
            return self.adds
        if kind == ChangeKind.ADD_LEARNER:
            return self.demotions
        return self.removals

    def propose(self, i: Server, change: ConfChange) -> None:
        """Append a change unless another one is pending."""
        require(self.role[i] == Role.LEADER and len(self.transferee[i]) == 0)
        require(self.is_member(i, i))
        require(self.pending_change[i] <= self.applied[i] or self.second_change_early)
        self.append_as_leader(i, Entry(self.term[i], (change,)))
        if not (self.v2_not_pending and self.changes == 2):
            self.pending_change[i] = len(self.log[i])

    def configuration_at(self, i: Server, index: Index) -> Configuration:
        """The configuration that the log gives up to an index."""
        configuration = self.get_first_configuration()
        for k in range(index):
            for change in self.log[i][k].change:
                configuration = apply_change(configuration, change)
        return configuration

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


def apply_change(c: Configuration, change: ConfChange) -> Configuration:
    """Leave a joint configuration, enter one, or apply the changes at once."""
    changed: Configuration = c
    if len(change.changes) == 0:
        changed = make_settled(c)
    elif change.transition != Transition.AUTO:
        changed = make_joint(c)
    for single in change.changes:
        changed = apply_single(changed, single)
    return replace(changed, auto_leave=1 if change.transition == Transition.JOINT_IMPLICIT else 0)


def apply_single(c: Configuration, single: SingleChange) -> Configuration:
    """Make a server a voter or a learner, or remove it."""
    changed: Configuration = c
    if single.kind == ChangeKind.ADD_VOTER:
        changed = make_voter(c, single.server)
    elif single.kind == ChangeKind.ADD_LEARNER:
        changed = make_learner(c, single.server)
    else:
        changed = make_stranger(c, single.server)
    return changed
