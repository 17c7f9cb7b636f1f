"""Why a Job may be deleted when its time is over, and how long a node may cache Secrets."""

from planespec.reports.judge.control_plane.audited_writes import Write
from planespec.reports.judge.control_plane.clocks_and_cuts import answer, find_cuts, get_now
from planespec.reports.judge.control_plane.scene import Scene
from planespec.reports.judge.control_plane.write_explainers import explains, list_lives
from planespec.spec.controllers.batch.job_expiry import find_expiry
from planespec.spec.controllers.batch.job_state import Job
from planespec.spec.controllers.node_care.node_ttl import TTL, list_node_ttls
from planespec.spec.objects.view import View


@explains("ttl-after-finished-controller delete jobs")
def explain_expiry(write: Write, scene: Scene) -> str:
    """Why a Job has not expired."""
    return answer(write, scene, _find_expiry_fault(write, scene))


def _find_expiry_fault(write: Write, scene: Scene) -> str:
    body = View(write.body)
    uid, policy = body.view("preconditions").text("uid"), body.text("propagationPolicy")
    if not uid or policy != "Foreground":
        return "does not delete one object, its dependents first"
    lives = [life for life in list_lives(write, scene) if life.uid == uid]
    for cut in find_cuts(write, scene, lives):
        for life in lives:
            found = life.at(cut)
            expiry = None if found is None else find_expiry(Job(found.data))
            if expiry is not None and expiry <= get_now(write):
                return ""
    return "the Job has not expired"


@explains("ttl-controller patch nodes")
def explain_node_ttl(write: Write, scene: Scene) -> str:
    """Why the seconds in the annotation of a node are not those of a cluster of this size."""
    return answer(write, scene, _find_ttl_fault(write, scene))


def _find_ttl_fault(write: Write, scene: Scene) -> str:
    annotations = View(write.body).view("metadata").text_map("annotations")
    if write.body.keys() != {"metadata"} or annotations.keys() != {TTL}:
        return "changes more than the annotation"
    lives = scene.history.list_lives("Node")
    for cut in find_cuts(write, scene, lives):
        count = len(scene.history.list_at("Node", cut))
        if annotations[TTL] in {str(each) for each in list_node_ttls(count)}:
            return ""
    return f"{annotations[TTL]} s are not those of a cluster of this size"
