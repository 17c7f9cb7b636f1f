"""The rules of a container runtime walked beside a real one: every answer, and all it lists."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from planespec.reports.live.runtime.cri_client import CriClient, RuntimeProcess
from planespec.spec.runtime import container_calls, process_calls, sandbox_calls
from planespec.spec.runtime.cri_store import (
    SIGTERM,
    Container,
    CriError,
    CriStore,
    Image,
    PodIdentity,
    Program,
    Sandbox,
    Version,
)

SETTLE_SECONDS = 10.0
"""How long a list may be behind: the runtime hears of ends a moment later."""
NOBODY = "f" * 64
_SANDBOX_STATES = ("READY", "NOTREADY")
_CONTAINER_STATES = ("CREATED", "RUNNING", "EXITED", "UNKNOWN")
_ON_THE_NODE = 2
_WAITS = Program(handles={SIGTERM: None})


@dataclass(frozen=True, slots=True)
class CriAction:
    """A step of a walk; `which` and `number` say of what, `RestartRuntime` is no call."""

    op: str
    which: int = 0
    number: int = 0


OPERATIONS = (
    *("RunPodSandbox", "StopPodSandbox", "RemovePodSandbox", "CreateContainer"),
    *("StartContainer", "StopContainer", "RemoveContainer", "RestartRuntime"),
)


@dataclass(slots=True)
class CriBeside:
    """One walk; pods of its own keep it apart from others on the same runtime."""

    client: CriClient
    image: str
    walk: int
    """A number that no other walk has."""
    process: RuntimeProcess | None = None
    store: CriStore = field(init=False)
    made: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with nothing that is its own."""
        release = str(self.client.call("Version", version="v1")["runtime_version"])
        self.store = CriStore(Version.of(release), images={self.image: Image(self.image)})

    def do(self, action: CriAction) -> None:
        """Let both take a step. Raises AssertionError where they answer or list otherwise."""
        if action.op == "RestartRuntime":
            self._restart()
        else:
            real = self._ask(action)
            due = self._answer(action, real if isinstance(real, str) else NOBODY)
            told = real if isinstance(real, tuple) else ()
            assert told == due, f"{action}: {told} where {due} is due"
        self._compare()

    def end(self) -> None:
        """Remove all that is left of the walk."""
        for key in list(self.store.sandboxes):
            self.client.call("RemovePodSandbox", pod_sandbox_id=key)

    def _restart(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.start()
        process_calls.restart(self.store)

    def _pick(self, which: int) -> str:
        """An id that was made, perhaps gone; or one that never was."""
        known = [*self.made, NOBODY]
        return known[which % len(known)]

    def _pod(self, which: int) -> PodIdentity:
        return PodIdentity(f"pod-{which % 2}", "planespec", f"uid-{self.walk}-{which % 2}")

    def _ask(self, action: CriAction) -> str | tuple[str, str]:
        """The new id, if any, that the runtime answers with, or its refusal."""
        try:
            answer = self.client.call(action.op, **self._request(action))
        except CriError as error:
            return error.code.value, error.message
        new = str(next(iter(answer.values()), ""))
        if new:
            self.made.append(new)
        return new

    def _request(self, action: CriAction) -> dict[str, object]:
        if action.op == "RunPodSandbox":
            return {"config": self._pod_config(self._pod(action.which), action.number)}
        key = self._pick(action.which)
        if action.op.endswith("Sandbox"):
            return {"pod_sandbox_id": key}
        if action.op != "CreateContainer":
            return {"container_id": key}
        sandbox = self.store.sandboxes.get(key)
        pod = sandbox.pod if sandbox else self._pod(0)
        name = {"name": "app", "attempt": action.number}
        return {
            "pod_sandbox_id": key,
            "config": {"metadata": name, "image": {"image": self.image}},
            "sandbox_config": self._pod_config(pod, sandbox.attempt if sandbox else 0),
        }

    def _pod_config(self, pod: PodIdentity, attempt: int) -> dict[str, object]:
        metadata = {"name": pod.name, "uid": pod.uid, "namespace": pod.namespace}
        spaces = {"namespace_options": {"network": _ON_THE_NODE}}
        return {
            "metadata": {**metadata, "attempt": attempt},
            "linux": {"security_context": spaces},
        }

    def _answer(self, action: CriAction, new: str) -> tuple[str, str] | tuple[()]:
        """What the rules answer: nothing, or a refusal."""
        key = self._pick(action.which) if new == NOBODY or not new else self._before(action.which)
        try:
            self._apply(action, key, new)
        except CriError as error:
            return error.code.value, error.message
        return ()

    def _before(self, which: int) -> str:
        """What was picked before the newest id was made."""
        known = [*self.made[:-1], NOBODY]
        return known[which % len(known)]

    def _apply(self, action: CriAction, key: str, new: str) -> None:
        match action.op:
            case "RunPodSandbox":
                pod = self._pod(action.which)
                sandbox_calls.run_pod_sandbox(self.store, Sandbox(new, pod, action.number))
            case "StopPodSandbox":
                sandbox_calls.stop_pod_sandbox(self.store, key)
            case "RemovePodSandbox":
                sandbox_calls.remove_pod_sandbox(self.store, key)
            case "CreateContainer":
                pod = self._pod(0)
                made = Container(new, "", "app", action.number, pod, self.image, _WAITS)
                container_calls.create_container(self.store, made, key)
            case "StartContainer":
                container_calls.start_container(self.store, key)
            case "StopContainer":
                container_calls.stop_container(self.store, key, 0)
            case "RemoveContainer":
                container_calls.remove_container_by_ref(self.store, key)

    def _compare(self) -> None:
        until = time.monotonic() + SETTLE_SECONDS
        due = self._list_due()
        while (listed := self._list_real()) != due and time.monotonic() < until:
            time.sleep(0.05)
        assert listed == due, f"{listed} is listed where {due} is due"

    def _list_due(self) -> Mapping[str, str]:
        shown = {each.id: each.state for each in self.store.sandboxes.values()}
        return shown | {each.id: each.state.value for each in self.store.containers.values()}

    def _list_real(self) -> Mapping[str, str]:
        sandboxes = self.client.list("ListPodSandbox", "items")
        containers = self.client.list("ListContainers", "containers")
        shown = {str(each["id"]): _name(_SANDBOX_STATES, each) for each in sandboxes}
        shown |= {str(each["id"]): _name(_CONTAINER_STATES, each) for each in containers}
        return {key: state for key, state in shown.items() if key in self.made}


def _name(states: tuple[str, ...], listed: Mapping[str, object]) -> str:
    number = listed["state"]
    return states[number] if isinstance(number, int) and number < len(states) else str(number)
