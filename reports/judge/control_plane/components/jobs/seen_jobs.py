"""The syncs of a Job that its controller could have made when it wrote.

The Job is known from one informer and its pods from another; of the failures that delay new pods
the controller remembers all since it was started, or none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from planespec.reports.judge.control_plane.audited_writes import Write
from planespec.reports.judge.control_plane.clocks_and_cuts import find_cuts, get_now
from planespec.reports.judge.control_plane.scene import Scene
from planespec.reports.judge.versions.object_versions import Life, Version, list_at
from planespec.spec.controllers.batch.job_backoff import BackoffRecord
from planespec.spec.controllers.batch.job_state import Job, JobSync
from planespec.spec.controllers.batch.job_sync import sync_job
from planespec.spec.objects.core_views import Pod

MOST_JOBS = 8
"""Versions of a Job that are tried: those that an informer may have told last."""


@dataclass(frozen=True, slots=True)
class JobView:
    """One sync, and up to which revision the pods were known."""

    job: Version
    cut: int
    sync: JobSync


def list_jobs(write: Write, scene: Scene, uid: str) -> list[Version]:
    """The versions of a Job that the controller may have known, the latest first."""
    lives = [life for life in scene.history.list_lives("Job") if life.uid == uid]
    seen = [life.at(cut) for cut in reversed(find_cuts(write, scene, lives)) for life in lives]
    return list(dict.fromkeys(each for each in seen if each is not None))[:MOST_JOBS]


def list_views(
    write: Write, scene: Scene, jobs: list[Version], *, key: str = "", only_met: bool = False
) -> Iterator[JobView]:
    """Syncs from these versions of a Job; pods as of each cut that their controller may have.

    `key` names whose earlier writes bound the cuts; `only_met` leaves out syncs that wait for
    pods that were made or deleted.
    """
    owned = scene.history.list_owned("Pod", jobs[0].uid) if jobs else []
    cuts = find_cuts(write, scene, owned, key, "Pod")
    for cut in cuts if key else reversed(cuts):
        seen = list_at(owned, cut)
        for job in jobs:
            pods = [Pod(each.data) for each in seen if _is_owned(each, job.uid)]
            for met in (True,) if only_met else (True, False):
                for sync in _list_syncs(write, job, pods, met, _list_records(job, owned, cut)):
                    yield JobView(job, cut, sync)


def _list_syncs(
    write: Write, job: Version, pods: list[Pod], met: bool, records: list[BackoffRecord]
) -> Iterator[JobSync]:
    """Syncs with each memory of failures, at the moment of the write and shortly before."""
    times = [get_now(write)]
    if Job(job.data).spec.has("activeDeadlineSeconds") or records[0].failures:
        times.append(times[0] - timedelta(seconds=1))
    for backoff in records:
        for now in times:
            yield sync_job(
                Job(job.data), list(pods), now, expectations_are_met=met, backoff=backoff
            )


def _is_owned(pod: Version, uid: str) -> bool:
    owners = pod.meta.get("ownerReferences") or ()
    return any(each.get("uid") == uid and each.get("controller") for each in owners)


def _list_records(job: Version, owned: list[Life], cut: int) -> list[BackoffRecord]:
    """What may be remembered of failures: those that were counted at a cut, or nothing."""
    ended = [Pod(each.data) for each in _list_last(owned, cut)]
    uncounted = (job.data.get("status") or {}).get("uncountedTerminatedPods") or {}
    counted = [pod for pod in ended if not _is_new(pod, uncounted)]
    succeeded = [pod for pod in counted if pod.phase == "Succeeded"]
    failed = [pod for pod in counted if Job(job.data).has_failed(pod)]
    return list(dict.fromkeys((BackoffRecord().follow(succeeded, failed), BackoffRecord())))


def _list_last(owned: list[Life], cut: int) -> Iterator[Version]:
    """The last version of each pod, of those that are gone as well."""
    for life in owned:
        known = [each for each in life.versions if each.revision <= cut]
        if known:
            yield known[-1]


def _is_new(pod: Pod, uncounted: dict[str, list[str]]) -> bool:
    """Whether a sync counts a pod among those that ended a moment ago."""
    finalizers = pod.meta.texts("finalizers")
    is_known = any(pod.meta.uid in (uids or ()) for uids in uncounted.values())
    return bool(finalizers) and not is_known
