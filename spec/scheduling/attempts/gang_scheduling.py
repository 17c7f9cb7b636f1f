"""Pod groups: a gang is scheduled when enough of its pods can be, or not at all (KEP-4671).

Modelled are gangs of one PodGroup; what a group asks of topology, and groups of groups, are named
as not considered. The group's pods are placed one after the other, as upstream's pod group cycle
does. Source: `pkg/scheduler/framework/plugins/gangscheduling/gangscheduling.go`.
"""

from collections.abc import Callable, Iterator, Sequence

from planespec.spec.objects import Pod, View
from planespec.spec.scheduling.attempts.known_cluster import KnownCluster, Unconsidered
from planespec.spec.scheduling.plugin import Status, unresolvable, unschedulable
from planespec.spec.scheduling.pod_info import PodInfo

PLUGIN = "GangScheduling"
GROUP = "scheduling.k8s.io"


def get_group_name(pod: Pod) -> str:
    """Return the PodGroup of a pod; empty where it has none."""
    return pod.spec.view("schedulingGroup").text("podGroupName")


def find_group(cluster: KnownCluster, pod: PodInfo) -> View | None:
    """Return the pod's PodGroup; None where it has none, or it is not there."""
    name = get_group_name(pod.pod)
    if not name:
        return None
    for meta, view in cluster.view_all("PodGroup", GROUP):
        if meta.name == name and (meta.namespace or "default") == pod.namespace:
            return view
    return None


def list_members(cluster: KnownCluster, pod: PodInfo) -> Sequence[PodInfo]:
    """Return the other pods of the group that have not ended, in the order of the input."""
    name = get_group_name(pod.pod)
    found = []
    for _, view in cluster.view_all("Pod"):
        other = Pod(view.data)
        if not other.spec.has("schedulingGroup") or other.is_terminal:
            continue
        info = PodInfo(other)
        is_member = get_group_name(other) == name and info.namespace == pod.namespace
        if is_member and info.key != pod.key:
            found.append(info)
    return found


def list_open_groups(cluster: KnownCluster, pod: PodInfo) -> Iterator[Unconsidered]:
    """Yield what the pod's group asks for beyond a number of pods."""
    name = get_group_name(pod.pod)
    group = find_group(cluster, pod)
    if name and group is None and not cluster.knows("PodGroup"):
        yield Unconsidered(f"PodGroup {name} is not in the input")
    if group is None:
        return
    spec = group.view("spec")
    for field in ("schedulingConstraints", "parentCompositePodGroupName", "resourceClaims"):
        if spec.has(field):
            yield Unconsidered(f"{field} of PodGroup {name}", may_admit=field == "resourceClaims")


def judge_gang(
    cluster: KnownCluster, pod: PodInfo, count_placed: Callable[[Sequence[PodInfo]], int]
) -> Status | None:
    """Return why the pod's gang is not scheduled; None where it is, or the pod is in none.

    `count_placed` places pending pods one after the other and says how many of them found room.
    """
    name = get_group_name(pod.pod)
    if not name:
        return None
    group = find_group(cluster, pod)
    if group is None:
        reason = f'waiting for pod\'s pod group "{name}" to appear in scheduling queue'
        return unresolvable(reason).by(PLUGIN) if cluster.knows("PodGroup") else None
    policy = group.view("spec").view("schedulingPolicy")
    if not policy.has("gang"):
        return None
    least = policy.view("gang").integer("minCount") or 0
    members = list_members(cluster, pod)
    if len(members) + 1 < least:
        reason = "waiting for minCount pods from a gang to appear in scheduling queue"
        count = f"PodGroup {name} has {len(members) + 1} of {least} pods"
        return unresolvable(reason, count).by(PLUGIN)
    bound = sum(bool(other.node_name) for other in members)
    waiting = [pod, *(other for other in members if not other.node_name)]
    placed = count_placed(waiting)
    if bound + placed >= least:
        return None
    reason = f"minCount ({least}) of PodGroup {name} cannot be satisfied"
    count = f"{bound} of its pods are scheduled, {placed} of {len(waiting)} others find room"
    return unschedulable(reason, count).by(PLUGIN)
