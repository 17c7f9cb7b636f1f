"""Rules for security contexts, of containers and of pods.

Source: `pkg/apis/core/validation/validation.go`, ValidateSecurityContext,
validatePodSpecSecurityContext, v1.36. Privileged containers are allowed, as every server does.
"""

import re
from collections.abc import Iterable

from planespec.spec.names import get_dns1123_subdomain_errors
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
    too_long,
)
from planespec.spec.validation.value_rules import (
    get_range_errors,
    validate_relative_path,
)

_PROFILES = ENUMERATIONS["core.SeccompProfile"]["type"]
_SYSCTL = re.compile(r"([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?")
_IPC_SYSCTLS = ("kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue.")
_SHOWN_SYSCTL = "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$"
_NOT_ON_WINDOWS = "cannot be set for a windows pod"
_MOUNTS = ENUMERATIONS["core.SecurityContext"]["procMount"]
_POD_CHOICES = ENUMERATIONS["core.PodSecurityContext"]
_DNS_PART = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_DOMAIN = re.compile(
    rf'[^\\/:*?"<>|.][^\\/:*?"<>|]{{0,14}}|{_DNS_PART}(?:\.{_DNS_PART})*', re.DOTALL
)


def validate_container_security(view: View, *, has_host_users: bool) -> Errors:
    """Check the security context of a container."""
    yield from _validate_ids(view, ("runAsUser", "runAsGroup"))
    mount = view.text("procMount")
    if mount and mount not in _MOUNTS:
        yield not_supported(view.path("procMount"), mount, _MOUNTS)
    if mount == "Unmasked" and has_host_users:
        words = "`hostUsers` must be false to use `Unmasked`"
        yield invalid(view.path("procMount"), mount, words)
    yield from _validate_profiles(view)
    if view.data.get("allowPrivilegeEscalation") is False:
        words = "cannot set `allowPrivilegeEscalation` to false and"
        shown = _show_context(view)
        if view.flag("privileged"):
            yield invalid(view.field, shown, f"{words} `privileged` to true")
        if "CAP_SYS_ADMIN" in view.view("capabilities").texts("add"):
            yield invalid(view.field, shown, f"{words} `capabilities.Add` CAP_SYS_ADMIN")


def _show_context(view: View) -> dict[str, object]:
    """Return the context as Go prints its own type: every field, those not set as null."""
    names = (
        "capabilities",
        "privileged",
        "seLinuxOptions",
        "windowsOptions",
        "runAsUser",
        "runAsGroup",
        "runAsNonRoot",
        "readOnlyRootFilesystem",
        "allowPrivilegeEscalation",
        "procMount",
        "seccompProfile",
        "appArmorProfile",
    )
    shown = {_in_go(name): _capitalise(view.data.get(name)) for name in names}
    if view.has("capabilities"):
        capabilities = view.view("capabilities").data
        shown["Capabilities"] = {n: capabilities.get(n.lower()) for n in ("Add", "Drop")}
    return shown


def _in_go(name: str) -> str:
    return "SELinuxOptions" if name == "seLinuxOptions" else name[0].upper() + name[1:]


def _capitalise(value: object) -> object:
    if isinstance(value, dict):
        return {_in_go(name): _capitalise(inner) for name, inner in value.items()}
    return value


def validate_pod_security(spec: View) -> Errors:
    """Check the security context of a pod, and what it has to do with the host's namespaces."""
    view = spec.view("securityContext")
    yield from _validate_ids(view, ("fsGroup", "runAsUser", "runAsGroup"))
    for index, group in enumerate(view.items("supplementalGroups")):
        field = f"{view.path('supplementalGroups')}[{index}]"
        if isinstance(group, int):
            yield from each_invalid(field, group, get_range_errors(group, 0, 0x7FFFFFFF))
    if spec.flag("shareProcessNamespace") and spec.flag("hostPID"):
        words = "ShareProcessNamespace and HostPID cannot both be enabled"
        yield invalid(view.path("shareProcessNamespace"), True, words)
    yield from _validate_sysctls(view, spec)
    for name, allowed in _POD_CHOICES.items():
        if view.has(name) and view.text(name) not in allowed:
            yield not_supported(view.path(name), view.text(name), allowed)
    yield from _validate_profiles(view)


def _validate_ids(view: View, names: Iterable[str]) -> Errors:
    for name in names:
        number = view.integer(name)
        if number is not None:
            errors = get_range_errors(number, 0, 0x7FFFFFFF)
            yield from each_invalid(view.path(name), number, errors)


def _validate_sysctls(view: View, spec: View) -> Errors:
    """Source: validateSysctls."""
    seen: set[str] = set()
    for sysctl in view.views("sysctls"):
        name, field = sysctl.text("name"), sysctl.path("name")
        if not name:
            yield required(field)
        elif len(name) > 253 or not _SYSCTL.fullmatch(name):
            words = f"must have at most 253 characters and match regex {_SHOWN_SYSCTL}"
            yield invalid(field, name, words)
        elif name in seen:
            yield duplicate(field, name)
        seen.add(name)
        plain = name.replace("/", ".")
        if spec.flag("hostNetwork") and plain.startswith("net."):
            yield invalid(field, name, "may not be specified when 'hostNetwork' is true")
        elif spec.flag("hostIPC") and plain.startswith(_IPC_SYSCTLS):
            yield invalid(field, name, "may not be specified when 'hostIPC' is true")


def _validate_profiles(view: View) -> Errors:
    if view.has("seccompProfile"):
        yield from _validate_seccomp(view.view("seccompProfile"))
    if view.has("windowsOptions"):
        yield from _validate_windows_options(view.view("windowsOptions"))
    if view.has("appArmorProfile"):
        yield from _validate_app_armor(view.view("appArmorProfile"))


