"""Putting a configuration in force: from an applied change, a snapshot, or at the start.

Source: go.etcd.io/raft v3.6 (raft.go: applyConfChange, switchToConfig; confchange/restore.go).
"""

from planespec.spec.raft.confchange import (
    NO_MEMBERS,
    ChangeRefusedError,
    Configuration,
    Membership,
    build_membership,
    change_simply,
    enter_joint,
    get_voters,
    leave_joint,
)
from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node.log import Panic
from planespec.spec.raft.node.messages import NO_NODE, ConfChange, Level, Transition
from planespec.spec.raft.node.outbox import TraceEvent, observe
from planespec.spec.raft.node.replication import (
    broadcast_append,
    get_others,
    send_append,
    try_commit,
)
from planespec.spec.raft.node.roles import become_follower
from planespec.spec.raft.node.state import Node, Role


def apply_conf_change(node: Node, change: ConfChange) -> Configuration:
    """Put a committed change in force and return the configuration; Panic when it cannot be."""
    try:
        members = _compute_membership(node, change)
    except ChangeRefusedError as refusal:
        raise Panic(str(refusal)) from refusal
    _switch_to(node, members)
    return node.configuration


def _compute_membership(node: Node, change: ConfChange) -> Membership:
    members = Membership(node.configuration, node.progress)
    last, window = logs.get_last_index(node.log), node.config.max_inflight
    if change == ConfChange():
        return leave_joint(members)
    if len(change.changes) > 1 or change.transition is not Transition.AUTO:
        return enter_joint(
            members,
            change.changes,
            auto_leave=change.transition is not Transition.JOINT_EXPLICIT,
            last_index=last,
            max_inflight=window,
        )
    return change_simply(members, change.changes, last_index=last, max_inflight=window)


def restore_configuration(node: Node, configuration: Configuration) -> None:
    """Put the configuration of a snapshot in force, with nothing known of its members."""
    try:
        members = build_membership(
            configuration,
            last_index=logs.get_last_index(node.log),
            max_inflight=node.config.max_inflight,
        )
    except ChangeRefusedError as refusal:
        raise Panic(f"unable to restore config: {refusal}") from refusal
    # The library begins with a new tracker, so that its tracing shows no members here.
    node.configuration, node.progress, node.votes = NO_MEMBERS, {}, {}
    _switch_to(node, members)


def _switch_to(node: Node, members: Membership) -> None:
    observe(node, TraceEvent.APPLY_CONF_CHANGE, members.configuration)
    node.configuration, node.progress = members.configuration, dict(members.progress)
    own = node.progress.get(node.id)
    node.is_learner = own is not None and own.is_learner
    form = "%x switched to configuration %s"
    logs.note(node.log, Level.INFO, form, node.id, node.configuration)
    if node.role is not Role.LEADER:
        return
    if own is None or own.is_learner:
        # A removed leader goes on leading, without counting itself, unless told otherwise.
        if node.config.step_down_on_removal:
            become_follower(node, node.term, NO_NODE)
        return
    if node.configuration.voters:
        _follow_up_as_leader(node)


def _follow_up_as_leader(node: Node) -> None:
    """Commit what the new quorum holds already, and begin to send to new members."""
    if try_commit(node):
        broadcast_append(node)
    else:
        for to in get_others(node):
            send_append(node, to, even_if_empty=False)
    if node.lead_transferee not in get_voters(node.configuration):
        node.lead_transferee = NO_NODE
