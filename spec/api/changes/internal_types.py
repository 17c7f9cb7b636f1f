"""The API server's own types, as far as messages print them: every field, in the order of Go.

Source: `pkg/apis/core/types.go`, `pkg/apis/batch/types.go`, v1.36. A type that is not here is
printed with its names in capitals, in the order that the object has.
"""

from collections.abc import Mapping
from typing import Any

Json = Any
_AFFINITY_TERMS = (
    *("RequiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm",),
    "PreferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm",
)
_TYPES: Mapping[str, tuple[str, ...]] = {
    "Affinity": (
        *("NodeAffinity *NodeAffinity", "PodAffinity *PodAffinity"),
        "PodAntiAffinity *PodAntiAffinity",
    ),
    "CSIPersistentVolumeSource": (
        *("Driver string", "VolumeHandle string", "ReadOnly bool", "FSType string"),
        *("VolumeAttributes", "ControllerPublishSecretRef *SecretReference"),
        *("NodeStageSecretRef *SecretReference", "NodePublishSecretRef *SecretReference"),
        *("ControllerExpandSecretRef *SecretReference", "NodeExpandSecretRef *SecretReference"),
    ),
    "Container": (
        *("Name string", "Image string", "Command", "Args", "WorkingDir string"),
        *("Ports []ContainerPort", "EnvFrom []EnvFromSource", "Env []EnvVar"),
        *("Resources ResourceRequirements", "ResizePolicy []ContainerResizePolicy"),
        *("RestartPolicy", "RestartPolicyRules []ContainerRestartRule"),
        *("VolumeMounts []VolumeMount", "VolumeDevices []VolumeDevice", "LivenessProbe *Probe"),
        *("ReadinessProbe *Probe", "StartupProbe *Probe", "Lifecycle *Lifecycle"),
        *("TerminationMessagePath string", "TerminationMessagePolicy string"),
        *("ImagePullPolicy string", "SecurityContext *SecurityContext", "Stdin bool"),
        *("StdinOnce bool", "TTY bool"),
    ),
    "ContainerPort": (
        *("Name string", "HostPort int", "ContainerPort int", "Protocol string"),
        "HostIP string",
    ),
    "EnvVar": ("Name string", "Value string", "ValueFrom *EnvVarSource"),
    "HostPathVolumeSource": ("Path string", "Type"),
    "LocalVolumeSource": ("Path string", "FSType"),
    "NFSVolumeSource": ("Server string", "Path string", "ReadOnly bool"),
    "NodeAffinity": (
        "RequiredDuringSchedulingIgnoredDuringExecution *NodeSelector",
        "PreferredDuringSchedulingIgnoredDuringExecution []PreferredSchedulingTerm",
    ),
    "NodeSelector": ("NodeSelectorTerms []NodeSelectorTerm",),
    "NodeSelectorRequirement": ("Key string", "Operator string", "Values"),
    "NodeSelectorTerm": (
        "MatchExpressions []NodeSelectorRequirement",
        "MatchFields []NodeSelectorRequirement",
    ),
    "PersistentVolumeClaimSpec": (
        *("AccessModes", "Selector = ", "Resources VolumeResourceRequirements"),
        *("VolumeName string", "StorageClassName", "VolumeMode"),
        *("DataSource *TypedLocalObjectReference", "DataSourceRef *TypedObjectReference"),
        "VolumeAttributesClassName",
    ),
    "PersistentVolumeSource": (
        *("GCEPersistentDisk *", "AWSElasticBlockStore *", "HostPath *HostPathVolumeSource"),
        *("Glusterfs *", "NFS *NFSVolumeSource", "RBD *", "Quobyte *", "ISCSI *"),
        *("FlexVolume *", "Cinder *", "CephFS *", "FC *", "Flocker *", "AzureFile *"),
        *("VsphereVolume *", "AzureDisk *", "PhotonPersistentDisk *", "PortworxVolume *"),
        *("ScaleIO *", "Local *LocalVolumeSource", "StorageOS *"),
        "CSI *CSIPersistentVolumeSource",
    ),
    "PodAffinity": _AFFINITY_TERMS,
    "PodAffinityTerm": (
        *("LabelSelector = ", "Namespaces", "TopologyKey string", "NamespaceSelector = "),
        *("MatchLabelKeys", "MismatchLabelKeys"),
    ),
    "PodAntiAffinity": _AFFINITY_TERMS,
    "PodFailurePolicy": ("Rules []PodFailurePolicyRule",),
    "PodFailurePolicyOnExitCodesRequirement": ("ContainerName", "Operator string", "Values"),
    "PodFailurePolicyOnPodConditionsPattern": ("Type string", "Status string"),
    "PodFailurePolicyRule": (
        *("Action string", "OnExitCodes *PodFailurePolicyOnExitCodesRequirement"),
        "OnPodConditions []PodFailurePolicyOnPodConditionsPattern",
    ),
    "PodSecurityContext": (
        *("HostNetwork bool", "HostPID bool", "HostIPC bool", "ShareProcessNamespace"),
        *("HostUsers", "SELinuxOptions *SELinuxOptions", "WindowsOptions *", "RunAsUser"),
        *("RunAsGroup", "RunAsNonRoot", "SupplementalGroups", "SupplementalGroupsPolicy"),
        *("FSGroup", "FSGroupChangePolicy", "Sysctls []Sysctl"),
        *("SeccompProfile *SeccompProfile", "AppArmorProfile *AppArmorProfile"),
        "SELinuxChangePolicy",
    ),
    "PodSpec": (
        *("Volumes []Volume", "InitContainers []Container", "Containers []Container"),
        *("EphemeralContainers []EphemeralContainer", "RestartPolicy string"),
        *("TerminationGracePeriodSeconds", "ActiveDeadlineSeconds", "DNSPolicy string"),
        *("NodeSelector", "ServiceAccountName string", "AutomountServiceAccountToken"),
        *("NodeName string", "SecurityContext *PodSecurityContext"),
        *("ImagePullSecrets []LocalObjectReference", "Hostname string", "Subdomain string"),
        *("SetHostnameAsFQDN", "Affinity *Affinity", "SchedulerName string"),
        *("Tolerations []Toleration", "HostAliases []HostAlias", "PriorityClassName string"),
        *("Priority", "PreemptionPolicy", "DNSConfig *PodDNSConfig"),
        *("ReadinessGates []PodReadinessGate", "RuntimeClassName", "Overhead"),
        *("EnableServiceLinks", "TopologySpreadConstraints []TopologySpreadConstraint"),
        *("OS *PodOS", "SchedulingGates []PodSchedulingGate"),
        *("ResourceClaims []PodResourceClaim", "Resources *ResourceRequirements"),
        *("HostnameOverride", "SchedulingGroup *"),
    ),
    "PreferredSchedulingTerm": ("Weight int", "Preference NodeSelectorTerm"),
    "ResourceRequirements": ("Limits", "Requests", "Claims []ResourceClaim"),
    "SeccompProfile": ("Type string", "LocalhostProfile"),
    "SecretReference": ("Name string", "Namespace string"),
    "SecurityContext": (
        *("Capabilities *Capabilities", "Privileged", "SELinuxOptions *SELinuxOptions"),
        *("WindowsOptions *", "RunAsUser", "RunAsGroup", "RunAsNonRoot"),
        *("ReadOnlyRootFilesystem", "AllowPrivilegeEscalation", "ProcMount"),
        *("SeccompProfile *SeccompProfile", "AppArmorProfile *AppArmorProfile"),
    ),
    "SuccessPolicy": ("Rules []SuccessPolicyRule",),
    "SuccessPolicyRule": ("SucceededIndexes", "SucceededCount"),
    "Toleration": (
        *("Key string", "Operator string", "Value string", "Effect string"),
        "TolerationSeconds",
    ),
    "VolumeMount": (
        *("Name string", "ReadOnly bool", "RecursiveReadOnly", "MountPath string"),
        *("SubPath string", "MountPropagation", "SubPathExpr string"),
    ),
    "VolumeNodeAffinity": ("Required *NodeSelector",),
    "VolumeResourceRequirements": ("Limits", "Requests"),
    "WeightedPodAffinityTerm": ("Weight int", "PodAffinityTerm PodAffinityTerm"),
}
"""Fields by type: a name, and what it is; `*` for a pointer, `[]` for a list of objects, `=` for
what keeps its names, nothing for what is null where it is absent."""
_NAMES = {
    "AWSElasticBlockStore": "awsElasticBlockStore",
    "CSI": "csi",
    "CephFS": "cephfs",
    "DNSConfig": "dnsConfig",
    "DNSPolicy": "dnsPolicy",
    "FC": "fc",
    "FSGroup": "fsGroup",
    "FSGroupChangePolicy": "fsGroupChangePolicy",
    "FSType": "fsType",
    "GCEPersistentDisk": "gcePersistentDisk",
    "HostIP": "hostIP",
    "ISCSI": "iscsi",
    "NFS": "nfs",
    "OS": "os",
    "RBD": "rbd",
    "RestartPolicyRules": "restartPolicyRules",
    "SELinuxChangePolicy": "seLinuxChangePolicy",
    "SELinuxOptions": "seLinuxOptions",
    "ScaleIO": "scaleIO",
    "SetHostnameAsFQDN": "setHostnameAsFQDN",
    "StorageOS": "storageos",
    "TTY": "tty",
}
"""Names in JSON that are not those in Go with a small first letter."""
_OF_THE_POD = ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers")
"""Fields that a pod has and that the server keeps in its security context."""
_META = ("name", "generateName", "namespace", "labels", "annotations", "ownerReferences")
_ZEROS: Mapping[str, Json] = {"string": "", "bool": False, "int": 0}


