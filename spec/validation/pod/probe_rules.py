"""Rules for probes and lifecycle hooks.

Source: `pkg/apis/core/validation/validation.go`, validateProbe, validateHandler, v1.36.
"""

from planespec.spec.objects import View
from planespec.spec.schema.enumerations import ENUMERATIONS
from planespec.spec.validation.field_errors import (
    Errors,
    each_invalid,
    forbidden,
    invalid,
    not_supported,
    positive_or_zero,
    required,
)
from planespec.spec.validation.value_rules import (
    get_header_errors,
    get_port_errors,
    validate_port_number_or_name,
)

PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_COUNTS = (
    "initialDelaySeconds",
    "timeoutSeconds",
    "periodSeconds",
    "successThreshold",
    "failureThreshold",
)
_REAL_TIME = (
    "RTMIN",
    *(f"RTMIN+{i}" for i in range(1, 16)),
    *(f"RTMAX-{i}" for i in range(1, 15)),
)
_NAMED = (
    "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT "
    "SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU "
    "XFSZ "
)
_LINUX_SIGNALS = tuple(f"SIG{name}" for name in sorted((*_NAMED.split(), "RTMAX", *_REAL_TIME)))
_SCHEMES = ENUMERATIONS["core.HTTPGetAction"]["scheme"]


def validate_probes(container: View, grace: int) -> Errors:
    """Check the probes of a container; `grace` is the pod's termination grace period in s."""
    for name in PROBES:
        if container.has(name):
            yield from _validate_probe(container.view(name), name, grace)


def _validate_probe(probe: View, name: str, grace: int) -> Errors:
    yield from _validate_handler(probe, ("exec", "httpGet", "tcpSocket", "grpc"), grace)
    for count in _COUNTS:
        yield from positive_or_zero(probe.path(count), probe.integer(count))
    field, seconds = (
        "terminationGracePeriodSeconds",
        probe.integer("terminationGracePeriodSeconds"),
    )
    if seconds is not None and seconds <= 0:
        yield invalid(probe.path(field), seconds, "must be greater than 0")
    if name == "readinessProbe":
        if seconds is not None:
            words = "must not be set for readinessProbes"
            yield invalid(probe.path(field), seconds, words)
    else:
        # 0 is the default, which is 1.
        successes = probe.integer("successThreshold") or 1
        if successes != 1:
            yield invalid(probe.path("successThreshold"), successes, "must be 1")


def validate_lifecycle(view: View, grace: int, system: str) -> Errors:
    """Check hooks and the stop signal; `system` is the pod's operating system or empty."""
    for name in ("postStart", "preStop"):
        if view.has(name):
            names = ("exec", "httpGet", "tcpSocket", "sleep")
            yield from _validate_handler(view.view(name), names, grace)
    if view.has("stopSignal"):
        signal, field = view.text("stopSignal"), view.path("stopSignal")
        known = ("SIGKILL", "SIGTERM") if system == "windows" else _LINUX_SIGNALS
        if not system:
            yield forbidden(field, "may not be set for containers with empty `spec.os.name`")
        elif signal not in known:
            yield not_supported(field, signal, known)


def _validate_handler(view: View, names: tuple[str, ...], grace: int) -> Errors:
    found = [name for name in names if view.has(name)]
    for index, name in enumerate(found):
        if index:
            yield forbidden(view.path(name), "may not specify more than 1 handler type")
        else:
            yield from _validate_action(view.view(name), name, grace)
    if not found:
        yield required(view.field, "must specify a handler type")


def _validate_action(view: View, name: str, grace: int) -> Errors:
    if name == "exec":
        if not view.items("command"):
            yield required(view.path("command"))
    elif name == "httpGet":
        yield from _validate_http(view)
    elif name == "tcpSocket":
        yield from validate_port_number_or_name(view.path("port"), view.data.get("port"))
    elif name == "grpc":
        port = view.integer("port") or 0
        yield from each_invalid(view.path("port"), port, get_port_errors(port))
    else:
        seconds = view.integer("seconds") or 0
        if not 0 <= seconds <= grace:
            words = f"must be non-negative and less than terminationGracePeriodSeconds ({grace})"
            yield invalid(view.field, seconds, words)


def _validate_http(view: View) -> Errors:
    """Source: validateHTTPGetAction; path and scheme have defaults."""
    yield from validate_port_number_or_name(view.path("port"), view.data.get("port"))
    scheme = view.text("scheme") or "HTTP"
    if scheme not in _SCHEMES:
        yield not_supported(view.path("scheme"), scheme, _SCHEMES)
    for header in view.views("httpHeaders"):
        name = header.text("name")
        yield from each_invalid(view.path("httpHeaders"), name, get_header_errors(name))
