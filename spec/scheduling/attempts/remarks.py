"""What is worth saying about a pod though the scheduler does not look at it; and its by-pass.

A pod that names its node never meets the scheduler: the kubelet of that node takes it in, or not.
Source: `pkg/kubelet/lifecycle/predicate.go` and `pkg/scheduler/schedule_one.go` (AdmissionCheck).
"""

from collections.abc import Iterator
from dataclasses import replace

from planespec.spec.objects import Pod
from planespec.spec.scheduling.attempts.known_cluster import KnownCluster
from planespec.spec.scheduling.framework import Feasibility, check_node, run_pre_filters
from planespec.spec.scheduling.plugin import Status, unresolvable
from planespec.spec.scheduling.plugins.volume_binding import PodClaims
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot

KUBELET_FILTERS = ("NodeName", "TaintToleration", "NodeAffinity", "NodePorts", "NodeResourcesFit")
"""What a kubelet asks again of a pod that comes to it; of taints only NoExecute."""
_OS = "kubernetes.io/os"


def find_without_scheduler(snapshot: Snapshot, pod: PodInfo) -> Feasibility:
    """Return which node takes a pod that names its node: its kubelet decides."""
    tolerant = [*pod.pod.spec.items("tolerations"), {"operator": "Exists", "effect": "NoSchedule"}]
    spec = {**pod.pod.spec.data, "tolerations": tolerant}
    bare = PodInfo(Pod({**pod.pod.data, "spec": spec}, pod.pod.field))
    asked = run_pre_filters(snapshot, bare)
    kept = tuple(name for name in asked.filters if name in KUBELET_FILTERS)
    statuses = {name: each for name, each in asked.statuses.items() if name in KUBELET_FILTERS}
    asked = replace(asked, pod=bare, filters=kept, statuses=statuses)
    feasible, rejected = [], {}
    for node in snapshot.nodes.values():
        status = check_node(asked, node)
        if status.is_success:
            feasible.append(node)
        else:
            rejected[node.name] = status
    return Feasibility(asked, feasible, rejected)


def refuse_waiting_claims(found: Feasibility) -> Iterator[Status]:
    """Yield a refusal for claims that wait for the scheduler, which never sees the pod."""
    state = found.pre_filtered.states.get("VolumeBinding")
    if isinstance(state, PodClaims):
        for claim in state.waiting:
            reason = f"claim {claim.name} waits for the scheduler to choose a node"
            yield unresolvable(f"{reason}, and spec.nodeName passes it by").by("nodeName")


def list_remarks(cluster: KnownCluster, snapshot: Snapshot, pod: PodInfo) -> Iterator[str]:
    """Yield notes on what others than the scheduler will have to say."""
    if pod.node_name:
        yield f"spec.nodeName {pod.node_name} passes the scheduler by: its kubelet judges the pod"
    if not cluster.knows("Pod") and not any(node.pods for node in snapshot.nodes.values()):
        yield "the input has no pods, so every node is taken as empty"
    for toleration in pod.tolerations:
        if toleration.operator in ("Gt", "Lt"):
            yield (
                f"the toleration {toleration.key} {toleration.operator} {toleration.value} counts "
                "only with the feature gate TaintTolerationComparisonOperators, which is off"
            )
    system = pod.pod.spec.view("os").text("name")
    if system:
        others = [n for n in snapshot.nodes.values() if n.labels.get(_OS, system) != system]
        if others:
            yield f"spec.os is {system}: the kubelets of {len(others):,} nodes refuse the pod"
    if pod.claim_names and not cluster.knows("CSINode"):
        yield "the input has no CSINode, so how many volumes a node attaches is not judged"
    yield from _list_attached(snapshot, pod)


def _list_attached(snapshot: Snapshot, pod: PodInfo) -> Iterator[str]:
    """Yield claims that one node may use at a time and that a pod of another node uses."""
    for name in pod.claim_names:
        claim = snapshot.storage.claims.get((pod.namespace, name))
        if claim is None or claim.access_modes != {"ReadWriteOnce"}:
            continue
        for node in snapshot.nodes.values():
            for other in node.pods:
                if other.namespace == pod.namespace and name in other.claim_names:
                    yield (
                        f"claim {name} (ReadWriteOnce) is used by pod {other.key} on node "
                        f"{node.name}: elsewhere the volume cannot be attached before it is free"
                    )
