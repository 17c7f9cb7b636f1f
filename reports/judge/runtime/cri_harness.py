"""What stood around a recorded runtime: pods, programs, images, and symbols for its ids."""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from planespec.reports.judge.runtime.cri_programs import PAUSE, read_execution, read_program
from planespec.reports.judge.runtime.cri_symbols import (
    LOST_ID,
    read_ref,
    show_store,
    to_id,
    to_symbols,
)
from planespec.spec.objects.view import ObjectError, View
from planespec.spec.runtime import (
    container_calls,
    image_calls,
    process_calls,
    sandbox_calls,
)
from planespec.spec.runtime.cri_store import (
    SIGINT,
    Code,
    Container,
    CriError,
    CriStore,
    Host,
    Image,
    Limits,
    PodIdentity,
    Sandbox,
    Version,
)
from planespec.spec.runtime.resource_limits import update_limits

SHIM_ANSWER = (
    "failed to create containerd task: failed to start shim: start failed: dial unix "
    "\0\x08\x03\x12Yunix:///run/containerd/s/<hex>\x1a\x05ttrpc: "
    "connect: connection refused: unknown"
)
"""What 1.6 says of a shim of another release, which tells its address in another form."""
_PODS = {
    "0": PodIdentity("web", "shop", "uid-0"),
    "1": PodIdentity("db", "shop", "uid-1"),
    "2": PodIdentity("web", "other", "uid-2"),
}
_IMAGES = (
    Image("example.test/app:1"),
    Image("example.test/app:2"),
    Image("example.test/pause:1"),
    Image("example.test/sig:1", stop_signal=SIGINT),
)
_ADDRESS = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}")
_STATES = {"": "", "SANDBOX_READY": "READY", "SANDBOX_NOTREADY": "NOTREADY"}


