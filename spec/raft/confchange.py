"""The algebra of membership: simple changes, and entering and leaving a joint configuration.

A configuration never changes by more than one voter at once unless it passes through a joint
configuration, in which the old (outgoing) and the new (incoming) voters must both agree. That is
what keeps any two consecutive configurations from deciding apart (thesis section 4.3).
Source: go.etcd.io/raft v3.6, package confchange; refusals carry the library's own words.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from planespec.spec.raft.follower_progress import Progress


class ChangeRefusedError(ValueError):
    """The change is not allowed in the present configuration; nothing was changed."""


class ChangeKind(StrEnum):
    """What a single change does to a node; the values are the letters of the tables."""

    ADD_VOTER = "v"
    ADD_LEARNER = "l"
    REMOVE = "r"
    UPDATE = "u"
    """Carries data of the application past this algebra and changes nothing here."""


@dataclass(frozen=True, slots=True)
class SingleChange:
    """One change of one node. A node of 0 is a change that was called off and is ignored."""

    kind: ChangeKind
    node: int


@dataclass(frozen=True, slots=True)
class Configuration:
    """Who votes and who learns. Learners and voters of either half never overlap."""

    voters: frozenset[int] = frozenset()
    """The voters, or in a joint configuration the incoming ones."""
    outgoing: frozenset[int] = frozenset()
    """The voters on their way out; empty unless the configuration is joint."""
    learners: frozenset[int] = frozenset()
    learners_next: frozenset[int] = frozenset()
    """Outgoing voters that become learners when the joint configuration is left."""
    auto_leave: bool = False
    """Whether the leader leaves the joint configuration by itself."""


NO_MEMBERS = Configuration()
"""The configuration of a node that knows of nobody yet."""


@dataclass(frozen=True, slots=True)
class Membership:
    """A configuration with the leader's progress of each of its members, by node."""

    configuration: Configuration = NO_MEMBERS
    progress: Mapping[int, Progress] = field(default_factory=dict)


def build_membership(
    configuration: Configuration, *, last_index: int, max_inflight: int
) -> Membership:
    """Return `configuration` with newcomers' progress, as a node begins or restores a snapshot.

    ChangeRefusedError when the configuration contradicts itself. Source: confchange.Restore.
    """
    newcomer = _make_newcomer(last_index, max_inflight)
    progress = {
        node: replace(newcomer, is_learner=node in configuration.learners)
        for node in sorted(get_members(configuration))
    }
    return _checked(Membership(configuration, progress))


def is_joint(configuration: Configuration) -> bool:
    """Return whether two majorities must agree."""
    return bool(configuration.outgoing)


def get_voters(configuration: Configuration) -> frozenset[int]:
    """Return the voters of both halves."""
    return configuration.voters | configuration.outgoing


def get_members(configuration: Configuration) -> frozenset[int]:
    """Return everyone whose progress is tracked: voters of both halves and learners."""
    return get_voters(configuration) | configuration.learners


def enter_joint(
    members: Membership,
    changes: Iterable[SingleChange],
    *,
    auto_leave: bool,
    last_index: int,
    max_inflight: int,
) -> Membership:
    """Copy the voters to the outgoing half, then change the incoming half.

    Raises ChangeRefusedError when already joint, or without voters before or after. New members
    are probed from `last_index` (at least 1). Source: Changer.EnterJoint.
    """
    configuration = members.configuration
    if is_joint(configuration):
        raise ChangeRefusedError("config is already joint")
    if not configuration.voters:
        raise ChangeRefusedError("can't make a zero-voter config joint")
    joint = replace(configuration, outgoing=configuration.voters)
    newcomer = _make_newcomer(last_index, max_inflight)
    changed = _apply_all(replace(members, configuration=joint), changes, newcomer)
    left_by_itself = replace(changed.configuration, auto_leave=auto_leave)
    return _checked(replace(changed, configuration=left_by_itself))


def leave_joint(members: Membership) -> Membership:
    """Drop the outgoing half; staged learners become learners, the rest of it is forgotten.

    Raises ChangeRefusedError when not joint. Source: Changer.LeaveJoint.
    """
    configuration = members.configuration
    if not is_joint(configuration):
        raise ChangeRefusedError("can't leave a non-joint config")
    learners = configuration.learners | configuration.learners_next
    settled = Configuration(voters=configuration.voters, learners=learners)
    progress = {
        node: replace(known, is_learner=known.is_learner or node in configuration.learners_next)
        for node, known in members.progress.items()
        if node in get_members(settled)
    }
    return _checked(Membership(settled, progress))


