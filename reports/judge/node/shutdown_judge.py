"""Judge of `kubelet_shutdown`: groups, grace and status at a graceful node shutdown.

A line is `{"in": {"pods", "shutdownGracePeriodByPodPriority" or "shutdownGracePeriod" and
"shutdownGracePeriodCriticalPods" (seconds)}, "effective", "periodRequestedSeconds", "groups",
"groupsInOrder", "kills"}`. Whether a kill or the unmounting fails changes no answer. No groups
are recorded where no period is in force, and no kills where a period is of 0 seconds: the kubelet
does not wait for such a group, so kills of two groups may be mixed. Pods of a group are killed at
once; their kills are recorded in the order of the pods.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from planespec.reports.judge.runner import Comparison, compare, judge_lines, part_answers
from planespec.spec.node.shutdown import (
    MESSAGE,
    NANOSECONDS,
    Period,
    RunningPod,
    ShutdownGroup,
    get_grace,
    get_last_phase,
    get_periods,
    group_pods,
    sum_seconds,
)
from planespec.spec.objects.view import ObjectError, View

_NOT_JUDGED = {"case", "in"}


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each line. Raises InputError for a malformed one."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    given = line.needing("in").view("in")
    periods = _read_periods(given)
    actual = _answer(periods, [_read_pod(pod) for pod in given.views("pods")])
    expected, _ = part_answers(line.data, _NOT_JUDGED)
    yield compare("shutdown", where, given.data, expected, actual)


def _answer(periods: Sequence[Period], pods: Sequence[RunningPod]) -> dict[str, object]:
    shown = [
        {"Priority": each.priority, "ShutdownGracePeriodSeconds": each.seconds} for each in periods
    ]
    answer: dict[str, object] = {
        "effective": shown or None,
        "periodRequestedSeconds": sum_seconds(periods),
    }
    if not periods:
        return answer
    groups = group_pods(periods, pods)
    answer["groups"] = [_show_group(group) for group in groups]
    if all(period.seconds for period in periods):
        answer["groupsInOrder"] = True
        answer["kills"] = [
            _show_kill(group, index, pod)
            for index, group in enumerate(groups)
            for pod in group.pods
        ]
    return answer


def _show_group(group: ShutdownGroup) -> dict[str, object]:
    names = [pod.name for pod in group.pods]
    return {"pods": names, "priority": group.period.priority, "seconds": group.period.seconds}


def _show_kill(group: ShutdownGroup, index: int, pod: RunningPod) -> dict[str, object]:
    condition = {
        "type": "DisruptionTarget",
        "status": "True",
        "lastProbeTime": None,
        "lastTransitionTime": None,
        "reason": "TerminationByKubelet",
        "message": MESSAGE,
    }
    status = {
        "phase": get_last_phase(pod),
        "conditions": [condition],
        "message": MESSAGE,
        "reason": "Terminated",
    }
    grace = get_grace(group, pod)
    kill = {"evict": False, "graceSeconds": grace, "group": index}
    return {**kill, "pod": pod.name, "status": status}


def _read_periods(given: View) -> list[Period]:
    names = ("shutdownGracePeriod", "shutdownGracePeriodCriticalPods")
    requested, critical = (NANOSECONDS * _read_seconds(given, name) for name in names)
    by_priority = [
        Period(each.integer("Priority") or 0, _read_seconds(each, "ShutdownGracePeriodSeconds"))
        for each in given.views("shutdownGracePeriodByPodPriority")
    ]
    return get_periods(by_priority, requested, critical)


def _read_seconds(view: View, name: str) -> int:
    seconds = view.integer(name) or 0
    if seconds < 0:
        raise ObjectError(view.path(name), f"must be 0 or more, not {seconds}")
    return seconds


def _read_pod(pod: View) -> RunningPod:
    pod.needing("name", "phase")
    grace = pod.integer("terminationGracePeriodSeconds")
    return RunningPod(pod.text("name"), pod.integer("priority"), grace, pod.text("phase"))
