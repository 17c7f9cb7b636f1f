"""What events of a watch show of kubelets: of one status, and of what a status follows on.

A kubelet writes the status that it bases its next steps on: what it then does, the next one shows.
Sources: `pkg/kubelet/kuberuntime/kuberuntime_manager.go`, `pkg/kubelet/kubelet_pods.go`; v1.36.
"""

from collections.abc import Iterator

from planespec.spec.cluster.cluster_requirements import Violation
from planespec.spec.cluster.node_life.shown_pods import (
    CONTAINERS,
    SHOWN,
    Shown,
    find_shown,
    has_run,
    read_policies,
    runs,
)
from planespec.spec.cluster.steps.change import Change, State
from planespec.spec.node.container_requirements import restarts_follow_the_policy
from planespec.spec.node.pod_requirements import running_pods_are_not_pending
from planespec.spec.objects import View
from planespec.spec.requirement import Level, judges


@judges(Level.EVENT, *SHOWN)
def judge_status(change: Change) -> Iterator[Violation]:
    """Judge a status by itself; one that stays as it is, is told of once."""
    after, before = change.after, change.before
    if change.kind != "Pod" or (before is not None and before.status.data == after.status.data):
        return
    for found in find_shown(after.status.data, after.spec.data, after.meta.data):
        yield change.violates(*found)


@judges(Level.TRANSITION, restarts_follow_the_policy, running_pods_are_not_pending)
def judge_next_status(change: Change, before: State) -> Iterator[Violation]:
    """Judge a status by the one before it."""
    if change.kind == "Pod" and before.status.data != change.after.status.data:
        for found in list_steps(before.status, change.after.status, change.after.spec):
            yield change.violates(*found)


def list_steps(before: View, after: View, spec: View) -> Iterator[Shown]:
    """Yield what two statuses of a pod, one after the other, show to be broken."""
    yield from _list_restarts(before, after, spec)
    phases = before.text("phase"), after.text("phase")
    # Without init containers no pod goes back at all, which is API-6.
    if phases == ("Running", "Pending") and spec.items("initContainers"):
        names = [each.text("name") for each in after.views("containerStatuses") if runs(each)]
        if names:
            message = f"phase went back to Pending, and container {names[0]} runs"
            yield Shown(running_pods_are_not_pending, message, "status.phase")


def _list_restarts(before: View, after: View, spec: View) -> Iterator[Shown]:
    policies = read_policies(spec)
    ended = {each.text("name"): each.view("state") for each in before.views("containerStatuses")}
    for container in after.views("containerStatuses"):
        name = container.text("name")
        policy, state = policies.get(name, ""), ended.get(name)
        if state is None or not runs(container) or not has_run(state.view("terminated")):
            continue
        code = state.view("terminated").integer("exitCode")
        if policy == "Never" or (policy == "OnFailure" and code == 0):
            message = f"container {name} had ended with {code} and runs; its policy is {policy}"
            yield Shown(restarts_follow_the_policy, message, CONTAINERS)
