"""NodeDeclaredFeatures: a node declares the features of its kubelet that a pod needs (KEP-5328).

Known are the features of v1.36 that a pod's spec needs before it runs; those that only a resize
needs do not matter here. Source:
`pkg/scheduler/framework/plugins/nodedeclaredfeatures/nodedeclaredfeatures.go` and
`staging/src/k8s.io/component-helpers/nodedeclaredfeatures/features/`.
"""

from collections.abc import Callable, Mapping

from planespec.spec.objects import View
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.plugin import SUCCESS, Plugin, Prepared, Status, unresolvable
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot

MISMATCH = unresolvable("node(s) didn't match Pod's required features")


def _restarts_all_containers(spec: View) -> bool:
    """Whether a rule of a container restarts all of them."""
    return any(
        rule.text("action") == "RestartAllContainers"
        for field in ("containers", "initContainers")
        for container in spec.views(field)
        for rule in container.views("restartPolicyRules")
    )


def _has_users_on_host_network(spec: View) -> bool:
    """Whether it has users of its own and yet the network of the host."""
    is_mapped = spec.has("hostUsers") and not spec.flag("hostUsers")
    return is_mapped and spec.flag("hostNetwork")


FEATURES: Mapping[str, Callable[[View], bool]] = {
    "RestartAllContainersOnContainerExits": _restarts_all_containers,
    "UserNamespacesHostNetworkSupport": _has_users_on_host_network,
}
"""By the name that a node declares: whether a pod with this spec needs it."""


class NodeDeclaredFeatures(Plugin[frozenset[str]]):
    """status.declaredFeatures of nodes."""

    name = "NodeDeclaredFeatures"

    def pre_filter(self, snapshot: Snapshot, pod: PodInfo) -> Prepared[frozenset[str]]:
        """List the features that the pod needs; skip where it needs none."""
        if not _may_need_any(pod):
            return Prepared.of(None)
        needed = frozenset(name for name, is_needed in FEATURES.items() if is_needed(pod.pod.spec))
        return Prepared.of(needed or None)

    def filter(
        self, snapshot: Snapshot, pod: PodInfo, state: frozenset[str], node: NodeInfo
    ) -> Status:
        """Reject a node that does not declare all of them."""
        return MISMATCH if list_missing_features(state, node) else SUCCESS


def _may_need_any(pod: PodInfo) -> bool:
    """Tell quickly: few pods have a field that needs a feature."""
    spec = pod.pod.spec
    return spec.has("hostUsers") or any(
        container.has("restartPolicyRules")
        for field in ("containers", "initContainers")
        for container in spec.views(field)
    )


def list_missing_features(needed: frozenset[str], node: NodeInfo) -> list[str]:
    """Return which of the features the node does not declare, by name."""
    return sorted(needed.difference(node.node.status.texts("declaredFeatures")))
