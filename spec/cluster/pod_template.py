"""What a pod spec asks for and refers to; read once for all pods that say the same.

A cluster of 150,000 pods has a few thousand different specs: pods of one controller differ in
name, node and token volume. So the fields that matter are cut out and serve as the key.
"""

import marshal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from planespec.spec.labels import SelectorError
from planespec.spec.objects import Container, ObjectError, Pod, Toleration, View
from planespec.spec.pods.pod_validation import get_pod_errors
from planespec.spec.pods.resource_defaults import fill_in_defaults
from planespec.spec.quantity import parse_quantity
from planespec.spec.scheduling.affinity_terms import (
    RequiredNodeAffinity,
    read_required_node_affinity,
    read_required_terms,
)
from planespec.spec.scheduling.amounts import Amounts
from planespec.spec.scheduling.pod_amounts import compute_pod_amounts
from planespec.spec.scheduling.pod_info import HostPort, read_host_ports

_KEPT_SPEC = frozenset(
    [
        "affinity",
        "hostNetwork",
        "imagePullSecrets",
        "nodeSelector",
        "overhead",
        "preemptionPolicy",
        "priority",
        "priorityClassName",
        "resources",
        "restartPolicy",
        "runtimeClassName",
        "schedulerName",
        "serviceAccountName",
        "tolerations",
        "topologySpreadConstraints",
    ]
)
_LARGEST = parse_quantity("9223372036854775807")
_KEPT_CONTAINER = frozenset(
    ["name", "image", "imagePullPolicy", "resources", "ports", "envFrom", "restartPolicy"]
)
_KEPT_STATUS = frozenset(["name", "resources", "allocatedResources"])
_TOKEN_VOLUME = "kube-api-access-"


class ConfigurationUse(NamedTuple):
    """A reference to a ConfigMap or Secret."""

    kind: str
    name: str
    key: str
    """The key that must be there; empty where the whole object is meant."""
    field: str


@dataclass(frozen=True)
class PodTemplate:
    """What pods with one spec have in common."""

    pod: Pod
    """With its defaults, cut down to the fields below."""
    requests: Amounts
    host_ports: tuple[HostPort, ...]
    tolerations: Sequence[Toleration]
    affinity: RequiredNodeAffinity
    configuration: tuple[ConfigurationUse, ...]
    claims: tuple[tuple[str, str], ...]
    """Names of claims, each with the field that names it."""
    service_account: str
    priority_class: str
    priority: int | None
    port_names: frozenset[str]
    never_pulled: tuple[tuple[str, str], ...]
    """Images with pull policy Never, each with its field."""
    errors: tuple[str, ...]
    """What the API server refuses, each beginning with its field."""

    @property
    def has_anti_affinity(self) -> bool:
        """Whether pods of this spec require to be kept away from others."""
        return self.pod.spec.view("affinity").has("podAntiAffinity")

    @property
    def has_pod_affinity(self) -> bool:
        """Whether pods of this spec require, or would rather have, others near them."""
        return self.pod.spec.view("affinity").has("podAffinity")


class PodTemplates:
    """The templates met so far."""

    def __init__(self) -> None:
        """Begin with none."""
        self._known: dict[bytes, PodTemplate | ObjectError] = {}

    def read(self, data: Mapping[str, object]) -> PodTemplate:
        """Return the template of a pod, or of `{"spec": ...}`. Raises ObjectError."""
        kept = cut_out(data)
        key = marshal.dumps(kept, 2)
        found = self._known.get(key)
        if found is None:
            try:
                found = read_template(kept)
            except ObjectError as error:
                found = error
            self._known[key] = found
        if isinstance(found, ObjectError):
            raise ObjectError(found.field, found.message)
        return found


def cut_out(data: Mapping[str, object]) -> dict[str, object]:
    """Return the fields that pods of one controller share and that requirements ask for."""
    spec, status = data.get("spec"), data.get("status")
    if not isinstance(spec, dict):
        return {"spec": spec}
    kept = {name: value for name, value in spec.items() if name in _KEPT_SPEC}
    for name in ("containers", "initContainers"):
        if name in spec:
            kept[name] = _cut_list(spec[name], _cut_container)
    if "volumes" in spec:
        kept["volumes"] = _cut_volumes(spec["volumes"])
    if not isinstance(status, dict):
        return {"spec": kept}
    return {"spec": kept, "status": _cut_status(status)}


def _cut_list(items: object, cut: object) -> object:
    if not isinstance(items, list) or not callable(cut):
        return items
    return [cut(item) if isinstance(item, dict) else item for item in items]


def _cut_container(container: dict[str, object]) -> dict[str, object]:
    kept = {name: value for name, value in container.items() if name in _KEPT_CONTAINER}
    variables = container.get("env")
    if isinstance(variables, list):
        # Values refer to nothing; the place in the list stays, as fields are named by it.
        kept["env"] = [
            v if not isinstance(v, dict) or v.get("valueFrom") else None for v in variables
        ]
    elif variables is not None:
        kept["env"] = variables
    return kept


def _cut_volumes(volumes: object) -> object:
    if not isinstance(volumes, list):
        return volumes
    return [None if isinstance(v, dict) and _is_token(v.get("name")) else v for v in volumes]


