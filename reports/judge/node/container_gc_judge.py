"""Judge of `kubelet_containergc`: which containers and sandboxes a garbage collection leaves.

A line is `{"containers", "sandboxes", "pods": {pod: {"contentBeRemoved", "runtimeBeRemoved"}},
"policy", "allSourcesReady", "evictNonDeletedPods", "leftContainers", "leftSandboxes", "error"}`.
Which of equally old ones upstream removes is chance, so those that the recording left are taken
for the newer, if of sandboxes nothing but their age can have kept them. A pod that `pods` does not
name is malformed.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

from planespec.reports.judge.runner import Comparison, compare, judge_lines, part_answers
from planespec.spec.node.container_gc import (
    READY,
    DeadContainer,
    DeadSandbox,
    GcPolicy,
    PodStates,
    collect_containers,
    collect_sandboxes,
)
from planespec.spec.objects.view import ObjectError, View

_ANSWERS = ("error", "leftContainers", "leftSandboxes")


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each line. Raises InputError for a malformed one."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    actual = _answer(line.needing("policy", "pods", "leftContainers", "leftSandboxes"))
    given, answers = part_answers(line.data, _ANSWERS)
    expected = {name: answers.get(name) for name in _ANSWERS}
    yield compare("collection", where, given, expected, actual)


def _answer(line: View) -> dict[str, object]:
    pods = _read_states(line)
    containers = [_read_container(each) for each in line.views("containers")]
    sandboxes = [_read_sandbox(each) for each in line.views("sandboxes")]
    _check_pods(line.view("pods"), {each.pod for each in containers})
    _check_pods(line.view("pods"), {each.pod for each in sandboxes})
    kept, kept_sandboxes = line.texts("leftContainers"), line.texts("leftSandboxes")
    removed = collect_containers(
        containers,
        0,
        _read_policy(line.view("policy")),
        pods,
        sources_ready=line.flag("allSourcesReady"),
        order=lambda each: each in kept,
    )
    left = [each for each in containers if each.id not in removed]
    used = {each.sandbox for each in left}
    alone = {each.id for each in sandboxes if each.state != READY and each.id not in used}
    saved = alone & set(kept_sandboxes)
    ended = collect_sandboxes(sandboxes, used, pods, lambda each: each in saved)
    return {
        "error": "",
        "leftContainers": sorted(each.id for each in left),
        "leftSandboxes": sorted(each.id for each in sandboxes if each.id not in ended),
    }


def _check_pods(states: View, named: Collection[str]) -> None:
    for pod in named:
        states.needing(pod)


def _read_states(line: View) -> PodStates:
    states = line.view("pods")
    return PodStates(
        lambda pod: states.view(pod).flag("contentBeRemoved"),
        lambda pod: states.view(pod).flag("runtimeBeRemoved"),
        line.flag("evictNonDeletedPods"),
    )


def _read_policy(policy: View) -> GcPolicy:
    policy.needing("maxContainers", "maxPerPodContainer")
    return GcPolicy(
        policy.integer("maxContainers") or 0,
        policy.integer("maxPerPodContainer") or 0,
        _read_seconds(policy, "minAgeSeconds"),
    )


def _read_seconds(view: View, name: str) -> int:
    seconds = view.needing(name).integer(name) or 0
    if seconds < 0:
        raise ObjectError(view.path(name), f"must be 0 or more, not {seconds}")
    return seconds


def _read_container(view: View) -> DeadContainer:
    identity = _read_text(view, "id"), _read_text(view, "pod"), _read_text(view, "name")
    where = _read_text(view, "sandbox"), _read_text(view, "state")
    return DeadContainer(*identity, *where, created=-_read_seconds(view, "ageSeconds"))


def _read_sandbox(view: View) -> DeadSandbox:
    identity = _read_text(view, "id"), _read_text(view, "pod"), _read_text(view, "state")
    return DeadSandbox(*identity, created=-_read_seconds(view, "ageSeconds"))


def _read_text(view: View, name: str) -> str:
    return view.needing(name).text(name)
