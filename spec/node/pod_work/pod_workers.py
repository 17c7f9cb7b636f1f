"""Pod workers: one for each pod, which syncs it, ends it and cleans up, one thing at a time.

Source: `pkg/kubelet/pod_workers.go` of Kubernetes v1.36. A worker takes up the last update that
waits for it, has the kubelet sync the pod, and waits until that ends. Here a sync runs until
`finish_sync` says how it ended; everything else that a worker does by itself is done at once.
Left out: metrics, log lines, and what a sync itself does.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from planespec.spec.node.pod_work.static_pod_order import StaticPodOrder
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
    WorkType,
)


@dataclass(slots=True)
class _Loop:
    """The loop of a worker: whether an update was announced to it, and the sync that it runs."""

    is_notified: bool = False
    call: SyncCall | None = None


@dataclass(slots=True)
class PodWorkers:
    """All workers of a kubelet; `now` is set by whoever drives them, in any unit above 0."""

    now: int = 1
    is_cache_failing: Callable[[str], bool] = lambda uid: False
    """Whether no newer status of a pod comes from the runtime, for which each sync waits."""
    has_running: Callable[[str], bool | None] = lambda uid: False
    """Whether the runtime has a running container or a ready sandbox; None where unknown."""
    workers: dict[str, PodWorker] = field(default_factory=dict)
    """By uid."""
    static: StaticPodOrder = field(default_factory=StaticPodOrder)
    """Which static pod of a name runs, and which wait."""
    is_synced: bool = False
    """Whether the pods of all sources were compared once; before, nothing is known to be gone."""
    enqueued: list[tuple[str, Delay]] = field(default_factory=list)
    """Pods that are to be synced again later; whoever drives the workers takes them out."""
    answered: list[int] = field(default_factory=list)
    """Kills whose end was told to those who waited."""
    _loops: dict[str, _Loop] = field(default_factory=dict)

    def get_call(self, uid: str) -> SyncCall | None:
        """The sync that runs for a pod."""
        loop = self._loops.get(uid)
        return loop.call if loop else None

    def update_pod(self, update: PodUpdate) -> None:
        """Give a pod to its worker, which is made where there is none (UpdatePod)."""
        is_runtime = update.pod is None
        if is_runtime and update.type is not UpdateType.KILL:
            return
        if not is_runtime:
            update = replace(update, running_pod=None)
        uid = update.uid
        is_first = uid not in self.workers
        worker = self.workers.setdefault(uid, self._make_worker(update))
        pod, update = worker.choose_pod(update)
        if not is_first and worker.terminating_at and update.type is UpdateType.CREATE:
            worker.is_restart_requested = True
            return
        if worker.is_finished:
            return
        ends = worker.begin_to_end(pod, update, self.now, is_runtime=is_runtime)
        if worker.terminated_at and is_runtime:
            return
        update, is_shorter = self._settle_kill(worker, pod, update)
        if uid not in self._loops:
            self._loops[uid] = _Loop()
            if pod.is_static:
                self.static.add(worker.full_name, uid)
        worker.pending = update
        self._notify(uid, worker)
        call = self.get_call(uid)
        if (ends or is_shorter) and call is not None:
            call.is_cancelled = True
        self._run(uid)

    def _make_worker(self, update: PodUpdate) -> PodWorker:
        pod = update.pod or update.running_pod
        assert pod is not None, "an update names a pod"
        worker = PodWorker(pod.full_name, self.now)
        if update.pod is not None and pod.is_terminal and self.has_running(pod.uid) is False:
            # It ended under an earlier run of the kubelet; what is left is to clean up.
            worker.terminating_at = worker.terminated_at = self.now
            worker.has_started_terminating = True
        return worker

    def _settle_kill(
        self, worker: PodWorker, pod: WorkerPod, update: PodUpdate
    ) -> tuple[PodUpdate, bool]:
        """The update with the kill options that count, and whether the grace got shorter."""
        kill = update.kill
        if worker.work_type is not WorkType.TERMINATING:
            if kill is not None and kill.completed is not None:
                self.answered.append(kill.completed)
            return replace(update, kill=None), False
        kill = kill or KillOptions()
        if kill.completed is not None:
            worker.waiting_for_end.append(kill.completed)
        if kill.status_function is not None:
            worker.status_functions.append(kill.status_function)
        is_shorter = worker.shorten_grace(pod, kill)
        return replace(update, kill=replace(kill, grace=worker.grace)), is_shorter

    def _notify(self, uid: str, worker: PodWorker) -> None:
        worker.is_working = True
        if uid in self._loops:
            self._loops[uid].is_notified = True

    def _run(self, uid: str) -> None:
        """Let a worker go on until a sync runs or nothing was announced (podWorkerLoop)."""
        while (loop := self._loops.get(uid)) and loop.is_notified and loop.call is None:
            loop.is_notified = False
            worker = self.workers[uid]
            update = worker.pending
            if update is None:
                worker.is_working = False
            elif self._start(uid, worker, update):
                self._call(uid, loop, worker, update)

    def _start(self, uid: str, worker: PodWorker, update: PodUpdate) -> bool:
        """Take up the update that waits; says whether the pod may be synced (startPodSync)."""
        worker.pending = None
        only_running = update.running_pod is not None
        if not worker.started_at and not only_running:
            assert update.pod is not None, "an update names a pod"
            if update.pod.is_static and worker.terminating_at:
                self._clean_up_unstarted(uid, worker)
                return False
            if update.pod.is_static and not self._may_start_static(uid, worker):
                self.enqueued.append((uid, Delay.BACK_OFF))
                worker.pending, worker.is_working = update, False
                return False
            worker.started_at = self.now
        worker.merge(update)
        return True

    def _may_start_static(self, uid: str, worker: PodWorker) -> bool:
        ending = {each for each, other in self.workers.items() if other.terminating_at}
        return self.static.try_start(worker.full_name, uid, self.workers.keys() - ending)

    def _clean_up_unstarted(self, uid: str, worker: PodWorker) -> None:
        """Finish a static pod whose end was asked for before it was started."""
        worker.terminated_at = self.now
        self._finish(uid, worker)

    def _finish(self, uid: str, worker: PodWorker) -> None:
        worker.is_finished, worker.is_working = True, False
        self._drop_loop(uid, worker)

    def _drop_loop(self, uid: str, worker: PodWorker) -> None:
        self._loops.pop(uid, None)
        self.static.end(worker.full_name, uid)

    def _call(self, uid: str, loop: _Loop, worker: PodWorker, update: PodUpdate) -> None:
        only_running = update.running_pod is not None
        if not only_running and self.is_cache_failing(uid):
            self._complete_work(uid, worker, Delay.BACK_OFF)
            return
        if worker.work_type is WorkType.TERMINATED:
            loop.call = SyncCall(SyncFunction.CLEAN, update)
        elif worker.work_type is WorkType.TERMINATING:
            worker.has_started_terminating = True
            function = SyncFunction.TERMINATE_RUNNING if only_running else SyncFunction.TERMINATE
            loop.call = SyncCall(function, update, update.kill.grace if update.kill else None)
            loop.call.status_function = next(reversed(worker.status_functions), None)
        else:
            loop.call = SyncCall(SyncFunction.SYNC, update)

    def finish_sync(self, uid: str, outcome: Outcome) -> None:
        """End the sync that runs for a pod; its worker goes on. KeyError where none runs."""
        loop = self._loops[uid]
        call, worker = loop.call, self.workers[uid]
        if call is None:
            raise KeyError(uid)
        loop.call = None
        if outcome not in (Outcome.OK, Outcome.TERMINAL):
            self._complete_work(uid, worker, DELAYS.get(outcome, Delay.BACK_OFF))
        elif call.function is SyncFunction.CLEAN:
            self._finish(uid, worker)
        elif call.function is SyncFunction.TERMINATE_RUNNING:
            self._finish(uid, worker)
            del self.workers[uid]
        elif call.function is SyncFunction.TERMINATE:
            self._complete_terminating(uid, worker)
        elif outcome is Outcome.TERMINAL:
            worker.terminating_at = worker.terminating_at or self.now
            worker.has_started_terminating = True
            self._requeue(uid, worker)
            self._complete_work(uid, worker, Delay.NOW)
        else:
            self._complete_work(uid, worker, Delay.RESYNC)
        self._run(uid)

    def _complete_terminating(self, uid: str, worker: PodWorker) -> None:
        worker.terminated_at = self.now
        self.answered += worker.waiting_for_end
        worker.waiting_for_end.clear()
        worker.status_functions.clear()
        self._requeue(uid, worker)
        self._complete_work(uid, worker, Delay.NOW)

    def _requeue(self, uid: str, worker: PodWorker) -> None:
        """Announce what was taken up last once more, unless an update waits already."""
        if worker.pending is None and worker.active is not None:
            worker.pending = worker.active
            self._notify(uid, worker)

    def _complete_work(self, uid: str, worker: PodWorker, delay: Delay) -> None:
        self.enqueued.append((uid, delay))
        if worker.pending is None:
            worker.is_working = False
        else:
            self._loops[uid].is_notified = True

    def sync_known_pods(self, desired: Collection[str]) -> dict[str, KnownWorker]:
        """Compare the workers with the uids that a source has, and forget what is over.

        A worker whose pod no source has brings it to its end. Returns the workers that are left;
        whoever calls gives a pod that has none to a new one.
        """
        self.is_synced = True
        known = {}
        for uid in sorted(self.workers):
            worker, is_orphan = self.workers[uid], uid not in desired
            if (worker.is_restart_requested or is_orphan) and self._remove(uid, is_orphan):
                continue
            known[uid] = worker.describe(is_orphan)
        for uid in known:
            self._run(uid)
        return known

    def _remove(self, uid: str, is_orphan: bool) -> bool:
        """Forget a finished worker, or bring an orphan to its end (removeTerminatedWorker)."""
        worker = self.workers[uid]
        if not worker.is_finished:
            if not is_orphan:
                return False
            worker.is_deleted = True
            if not worker.can_be_forgotten_unasked:
                self._end_orphan(uid, worker)
                return False
        del self.workers[uid]
        self._drop_loop(uid, worker)
        return True

    def _end_orphan(self, uid: str, worker: PodWorker) -> None:
        if not worker.terminating_at:
            worker.terminating_at = self.now
            if worker.active is not None and worker.active.pod is not None:
                worker.shorten_grace(worker.active.pod, None)
            else:
                worker.grace = 1
        self._requeue(uid, worker)


DELAYS = {
    Outcome.NETWORK_NOT_READY: Delay.TRANSIENT,
    Outcome.BACK_OFF: Delay.BACK_OFF_ENDS,
}
"""When a pod is synced again after an error; after the usual period for all others."""
