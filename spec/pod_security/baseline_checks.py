"""What a pod must not do in a baseline namespace.

Source: `staging/src/k8s.io/pod-security-admission/policy/check_*.go`, v1.36.
"""

from collections.abc import Collection, Iterator

from planespec.spec.objects import ObjectMeta, View, list_containers
from planespec.spec.pod_security.container_views import (
    get_context,
    join_quoted,
    name_containers,
    pluralize,
    say_containers,
    say_setters,
)
from planespec.spec.quantity.amount import quote

_APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"
_SECCOMP = "seccomp.security.alpha.kubernetes.io/pod"
_SECCOMP_OF = "container.seccomp.security.alpha.kubernetes.io/"
SECCOMP_TYPES = ("Localhost", "RuntimeDefault")
_SECCOMP_NAMES = ("runtime/default", "docker/default")
_CAPABILITIES = frozenset(
    (
        *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD"),
        *("NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
    )
)
_SYSCTLS = (
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_unprivileged_port_start",
)
_TCP_TIMES = ("keepalive_time", "fin_timeout", "keepalive_intvl", "keepalive_probes")
SYSCTLS_BY_VERSION: dict[int, Collection[str]] = {
    0: _SYSCTLS,
    27: (*_SYSCTLS, "net.ipv4.ip_local_reserved_ports"),
    29: (
        *_SYSCTLS,
        "net.ipv4.ip_local_reserved_ports",
        *(f"net.ipv4.tcp_{name}" for name in _TCP_TIMES),
    ),
    32: (
        *_SYSCTLS,
        "net.ipv4.ip_local_reserved_ports",
        *(f"net.ipv4.tcp_{name}" for name in (*_TCP_TIMES, "rmem", "wmem")),
    ),
}
"""The safe sysctls, by the minor version from which they hold."""
_SELINUX_TYPES = ("", "container_t", "container_init_t", "container_kvm_t")
_HANDLERS = ("httpGet", "tcpSocket")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")

Fault = tuple[str, str]
"""The reason and the detail."""


def check_app_armor(meta: ObjectMeta, spec: View) -> Fault | None:
    """Only the default profile and local ones are allowed."""
    values: set[str] = set()

    def is_bad(holder: View) -> bool:
        kind = get_context(holder).view("appArmorProfile").text("type")
        if kind not in ("", *SECCOMP_TYPES):
            values.add(kind)
        return kind not in ("", *SECCOMP_TYPES)

    setters = list(filter(None, [say_setters(is_bad(spec), name_containers(spec, is_bad))]))
    for key, value in sorted(meta.annotations.items()):
        allowed = value in ("", "runtime/default") or value.startswith("localhost/")
        if key.startswith(_APP_ARMOR) and not allowed:
            setters.append(f"annotation {quote(key)}")
            values.add(value)
    if not setters:
        return None
    reason = pluralize("forbidden AppArmor profile", "forbidden AppArmor profiles", [*values])
    words = "must not set AppArmor profile type to"
    return reason, f"{' and '.join(setters)} {words} {join_quoted(sorted(values))}"


def check_host_namespaces(_meta: ObjectMeta, spec: View) -> Fault | None:
    """A pod does not share the namespaces of its node."""
    names = [name for name in ("hostNetwork", "hostPID", "hostIPC") if spec.flag(name)]
    return ("host namespaces", ", ".join(f"{name}=true" for name in names)) if names else None


def check_host_paths(_meta: ObjectMeta, spec: View) -> Fault | None:
    """A pod does not mount directories of its node."""
    names = [each.text("name") for each in spec.views("volumes") if each.has("hostPath")]
    if not names:
        return None
    return "hostPath volumes", f"{pluralize('volume', 'volumes', names)} {join_quoted(names)}"


def check_host_ports(_meta: ObjectMeta, spec: View) -> Fault | None:
    """No container takes a port of the node."""
    ports: set[str] = set()

    def is_bad(container: View) -> bool:
        found = {str(each.integer("hostPort") or 0) for each in container.views("ports")} - {"0"}
        ports.update(found)
        return bool(found)

    names = name_containers(spec, is_bad)
    if not names:
        return None
    uses, what = pluralize("uses", "use", names), pluralize("hostPort", "hostPorts", [*ports])
    return "hostPort", f"{say_containers(names)} {uses} {what} {', '.join(sorted(ports))}"


def check_hosts(_meta: ObjectMeta, spec: View) -> Fault | None:
    """Probes and handlers ask no other host than the pod."""
    hosts: set[str] = set()

    def is_bad(container: View) -> bool:
        found = set(_list_hosts(container))
        hosts.update(found)
        return bool(found)

    names = sorted(set(name_containers(spec, is_bad)))
    if not names:
        return None
    uses = pluralize("uses", "use", names)
    what = pluralize("probe or lifecycle host", "probe or lifecycle hosts", [*hosts])
    listed = join_quoted(sorted(hosts))
    return "probe or lifecycle host", f"{say_containers(names)} {uses} {what} {listed}"


def _list_hosts(container: View) -> Iterator[str]:
    lifecycle = container.view("lifecycle")
    views = [container.view(name) for name in _PROBES]
    for view in (*views, lifecycle.view("postStart"), lifecycle.view("preStop")):
        yield from filter(None, (view.view(name).text("host") for name in _HANDLERS))


def check_privileged(_meta: ObjectMeta, spec: View) -> Fault | None:
    """No container is privileged."""
    names = name_containers(spec, lambda each: get_context(each).flag("privileged"))
    if not names:
        return None
    words = "must not set securityContext.privileged=true"
    return "privileged", f"{say_containers(names)} {words}"


def check_proc_mount(_meta: ObjectMeta, spec: View) -> Fault | None:
    """Every container has the default masks on /proc."""
    types: set[str] = set()

    def is_bad(container: View) -> bool:
        kind = get_context(container).text("procMount")
        if kind not in ("", "Default"):
            types.add(kind)
        return kind not in ("", "Default")

    names = name_containers(spec, is_bad)
    if not names:
        return None
    words = "must not set securityContext.procMount to"
    return "procMount", f"{say_containers(names)} {words} {join_quoted(sorted(types))}"


def check_proc_mount_with_users(meta: ObjectMeta, spec: View) -> Fault | None:
    """As above, but a pod with users of its own may mount what it likes."""
    return None if spec.data.get("hostUsers") is False else check_proc_mount(meta, spec)


def check_selinux(_meta: ObjectMeta, spec: View) -> Fault | None:
    """SELinux types are those for containers."""
    return find_selinux_fault(spec, _SELINUX_TYPES)


def check_selinux_with_engine(_meta: ObjectMeta, spec: View) -> Fault | None:
    """As above, and the type for engines within containers."""
    return find_selinux_fault(spec, (*_SELINUX_TYPES, "container_engine_t"))


def find_selinux_fault(spec: View, allowed: Collection[str]) -> Fault | None:
    """Look for other types, and for a user or role."""
    types: set[str] = set()
    others: set[str] = set()

    def is_bad(holder: View) -> bool:
        options = get_context(holder).view("seLinuxOptions")
        bad = {options.text("type")} - set(allowed)
        extra = {name for name in ("user", "role") if options.text(name)}
        types.update(bad)
        others.update(extra)
        return bool(bad or extra)

    setters = say_setters(is_bad(spec), name_containers(spec, is_bad))
    if not setters:
        return None
    details = []
    if types:
        details.append(f"{pluralize('type', 'types', [*types])} {join_quoted(sorted(types))}")
    details += [f"{name} may not be set" for name in ("user", "role") if name in others]
    words = "set forbidden securityContext.seLinuxOptions:"
    return "seLinuxOptions", f"{setters} {words} {'; '.join(details)}"


def find_sysctl_fault(spec: View, allowed: Collection[str]) -> Fault | None:
    """Look for sysctls that are not safe."""
    names = [each.text("name") for each in get_context(spec).views("sysctls")]
    bad = [name for name in names if name not in allowed]
    return ("forbidden sysctls", ", ".join(bad)) if bad else None


def check_host_process(_meta: ObjectMeta, spec: View) -> Fault | None:
    """No container of Windows is a process of the node."""

    def is_bad(holder: View) -> bool:
        return get_context(holder).view("windowsOptions").flag("hostProcess")

    setters = say_setters(is_bad(spec), name_containers(spec, is_bad))
    if not setters:
        return None
    words = "must not set securityContext.windowsOptions.hostProcess=true"
    return "hostProcess", f"{setters} {words}"


def check_capabilities(_meta: ObjectMeta, spec: View) -> Fault | None:
    """Only the capabilities that container runtimes give are added."""
    bad: set[str] = set()

    def is_bad(container: View) -> bool:
        added = set(get_context(container).view("capabilities").texts("add")) - _CAPABILITIES
        bad.update(added)
        return bool(added)

    names = name_containers(spec, is_bad)
    if not names:
        return None
    words = f"must not include {join_quoted(sorted(bad))} in securityContext.capabilities.add"
    return "non-default capabilities", f"{say_containers(names)} {words}"


def check_seccomp_annotations(meta: ObjectMeta, spec: View) -> Fault | None:
    """Annotations name no other seccomp profiles than the default and local ones."""
    keys = [_SECCOMP, *(f"{_SECCOMP_OF}{each.text('name')}" for each in list_containers(spec))]
    bad = {
        f"{key}={quote(value)}"
        for key in keys
        if (value := meta.annotations.get(key)) is not None
        and not (value in _SECCOMP_NAMES or value.startswith("localhost/"))
    }
    if not bad:
        return None
    word = pluralize("annotation", "annotations", [*bad])
    return "seccompProfile", f"forbidden {word} {', '.join(sorted(bad))}"


def check_seccomp(_meta: ObjectMeta, spec: View) -> Fault | None:
    """Nothing sets another seccomp profile than the default or a local one."""
    bad: set[str] = set()

    def is_bad(holder: View) -> bool:
        context = get_context(holder)
        kind = context.view("seccompProfile").text("type")
        if not context.has("seccompProfile") or kind in SECCOMP_TYPES:
            return False
        bad.add(kind)
        return True

    setters = say_setters(is_bad(spec), name_containers(spec, is_bad))
    if not setters:
        return None
    words = "must not set securityContext.seccompProfile.type to"
    return "seccompProfile", f"{setters} {words} {join_quoted(sorted(bad))}"
