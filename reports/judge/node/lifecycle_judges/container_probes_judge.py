"""Judge of `kubelet_probes`: the three probe workers of one container, tick by tick.

A line is `{"case", "container", "restartPolicy", "sidecar", "kubeletStartedSecondsAgo", "steps"}`.
Steps that tell what is seen: `newContainer` (id, state, age, perhaps started), `age`, `exit`,
`delete` (of the pod), `phase`, `podStatusKnown` (to the status manager), `apiPodReadyCondition`.
Steps that ask: `doProbe` lets one worker probe, whose attempts have the given `outcomes`, the last
of them again and again; `UpdatePodStatus` writes started and ready into the status.

Each step is one comparison, with all that is published of the container, what was sent on, the
workers, events and the status. Time does not pass between steps. What the recorder's attempts put
out is in no line: `no` with a failure, `hm` with a warning, `probe error` with an error.

The recorder changed no condition of the pod while the status manager did not know it. Whether such
a change is there once the pod is known again no line tells, so a line agrees if it does one way.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, repeat
from pathlib import Path

from planespec.reports.judge.runner import Comparison, compare, judge_lines, part_answers
from planespec.spec.node.lifecycle.container_probes import ContainerProbes, Role
from planespec.spec.node.lifecycle.probe_worker import (
    Attempt,
    ProbeType,
    SeenContainer,
    SeenPod,
    State,
)
from planespec.spec.objects.core_views import Container
from planespec.spec.objects.view import ObjectError, View

_ANSWERS = frozenset(("after", "keepGoing", "probesRun", "manualTrigger"))
_OUTCOMES = {
    "success": Attempt("success"),
    "failure": Attempt("failure", "no"),
    "warning": Attempt("warning", "hm"),
    "unknown": Attempt("unknown"),
    "error": Attempt("unknown", error="probe error"),
}


@dataclass(slots=True)
class _Kubelet:
    """A kubelet with one container of one pod."""

    probes: ContainerProbes
    pod: SeenPod
    age: int
    catches_up: bool
    """Whether a condition that changed while the pod was unknown is there when it is known."""
    is_ready: bool = False
    """The newest condition, wherever it is."""
    seen: SeenContainer | None = None
    events: list[str] = field(default_factory=list)


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each step; InputError where the recording is malformed."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> list[Comparison]:
    found = list(_compare_steps(where, line, catches_up=False))
    if not all(each.agrees for each in found):
        other = list(_compare_steps(where, line, catches_up=True))
        found = other if all(each.agrees for each in other) else found
    return found


def _compare_steps(where: str, line: View, *, catches_up: bool) -> Iterator[Comparison]:
    line.needing("container", "restartPolicy", "kubeletStartedSecondsAgo", "steps")
    container = Container(line.data["container"], "container")
    role = Role.SIDECAR if line.flag("sidecar") else Role.REGULAR
    pod = SeenPod(restart_policy=line.text("restartPolicy"))
    age = _read_number(line, "kubeletStartedSecondsAgo")
    kubelet = _Kubelet(ContainerProbes(container, role), pod, age, catches_up)
    for step in line.views("steps"):
        step.needing("op", "after")
        given, expected = part_answers(step.data, _ANSWERS)
        answer = _take_step(kubelet, step)
        yield compare(step.text("op"), where, given, expected, {**answer, "after": _show(kubelet)})


def _read_number(view: View, name: str) -> int:
    return view.needing(name).integer(name) or 0


def _take_step(kubelet: _Kubelet, step: View) -> dict[str, object]:
    op = step.text("op")
    if op in _SIGHTS:
        _SIGHTS[op](kubelet, step)
        return {}
    if op not in _QUESTIONS:
        known = ", ".join(sorted(_SIGHTS | _QUESTIONS))
        raise ObjectError(step.path("op"), f"{op!r} is none of {known}")
    return _QUESTIONS[op](kubelet, step)


def _meet_container(kubelet: _Kubelet, step: View) -> None:
    step.needing("containerID", "state")
    if step.text("state") not in list(State):
        raise ObjectError(step.path("state"), f"is none of {', '.join(State)}")
    kubelet.seen = SeenContainer(
        step.text("containerID"),
        State(step.text("state")),
        _read_number(step, "ageSeconds"),
        started=step.flag("started"),
    )


def _need_container(kubelet: _Kubelet, step: View) -> SeenContainer:
    if kubelet.seen is None:
        raise ObjectError(step.field, "comes before there is a container")
    return kubelet.seen


def _grow_old(kubelet: _Kubelet, step: View) -> None:
    age = _read_number(step, "ageSeconds")
    kubelet.seen = replace(_need_container(kubelet, step), age=age)


def _exit(kubelet: _Kubelet, step: View) -> None:
    code = _read_number(step, "exitCode")
    seen = _need_container(kubelet, step)
    kubelet.seen = replace(seen, state=State.TERMINATED, exit_code=code)


def _delete(kubelet: _Kubelet, step: View) -> None:
    kubelet.pod = replace(kubelet.pod, is_deleting=True)


def _set_phase(kubelet: _Kubelet, step: View) -> None:
    kubelet.pod = replace(kubelet.pod, phase=step.needing("phase").text("phase"))


def _set_known(kubelet: _Kubelet, step: View) -> None:
    kubelet.pod = replace(kubelet.pod, is_known=step.needing("known").flag("known"))
    if kubelet.pod.is_known and kubelet.catches_up:
        kubelet.pod = replace(kubelet.pod, is_ready=kubelet.is_ready)


def _set_ready(kubelet: _Kubelet, step: View) -> None:
    kubelet.is_ready = step.needing("podReady").flag("podReady")
    if kubelet.pod.is_known:
        kubelet.pod = replace(kubelet.pod, is_ready=kubelet.is_ready)


def _probe(kubelet: _Kubelet, step: View) -> dict[str, object]:
    name, outcomes = step.text("probe"), step.texts("outcomes")
    if name not in list(ProbeType) or ProbeType(name) not in kubelet.probes.workers:
        raise ObjectError(step.path("probe"), f"{name!r} is no probe whose worker runs")
    if not outcomes or not _OUTCOMES.keys() >= set(outcomes):
        known = ", ".join(sorted(_OUTCOMES))
        raise ObjectError(step.path("outcomes"), f"must be one or more of {known}")
    coming = chain(outcomes, repeat(outcomes[-1]))
    done = kubelet.probes.tick(
        ProbeType(name), kubelet.pod, kubelet.seen, kubelet.age, lambda: _OUTCOMES[next(coming)]
    )
    kubelet.events.extend(done.events)
    return {"keepGoing": done.keeps_going, "probesRun": done.attempts}


def _update_status(kubelet: _Kubelet, step: View) -> dict[str, object]:
    seen = _need_container(kubelet, step)
    kubelet.seen, triggers = kubelet.probes.update_status(kubelet.pod, seen, kubelet.age)
    return {"manualTrigger": [str(ProbeType.READINESS)] if triggers else []}


_SIGHTS: dict[str, Callable[[_Kubelet, View], None]] = {
    "age": _grow_old,
    "apiPodReadyCondition": _set_ready,
    "delete": _delete,
    "exit": _exit,
    "newContainer": _meet_container,
    "phase": _set_phase,
    "podStatusKnown": _set_known,
}
_QUESTIONS: dict[str, Callable[[_Kubelet, View], dict[str, object]]] = {
    "UpdatePodStatus": _update_status,
    "doProbe": _probe,
}


def _show(kubelet: _Kubelet) -> dict[str, object]:
    """All that can be seen after a step; what was sent on and told is taken away."""
    seen = kubelet.seen
    shown: dict[str, object] = {str(probe): _show_probe(kubelet, probe) for probe in ProbeType}
    if kubelet.events:
        shown["events"] = kubelet.events[:]
        kubelet.events.clear()
    status = {"ready": seen.ready, "started": seen.started} if seen else {}
    return {**shown, "status": status}


def _show_probe(kubelet: _Kubelet, probe: ProbeType) -> dict[str, object]:
    shown: dict[str, object] = {}
    results, worker = kubelet.probes.results[probe], kubelet.probes.workers.get(probe)
    seen = kubelet.seen.container_id if kubelet.seen else ""
    if seen in results.by_container:
        shown["result"] = str(results.by_container[seen])
    if results.updates:
        shown["updates"] = [f"{_shorten(each)}={result}" for each, result in results.updates]
        results.updates.clear()
    if worker:
        shown["worker"] = {
            "containerID": _shorten(worker.container_id),
            "lastResult": str(worker.last_result),
            "onHold": worker.on_hold,
            "resultRun": worker.result_run,
        }
    return shown


def _shorten(container_id: str) -> str:
    """The id without the runtime before it."""
    return container_id.rpartition("://")[2]
