"""What other parts of a kubelet ask the pod workers.

Source: `pkg/kubelet/pod_workers.go` of Kubernetes v1.36. Of a pod without a worker nothing is
known to be over until the pods of all sources were compared with the workers once.
"""

from planespec.spec.node.pod_work.pod_workers import PodWorkers
from planespec.spec.node.pod_work.worker_state import PodWorker, WorkType


def is_known_terminated(workers: PodWorkers, uid: str) -> bool:
    """Say whether the worker of a pod knows that all its containers have ended."""
    worker = workers.workers.get(uid)
    return worker is not None and bool(worker.terminated_at)


def could_have_running_containers(workers: PodWorkers, uid: str) -> bool:
    """Say whether containers of a pod may run."""
    worker = workers.workers.get(uid)
    return not workers.is_synced if worker is None else not worker.terminated_at


def should_be_finished(workers: PodWorkers, uid: str) -> bool:
    """Say whether a pod has ended and was cleaned up."""
    worker = workers.workers.get(uid)
    return workers.is_synced if worker is None else worker.is_finished


def is_termination_requested(workers: PodWorkers, uid: str) -> bool:
    """Say whether the end of a pod was asked for; containers may still be started."""
    worker = workers.workers.get(uid)
    return worker is not None and bool(worker.terminating_at)


def should_containers_be_terminating(workers: PodWorkers, uid: str) -> bool:
    """Say whether no container of a pod is started any more."""
    worker = workers.workers.get(uid)
    return workers.is_synced if worker is None else worker.has_started_terminating


def should_runtime_be_removed(workers: PodWorkers, uid: str) -> bool:
    """Say whether what running containers need may be torn down, volumes for example."""
    worker = workers.workers.get(uid)
    return workers.is_synced if worker is None else bool(worker.terminated_at)


def should_content_be_removed(workers: PodWorkers, uid: str) -> bool:
    """Say whether what is left of a pod may be removed: it was evicted, or deleted and ended."""
    worker = workers.workers.get(uid)
    return workers.is_synced if worker is None else _leaves_nothing(worker)


def _leaves_nothing(worker: PodWorker) -> bool:
    return worker.is_evicted or (worker.is_deleted and bool(worker.terminated_at))


def is_mirror_terminating(workers: PodWorkers, full_name: str) -> bool:
    """Say whether the static pod that runs under a name is ending; its mirror is kept so long."""
    worker = workers.workers.get(workers.static.started.get(full_name, ""))
    return worker is not None and worker.work_type is WorkType.TERMINATING
