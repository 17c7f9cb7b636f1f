"""Judge of `kubelet_containerd`: traces of a kubelet over containerd, event by event.

A line is a trace: `{"pod", "actions", "calls", "status"}`, all with times in seconds. A pod comes,
changes or goes (`actions`), kubelet, containerd, containers and sandboxes are killed; `calls`
are those that change something; `status` is what the kubelet says of the pod, looked at every
0.2 s. Each event that is no action is one case, counted by what it is: it is `explained`, or why
not. What a kubelet may do is in `spec/node/pod_life`. After an event that is not explained the
rest of the line is not judged.

Several pods ran at once on a loaded machine: times are lower bounds. What is not recorded is left
open: when a program that ends by itself did, which probes' results the kubelet had seen.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

from planespec.reports.judge.node.lifecycle_judges.life_disorder import find_disorder
from planespec.reports.judge.node.lifecycle_judges.life_events import (
    Event,
    get_exit_code,
    list_events,
    list_probes,
    read_program,
    read_seconds,
    read_status,
)
from planespec.reports.judge.recorded_pods import check_pod
from planespec.reports.judge.runner import Comparison, compare, judge_lines
from planespec.spec.node.pod_life import life_rules as rules
from planespec.spec.node.pod_life.life_statuses import explain_status
from planespec.spec.node.pod_life.observed_life import (
    SLACK,
    LifeContainer,
    LifeSandbox,
    PodLife,
    ProbeLog,
)
from planespec.spec.node.status_parts import Json
from planespec.spec.objects.core_views import Container, Pod
from planespec.spec.objects.view import ObjectError, View

EXPLAINED = "explained"
KILLED, START_FAILED = 137, 128
MAKES_NOTHING = {"UNKNOWN", "NOT_FOUND", "INVALID_ARGUMENT", "FAILED_PRECONDITION"}
"""Codes with which the runtime refuses to make a container; others say nothing of what it did."""
TIMED_OUT = "DEADLINE_EXCEEDED"
LONGEST_BACK_OFF = 4
"""Seconds to which the back-off of containers that end was limited."""


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each call and status; InputError where malformed."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    trace = _Trace(_read_pod(line.needing("pod", "actions", "calls", "status").view("pod")))
    for event in list_events(line):
        if event.sort == "actions":
            trace.act(event)
            continue
        fault = trace.judge_event(event)
        kind = event.view.text("call") if event.sort == "calls" else "status"
        yield compare(kind, where, dict(event.view.data), EXPLAINED, fault or EXPLAINED)
        if fault:
            return
    disorder = find_disorder(line)
    if disorder:
        yield compare("trace", where, dict(line.data), EXPLAINED, disorder)


def _read_pod(pod: View) -> Pod:
    return Pod(check_pod(pod.needing("spec")).data, pod.field)


@dataclass(slots=True)
class _Trace:
    """What came so far of a trace: lives by uid, and the pod that the source has."""

    pod: Pod
    lives: dict[str, PodLife] = field(default_factory=dict)
    told: dict[str, Json] = field(default_factory=dict)
    began_at: float = 0

    def act(self, event: Event) -> None:
        """Take what others do."""
        now, action = event.time, event.view.needing("action").text("action")
        current = [each for each in self.lives.values() if each.deleted_at == inf]
        match action:
            case "delete" | "edit":
                for life in current:
                    life.deleted_at = now
                if action == "edit":
                    self._edit(event)
            case "readd":
                for life in self.lives.values():
                    life.bring_back()
                self.told.clear()
            case "killContainer" | "killSandbox":
                if event.view.flag("done"):
                    self._kill(event.view.text("container"), now)
            case "kubeletRestart" | "containerdRestart":
                for life in self.lives.values():
                    life.restart(now, kubelet=action == "kubeletRestart")
            case "none":
                pass
            case other:
                raise ObjectError(event.view.path("action"), f"is not known: {other!r}")

    def _edit(self, event: Event) -> None:
        data = deepcopy(dict(self.pod.data))
        data["spec"] = event.view.needing("manifest").data["manifest"]
        self.pod, self.began_at = _read_pod(View(data, event.view.path("manifest"))), event.time

    def _kill(self, name: str, now: float) -> None:
        for life in self.lives.values():
            if name in life.containers:
                life.containers[name].may_end(KILLED, now)
            if name in life.sandboxes:
                life.sandboxes[name].may_be_dead = True

    def _get_life(self, uid: str, now: float) -> PodLife:
        if uid not in self.lives:
            both = (*self.pod.init_containers, *self.pod.containers)
            programs = {each.name: read_program(each.texts("args")) for each in both}
            self.lives[uid] = PodLife(self.pod, programs, began_at=self.began_at, seen_at=now)
        return self.lives[uid]

    def judge_event(self, event: Event) -> str:
        """Why a call or status is not explained; empty where it is, and then it has its effect."""
        if event.sort == "status":
            return self._judge_status(event)
        call, now = event.view.needing("call"), event.time
        match call.text("call"):
            case "RunPodSandbox":
                return self._run(call, now)
            case "PullImage":
                return self._pull(call)
            case "CreateContainer":
                return self._create(call, now)
            case "StopPodSandbox" | "RemovePodSandbox":
                return self._end_sandbox(call, now)
            case "StartContainer" | "StopContainer" | "RemoveContainer" | "ExecSync":
                return self._change(call, now)
            case other:
                raise ObjectError(call.path("call"), f"is not known: {other!r}")

    def _judge_status(self, event: Event) -> str:
        if "pod" not in event.view.data:
            raise ObjectError(event.view.path("pod"), "is missing")
        if event.view.data["pod"] is None:
            self.told.clear()
            return self._explain_absence(event.time)
        pod = event.view.view("pod").needing("uid", "phase")
        uid, status = pod.text("uid"), read_status(pod)
        fault = explain_status(
            self._get_life(uid, event.time), self.told.get(uid), status, event.time
        )
        self.told[uid] = status
        return fault

    def _explain_absence(self, now: float) -> str:
        """Why a kubelet lists a pod on: nobody has taken it from its source."""
        lives = self.lives.values()
        is_free = any(
            each.was_deleted
            or each.deleted_at <= now + SLACK
            or each.kubelet_restarted_at + rules.NOTICE >= now
            for each in lives
        )
        return "" if is_free or not lives else "the source of the pod has it, and so it is listed"

    def _run(self, call: View, now: float) -> str:
        life = self._get_life(call.needing("uid", "attempt").text("uid"), now)
        fault = rules.explain_run(life, call.integer("attempt") or 0, now)
        others = [each for each in self.lives.values() if each is not life]
        # A kubelet that was restarted knows nothing of a pod that was gone before.
        others = [each for each in others if each.deleted_at > each.kubelet_restarted_at]
        if any(each.stopped_at == inf for other in others for each in other.list_sandboxes()):
            fault = fault or "another pod of that name has not ended"
        if call.has("code"):
            life.unseen_sandboxes += 1
        elif not fault:
            made = LifeSandbox(call.needing("id").text("id"), call.integer("attempt") or 0, now)
            life.sandboxes[made.sandbox_id] = made
        return fault

    def _pull(self, call: View) -> str:
        image = call.needing("image").text("image")
        for life in self.lives.values():
            for each in (*life.pod.init_containers, *life.pod.containers):
                if each.image == image and each.text("imagePullPolicy") != "Never":
                    return ""
        return f"no container has the image {image}"

    def _create(self, call: View, now: float) -> str:
        call.needing("sandbox", "name", "attempt")
        life, sandbox = self._find_sandbox(call.text("sandbox"))
        if life is None or sandbox is None:
            return f"there is no sandbox {call.text('sandbox')}"
        name, attempt = call.text("name"), call.integer("attempt") or 0
        fault = rules.explain_create(life, sandbox, name, attempt, now)
        fault = fault or rules.explain_back_off(life, name, LONGEST_BACK_OFF, now)
        if call.has("code"):
            life.unseen += call.text("code") not in MAKES_NOTHING
        elif not fault:
            key, program = call.needing("id").text("id"), life.programs[name]
            made = LifeContainer(key, name, sandbox.sandbox_id, attempt, program, now)
            spec = life.get_container(name)
            assert spec is not None, "explained above"
            made.probes = {each: ProbeLog() for each, _ in list_probes(spec)}
            life.add(made)
        return fault

    def _find_sandbox(self, key: str) -> tuple[PodLife | None, LifeSandbox | None]:
        found = (each for each in self.lives.values() if key in each.sandboxes)
        life = next(found, None)
        return life, life.sandboxes[key] if life else None

    def _end_sandbox(self, call: View, now: float) -> str:
        life, sandbox = self._find_sandbox(call.needing("ref").text("ref"))
        if life is None or sandbox is None:
            is_unseen = any(each.unseen_sandboxes for each in self.lives.values())
            return "" if is_unseen else f"there is no sandbox {call.text('ref')}"
        if call.text("call") == "RemovePodSandbox":
            fault = rules.explain_remove_sandbox(life, sandbox, now)
            if not fault and not call.has("code"):
                sandbox.removed_at = now
            return fault
        fault = rules.explain_stop_sandbox(life, sandbox, now)
        if not fault:
            life.stop_sandbox(sandbox, now, read_seconds(call, "took"), done=not call.has("code"))
        return fault

    def _change(self, call: View, now: float) -> str:
        key = call.needing("ref").text("ref")
        life = next((each for each in self.lives.values() if key in each.containers), None)
        if life is None:
            is_unseen = any(each.unseen for each in self.lives.values())
            return "" if is_unseen else f"there is no container {key}"
        container = life.containers[key]
        match call.text("call"):
            case "StartContainer":
                fault = rules.explain_start(life, container, now)
                if not fault:
                    life.start(container, now)
                    if call.has("code"):
                        container.may_be_unstarted = True
                        container.may_end(START_FAILED, now)
            case "StopContainer":
                timeout = call.integer("timeout") or 0
                fault = rules.explain_stop(life, container, timeout, now)
                if not fault:
                    took = read_seconds(call, "took")
                    life.stop(container, now, took, done=not call.has("code"))
            case "RemoveContainer":
                fault = rules.explain_remove(life, container, now)
                if not fault and not call.has("code"):
                    container.removed_at = min(container.removed_at, now)
                    container.removals += 1
            case _:
                fault = _judge_exec(life, container, call, now)
        return fault


def _judge_exec(life: PodLife, container: LifeContainer, call: View, now: float) -> str:
    """Why a command is not run in a container; its answer is counted for the probes it is of."""
    command, spec = call.texts("cmd"), life.get_container(container.name)
    assert spec is not None, "it was made of the spec"
    exit_code = call.integer("exit") if call.has("exit") else None
    fault = rules.explain_exec(container, exit_code is not None, now)
    # A command is killed with its container.
    if not fault and exit_code not in (None, KILLED, get_exit_code(command)):
        fault = f"the command must end with {get_exit_code(command)}"
    if fault:
        return fault
    if not call.has("timeout"):
        return _judge_hook(life, container, command, exit_code, now)
    probes = [
        (name, probe)
        for name, probe in list_probes(spec)
        if probe.view("exec").texts("command") == command
        and (probe.integer("timeoutSeconds") or 1) == call.integer("timeout")
    ]
    faults = [rules.explain_probe(life, container, name, probe, now) for name, probe in probes]
    if not probes or all(faults):
        return faults[0] if faults else "the container has no such probe"
    if exit_code is not None or call.text("code") == TIMED_OUT:
        logs = {name: container.probes[name] for name, _ in probes}
        if fault := rules.take_turn(logs, now, read_seconds(call, "took")):
            return fault
    for (name, probe), refused in zip(probes, faults, strict=True):
        is_failure = call.text("code") == TIMED_OUT or (exit_code or 0) != 0
        if not refused and (exit_code is not None or is_failure):
            threshold = probe.integer("failureThreshold") or 3
            container.probes[name].add(not is_failure, threshold)
    return ""


def _judge_hook(
    life: PodLife, container: LifeContainer, command: list[str], code: int | None, now: float
) -> str:
    spec: Container | None = life.get_container(container.name)
    hooks = spec.view("lifecycle") if spec else View({})
    if hooks.view("postStart").view("exec").texts("command") == command and not container.hooked:
        container.hooked = True
        container.hook_failed = code != 0
        return ""
    if hooks.view("preStop").view("exec").texts("command") == command:
        return rules.explain_stop(life, container, rules.LEAST_TIMEOUT, now, is_hook=True)
    return "the container has no such hook"
