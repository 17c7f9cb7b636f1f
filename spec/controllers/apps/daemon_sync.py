"""One sync of a DaemonSet: pods made and deleted, and its status.

First every node is brought to one pod (`manage`). Only where that had nothing to do are pods of
old templates replaced (`rollingUpdate`): what was asked for has to be seen before.

Source: Kubernetes v1.36, `pkg/controller/daemon/daemon_controller.go`, `update.go`. Left out: the
history of templates (the hash of the new one is given), requests that fail, and the back-off that
earlier syncs have left behind. Upstream finds pods and nodes in the order of maps; what depends on
it is chosen by `choose`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from planespec.spec.controllers.apps.daemon_nodes import (
    DaemonSet,
    PodsByNode,
    group_by_node,
    is_updated,
    order_by_age,
    part_by_hash,
)
from planespec.spec.controllers.pod_gc import is_ready
from planespec.spec.objects.core_views import Node, Pod

BURST = 250
"""Pods that are made, and pods that are deleted, at the most in one sync (`BurstReplicas`)."""

Choose = Callable[[Sequence[str], int], Sequence[str]]
"""Picks so many of the names that upstream meets in the order of a map."""


def choose_first(names: Sequence[str], count: int) -> Sequence[str]:
    """Pick the first in the order given."""
    return names[:count]


@dataclass(slots=True)
class DaemonSync:
    """What one sync does."""

    daemon_set: DaemonSet
    nodes: list[Node]
    pods: PodsByNode
    revision_hash: str
    """The hash of the template as it is now."""
    now: datetime
    choose: Choose = choose_first
    created: list[str] = field(default_factory=list)
    """Names of nodes for which a pod is made."""
    deleted: list[str] = field(default_factory=list)
    error: str = ""
    """Of several nodes that are not known, one is named, by `choose`."""

    def ask(self, created: Sequence[str], deleted: Sequence[str]) -> None:
        """Make pods for nodes and delete others, not too many at once (`syncNodes`)."""
        self.created = list(self.choose(created, min(len(created), BURST)))
        self.deleted = list(self.choose(deleted, min(len(deleted), BURST)))

    @property
    def status(self) -> dict[str, int]:
        """The counters of the status, and the generation that they belong to."""
        counts = dict.fromkeys(
            (
                *("desiredNumberScheduled", "currentNumberScheduled", "numberMisscheduled"),
                *("numberReady", "updatedNumberScheduled", "numberAvailable"),
            ),
            0,
        )
        for node in self.nodes:
            for name in self._count_node(node):
                counts[name] += 1
        missing = counts["desiredNumberScheduled"] - counts["numberAvailable"]
        generation = self.daemon_set.meta.integer("generation") or 0
        return counts | {"numberUnavailable": missing, "observedGeneration": generation}

    def _count_node(self, node: Node) -> Iterable[str]:
        """The counters to which a node adds; of several pods the oldest counts."""
        pods = order_by_age(self.pods.get(node.name, ()))
        should_run, _ = self.daemon_set.judge_node(node)
        if not should_run:
            yield from ["numberMisscheduled"] if pods else []
            return
        yield "desiredNumberScheduled"
        if not pods:
            return
        yield "currentNumberScheduled"
        if is_ready(pods[0]):
            yield "numberReady"
            if self.daemon_set.is_available(pods[0], self.now):
                yield "numberAvailable"
        if is_updated(pods[0], self.revision_hash):
            yield "updatedNumberScheduled"


def sync_daemon_set(
    daemon_set: DaemonSet,
    pods: Iterable[Pod],
    nodes: Iterable[Node],
    revision_hash: str,
    now: datetime,
    choose: Choose = choose_first,
) -> DaemonSync:
    """Bring a DaemonSet on; one that is being deleted is left alone."""
    found = group_by_node(daemon_set, pods)
    sync = DaemonSync(daemon_set, list(nodes), found, revision_hash, now, choose)
    if daemon_set.meta.is_deleting:
        return sync
    _manage(sync)
    if daemon_set.is_rolling and not (sync.created or sync.deleted):
        _roll(sync)
    return sync


def _manage(sync: DaemonSync) -> None:
    created: list[str] = []
    deleted: list[str] = []
    for node in sync.nodes:
        needs_pod, surplus = _manage_node(sync, node)
        created += [node.name] if needs_pod else []
        deleted += surplus
    known = {node.name for node in sync.nodes}
    deleted += [
        pod.name
        for name, pods in sync.pods.items()
        for pod in pods
        if name not in known and not pod.node_name
    ]
    sync.ask(created, deleted)


def _manage_node(sync: DaemonSync, node: Node) -> tuple[bool, list[str]]:
    """Whether a node needs a pod, and which of its pods are to go (`podsShouldBeOnNode`)."""
    should_run, may_stay = sync.daemon_set.judge_node(node)
    if node.name not in sync.pods:
        return should_run, []
    here = [pod for pod in sync.pods[node.name] if not pod.meta.is_deleting]
    if not may_stay:
        return False, [pod.name for pod in here]
    failed = [pod.name for pod in here if pod.phase == "Failed"]
    # The first is the reason to wait before the next of the same node is deleted.
    deleted = list(sync.choose(failed, min(len(failed), 1)))
    deleted += [pod.name for pod in here if pod.phase == "Succeeded"]
    running = order_by_age(pod for pod in here if not pod.is_terminal)
    if not sync.daemon_set.allows_surge:
        return False, deleted + [pod.name for pod in running[1:]]
    if len(running) <= 1:
        return should_run and not running, deleted
    return False, deleted + _find_surplus(sync, running)


def _find_surplus(sync: DaemonSync, running: Sequence[Pod]) -> list[str]:
    """Of the pods of a node with surge: all but the oldest new one and the oldest old one.

    The old one goes too once it is not ready, or the new one is available.
    """
    new = [pod for pod in running if is_updated(pod, sync.revision_hash)]
    old = [pod for pod in running if pod not in new]
    surplus = [pod.name for pod in (*new[1:], *old[1:])]
    if not (new and old):
        return surplus
    is_over = not is_ready(old[0]) or sync.daemon_set.is_available(new[0], sync.now)
    return [*surplus, old[0].name] if is_over else surplus


def _roll(sync: DaemonSync) -> None:
    """Replace pods of old templates within the limits (`rollingUpdate`)."""
    daemon_set = sync.daemon_set
    wanted = [node.name for node in sync.nodes if daemon_set.judge_node(node)[0]]
    by_node: PodsByNode = {name: [] for name in wanted} | sync.pods
    surge = daemon_set.get_limit("maxSurge", len(wanted))
    unavailable = daemon_set.get_limit("maxUnavailable", len(wanted))
    if wanted and not surge and not unavailable:
        unavailable = 1
    if surge == 0:
        _replace(sync, by_node, unavailable)
    else:
        _surge(sync, by_node, surge, len(wanted))


def _replace(sync: DaemonSync, by_node: PodsByNode, most: int) -> None:
    """Delete old pods: those that are not available, and others while few enough are not."""
    missing = 0
    replaced: list[str] = []
    candidates: list[str] = []
    for pods in by_node.values():
        found = part_by_hash(pods, sync.revision_hash)
        new, old = found or (None, None)
        if (new is None) == (old is None):
            missing += 1
        elif new is not None:
            missing += not sync.daemon_set.is_available(new, sync.now)
        elif old is not None and sync.daemon_set.is_available(old, sync.now):
            candidates.append(old.name)
        elif old is not None:
            missing += 1
            replaced.append(old.name)
    left = max(min(most - missing, len(candidates)), 0)
    sync.ask([], [*replaced, *sync.choose(candidates, left)])


@dataclass(slots=True)
class _Surge:
    """What is found in a rolling update with surge."""

    surging: int = 0
    available: int = 0
    deleted: list[str] = field(default_factory=list)
    leaving: list[str] = field(default_factory=list)
    """Available pods of nodes that are not to have one any longer."""
    allowed: list[str] = field(default_factory=list)
    candidates: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def _surge(sync: DaemonSync, by_node: PodsByNode, most: int, desired: int) -> None:
    """Make new pods beside old ones, and delete old ones whose new one is available."""
    found, nodes = _Surge(), {node.name: node for node in sync.nodes}
    for name, pods in by_node.items():
        _look_at_node(sync, found, name, pods, nodes.get(name))
    if found.errors:
        (sync.error,) = sync.choose(found.errors, 1)
        return
    going = max(min(found.available - desired, len(found.leaving)), 0)
    left = max(min(most - found.surging, len(found.candidates)), 0)
    created = [*found.allowed, *sync.choose(found.candidates, left)]
    sync.ask(created, [*found.deleted, *sync.choose(found.leaving, going)])


def _look_at_node(
    sync: DaemonSync, found: _Surge, name: str, pods: Sequence[Pod], node: Node | None
) -> None:
    both = part_by_hash(pods, sync.revision_hash)
    if both is None:
        found.surging += 1
        return
    new, old = both
    one = old or new
    is_here = one is not None and sync.daemon_set.is_available(one, sync.now)
    found.available += is_here
    if old is None:
        return
    if new is not None:
        if sync.daemon_set.is_available(new, sync.now):
            found.deleted.append(old.name)
        else:
            found.surging += 1
    elif node is None:
        found.errors.append(f'couldn\'t get node for nodeName "{name}": node "{name}" not found')
    elif not sync.daemon_set.judge_node(node)[0]:
        (found.leaving if is_here else found.deleted).append(old.name)
    else:
        (found.candidates if is_here else found.allowed).append(name)
