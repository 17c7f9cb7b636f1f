"""API versions of Kubernetes that are gone: since which release, and what is served instead.

Source: https://kubernetes.io/docs/reference/using-api/deprecation-guide/, and for alpha and beta
versions the OpenAPI definitions of v1.25 to v1.37, in which they stand or do not. RuntimeClass of
v1alpha1: CHANGELOG-1.24.md, pull request 103061.
"""

from typing import NamedTuple


class Removal(NamedTuple):
    """When a kind stopped being served at a version, and where it is served since."""

    release: str
    replacement: str
    """The API version that is served today; empty where there is none."""
    since: str = ""
    """The release that began to serve the replacement, where it is written."""


# Each line: the release, the replacement (of the same group unless it says another), the release
# that began to serve that, the version that is gone, and its kinds. A dash stands for nothing.
_GUIDE = """
1.16 apps/v1 1.9 extensions/v1beta1 DaemonSet Deployment ReplicaSet
1.16 v1 1.9 apps/v1beta1 Deployment ReplicaSet StatefulSet ControllerRevision
1.16 v1 1.9 apps/v1beta2 DaemonSet Deployment ReplicaSet StatefulSet ControllerRevision
1.16 networking.k8s.io/v1 1.8 extensions/v1beta1 NetworkPolicy
1.16 - - extensions/v1beta1 PodSecurityPolicy
1.19 - - auditregistration.k8s.io/v1alpha1 AuditSink
1.20 - - settings.k8s.io/v1alpha1 PodPreset
1.21 v1 1.21 batch/v2alpha1 CronJob
1.22 v1 1.16 admissionregistration.k8s.io/v1beta1 MutatingWebhookConfiguration
1.22 v1 1.16 admissionregistration.k8s.io/v1beta1 ValidatingWebhookConfiguration
1.22 v1 1.16 apiextensions.k8s.io/v1beta1 CustomResourceDefinition
1.22 v1 1.10 apiregistration.k8s.io/v1beta1 APIService
1.22 v1 1.6 authentication.k8s.io/v1beta1 TokenReview
1.22 v1 1.6 authorization.k8s.io/v1beta1 LocalSubjectAccessReview SelfSubjectAccessReview
1.22 v1 1.6 authorization.k8s.io/v1beta1 SelfSubjectRulesReview SubjectAccessReview
1.22 v1 1.19 certificates.k8s.io/v1beta1 CertificateSigningRequest
1.22 v1 1.14 coordination.k8s.io/v1beta1 Lease
1.22 networking.k8s.io/v1 1.19 extensions/v1beta1 Ingress
1.22 v1 1.19 networking.k8s.io/v1beta1 Ingress IngressClass
1.22 v1 1.8 rbac.authorization.k8s.io/v1beta1 ClusterRole ClusterRoleBinding Role RoleBinding
1.22 v1 1.14 scheduling.k8s.io/v1beta1 PriorityClass
1.22 v1 1.19 storage.k8s.io/v1beta1 CSIDriver
1.22 v1 1.17 storage.k8s.io/v1beta1 CSINode
1.22 v1 1.6 storage.k8s.io/v1beta1 StorageClass
1.22 v1 1.13 storage.k8s.io/v1beta1 VolumeAttachment
1.23 v1 1.8 rbac.authorization.k8s.io/v1alpha1 ClusterRole ClusterRoleBinding Role RoleBinding
1.23 v1 1.14 scheduling.k8s.io/v1alpha1 PriorityClass
1.24 v1 1.20 node.k8s.io/v1alpha1 RuntimeClass
1.25 v1 1.21 batch/v1beta1 CronJob
1.25 v1 1.21 discovery.k8s.io/v1beta1 EndpointSlice
1.25 v1 1.19 events.k8s.io/v1beta1 Event
1.25 v2 1.23 autoscaling/v2beta1 HorizontalPodAutoscaler
1.25 v1 1.21 policy/v1beta1 PodDisruptionBudget
1.25 - - policy/v1beta1 PodSecurityPolicy
1.25 v1 1.20 node.k8s.io/v1beta1 RuntimeClass
1.26 v2 1.23 autoscaling/v2beta2 HorizontalPodAutoscaler
1.26 v1 1.29 flowcontrol.apiserver.k8s.io/v1beta1 FlowSchema PriorityLevelConfiguration
1.27 v1 1.24 storage.k8s.io/v1beta1 CSIStorageCapacity
1.29 v1 1.29 flowcontrol.apiserver.k8s.io/v1beta2 FlowSchema PriorityLevelConfiguration
1.32 v1 1.29 flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema PriorityLevelConfiguration
"""
_PREVIEWS = """
1.27 v1 1.34 resource.k8s.io/v1alpha1 ResourceClaim ResourceClaimTemplate
1.27 - - resource.k8s.io/v1alpha1 PodScheduling ResourceClass
1.29 - - networking.k8s.io/v1alpha1 ClusterCIDR
1.31 v1 1.33 networking.k8s.io/v1alpha1 IPAddress ServiceCIDR
1.31 v1 1.34 resource.k8s.io/v1alpha2 ResourceClaim ResourceClaimTemplate ResourceSlice
1.31 - - resource.k8s.io/v1alpha2 PodSchedulingContext ResourceClaimParameters ResourceClass
1.31 - - resource.k8s.io/v1alpha2 ResourceClassParameters
1.32 v1 1.30 admissionregistration.k8s.io/v1alpha1 ValidatingAdmissionPolicy
1.32 v1 1.30 admissionregistration.k8s.io/v1alpha1 ValidatingAdmissionPolicyBinding
1.32 v1 1.28 authentication.k8s.io/v1alpha1 SelfSubjectReview
1.32 v1beta1 1.33 coordination.k8s.io/v1alpha1 LeaseCandidate
1.32 - - resource.k8s.io/v1alpha3 PodSchedulingContext
1.33 v1 1.28 authentication.k8s.io/v1beta1 SelfSubjectReview
1.34 v1 1.30 admissionregistration.k8s.io/v1beta1 ValidatingAdmissionPolicy
1.34 v1 1.30 admissionregistration.k8s.io/v1beta1 ValidatingAdmissionPolicyBinding
1.34 v1 1.34 resource.k8s.io/v1alpha3 DeviceClass ResourceClaim ResourceClaimTemplate
1.34 v1 1.34 resource.k8s.io/v1alpha3 ResourceSlice
1.35 v1 1.37 certificates.k8s.io/v1alpha1 PodCertificateRequest
1.35 v1 1.34 storage.k8s.io/v1alpha1 VolumeAttributesClass
1.35 v1 1.37 storagemigration.k8s.io/v1alpha1 StorageVersionMigration
1.36 v1beta1 1.37 scheduling.k8s.io/v1alpha1 Workload
1.37 v1 1.37 certificates.k8s.io/v1alpha1 ClusterTrustBundle
1.37 v1 1.33 networking.k8s.io/v1beta1 IPAddress ServiceCIDR
1.37 v1beta1 1.37 scheduling.k8s.io/v1alpha2 PodGroup Workload
1.37 v1 1.34 storage.k8s.io/v1beta1 VolumeAttributesClass
"""


def _read(table: str) -> dict[tuple[str, str], Removal]:
    found = {}
    for line in table.strip().splitlines():
        release, replacement, since, version, *kinds = line.split()
        if replacement != "-" and "/" not in replacement:
            replacement = f"{version.partition('/')[0]}/{replacement}"
        gone = Removal(release, replacement.strip("-"), since.strip("-"))
        found.update({(version, kind): gone for kind in kinds})
    return found


REMOVED = _read(_GUIDE) | _read(_PREVIEWS)
"""By API version and kind."""


RELEASE = (1, 36)
"""The release of Kubernetes that objects are held to; what a later one removes is served here."""


def list_served_errors(kind: str, version: str) -> list[str]:
    """Say since when a kind is not served at a version any more, and what to write instead."""
    gone = REMOVED.get((version, kind))
    if gone is None or tuple(map(int, gone.release.split("."))) > RELEASE:
        return []
    instead = "nothing replaces it"
    if gone.replacement:
        since = f", served since {gone.since}" if gone.since else ""
        instead = f"write {gone.replacement}{since}"
    return [f"{version} {kind} is not served since Kubernetes {gone.release}: {instead}"]