def _validate_seccomp(view: View) -> Errors:
    """Source: validateSeccompProfileField."""
    kind, field = view.text("type"), view.path("localhostProfile")
    if not kind:
        yield required(view.path("type"), "type is required when seccompProfile is set")
    elif kind not in _PROFILES:
        yield not_supported(view.path("type"), kind, _PROFILES)
    if kind == "Localhost":
        if view.has("localhostProfile"):
            yield from validate_relative_path(field, view.text("localhostProfile"))
        else:
            yield required(field, "must be set when seccomp type is Localhost")
    elif view.has("localhostProfile"):
        shown = {"Type": kind, "LocalhostProfile": view.text("localhostProfile")}
        yield invalid(field, shown, "can only be set when seccomp type is Localhost")


def _validate_app_armor(view: View) -> Errors:
    """Source: ValidateAppArmorProfileField."""
    kind, field, profile = (
        view.text("type"),
        view.path("localhostProfile"),
        view.text("localhostProfile"),
    )
    if kind == "Localhost":
        if profile.strip() != profile:
            yield invalid(field, profile, "must not be padded with whitespace")
        elif not profile:
            yield required(field, "must be set when AppArmor type is Localhost")
        if len(profile) > 4095:
            yield too_long(field, 4095)
    elif kind in _PROFILES:
        if view.has("localhostProfile"):
            yield invalid(field, profile, "can only be set when AppArmor type is Localhost")
    elif kind:
        yield not_supported(view.path("type"), kind, _PROFILES)
    else:
        yield required(view.path("type"), "type is required when appArmorProfile is set")


def _validate_windows_options(view: View) -> Errors:
    """Source: validateWindowsSecurityContextOptions."""
    if view.has("gmsaCredentialSpecName"):
        field, name = view.path("gmsaCredentialSpecName"), view.text("gmsaCredentialSpecName")
        yield from checked(field, name, get_dns1123_subdomain_errors)
    if view.has("gmsaCredentialSpec"):
        field, text = view.path("gmsaCredentialSpec"), view.text("gmsaCredentialSpec")
        if not text:
            yield invalid(field, text, "gmsaCredentialSpec cannot be an empty string")
        elif len(text) > 64 << 10:
            yield invalid(field, text, "gmsaCredentialSpec size must be under 64 KiB")
    if view.has("runAsUserName"):
        name = view.text("runAsUserName")
        details = _find_user_name_errors(name)
        yield from each_invalid(view.path("runAsUserName"), name, details)


def _find_user_name_errors(name: str) -> list[str]:
    if not name:
        return ["runAsUserName cannot be an empty string"]
    if re.search("[\x00-\x1f\x7f]", name):
        return ["runAsUserName cannot contain control characters"]
    if name.count("\\") > 1:
        return ["runAsUserName cannot contain more than one backslash"]
    domain, slash, user = name.rpartition("\\")
    errors = []
    if len(domain) >= 256:
        errors.append("runAsUserName's Domain length must be under 256 characters")
    if slash and not _DOMAIN.fullmatch(domain):
        errors.append("runAsUserName's Domain doesn't match the NetBios nor the DNS format")
    if not user:
        errors.append("runAsUserName's User cannot be empty")
    elif len(user) > 104:
        errors.append("runAsUserName's User length must not be longer than 104 characters")
    if user and not user.strip(". "):
        errors.append("runAsUserName's User cannot contain only periods or spaces")
    if re.search(r'["/\\:;|=,+*?<>@\[\]]', user):
        words = "runAsUserName's User cannot contain the following characters"
        errors.append(f'{words}: "/\\:;|=,+*?<>@[]')
    return errors


# What depends on the operating system of a pod.

_WINDOWS_POD = ("hostUsers", "hostPID", "hostIPC", "shareProcessNamespace")
_WINDOWS_POD_CONTEXT = (
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "fsGroup",
    "fsGroupChangePolicy",
    "sysctls",
    "runAsUser",
    "runAsGroup",
    "supplementalGroups",
    "supplementalGroupsPolicy",
    "seLinuxChangePolicy",
)
_WINDOWS_CONTEXT = (
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "capabilities",
    "readOnlyRootFilesystem",
    "privileged",
    "allowPrivilegeEscalation",
    "procMount",
    "runAsUser",
    "runAsGroup",
)


def validate_operating_system(spec: View, containers: Iterable[View]) -> Errors:
    """What one operating system does not know is not set. Source: validateLinux and its kin."""
    if not spec.has("os"):
        return
    system = spec.view("os").text("name")
    if not system:
        yield required(spec.view("os").path("name"))
    elif system == "windows":
        yield from _validate_for_windows(spec, containers)
    elif system == "linux":
        for view in (spec, *containers):
            context = view.view("securityContext")
            if context.has("windowsOptions"):
                words = "windows options cannot be set for a linux pod"
                yield forbidden(context.path("windowsOptions"), words)
    else:
        yield not_supported(spec.path("os"), system, ("linux", "windows"))


def _validate_for_windows(spec: View, containers: Iterable[View]) -> Errors:
    context = spec.view("securityContext")
    for name in _WINDOWS_POD:
        is_set = spec.flag(name) if name in ("hostPID", "hostIPC") else spec.has(name)
        if is_set:
            yield forbidden(spec.path(name), _NOT_ON_WINDOWS)
    for name in _WINDOWS_POD_CONTEXT:
        if context.data.get(name) not in (None, []):
            yield forbidden(context.path(name), _NOT_ON_WINDOWS)
    for container in containers:
        inner = container.view("securityContext")
        for name in _WINDOWS_CONTEXT:
            if inner.has(name):
                yield forbidden(inner.path(name), _NOT_ON_WINDOWS)
