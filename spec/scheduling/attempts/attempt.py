"""One pod asked about one cluster: what becomes of it, where it fits, and what is left open.

This is the one place that says whether a pod fits; `planespec fit` and the audit's SCHED-12 both
ask here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from planespec.spec.objects import Pod
from planespec.spec.scheduling.attempts.admitting import Admitted, admit_new, admit_stored
from planespec.spec.scheduling.attempts.gang_scheduling import judge_gang, list_open_groups
from planespec.spec.scheduling.attempts.known_cluster import KnownCluster, Unconsidered
from planespec.spec.scheduling.attempts.open_claims import find_open_nodes, leave_out_unknown
from planespec.spec.scheduling.attempts.placing import choose_node, place
from planespec.spec.scheduling.attempts.remarks import (
    find_without_scheduler,
    list_remarks,
    refuse_waiting_claims,
)
from planespec.spec.scheduling.attempts.unconsidered import (
    QUEUE_LABEL,
    list_queues,
    list_unconsidered,
)
from planespec.spec.scheduling.devices.device_inventory import UnsupportedSelectorError
from planespec.spec.scheduling.framework import (
    Feasibility,
    Scores,
    find_feasible_nodes,
    run_scores,
)
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import Code, Status, unresolvable
from planespec.spec.scheduling.plugins.dynamic_resources import list_served_resources
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot

NO_LABELS: Mapping[str, str] = {}


class FitVerdict(StrEnum):
    """Whether some node takes the pod."""

    FITS = "Fits"
    DOES_NOT_FIT = "DoesNotFit"
    UNKNOWN = "Unknown"
    """Something that is there decides and is not considered."""


@dataclass(frozen=True)
class Attempt:
    """The answer for one pod."""

    pod: PodInfo
    snapshot: Snapshot
    """The cluster with the claims that come with the pod."""
    feasibility: Feasibility
    """Where it would fit once nothing of `refusals` holds it."""
    refusals: Sequence[Status]
    """Why it does not come as far as any node: admission, gates, its gang, an error."""
    unconsidered: Sequence[Unconsidered]
    open_nodes: Mapping[str, str]
    """Nodes that cannot be judged, with the reason."""
    notes: Sequence[str]

    @cached_property
    def scores(self) -> Scores:
        """The scores of the nodes that take it."""
        return run_scores(self.snapshot, self.pod, self.feasibility.feasible)

    @property
    def best_node(self) -> NodeInfo | None:
        """The node it goes to: of the best ones the first; None where it goes to none."""
        if self.refusals or not self.feasibility.feasible:
            return None
        best = self.scores.best
        return self.snapshot.nodes[best[0]] if best else self.feasibility.feasible[0]

    @property
    def verdict(self) -> FitVerdict:
        """Fits, does not fit, or unknown; never Fits while something is open."""
        if self.refusals:
            return self._unless(any(each.may_admit for each in self.unconsidered))
        if self.feasibility.feasible:
            is_open = bool(self.unconsidered)
            return FitVerdict.UNKNOWN if is_open else FitVerdict.FITS
        may_admit = any(each.may_admit for each in self.unconsidered)
        is_rejected = self.feasibility.pre_filtered.rejection is not None
        return self._unless(may_admit or (bool(self.open_nodes) and not is_rejected))

    def _unless(self, is_open: bool) -> FitVerdict:
        return FitVerdict.UNKNOWN if is_open else FitVerdict.DOES_NOT_FIT


def try_pod(
    cluster: KnownCluster,
    data: object,
    *,
    is_new: bool,
    claims: Iterable[Mapping[str, object]] = (),
    snapshot: Snapshot | None = None,
    owner_labels: Mapping[str, str] = NO_LABELS,
) -> Attempt:
    """Ask about a pod: a new one goes through admission first, with the `claims` made for it.

    `snapshot` stands for the cluster after other pods have been placed, `owner_labels` are those
    of the workload that makes the pod. Raises ObjectError and
    SelectorError for what cannot be read.
    """
    base = cluster.snapshot if snapshot is None else snapshot
    admitted = admit_new(cluster, data, claims) if is_new else admit_stored(cluster, data)
    world = _add_claims(base, admitted)
    admitted.pod, opens = leave_out_unknown(cluster, world, admitted.pod)
    pod = PodInfo(admitted.pod)
    if QUEUE_LABEL not in pod.labels:
        opens += list_queues(owner_labels)
    opens += [*list_unconsidered(cluster, pod, is_new=is_new), *list_open_groups(cluster, pod)]
    found, world, more = _find(world, pod)
    pod = found.pre_filtered.pod
    refusals = [*admitted.refusals, *_list_queue_refusals(cluster, world, pod, found)]
    admitted.notes += list_remarks(cluster, world, pod)
    open_nodes = cluster.open_nodes
    if not pod.node_name:
        open_nodes = {**open_nodes, **find_open_nodes(world, pod, found.feasible)}
    return Attempt(
        pod,
        world,
        _without_open_nodes(found, open_nodes),
        refusals,
        [*admitted.unconsidered, *opens, *more],
        open_nodes,
        admitted.notes,
    )


def _add_claims(snapshot: Snapshot, admitted: Admitted) -> Snapshot:
    if admitted.claims:
        made = {(claim.namespace, claim.name): claim for claim in admitted.claims}
        storage = replace(snapshot.storage, claims={**snapshot.storage.claims, **made})
        snapshot = replace(snapshot, storage=storage)
    if admitted.device_claims:
        namespace = admitted.pod.meta.namespace or "default"
        new = {(namespace, name): claim for name, claim in admitted.device_claims.items()}
        devices = replace(snapshot.devices, claims={**snapshot.devices.claims, **new})
        snapshot = replace(snapshot, devices=devices)
    return snapshot


def _find(world: Snapshot, pod: PodInfo) -> tuple[Feasibility, Snapshot, list[Unconsidered]]:
    """Run the filters; where devices are beyond the model, run them without devices."""
    try:
        if pod.node_name:
            return find_without_scheduler(world, pod), world, []
        return find_feasible_nodes(world, pod), world, []
    except UnsupportedSelectorError as unsupported:
        what = Unconsidered(f"devices: {unsupported}", may_admit=True)
    spec = {**pod.pod.spec.data}
    spec.pop("resourceClaims", None)
    bare = PodInfo(Pod({**pod.pod.data, "spec": spec}, pod.pod.field))
    if list_served_resources(world.devices, bare):
        world = replace(world, devices=replace(world.devices, slices=()))
    return find_feasible_nodes(world, bare), world, [what]


def _without_open_nodes(found: Feasibility, open_nodes: Mapping[str, str]) -> Feasibility:
    if not open_nodes:
        return found
    return replace(
        found,
        feasible=[node for node in found.feasible if node.name not in open_nodes],
        rejected={name: each for name, each in found.rejected.items() if name not in open_nodes},
    )


# What keeps a pod out of the queue, or ends the attempt.


def _list_queue_refusals(
    cluster: KnownCluster, world: Snapshot, pod: PodInfo, found: Feasibility
) -> Iterator[Status]:
    if pod.pod.is_terminal:
        yield unresolvable("the pod has ended").by("queue")
    elif pod.pod.meta.is_deleting:
        yield unresolvable("skip schedule deleting pod").by("queue")
    gates = [gate.text("name") for gate in pod.pod.spec.views("schedulingGates")]
    if gates:
        reason = f"waiting for scheduling gates: [{' '.join(gates)}]"
        yield unresolvable(reason).by("SchedulingGates")
    if pod.node_name:
        yield from refuse_waiting_claims(found)
    gang = judge_gang(cluster, pod, lambda pods: _count_placed(world, pods))
    if gang is not None:
        yield gang
    failed = (each for each in found.rejected.values() if each.code is Code.ERROR)
    error = next(failed, None)
    if error is not None:
        yield error


def _count_placed(world: Snapshot, pods: Iterable[PodInfo]) -> int:
    count = 0
    for pod in pods:
        found = find_feasible_nodes(world, pod)
        if found.feasible:
            world = place(world, pod, choose_node(world, pod, found.feasible))
            count += 1
    return count
