"""What a pod spec asks for and refers to; read once for all pods that say the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from planespec.spec.labels import SelectorError
from planespec.spec.objects import Container, ObjectError, Pod, Toleration, View
from planespec.spec.objects.interning import OF_POD_SPEC, TOKEN_VOLUME, Common, Interner
from planespec.spec.pods.pod_admission import fill_in_defaults
from planespec.spec.scheduling.affinity_terms import (
    RequiredNodeAffinity,
    read_required_node_affinity,
    read_required_terms,
)
from planespec.spec.scheduling.pod_info import HostPort, read_host_ports


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

    spec: Common | None
    """The whole spec; None where there is none."""
    affinity_view: View
    """`spec.affinity`."""
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
    pod: Pod
    """A pod of the spec with its defaults, and gaps where such pods differ: see `Common`."""

    @property
    def has_anti_affinity(self) -> bool:
        """Whether pods of this spec require to be kept away from others."""
        return self.affinity_view.has("podAntiAffinity")

    @property
    def has_pod_affinity(self) -> bool:
        """Whether pods of this spec require, or would rather have, others near them."""
        return self.affinity_view.has("podAffinity")

    @cached_property
    def port_numbers(self) -> frozenset[int]:
        """The ports that containers declare; those without a name, too."""
        containers = [*self.pod.containers, *self.pod.init_containers]
        ports = [port for each in containers for port in each.views("ports")]
        return frozenset(port.integer("containerPort") or 0 for port in ports)


class PodTemplates:
    """The templates met so far."""

    def __init__(self, interner: Interner) -> None:
        """Begin with none; pods and workloads whose specs the interner knows as one share."""
        self._interner = interner
        self._known: dict[Common | None, PodTemplate | ObjectError] = {}

    def read(self, data: Mapping[str, object]) -> PodTemplate:
        """Return the template of `{"spec": ...}`. Raises ObjectError."""
        spec = View(data).view("spec").data
        return self.read_common(self._interner.intern(dict(spec), OF_POD_SPEC)[0])

    def read_common(self, spec: Common | None) -> PodTemplate:
        """Return the template of all pods with this spec. Raises ObjectError."""
        found = self._known.get(spec)
        if found is None:
            try:
                found = read_template(spec)
            except ObjectError as error:
                found = error
            self._known[spec] = found
        if isinstance(found, ObjectError):
            raise ObjectError(found.field, found.message)
        return found


def _build_pod(spec: Common | None) -> Pod:
    return fill_in_defaults(Pod({"spec": None if spec is None else spec.data}))


def read_template(common: Common | None) -> PodTemplate:
    """Read the spec of a pod; raises ObjectError."""
    pod = _build_pod(common)
    spec = pod.spec
    containers = [*pod.containers, *pod.init_containers]
    _check_affinity(spec)
    return PodTemplate(
        spec=common,
        affinity_view=spec.view("affinity"),
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
        pod=pod,
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
        if _is_token(volume.data.get("name")):
            continue
        yield from _list_volume_configuration(volume)
        for source in volume.view("projected").views("sources"):
            yield from _read_use("ConfigMap", source, "configMap", "name")
            yield from _read_use("Secret", source, "secret", "name")
    for reference in spec.views("imagePullSecrets"):
        # A pull secret that is missing is skipped; the pull then goes on without it.
        reference.text("name")


def _is_token(name: object) -> bool:
    """Say whether a volume is the API server's own; its name is a gap in what pods share."""
    return isinstance(name, tuple) or (isinstance(name, str) and name.startswith(TOKEN_VOLUME))


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
