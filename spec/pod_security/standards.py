"""The checks of each level, by version, and what they say of a pod.

Source: `staging/src/k8s.io/pod-security-admission/policy/registry.go` and `checks.go`, v1.36. A
version is the minor one of Kubernetes whose standards hold.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from planespec.spec.objects import ObjectMeta, Pod, View
from planespec.spec.pod_security import baseline_checks as baseline
from planespec.spec.pod_security import restricted_checks as restricted
from planespec.spec.pod_security.baseline_checks import Fault
from planespec.spec.pods.pod_admission import fill_in_defaults

Function = Callable[[ObjectMeta, View], Fault | None]
LEVELS = ("privileged", "baseline", "restricted")
LATEST = 36


@dataclass(frozen=True)
class Check:
    """One check: its functions by the first version they hold for."""

    level: str
    versions: Mapping[int, Function]
    replaced_since: int | None = None
    """The version from which a stricter check stands for it in restricted namespaces."""

    def find(self, version: int, level: str) -> Function | None:
        """Return the function that holds; None where there is none."""
        is_replaced = self.replaced_since is not None and version >= self.replaced_since
        if is_replaced and level == "restricted":
            return None
        since = [each for each in self.versions if each <= version]
        return self.versions[max(since)] if since else None


def _linux_only(function: Function) -> Function:
    """Pods for Windows need not do it."""
    return lambda meta, spec: None if restricted.is_windows(spec) else function(meta, spec)


def _host_users_only(function: Function) -> Function:
    """Pods with users of their own need not do it."""
    return lambda meta, spec: None if restricted.has_own_users(spec) else function(meta, spec)


def _sysctls(since: int) -> Function:
    allowed = baseline.SYSCTLS_BY_VERSION[since]
    return lambda _meta, spec: baseline.find_sysctl_fault(spec, allowed)


CHECKS: tuple[Check, ...] = (
    Check("baseline", {0: baseline.check_app_armor}),
    Check("baseline", {0: baseline.check_capabilities}, 22),
    Check("baseline", {0: baseline.check_host_namespaces}),
    Check("baseline", {0: baseline.check_host_paths}, 0),
    Check("baseline", {0: baseline.check_host_ports}),
    Check("baseline", {34: baseline.check_hosts}),
    Check("baseline", {0: baseline.check_privileged}),
    Check(
        "baseline", {0: baseline.check_proc_mount, 35: baseline.check_proc_mount_with_users}, 35
    ),
    Check("baseline", {0: baseline.check_selinux, 31: baseline.check_selinux_with_engine}),
    Check("baseline", {0: baseline.check_seccomp_annotations, 19: baseline.check_seccomp}, 19),
    Check("baseline", {since: _sysctls(since) for since in baseline.SYSCTLS_BY_VERSION}),
    Check("baseline", {0: baseline.check_host_process}),
    Check(
        "restricted",
        {8: restricted.check_escalation, 25: _linux_only(restricted.check_escalation)},
    ),
    Check(
        "restricted",
        {
            22: restricted.check_dropped_capabilities,
            25: _linux_only(restricted.check_dropped_capabilities),
        },
    ),
    Check("restricted", {35: baseline.check_proc_mount}),
    Check("restricted", {0: restricted.check_volumes}),
    Check(
        "restricted",
        {0: restricted.check_non_root, 35: _host_users_only(restricted.check_non_root)},
    ),
    Check("restricted", {23: restricted.check_user, 35: _host_users_only(restricted.check_user)}),
    Check(
        "restricted",
        {19: restricted.check_set_seccomp, 25: _linux_only(restricted.check_set_seccomp)},
    ),
)
"""In upstream's order."""


def find_faults(pod: Pod, level: str, version: int = LATEST) -> Iterator[Fault]:
    """Yield reason and detail of each check that a pod does not pass. Raises ObjectError."""
    if level == "privileged":
        return
    filled = fill_in_defaults(pod)
    meta = ObjectMeta(pod.data.get("metadata"), "metadata")
    spec = View(filled.data.get("spec"), "spec")
    for check in CHECKS:
        if LEVELS.index(check.level) <= LEVELS.index(level):
            function = check.find(version, level)
            fault = None if function is None else function(meta, spec)
            if fault is not None:
                yield fault


def describe_faults(pod: Pod, level: str, version: int = LATEST) -> str:
    """Return what the API server says of a pod; empty where it is let in."""
    return ", ".join(
        f"{reason} ({detail})" if detail else reason
        for reason, detail in find_faults(pod, level, version)
    )
