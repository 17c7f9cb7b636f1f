"""What one sync of a Job knows of it and of its pods.

Source: Kubernetes v1.36, `pkg/controller/job/job_controller.go` (syncJobCtx and the helpers beside
it), `pkg/controller/controller_utils.go` (ActivePods), `indexed_job_utils.go`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from planespec.spec.controllers.batch.cron_jobs import read_time, write_time
from planespec.spec.controllers.batch.job_backoff import BackoffRecord
from planespec.spec.controllers.batch.job_indexes import UNKNOWN, IndexSet, get_index
from planespec.spec.controllers.batch.job_policies import judge_failure
from planespec.spec.controllers.pod_gc import is_ready
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject, View
from planespec.spec.quantity.amount import parse_int64

TRACKING = "batch.kubernetes.io/job-tracking"
"""The finalizer of pods that were not counted yet."""
FAILURES = "batch.kubernetes.io/job-index-failure-count"
IGNORED_FAILURES = "batch.kubernetes.io/job-index-ignored-failure-count"

Json = dict[str, Any]


class Job(ApiObject):
    """A Job object."""

    @property
    def is_indexed(self) -> bool:
        """Whether each completion has an index."""
        return self.spec.text("completionMode") == "Indexed"

    @property
    def is_managed_elsewhere(self) -> bool:
        """Whether another controller looks after it (`managedByExternalController`)."""
        return self.spec.text("managedBy") not in ("", "kubernetes.io/job-controller")

    @property
    def is_suspended(self) -> bool:
        """Whether it is to have no pods."""
        return self.spec.flag("suspend")

    @property
    def completions(self) -> int | None:
        """How many pods have to succeed; None: any, and then no more are made."""
        return self.spec.integer("completions")

    @cached_property
    def failure_policy(self) -> View | None:
        """`podFailurePolicy`."""
        has_one = self.spec.has("podFailurePolicy")
        return self.spec.view("podFailurePolicy") if has_one else None

    @property
    def limit_per_index(self) -> int | None:
        """`backoffLimitPerIndex`."""
        return self.spec.integer("backoffLimitPerIndex") if self.is_indexed else None

    @property
    def replaces_only_failed(self) -> bool:
        """Whether a pod that is terminating is not replaced yet."""
        return (
            self.spec.text("podReplacementPolicy") == "Failed" or self.failure_policy is not None
        )

    def is_finished(self) -> bool:
        """Whether it is over, one way or the other."""
        return any(
            each.text("type") in ("Complete", "Failed") and each.text("status") == "True"
            for each in self.status.views("conditions")
        )

    def has_failed(self, pod: Pod) -> bool:
        """Whether a pod counts as failed (`isPodFailed`)."""
        if pod.phase == "Failed":
            return True
        if self.replaces_only_failed:
            return False
        return pod.meta.is_deleting and pod.phase != "Succeeded"

    def is_valid_index(self, index: int) -> bool:
        """Whether an index is one of this Job's."""
        return UNKNOWN < index < (self.completions or 0)


def is_active(pod: Pod) -> bool:
    """Whether a pod has not ended and is not being deleted."""
    return not pod.is_terminal and not pod.meta.is_deleting


def is_terminating(pod: Pod) -> bool:
    """Whether a pod is being deleted and has not ended."""
    return not pod.is_terminal and pod.meta.is_deleting


def is_tracked(pod: Pod) -> bool:
    """Whether a pod has the finalizer, and was not counted."""
    return TRACKING in pod.meta.texts("finalizers")


def count_failures(pod: Pod, name: str = FAILURES) -> int:
    """How often the index of a pod had failed when the pod was made; 0 for no such number."""
    count = parse_int64(pod.meta.annotations.get(name, "")) or 0
    return count if 0 <= count < 2**31 else 0


def count_all_failures(pod: Pod) -> int:
    """The same with those that were ignored."""
    return count_failures(pod) + count_failures(pod, IGNORED_FAILURES)


def count_restarts(pod: Pod) -> tuple[int, int]:
    """The most restarts of a container, and of a sidecar (`maxContainerRestarts`)."""
    status = pod.status
    regular = [each.integer("restartCount") or 0 for each in status.views("containerStatuses")]
    sidecars = {each.name for each in pod.init_containers if each.restarts_always}
    others = [
        each.integer("restartCount") or 0
        for each in status.views("initContainerStatuses")
        if each.text("name") in sidecars
    ]
    return max(regular, default=0), max(others, default=0)


_PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}


