"""Calls about containers: create, start, stop, remove, status and list.

Source: containerd v2.3.4, `internal/cri/server/container_*.go`, and v1.6.20, `pkg/cri/server`.
Left out: checkpoints, target containers, mounts, plugins of NRI; and calls beside each other about
one container, of which one would be refused (`starting`, `removing`).
"""

from planespec.spec.quantity.amount import quote
from planespec.spec.runtime.cri_events import Change
from planespec.spec.runtime.cri_store import (
    SIGKILL,
    Code,
    Container,
    ContainerState,
    CriError,
    CriStore,
    Sandbox,
    Version,
    react,
    reserve,
)
from planespec.spec.runtime.image_calls import resolve
from planespec.spec.runtime.resource_limits import explain_refused_start

START_ERROR = 128
"""Exit code of a container that could not be started."""


def create_container(store: CriStore, container: Container, sandbox_ref: str) -> None:
    """Create a container in a sandbox (`CreateContainer`); its id is new.

    Its sandbox and the signal that stops it are filled in. Raises CriError; then the name that it
    asked for is free again.
    """
    sandbox = _find_ready_sandbox(store, sandbox_ref)
    container.sandbox_id, container.pod = sandbox.id, sandbox.pod
    try:
        reserve(store.version, store.container_names, container.full_name)
    except CriError as error:
        told = f"failed to reserve container name {quote(container.full_name)}"
        if store.version is not Version.V1_6:
            told += "; check if another CreateContainer request is in progress"
        raise error.within(told) from None
    container.stop_signal = _resolve_image(store, container.image)
    add = Change(container.id, "CREATED", sandbox.id, lambda: _add(store, container))
    store.happen(add)


def _add(store: CriStore, container: Container) -> None:
    store.containers[container.id] = container


def _find_ready_sandbox(store: CriStore, ref: str) -> Sandbox:
    try:
        sandbox = store.find_sandbox(ref)
    except CriError as error:
        raise error.within(f"failed to find sandbox id {quote(ref)}") from None
    if sandbox.is_ready:
        return sandbox
    if store.version is Version.V1_6:
        told = f"no running task found: task {sandbox.id} not found: not found"
        raise CriError(Code.NOT_FOUND, f"failed to get sandbox container task: {told}")
    raise _not_running(sandbox)


def _not_running(sandbox: Sandbox) -> CriError:
    return CriError(Code.UNKNOWN, f"sandbox container {quote(sandbox.id)} is not running")


def _resolve_image(store: CriStore, ref: str) -> int:
    """The stop signal of an image. Since 2.x it is first looked at as a checkpoint."""
    try:
        return resolve(store, ref).stop_signal
    except CriError as error:
        told = error.within(f"failed to resolve image {quote(ref)}")
        if ref and store.version is not Version.V1_6:
            told = told.within("failed to check if this is a checkpoint image")
        raise told from None


def find_container(store: CriStore, ref: str) -> Container:
    """Return a container, or raise CriError in the words of most calls."""
    try:
        return store.find_container(ref)
    except CriError as error:
        told = f"an error occurred when try to find container {quote(ref)}"
        raise error.within(told) from None


def start_container(store: CriStore, ref: str) -> None:
    """Start a created container (`StartContainer`), once. Raises CriError.

    One whose start fails has exited for ever; a program that ends by itself has ended on return.
    """
    container = find_container(store, ref)
    if container.state != ContainerState.CREATED:
        told = f"failed to set starting state for container {quote(container.id)}"
        state = f"container is in CONTAINER_{container.state} state"
        raise CriError(Code.UNKNOWN, f"{told}: {state}")
    try:
        _check_start(store, container)
    except CriError as error:
        container.end(START_ERROR, "StartError", error.message)
        raise
    store.happen(*_run(container))


def _check_start(store: CriStore, container: Container) -> None:
    sandbox = store.sandboxes[container.sandbox_id]
    if not sandbox.is_ready:
        raise _not_running(sandbox)
    refusal = explain_refused_start(store, container)
    if refusal:
        raise CriError(Code.UNKNOWN, f"failed to create containerd task: {refusal}")


def _run(container: Container) -> list[Change]:
    def start() -> None:
        container.state, container.has_started = ContainerState.RUNNING, True

    changes = [Change(container.id, "STARTED", container.sandbox_id, start)]
    code = container.program.ends_with
    if code is not None:
        changes.append(end_container(container, code))
    return changes


def end_container(container: Container, code: int) -> Change:
    """Return the end of the process of a running container."""
    return Change(container.id, "STOPPED", container.sandbox_id, lambda: container.end(code))


def kill_container(container: Container) -> Change:
    """Return the end of a running container by SIGKILL."""
    return end_container(container, 128 + SIGKILL)


def stop_container(store: CriStore, ref: str, timeout: int) -> bool:
    """Stop a running container (`StopContainer`), after so many seconds by SIGKILL.

    Returns whether all of the timeout passed. Since 2.x one that is not there has been stopped.
    One that does not run stays as it is. Raises CriError.
    """
    try:
        container = find_container(store, ref)
    except CriError as error:
        if store.version is not Version.V1_6 and error.code == Code.NOT_FOUND:
            return False
        raise
    if container.state != ContainerState.RUNNING:
        return False
    code = signal_container(store, container, container.stop_signal) if timeout > 0 else None
    store.happen(kill_container(container) if code is None else end_container(container, code))
    return timeout > 0 and code is None


def signal_container(store: CriStore, container: Container, signal: int) -> int | None:
    """Return the exit code of the process of a container that gets a signal, or None."""
    shares = store.sandboxes[container.sandbox_id].shares_pids
    return react(container.program, signal, is_init=not shares)


def remove_container_by_ref(store: CriStore, ref: str) -> None:
    """Remove a container, by force if it runs (`RemoveContainer`). Raises CriError.

    One that is not there has been removed.
    """
    try:
        container = find_container(store, ref)
    except CriError as error:
        if error.code == Code.NOT_FOUND:
            return
        raise
    if container.state == ContainerState.RUNNING:
        store.happen(kill_container(container))
    store.happen(remove_container(store, container))


def remove_container(store: CriStore, container: Container) -> Change:
    """Return the removal of a container that does not run."""
    return Change(
        container.id, "DELETED", container.sandbox_id, lambda: store.containers.pop(container.id)
    )


def list_containers(
    store: CriStore, *, ref: str = "", sandbox: str = "", state: str = "", name: str = ""
) -> list[Container]:
    """Return the containers that a filter lets through (`ListContainers`), in no order.

    `ref` and `sandbox` may be beginnings of ids, `name` is the label that a kubelet gives.
    """
    ref = _complete(store, ref)
    sandbox = _complete_sandbox(store, sandbox)
    return [
        each
        for each in store.containers.values()
        if ref in ("", each.id)
        and sandbox in ("", each.sandbox_id)
        and state in ("", each.state)
        and name in ("", each.name)
    ]


def _complete(store: CriStore, ref: str) -> str:
    try:
        return store.find_container(ref).id
    except CriError:
        return ref


def _complete_sandbox(store: CriStore, ref: str) -> str:
    try:
        return store.find_sandbox(ref).id
    except CriError:
        return ref
