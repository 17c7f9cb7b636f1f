"""Rules for the containers of a pod together, and for each sort of them.

Source: `pkg/apis/core/validation/validation.go`, validateContainers, validateInitContainers,
validateEphemeralContainers, v1.36.
"""

from collections.abc import Iterable

from planespec.spec.objects import View
from planespec.spec.validation.field_errors import (
    Errors,
    duplicate,
    forbidden,
    invalid,
    not_found,
    required,
)
from planespec.spec.validation.pod.container_rules import (
    PodContext,
    forbid_fields,
    validate_container,
    validate_image_text,
    validate_restarts,
)
from planespec.spec.validation.pod.probe_rules import PROBES, validate_lifecycle, validate_probes
from planespec.spec.validation.pod.volume_sources import list_names

_ONLY_SIDECARS = "may not be set for init containers without restartPolicy=Always"
_NOT_EPHEMERAL = ("ports", "resources", *PROBES, "lifecycle", "restartPolicy", "resizePolicy")


def validate_containers(spec: View, pod: PodContext) -> Errors:
    """Check containers of all three sorts."""
    yield from _validate_regular(spec, pod)
    yield from _validate_initial(spec, pod)
    yield from _validate_ephemeral(spec, pod)


def _validate_regular(spec: View, pod: PodContext) -> Errors:
    containers = spec.views("containers")
    if not containers:
        yield required(spec.path("containers"))
        return
    names: set[str] = set()
    for container in containers:
        yield from validate_container(container, pod)
        name = container.text("name")
        if name in names:
            yield duplicate(container.path("name"), name)
        names.add(name)
        yield from _validate_running(container, pod)
        yield from validate_restarts(container)
    yield from _validate_host_ports(containers, spec.path("containers"))


def _validate_running(container: View, pod: PodContext) -> Errors:
    if container.has("lifecycle"):
        yield from validate_lifecycle(container.view("lifecycle"), pod.grace, pod.system)
    yield from validate_probes(container, pod.grace)


def _validate_initial(spec: View, pod: PodContext) -> Errors:
    names = set(list_names(spec.views("containers")))
    for container in spec.views("initContainers"):
        yield from validate_container(container, pod)
        yield from validate_restarts(container)
        name = container.text("name")
        if name in names:
            yield duplicate(container.path("name"), name)
        elif name:
            names.add(name)
        # Upstream hands over a list of one, so that each error names the first.
        yield from _validate_host_ports([container], spec.path("initContainers"))
        if container.text("restartPolicy") == "Always":
            yield from _validate_running(container, pod)
        else:
            yield from _validate_ending(container)


def _validate_ending(container: View) -> Errors:
    """An init container that is no sidecar has neither hooks nor probes."""
    for name in ("lifecycle", *PROBES):
        if container.has(name):
            yield forbidden(container.path(name), _ONLY_SIDECARS)
    for policy in container.views("resizePolicy"):
        restart = policy.text("restartPolicy")
        if restart == "RestartContainer":
            words = "must not be set to 'RestartContainer' for non-sidecar initContainers"
            yield invalid(policy.path("restartPolicy"), restart, words)


def _validate_ephemeral(spec: View, pod: PodContext) -> Errors:
    lists = (spec.views("containers"), spec.views("initContainers"))
    others = {name for each in lists for name in list_names(each)}
    names = set(others)
    for container in spec.views("ephemeralContainers"):
        yield from validate_container(container, pod)
        yield from validate_image_text(container)
        name, target = container.text("name"), container.text("targetContainerName")
        if name in names:
            yield duplicate(container.path("name"), name)
        names.add(name)
        if target and target not in others:
            yield not_found(container.path("targetContainerName"), target)
        words = "cannot be set for an Ephemeral Container"
        yield from forbid_fields(container, _NOT_EPHEMERAL, words)
        for mount in container.views("volumeMounts"):
            yield from forbid_fields(mount, ("subPath", "subPathExpr"), words)


def _validate_host_ports(containers: Iterable[View], field: str) -> Errors:
    """Source: checkHostPortConflicts."""
    seen: set[str] = set()
    for index, container in enumerate(containers):
        for place, port in enumerate(container.views("ports")):
            number = port.integer("hostPort") or 0
            name = f"{port.text('protocol') or 'TCP'}/{port.text('hostIP')}/{number}"
            if number and name in seen:
                yield duplicate(f"{field}[{index}].ports[{place}].hostPort", name)
            seen.add(name)
