"""Pod workers: what upstream's source says where no recorded step says it."""

from dataclasses import replace

import pytest

from planespec.spec.node.pod_work.pod_workers import PodWorkers
from planespec.spec.node.pod_work.worker_questions import (
    could_have_running_containers,
    is_mirror_terminating,
    should_be_finished,
    should_containers_be_terminating,
    should_content_be_removed,
)
from planespec.spec.node.pod_work.worker_state import (
    Delay,
    KillOptions,
    Outcome,
    PodUpdate,
    SyncFunction,
    UpdateType,
    WorkerPod,
    WorkType,
)

POD = WorkerPod("u", "web_shop", termination_grace=30)


def give(workers: PodWorkers, type_: UpdateType, pod: WorkerPod = POD, **more: object) -> None:
    workers.update_pod(PodUpdate(type_, pod, **more))  # type: ignore[arg-type]


def get_function(workers: PodWorkers, uid: str = "u") -> SyncFunction | None:
    call = workers.get_call(uid)
    return call.function if call else None


def test_a_pod_is_synced_then_terminated_then_cleaned_up() -> None:
    workers = PodWorkers()
    give(workers, UpdateType.CREATE)
    seen = []
    for outcome in (Outcome.TERMINAL, Outcome.OK, Outcome.OK):
        seen.append(get_function(workers))
        workers.finish_sync("u", outcome)
    assert seen == [SyncFunction.SYNC, SyncFunction.TERMINATE, SyncFunction.CLEAN]
    assert workers.workers["u"].is_finished
    assert [delay for _, delay in workers.enqueued] == [Delay.NOW, Delay.NOW]


def test_a_finished_pod_never_runs_again_until_it_is_forgotten() -> None:
    workers = PodWorkers()
    give(workers, UpdateType.KILL)
    workers.finish_sync("u", Outcome.OK)
    workers.finish_sync("u", Outcome.OK)
    give(workers, UpdateType.SYNC)
    give(workers, UpdateType.CREATE)
    assert get_function(workers) is None
    workers.sync_known_pods(["u"])
    give(workers, UpdateType.CREATE)
    assert get_function(workers) is SyncFunction.SYNC


def test_only_a_kill_may_name_running_containers_alone() -> None:
    workers = PodWorkers()
    workers.update_pod(PodUpdate(UpdateType.SYNC, running_pod=POD))
    assert not workers.workers
    workers.update_pod(PodUpdate(UpdateType.KILL, running_pod=POD))
    assert get_function(workers) is SyncFunction.TERMINATE_RUNNING
    workers.finish_sync("u", Outcome.OK)
    assert not workers.workers


def test_running_containers_are_not_looked_at_where_the_pod_is_given() -> None:
    workers = PodWorkers()
    give(workers, UpdateType.UPDATE, running_pod=POD)
    assert get_function(workers) is SyncFunction.SYNC
    assert not workers.workers["u"].is_seen_in_runtime


@pytest.mark.parametrize(
    ("running", "function"),
    [
        (False, SyncFunction.CLEAN),
        (True, SyncFunction.TERMINATE),
        (None, SyncFunction.TERMINATE),
    ],
)
def test_a_pod_that_ended_under_an_earlier_kubelet_is_only_cleaned_up_if_nothing_runs(
    running: bool | None, function: SyncFunction
) -> None:
    workers = PodWorkers(has_running=lambda uid: running)
    give(workers, UpdateType.CREATE, replace(POD, phase="Failed"))
    assert get_function(workers) is function


def test_a_grace_is_only_ever_shortened_and_cancels_what_runs() -> None:
    workers = PodWorkers()
    give(workers, UpdateType.SYNC)
    give(workers, UpdateType.KILL, kill=KillOptions(grace=20))
    sync = workers.get_call("u")
    assert sync is not None
    assert sync.is_cancelled
    workers.finish_sync("u", Outcome.CANCELLED)
    for asked, grace, is_cancelled in ((25, 20, False), (0, 1, True)):
        call = workers.get_call("u")
        assert call is not None
        give(workers, UpdateType.KILL, kill=KillOptions(grace=asked))
        assert (workers.workers["u"].grace, call.is_cancelled) == (grace, is_cancelled)


def test_kill_options_count_for_nothing_while_a_pod_is_to_run() -> None:
    workers = PodWorkers()
    give(workers, UpdateType.SYNC, kill=KillOptions(grace=5, completed=7))
    assert workers.answered == [7]
    assert workers.workers["u"].active == PodUpdate(pod=POD)


def test_who_waits_is_told_when_the_containers_have_ended() -> None:
    workers = PodWorkers()
    give(workers, UpdateType.KILL, kill=KillOptions(completed=1))
    assert workers.answered == []
    workers.finish_sync("u", Outcome.OK)
    assert workers.answered == [1]
    give(workers, UpdateType.KILL, kill=KillOptions(completed=2))
    assert workers.answered == [1, 2]


def test_the_second_static_pod_of_a_name_starts_when_the_first_is_gone() -> None:
    workers = PodWorkers()
    first, second = (replace(POD, uid=uid, is_static=True) for uid in ("s1", "s2"))
    give(workers, UpdateType.CREATE, first)
    give(workers, UpdateType.CREATE, second)
    assert (get_function(workers, "s1"), get_function(workers, "s2")) == (SyncFunction.SYNC, None)
    workers.sync_known_pods(["s2"])
    workers.finish_sync("s1", Outcome.OK)
    assert is_mirror_terminating(workers, POD.full_name)
    workers.finish_sync("s1", Outcome.OK)
    assert not is_mirror_terminating(workers, POD.full_name)
    workers.finish_sync("s1", Outcome.OK)
    give(workers, UpdateType.SYNC, second)
    assert get_function(workers, "s2") is SyncFunction.SYNC


def test_an_orphan_is_brought_to_its_end_by_its_worker() -> None:
    workers = PodWorkers()
    give(workers, UpdateType.CREATE)
    known = workers.sync_known_pods([])
    assert (known["u"].is_orphan, known["u"].state) == (True, WorkType.TERMINATING)
    workers.finish_sync("u", Outcome.OK)
    call = workers.get_call("u")
    assert call is not None
    assert (call.function, call.grace) == (SyncFunction.TERMINATE, None)
    assert workers.workers["u"].grace == 30


def test_nothing_is_known_to_be_gone_before_all_sources_were_seen() -> None:
    workers = PodWorkers()
    asked = (should_be_finished, should_containers_be_terminating, should_content_be_removed)
    assert not any(ask(workers, "x") for ask in asked)
    assert could_have_running_containers(workers, "x")
    workers.sync_known_pods([])
    assert all(ask(workers, "x") for ask in asked)
    assert not could_have_running_containers(workers, "x")


def test_the_end_of_a_sync_that_does_not_run_is_refused() -> None:
    workers = PodWorkers()
    with pytest.raises(KeyError):
        workers.finish_sync("u", Outcome.OK)
    give(workers, UpdateType.SYNC)
    workers.finish_sync("u", Outcome.OK)
    with pytest.raises(KeyError):
        workers.finish_sync("u", Outcome.OK)
