"""Whether a kubelet takes a pod that is bound to its node: the predicates.

First what killing pods never helps: the operating system, and the policy of supplementary groups.
Then resources, node affinity, name of the node and host ports as the scheduler has them, and
taints with the effect NoExecute. Left out: other handlers of admission, whose refusals come
before, and the gates TaintTolerationComparisonOperators and NotEvictPodOnKubeletRestart, taken to
be off.
Source: `pkg/kubelet/lifecycle/predicate.go`, `pkg/scheduler/eventhandlers.go` (AdmissionCheck),
`pkg/scheduler/framework/plugins/noderesources/fit.go` (Fits), v1.36.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from planespec.spec.node.admission_failures import (
    AdmissionFailure,
    InsufficientResource,
    PredicateFailure,
)
from planespec.spec.node.critical_preemption import Recovery
from planespec.spec.objects.core_views import Container, Node, Pod
from planespec.spec.pods.node_selection import find_untolerated_taint
from planespec.spec.pods.qos import is_static
from planespec.spec.pods.resources import compute_pod_requests
from planespec.spec.scheduling.amounts import PODS, build_amounts
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugins import node_affinity, node_name, node_ports
from planespec.spec.scheduling.plugins.node_resources_fit import list_requests
from planespec.spec.scheduling.pod_info import PodInfo, is_port_conflict
from planespec.spec.validation.resource_rules import is_extended

OS_LABEL = "kubernetes.io/os"
OWN_OS = "linux"
DEVICE_CLASS_PREFIX = "deviceclass.resource.kubernetes.io/"
UNEXPECTED = "UnexpectedAdmissionError"

NODE_AFFINITY = PredicateFailure("NodeAffinity", node_affinity.MISMATCH.reasons[0])
NODE_NAME = PredicateFailure("NodeName", node_name.MISMATCH.reasons[0])
NODE_PORTS = PredicateFailure("NodePorts", node_ports.CONFLICT.reasons[0])
TAINTS = PredicateFailure("TaintToleration", "node(s) had taints that the pod didn't tolerate")

Recover = Callable[[Pod, Sequence[AdmissionFailure]], Recovery]
"""What is done about failures before the pod is turned away."""


@dataclass(frozen=True, slots=True)
class Admission:
    """The verdict: admitted where `reason` is empty."""

    reason: str = ""
    message: str = ""
    failures: tuple[AdmissionFailure, ...] = ()
    """Every predicate that failed, in upstream's order; the first that stays is the reason.

    Resources other than cpu, memory, storage and pods are in the order of the pod; upstream walks
    a map.
    """
    has_refetched: bool = False
    """Whether the node was read from the API server again."""

    @property
    def is_admitted(self) -> bool:
        """Whether the kubelet runs the pod."""
        return not self.reason


def keep_failures(pod: Pod, failures: Sequence[AdmissionFailure]) -> Recovery:
    """Do nothing about failures."""
    return Recovery(tuple(failures))


def admit_pod(
    pod: Pod,
    node: Node,
    others: Iterable[Pod],
    refetch: Callable[[], Node | None],
    recover: Recover = keep_failures,
) -> Admission:
    """Admit the pod beside the others that are allocated on the node, or turn it away.

    `node` is what the kubelet has in its cache. Where node affinity is all that fails, `refetch`
    reads it anew; None says that this failed.
    """
    refusal = _refuse_early(pod, node)
    if refusal is not None:
        return refusal
    info = NodeInfo(_with_own_os(node), [PodInfo(other) for other in others])
    filtered = PodInfo(_drop_missing_resources(pod, info))
    failures = tuple(_list_failures(filtered, info))
    has_refetched = bool(failures) and all(each == NODE_AFFINITY for each in failures)
    if has_refetched:
        fresh = refetch()
        if fresh is not None:
            failures = tuple(_list_failures(filtered, NodeInfo(fresh, info.pods)))
    return _decide(pod, failures, has_refetched, recover)


def _decide(
    pod: Pod, failures: tuple[AdmissionFailure, ...], has_refetched: bool, recover: Recover
) -> Admission:
    if not failures:
        return Admission(has_refetched=has_refetched)
    recovery = recover(pod, failures)
    if recovery.error:
        trouble = "Unexpected error while attempting to recover from admission failure"
        message = f"{trouble}: {recovery.error}"
        return Admission(UNEXPECTED, message, failures, has_refetched)
    if not recovery.failures:
        return Admission(failures=failures, has_refetched=has_refetched)
    first = recovery.failures[0]
    return Admission(first.reason, first.message, failures, has_refetched)


# What is looked at before anything else.


def _refuse_early(pod: Pod, node: Node) -> Admission | None:
    if pod.meta.labels.get(OS_LABEL, OWN_OS) != OWN_OS:
        message = "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label"
        return Admission("PodOSSelectorNodeLabelDoesNotMatch", message)
    if pod.spec.has("os") and pod.spec.view("os").text("name") != OWN_OS:
        message = "Failed to admit pod as the OS field doesn't match node OS"
        return Admission("PodOSNotSupported", message)
    policy = pod.spec.view("securityContext").text("supplementalGroupsPolicy")
    is_supported = node.status.view("features").flag("supplementalGroupsPolicy")
    if policy == "Strict" and not is_supported:
        message = "SupplementalGroupsPolicy=Strict is not supported in this node"
        return Admission("SupplementalGroupsPolicyNotSupported", message)
    return None


def _with_own_os(node: Node) -> Node:
    """Return the node with the label of the kubelet's own system.

    Upstream writes it into the map of the cached node in passing, so that node affinity sees it
    too; a node without labels has no map to write to, and one that is read anew is not changed.
    """
    labels = node.meta.labels
    if not labels or labels.get(OS_LABEL) == OWN_OS:
        return node
    return with_labels(node, {**labels, OS_LABEL: OWN_OS})


def with_labels(node: Node, labels: Mapping[str, str]) -> Node:
    """Return the node with other labels."""
    metadata = {**node.meta.data, "labels": dict(labels)}
    return Node({**node.data, "metadata": metadata}, node.field)


# Resources of which the node knows nothing.


def _drop_missing_resources(pod: Pod, node: NodeInfo) -> Pod:
    """Return the pod without requests for extended resources that the node does not list.

    These belong to the cluster, or devices are claimed for them (KEP-5004), which the pod's status
    tells by container. Limits stay, as nothing looks at them here.
    """
    claimed = {
        (mapping.text("containerName"), mapping.text("resourceName"))
        for mapping in pod.status.view("extendedResourceClaimStatus").views("requestMappings")
    }

    def counts(container: Container, name: str) -> bool:
        is_claimable = is_extended(name) or name.startswith(DEVICE_CLASS_PREFIX)
        if is_claimable and (container.name, name) in claimed:
            return False
        return not is_extended(name) or name in node.allocatable.scalars

    def keep(container: Container) -> dict[str, object]:
        resources = container.resources
        requests = resources.view("requests").data
        kept = {name: value for name, value in requests.items() if counts(container, name)}
        return {**container.data, "resources": {**resources.data, "requests": kept}}

    spec = {
        **pod.spec.data,
        "containers": [keep(each) for each in pod.containers],
        "initContainers": [keep(each) for each in pod.init_containers],
    }
    return Pod({**pod.data, "spec": spec}, pod.field)


# The predicates.


def _list_failures(pod: PodInfo, node: NodeInfo) -> Iterator[AdmissionFailure]:
    """Yield all that fails (`generalFilter`)."""
    yield from _list_shortages(pod.pod, node)
    if not pod.required_node_affinity.matches(node.name, node.labels):
        yield NODE_AFFINITY
    if pod.node_name not in ("", node.name):
        yield NODE_NAME
    if any(is_port_conflict(node.used_ports, wanted) for wanted in pod.host_ports):
        yield NODE_PORTS
    if not is_static(pod.pod):
        taint = find_untolerated_taint(
            node.taints, pod.tolerations, lambda taint: taint.effect == "NoExecute"
        )
        if taint is not None:
            yield TAINTS


def _list_shortages(pod: Pod, node: NodeInfo) -> Iterator[InsufficientResource]:
    """Yield the resources that run short.

    The new pod counts with what its spec requests, those on the node with the greatest of what
    they want and hold (`Resource.Add` of `PodRequests`).
    """
    if len(node.pods) + 1 > node.allowed_pods:
        yield InsufficientResource(PODS, 1, len(node.pods), node.allowed_pods)
    wanted = build_amounts(compute_pod_requests(pod))
    for name, requested, capacity, used in list_requests(wanted, node):
        if requested > 0 and requested > capacity - used:
            yield InsufficientResource(name, requested, used, capacity)
