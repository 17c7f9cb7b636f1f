"""The values that fields of Kubernetes' own kinds may have, where there are only some.

The OpenAPI definitions that packages carry leave them out. By the name of the definition without
its package and version (`core.Container`) and by field; of a list they are those of its items.
Source: the types marked `+enum` in `staging/src/k8s.io/api`, and the sets of supported values in
`pkg/apis/*/validation`, v1.36, in the order in which those messages list them. An empty text gets
the default and is left to validation, whose rules take the values from here.
"""

from collections.abc import Mapping

_POLICIES = ("Fail", "Ignore")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_PREEMPTION = ("PreemptLowerPriority", "Never")
_PROFILES = ("Localhost", "RuntimeDefault", "Unconfined")
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_ACCESS = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_SELECTING = ("In", "NotIn", "Exists", "DoesNotExist")
_HONOR = ("Honor", "Ignore")
_VOLUME_MODES = ("Block", "Filesystem")
_CONTAINER = {
    "imagePullPolicy": ("Always", "IfNotPresent", "Never"),
    "terminationMessagePolicy": ("File", "FallbackToLogsOnError"),
    "restartPolicy": ("Always", "Never", "OnFailure"),
}
_WEBHOOK = {
    "failurePolicy": _POLICIES,
    "matchPolicy": ("Equivalent", "Exact"),
    "sideEffects": ("None", "NoneOnDryRun"),
}
_RULE = {
    "operations": ("*", "CONNECT", "CREATE", "DELETE", "UPDATE"),
    "scope": ("*", "Cluster", "Namespaced"),
}

