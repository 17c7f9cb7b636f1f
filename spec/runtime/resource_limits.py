"""Resources of containers, and how runc refuses those that a machine does not have.

Until a container runs, anything is noted down. What is impossible is only found where the limits
are written: when it starts, and when those of a running one are updated.

Source: containerd v2.3.4, `container_update_resources.go`; runc v1.1.5, `libcontainer` with
`cgroups/fs` (cgroup v1). Left out: limits but memory, CPUs, their shares, quota and period.
"""

from planespec.spec.quantity.amount import quote
from planespec.spec.runtime.cri_store import (
    Code,
    Container,
    ContainerState,
    CriError,
    CriStore,
    Host,
    Limits,
    Version,
)

USAGE = "N"
"""Stands in messages for the bytes in use and the most that ever were."""
_SHORTEST_QUOTA = 1000
_PERIODS = range(1000, 1_000_001)
_CGROUPS = "/sys/fs/cgroup"


def update_limits(store: CriStore, ref: str, asked: Limits) -> None:
    """Change limits of a container (`UpdateContainerResources`). Raises CriError."""
    try:
        container = store.find_container(ref)
    except CriError as error:
        raise error.within("failed to find container") from None
    limits = container.limits.merge(asked)
    if container.state == ContainerState.RUNNING:
        refusal = _find_refusal(store.host, container.id, limits)
        if refusal:
            told = f"runc did not terminate successfully: exit status 1: {refusal}\n"
            told = f"failed to update resources: failed to update resources: {told}"
            raise CriError(Code.UNKNOWN, told + _shim_suffix(store.version))
    container.limits = limits


def explain_refused_start(store: CriStore, container: Container) -> str:
    """Return why runc cannot start a container, "" where it can.

    The CPUs are written when the process is moved to its cgroup, the rest when it is about to run.
    """
    limits = container.limits
    stage = "unable to apply cgroup configuration"
    refusal = _refuse_cpus(store.host, container.id, limits)
    if not refusal:
        stage = "error during container init: error setting cgroup config for procHooks process"
        refusal = _find_refusal(store.host, container.id, limits)
    if not refusal:
        return ""
    told = "failed to create shim task: OCI runtime create failed: runc create failed"
    told = f"{told}: unable to start container process: {stage}: {refusal}"
    return told + _shim_suffix(store.version)


def _shim_suffix(version: Version) -> str:
    """What 1.6 adds to errors that a shim tells without a class."""
    return ": unknown" if version is Version.V1_6 else ""


def refuse_exec(version: Version, command: list[str], program: str) -> str:
    """Return why runc does not execute a command in a container, "" where it does.

    `program` is the one file that is there.
    """
    refusal = ""
    if not command:
        refusal = "args must not be empty"
    elif command[0] != program:
        path = command[0]
        refusal = f"unable to start container process: exec: {quote(path)}: "
        refusal += f"stat {path}: no such file or directory"
    if not refusal:
        return ""
    return f"OCI runtime exec failed: exec failed: {refusal}" + _shim_suffix(version)


def _find_refusal(host: Host, key: str, limits: Limits) -> str:
    """The first limit that cannot be written, in runc's order."""
    refusal = _refuse_cpus(host, key, limits)
    if not refusal and 0 < limits.memory < host.memory_in_use:
        usage = f"current usage: {USAGE}, peak usage: {USAGE}"
        refusal = f"unable to set memory limit to {limits.memory} ({usage})"
    return refusal or _refuse_quota(host, key, limits)


def _refuse_cpus(host: Host, key: str, limits: Limits) -> str:
    last = max((int(each) for each in limits.cpus.replace("-", ",").split(",") if each), default=0)
    if last < host.cpus:
        return ""
    path = _path(host, "cpuset", key, "cpuset.cpus")
    return f'failed to write "{limits.cpus}": write {path}: numerical result out of range'


def _refuse_quota(host: Host, key: str, limits: Limits) -> str:
    """A period that is refused is tried again after the quota, if there is one."""
    for asked, file, is_right in (
        (limits.quota, "cpu.cfs_quota_us", limits.quota >= _SHORTEST_QUOTA or limits.quota < 0),
        (limits.period, "cpu.cfs_period_us", limits.period in _PERIODS),
    ):
        if asked and not is_right:
            told = _path(host, "cpu", key, file)
            return f'failed to write "{asked}": write {told}: invalid argument'
    return ""


def _path(host: Host, controller: str, key: str, file: str) -> str:
    return f"{_CGROUPS}/{controller}/{host.cgroup_parent}/{key}/{file}"
