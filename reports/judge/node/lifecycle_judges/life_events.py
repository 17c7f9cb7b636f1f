"""Reading the traces of `kubelet_containerd`: their events in order, the programs that run."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from planespec.reports.judge.recorded_fields import read_number
from planespec.spec.node.pod_life.observed_life import Program
from planespec.spec.node.status_parts import Json
from planespec.spec.objects.view import ObjectError, View

NO_MODE = 99
"""The exit code of a program without a mode that it knows."""
SIGNAL = 128
TERMINATED = {"pause": 0, "run": 42}
"""Exit codes after SIGTERM of programs that heed it."""


@dataclass(frozen=True, slots=True)
class Event:
    """An action, a call or a status, and when it began or was seen."""

    time: float
    sort: str
    view: View


def list_events(line: View) -> list[Event]:
    """The events of a trace in order; at one time actions come first, statuses last."""
    events = [
        Event(_read_time(each), name, each)
        for name in ("actions", "calls", "status")
        for each in line.views(name)
    ]
    return sorted(events, key=lambda event: event.time)


def _read_time(view: View) -> float:
    return read_seconds(view, "t")


def read_seconds(view: View, name: str) -> float:
    """A number of a call, in seconds; it has to be there."""
    return float(read_number(view.needing(name), name))


def read_program(arguments: list[str]) -> Program:
    """How the recorder's program ends when it is run so."""
    mode, *rest = arguments or [""]
    stopped = frozenset({SIGNAL + 9, TERMINATED.get(mode, SIGNAL + 15)})
    if mode in ("pause", "run", "stubborn"):
        return Program(stopped=stopped)
    if mode in ("exit", "kill", "echo", "sleep") and len(rest) == 2:
        first, second = (int(each) if each.isdigit() else 0 for each in rest)
        if mode == "echo":
            return Program(0, second, stopped)
        if mode == "sleep":
            return Program(first / 1000, second, stopped)
        code = first + (SIGNAL if mode == "kill" else 0)
        return Program(second / 1000, code, stopped)
    return Program(0, NO_MODE, stopped)


def get_exit_code(command: list[str]) -> int:
    """The exit code of a command that is run in a container to its end."""
    program = read_program(command[1:])
    return program.code if program.after < inf else -1


def read_status(pod: View) -> Json:
    """A recorded status in the form of the API; conditions stay [status, reason] by type."""
    conditions = pod.view("conditions")
    status: Json = {
        "phase": pod.text("phase"),
        "reason": pod.text("reason"),
        "conditions": {type_: conditions.texts(type_) for type_ in conditions.data},
    }
    for name in ("initContainerStatuses", "containerStatuses"):
        entries = pod.view(name)
        status[name] = [_read_entry(key, entries.view(key)) for key in entries.data]
    return status


def _read_entry(name: str, entry: View) -> Json:
    return {
        "name": name,
        "state": _read_state(entry.needing("state").view("state")),
        "lastState": _read_state(entry.view("lastState")) if entry.has("lastState") else {},
        "ready": entry.flag("ready"),
        "started": entry.flag("started"),
        "restartCount": entry.integer("restartCount") or 0,
    }


def _read_state(state: View) -> Json:
    sort = state.text("is")
    if not sort:
        return {}
    told: Json = {"reason": state.text("reason")} if state.has("reason") else {}
    told |= {"exitCode": state.integer("exitCode")} if state.has("exitCode") else {}
    if sort not in ("running", "waiting", "terminated"):
        raise ObjectError(state.path("is"), "must be running, waiting or terminated")
    return {sort: {"exitCode": 0} | told if sort == "terminated" else told}


def list_probes(container: View) -> Iterator[tuple[str, View]]:
    """Yield the probes of a container by the name of the field."""
    for name in ("startupProbe", "livenessProbe", "readinessProbe"):
        if container.has(name):
            yield name, container.view(name)
