"""Fields in the order in which Go writes them, and objects as a merge patch leaves their text.

A patch is merged as text: an object that it goes into has its fields sorted, everything else
stands as the server wrote it, in the order of its types. Only messages that repeat a patched
object show that. Source: `k8s.io/api/*/types.go`, `gopkg.in/evanphx/json-patch.v4/merge.go`.
"""

from collections.abc import Mapping
from typing import Any

from planespec.spec.api.json_patch import prune_nulls
from planespec.spec.schema.merge_types import MergeType

Json = Any
_CONDITION = ("type", "status", "lastProbeTime", "lastTransitionTime", "reason", "message")
_ORDERS: Mapping[str, tuple[str, ...]] = {
    "CSIPersistentVolumeSource": (
        *("driver", "volumeHandle", "readOnly", "fsType", "volumeAttributes"),
        *("controllerPublishSecretRef", "nodeStageSecretRef", "nodePublishSecretRef"),
        *("controllerExpandSecretRef", "nodeExpandSecretRef"),
    ),
    "Container": (
        *("name", "image", "command", "args", "workingDir", "ports", "envFrom", "env"),
        *("resources", "resizePolicy", "restartPolicy", "restartPolicyRules", "volumeMounts"),
        *("volumeDevices", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"),
        *("terminationMessagePath", "terminationMessagePolicy", "imagePullPolicy"),
        *("securityContext", "stdin", "stdinOnce", "tty"),
    ),
    "ContainerStatus": (
        *("name", "state", "lastState", "ready", "restartCount", "image", "imageID"),
        *("containerID", "started"),
    ),
    "CrossVersionObjectReference": ("kind", "name", "apiVersion"),
    "CronJobSpec": (
        *("schedule", "timeZone", "startingDeadlineSeconds", "concurrencyPolicy", "suspend"),
        *("jobTemplate", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"),
    ),
    "CronJobStatus": ("active", "lastScheduleTime", "lastSuccessfulTime"),
    "DaemonSetSpec": (
        *("selector", "template", "updateStrategy", "minReadySeconds", "revisionHistoryLimit"),
    ),
    "DaemonSetUpdateStrategy": ("type", "rollingUpdate"),
    "DaemonSetStatus": (
        *("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled"),
        *("numberReady", "observedGeneration", "updatedNumberScheduled", "numberAvailable"),
        *("numberUnavailable", "collisionCount", "conditions"),
    ),
    "DeploymentSpec": (
        *("replicas", "selector", "template", "strategy", "minReadySeconds"),
        *("revisionHistoryLimit", "paused", "progressDeadlineSeconds"),
    ),
    "DeploymentStatus": (
        *("observedGeneration", "replicas", "updatedReplicas", "readyReplicas"),
        *("availableReplicas", "unavailableReplicas", "terminatingReplicas", "conditions"),
        "collisionCount",
    ),
    "HorizontalPodAutoscalerSpec": (
        *("scaleTargetRef", "minReplicas", "maxReplicas", "metrics", "behavior"),
    ),
    "HorizontalPodAutoscalerStatus": (
        *("observedGeneration", "lastScaleTime", "currentReplicas", "desiredReplicas"),
        *("currentMetrics", "conditions"),
    ),
    "DeploymentStrategy": ("type", "rollingUpdate"),
    "HPAScalingPolicy": ("type", "value", "periodSeconds"),
    "HPAScalingRules": ("stabilizationWindowSeconds", "selectPolicy", "policies", "tolerance"),
    "HorizontalPodAutoscalerBehavior": ("scaleUp", "scaleDown"),
    "JobCondition": _CONDITION,
    "JobSpec": (
        *("parallelism", "completions", "activeDeadlineSeconds", "podFailurePolicy"),
        *("successPolicy", "backoffLimit", "backoffLimitPerIndex", "maxFailedIndexes"),
        *("selector", "manualSelector", "template", "ttlSecondsAfterFinished"),
        *("completionMode", "suspend", "podReplacementPolicy", "managedBy"),
    ),
    "JobStatus": (
        *("conditions", "startTime", "completionTime", "active", "succeeded", "failed"),
        *("terminating", "completedIndexes", "failedIndexes", "uncountedTerminatedPods", "ready"),
    ),
    "LabelSelector": ("matchLabels", "matchExpressions"),
    "LeaseSpec": (
        *("holderIdentity", "leaseDurationSeconds", "acquireTime", "renewTime"),
        *("leaseTransitions", "strategy", "preferredHolder"),
    ),
    "LoadBalancerIngress": ("ip", "hostname", "ipMode", "ports"),
    "NamespaceStatus": ("phase", "conditions"),
    "NodeCondition": (
        *("type", "status", "lastHeartbeatTime", "lastTransitionTime", "reason", "message"),
    ),
    "NodeSpec": (
        *("podCIDR", "podCIDRs", "providerID", "unschedulable", "taints", "configSource"),
        "externalID",
    ),
    "NodeStatus": (
        *("capacity", "allocatable", "phase", "conditions", "addresses", "daemonEndpoints"),
        *("nodeInfo", "images", "volumesInUse", "volumesAttached", "config"),
    ),
    "ObjectMeta": (
        *("name", "generateName", "namespace", "selfLink", "uid", "resourceVersion"),
        *("generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"),
        *("labels", "annotations", "ownerReferences", "finalizers", "managedFields"),
    ),
    "ObjectReference": (
        *("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"),
    ),
    "OwnerReference": (
        *("apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion"),
    ),
    "PersistentVolumeClaimSpec": (
        *("accessModes", "selector", "resources", "volumeName", "storageClassName"),
        *("volumeMode", "dataSource", "dataSourceRef", "volumeAttributesClassName"),
    ),
    "PersistentVolumeClaimStatus": ("phase", "accessModes", "capacity", "conditions"),
    "PersistentVolumeSpec": (
        *("capacity", "hostPath", "nfs", "csi", "local", "accessModes", "claimRef"),
        *("persistentVolumeReclaimPolicy", "storageClassName", "mountOptions", "volumeMode"),
        *("nodeAffinity", "volumeAttributesClassName"),
    ),
    "PersistentVolumeStatus": ("phase", "message", "reason", "lastPhaseTransitionTime"),
    "PodCondition": ("type", "observedGeneration", *_CONDITION[1:]),
    "PodDisruptionBudgetSpec": (
        *("minAvailable", "selector", "maxUnavailable", "unhealthyPodEvictionPolicy"),
    ),
    "PodDisruptionBudgetStatus": (
        *("observedGeneration", "disruptedPods", "disruptionsAllowed", "currentHealthy"),
        *("desiredHealthy", "expectedPods", "conditions"),
    ),
    "PodSpec": (
        *("volumes", "initContainers", "containers", "ephemeralContainers", "restartPolicy"),
        *("terminationGracePeriodSeconds", "activeDeadlineSeconds", "dnsPolicy"),
        *("nodeSelector", "serviceAccountName", "serviceAccount"),
        *("automountServiceAccountToken", "nodeName", "hostNetwork", "hostPID", "hostIPC"),
        *("shareProcessNamespace", "securityContext", "imagePullSecrets", "hostname"),
        *("subdomain", "affinity", "schedulerName", "tolerations", "hostAliases"),
        *("priorityClassName", "priority", "dnsConfig", "readinessGates", "runtimeClassName"),
        *("enableServiceLinks", "preemptionPolicy", "overhead", "topologySpreadConstraints"),
        *("setHostnameAsFQDN", "os", "hostUsers", "schedulingGates", "resourceClaims"),
        *("resources", "hostnameOverride"),
    ),
    "PodStatus": (
        *("observedGeneration", "phase", "conditions", "message", "reason"),
        *("nominatedNodeName", "hostIP", "hostIPs", "podIP", "podIPs", "startTime"),
        *("initContainerStatuses", "containerStatuses", "qosClass"),
    ),
    "ReplicaSetSpec": ("replicas", "minReadySeconds", "selector", "template"),
    "ReplicaSetStatus": (
        *("replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas"),
        *("terminatingReplicas", "observedGeneration", "conditions"),
    ),
    "ResourceRequirements": ("limits", "requests", "claims"),
    "RollingUpdateDaemonSet": ("maxUnavailable", "maxSurge"),
    "RollingUpdateDeployment": ("maxUnavailable", "maxSurge"),
    "RollingUpdateStatefulSetStrategy": ("partition", "maxUnavailable"),
    "ServicePort": ("name", "protocol", "appProtocol", "port", "targetPort", "nodePort"),
    "ServiceSpec": (
        *("ports", "selector", "clusterIP", "clusterIPs", "type", "externalIPs"),
        *("sessionAffinity", "loadBalancerIP", "loadBalancerSourceRanges", "externalName"),
        *("externalTrafficPolicy", "healthCheckNodePort", "publishNotReadyAddresses"),
        *("sessionAffinityConfig", "ipFamilies", "ipFamilyPolicy"),
        *("allocateLoadBalancerNodePorts", "loadBalancerClass", "internalTrafficPolicy"),
        "trafficDistribution",
    ),
    "StatefulSetSpec": (
        *("replicas", "selector", "template", "volumeClaimTemplates", "serviceName"),
        *("podManagementPolicy", "updateStrategy", "revisionHistoryLimit", "minReadySeconds"),
        *("persistentVolumeClaimRetentionPolicy", "ordinals"),
    ),
    "StatefulSetStatus": (
        *("observedGeneration", "replicas", "readyReplicas", "currentReplicas"),
        *("updatedReplicas", "currentRevision", "updateRevision", "collisionCount"),
        *("conditions", "availableReplicas"),
    ),
    "StatefulSetUpdateStrategy": ("type", "rollingUpdate"),
    "Subject": ("kind", "apiGroup", "name", "namespace"),
    "Taint": ("key", "value", "effect", "timeAdded"),
    "Toleration": ("key", "operator", "value", "effect", "tolerationSeconds"),
    "UncountedTerminatedPods": ("succeeded", "failed"),
    "VolumeAttachmentSpec": ("attacher", "source", "nodeName"),
    "VolumeAttachmentStatus": ("attached", "attachmentMetadata", "attachError", "detachError"),
}
"""Fields by type; those that are not here come last."""


def order_fields(kind: MergeType | None, value: Json) -> Json:
    """Return a value with the fields of its types in the order of Go, and maps sorted."""
    if isinstance(value, list):
        below = kind.items if kind else None
        return [order_fields(below, each) for each in value]
    if not isinstance(value, dict):
        return value
    names = list(value)
    if kind is not None and kind.kind == "map":
        names.sort()
    order = _ORDERS.get(kind.definition if kind else "", ())
    names.sort(key=lambda name: order.index(name) if name in order else len(order))
    return {name: order_fields(_find_below(kind, name), value[name]) for name in names}


def _find_below(kind: MergeType | None, name: str) -> MergeType | None:
    return (kind.fields.get(name) or kind.values) if kind else None


def merge_text(document: Json, patch: Json) -> Json:
    """Return what a merge patch makes, with the fields in the order of its text."""
    if not isinstance(patch, dict):
        return patch
    if not isinstance(document, dict):
        return sort_fields(prune_nulls(patch))
    merged = dict(document)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif merged.get(name) is None:
            merged[name] = sort_fields(prune_nulls(value))
        else:
            merged[name] = merge_text(merged[name], value)
    return dict(sorted(merged.items()))


def sort_fields(value: Json) -> Json:
    """Return a value with all fields sorted."""
    if isinstance(value, dict):
        return {name: sort_fields(each) for name, each in sorted(value.items())}
    return [sort_fields(each) for each in value] if isinstance(value, list) else value
