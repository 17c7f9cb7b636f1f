"""What a Job makes of a pod that failed, and when enough indexes have succeeded.

Source: Kubernetes v1.36, `pkg/controller/job/pod_failure_policy.go` and `success_policy.go`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from planespec.spec.controllers.batch.job_indexes import IndexSet, read_indexes
from planespec.spec.objects.view import ApiObject, View

ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
"""What a rule may do; one of another action is passed over even where it matches."""


@dataclass(frozen=True, slots=True)
class FailureVerdict:
    """The action of the first rule that matches; empty where none does."""

    action: str = ""
    message: str | None = None
    """Why the Job fails, where it does."""

    @property
    def counts(self) -> bool:
        """Whether the failure counts against the limit of the Job."""
        return self.action != "Ignore"


def judge_failure(policy: View | None, pod: ApiObject) -> FailureVerdict:
    """Find the first rule that matches a pod (`matchPodFailurePolicy`)."""
    for number, rule in enumerate(policy.views("rules") if policy else ()):
        action, said = rule.text("action"), None
        if rule.has("onExitCodes"):
            said = _match_exit_codes(rule.view("onExitCodes"), pod)
        elif rule.has("onPodConditions"):
            said = _match_conditions(rule.views("onPodConditions"), pod)
        if said is not None and action in ACTIONS:
            message = f"{said} matching {action} rule at index {number}"
            return FailureVerdict(action, message if action == "FailJob" else None)
    return FailureVerdict()


def _match_exit_codes(wanted: View, pod: ApiObject) -> str | None:
    statuses = pod.status.views("containerStatuses") + pod.status.views("initContainerStatuses")
    for status in statuses:
        ended = status.view("state")
        name = status.text("name")
        if not ended.has("terminated") or wanted.text("containerName") not in ("", name):
            continue
        code = ended.view("terminated").integer("exitCode") or 0
        is_listed = code in wanted.items("values")
        if code and wanted.text("operator") == ("In" if is_listed else "NotIn"):
            place = f"{pod.meta.namespace}/{pod.name}"
            return f"Container {name} for pod {place} failed with exit code {code}"
    return None


def _match_conditions(patterns: Iterable[View], pod: ApiObject) -> str | None:
    wanted = {(each.text("type"), each.text("status")) for each in patterns}
    for condition in pod.status.views("conditions"):
        kind = condition.text("type")
        if (kind, condition.text("status")) in wanted:
            return f"Pod {pod.meta.namespace}/{pod.name} has condition {kind}"
    return None


def find_success(policy: View | None, completions: int, succeeded: IndexSet) -> str | None:
    """Say which rule is met by the indexes that have succeeded (`matchSuccessPolicy`)."""
    if policy is None or not succeeded.intervals:
        return None
    for number, rule in enumerate(policy.views("rules")):
        if _is_met(rule, completions, succeeded):
            return f"Matched rules at index {number}"
    return None


def _is_met(rule: View, completions: int, succeeded: IndexSet) -> bool:
    count = rule.integer("succeededCount")
    if rule.has("succeededIndexes"):
        wanted = read_indexes(rule.text("succeededIndexes"), completions)
        # All that are wanted are enough, even where a larger count is asked for.
        needed = wanted.total if count is None else min(count, wanted.total)
        return bool(wanted.intervals) and succeeded.overlap(wanted) >= needed
    return count is not None and succeeded.total >= count