def rank_for_removal(pod: Pod) -> tuple[object, ...]:
    """In what order active pods are removed: the least advanced first (`ActivePods`)."""
    ready = is_ready(pod)
    since = _find_ready_time(pod) if ready else 0.0
    created = pod.meta.text("creationTimestamp")
    restarts = count_restarts(pod)
    return (
        bool(pod.node_name),
        _PHASES.get(pod.phase, 0),
        ready,
        -since,
        (-restarts[0], -restarts[1]),
        -read_time(created).timestamp() if created else float("-inf"),
    )


def _find_ready_time(pod: Pod) -> float:
    """When a pod became ready; as if it were for ever in the future where it does not say."""
    for condition in pod.status.views("conditions"):
        if (condition.text("type"), condition.text("status")) == ("Ready", "True"):
            text = condition.text("lastTransitionTime")
            return read_time(text).timestamp() if text else float("inf")
    return float("inf")


@dataclass(frozen=True, slots=True)
class NewPod:
    """A pod to be made; the name is empty where the Job's own is the beginning."""

    generate_name: str = ""
    annotations: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StatusWrite:
    """A status that is written, and how many finalizers were taken off before."""

    patches_before: int
    status: Json


@dataclass(slots=True)
class JobSync:
    """One sync: what is known, and what was done so far."""

    job: Job
    pods: list[Pod]
    now: datetime
    status: Json
    """The status as it is going to be."""
    backoff: BackoffRecord
    active: int = 0
    ready: int = 0
    terminating: int = 0
    succeeded: int = 0
    failed: int = 0
    finished: Json | None = None
    """The condition by which the Job is over, or is about to be."""
    before: IndexSet = field(default_factory=IndexSet)
    """Indexes that were counted before."""
    succeeded_indexes: IndexSet = field(default_factory=IndexSet)
    failed_indexes: IndexSet | None = None
    delayed: dict[int, Pod] = field(default_factory=dict)
    """The failed pod of an index that stays until there is another in its place."""

    created: list[NewPod] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    writes: list[StatusWrite] = field(default_factory=list)
    patches: int = 0
    freed: list[str] = field(default_factory=list)
    """Uids of pods whose finalizers are taken off."""
    recorded: BackoffRecord | None = None
    """What is remembered after the sync; None where nothing is."""

    @property
    def uncounted(self) -> dict[str, list[str]]:
        """Uids of pods that have ended and are not in the counters: `succeeded` and `failed`."""
        found: dict[str, list[str]] = self.status["uncountedTerminatedPods"]
        return found

    def list_active(self) -> list[Pod]:
        """Active pods in order."""
        return [pod for pod in self.pods if is_active(pod)]

    def make_condition(self, kind: str, status: str, reason: str, message: str) -> Json:
        """A condition as of now."""
        at = write_time(self.now)
        return {
            "type": kind,
            "status": status,
            "reason": reason,
            "message": message,
            "lastProbeTime": at,
            "lastTransitionTime": at,
        }

    def find_condition(self, kind: str) -> Json | None:
        """The condition of a type."""
        conditions: Sequence[Json] = self.status.get("conditions") or ()
        return next((each for each in conditions if each["type"] == kind), None)

    def append_condition(self, condition: Json) -> None:
        """Add a condition at the end."""
        self.status["conditions"] = [*(self.status.get("conditions") or ()), condition]

    def ensure_condition(self, kind: str, status: str, reason: str, message: str) -> bool:
        """Change a condition or add it, no new one that is false; whether that was needed."""
        old, new = self.find_condition(kind), self.make_condition(kind, status, reason, message)
        if old is None:
            if status != "False":
                self.append_condition(new)
            return status != "False"
        told = (old["status"], old.get("reason", ""), old.get("message", ""))
        if told == (status, reason, message):
            return False
        conditions = self.status["conditions"]
        self.status["conditions"] = [new if each is old else each for each in conditions]
        return True

    def write_status(self) -> None:
        """Note that the status is written as it is."""
        status = {name: _copy(value) for name, value in self.status.items()}
        self.writes.append(StatusWrite(self.patches, status))

    def find_new(self, uncounted: Iterable[str], wanted: Callable[[Pod], bool]) -> list[Pod]:
        """Pods that were not counted yet, of valid indexes (`getValidPodsWithFilter`)."""
        known = set(uncounted)
        return [
            pod
            for pod in self.pods
            if is_tracked(pod)
            and pod.meta.uid not in known
            and self._is_valid(pod)
            and wanted(pod)
        ]

    def _is_valid(self, pod: Pod) -> bool:
        return not self.job.is_indexed or self.job.is_valid_index(get_index(pod))

    def counts_failure(self, pod: Pod) -> bool:
        """Whether the failure of a pod counts, by the policy of the Job."""
        return judge_failure(self.job.failure_policy, pod).counts


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy(each) for name, each in value.items()}
    return [_copy(each) for each in value] if isinstance(value, list) else value