def _is_token(name: object) -> bool:
    return isinstance(name, str) and name.startswith(_TOKEN_VOLUME)


def _cut_status(status: Mapping[str, object]) -> dict[str, object]:
    kept: dict[str, object] = {}
    for name in ("containerStatuses", "initContainerStatuses"):
        if name in status:
            kept[name] = _cut_list(status[name], _cut_container_status)
    conditions = status.get("conditions")
    if isinstance(conditions, list):
        kept["conditions"] = [
            c for c in conditions if isinstance(c, dict) and c.get("type") == "PodResizePending"
        ]
    return kept


def _cut_container_status(status: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in status.items() if name in _KEPT_STATUS}


def read_template(data: Mapping[str, object]) -> PodTemplate:
    """Read a pod cut down by `cut_out`; raises ObjectError."""
    pod = fill_in_defaults(Pod(data))
    spec = pod.spec
    containers = [*pod.containers, *pod.init_containers]
    _check_affinity(spec)
    return PodTemplate(
        pod=pod,
        requests=compute_pod_amounts(pod).requests,
        host_ports=tuple(read_host_ports(pod)),
        tolerations=pod.tolerations,
        affinity=read_required_node_affinity(spec),
        configuration=tuple(_list_configuration(spec, containers)),
        claims=tuple(_list_claims(spec)),
        service_account=spec.text("serviceAccountName"),
        priority_class=pod.priority_class_name,
        priority=pod.priority,
        port_names=frozenset(
            port.text("name") for c in containers for port in c.views("ports") if port.has("name")
        ),
        never_pulled=tuple(
            (container.image, container.path("image"))
            for container in containers
            if container.text("imagePullPolicy") == "Never"
        ),
        errors=(*get_pod_errors(pod), *_list_resource_errors(containers)),
    )


def _check_affinity(spec: View) -> None:
    """Read the terms that are read again for each pod; raises ObjectError."""
    spec.views("topologySpreadConstraints")
    for name in ("podAffinity", "podAntiAffinity"):
        view = spec.view("affinity").view(name)
        try:
            read_required_terms(view, "default", {})
        except SelectorError as error:
            raise ObjectError(view.field, str(error)) from error


def _list_resource_errors(containers: Sequence[Container]) -> Iterator[str]:
    """Requests fit 64 bits, and are not negative and not above limits."""
    if not containers:
        yield "spec.containers: Required value"
    for container in containers:
        limits = container.resources.limits
        for name, quantity in container.resources.requests.items():
            field = f"{container.path('resources')}.requests[{name}]"
            if quantity > _LARGEST:
                why = f"does not fit 64 bits, so the scheduler counts {quantity.value}"
                yield f'{field}: Invalid value: "{quantity}": {why}'
            elif quantity.sign < 0:
                why = "must be greater than or equal to 0"
                yield f'{field}: Invalid value: "{quantity}": {why}'
            elif name in limits and quantity > limits[name]:
                why = f"must be less than or equal to {name} limit of {limits[name]}"
                yield f'{field}: Invalid value: "{quantity}": {why}'


def _list_claims(spec: View) -> Iterator[tuple[str, str]]:
    for volume in spec.views("volumes"):
        if volume.has("persistentVolumeClaim"):
            claim = volume.view("persistentVolumeClaim")
            yield claim.text("claimName"), claim.path("claimName")


def _list_configuration(spec: View, containers: Sequence[Container]) -> Iterator[ConfigurationUse]:
    for container in containers:
        for variable in container.views("env"):
            source = variable.view("valueFrom")
            yield from _read_use("ConfigMap", source, "configMapKeyRef", "name", has_key=True)
            yield from _read_use("Secret", source, "secretKeyRef", "name", has_key=True)
        for source in container.views("envFrom"):
            yield from _read_use("ConfigMap", source, "configMapRef", "name")
            yield from _read_use("Secret", source, "secretRef", "name")
    for volume in spec.views("volumes"):
        yield from _list_volume_configuration(volume)
        for source in volume.view("projected").views("sources"):
            yield from _read_use("ConfigMap", source, "configMap", "name")
            yield from _read_use("Secret", source, "secret", "name")
    for reference in spec.views("imagePullSecrets"):
        # A pull secret that is missing is skipped; the pull then goes on without it.
        reference.text("name")


def _list_volume_configuration(volume: View) -> Iterator[ConfigurationUse]:
    yield from _read_use("ConfigMap", volume, "configMap", "name")
    yield from _read_use("Secret", volume, "secret", "secretName")
    for kind, source, field in (
        ("ConfigMap", volume.view("configMap"), "configMap"),
        ("Secret", volume.view("secret"), "secret"),
    ):
        if source.flag("optional"):
            continue
        name = source.text("name" if kind == "ConfigMap" else "secretName")
        for item in source.views("items"):
            yield ConfigurationUse(kind, name, item.text("key"), volume.path(f"{field}.items"))


def _read_use(
    kind: str, source: View, field: str, name_field: str, *, has_key: bool = False
) -> Iterator[ConfigurationUse]:
    if not source.has(field):
        return
    reference = source.view(field)
    name = reference.text(name_field)
    if name and not reference.flag("optional"):
        key = reference.text("key") if has_key else ""
        yield ConfigurationUse(kind, name, key, reference.path(name_field))
