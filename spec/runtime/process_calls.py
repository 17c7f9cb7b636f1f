"""Calls about what runs in containers, and what happens to a runtime and its processes.

A command ends by itself or at its timeout. A runtime that is killed and started again finds
everything as it was, but for processes that ended meanwhile: nobody saw with what.

Source: containerd v2.3.4, `internal/cri/server/container_execsync.go`, `container_stats.go`,
`container_log_reopen.go`, `restart.go`, `podsandbox/recover.go`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from planespec.spec.quantity.amount import quote
from planespec.spec.runtime.container_calls import (
    end_container,
    find_container,
    kill_container,
    signal_container,
)
from planespec.spec.runtime.cri_events import Change
from planespec.spec.runtime.cri_store import (
    Code,
    Container,
    ContainerState,
    CriError,
    CriStore,
    Program,
    Sandbox,
    react,
)
from planespec.spec.runtime.resource_limits import refuse_exec
from planespec.spec.runtime.sandbox_calls import end_sandbox

UNKNOWN_EXIT = 255
"""Exit code of a container whose end nobody saw."""


@dataclass(frozen=True, slots=True)
class Execution:
    """A command, and what would come of it in a container that has its program."""

    id: str
    command: list[str]
    program: str
    """The one program that is there."""
    takes: float = 0
    """Seconds until it ends by itself."""
    exit_code: int = 0
    stdout: str = ""
    stderr: str = ""


def exec_sync(store: CriStore, ref: str, execution: Execution, timeout: int) -> Execution:
    """Execute a command in a running container (`ExecSync`), at most so many seconds; 0 is no end.

    A command that fails is no error. Raises CriError.
    """
    try:
        container = store.find_container(ref)
    except CriError as error:
        told = error.within(f"failed to find container {quote(ref)} in store")
        raise told.within("failed to exec in container") from None
    if container.state != ContainerState.RUNNING:
        told_state = f"container is in CONTAINER_{container.state} state"
        raise CriError(Code.UNKNOWN, f"failed to exec in container: {told_state}")
    refusal = refuse_exec(store.version, execution.command, execution.program)
    if refusal:
        told_start = f"failed to start exec {quote(execution.id)}: {refusal}"
        raise CriError(Code.UNKNOWN, f"failed to exec in container: {told_start}")
    if 0 < timeout < execution.takes:
        told_end = f"timeout {timeout}s exceeded: context deadline exceeded"
        raise CriError(Code.DEADLINE_EXCEEDED, f"failed to exec in container: {told_end}")
    return execution


def get_container_stats(store: CriStore, ref: str) -> Container:
    """Return a container that has statistics (`ContainerStats`): it runs. Raises CriError."""
    try:
        container = store.find_container(ref)
    except CriError as error:
        raise error.within("failed to find container") from None
    if container.state != ContainerState.RUNNING:
        raise CriError(Code.UNKNOWN, "unexpected metrics response: []")
    return container


def reopen_log(store: CriStore, ref: str) -> None:
    """Open the log of a running container anew (`ReopenContainerLog`). Raises CriError."""
    if find_container(store, ref).state != ContainerState.RUNNING:
        raise CriError(Code.UNKNOWN, "container is not running")


# What happens without a call.


def signal_process(store: CriStore, target: str, signal: int, pause: Program) -> bool:
    """Send a signal to the process of a container or a sandbox; return whether it ended.

    `pause` is the program of sandboxes; with the one of a shared PID namespace all in it end.
    Raises ValueError where there is no process.
    """
    if target in store.sandboxes and store.sandboxes[target].is_ready:
        if react(pause, signal, is_init=True) is None:
            return False
        store.happen(*_end_with_sandbox(store, store.sandboxes[target]))
        return True
    container = store.containers.get(target)
    if container is None or container.state != ContainerState.RUNNING:
        raise ValueError(f"{target} has no process")
    code = signal_container(store, container, signal)
    if code is not None:
        store.happen(end_container(container, code))
    return code is not None


def _end_with_sandbox(store: CriStore, sandbox: Sandbox) -> list[Change]:
    return [
        *(kill_container(each) for each in _list_sharing(store, sandbox)),
        end_sandbox(sandbox),
    ]


def _list_sharing(store: CriStore, sandbox: Sandbox) -> list[Container]:
    """Running containers in the PID namespace of a sandbox."""
    return [
        each
        for each in store.list_containers_of(sandbox.id)
        if sandbox.shares_pids and each.state == ContainerState.RUNNING
    ]


def restart(store: CriStore, killed: Iterable[str] = ()) -> None:
    """Kill the runtime and start it again; meanwhile the processes of some ids are killed.

    Nobody is told of those.
    """
    for target in killed:
        sandbox = store.sandboxes.get(target)
        ended = [store.containers[target]] if target in store.containers else []
        if sandbox is not None:
            sandbox.is_ready = False
            ended = _list_sharing(store, sandbox)
        for container in ended:
            if container.state == ContainerState.RUNNING:
                container.end(UNKNOWN_EXIT, "Unknown")
