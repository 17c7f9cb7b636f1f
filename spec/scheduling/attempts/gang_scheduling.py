"""Pod groups: a gang is scheduled when enough of its pods can be, or not at all (KEP-4671).

Modelled are gangs of one PodGroup, and those that a Workload of v1.35 describes; what a group asks
of topology, and groups of groups, are named as not considered. The group's pods are placed one
after the other, as upstream's pod group cycle does.
Source: `pkg/scheduler/framework/plugins/gangscheduling/gangscheduling.go`.
"""

from collections.abc import Callable, Iterator, Sequence

from planespec.spec.objects import View
from planespec.spec.scheduling.attempts.known_cluster import KnownCluster, Unconsidered
from planespec.spec.scheduling.plugin import Status, unresolvable, unschedulable
from planespec.spec.scheduling.pod_info import PodInfo

PLUGIN = "GangScheduling"
GROUP = "scheduling.k8s.io"


def find_group(cluster: KnownCluster, pod: PodInfo) -> View | None:
    """Return the spec of the pod's group; None where it has none, or it is not there."""
    if not pod.group_name:
        return None
    workload, slash, rest = pod.group_name.partition("/")
    for meta, view in cluster.view_all("Workload" if slash else "PodGroup", GROUP):
        if meta.name != workload or (meta.namespace or "default") != pod.namespace:
            continue
        if not slash:
            return view.view("spec")
        for group in view.view("spec").views("podGroups"):
            if group.text("name") == rest.partition("/")[0]:
                return group
    return None


def _get_kind(pod: PodInfo) -> str:
    return "Workload" if "/" in pod.group_name else "PodGroup"


def list_members(cluster: KnownCluster, pod: PodInfo) -> Sequence[PodInfo]:
    """Return the other pods of the group that have not ended, in the order of the input."""
    return [
        other
        for other in cluster.list_pods()
        if other.group_name == pod.group_name
        and other.namespace == pod.namespace
        and other.key != pod.key
    ]


def list_open_groups(cluster: KnownCluster, pod: PodInfo) -> Iterator[Unconsidered]:
    """Yield what the pod's group asks for beyond a number of pods."""
    name = pod.group_name
    group = find_group(cluster, pod)
    kind = _get_kind(pod)
    if name and group is None and not cluster.knows(kind):
        yield Unconsidered(f"{kind} {name} is not in the input")
    if group is None:
        return
    for field in ("schedulingConstraints", "parentCompositePodGroupName", "resourceClaims"):
        if group.has(field):
            yield Unconsidered(f"{field} of {kind} {name}", may_admit=field == "resourceClaims")


def judge_gang(
    cluster: KnownCluster, pod: PodInfo, count_placed: Callable[[Sequence[PodInfo]], int]
) -> Status | None:
    """Return why the pod's gang is not scheduled; None where it is, or the pod is in none.

    `count_placed` places pending pods one after the other and says how many of them found room.
    """
    name = pod.group_name
    if not name:
        return None
    group = find_group(cluster, pod)
    if group is None:
        reason = f'waiting for pod\'s pod group "{name}" to appear in scheduling queue'
        return unresolvable(reason).by(PLUGIN) if cluster.knows(_get_kind(pod)) else None
    policy = group.view("policy" if _get_kind(pod) == "Workload" else "schedulingPolicy")
    if not policy.has("gang"):
        return None
    least = policy.view("gang").integer("minCount") or 0
    members = list_members(cluster, pod)
    if len(members) + 1 < least:
        reason = "waiting for minCount pods from a gang to appear in scheduling queue"
        count = f"{_get_kind(pod)} {name} has {len(members) + 1} of {least} pods"
        return unresolvable(reason, count).by(PLUGIN)
    bound = sum(bool(other.node_name) for other in members)
    waiting = [pod, *(other for other in members if not other.node_name)]
    placed = count_placed(waiting)
    if bound + placed >= least:
        return None
    reason = f"minCount ({least}) of {_get_kind(pod)} {name} cannot be satisfied"
    count = f"{bound} of its pods are scheduled, {placed} of {len(waiting)} others find room"
    return unschedulable(reason, count).by(PLUGIN)
