"""SCHED-12 and STAT-2: pending pods, asked about by the rules that `planespec fit` asks.

A pod that no node could ever take is found by the filters whose rejection no eviction cures, and
then put to the whole attempt: what that calls unknown, or fitting, is never reported.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from planespec.spec.cluster.cluster_requirements import POD_SCHEDULED, SCHEDULABLE, Violation
from planespec.spec.cluster.evidence.certainty import knows_nodes
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.cluster.placement import OTHER_NODES
from planespec.spec.cluster.snapshot_records import PodRecord
from planespec.spec.labels import SelectorError
from planespec.spec.objects import Pod
from planespec.spec.requirement import Level, judges
from planespec.spec.scheduling.attempts.attempt import Attempt, FitVerdict, try_pod
from planespec.spec.scheduling.attempts.culprits import name_culprits
from planespec.spec.scheduling.attempts.known_cluster import KnownCluster
from planespec.spec.scheduling.plugin import Code, Status
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.profile import PLUGINS
from planespec.spec.scheduling.shared_pods import SharedPodInfo
from planespec.spec.scheduling.snapshot import Snapshot
from planespec.spec.scheduling.snapshot_building import read_pod

LASTING = (
    *("NodeName", "TaintToleration", "NodeAffinity", "NodeResourcesFit"),
    *("VolumeBinding", "VolumeZone", "NodeDeclaredFeatures"),
)
"""Filters that look at no other pod, so that what they reject for good no eviction changes."""
MOST_CHECKS = 100_000
"""Nodes that are looked at, over all pods, to explain why pods wait."""


@dataclass(frozen=True)
class Reasons:
    """Why nodes reject a pod: by filter how many, and one node with its culprit."""

    counts: Mapping[str, int]
    examples: Mapping[str, str]

    def __str__(self) -> str:
        return ", ".join(
            f"{count:,} by {name} ({self.examples[name]})" if self.examples[name] else name
            for name, count in sorted(self.counts.items())
        )


class _AuditedCluster(KnownCluster):
    """The cluster of an audit, whose pods have been read already and share what they say."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(cluster.store, cluster.evaluate)
        self._records = cluster.pods

    def list_pods(self) -> Sequence[PodInfo]:
        """Return the pods that have not ended; one is read for all of equal spec and status."""
        shapes: dict[object, PodInfo] = {}
        found: list[PodInfo] = []
        for record in self._records:
            stored = record.stored
            if record.is_terminal:
                continue
            if record.nominated or not record.node:
                found.append(PodInfo(record.pod))
                continue
            key = (stored.spec, stored.status, id(record.identity), stored.key.namespace)
            shape = shapes.get(key)
            if shape is None:
                shape = shapes[key] = PodInfo(record.pod)
            load = partial(Pod, stored)
            found.append(SharedPodInfo(shape, stored.key.name, "", record.node, load))
        return found


@judges(Level.SNAPSHOT, SCHEDULABLE, POD_SCHEDULED)
def judge_waiting(cluster: Cluster) -> Iterator[Violation]:
    """Look for pending pods that no node could take, and say why the others wait."""
    known = _AuditedCluster(cluster)
    is_whole = knows_nodes(cluster) and cluster.store.is_read("Node")
    answers: dict[object, tuple[str, str]] = {}
    left = MOST_CHECKS
    for pod in cluster.pods:
        told = [message for id_, message in pod.troubles if id_ == POD_SCHEDULED.id]
        if not cluster.nodes or not _is_waiting(pod):
            yield from _repeat(pod, told, "")
            continue
        key = (pod.stored.spec, pod.stored.status, id(pod.labels), pod.reference.namespace)
        if key not in answers:
            answers[key] = _explain(known, pod, is_asked=bool(told) and left > 0)
            left -= len(cluster.nodes)
        never, why = answers[key]
        if never and not is_whole:
            cluster.doubt(OTHER_NODES, pod.reference)
        elif never:
            message = f"none of {len(cluster.nodes)} nodes could take it: {never}"
            yield SCHEDULABLE.violated(pod.reference, message=message, field="spec")
        yield from _repeat(pod, told, why)


def _is_waiting(pod: PodRecord) -> bool:
    return not pod.node and pod.phase in ("", "Pending") and not pod.is_deleting


def _repeat(pod: PodRecord, told: Iterable[str], why: str) -> Iterator[Violation]:
    """Repeat what the condition says, with the culprits where they are known."""
    for message in told:
        words = f"{message.rstrip('. ')}: {why}" if why else message
        yield POD_SCHEDULED.violated(pod.reference, message=words, field="status")


def _explain(known: KnownCluster, pod: PodRecord, *, is_asked: bool) -> tuple[str, str]:
    """Return why no node could ever take the pod, and why none takes it now; each may be empty."""
    try:
        info = read_pod(pod.stored)
        is_lost = _is_lost(known.snapshot, info)
        if not is_lost and not is_asked:
            return "", ""
        attempt = try_pod(known, pod.stored, is_new=False)
    except SelectorError:
        return "", ""
    if attempt.verdict is not FitVerdict.DOES_NOT_FIT:
        return "", ""
    if attempt.refusals:
        return "", "; ".join(", ".join(each.reasons) for each in attempt.refusals)
    rejection = attempt.feasibility.pre_filtered.rejection
    if rejection is not None:
        return "", ", ".join(rejection.reasons)
    never = str(_sum_up(attempt, _list_lasting(attempt.snapshot, attempt.pod))) if is_lost else ""
    return never, str(_sum_up(attempt, attempt.feasibility.rejected))


def _is_lost(snapshot: Snapshot, pod: PodInfo) -> bool:
    """Whether every node has something against the pod that no eviction cures."""
    return len(_list_lasting(snapshot, pod, is_hasty=True)) == len(snapshot.nodes)


def _list_lasting(
    snapshot: Snapshot, pod: PodInfo, *, is_hasty: bool = False
) -> Mapping[str, Status]:
    """Return what each node has against the pod for good; a hasty look ends at one without."""
    prepared = {name: PLUGINS[name].pre_filter(snapshot, pod) for name in LASTING}
    states = {name: each.state for name, each in prepared.items() if each.status.is_success}
    found = {}
    for node in snapshot.nodes.values():
        for name, state in states.items():
            status = PLUGINS[name].filter(snapshot, pod, state, node)
            if status.code is Code.UNRESOLVABLE:
                found[node.name] = status.by(name)
                break
        if is_hasty and node.name not in found:
            break
    return found


def _sum_up(attempt: Attempt, rejected: Mapping[str, Status]) -> Reasons:
    counts: dict[str, int] = {}
    examples: dict[str, str] = {}
    pre = attempt.feasibility.pre_filtered
    for name, status in rejected.items():
        counts[status.plugin] = counts.get(status.plugin, 0) + 1
        if status.plugin not in examples:
            culprits = name_culprits(pre, attempt.snapshot.nodes[name], status)
            examples[status.plugin] = f"{name}: {culprits[0]}" if culprits else ""
    return Reasons(counts, examples)
