"""Why a controller may adopt an object that nobody has, or release one that it has.

It looks at a version of itself and at one of the object, as two informers told them; both are
asked for again before an adoption, so each may be as of another moment.

Source: Kubernetes v1.36, `pkg/controller/controller_ref_manager.go`, by the rules of
`spec/controllers/apps/pod_ownership`.
"""

from collections.abc import Iterator

from planespec.reports.judge.control_plane.audited_writes import Write
from planespec.reports.judge.control_plane.clocks_and_cuts import answer, find_cuts
from planespec.reports.judge.control_plane.scene import Scene
from planespec.reports.judge.control_plane.write_explainers import explains, list_lives
from planespec.reports.judge.versions.object_versions import Life, Version
from planespec.spec.controllers.apps.pod_ownership import claim
from planespec.spec.labels import SelectorError, read_label_selector
from planespec.spec.objects.view import ApiObject, View

_OWNERS = {
    "replicaset-controller": ("ReplicaSet", "apps/v1"),
    "statefulset-controller": ("StatefulSet", "apps/v1"),
    "deployment-controller": ("Deployment", "apps/v1"),
}
"""What each controller owns objects for."""


@explains(
    "replicaset-controller patch pods",
    "statefulset-controller patch pods",
    "statefulset-controller patch controllerrevisions",
    "deployment-controller patch replicasets",
)
def explain_claim(write: Write, scene: Scene) -> str:
    """Why no owner that was there takes the object, or lets it go."""
    return answer(write, scene, _find_fault(write, scene))


def _find_fault(write: Write, scene: Scene) -> str:
    kind, version = _OWNERS[write.component]
    uids = {each.text("uid") for each in _read_references(write)}
    owners = [each for each in scene.history.list_lives(kind) if each.uid in uids]
    fault = "names no owner that there was"
    for owner in _list_seen(write, scene, owners):
        fault = "the owner neither takes the object nor lets it go"
        known = ApiObject({"kind": kind, "apiVersion": version} | owner.data)
        try:
            selector = read_label_selector(known.spec.data.get("selector"), "spec.selector")
        except SelectorError:
            continue
        for thing in _list_seen(write, scene, list_lives(write, scene)):
            if write.body in claim(known, selector, [ApiObject(thing.data)]).list_patches(known):
                return ""
    return fault


def _read_references(write: Write) -> list[View]:
    return View(write.body).view("metadata").views("ownerReferences")


def _list_seen(write: Write, scene: Scene, lives: list[Life]) -> Iterator[Version]:
    for cut in reversed(find_cuts(write, scene, lives)):
        yield from (each for life in lives if (each := life.at(cut)) is not None)
