"""Rules for the names, the DNS and the gates of a pod.

Source: `pkg/apis/core/validation/validation.go`, validatePodDNSConfig, validateReadinessGates,
validateSchedulingGates, ValidateHostAliases, v1.36.
"""

from planespec.spec.names import get_dns1123_label_errors, get_dns1123_subdomain_errors
from planespec.spec.objects import View
from planespec.spec.validation.addresses import validate_address
from planespec.spec.validation.field_errors import (
    Errors,
    checked,
    duplicate,
    each_invalid,
    forbidden,
    invalid,
    required,
    too_long,
)
from planespec.spec.validation.value_rules import (
    get_range_errors,
    get_search_path_errors,
    validate_label_key,
)

_SUBDOMAINS = ("serviceAccountName", "nodeName", "priorityClassName")


def validate_dns(spec: View) -> Errors:
    """Source: validatePodDNSConfig."""
    config, servers = spec.view("dnsConfig"), spec.view("dnsConfig").texts("nameservers")
    if spec.text("dnsPolicy") == "None":
        words = "when `dnsPolicy` is None"
        if not spec.has("dnsConfig"):
            yield required(config.field, f"must provide `dnsConfig` {words}")
            return
        if not servers:
            detail = f"must provide at least one DNS nameserver {words}"
            yield required(config.path("nameservers"), detail)
            return
    if len(servers) > 3:
        yield invalid(config.path("nameservers"), servers, "must not have more than 3 nameservers")
    for index, server in enumerate(servers):
        yield from validate_address(f"{config.path('nameservers')}[{index}]", server)
    yield from _validate_searches(config)
    for option in config.views("options"):
        if not option.text("name"):
            yield required(option.field, "must not be empty")


def _validate_searches(config: View) -> Errors:
    field, searches = config.path("searches"), config.texts("searches")
    if len(searches) > 32:
        yield invalid(field, searches, "must not have more than 32 search paths")
    if len(" ".join(searches)) > 2048:
        words = "must not have more than 2048 characters (including spaces) in the search list"
        yield invalid(field, searches, words)
    for index, search in enumerate(searches):
        if search != ".":
            name = search.removesuffix(".")
            yield from checked(f"{field}[{index}]", name, get_search_path_errors)


def validate_gates(spec: View) -> Errors:
    """Check the readiness gates and the scheduling gates."""
    for gate in spec.views("readinessGates"):
        yield from validate_label_key(gate.path("conditionType"), gate.text("conditionType"))
    seen: set[str] = set()
    for gate in spec.views("schedulingGates"):
        name = gate.text("name")
        yield from validate_label_key(gate.field, name)
        if name in seen:
            yield duplicate(gate.field, name)
        seen.add(name)


def validate_names(spec: View) -> Errors:
    """Check names of the pod and of what it refers to, and its deadline."""
    if spec.has("hostnameOverride"):
        yield from _validate_host_name(spec)
    for name in (*_SUBDOMAINS, "runtimeClassName"):
        if spec.text(name) or (name == "runtimeClassName" and spec.has(name)):
            yield from checked(spec.path(name), spec.text(name), get_dns1123_subdomain_errors)
    for name in ("hostname", "subdomain"):
        if spec.text(name):
            yield from checked(spec.path(name), spec.text(name), get_dns1123_label_errors)
    seconds = spec.integer("activeDeadlineSeconds")
    if seconds is not None:
        field = spec.path("activeDeadlineSeconds")
        yield from each_invalid(field, seconds, get_range_errors(seconds, 1, 2**31 - 1))


def _validate_host_name(spec: View) -> Errors:
    """Source: validatePodHostName."""
    field, name = spec.path("hostnameOverride"), spec.text("hostnameOverride")
    for flag in ("setHostnameAsFQDN", "hostNetwork"):
        if spec.flag(flag):
            yield forbidden(field, f"may not be specified when {flag} is true")
    if len(name) > 64:
        yield too_long(field, 64)
    yield from checked(field, name, get_dns1123_subdomain_errors)


def validate_host_aliases(spec: View) -> Errors:
    """Check the lines for the hosts file."""
    for alias in spec.views("hostAliases"):
        yield from validate_address(alias.path("ip"), alias.text("ip"))
        for index, name in enumerate(alias.texts("hostnames")):
            field = f"{alias.path('hostnames')}[{index}]"
            yield from checked(field, name, get_dns1123_subdomain_errors)
