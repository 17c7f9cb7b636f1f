"""Judge of `kubelet_preempt` recordings: which pods a kubelet kills for a critical pod.

A line is `{"pod", "reasons", "running", "killFails", "critical", "killed", "remaining"}` and
`error` where no room could be made. A reason is `{"resource", "insufficient"}`, with how much is
missing (CPU in thousandths), or `{"predicate"}`, which is described as `x`. Whether killing fails
(`killFails`) changes nothing: the kubelet goes on with the next pod.
"""

from collections.abc import Iterator
from pathlib import Path

from planespec.reports.judge.runner import Comparison, compare, judge_lines, part_answers
from planespec.spec.node.admission_failures import (
    AdmissionFailure,
    InsufficientResource,
    PredicateFailure,
)
from planespec.spec.node.critical_preemption import MESSAGE, REASON, recover_by_preemption
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import View
from planespec.spec.pods.qos import is_critical

_DESCRIPTION = "x"
_ANSWERS = ("critical", "killed", "remaining", "error")


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each line; InputError where the recording is malformed."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    line.needing("pod", "reasons", "running", "killed", "remaining")
    given, expected = part_answers(line.data, _ANSWERS)
    yield compare("preemption", where, given, expected, _answer(line))


def _answer(line: View) -> dict[str, object]:
    pod = Pod(line.data["pod"], "pod")
    running = [Pod(view.data, view.field) for view in line.views("running")]
    failures = [_read_failure(view) for view in line.views("reasons")]
    recovery = recover_by_preemption(pod, failures, running)
    answer: dict[str, object] = {
        "critical": is_critical(pod),
        "killed": [_print_kill(victim) for victim in recovery.killed],
        "remaining": [failure.description for failure in recovery.failures],
    }
    return answer | ({"error": recovery.error} if recovery.error else {})


def _read_failure(reason: View) -> AdmissionFailure:
    if reason.has("predicate"):
        return PredicateFailure(reason.text("predicate"), _DESCRIPTION)
    amount = reason.needing("resource", "insufficient").integer("insufficient") or 0
    return InsufficientResource(reason.text("resource"), amount, 0, 0)


def _print_kill(pod: Pod) -> dict[str, object]:
    """Print how a pod is killed: with its own grace, and as evicted."""
    return {
        "pod": pod.name,
        "evict": True,
        "graceOverride": None,
        "phase": "Failed",
        "reason": REASON,
        "message": MESSAGE,
    }
