"""Objects as the API server keeps them once they went through the types of Go.

Decoding drops null, what no type knows, and zero values that a type leaves out when it is written:
empty lists and maps, and scalars that are no pointers. The published definitions do not tell which
scalars are pointers, so the tables here do.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from planespec.spec.schema.merge_types import MergeType

Json = Any
_POINTERS: Mapping[str, tuple[str, ...]] = {
    "CSIVolumeSource": ("fsType",),
    "CronJobSpec": ("timeZone",),
    "JobSpec": ("completionMode", "podReplacementPolicy", "managedBy"),
    "LeaseSpec": ("holderIdentity", "strategy", "preferredHolder"),
    "PersistentVolumeClaimSpec": ("storageClassName", "volumeMode", "volumeAttributesClassName"),
    "PersistentVolumeSpec": ("volumeMode", "volumeAttributesClassName"),
    "PodDisruptionBudgetSpec": ("unhealthyPodEvictionPolicy",),
    "PodSpec": ("runtimeClassName", "preemptionPolicy", "hostnameOverride"),
    "PriorityClass": ("preemptionPolicy",),
    "ServicePort": ("appProtocol",),
    "ServiceSpec": (
        *("ipFamilyPolicy", "internalTrafficPolicy", "loadBalancerClass", "trafficDistribution"),
    ),
    "StorageClass": ("reclaimPolicy", "volumeBindingMode"),
    "TypedLocalObjectReference": ("apiGroup",),
    "VolumeAttachmentSource": ("persistentVolumeName",),
    "VolumeMount": ("mountPropagation", "recursiveReadOnly"),
}
"""Texts that are pointers: an empty one is written."""
_VALUES: Mapping[str, tuple[str, ...]] = {
    "CSIPersistentVolumeSource": ("readOnly",),
    "ConfigMapEnvSource": (),
    "Container": ("stdin", "stdinOnce", "tty"),
    "ContainerPort": ("hostPort",),
    "DaemonSetSpec": ("minReadySeconds",),
    "DaemonSetStatus": (
        *("observedGeneration", "updatedNumberScheduled"),
        *("numberAvailable", "numberUnavailable"),
    ),
    "DeploymentSpec": ("minReadySeconds", "paused"),
    "DeploymentStatus": (
        *("observedGeneration", "replicas", "updatedReplicas", "readyReplicas"),
        *("availableReplicas", "unavailableReplicas"),
    ),
    "EphemeralContainer": ("stdin", "stdinOnce", "tty"),
    "GRPCAction": (),
    "HorizontalPodAutoscalerStatus": ("currentReplicas",),
    "JobStatus": ("active", "succeeded", "failed"),
    "NodeSpec": ("unschedulable",),
    "ObjectMeta": ("generation",),
    "PodDisruptionBudgetStatus": ("observedGeneration",),
    "PodCondition": ("observedGeneration",),
    "PodSpec": ("hostNetwork", "hostPID", "hostIPC"),
    "PodStatus": ("observedGeneration",),
    "PriorityClass": ("globalDefault",),
    "Probe": (
        *("initialDelaySeconds", "timeoutSeconds", "periodSeconds"),
        *("successThreshold", "failureThreshold"),
    ),
    "ReplicaSetSpec": ("minReadySeconds",),
    "ReplicaSetStatus": (
        *("observedGeneration", "readyReplicas", "availableReplicas", "fullyLabeledReplicas"),
    ),
    "ServicePort": ("nodePort",),
    "ServiceSpec": ("publishNotReadyAddresses", "healthCheckNodePort"),
    "StatefulSetSpec": ("minReadySeconds",),
    "StatefulSetStatus": (
        *("observedGeneration", "readyReplicas", "currentReplicas", "updatedReplicas"),
    ),
    "VolumeMount": ("readOnly",),
}
"""Numbers and booleans that are no pointers: zero and false are left out."""


class DecodingError(ValueError):
    """A value does not fit into its type."""


_TOLD_FROM_ABSENT = frozenset({("HPAScalingRules", "policies")})
"""Lists of which an empty one is refused and an absent one filled in."""


@dataclass
class Decoded:
    """An object in its types."""

    value: Json
    unknown: list[str] = field(default_factory=list)
    """Paths of fields that no type knows, in the order of the input."""


def decode(kind: MergeType, value: Json) -> Decoded:
    """Put an object into its types; what is unknown is dropped and told. Raises DecodingError."""
    decoded = Decoded(None)
    decoded.value = _decode(kind, value, "", decoded.unknown)
    return decoded


def _decode(kind: MergeType, value: Json, path: str, unknown: list[str]) -> Json:
    if value is None:
        return None
    if kind.kind == "any":
        return value
    if kind.kind == "scalar":
        return _decode_scalar(kind, value, path)
    if kind.kind == "list":
        _expect(isinstance(value, list), kind, value, path)
        return [_decode_item(kind, each, f"{path}[{i}]", unknown) for i, each in enumerate(value)]
    _expect(isinstance(value, dict), kind, value, path)
    if kind.kind == "map":
        return {k: _decode_item(kind, each, f"{path}.{k}", unknown) for k, each in value.items()}
    return _decode_struct(kind, value, path, unknown)


def _decode_item(kind: MergeType, value: Json, path: str, unknown: list[str]) -> Json:
    below = kind.items or kind.values or kind
    made = _decode(below, value, path, unknown)
    return _zero(below) if made is None else made


def _zero(kind: MergeType) -> Json:
    zeros = {"string": "", "integer": 0, "boolean": False}
    return zeros.get(kind.format) if kind.kind == "scalar" else {}


def _decode_struct(kind: MergeType, value: Json, path: str, unknown: list[str]) -> Json:
    made = {}
    for name, each in value.items():
        inner = f"{path}.{name}" if path else name
        below = kind.fields.get(name)
        if below is None:
            unknown.append(inner)
            continue
        result = _decode(below, each, inner, unknown)
        if result is not None and not _is_left_out(kind, name, below, result):
            made[name] = result
    return made


def _is_left_out(kind: MergeType, name: str, below: MergeType, value: Json) -> bool:
    """Say whether a value is the zero of its type and not written."""
    if below.kind in ("list", "map"):
        return not value and (kind.definition, name) not in _TOLD_FROM_ABSENT
    if below.kind != "scalar" or name in kind.required:
        return False
    if value == "" and isinstance(value, str):
        return name not in _POINTERS.get(kind.definition, ())
    return not value and name in _VALUES.get(kind.definition, ())


def _decode_scalar(kind: MergeType, value: Json, path: str) -> Json:
    if kind.format == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    fits = {
        "string": isinstance(value, str),
        "boolean": isinstance(value, bool),
        "integer": isinstance(value, int) and not isinstance(value, bool),
        "number": isinstance(value, int | float) and not isinstance(value, bool),
    }
    if kind.format == "byte" and isinstance(value, str):
        _check_base64(value)
    _expect(fits.get(kind.format, not isinstance(value, dict | list)), kind, value, path)
    return value


def _check_base64(text: str) -> None:
    """Source: `encoding/base64` of Go, which leaves out ends of lines."""
    letters = text.replace("\r", "").replace("\n", "")
    for index, letter in enumerate(letters):
        is_padding = letter == "=" and index >= len(letters) - 2
        if not is_padding and letter not in _BASE64:
            raise DecodingError(f"illegal base64 data at input byte {index}")
    if len(letters) % 4:
        raise DecodingError(f"illegal base64 data at input byte {len(letters) // 4 * 4}")


_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_GO_NAMES = {dict: "object", list: "array", str: "string", bool: "bool", int: "number"}


def _expect(fits: bool, kind: MergeType, value: Json, path: str) -> None:
    if not fits:
        said = _GO_NAMES.get(type(value), "number")
        wanted = kind.format or kind.kind
        raise DecodingError(f"{path}: cannot unmarshal {said} into a value of type {wanted}")


def list_leaves(value: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    """Yield the path and value of everything in an object that is no list and no object."""
    pairs: Iterable[tuple[str, Json]]
    if isinstance(value, dict):
        pairs = ((f"{path}.{key}" if path else key, each) for key, each in value.items())
    elif isinstance(value, list):
        pairs = ((f"{path}[{index}]", each) for index, each in enumerate(value))
    else:
        yield path, value
        return
    for inner, each in pairs:
        yield from list_leaves(each, inner)


_STRUCTS: Mapping[str, tuple[str, ...]] = {
    "Container": ("resources",),
    "ContainerStatus": ("state", "lastState"),
    "CronJobSpec": ("jobTemplate",),
    "DaemonSetSpec": ("template", "updateStrategy"),
    "DeploymentSpec": ("template", "strategy"),
    "EphemeralContainer": ("resources",),
    "HorizontalPodAutoscalerSpec": ("scaleTargetRef",),
    "JobSpec": ("template",),
    "JobTemplateSpec": ("metadata", "spec"),
    "NodeStatus": ("daemonEndpoints", "nodeInfo"),
    "PersistentVolumeClaimSpec": ("resources",),
    "PodTemplateSpec": ("metadata", "spec"),
    "ReplicaSetSpec": ("template",),
    "ServiceStatus": ("loadBalancer",),
    "StatefulSetSpec": ("template", "updateStrategy"),
    "VolumeAttachmentSpec": ("source",),
}
"""Objects that are no pointers: an empty one is always written."""
_TOP = ("metadata", "spec", "status")


def complete(kind: MergeType, value: Json, *, is_top: bool = True) -> Json:
    """Return an object as Go writes it: with empty objects, and with null for what is missing.

    A required list, map or object that is no value is written as null.
    """
    if kind.kind in ("struct", "map") and isinstance(value, dict):
        made = {}
        for name, each in value.items():
            below = kind.fields.get(name) or kind.values
            made[name] = complete(below, each, is_top=False) if below else each
        if kind.kind == "struct":
            _complete_struct(kind, made, is_top)
        return made
    if kind.kind == "list" and isinstance(value, list) and kind.items is not None:
        return [complete(kind.items, each, is_top=False) for each in value]
    return value


def _complete_struct(kind: MergeType, made: dict[str, Json], is_top: bool) -> None:
    always = _TOP if is_top else _STRUCTS.get(kind.definition, ())
    for name, below in kind.fields.items():
        if name in made and made[name] is not None:
            continue
        if name in always and below.kind == "struct":
            made[name] = complete(below, {}, is_top=False)
        elif name in kind.required and below.kind != "scalar":
            made[name] = None


_NULLS: Mapping[str, tuple[str, ...]] = {
    "DaemonSetCondition": ("lastTransitionTime",),
    "DeploymentCondition": ("lastUpdateTime", "lastTransitionTime"),
    "HorizontalPodAutoscalerCondition": ("lastTransitionTime",),
    "HorizontalPodAutoscalerStatus": ("currentMetrics",),
    "JobCondition": ("lastProbeTime", "lastTransitionTime"),
    "NodeCondition": ("lastHeartbeatTime", "lastTransitionTime"),
    "PersistentVolumeClaimCondition": ("lastProbeTime", "lastTransitionTime"),
    "PodCondition": ("lastProbeTime", "lastTransitionTime"),
    "ReplicaSetCondition": ("lastTransitionTime",),
    "StatefulSetCondition": ("lastTransitionTime",),
}
"""Fields that are written as null where they are absent."""


def show_nulls(kind: MergeType, value: Json) -> Json:
    """Return an object as it is written, with null and empty objects in some places."""
    if isinstance(value, list):
        return [show_nulls(kind.items or kind, each) for each in value]
    if not isinstance(value, dict) or kind.kind not in ("struct", "map"):
        return value
    shown = {}
    for name, each in value.items():
        below = kind.fields.get(name) or kind.values
        shown[name] = show_nulls(below, each) if below else each
    for name in _STRUCTS.get(kind.definition, ()):
        shown.setdefault(name, {})
    return dict.fromkeys(_NULLS.get(kind.definition, ())) | shown