def to_internal(kind: str, value: Json) -> Json:
    """Return a value as its internal type is printed."""
    if not isinstance(value, Mapping):
        return value
    if kind == "PodTemplateSpec":
        return _show_template(value)
    if kind not in _TYPES:
        return {name[:1].upper() + name[1:]: _guess(each) for name, each in value.items()}
    if kind == "PodSpec" and "securityContext" in value:
        moved = {name: value[name] for name in _OF_THE_POD if name in value}
        value = {**value, "securityContext": {**value["securityContext"], **moved}}
    return dict(_convert(field, value) for field in _TYPES[kind])


def _show_template(value: Mapping[str, Json]) -> Json:
    """Metadata has its names in JSON, and no place of its own."""
    meta = value.get("metadata") or {}
    shown = {name: meta[name] for name in (*_META, *meta) if meta.get(name)}
    for name in ("labels", "annotations"):
        if name in shown:
            shown[name] = dict(sorted(shown[name].items()))
    return {**shown, "Spec": to_internal("PodSpec", value.get("spec") or {})}


def _convert(field: str, value: Mapping[str, Json]) -> tuple[str, Json]:
    name, _, kind = field.partition(" ")
    found = value.get(_NAMES.get(name, name[:1].lower() + name[1:]))
    if kind in _ZEROS:
        return name, _ZEROS[kind] if found is None else found
    if kind.startswith("[]"):
        listed = [to_internal(kind[2:], each) for each in found or ()]
        return name, listed or None
    if kind.startswith("*"):
        return name, None if found is None else to_internal(kind[1:], found)
    if kind and not kind.startswith("="):
        return name, to_internal(kind, found or {})
    return name, dict(sorted(found.items())) if isinstance(found, Mapping) and not kind else found


def _guess(value: Json) -> Json:
    if isinstance(value, list):
        return [to_internal("", each) for each in value]
    return to_internal("", value)
