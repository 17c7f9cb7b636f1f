"""What a pod worker is told and what it holds: updates, the worker's state, the sync that runs.

Source: `pkg/kubelet/pod_workers.go` (UpdatePodOptions, podSyncStatus), v1.36.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum

TERMINAL_PHASES = ("Failed", "Succeeded")


class UpdateType(StrEnum):
    """Why a pod is given to its worker (SyncPodType)."""

    CREATE = "create"
    UPDATE = "update"
    SYNC = "sync"
    KILL = "kill"


class WorkType(StrEnum):
    """How far the life of a pod has come for its worker (PodWorkerState)."""

    SYNC = "sync"
    """It is to run."""
    TERMINATING = "terminating"
    """Nothing of it is started any more; containers may still run."""
    TERMINATED = "terminated"
    """No container of it runs."""


class SyncFunction(StrEnum):
    """What a worker has the kubelet do (podSyncer)."""

    SYNC = "SyncPod"
    TERMINATE = "SyncTerminatingPod"
    TERMINATE_RUNNING = "SyncTerminatingRuntimePod"
    """The same for a pod of which only the running containers are known."""
    CLEAN = "SyncTerminatedPod"


class Outcome(StrEnum):
    """How a sync ends."""

    OK = "ok"
    TERMINAL = "terminal"
    """All containers of the pod have ended for good; of `SyncPod` only."""
    ERROR = "error"
    NETWORK_NOT_READY = "networkNotReady"
    BACK_OFF = "backOff"
    """An error that names the end of a back-off, until which nothing can be done."""
    CANCELLED = "cancelled"


class Delay(StrEnum):
    """When a pod is synced again if nothing happens; each but NOW is lengthened at random."""

    NOW = "now"
    RESYNC = "resync"
    """After the regular interval."""
    TRANSIENT = "transient"
    """After one second."""
    BACK_OFF = "backoff"
    """After the kubelet's period for errors."""
    BACK_OFF_ENDS = "backoffExpiry"
    """When the back-off in the error has ended, after the regular interval at the latest."""


@dataclass(frozen=True, slots=True)
class WorkerPod:
    """A pod as far as its worker looks at it; graces in seconds."""

    uid: str
    full_name: str
    """Name and namespace, `name_namespace`."""
    is_static: bool = False
    is_deleting: bool = False
    """Whether it has a deletionTimestamp."""
    phase: str = ""
    deletion_grace: int | None = None
    termination_grace: int | None = None
    version: str = ""
    """Its resourceVersion, which no decision looks at."""

    @property
    def is_terminal(self) -> bool:
        """Whether its phase is never left."""
        return self.phase in TERMINAL_PHASES


@dataclass(frozen=True, slots=True)
class KillOptions:
    """How a pod is to be killed (KillPodOptions)."""

    evict: bool = False
    grace: int | None = None
    """Seconds, where the grace of the pod is overridden."""
    completed: int | None = None
    """Number of the request that waits for the end of the containers, None where none does."""
    status_function: str | None = None
    """What is done to the status of the pod, by name."""


@dataclass(frozen=True, slots=True)
class PodUpdate:
    """What a worker is told (UpdatePodOptions): a pod, or containers that run of one."""

    type: UpdateType = UpdateType.SYNC
    pod: WorkerPod | None = None
    running_pod: WorkerPod | None = None
    """What is known of a pod that no source has any more; only looked at where `pod` is None."""
    has_mirror: bool = False
    kill: KillOptions | None = None

    @property
    def uid(self) -> str:
        """The uid of the pod."""
        pod = self.pod or self.running_pod
        return pod.uid if pod else ""


@dataclass(frozen=True, slots=True)
class KnownWorker:
    """What the kubelet is told of a worker when it compares it with its pods (PodWorkerSync)."""

    state: WorkType
    is_orphan: bool
    has_config: bool
    is_static: bool


@dataclass(slots=True)
class SyncCall:
    """A sync that runs, and what it was given."""

    function: SyncFunction
    update: PodUpdate
    grace: int | None = None
    """Of `SyncTerminatingPod`: seconds; None where the pod went from its source unasked."""
    status_function: str | None = None
    """Of `SyncTerminatingPod`: what is done to the status."""
    is_cancelled: bool = False


