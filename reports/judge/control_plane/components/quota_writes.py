"""Why the quota controller may write the status of a quota: it has counted all objects anew."""

from planespec.reports.judge.control_plane.audited_writes import Write
from planespec.reports.judge.control_plane.clocks_and_cuts import (
    answer,
    find_cuts,
    find_status_fault,
    get_now,
    settle,
)
from planespec.reports.judge.control_plane.scene import Scene
from planespec.reports.judge.control_plane.write_explainers import explains
from planespec.reports.judge.versions.object_versions import Version
from planespec.spec.admission.quota_recount import recount
from planespec.spec.admission.resource_quota import read_quota
from planespec.spec.objects.view import ApiObject, View

COUNTED = {
    "pods": "Pod",
    "configmaps": "ConfigMap",
    "replicasets.apps": "ReplicaSet",
    "deployments.apps": "Deployment",
    "statefulsets.apps": "StatefulSet",
    "jobs.batch": "Job",
    "resourcequotas": "ResourceQuota",
}
"""Kinds that a recording tells of, as quotas name them."""


@explains("resourcequota-controller update resourcequotas/status")
def explain_recount(write: Write, scene: Scene) -> str:
    """Why no objects that it could have seen come to this status of a quota."""
    return answer(write, scene, find_status_fault(write, scene, "quota", _find_recount_fault))


def _find_recount_fault(write: Write, scene: Scene, base: Version) -> str:
    spec, status = ApiObject(base.data).spec, View(write.body.get("status"))
    if settle(status.data.get("hard"), write) != settle(spec.data.get("hard"), write):
        return "does not say what the spec allows"
    quota, used = read_quota(base.data), status.quantities("used")
    lives = [life for kind in COUNTED.values() for life in scene.history.list_lives(kind)]
    for cut in find_cuts(write, scene, lives, base.uid, "Pod"):
        objects = {
            resource: [View(each.data) for each in scene.history.list_at(kind, cut)]
            for resource, kind in COUNTED.items()
        }
        found = recount(quota, objects, get_now(write))
        if found.keys() <= used.keys() and all(used[name] == found[name] for name in found):
            scene.raise_least(write, base.uid, "Pod", cut)
            return ""
    return "no objects that it could have seen come to what is used"
