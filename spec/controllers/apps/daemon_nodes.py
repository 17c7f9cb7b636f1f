"""DaemonSets: which nodes get a pod, and which pod is on which node.

Source: Kubernetes v1.36, `pkg/controller/daemon/daemon_controller.go` (NodeShouldRunDaemonPod,
getNodesToDaemonPods), `pkg/controller/daemon/util/daemonset_util.go`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property

from planespec.spec.controllers.apps.pod_ownership import claim, is_available
from planespec.spec.controllers.disruption_budget import scale_value
from planespec.spec.controllers.pod_making import DAEMON_TOLERATIONS, NETWORK
from planespec.spec.labels import read_label_selector
from planespec.spec.objects.core_views import Node, Pod, Toleration, read_toleration
from planespec.spec.objects.view import ApiObject, View
from planespec.spec.pods.node_selection import find_untolerated_taint
from planespec.spec.scheduling.affinity_terms import read_required_node_affinity

REVISION_HASH = "controller-revision-hash"
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"

PodsByNode = dict[str, list[Pod]]
"""Pods of a DaemonSet by the name of their node; no pods, or none yet, is not the same as none."""


class DaemonSet(ApiObject):
    """A DaemonSet object."""

    @property
    def is_rolling(self) -> bool:
        """Whether pods of old templates are replaced without being asked for."""
        return self.spec.view("updateStrategy").text("type") == "RollingUpdate"

    @property
    def min_ready_seconds(self) -> int:
        """How long a pod has to be ready to count as available."""
        return self.spec.integer("minReadySeconds") or 0

    @property
    def allows_surge(self) -> bool:
        """Whether a node may have a new pod beside the old one."""
        return self.get_limit("maxSurge", 1) > 0

    def get_limit(self, name: str, total: int) -> int:
        """`maxSurge` or `maxUnavailable` of so many pods; 0 unless it is rolling and says so."""
        rolling = self.spec.view("updateStrategy").view("rollingUpdate")
        if not self.is_rolling or not rolling.has(name):
            return 0
        return scale_value(rolling.data[name], total)

    @cached_property
    def pod_spec(self) -> View:
        """The spec of its pods."""
        return self.spec.view("template").view("spec")

    @cached_property
    def tolerations(self) -> list[Toleration]:
        """What its pods tolerate: what the template says, and what all daemons do."""
        own = [read_toleration(each.data) for each in self.pod_spec.views("tolerations")]
        has_host_network = self.pod_spec.flag("hostNetwork")
        keys = (*DAEMON_TOLERATIONS, NETWORK) if has_host_network else DAEMON_TOLERATIONS
        return own + [Toleration(key, "Exists", "", effect, None) for key, effect in keys]

    def judge_node(self, node: Node) -> tuple[bool, bool]:
        """Whether a node is to get a pod, and whether one that it has may stay.

        A taint that keeps new pods away drives nobody away unless it is NoExecute.
        """
        name = self.pod_spec.text("nodeName")
        affinity = read_required_node_affinity(self.pod_spec)
        if name not in ("", node.name) or not affinity.matches(node.name, node.meta.labels):
            return False, False
        if not self._has_taint(node, "NoSchedule", "NoExecute"):
            return True, True
        return False, not self._has_taint(node, "NoExecute")

    def _has_taint(self, node: Node, *effects: str) -> bool:
        found = find_untolerated_taint(
            node.taints, self.tolerations, lambda taint: taint.effect in effects
        )
        return found is not None

    def is_available(self, pod: Pod, now: datetime) -> bool:
        """Whether a pod of it has been ready for long enough."""
        return is_available(pod, self.min_ready_seconds, now)


def find_target_node(pod: Pod) -> str | None:
    """The node a pod is on, or is meant for by its affinity; None where neither is told."""
    if pod.node_name:
        return pod.node_name
    required = pod.spec.view("affinity").view("nodeAffinity").view(_REQUIRED)
    for term in required.views("nodeSelectorTerms"):
        for field in term.views("matchFields"):
            if (field.text("key"), field.text("operator")) == ("metadata.name", "In"):
                values = field.texts("values")
                return values[0] if len(values) == 1 else None
    return None


def group_by_node(daemon_set: DaemonSet, pods: Iterable[Pod]) -> PodsByNode:
    """The pods of a DaemonSet by node, without those that have ended and are being deleted."""
    selector = read_label_selector(daemon_set.spec.data.get("selector"))
    found: PodsByNode = {}
    for pod in claim(daemon_set, selector, pods).kept:
        if not isinstance(pod, Pod) or (pod.is_terminal and pod.meta.is_deleting):
            continue
        node = find_target_node(pod)
        if node is not None:
            found.setdefault(node, []).append(pod)
    return found


def order_by_age(pods: Iterable[Pod]) -> list[Pod]:
    """Pods that are on a node first, then the older, then by name."""
    return sorted(
        pods,
        key=lambda pod: (not pod.node_name, pod.meta.text("creationTimestamp"), pod.name),
    )


def part_by_hash(pods: Sequence[Pod], revision_hash: str) -> tuple[Pod | None, Pod | None] | None:
    """The pod of the new template and that of an old one; None where there are two of a kind.

    Pods that are being deleted are left out. Upstream also compares the label
    `pod-template-generation`, with the address of a number: that is never equal.
    """
    here = [pod for pod in pods if not pod.meta.is_deleting]
    new = [pod for pod in here if is_updated(pod, revision_hash)]
    old = [pod for pod in here if not is_updated(pod, revision_hash)]
    if len(new) > 1 or len(old) > 1:
        return None
    return next(iter(new), None), next(iter(old), None)


def is_updated(pod: Pod, revision_hash: str) -> bool:
    """Whether a pod was made of the template of that hash (`IsPodUpdated`)."""
    return bool(revision_hash) and pod.meta.labels.get(REVISION_HASH) == revision_hash
