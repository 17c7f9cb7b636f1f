"""Judge of `kubelet_podworkers`: every field of the workers of five pods, step by step.

A line is `{"case", "steps": [{"op", ..., "after"}]}`: two plain pods, two static ones of one full
name, and one that only the runtime knows. Times are the number of the step, from 1. A step is

* `update`: a pod is given to its worker, or (`runningPod`) the containers that it has;
* `return`: the sync that runs for a pod ends;
* `syncKnownPods`: the workers are compared with the pods that a source has;
* `cacheFail`: no newer status of a pod comes from the runtime, from then on;
* `cacheContainers`: what the last status says.

Each step is one case, counted by `op`: all workers, the syncs that run and what they were given,
static pods that run or wait, the public questions that are answered yes, what is to be synced
again and when, kills that were answered. In which order the workers are looked at is left open
upstream; it decides nothing but the order of what is to be synced again, which is not compared.

The recorder wrote the map of static pods that run, `startedStatic`, at the end of the line: a step
tells whether it was empty then, and else what is in it after the last step.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from planespec.reports.judge.recorded_fields import read_choice, read_member
from planespec.reports.judge.runner import Comparison, compare, judge_lines, part_answers
from planespec.spec.node.pod_work import worker_questions as asked
from planespec.spec.node.pod_work.pod_workers import PodWorkers
from planespec.spec.node.pod_work.worker_state import (
    Delay,
    KillOptions,
    KnownWorker,
    Outcome,
    PodUpdate,
    PodWorker,
    SyncCall,
    SyncFunction,
    UpdateType,
    WorkerPod,
)
from planespec.spec.objects.view import ObjectError, View

Json = dict[str, Any]

FULL_NAMES = {
    "u-a": "a_ns",
    "u-b": "b_ns",
    "u-orphan": "orphan_ns",
    "u-s1": "s_ns",
    "u-s2": "s_ns",
}
"""The pods of every line."""
QUESTIONS: dict[str, Callable[[PodWorkers, str], bool]] = {
    "KnownTerminated": asked.is_known_terminated,
    "CouldHaveRunningContainers": asked.could_have_running_containers,
    "Finished": asked.should_be_finished,
    "TerminationRequested": asked.is_termination_requested,
    "ContainersTerminating": asked.should_containers_be_terminating,
    "RuntimeRemoved": asked.should_runtime_be_removed,
    "ContentRemoved": asked.should_content_be_removed,
    "MirrorTerminating": lambda workers, uid: asked.is_mirror_terminating(
        workers, FULL_NAMES[uid]
    ),
}
OUTCOMES: dict[str, Outcome] = {each.value: each for each in Outcome}
OUTCOMES["backoffError5s"] = OUTCOMES.pop(Outcome.BACK_OFF.value)
CONTAINERS = ("none", "running", "exited")


@dataclass(slots=True)
class _Node:
    """The workers, and what the runtime says of their pods."""

    failing: set[str] = field(default_factory=set)
    running: set[str] = field(default_factory=set)
    has_waiting_kills: bool = False
    """Whether any kill of the line waits, or waited, for the end of the containers."""
    workers: PodWorkers = field(init=False)

    def __post_init__(self) -> None:
        self.workers = PodWorkers(
            is_cache_failing=self.failing.__contains__, has_running=self.running.__contains__
        )


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each step; InputError where the recording is malformed."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    node = _Node()
    steps = line.needing("case", "steps").views("steps")
    parts = [_part(step.needing("op", "after")) for step in steps]
    answers = [_take(node, step, number) for number, step in enumerate(steps, 1)]
    last = dict(node.workers.static.started)
    for step, (given, expected), answer in zip(steps, parts, answers, strict=True):
        if "startedStatic" in answer["after"]:
            answer["after"]["startedStatic"] = last
        yield compare(step.text("op"), where, given, expected, answer)


def _part(step: View) -> tuple[Json, Json]:
    given, expected = part_answers(step.data, ("after", "result"))
    after = dict(step.view("after").data)
    if "enqueued" in after:
        after["enqueued"] = sorted(step.view("after").items("enqueued"), key=str)
    return given, expected | {"after": after}


def _take(node: _Node, step: View, number: int) -> Json:
    """Take one step; returns what it answers, and all that is so after it."""
    node.workers.now = number
    node.workers.enqueued.clear()
    return {**_do(node, step, number), "after": _show(node)}


def _do(node: _Node, step: View, number: int) -> Json:
    match step.text("op"):
        case "update":
            update = _read_update(step, number)
            waits = update.kill is not None and update.kill.completed is not None
            node.has_waiting_kills |= waits
            node.workers.update_pod(update)
        case "return":
            _return(node.workers, step)
        case "syncKnownPods":
            known = node.workers.sync_known_pods({str(each) for each in step.items("desired")})
            return {"result": {uid: _show_known(each) for uid, each in known.items()}}
        case "cacheFail":
            _put(node.failing, _read_uid(step), step.flag("value"))
        case "cacheContainers":
            value = read_choice(step, "value", {each: each for each in CONTAINERS})
            _put(node.running, _read_uid(step), value == "running")
        case other:
            raise ObjectError(step.path("op"), f"is of no kind that is known: {other!r}")
    return {}


def _put(uids: set[str], uid: str, is_in: bool) -> None:
    (uids.add if is_in else uids.discard)(uid)


def _read_uid(step: View) -> str:
    return str(read_choice(step.needing("uid"), "uid", {each: each for each in FULL_NAMES}))


def _read_update(step: View, number: int) -> PodUpdate:
    uid = _read_uid(step)
    running = step.flag("runningPod")
    if not running:
        step.needing("pod")
    return PodUpdate(
        read_member(step, "updateType", UpdateType),
        None if running else _read_pod(uid, step.view("pod")),
        WorkerPod(uid, FULL_NAMES[uid]) if running else None,
        step.flag("mirrorPod"),
        _read_kill(step.view("kill"), number) if step.has("kill") else None,
    )


def _read_pod(uid: str, pod: View) -> WorkerPod:
    return WorkerPod(
        uid,
        pod.text("fullname"),
        pod.flag("static"),
        pod.flag("deleted"),
        pod.text("phase"),
        pod.integer("deletionGracePeriodSeconds"),
        pod.integer("terminationGracePeriodSeconds"),
        pod.text("rv"),
    )


def _read_kill(kill: View, number: int) -> KillOptions:
    waits = number - 1 if kill.flag("completedCh") else None
    function = kill.text("statusFn") if kill.has("statusFn") else None
    return KillOptions(kill.flag("evict"), kill.integer("grace"), waits, function)


def _return(workers: PodWorkers, step: View) -> None:
    uid = _read_uid(step)
    outcome = read_choice(step.needing("outcome"), "outcome", OUTCOMES)
    call = workers.get_call(uid)
    if call is None or call.function.value != step.text("fn"):
        found = f"{call.function} does" if call else "nothing does"
        raise ObjectError(step.path("fn"), f"does not run for {uid}: {found}")
    workers.finish_sync(uid, outcome)


def _show_known(known: KnownWorker) -> Json:
    return {
        "state": known.state.value,
        "orphan": known.is_orphan,
        "hasConfig": known.has_config,
        "static": known.is_static,
    }


def _show(node: _Node) -> Json:
    workers = node.workers
    shown: Json = {
        "pods": {
            uid: _show_worker(worker, workers.get_call(uid))
            for uid, worker in workers.workers.items()
        },
        "queries": {
            uid: [name for name, ask in QUESTIONS.items() if ask(workers, uid)]
            for uid in FULL_NAMES
        },
    }
    if workers.enqueued:
        enqueued = [{"delay": _show_delay(each), "uid": uid} for uid, each in workers.enqueued]
        shown["enqueued"] = sorted(enqueued, key=str)
    if node.has_waiting_kills:
        shown["completedChClosed"] = sorted(workers.answered)
    if workers.static.started:
        shown["startedStatic"] = dict(workers.static.started)
    if workers.static.waiting:
        shown["waitingStatic"] = {
            name: list(uids) for name, uids in workers.static.waiting.items()
        }
    return shown


def _show_delay(delay: Delay) -> str:
    return "backoffExpiry5s" if delay is Delay.BACK_OFF_ENDS else delay.value


def _show_worker(worker: PodWorker, call: SyncCall | None) -> Json:
    shown: Json = {
        "workType": worker.work_type.value,
        "working": worker.is_working,
        "pending": _show_update(worker.pending),
        "active": _show_update(worker.active),
        "syncedAt": worker.synced_at,
        "startedAt": worker.started_at,
        "terminatingAt": worker.terminating_at,
        "terminatedAt": worker.terminated_at,
        "gracePeriod": worker.grace,
        "startedTerminating": worker.has_started_terminating,
        "deleted": worker.is_deleted,
        "evicted": worker.is_evicted,
        "finished": worker.is_finished,
        "restartRequested": worker.is_restart_requested,
        "observedRuntime": worker.is_seen_in_runtime,
        "call": _show_call(call) if call else None,
    }
    return {name: value for name, value in shown.items() if value}


def _show_update(update: PodUpdate | None) -> Json | None:
    if update is None:
        return None
    shown: Json = {
        "updateType": update.type.value,
        "runningPod": update.running_pod is not None,
    }
    if update.pod is not None:
        shown["rv"] = update.pod.version
    if update.kill is not None:
        shown["kill"] = {"evict": update.kill.evict, "grace": update.kill.grace}
    return shown


def _show_call(call: SyncCall) -> Json:
    arguments: Json = {}
    pod = call.update.pod
    if pod is not None:
        arguments["pod"] = {"rv": pod.version, "phase": pod.phase, "deleted": pod.is_deleting}
    if call.function is SyncFunction.SYNC:
        arguments["mirror"] = call.update.has_mirror
        arguments["updateType"] = call.update.type.value
    elif call.function is SyncFunction.TERMINATE:
        arguments["statusFn"] = call.status_function is not None
        if call.status_function is not None:
            arguments["statusFnReason"] = call.status_function
        if call.grace is not None:
            arguments["gracePeriod"] = call.grace
    return {"fn": call.function.value, "args": arguments, "ctxCancelled": call.is_cancelled}
