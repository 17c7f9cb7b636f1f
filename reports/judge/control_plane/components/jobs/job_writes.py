"""Why the job controller may write a status, make and delete pods, and take finalizers off."""

from planespec.reports.judge.control_plane.audited_writes import Write
from planespec.reports.judge.control_plane.clocks_and_cuts import (
    answer,
    find_status_fault,
    list_own,
    settle,
)
from planespec.reports.judge.control_plane.components.jobs.seen_jobs import (
    JobView,
    list_jobs,
    list_views,
)
from planespec.reports.judge.control_plane.scene import Scene
from planespec.reports.judge.control_plane.write_explainers import explains, list_lives
from planespec.reports.judge.versions.object_versions import Version
from planespec.spec.controllers.batch.job_state import TRACKING, Job, NewPod
from planespec.spec.objects.view import View

COMPONENT = "job-controller"
INVALID = 422
Json = dict[str, object]
_COUNTERS = ("active", "succeeded", "failed")
"""Counters that are not written where they are 0."""
_MORE_READY = "cannot set more ready pods than active"


@explains("job-controller update jobs/status")
def explain_status(write: Write, scene: Scene) -> str:
    """Why no sync of the Job comes to this status."""
    fault = find_status_fault(write, scene, "Job", _find_job_fault)
    if not fault and write.code == INVALID:
        status = View(write.body).view("status")
        is_more = (status.integer("ready") or 0) > (status.integer("active") or 0)
        return "" if is_more and _MORE_READY in write.message else "the status is valid"
    return answer(write, scene, fault)


def _find_job_fault(write: Write, scene: Scene, base: Version) -> str:
    wanted = arrange(write.body.get("status") or {}, write)
    jobs = [base]
    if base.before is not None and (base.maker is None or base.maker.component == COMPONENT):
        jobs.append(base.before)
    for view in list_views(write, scene, jobs, key=base.uid):
        for each in view.sync.writes:
            if arrange(each.status, write) == wanted:
                scene.raise_least(write, base.uid, "Pod", view.cut)
                return ""
    return "no sync of the Job that it could have made comes to this status"


def arrange(status: object, write: Write) -> Json:
    """A status with times settled, lists sorted that have no order, and no counters of 0."""
    found = settle(status, write)
    told: Json = dict(found) if isinstance(found, dict) else {}
    for name in _COUNTERS:
        if told.get(name) == 0:
            del told[name]
    uncounted = told.get("uncountedTerminatedPods")
    if isinstance(uncounted, dict):
        told["uncountedTerminatedPods"] = {
            name: sorted(uids) if isinstance(uids, list) else uids
            for name, uids in uncounted.items()
        }
    return told


# Pods.


@explains("job-controller create pods")
def explain_creation(write: Write, scene: Scene) -> str:
    """Why no sync of the Job makes so many pods, or such a one."""
    return answer(write, scene, _find_creation_fault(write, scene))


def _find_creation_fault(write: Write, scene: Scene) -> str:
    metadata = View(write.body).view("metadata")
    owners = metadata.views("ownerReferences")
    owner = next((each for each in owners if each.flag("controller")), View({}))
    jobs = list_jobs(write, scene, owner.text("uid"))
    if owner.text("kind") != "Job" or not jobs:
        return "is of no Job that is there"
    fault = "the Job needs no more pods"
    for view in list_views(write, scene, jobs, only_met=True):
        alike = [each for each in view.sync.created if _is_alike(each, metadata, view)]
        unseen = _count_unseen(write, scene, view, metadata)
        if len(alike) > unseen:
            return _find_template_fault(write, view.job)
    return fault


def _is_alike(new: NewPod, metadata: View, view: JobView) -> bool:
    prefix = new.generate_name or f"{view.job.name}-"
    annotations = metadata.text_map("annotations")
    asked = {name: annotations.get(name) for name in new.annotations}
    return metadata.text("generateName") == prefix and asked == new.annotations


