"""Whether what a kubelet says of a pod fits the calls that it made, and fits together.

The phase and the conditions are those that the rules of `pod_status` give for the containers, or
those that were told before once the pod is at its end. What is told of a container has a cause:
it runs only if it was started, has ended only as its program can, is ready only if its probes may
have said so.
"""

from collections.abc import Iterator, Mapping, Sequence

from planespec.spec.node.pod_life.life_rules import may_end
from planespec.spec.node.pod_life.observed_life import SLACK, LifeContainer, PodLife
from planespec.spec.node.pod_status.container_statuses import (
    KILLED,
    RESTARTING_ALL,
    STATUS_UNKNOWN,
)
from planespec.spec.node.pod_status.pod_conditions import make_initialized
from planespec.spec.node.pod_status.pod_phase import SOURCE, compute_phase
from planespec.spec.node.status_parts import (
    Json,
    is_sidecar,
    is_terminal,
    make_containers_ready,
    make_ready,
)

LISTS = ("initContainerStatuses", "containerStatuses")
START_FAILED, LOST = 128, 255
WAITING = {
    *("ContainerCreating", "PodInitializing", "CrashLoopBackOff", "ErrImagePull"),
    *("ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "ImageInspectError"),
    *("CreateContainerError", "CreateContainerConfigError", "RunContainerError"),
    *("PostStartHookError", "PreCreateHookError", "PreStartHookError", "RegistryUnavailable"),
    *("SignatureValidationFailed", RESTARTING_ALL),
}


def explain_status(life: PodLife, before: Json | None, told: Json, now: float) -> str:
    """Why a status does not follow, after the one `before`; empty where it does."""
    return next(_list_faults(life, before, told, now), "")


def _list_faults(life: PodLife, before: Json | None, told: Json, now: float) -> Iterator[str]:
    statuses = {each["name"]: each for name in LISTS for each in told.get(name) or ()}
    if before is not None:
        yield from _compare(life, before, told)
    for status in statuses.values():
        yield from _explain_container(life, status, now)
    if not statuses:
        if told.get("phase") != "Pending":
            yield "a pod of which no container is told must be Pending"
        return
    yield from _explain_phase(life, before, told, statuses)
    yield from _explain_conditions(life, before, told, statuses)


def _compare(life: PodLife, before: Json, told: Json) -> Iterator[str]:
    old, new = before.get("phase"), told.get("phase")
    restarted = life.kubelet_restarted_at > float("-inf")
    if is_terminal(old) and new != old and not restarted:
        yield f"the phase has left {old}"
    counts = {
        each["name"]: each["restartCount"] for name in LISTS for each in before.get(name) or ()
    }
    for name in LISTS:
        for each in told.get(name) or ():
            if each["restartCount"] < counts.get(each["name"], 0) and not restarted:
                yield f"the restart count of {each['name']} has become smaller"


def _explain_container(life: PodLife, status: Json, now: float) -> Iterator[str]:
    name, state = status["name"], status["state"]
    spec = life.get_container(name)
    if spec is None:
        yield f"the pod has no container {name!r}"
        return
    made = [each for each in life.containers.values() if each.name == name]
    started = [each for each in made if each.started_at <= now + SLACK]
    if status["restartCount"] > life.created.get(name, 0) + life.unseen:
        yield f"{name} was made {life.created.get(name, 0)} times, not restarted so often"
    if status["restartCount"] < 0:
        yield f"{name} was restarted less than never"
    if "running" in state and not started:
        yield f"{name} was never started"
    for ended in (state.get("terminated"), (status.get("lastState") or {}).get("terminated")):
        if ended is not None:
            yield from _explain_end(life, name, ended, now)
    if "waiting" in state:
        yield from _explain_wait(life, status, made)
    if status["ready"] or status["started"]:
        yield from _explain_readiness(life, status, now)


def _explain_end(life: PodLife, name: str, ended: Json, now: float) -> Iterator[str]:
    code, reason = ended.get("exitCode") or 0, ended.get("reason") or ""
    made = [each for each in life.containers.values() if each.name == name]
    if reason in (STATUS_UNKNOWN, RESTARTING_ALL):
        if code != KILLED:
            yield f"{name} was lost, and that is told with code {KILLED}"
        return
    by_code = {0: "Completed", START_FAILED: "StartError", LOST: "Unknown"}
    if reason != by_code.get(code, "Error"):
        yield f"{name} ended with {code}, which is {by_code.get(code, 'Error')}"
    if code == 0 and not made and "terminated" in ended:
        yield f"{name} was never made"
    if not any(each.has_code(code, now) for each in made):
        yield f"no container {name} can have ended with {code} by now"


def _explain_wait(life: PodLife, status: Json, made: Sequence[LifeContainer]) -> Iterator[str]:
    name = status["name"]
    reason = (status["state"]["waiting"] or {}).get("reason") or ""
    default = "PodInitializing" if life.pod.init_containers else "ContainerCreating"
    if reason and reason not in WAITING:
        yield f"{name} waits for a reason that is not known: {reason}"
    if reason in ("PodInitializing", "ContainerCreating") and reason != default:
        yield f"{name} waits before it was made, which is {default} in this pod"
    if reason == "CrashLoopBackOff" and not made:
        yield f"{name} was never made, and cannot be in back-off"


def _explain_readiness(life: PodLife, status: Json, now: float) -> Iterator[str]:
    name = status["name"]
    spec = life.get_container(name)
    assert spec is not None, "looked at before"
    is_init = any(each.name == name for each in life.pod.init_containers)
    yield from explain_place(status, dict(spec.data), is_init)
    ends = is_init and not is_sidecar(dict(spec.data))
    if ends:
        return
    # Probes that are stopped say nothing, nor do those of a restarted kubelet.
    if may_end(life, now) or _is_older_than_kubelet(life, name):
        return
    for flag, probe in (("started", "startupProbe"), ("ready", "readinessProbe")):
        if status[flag] and spec.has(probe) and not ends:
            logs = [
                each.probes.get(probe) for each in life.containers.values() if each.name == name
            ]
            if not any(log is not None and log.has_succeeded for log in logs):
                yield f"the {probe} of {name} has not succeeded"
    made = [each for each in life.containers.values() if each.name == name]
    startup = made[-1].probes.get("startupProbe") if made else None
    # One that was started again is told to be ready until more than its startup is told of it.
    if status["ready"] and not status["started"] and not (startup and startup.had_succeeded):
        yield f"{name} has not started, and cannot be ready"


def explain_place(status: Json, container: Json, is_init: bool) -> Iterator[str]:
    """Why a container in its state is not ready, or has not started."""
    name, state = status["name"], status["state"]
    # One that is lost when the pod ends is told so, and nothing else of it is changed.
    is_lost = (state.get("terminated") or {}).get("reason") == STATUS_UNKNOWN
    if status.get("started") and "running" not in state and not is_lost:
        yield f"{name} does not run, and cannot have started"
    if status["ready"] and "waiting" in state:
        yield f"{name} waits, and cannot be ready"
    if status["ready"] and is_init and not is_sidecar(container):
        ended = state.get("terminated")
        if ended is None or ended.get("exitCode"):
            yield f"{name} is an init container, and ready only when it has succeeded"


def _is_older_than_kubelet(life: PodLife, name: str) -> bool:
    made = [each for each in life.containers.values() if each.name == name]
    return bool(made) and made[-1].started_at <= life.kubelet_restarted_at


def _explain_phase(
    life: PodLife, before: Json | None, told: Json, statuses: Mapping[str, Json]
) -> Iterator[str]:
    phase, possible = told.get("phase"), list_possible_phases(_as_static(life), statuses)
    if before is not None:
        is_kept = is_terminal(before.get("phase")) or life.deleted_at < float("inf")
        possible |= {before["phase"]} if is_kept else set()
    if told.get("reason") == "DeadlineExceeded":
        possible = {"Failed"} if life.pod.spec.has("activeDeadlineSeconds") else set()
    if phase not in possible:
        yield f"the phase must be {' or '.join(sorted(possible)) or 'another'}, not {phase}"


def _forget_starts(statuses: Mapping[str, Json]) -> dict[str, Json]:
    """The statuses before it was known which containers have started.

    The phase is made of them, and `Initialized` until more is told of the pod than that.
    """
    return {name: each | {"started": False} for name, each in statuses.items()}


def _as_static(life: PodLife) -> Json:
    """The pod as one of a file: all that are judged are."""
    meta: Json = {"annotations": {SOURCE: "file"}}
    return {**life.pod.data, "metadata": meta}


def _explain_conditions(
    life: PodLife, before: Json | None, told: Json, statuses: Mapping[str, Json]
) -> Iterator[str]:
    phase = told["phase"]
    kept = (before or {}).get("conditions") or {}
    is_over = is_terminal(phase) and (before or {}).get("phase") == phase
    ends = life.deleted_at < float("inf") or is_over
    for type_, possible in list_possible_conditions(dict(life.pod.data), statuses, phase).items():
        found = (told.get("conditions") or {}).get(type_)
        if found not in possible and not (ends and found == kept.get(type_)):
            yield f"{type_} must be {possible[0]}, not {found}"


def list_possible_phases(
    pod: Json, statuses: Mapping[str, Json], *, is_over: bool = False
) -> set[str]:
    """The phases that a kubelet may make of the statuses of a pod's containers, by name.

    `is_over` says that the pod may have come to its end.
    """
    return {
        compute_phase(pod, each, is_over=ends, has_started=has_started)
        for ends in {False, is_over}
        for has_started in (False, True)
        for each in (statuses, _forget_starts(statuses))
    }


def list_possible_conditions(
    pod: Json, statuses: Mapping[str, Json], phase: str, others: Sequence[Json] = ()
) -> dict[str, list[list[str]]]:
    """What the conditions of a pod in a phase may be by type: status, and reason where one is.

    `others` are conditions that readiness gates may ask for.
    """
    entries = [*statuses.values()]
    told: Sequence[Json] = [
        make_containers_ready(pod, entries, phase),
        make_ready(pod, others, entries, phase),
        *(
            make_initialized(pod, old, each, phase)
            for old in ({}, {"conditions": [{"type": "Initialized", "status": "True"}]})
            for each in (statuses, _forget_starts(statuses))
        ),
    ]
    possible: dict[str, list[list[str]]] = {}
    for each in told:
        shown = [each["status"], *filter(None, [each.get("reason")])]
        possible.setdefault(each["type"], []).append(shown)
    return possible
