"""Rules for API services.

Source: `kube-aggregator/pkg/apis/apiregistration/validation/validation.go`, v1.36.
"""

from planespec.spec.names import get_dns1035_label_errors, get_dns1123_subdomain_errors
from planespec.spec.objects import View
from planespec.spec.validation.field_errors import Errors, checked, invalid, required
from planespec.spec.validation.value_rules import get_port_errors

_BOUNDS = {"groupPriorityMinimum": 20_000, "versionPriority": 1_000}


def validate_api_service(view: View) -> Errors:
    """Source: ValidateAPIService."""
    spec, name = view.view("spec"), view.view("metadata").text("name")
    group, version = spec.text("group"), spec.text("version")
    if name and name != f"{version}.{group}":
        words = f'must be `spec.version+"."+spec.group`: "{version}.{group}"'
        yield invalid("metadata.name", name, words)
    if group:
        yield from checked(spec.path("group"), group, get_dns1123_subdomain_errors)
    elif version != "v1":
        words = "only v1 may have an empty group and it better be legacy kube"
        yield required(spec.path("group"), words)
    yield from checked(spec.path("version"), version, get_dns1035_label_errors)
    for field, most in _BOUNDS.items():
        value = spec.integer(field) or 0
        if not 0 < value <= most:
            yield invalid(spec.path(field), value, f"must be positive and less than {most}")
    yield from _validate_trust(spec)


def _validate_trust(spec: View) -> Errors:
    """Say who answers, and by which certificate it is known."""
    bundle, insecure = spec.text("caBundle"), spec.flag("insecureSkipTLSVerify")
    field = spec.path("insecureSkipTLSVerify")
    if not spec.has("service"):
        if bundle:
            words = "local APIServices may not have a caBundle"
            yield invalid(spec.path("caBundle"), bundle, words)
        if insecure:
            words = "local APIServices may not have insecureSkipTLSVerify"
            yield invalid(field, True, words)
        return
    service = spec.view("service")
    for name in ("namespace", "name"):
        if not service.text(name):
            yield required(service.path(name))
    port = service.integer("port")
    if port is not None:
        yield from (
            invalid(service.path("port"), port, f"port is not valid: {why}")
            for why in get_port_errors(port)
        )
    if insecure and bundle:
        yield invalid(field, True, "may not be true if caBundle is present")
