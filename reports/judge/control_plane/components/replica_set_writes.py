"""What the ReplicaSet controller writes: pods made and deleted, and the status.

A sync looks at a version of the ReplicaSet and at the pods at a cut. It makes or deletes pods only
when it has seen what earlier syncs made and deleted (expectations): so what it asked for before is
seen at that cut, or belongs to the same sync, and counts.

Source: Kubernetes v1.36, `pkg/controller/replicaset/replica_set.go`, by the rules of
`spec/controllers/apps/replica_set_sync`, which are held to whole syncs of the controller.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from planespec.reports.judge.control_plane.audited_writes import Write
from planespec.reports.judge.control_plane.clocks_and_cuts import find_status_fault
from planespec.reports.judge.control_plane.counted_pods import OwnedPods, to_time
from planespec.reports.judge.control_plane.quota_refusals import explain_quota
from planespec.reports.judge.control_plane.scene import LAG, Scene
from planespec.reports.judge.control_plane.write_effects import prune
from planespec.reports.judge.control_plane.write_explainers import explain_answer, explains
from planespec.reports.judge.versions.object_versions import Life, Version
from planespec.spec.controllers.apps.deletion_order import choose_for_deletion, rank_pods
from planespec.spec.controllers.apps.pod_ownership import make_reference
from planespec.spec.controllers.apps.replica_set_sync import BURST, find_status, list_related
from planespec.spec.controllers.disruption_budget import find_controller
from planespec.spec.labels import read_label_selector
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject

Json = dict[str, Any]
WHO = "replicaset-controller"
EXPECTED = 300.0
"""Seconds after which the controller waits no longer to see what it did."""
_MOMENTS = tuple(timedelta(milliseconds=each) for each in (0, 5, 50, 500))
"""How much earlier than the request came in the controller may have read its clock."""


def get_pods(scene: Scene, version: Version) -> OwnedPods:
    """The pods of a ReplicaSet, which are kept from write to write."""
    kept: dict[str, OwnedPods] = scene.memory.setdefault("pods of ReplicaSets", {})
    if version.uid not in kept:
        owner = read_owner(version)
        selector = read_label_selector(owner.spec.data.get("selector"))
        kept[version.uid] = OwnedPods(scene.history, owner, selector)
    return kept[version.uid]


def read_owner(version: Version) -> ApiObject:
    """A ReplicaSet as rules take it."""
    data = {"kind": version.kind, "apiVersion": "apps/v1"} | version.data
    return ApiObject(data)


# The status.


@explains(f"{WHO} update replicasets/status")
def explain_status(write: Write, scene: Scene) -> str:
    """A status counts the pods at a cut; the second try after a conflict is as the first."""
    return find_status_fault(write, scene, "ReplicaSet", _find_count_fault)


def _find_count_fault(write: Write, scene: Scene, base: Version) -> str:
    fault = explain_answer(write, scene)
    if fault or is_second_try(write, scene):
        return fault
    return _explain_counts(write, scene, base)


def is_second_try(write: Write, scene: Scene) -> bool:
    """Whether the last write of that object was refused, and had the same status."""
    earlier = (each for each in reversed(scene.list_before(write)) if is_alike(each, write))
    last = next(earlier, None)
    status = write.body.get("status")
    return last is not None and last.code == 409 and last.body.get("status") == status


def is_alike(one: Write, other: Write) -> bool:
    """Whether two writes are of one kind, and about one object."""
    return (one.key, one.name) == (other.key, other.name)


def _explain_counts(write: Write, scene: Scene, base: Version) -> str:
    pods = get_pods(scene, base)
    wanted = _tidy(write.body.get("status") or {})
    counted = tuple(
        int(wanted.get(name) or 0) for name in ("replicas", "readyReplicas", "terminatingReplicas")
    )
    least = scene.get_least(write, base.uid, "Pod")
    found = [
        cut
        for cut, counts in pods.count_at_cuts(least, scene.find_latest(write))
        if counts == counted and _yields(write, scene, base, cut, wanted)
    ]
    if not found:
        return "no state that it could have seen has this status"
    scene.raise_least(write, base.uid, "Pod", min(found))
    return ""


def _yields(write: Write, scene: Scene, base: Version, cut: int, wanted: Json) -> bool:
    pods = get_pods(scene, base)
    owner, active, ending = read_owner(base), pods.list_active(cut), pods.count_ending(cut)
    errors = ["", *_list_errors(write, scene, base)]
    for now in (write.received, write.received - LAG):
        for error in errors:
            status = find_status(owner, active, ending, error, to_time(now))
            if status is not None and _tidy(status) == wanted:
                return True
    return False


def _list_errors(write: Write, scene: Scene, base: Version) -> list[str]:
    """The refusals of pods that a new condition may tell of, as far as it does tell."""
    told = [
        each.get("message")
        for each in (write.body.get("status") or {}).get("conditions") or ()
        if isinstance(each, dict)
    ]
    if not told:
        return []
    refused = {
        each.message
        for each in scene.list_before(write)
        if each.verb == "create" and not each.is_accepted
        if _find_uid(each.body) == base.uid
    }
    return [str(each) for each in told if each in refused]


def _tidy(status: Json) -> Json:
    kept = ("replicas", "terminatingReplicas")
    return {name: each for name, each in status.items() if each or name in kept}


# Pods that are made.


@explains(f"{WHO} create pods")
def explain_creation(write: Write, scene: Scene) -> str:
    """A pod is made where fewer are active than wanted, of the template, for its ReplicaSet."""
    life = find_owner(write, scene)
    if life is None:
        return "names no ReplicaSet that there was"
    versions = scene.list_seen(write, life)
    if not any(_is_made_of(write, each) for each in versions):
        return "is not what the template says"
    if not write.is_accepted:
        fault = explain_quota(write, scene)
        if fault:
            return fault
    sizes = {_get_size(each) for each in versions if not each.meta.get("deletionTimestamp")}
    earlier = _list_earlier(write, scene, life, "create")
    return _find_cut(write, scene, versions[-1], earlier, max(sizes, default=0), 1)


def find_owner(write: Write, scene: Scene) -> Life | None:
    """The ReplicaSet that a new pod names as its controller."""
    return scene.history.find_life("ReplicaSet", _find_uid(write.body))


def _get_size(version: Version) -> int:
    return int((version.data.get("spec") or {}).get("replicas") or 0)


def _is_made_of(write: Write, version: Version) -> bool:
    """Whether a pod is asked for as the template of a ReplicaSet has it."""
    owner = read_owner(version)
    template, body = owner.spec.view("template").data, write.body
    meta = dict(template.get("metadata") or {})  # type: ignore[call-overload]
    meta |= {"generateName": f"{owner.name}-", "ownerReferences": [make_reference(owner)]}
    asked = dict(body.get("metadata") or {})
    asked.pop("namespace", None)
    spec = dict(body.get("spec") or {})
    spec.pop("enableServiceLinks", None)
    return bool(prune(asked) == prune(meta) and prune(spec) == prune(template.get("spec")))


def _list_earlier(write: Write, scene: Scene, life: Life, verb: str) -> list[Version]:
    """What the same process made or marked for a ReplicaSet before, and may not have seen."""
    start = max(scene.find_start(write), write.received - EXPECTED)
    return [
        made
        for each in scene.list_before(write)
        if each.verb == verb and each.received >= start and each.made
        for made in each.made[:1]
        if _find_uid(made.data) == life.uid
    ]


def _find_uid(data: Json) -> str:
    reference = find_controller(ApiObject(data))
    return "" if reference is None else reference.text("uid")


def _find_cut(
    write: Write,
    scene: Scene,
    owner: Version,
    earlier: list[Version],
    size: int,
    sign: int,
) -> str:
    """Find a cut at which so many pods more, or fewer, were wanted."""
    return (
        ""
        if next(_list_cuts(write, scene, owner, earlier, size, sign), None) is not None
        else (
            "as many pods were there as wanted"
            if sign > 0
            else "no more pods were there than wanted"
        )
    )


def _list_cuts(
    write: Write,
    scene: Scene,
    owner: Version,
    earlier: list[Version],
    size: int,
    sign: int,
) -> Iterator[tuple[int, int]]:
    """Cuts at which a sync has more to do than it did, and how much it has to do in all."""
    pods = get_pods(scene, owner)
    least = scene.get_least(write, owner.uid, "Pod")
    for cut, (active, _, _) in pods.count_at_cuts(least, scene.find_latest(write)):
        count = min(sign * (size - active), BURST)
        if count > sum(each.revision > cut for each in earlier):
            yield cut, count


# Pods that are deleted.


@explains(f"{WHO} delete pods")
def explain_deletion(write: Write, scene: Scene) -> str:
    """A pod is deleted where more are active than wanted, and it is among the first to go."""
    lives = scene.list_named("Pod", write.name)
    life = next((each for each in lives if _find_uid(each.versions[0].data)), None)
    uid = "" if life is None else _find_uid(life.versions[0].data)
    owner = scene.history.find_life("ReplicaSet", uid)
    if owner is None:
        return "the pod has no ReplicaSet"
    fault = explain_answer(write, scene)
    if fault:
        return fault
    versions = scene.list_seen(write, owner)
    earlier = _list_earlier(write, scene, owner, "delete")
    fault = "no more pods were there than wanted"
    for size in {_get_size(each) for each in versions}:
        for cut, count in _list_cuts(write, scene, versions[-1], earlier, size, -1):
            if _may_go(write, scene, versions[-1], cut, count):
                return ""
            fault = "other pods go first"
    return fault


def _may_go(write: Write, scene: Scene, owner: Version, cut: int, count: int) -> bool:
    """Whether a pod is among so many that go first; what the order leaves open is open.

    How many related pods a node has is counted at every cut at which its own pods are the same.
    """
    active = get_pods(scene, owner).list_active(cut)
    chosen = next((each for each in active if each.name == write.name), None)
    if chosen is None or count >= len(active):
        return chosen is not None
    return any(
        _goes_first(write, chosen, active, related, count)
        for related in _list_related(write, scene, owner, cut)
    )


def _list_related(write: Write, scene: Scene, owner: Version, cut: int) -> Iterator[list[Pod]]:
    """The pods of all ReplicaSets of the same controller, as seen with its own as at a cut."""
    history, most = scene.history, scene.find_latest(write)
    sets = [read_owner(each) for each in history.list_at("ReplicaSet", most)]
    own = {each.revision for life in get_pods(scene, owner).lives for each in life.versions}
    end = min((each for each in own if each > cut), default=most + 1)
    known = (life for life in history.list_lives("Pod"))
    changes = {
        each for life in known for each in life.revisions if cut < each < min(end, most + 1)
    }
    for each in (cut, *sorted(changes)):
        pods = [Pod(version.data) for version in history.list_at("Pod", each)]
        yield list_related(read_owner(owner), sets, pods)


def _goes_first(
    write: Write, chosen: Pod, active: list[Pod], related: list[Pod], count: int
) -> bool:
    for moment in _MOMENTS:
        ranked = rank_pods(active, related, to_time(write.received) - moment)
        own = next(each for each in ranked if each.pod is chosen)
        if sum(each.precedes(own) for each in ranked) < count:
            return True
        first = [own, *(each for each in ranked if each is not own)]
        if any(own in choose_for_deletion(order, count) for order in (ranked, first)):
            return True
    return False
