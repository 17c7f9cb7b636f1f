"""What our rules answer about DaemonSets: one sync.

Which of several pods that are as good is deleted, and which node gets its new pod first, is the
order of a map. A line lists the answers of several tries: each has to be possible.
"""

from collections.abc import Sequence

from planespec.reports.judge.controllers.apps_answers.replica_set_answers import (
    Answers,
    read_now,
    read_pods,
)
from planespec.spec.controllers.apps.daemon_nodes import DaemonSet
from planespec.spec.controllers.apps.daemon_sync import Choose, DaemonSync, sync_daemon_set
from planespec.spec.objects.core_views import Node
from planespec.spec.objects.view import View

_SHOWN = (
    *("desiredNumberScheduled", "currentNumberScheduled", "numberMisscheduled", "numberReady"),
)
"""Counters that are told even where they are 0."""


def answer_daemon_set(given: View, out: View) -> Answers:
    """Answer where pods belong, which are made and deleted, and the status."""
    view = given.needing("daemonSet").view("daemonSet")
    daemon_set = DaemonSet(view.data, view.field)
    nodes = [Node(each.data, each.field) for each in given.views("nodes")]
    pods = read_pods(given)
    now, revision_hash = read_now(given), given.text("hash")

    def sync(choose: Choose) -> DaemonSync:
        return sync_daemon_set(daemon_set, pods, nodes, revision_hash, now, choose)

    error = out.text("error")
    found = [sync(_prefer(each, error)) for each in out.views("answers") or [View({})]]
    status = found[0].status
    answers: Answers = {
        "answers": [_tell(each) for each in found],
        "shouldRunAndContinue": {each.name: list(daemon_set.judge_node(each)) for each in nodes},
        "status": {name: n for name, n in status.items() if n or name in _SHOWN},
    }
    return answers | ({"error": found[0].error} if found[0].error else {})


def _prefer(answer: View, error: str) -> Choose:
    """Choose what an answer names, or the error, where there is a choice."""
    wanted = {*answer.texts("deleted"), *answer.texts("created"), error}

    def choose(names: Sequence[str], count: int) -> list[str]:
        return sorted(names, key=lambda name: name not in wanted)[:count]

    return choose


def _tell(sync: DaemonSync) -> Answers:
    told: Answers = {"deleted": sorted(sync.deleted)}
    return told | ({"created": sorted(sync.created)} if sync.created else {})
