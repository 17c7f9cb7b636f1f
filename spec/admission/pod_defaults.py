"""A pod as the API server reads it: fields that are empty left out, defaults filled in.

Source: `pkg/apis/core/v1/defaults.go`, `zz_generated.defaults.go` (SetObjectDefaults_Pod) and
`conversion.go`, v1.36. Fields that are not of their type are left as they are: rules that read
them raise ObjectError.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from planespec.spec.admission.image_names import LATEST, get_image_tag
from planespec.spec.objects import Pod, View
from planespec.spec.pods.pod_admission import fill_in_defaults
from planespec.spec.quantity import QuantityError, read_quantity

JsonObject = dict[str, Any]
CONTAINER_LISTS = ("initContainers", "containers", "ephemeralContainers")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_KEEP_EMPTY = frozenset(
    (
        *("emptyDir", "securityContext", "resources", "capabilities", "labelSelector"),
        *("namespaceSelector", "podAffinity", "podAntiAffinity", "nodeAffinity", "affinity"),
        *("seLinuxOptions", "windowsOptions", "dnsConfig", "preference", "podAffinityTerm"),
        *("downwardAPI", "projected", "configMap", "secret", "metadata", "spec", "status"),
        *("fieldRef", "valueFrom", "lifecycle", "httpGet", "exec", "tcpSocket", "grpc", "sleep"),
        *("livenessProbe", "readinessProbe", "startupProbe", "configMapKeyRef", "secretKeyRef"),
        *("configMapRef", "secretRef", "volumeClaimTemplate", "ephemeral", "os", "dataSource"),
        *("requiredDuringSchedulingIgnoredDuringExecution", "selector", "schedulingGroup"),
    )
)
"""Objects that are told from absent ones."""
_FALSE_IS_ABSENT = frozenset(
    ("hostNetwork", "hostPID", "hostIPC", "readOnly", "stdin", "stdinOnce", "tty")
)
_ZERO_IS_ABSENT = frozenset(
    (
        *("hostPort", "initialDelaySeconds", "periodSeconds", "timeoutSeconds"),
        *("successThreshold", "failureThreshold", "partition", "lun"),
    )
)
_EMPTY_TEXT_STAYS = frozenset(
    (
        *("image", "key", "name", "mountPath", "devicePath", "topologyKey", "path", "value"),
        *("storageClassName", "type", "service", "runtimeClassName", "preemptionPolicy"),
    )
)
"""Where an empty text is written, or told from an absent one."""
_MODED = ("secret", "configMap", "downwardAPI", "projected")
_MODE = 0o644
_HOUR = 3600
_DISK_DEFAULTS: Mapping[str, Mapping[str, object]] = {
    "hostPath": {"type": ""},
    "iscsi": {"iscsiInterface": "default"},
    "rbd": {"pool": "rbd", "user": "admin", "keyring": "/etc/ceph/keyring"},
    "azureDisk": {
        "cachingMode": "ReadWrite",
        "kind": "Shared",
        "fsType": "ext4",
        "readOnly": False,
    },
    "scaleIO": {"storageMode": "ThinProvisioned", "fsType": "xfs"},
}
_POD_SPEC_DEFAULTS: Mapping[str, object] = {
    "dnsPolicy": "ClusterFirst",
    "restartPolicy": "Always",
    "schedulerName": "default-scheduler",
    "terminationGracePeriodSeconds": 30,
}


def read_pod(pod: Pod) -> Pod:
    """Return a new pod as the API server decodes it. Raises ObjectError."""
    data: JsonObject = _drop_empty(pod.data)
    data.setdefault("metadata", {})
    spec = default_pod_spec(dict(View(data.get("spec"), pod.path("spec")).data))
    spec.setdefault("enableServiceLinks", True)
    grace = spec["terminationGracePeriodSeconds"]
    if isinstance(grace, int) and grace < 0:
        spec["terminationGracePeriodSeconds"] = 1
    return Pod(fill_in_defaults(Pod({**data, "spec": spec}, pod.field)).data, pod.field)


def default_pod_spec(spec: JsonObject) -> JsonObject:
    """Fill in what pods and templates have in common; changes and returns `spec`."""
    _rename_account(spec)
    for name, value in _POD_SPEC_DEFAULTS.items():
        spec.setdefault(name, value)
    spec.setdefault("securityContext", {})
    for volume in _each(spec, "volumes"):
        _default_volume(volume)
    for kind in CONTAINER_LISTS:
        for container in _each(spec, kind):
            _default_container(container)
    return spec


def _rename_account(spec: JsonObject) -> None:
    """The old name of the field is read where the new one is empty, and written beside it."""
    account = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if account:
        spec["serviceAccountName"] = spec["serviceAccount"] = account


def _default_container(container: JsonObject) -> None:
    container.setdefault("imagePullPolicy", _choose_policy(container.get("image")))
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    container.setdefault("resources", {})
    for port in _each(container, "ports"):
        port.setdefault("protocol", "TCP")
    for variable in _each(container, "env"):
        source = _get(variable, "valueFrom")
        _get(source, "fieldRef").setdefault("apiVersion", "v1")
        _get(source, "fileKeyRef").setdefault("optional", False)
        _write_divisor(_get(source, "resourceFieldRef"))
    for name in _PROBES:
        if isinstance(container.get(name), dict):
            _default_probe(container[name])
    for hook in ("postStart", "preStop"):
        _default_request(_get(_get(container, "lifecycle"), hook))


def _choose_policy(image: object) -> str:
    is_latest = isinstance(image, str) and get_image_tag(image) == LATEST
    return "Always" if is_latest else "IfNotPresent"


def _default_probe(probe: JsonObject) -> None:
    numbers = {"timeoutSeconds": 1, "periodSeconds": 10}
    numbers |= {"successThreshold": 1, "failureThreshold": 3}
    for name, value in numbers.items():
        probe.setdefault(name, value)
    _default_request(probe)
    _get(probe, "grpc").setdefault("service", "")


def _default_request(handler: JsonObject) -> None:
    request = _get(handler, "httpGet")
    request["path"] = request.get("path") or "/"
    request.setdefault("scheme", "HTTP")


def _default_volume(volume: JsonObject) -> None:
    if not any(volume.get(name) is not None for name in volume if name != "name"):
        volume["emptyDir"] = {}
    for name in _MODED:
        _get(volume, name).setdefault("defaultMode", _MODE)
    for name, values in _DISK_DEFAULTS.items():
        source = _get(volume, name)
        for key, value in values.items():
            source.setdefault(key, value)
    image = _get(volume, "image")
    image.setdefault("pullPolicy", _choose_policy(image.get("reference")))
    _default_items(_get(volume, "downwardAPI"))
    for source in _each(_get(volume, "projected"), "sources"):
        _default_items(_get(source, "downwardAPI"))
        _get(source, "serviceAccountToken").setdefault("expirationSeconds", _HOUR)
    empty = _get(volume, "emptyDir")
    if "sizeLimit" in empty:
        empty["sizeLimit"] = _write_quantity(empty["sizeLimit"])
    claim = _get(_get(_get(volume, "ephemeral"), "volumeClaimTemplate"), "spec")
    claim.setdefault("volumeMode", "Filesystem")
    for values in (_get(_get(claim, "resources"), name) for name in ("requests", "limits")):
        values.update({key: _write_quantity(value) for key, value in values.items()})


def _default_items(source: JsonObject) -> None:
    for item in _each(source, "items"):
        _get(item, "fieldRef").setdefault("apiVersion", "v1")
        _write_divisor(_get(item, "resourceFieldRef"))


def _write_divisor(reference: JsonObject) -> None:
    reference["divisor"] = _write_quantity(reference.get("divisor", "0"))


def _write_quantity(value: object) -> object:
    """Return the canonical form, rounded up to thousandths; what is no quantity stays."""
    try:
        return str(read_quantity(value).rounded_up(-3))
    except QuantityError:
        return value


def _each(holder: JsonObject, name: str) -> Iterator[JsonObject]:
    found = holder.get(name)
    yield from (item for item in (found if isinstance(found, list) else ()) if type(item) is dict)


def _get(holder: JsonObject, name: str) -> JsonObject:
    """Return an object of the holder; where there is none, one that nobody will see."""
    found = holder.get(name)
    return found if isinstance(found, dict) else {}


def _drop_empty(value: Any, name: str = "") -> Any:
    """Copy JSON without what Go's encoder leaves out of a pod."""
    if isinstance(value, Mapping):
        found = {str(key): _drop_empty(each, str(key)) for key, each in value.items()}
        texts = name in ("labels", "annotations", "nodeSelector", "matchLabels")
        return {k: v for k, v in found.items() if v is not None and (texts or _is_said(k, v))}
    if isinstance(value, list):
        return [_drop_empty(each) for each in value]
    return value


def _is_said(name: str, value: object) -> bool:
    """Say whether a field of this value is told from an absent one."""
    if isinstance(value, bool):
        return value or name not in _FALSE_IS_ABSENT
    if isinstance(value, int):
        return value != 0 or name not in _ZERO_IS_ABSENT
    if isinstance(value, str):
        return bool(value) or name in _EMPTY_TEXT_STAYS
    if isinstance(value, dict | list):
        return bool(value) or (isinstance(value, dict) and name in _KEEP_EMPTY)
    return True
