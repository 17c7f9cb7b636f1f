"""Calls about pod sandboxes: run, stop, remove, status and list.

Source: containerd v2.3.4, `internal/cri/server/sandbox_*.go`, and v1.6.20, `pkg/cri/server`. Left
out: failures of the network and of the shim, plugins of NRI, image volumes.
"""

from planespec.spec.quantity.amount import quote
from planespec.spec.runtime.container_calls import kill_container, remove_container
from planespec.spec.runtime.cri_events import Change
from planespec.spec.runtime.cri_store import (
    Code,
    ContainerState,
    CriError,
    CriStore,
    Sandbox,
    Version,
    reserve,
)


def run_pod_sandbox(store: CriStore, sandbox: Sandbox) -> None:
    """Run a new sandbox (`RunPodSandbox`); its id is new. Raises CriError, and nothing is left."""
    check_sandbox(store, sandbox)
    add = Change(sandbox.id, "CREATED", sandbox.id, lambda: _add(store, sandbox))
    store.happen(add)
    store.happen(Change(sandbox.id, "STARTED", sandbox.id, lambda: None))


def check_sandbox(store: CriStore, sandbox: Sandbox) -> None:
    """Raise CriError where a sandbox cannot be run, before anything is done for it."""
    try:
        reserve(store.version, store.sandbox_names, sandbox.name)
    except CriError as error:
        raise error.within(f"failed to reserve sandbox name {quote(sandbox.name)}") from None
    if sandbox.handler not in store.host.handlers:
        told = "failed to get sandbox runtime"
        if store.version is not Version.V1_6:
            told = f"unable to get OCI runtime for sandbox {quote(sandbox.id)}"
        missing = f"no runtime for {quote(sandbox.handler)} is configured"
        raise CriError(Code.UNKNOWN, f"{told}: {missing}")


def _add(store: CriStore, sandbox: Sandbox) -> None:
    store.sandboxes[sandbox.id] = sandbox


def stop_pod_sandbox(store: CriStore, ref: str) -> None:
    """Stop a sandbox and kill what runs in it (`StopPodSandbox`); created containers stay so.

    Since 2.x one that is not there has been stopped. Raises CriError.
    """
    sandbox = _find(store, ref, is_gone_right=store.version is not Version.V1_6)
    if sandbox is not None:
        _stop(store, sandbox)


def _find(store: CriStore, ref: str, *, is_gone_right: bool) -> Sandbox | None:
    try:
        return store.find_sandbox(ref)
    except CriError as error:
        if is_gone_right and error.code == Code.NOT_FOUND:
            return None
        told = f"an error occurred when try to find sandbox {quote(ref)}"
        raise error.within(told) from None


def _stop(store: CriStore, sandbox: Sandbox) -> None:
    """Kill its containers, in no order, then itself, and take its network down."""
    running = [
        each
        for each in store.list_containers_of(sandbox.id)
        if each.state == ContainerState.RUNNING
    ]
    store.happen(*(kill_container(each) for each in running))
    if sandbox.is_ready:
        store.happen(end_sandbox(sandbox))
    sandbox.has_network = False


def end_sandbox(sandbox: Sandbox) -> Change:
    """Return the end of the process of a sandbox."""

    def end() -> None:
        sandbox.is_ready = False

    return Change(sandbox.id, "STOPPED", sandbox.id, end)


def remove_pod_sandbox(store: CriStore, ref: str) -> None:
    """Stop a sandbox, and remove it with all its containers (`RemovePodSandbox`).

    One that is not there has been removed. Raises CriError.
    """
    sandbox = _find(store, ref, is_gone_right=True)
    if sandbox is None:
        return
    _stop(store, sandbox)
    within = store.list_containers_of(sandbox.id)
    store.happen(*(remove_container(store, each) for each in within))
    # The event is sent before the sandbox leaves the store.
    store.happen(Change(sandbox.id, "DELETED", sandbox.id, lambda: None))
    del store.sandboxes[sandbox.id]


def get_sandbox_status(store: CriStore, ref: str) -> Sandbox:
    """Return a sandbox (`PodSandboxStatus`). Raises CriError."""
    try:
        return store.find_sandbox(ref)
    except CriError as error:
        raise error.within("an error occurred when try to find sandbox") from None


def list_sandboxes(
    store: CriStore, *, ref: str = "", state: str = "", pod: str = ""
) -> list[Sandbox]:
    """Return the sandboxes that a filter lets through (`ListPodSandbox`), in no order.

    `ref` is the beginning of an id, `state` READY or NOTREADY, `pod` the UID of a pod.
    """
    return [
        each
        for each in store.sandboxes.values()
        if _has_id(store, each, ref) and state in ("", each.state) and pod in ("", each.pod.uid)
    ]


def _has_id(store: CriStore, sandbox: Sandbox, ref: str) -> bool:
    """Whether a filter means it: 1.6 resolves the id first, so several with it are none."""
    if not ref or store.version is not Version.V1_6:
        return sandbox.id.startswith(ref)
    try:
        return store.find_sandbox(ref).id == sandbox.id
    except CriError:
        return sandbox.id == ref