def _count_unseen(write: Write, scene: Scene, view: JobView, metadata: View) -> int:
    """Pods like this that the controller had asked for before, and did not know of."""
    count = 0
    for each in list_own(write, scene):
        if each.verb != "create" or each.resource != "pods" or not each.is_accepted:
            continue
        other = View(each.body).view("metadata")
        same = ("ownerReferences", "generateName", "annotations")
        if all(other.data.get(name) == metadata.data.get(name) for name in same):
            count += not each.made or each.made[0].revision > view.cut
    return count


def _find_template_fault(write: Write, job: Version) -> str:
    """What of a new pod is not that of the Job's template."""
    template = View(job.data).view("spec").view("template")
    metadata, spec = View(write.body).view("metadata"), View(write.body).view("spec")
    if TRACKING not in metadata.texts("finalizers"):
        return "the pod is not tracked"
    labels = template.view("metadata").text_map("labels")
    if any(metadata.text_map("labels").get(name) != each for name, each in labels.items()):
        return "the labels are not those of the template"
    for name, each in template.view("spec").data.items():
        if name not in ("containers", "initContainers") and spec.data.get(name) != each:
            return f"{name} is not that of the template"
    for name in ("containers", "initContainers"):
        both = [view.views(name) for view in (template.view("spec"), spec)]
        if [_tell(each) for each in both[0]] != [_tell(each) for each in both[1]]:
            return f"{name} are not those of the template"
    return ""


def _tell(container: View) -> Json:
    """A container without the variable that tells it its index."""
    env = [each.data for each in container.views("env") if each.text("name") != _INDEX]
    return {name: each for name, each in container.data.items() if name != "env"} | (
        {"env": env} if env else {}
    )


_INDEX = "JOB_COMPLETION_INDEX"


@explains("job-controller delete pods")
def explain_deletion(write: Write, scene: Scene) -> str:
    """Why no sync of its Job deletes the pod."""
    return answer(write, scene, _find_deletion_fault(write, scene))


def _find_deletion_fault(write: Write, scene: Scene) -> str:
    options = write.body.keys() - {"kind", "apiVersion", "preconditions"}
    if options:
        return f"asks for {', '.join(sorted(options))}"
    fault = "the pod is of no Job"
    for life in list_lives(write, scene):
        owner = _find_owner(life.versions[0])
        jobs = list_jobs(write, scene, owner) if owner else []
        for view in list_views(write, scene, jobs):
            fault = "no sync of the Job that it could have made deletes the pod"
            if write.name in view.sync.deleted:
                return ""
    return fault


def _find_owner(pod: Version) -> str:
    """The uid of the Job of a pod; empty where it has none."""
    for each in pod.meta.get("ownerReferences") or ():
        if each.get("controller") and each.get("kind") == "Job":
            return str(each.get("uid"))
    return ""


@explains("job-controller patch pods")
def explain_release(write: Write, scene: Scene) -> str:
    """Why the finalizer of a pod may not be taken off: the pod was not counted."""
    return answer(write, scene, _find_release_fault(write, scene))


def _find_release_fault(write: Write, scene: Scene) -> str:
    metadata = View(write.body).view("metadata")
    name = "$deleteFromPrimitiveList/finalizers"
    if write.body.keys() != {"metadata"} or metadata.data.keys() - {"uid"} != {name}:
        return "changes more than a finalizer"
    if metadata.texts(name) != [TRACKING]:
        return "takes off another finalizer"
    fault = "the pod is of no Job"
    for life in list_lives(write, scene):
        owner, uid = _find_owner(life.versions[0]), metadata.text("uid")
        if not owner or uid not in ("", life.uid):
            continue
        if _is_over(write, scene, owner):
            return ""
        fault = "no sync of the Job that it could have made frees the pod"
        for view in list_views(write, scene, list_jobs(write, scene, owner)):
            if life.uid in view.sync.freed:
                return ""
    return fault


def _is_over(write: Write, scene: Scene, uid: str) -> bool:
    """Whether a Job may have been known to be over, or gone: then its pods are only freed."""
    lives = [life for life in scene.history.list_lives("Job") if life.uid == uid]
    if not lives:
        return True
    return any(
        each.since <= write.received and (each.is_gone or Job(each.data).is_finished())
        for life in lives
        for each in life.versions
    )