def change_simply(
    members: Membership, changes: Iterable[SingleChange], *, last_index: int, max_inflight: int
) -> Membership:
    """Apply changes that together move at most one voter in or out.

    Raises ChangeRefusedError when joint, when more than one voter changes, or when none is left.
    Source: Changer.Simple.
    """
    configuration = members.configuration
    if is_joint(configuration):
        raise ChangeRefusedError("can't apply simple config change in joint config")
    changed = _apply_all(members, changes, _make_newcomer(last_index, max_inflight))
    if len(configuration.voters ^ changed.configuration.voters) > 1:
        raise ChangeRefusedError("more than one voter changed without entering joint config")
    return _checked(changed)


def _make_newcomer(last_index: int, max_inflight: int) -> Progress:
    # A newcomer counts as recently active, so that the next check of the quorum does not depose
    # the leader before the newcomer had a chance to answer.
    return Progress(next=max(last_index, 1), recent_active=True, max_inflight=max_inflight)


def _apply_all(
    members: Membership, changes: Iterable[SingleChange], newcomer: Progress
) -> Membership:
    for change in changes:
        if change.node == 0:
            continue
        if change.kind is ChangeKind.ADD_VOTER:
            members = _make_voter(members, change.node, newcomer)
        elif change.kind is ChangeKind.ADD_LEARNER:
            members = _make_learner(members, change.node, newcomer)
        elif change.kind is ChangeKind.REMOVE:
            members = _remove(members, change.node)
    if not members.configuration.voters:
        raise ChangeRefusedError("removed all voters")
    return members


def _make_voter(members: Membership, node: int, newcomer: Progress) -> Membership:
    configuration = replace(
        members.configuration,
        voters=members.configuration.voters | {node},
        learners=members.configuration.learners - {node},
        learners_next=members.configuration.learners_next - {node},
    )
    known = members.progress.get(node, newcomer)
    return Membership(configuration, {**members.progress, node: replace(known, is_learner=False)})


def _make_learner(members: Membership, node: int, newcomer: Progress) -> Membership:
    known = members.progress.get(node, newcomer)
    if known.is_learner:
        return members
    configuration = _remove(members, node).configuration
    if node in configuration.outgoing:
        # The node still votes in the outgoing half, and nobody is voter and learner at once.
        staged = replace(configuration, learners_next=configuration.learners_next | {node})
        return Membership(staged, {**members.progress, node: known})
    learning = replace(configuration, learners=configuration.learners | {node})
    return Membership(learning, {**members.progress, node: replace(known, is_learner=True)})


def _remove(members: Membership, node: int) -> Membership:
    configuration = replace(
        members.configuration,
        voters=members.configuration.voters - {node},
        learners=members.configuration.learners - {node},
        learners_next=members.configuration.learners_next - {node},
    )
    if node in configuration.outgoing:
        return replace(members, configuration=configuration)
    others = {other: known for other, known in members.progress.items() if other != node}
    return Membership(configuration, others)


def _checked(members: Membership) -> Membership:
    broken = next(iter(find_broken_invariants(members)), None)
    if broken is not None:
        raise ChangeRefusedError(broken)
    return members


def find_broken_invariants(members: Membership) -> Iterable[str]:
    """Yield a sentence for each rule that `members` breaks. Source: checkInvariants."""
    configuration, progress = members.configuration, members.progress
    for node in sorted(get_members(configuration) | configuration.learners_next):
        if node not in progress:
            yield f"no progress for {node}"
        elif progress[node].is_learner != (node in configuration.learners):
            yield f"{node} is marked as learner in one place only"
    for node in sorted(configuration.learners_next - configuration.outgoing):
        yield f"{node} is in LearnersNext, but not Voters[1]"
    for node in sorted(configuration.learners & configuration.outgoing):
        yield f"{node} is in Learners and Voters[1]"
    for node in sorted(configuration.learners & configuration.voters):
        yield f"{node} is in Learners and Voters[0]"
    if configuration.auto_leave and not is_joint(configuration):
        yield "AutoLeave must be false when not joint"