@dataclass(slots=True)
class PodWorker:
    """The state of one worker (podSyncStatus); times are 0 where it has not happened."""

    full_name: str
    synced_at: int
    is_working: bool = False
    """Whether an update waits or is worked on."""
    pending: PodUpdate | None = None
    """The last update that the worker has not taken up."""
    active: PodUpdate | None = None
    """All that the worker has taken up so far, merged; None before the pod was started."""
    started_at: int = 0
    terminating_at: int = 0
    """When the end of the pod was asked for."""
    terminated_at: int = 0
    """When all its containers had ended."""
    grace: int = 0
    """Seconds, once its end was asked for."""
    waiting_for_end: list[int] = field(default_factory=list)
    """Requests that are answered when all containers have ended."""
    status_functions: list[str] = field(default_factory=list)
    """What kills want to be done to the status; the last one counts."""
    has_started_terminating: bool = False
    """Whether nothing is started any more: the last `SyncPod` has ended."""
    is_deleted: bool = False
    is_evicted: bool = False
    is_finished: bool = False
    is_restart_requested: bool = False
    """Whether a pod of the same uid was created while this one was ending."""
    is_seen_in_runtime: bool = False
    restarts_all: bool = False
    """Whether all containers are being started again."""

    @property
    def work_type(self) -> WorkType:
        """How far the life of the pod has come."""
        if self.terminated_at:
            return WorkType.TERMINATED
        return WorkType.TERMINATING if self.terminating_at else WorkType.SYNC

    @property
    def can_be_forgotten_unasked(self) -> bool:
        """Whether nothing of the pod can have been started."""
        return not self.started_at and not self.is_seen_in_runtime

    def merge(self, update: PodUpdate) -> None:
        """Take up an update (mergeLastUpdate).

        The pod of an earlier one is kept where only containers are known, its mirror and kill
        options where the update has none.
        """
        active = self.active or PodUpdate()
        self.active = replace(
            active,
            pod=update.pod if active.pod is None or update.running_pod is None else active.pod,
            running_pod=update.running_pod,
            has_mirror=active.has_mirror or update.has_mirror,
            kill=KillOptions(update.kill.evict, update.kill.grace) if update.kill else active.kill,
        )

    def shorten_grace(self, pod: WorkerPod, kill: KillOptions | None) -> bool:
        """Set the grace, which only ever gets shorter; say whether one that stood did.

        Source: calculateEffectiveGracePeriod. It is never below one second.
        """
        grace, is_overridden = self.grace, False
        for asked in (pod.deletion_grace, kill.grace if kill else None):
            if asked is not None and (grace == 0 or asked < grace):
                grace, is_overridden = asked, True
        if not is_overridden and grace == 0 and pod.termination_grace is not None:
            grace = pod.termination_grace
        before, self.grace = self.grace, max(grace, 1)
        return before not in (0, self.grace)

    def choose_pod(self, update: PodUpdate) -> tuple[WorkerPod, PodUpdate]:
        """The pod to look at; where only containers are known, the last pod that came if any."""
        if update.pod is not None:
            return update.pod, update
        assert update.running_pod is not None, "an update names a pod"
        self.is_seen_in_runtime = True
        for earlier in (self.pending, self.active):
            if earlier is not None and earlier.pod is not None:
                return earlier.pod, replace(update, pod=earlier.pod, running_pod=None)
        return update.running_pod, update

    def begin_to_end(
        self, pod: WorkerPod, update: PodUpdate, now: int, *, is_runtime: bool
    ) -> bool:
        """Note that the end of the pod is asked for; says whether it was not before.

        It is where only its containers are known (`is_runtime`), where it is deleted, has a
        terminal phase, or is to be killed.
        """
        if self.terminating_at:
            return False
        if is_runtime or pod.is_deleting:
            self.is_deleted = True
        elif not pod.is_terminal:
            if update.type is not UpdateType.KILL:
                return False
            self.is_evicted = update.kill is not None and update.kill.evict
        self.terminating_at = now
        return True

    def describe(self, is_orphan: bool) -> KnownWorker:
        """What the kubelet is told of the worker."""
        update = self.active or self.pending
        pod = update.pod if update else None
        is_static = pod is not None and pod.is_static
        return KnownWorker(self.work_type, is_orphan, pod is not None, is_static)
