"""The algebra of membership (thesis, section 4.3; package confchange): what a change makes of a
configuration. Changes that the algebra refuses are never proposed by the model.
"""

from planespec.checker.lang import replace
from planespec.model.raft.etcd.raft_types import (
    ChangeKind,
    ConfChange,
    Configuration,
    SingleChange,
    Transition,
)


def apply_change(c: Configuration, change: ConfChange) -> Configuration:
    """Leave a joint configuration, enter one, or apply one change at once."""
    if len(change.changes) == 0:
        return leave_joint(c)
    if change.transition == Transition.AUTO:
        return change_simply(c, change)
    return enter_joint(c, change)


def change_simply(c: Configuration, change: ConfChange) -> Configuration:
    """Apply the changes in order, without a joint configuration."""
    changed = c
    for single in change.changes:
        changed = apply_single(changed, single)
    return changed


def enter_joint(c: Configuration, change: ConfChange) -> Configuration:
    """Copy the voters to the outgoing half, then change the incoming half."""
    joint = replace(c, outgoing=c.voters)
    for single in change.changes:
        joint = apply_single(joint, single)
    return replace(joint, auto_leave=1 if change.transition == Transition.JOINT_IMPLICIT else 0)


def leave_joint(c: Configuration) -> Configuration:
    """Drop the outgoing half; staged learners become learners."""
    return Configuration(voters=c.voters, learners=c.learners | c.learners_next)


def apply_single(c: Configuration, single: SingleChange) -> Configuration:
    """Make a server a voter or a learner, or remove it.

    An outgoing voter that is to learn is staged: nobody votes and learns at once.
    """
    server = frozenset({single.server})
    rest = Configuration(
        c.voters - server, c.outgoing, c.learners - server, c.learners_next - server, c.auto_leave
    )
    if single.kind == ChangeKind.ADD_VOTER:
        return replace(rest, voters=rest.voters | server)
    if single.kind == ChangeKind.REMOVE:
        return rest
    if single.server in c.outgoing:
        return replace(rest, learners_next=rest.learners_next | server)
    return replace(rest, learners=rest.learners | server)
