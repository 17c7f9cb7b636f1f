"""The shortest ways from a subject to more than it holds: a breadth-first search over identities.

Each step uses the rights of one identity; what needs the rights of two of them at once is not
found. Steps are tried in a fixed order, so the ways are the same in every run.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from planespec.spec.api.authorization.access_request import User
from planespec.spec.api.authorization.escalation import FULL_AUTHORITY
from planespec.spec.api.authorization.rbac_policy import Binding, Grant, RoleRef, Subject
from planespec.spec.api.authorization.rbac_rules import PolicyRule
from planespec.spec.api.authorization.reach.access_cluster import AccessCluster
from planespec.spec.api.authorization.reach.constrained_steps import (
    constrain,
    list_constrained_steps,
)
from planespec.spec.api.authorization.reach.grant_steps import EVERY_RIGHT, list_grant_steps
from planespec.spec.api.authorization.reach.identities import (
    FULL_CONTROL,
    NODE_ROOT,
    Doubts,
    Identity,
    Step,
    make_identity,
)
from planespec.spec.api.authorization.reach.pod_steps import list_node_steps, list_pod_steps
from planespec.spec.api.authorization.reach.rights import Rights, RightsIndex


@dataclass(slots=True)
class Reach:
    """What a subject can come to: the last step of a shortest way to each identity."""

    start: Identity
    holds_everything: bool = False
    last_steps: dict[Identity, Step] = field(default_factory=dict)
    final_steps: list[Step] = field(default_factory=list)
    """Every step to full control, from whoever takes it."""
    doubts: Doubts = field(default_factory=Doubts)

    def list_ways(self) -> list[list[Step]]:
        """The shortest way to everybody that is reached, and all that end in full control.

        Those to full control come first, then the shorter ones.
        """
        last = [step for step in self.last_steps.values() if step.target != FULL_CONTROL]
        ways = [self._trace(step) for step in (*self.final_steps, *last)]
        return sorted(ways, key=lambda steps: (steps[-1].target != FULL_CONTROL, len(steps)))

    def _trace(self, last: Step) -> list[Step]:
        steps = [last]
        while steps[0].source != self.start:
            steps.insert(0, self.last_steps[steps[0].source])
        return steps


def find_reach(cluster: AccessCluster, user: User) -> Reach:
    """Find everybody that the user can become who may do more than the user."""
    index = RightsIndex(cluster.policy)
    own = index.find(user)
    reach = Reach(make_identity(user), own.is_full)
    if own.is_full:
        return reach
    _note_gaps(cluster, own, reach)
    waiting = [reach.start]
    for source in waiting:
        for step in _list_steps(cluster, index, source, reach.doubts):
            target = step.target
            if target == FULL_CONTROL:
                reach.final_steps.append(step)
            if target == reach.start or target in reach.last_steps:
                continue
            always_more = target in (FULL_CONTROL, NODE_ROOT)
            if always_more or _is_more(cluster, index, target, own, reach):
                reach.last_steps[target] = step
                waiting.append(target)
    return reach


def _is_more(
    cluster: AccessCluster, index: RightsIndex, target: Identity, own: Rights, reach: Reach
) -> bool:
    """Say whether somebody may do what the subject may not; takes note of what is not known."""
    rights = _get_rights(cluster, index, target)
    _note_gaps(cluster, rights, reach)
    return rights.adds_to(own)


def _note_gaps(cluster: AccessCluster, rights: Rights, reach: Reach) -> None:
    for binding in rights.dangling:
        gap = cluster.find_gap(binding)
        if gap:
            reach.doubts.add(gap)


def _list_steps(
    cluster: AccessCluster, index: RightsIndex, source: Identity, doubts: Doubts
) -> Iterator[Step]:
    if source == FULL_CONTROL:
        return
    if source == NODE_ROOT:
        yield from list_node_steps(cluster, doubts)
        return
    rights = _get_rights(cluster, index, source)
    if rights.is_full:
        yield Step(
            source, FULL_CONTROL, "use the rights of " + source.name, tuple(rights.wide[:1])
        )
        return
    yield from list_grant_steps(cluster, index, source, rights)
    yield from list_constrained_steps(cluster, index, source, rights)
    yield from list_pod_steps(cluster, source, rights, doubts)


def _get_rights(cluster: AccessCluster, index: RightsIndex, identity: Identity) -> Rights:
    """The rights of an identity; a role that would be bound adds its rules."""
    rights = index.find(identity.user)
    if identity.mode:
        return constrain(rights, identity.mode, identity.through)
    if not identity.role:
        return rights
    kind, _, name = identity.role.partition(" ")
    ref = RoleRef(kind, name)
    subject = Subject("User", identity.user.name)
    binding = Binding("new", ref, (subject,), identity.namespace)
    rules: tuple[PolicyRule, ...] = FULL_AUTHORITY
    if identity.role != EVERY_RIGHT:
        rules, _ = cluster.policy.get_rules(ref, identity.namespace)
    grants = [Grant(binding, subject, rule) for rule in rules]
    wide, local = list(rights.wide), dict(rights.local)
    if identity.namespace:
        local[identity.namespace] = [*local.get(identity.namespace, ()), *grants]
    else:
        wide += grants
    return Rights(identity.user, wide, local, [*rights.bindings, binding])
