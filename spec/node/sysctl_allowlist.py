"""Which kernel parameters a kubelet lets pods set.

Source: `pkg/kubelet/sysctl/allowlist.go`, `component-helpers/node/util/sysctl`,
`pkg/apis/policy/validation` (IsValidSysctlPattern), v1.36.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from planespec.spec.quantity.amount import quote

REASON = "SysctlForbidden"
MOST_BYTES = 253
_PATTERN = r"([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*([a-z0-9][-_a-z0-9]*)?[a-z0-9*]"
_EXCHANGED = str.maketrans("./", "/.")


class KernelNamespace(StrEnum):
    """The namespace that keeps the values of pods apart."""

    IPC = "IPC"
    NET = "Net"


_NAMED = dict.fromkeys(
    (
        *("kernel.sem", "kernel.shm", "kernel.msg"),
        *("kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced"),
        *("kernel.msgmax", "kernel.msgmnb", "kernel.msgmni"),
    ),
    KernelNamespace.IPC,
)
_BELOW = {"net.": KernelNamespace.NET, "fs.mqueue.": KernelNamespace.IPC}


class SysctlPatternError(ValueError):
    """A pattern with which a kubelet does not start; says why in upstream's words."""


@dataclass(frozen=True, slots=True)
class SysctlAllowlist:
    """What is allowed, by name and by prefix, with the namespace of each."""

    names: Mapping[str, KernelNamespace]
    prefixes: Mapping[str, KernelNamespace]


def make_allowlist(patterns: Iterable[str]) -> SysctlAllowlist:
    """Read names and, ending in `*`, prefixes. Raises SysctlPatternError for the first bad one.

    A parameter has to be known to be kept apart by a namespace; of a prefix, all that it covers.
    """
    names: dict[str, KernelNamespace] = {}
    prefixes: dict[str, KernelNamespace] = {}
    for pattern in patterns:
        if len(pattern.encode()) > MOST_BYTES or not re.fullmatch(_PATTERN, pattern):
            words = f"must have at most {MOST_BYTES} characters and match regex {_PATTERN}"
            raise SysctlPatternError(f"sysctl {quote(pattern)} {words}")
        name, star, _ = normalize_sysctl(pattern).partition("*")
        namespace = find_namespace(name)
        if namespace is None:
            words = "are not known to be namespaced"
            raise SysctlPatternError(f"the sysctls {quote(name)} {words}")
        (prefixes if star else names)[name] = namespace
    return SysctlAllowlist(names, prefixes)


def find_forbidden_sysctl(
    allowlist: SysctlAllowlist, sysctls: Iterable[str], *, host_network: bool, host_ipc: bool
) -> str:
    """Return what is wrong with the first parameter that the pod may not set; empty for none.

    A parameter of a namespace that the pod shares with the host is forbidden. Of several prefixes
    that cover one parameter all have the same namespace, so their order means nothing.
    """
    shared = {KernelNamespace.NET: host_network, KernelNamespace.IPC: host_ipc}
    for name in map(normalize_sysctl, sysctls):
        namespace = _find_allowed(allowlist, name)
        if namespace is None:
            return f"forbidden sysctl: {quote(name)} not allowlisted"
        if shared[namespace]:
            return f"forbidden sysctl: {quote(name)} not allowed with host {namespace} enabled"
    return ""


def normalize_sysctl(name: str) -> str:
    """Write a name with dots as separators: where a slash comes first, both are exchanged.

    `net/ipv4/conf/eno2.100/forwarding` is `net.ipv4.conf.eno2/100.forwarding`; see sysctl.d(5).
    """
    separator = re.search(r"[./]", name)
    if separator is None or separator[0] == ".":
        return name
    return name.translate(_EXCHANGED)


def find_namespace(name: str) -> KernelNamespace | None:
    """Return the namespace of a parameter, or of all that begin so; None where none is known."""
    if name in _NAMED:
        return _NAMED[name]
    return next((each for prefix, each in _BELOW.items() if name.startswith(prefix)), None)


def _find_allowed(allowlist: SysctlAllowlist, name: str) -> KernelNamespace | None:
    if name in allowlist.names:
        return allowlist.names[name]
    covering = (each for each in allowlist.prefixes if name.startswith(each))
    return next((allowlist.prefixes[each] for each in covering), None)