ENUMERATIONS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "admissionregistration.MutatingWebhook": {
        **_WEBHOOK,
        "reinvocationPolicy": ("IfNeeded", "Never"),
    },
    "admissionregistration.ValidatingWebhook": _WEBHOOK,
    "admissionregistration.RuleWithOperations": _RULE,
    "admissionregistration.NamedRuleWithOperations": _RULE,
    "admissionregistration.MatchResources": {"matchPolicy": ("Equivalent", "Exact")},
    "admissionregistration.ParamRef": {"parameterNotFoundAction": ("Allow", "Deny")},
    "admissionregistration.Mutation": {"patchType": ("ApplyConfiguration", "JSONPatch")},
    "admissionregistration.MutatingAdmissionPolicySpec": {
        "failurePolicy": _POLICIES,
        "reinvocationPolicy": ("IfNeeded", "Never"),
    },
    "admissionregistration.ValidatingAdmissionPolicySpec": {"failurePolicy": _POLICIES},
    "admissionregistration.ValidatingAdmissionPolicyBindingSpec": {
        "validationActions": ("Audit", "Deny", "Warn")
    },
    "apiextensions.CustomResourceDefinitionSpec": {"scope": ("Cluster", "Namespaced")},
    "apiextensions.CustomResourceConversion": {"strategy": ("None", "Webhook")},
    "apps.DaemonSetUpdateStrategy": {"type": ("OnDelete", "RollingUpdate")},
    "apps.DeploymentStrategy": {"type": ("Recreate", "RollingUpdate")},
    "apps.StatefulSetPersistentVolumeClaimRetentionPolicy": {
        "whenDeleted": ("Retain", "Delete"),
        "whenScaled": ("Retain", "Delete"),
    },
    "apps.StatefulSetSpec": {"podManagementPolicy": ("OrderedReady", "Parallel")},
    "apps.StatefulSetUpdateStrategy": {"type": ("OnDelete", "RollingUpdate")},
    "autoscaling.HPAScalingPolicy": {"type": ("Percent", "Pods")},
    "autoscaling.HPAScalingRules": {"selectPolicy": ("Disabled", "Max", "Min")},
    "autoscaling.MetricSpec": {
        "type": ("ContainerResource", "External", "Object", "Pods", "Resource")
    },
    "autoscaling.MetricTarget": {"type": ("AverageValue", "Utilization", "Value")},
    "batch.CronJobSpec": {"concurrencyPolicy": ("Allow", "Forbid", "Replace")},
    "batch.JobSpec": {
        "completionMode": ("NonIndexed", "Indexed"),
        "podReplacementPolicy": ("Failed", "TerminatingOrFailed"),
    },
    "batch.PodFailurePolicyRule": {"action": ("Count", "FailIndex", "FailJob", "Ignore")},
    "batch.PodFailurePolicyOnExitCodesRequirement": {"operator": ("In", "NotIn")},
    "core.AppArmorProfile": {"type": _PROFILES},
    "core.AzureDiskVolumeSource": {
        "cachingMode": ("None", "ReadOnly", "ReadWrite"),
        "kind": ("Dedicated", "Managed", "Shared"),
    },
    "core.Container": _CONTAINER,
    "core.ContainerPort": {"protocol": _PROTOCOLS},
    "core.ContainerResizePolicy": {"restartPolicy": ("NotRequired", "RestartContainer")},
    "core.EndpointPort": {"protocol": _PROTOCOLS},
    "core.EphemeralContainer": _CONTAINER,
    "core.HTTPGetAction": {"scheme": ("HTTP", "HTTPS")},
    "core.HostPathVolumeSource": {
        "type": (
            "BlockDevice",
            "CharDevice",
            "Directory",
            "DirectoryOrCreate",
            "File",
            "FileOrCreate",
            "Socket",
        )
    },
    "core.ImageVolumeSource": {"pullPolicy": ("Always", "IfNotPresent", "Never")},
    "core.NodeSelectorRequirement": {"operator": (*_SELECTING, "Gt", "Lt")},
    "core.PersistentVolumeClaimSpec": {"accessModes": _ACCESS, "volumeMode": _VOLUME_MODES},
    "core.PersistentVolumeSpec": {
        "accessModes": _ACCESS,
        "persistentVolumeReclaimPolicy": ("Delete", "Recycle", "Retain"),
        "volumeMode": _VOLUME_MODES,
    },
    "core.PodOS": {"name": ("linux", "windows")},
    "core.PodSecurityContext": {
        "fsGroupChangePolicy": ("Always", "OnRootMismatch"),
        "seLinuxChangePolicy": ("MountOption", "Recursive"),
        "supplementalGroupsPolicy": ("Merge", "Strict"),
    },
    "core.PodSpec": {
        "dnsPolicy": ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"),
        "preemptionPolicy": _PREEMPTION,
        "restartPolicy": ("Always", "OnFailure", "Never"),
    },
    "core.ScopedResourceSelectorRequirement": {"operator": _SELECTING},
    "core.SeccompProfile": {"type": _PROFILES},
    "core.SecurityContext": {"procMount": ("Default", "Unmasked")},
    "core.ServicePort": {"protocol": _PROTOCOLS},
    "core.ServiceSpec": {
        "externalTrafficPolicy": ("Cluster", "Local"),
        "internalTrafficPolicy": ("Cluster", "Local"),
        "ipFamilies": ("IPv4", "IPv6"),
        "ipFamilyPolicy": ("PreferDualStack", "RequireDualStack", "SingleStack"),
        "sessionAffinity": ("ClientIP", "None"),
        "trafficDistribution": ("PreferClose", "PreferSameZone", "PreferSameNode"),
        "type": ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort"),
    },
    "core.Taint": {"effect": _EFFECTS},
    "core.Toleration": {"effect": _EFFECTS, "operator": ("Equal", "Exists", "Gt", "Lt")},
    "core.TopologySpreadConstraint": {
        "nodeAffinityPolicy": _HONOR,
        "nodeTaintsPolicy": _HONOR,
        "whenUnsatisfiable": ("DoNotSchedule", "ScheduleAnyway"),
    },
    "core.VolumeMount": {
        "mountPropagation": ("Bidirectional", "HostToContainer", "None"),
        "recursiveReadOnly": ("Disabled", "Enabled", "IfPossible"),
    },
    "discovery.EndpointPort": {"protocol": _PROTOCOLS},
    "discovery.EndpointSlice": {"addressType": ("FQDN", "IPv4", "IPv6")},
    "flowcontrol.FlowDistinguisherMethod": {"type": ("ByNamespace", "ByUser")},
    "flowcontrol.LimitResponse": {"type": ("Queue", "Reject")},
    "flowcontrol.PriorityLevelConfigurationSpec": {"type": ("Exempt", "Limited")},
    "flowcontrol.Subject": {"kind": ("Group", "ServiceAccount", "User")},
    "meta.LabelSelectorRequirement": {"operator": _SELECTING},
    "networking.HTTPIngressPath": {"pathType": ("Exact", "ImplementationSpecific", "Prefix")},
    "networking.NetworkPolicyPort": {"protocol": _PROTOCOLS},
    "networking.NetworkPolicySpec": {"policyTypes": ("Ingress", "Egress")},
    "policy.PodDisruptionBudgetSpec": {
        "unhealthyPodEvictionPolicy": ("IfHealthyBudget", "AlwaysAllow")
    },
    "rbac.RoleRef": {"kind": ("ClusterRole", "Role")},
    "rbac.Subject": {"kind": ("ServiceAccount", "User", "Group")},
    "scheduling.PriorityClass": {"preemptionPolicy": _PREEMPTION},
    "storage.CSIDriverSpec": {
        "fsGroupPolicy": ("File", "None", "ReadWriteOnceWithFSType"),
        "volumeLifecycleModes": ("Ephemeral", "Persistent"),
    },
    "storage.StorageClass": {
        "reclaimPolicy": ("Delete", "Retain"),
        "volumeBindingMode": ("Immediate", "WaitForFirstConsumer"),
    },
}