class Harness:
    """A runtime with its surroundings; steps of a recording are taken one after the other."""

    def __init__(self, version: Version, *, ends_on_interrupt: bool) -> None:
        """Begin with the recorded images and no sandbox."""
        images = {image.tag: image for image in _IMAGES}
        self.store = CriStore(version, Host(cgroup_parent="recnode"), images=images)
        self._ends_on_interrupt = ends_on_interrupt
        self._made = {"s": 0, "c": 0}
        self._addresses: dict[str, str] = {}
        self._seen_message = self._seen_address = ""
        self._has_other_shim = False

    def foresee(self, message: str, address: str) -> None:
        """Keep what the next step has that no rule decides."""
        self._seen_message, self._seen_address = message, address

    def take(self, call: View) -> dict[str, object]:
        """Take a step; return code, message or result, and the state after it."""
        name = call.text("op")
        if name not in _CALLS:
            raise ObjectError(call.path("op"), f"{name!r} is none of {', '.join(sorted(_CALLS))}")
        try:
            answer: dict[str, object] = {"code": "OK", "result": _CALLS[name](self, call)}
        except CriError as error:
            answer = {"code": error.code.value, "message": to_symbols(error.message)}
        return {**answer, "state": show_store(self.store)}

    def _new_id(self, letter: str) -> str:
        return to_id(f"{letter}{self._made[letter]}")

    # Calls about sandboxes.

    def _run_sandbox(self, call: View) -> object:
        pod = _read(call, "pod", _PODS)
        sandbox = Sandbox(
            self._new_id("s"),
            pod,
            _number(call, "attempt"),
            call.text("handler"),
            has_network=call.text("net") == "pod",
            shares_pids=call.text("pid") == "POD",
        )
        try:
            sandbox_calls.check_sandbox(self.store, sandbox)
        except CriError as error:
            # Its id is told once and never again, so it has no symbol.
            raise CriError(error.code, error.message.replace(sandbox.id, LOST_ID)) from None
        self._check_shim()
        sandbox_calls.run_pod_sandbox(self.store, sandbox)
        self._made["s"] += 1
        return {"id": to_symbols(sandbox.id)}

    def _check_shim(self) -> None:
        if self.store.version is Version.V1_6 and self._seen_message == SHIM_ANSWER:
            self._has_other_shim = True
        if self._has_other_shim:
            raise CriError(Code.UNKNOWN, SHIM_ANSWER)

    def _stop_sandbox(self, call: View) -> object:
        sandbox_calls.stop_pod_sandbox(self.store, read_ref(call))
        return {}

    def _remove_sandbox(self, call: View) -> object:
        sandbox_calls.remove_pod_sandbox(self.store, read_ref(call))
        return {}

    def _get_sandbox(self, call: View) -> object:
        found = sandbox_calls.get_sandbox_status(self.store, read_ref(call))
        return {
            "id": to_symbols(found.id),
            "state": f"SANDBOX_{found.state}",
            "name": found.pod.name,
            "attempt": found.attempt,
            "ip": self._find_address(found) if found.has_network else "",
            "handler": found.handler,
        }

    def _find_address(self, sandbox: Sandbox) -> str:
        """The address it has told before, or a new one that no other has."""
        if sandbox.id not in self._addresses:
            others = {
                address
                for key, address in self._addresses.items()
                if key in self.store.sandboxes and self.store.sandboxes[key].has_network
            }
            if not _ADDRESS.fullmatch(self._seen_address) or self._seen_address in others:
                return "(an address of its own)"
            self._addresses[sandbox.id] = self._seen_address
        return self._addresses[sandbox.id]

    def _list_sandboxes(self, call: View) -> object:
        label = _read(call, "label", _PODS).uid if call.has("label") else ""
        found = sandbox_calls.list_sandboxes(
            self.store,
            ref=read_ref(call, "id") if call.has("id") else "",
            state=_read(call, "state", _STATES),
            pod=label,
        )
        return {"items": sorted(to_symbols(each.id) for each in found)}

    # Calls about containers.

    def _create_container(self, call: View) -> object:
        container = Container(
            self._new_id("c"),
            "",
            call.text("name"),
            _number(call, "attempt"),
            _PODS["0"],
            call.text("image"),
            read_program(call, ends_on_interrupt=self._ends_on_interrupt),
        )
        container_calls.create_container(self.store, container, read_ref(call, "sandbox"))
        self._made["c"] += 1
        return {"id": to_symbols(container.id)}

    def _start_container(self, call: View) -> object:
        container_calls.start_container(self.store, read_ref(call))
        return {}

    def _stop_container(self, call: View) -> object:
        timeout = _number(call, "timeout")
        waited = container_calls.stop_container(self.store, read_ref(call), timeout)
        return {"waitedTimeout": waited if timeout else None}

    def _remove_container(self, call: View) -> object:
        container_calls.remove_container_by_ref(self.store, read_ref(call))
        return {}

    def _get_container(self, call: View) -> object:
        found = container_calls.find_container(self.store, read_ref(call))
        return {
            "id": to_symbols(found.id),
            "state": found.state.value,
            "attempt": found.attempt,
            "exit": found.exit_code,
            "reason": found.shown_reason,
            "message": to_symbols(found.message),
            "started": found.has_started,
            "finished": found.state.value == "EXITED",
        }

    def _list_containers(self, call: View) -> object:
        found = container_calls.list_containers(
            self.store,
            ref=read_ref(call, "id") if call.has("id") else "",
            sandbox=read_ref(call, "sandbox") if call.has("sandbox") else "",
            state=call.text("state").removeprefix("CONTAINER_"),
            name=call.text("label"),
        )
        return {"items": sorted(to_symbols(each.id) for each in found)}

    # Calls about what runs.

    def _exec(self, call: View) -> object:
        execution = read_execution(call)
        timeout = _number(call, "timeout")
        done = process_calls.exec_sync(self.store, read_ref(call), execution, timeout)
        return {"stdout": done.stdout, "stderr": done.stderr, "exit": done.exit_code}

    def _update(self, call: View) -> object:
        asked = call.needing("linux").view("linux")
        limits = Limits(
            asked.integer("memory_limit_in_bytes") or 0,
            asked.text("cpuset_cpus"),
            asked.integer("cpu_quota") or 0,
            asked.integer("cpu_period") or 0,
            asked.integer("cpu_shares") or 0,
        )
        update_limits(self.store, read_ref(call), limits)
        return {}

    def _get_stats(self, call: View) -> object:
        return {"id": to_symbols(process_calls.get_container_stats(self.store, read_ref(call)).id)}

    def _reopen(self, call: View) -> object:
        process_calls.reopen_log(self.store, read_ref(call))
        return {}

    # Calls about images.

    def _get_image(self, call: View) -> object:
        image = image_calls.get_image(self.store, call.text("image"))
        return {"present": image is not None, "tags": [image.tag] if image else []}

    def _list_images(self, call: View) -> object:
        return {"tags": sorted(each.tag for each in image_calls.list_images(self.store))}

    def _remove_image(self, call: View) -> object:
        image_calls.remove_image(self.store, call.text("image"))
        return {}

    def _pull_image(self, call: View) -> object:
        raise image_calls.refuse_pull(self.store, call.text("image"))

    # What is no call.

    def _kill(self, call: View) -> object:
        target, signal = read_ref(call), _number(call, "signal")
        try:
            ended = process_calls.signal_process(self.store, target, signal, PAUSE)
        except ValueError:
            raise ObjectError(call.path("ref"), "has no process that runs") from None
        return {"exited": ended}

    def _restart(self, call: View) -> object:
        process_calls.restart(self.store, [to_id(each) for each in call.texts("killWhileDown")])
        return {}


def _number(call: View, name: str) -> int:
    return call.needing(name).integer(name) or 0


_T = TypeVar("_T")


def _read(call: View, name: str, known: Mapping[str, _T]) -> _T:
    text = call.text(name)
    if text not in known:
        told = ", ".join(each for each in known if each)
        raise ObjectError(call.path(name), f"must be one of {told}")
    return known[text]


_CALLS: dict[str, Callable[[Harness, View], object]] = {
    "RunPodSandbox": Harness._run_sandbox,
    "StopPodSandbox": Harness._stop_sandbox,
    "RemovePodSandbox": Harness._remove_sandbox,
    "PodSandboxStatus": Harness._get_sandbox,
    "ListPodSandbox": Harness._list_sandboxes,
    "CreateContainer": Harness._create_container,
    "StartContainer": Harness._start_container,
    "StopContainer": Harness._stop_container,
    "RemoveContainer": Harness._remove_container,
    "ContainerStatus": Harness._get_container,
    "ListContainers": Harness._list_containers,
    "ExecSync": Harness._exec,
    "UpdateContainerResources": Harness._update,
    "ContainerStats": Harness._get_stats,
    "ReopenContainerLog": Harness._reopen,
    "ImageStatus": Harness._get_image,
    "ListImages": Harness._list_images,
    "RemoveImage": Harness._remove_image,
    "PullImage": Harness._pull_image,
    "KillProcess": Harness._kill,
    "RestartRuntime": Harness._restart,
}
