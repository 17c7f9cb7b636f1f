"""Rules for a container by itself: image, ports, variables, mounts, resources.

Source: `pkg/apis/core/validation/validation.go`, validateContainerCommon, v1.36. The container has
the defaults of its resources; other defaults are applied here as its fields are read.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from planespec.spec.names import (
    get_dns1123_label_errors,
    get_dns1123_subdomain_errors,
    get_port_name_errors,
)
from planespec.spec.objects import View
from planespec.spec.schema.enumerations import ENUMERATIONS
from planespec.spec.validation.field_errors import (
    Errors,
    checked,
    duplicate,
    each_invalid,
    forbidden,
    invalid,
    not_supported,
    required,
    too_many,
)
from planespec.spec.validation.pod.downward import (
    IN_VARIABLES,
    validate_field_selector,
    validate_resource_selector,
)
from planespec.spec.validation.pod.mount_rules import validate_devices, validate_mounts
from planespec.spec.validation.pod.security_contexts import validate_container_security
from planespec.spec.validation.resource_rules import (
    validate_container_resource,
    validate_requirements,
)
from planespec.spec.validation.value_rules import (
    get_config_key_errors,
    get_port_errors,
    get_variable_errors,
    validate_without_backsteps,
)

PROTOCOLS = ENUMERATIONS["core.ContainerPort"]["protocol"]
PULL_POLICIES = ENUMERATIONS["core.Container"]["imagePullPolicy"]
_MESSAGE_POLICIES = ENUMERATIONS["core.Container"]["terminationMessagePolicy"]
_RESIZING = ENUMERATIONS["core.ContainerResizePolicy"]["restartPolicy"]
_RESTARTS = ENUMERATIONS["core.Container"]["restartPolicy"]
_SOURCES = "`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"


@dataclass(frozen=True, slots=True)
class PodContext:
    """What a container needs to know of its pod."""

    volumes: Mapping[str, View]
    claims: frozenset[str]
    """Names of its resource claims."""
    restart_policy: str
    has_host_users: bool
    grace: int
    """Seconds it has to end."""
    system: str
    """Its operating system; empty where it does not say."""


def validate_container(view: View, pod: PodContext) -> Errors:
    """Yield what is wrong with a container of any sort."""
    name = view.text("name")
    if not name:
        yield required(view.path("name"))
    else:
        yield from checked(view.path("name"), name, get_dns1123_label_errors)
    if not view.text("image"):
        yield required(view.path("image"))
    policy = view.text("terminationMessagePolicy")
    if policy and policy not in _MESSAGE_POLICIES:
        yield not_supported(view.path("terminationMessagePolicy"), policy, _MESSAGE_POLICIES)
    yield from _validate_ports(view)
    for variable in view.views("env"):
        yield from _validate_variable(variable)
    yield from _validate_variable_sources(view)
    yield from validate_mounts(view, pod.volumes)
    yield from validate_devices(view, pod.volumes)
    pull = view.text("imagePullPolicy")
    if pull and pull not in PULL_POLICIES:
        yield not_supported(view.path("imagePullPolicy"), pull, PULL_POLICIES)
    resources = view.view("resources")
    yield from validate_requirements(resources, validate_container_resource, pod.claims)
    yield from _validate_resizing(view, pod.restart_policy)
    if view.has("securityContext"):
        context = view.view("securityContext")
        yield from validate_container_security(context, has_host_users=pod.has_host_users)


def _validate_ports(view: View) -> Errors:
    """Source: validateContainerPorts."""
    names: set[str] = set()
    for port in view.views("ports"):
        name, number = port.text("name"), port.integer("containerPort") or 0
        errors = get_port_name_errors(name) if name else []
        yield from each_invalid(port.path("name"), name, errors)
        if name in names:
            yield duplicate(port.path("name"), name)
        if name and not errors:
            names.add(name)
        if not number:
            yield required(port.path("containerPort"))
        else:
            field = port.path("containerPort")
            yield from each_invalid(field, number, get_port_errors(number))
        host = port.integer("hostPort") or 0
        if host:
            yield from each_invalid(port.path("hostPort"), host, get_port_errors(host))
        protocol = port.text("protocol") or "TCP"
        if protocol not in PROTOCOLS:
            yield not_supported(port.path("protocol"), protocol, PROTOCOLS)


def _validate_variable(view: View) -> Errors:
    """Source: ValidateEnv, validateEnvVarValueFrom."""
    name = view.text("name")
    if not name:
        yield required(view.path("name"))
    else:
        yield from checked(view.path("name"), name, get_variable_errors)
    if not view.has("valueFrom"):
        return
    source = view.view("valueFrom")
    found = [each for each in _VARIABLE_SOURCES if source.has(each)]
    for each in found:
        yield from _VARIABLE_SOURCES[each](source.view(each))
    if not found:
        yield invalid(source.field, "", f"must specify one of: {_SOURCES}")
    elif view.text("value"):
        yield invalid(source.field, "", "may not be specified when `value` is not empty")
    elif len(found) > 1:
        yield invalid(source.field, "", "may not have more than one field specified at a time")


def _validate_field_source(view: View) -> Errors:
    return validate_field_selector(view, IN_VARIABLES)


def _validate_resource_source(view: View) -> Errors:
    return validate_resource_selector(view, is_file=False)


def _validate_key_source(view: View) -> Errors:
    """Source: validateConfigMapKeySelector."""
    yield from checked(view.path("name"), view.text("name"), get_dns1123_subdomain_errors)
    if not view.text("key"):
        yield required(view.path("key"))
    else:
        yield from checked(view.path("key"), view.text("key"), get_config_key_errors)


def _validate_file_source(view: View) -> Errors:
    """Source: validateFileKeySelector."""
    key, volume, path = view.text("key"), view.text("volumeName"), view.text("path")
    if not key:
        yield required(view.path("key"))
    else:
        yield from checked(view.path("key"), key, get_variable_errors)
    if not volume:
        yield required(view.path("volumeName"))
    else:
        yield from checked(view.path("volumeName"), volume, get_dns1123_label_errors)
    if not path:
        yield required(view.path("path"))
    else:
        yield from validate_without_backsteps(view.path("path"), path)


_VARIABLE_SOURCES = {
    "fieldRef": _validate_field_source,
    "resourceFieldRef": _validate_resource_source,
    "configMapKeyRef": _validate_key_source,
    "secretKeyRef": _validate_key_source,
    "fileKeyRef": _validate_file_source,
}


def _validate_variable_sources(container: View) -> Errors:
    """Source: ValidateEnvFrom, whose errors on the number of sources name the list."""
    field = container.path("envFrom")
    for view in container.views("envFrom"):
        if prefix := view.text("prefix"):
            yield from checked(view.path("prefix"), prefix, get_variable_errors)
        found = [name for name in ("configMapRef", "secretRef") if view.has(name)]
        for name in found:
            source = view.view(name)
            if not source.text("name"):
                yield required(source.path("name"))
            else:
                where, text = source.path("name"), source.text("name")
                yield from checked(where, text, get_dns1123_subdomain_errors)
        if not found:
            yield invalid(field, "", "must specify one of: `configMapRef` or `secretRef`")
        elif len(found) > 1:
            yield invalid(field, "", "may not have more than one field specified at a time")


def _validate_resizing(view: View, restart_policy: str) -> Errors:
    """Source: validateResizePolicy, whose errors name the list."""
    field, seen = view.path("resizePolicy"), set()
    for policy in view.views("resizePolicy"):
        name, restart = policy.text("resourceName"), policy.text("restartPolicy")
        if name in seen:
            yield duplicate(policy.field, name)
        seen.add(name)
        for value, allowed in (
            (name, ("cpu", "memory")),
            (restart, _RESIZING),
        ):
            if not value:
                yield required(field)
            elif value not in allowed:
                yield not_supported(field, value, allowed)
        if restart_policy == "Never" and restart != "NotRequired":
            words = "must be 'NotRequired' when pod `restartPolicy` is 'Never'"
            yield invalid(field, restart, words)


def validate_restarts(view: View) -> Errors:
    """Check a container's own restart policy and its rules; source:
    validateContainerRestartPolicy. The action RestartAllContainers is on since v1.36.
    """
    policy, rules = view.text("restartPolicy"), view.views("restartPolicyRules")
    if not view.has("restartPolicy"):
        if rules:
            words = "must specify restartPolicy when restart rules are used"
            yield required(view.path("restartPolicy"), words)
    elif policy not in _RESTARTS:
        yield not_supported(view.path("restartPolicy"), policy, _RESTARTS)
    if len(rules) > 20:
        yield too_many(view.path("restartPolicyRules"), len(rules), 20)
    for rule in rules:
        yield from _validate_restart_rule(rule)


def _validate_restart_rule(rule: View) -> Errors:
    actions, operators = ("Restart", "RestartAllContainers"), ("In", "NotIn")
    if rule.text("action") not in actions:
        yield not_supported(rule.path("action"), rule.text("action"), actions)
    if not rule.has("exitCodes"):
        yield required(rule.path("exitCodes"), "must be specified")
        return
    codes = rule.view("exitCodes")
    if codes.text("operator") not in operators:
        yield not_supported(codes.path("operator"), codes.text("operator"), operators)
    if len(codes.items("values")) > 255:
        yield too_many(codes.path("values"), len(codes.items("values")), 255)


def validate_image_text(view: View) -> Errors:
    """An image of a pod, not of a template, has no space around it."""
    image = view.text("image")
    if image.strip() != image:
        yield invalid(view.path("image"), image, "must not have leading or trailing whitespace")


def forbid_fields(view: View, names: tuple[str, ...], detail: str) -> Errors:
    """Refuse each of the fields that is set."""
    for name in names:
        if view.data.get(name) not in (None, [], {}, ""):
            yield forbidden(view.path(name), detail)
