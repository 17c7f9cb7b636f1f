"""The kinds that Kubernetes brings along: the group of each, and whether it has namespaces.

Source: `kubectl api-resources` of v1.36, and kinds of earlier releases that files still name.
"""

_NAMESPACED = {
    "": (
        "Binding ConfigMap Endpoints Event LimitRange PersistentVolumeClaim Pod PodTemplate "
        "ReplicationController ResourceQuota Secret Service ServiceAccount"
    ),
    "apps": "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet",
    "autoscaling": "HorizontalPodAutoscaler",
    "batch": "CronJob Job",
    "coordination.k8s.io": "Lease LeaseCandidate",
    "discovery.k8s.io": "EndpointSlice",
    "networking.k8s.io": "Ingress NetworkPolicy",
    "policy": "PodDisruptionBudget",
    "rbac.authorization.k8s.io": "Role RoleBinding",
    "resource.k8s.io": "ResourceClaim ResourceClaimTemplate",
    "storage.k8s.io": "CSIStorageCapacity",
}
_CLUSTER_WIDE = {
    "": "ComponentStatus Namespace Node PersistentVolume",
    "admissionregistration.k8s.io": (
        "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration "
        "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration"
    ),
    "apiextensions.k8s.io": "CustomResourceDefinition",
    "apiregistration.k8s.io": "APIService",
    "certificates.k8s.io": "CertificateSigningRequest ClusterTrustBundle",
    "flowcontrol.apiserver.k8s.io": "FlowSchema PriorityLevelConfiguration",
    "networking.k8s.io": "IPAddress IngressClass ServiceCIDR",
    "node.k8s.io": "RuntimeClass",
    "policy": "PodSecurityPolicy",
    "rbac.authorization.k8s.io": "ClusterRole ClusterRoleBinding",
    "resource.k8s.io": "DeviceClass DeviceTaintRule ResourceSlice",
    "scheduling.k8s.io": "PriorityClass",
    "storage.k8s.io": "CSIDriver CSINode StorageClass VolumeAttachment VolumeAttributesClass",
}


def _by_kind(groups: dict[str, str]) -> dict[str, str]:
    return {kind: group for group, kinds in groups.items() for kind in kinds.split()}


CLUSTER_SCOPED = frozenset(_by_kind(_CLUSTER_WIDE))
"""Kinds of Kubernetes without a namespace."""
GROUPS = _by_kind(_NAMESPACED) | _by_kind(_CLUSTER_WIDE)
"""The group of every kind of Kubernetes; no two groups share a kind."""
_MOVED = frozenset(("", "extensions", "events.k8s.io"))
"""Groups under which kinds of other groups are, or were, served too: the objects are the same."""


def get_group(kind: str, version: str) -> str:
    """Return the group of a kind at an apiVersion such as `apps/v1`.

    Without a version, or under a group that a kind has moved from, it is that of Kubernetes.
    """
    group, slash, _ = version.partition("/")
    group = group if slash else ""
    return GROUPS.get(kind, group) if group in _MOVED else group


def get_namespace(group: str, kind: str, said: str) -> str:
    """Return the namespace of an object that says `said`: none, or default where it says none.

    Of a kind that is not Kubernetes' own nobody knows; it is taken to have namespaces.
    """
    is_own = GROUPS.get(kind) == group
    return "" if is_own and kind in CLUSTER_SCOPED else said or "default"
