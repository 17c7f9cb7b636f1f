"""What controllers write of objects that they own, where no recording has it: small clusters."""

import gzip
import json
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from recordings import RECORDED, write_lines

from planespec.reports.judge.control_plane.cluster_judge import judge

Json = dict[str, Any]
STATEFUL, ROLLED = "07_statefulset_02", "02_rolling_update_02"
TIME = "2026-11-22T13:00:01.{}Z"
OWNED = {"Pod": "pods", "ReplicaSet": "replicasets", "ControllerRevision": "controllerrevisions"}


@lru_cache(maxsize=2)
def read(name: str) -> Any:
    with gzip.open(RECORDED / "cluster" / f"{name}.jsonl.gz", "rt") as lines:
        return [json.loads(line) for line in lines]


def find_objects(name: str, kind: str) -> list[Json]:
    """The first version of each object of a kind."""
    found: dict[str, Json] = {}
    for each in read(name):
        if each.get("kind") == kind and each["type"] == "ADDED":
            found.setdefault(each["object"]["metadata"]["uid"], deepcopy(each["object"]))
    return list(found.values())


def tell(*objects: Json) -> list[Json]:
    """A recording of a cluster in which these are from the beginning."""
    first = {"scenario": "x", "startUnix": 1795352400, "duration": 60, "namespace": "x"}
    for number, each in enumerate(objects):
        each["metadata"] |= {"resourceVersion": str(100 + number)}
    told = [{"t": 0.0, "kind": e["kind"], "type": "INITIAL", "object": e} for e in objects]
    return [first | {"actions": []}, *told]


def write(who: str, verb: str, before: Json, body: Json, after: Json) -> list[Json]:
    """A change of an object by a controller, as the log and the watch tell it."""
    meta, user = before["metadata"], f"system:serviceaccount:kube-system:{who}-controller"
    about = {name: meta[name] for name in ("name", "namespace")}
    if verb == "update":
        about |= {name: meta[name] for name in ("uid", "resourceVersion")}
    event = {
        **{"verb": verb, "user": user, "agent": f"kube-controller-manager/v1/{user}"},
        **{"requestReceivedTimestamp": TIME.format(100), "stageTimestamp": TIME.format(110)},
        **{"objectRef": {"resource": OWNED[before["kind"]]} | about},
        **{"responseStatus": {"code": 200}, "requestObject": body},
    }
    after["metadata"]["resourceVersion"] = "200"
    return [
        {"t": 1.105, "kind": before["kind"], "type": "MODIFIED", "object": after},
        {"audit": event},
    ]


def find_faults(folder: Path, records: list[Json]) -> list[str]:
    return [str(each.actual) for each in judge(write_lines(folder, *records)) if not each.agrees]


def refer(owner: Json) -> Json:
    reference = {"apiVersion": "apps/v1", "kind": owner["kind"]}
    reference |= {name: owner["metadata"][name] for name in ("name", "uid")}
    return reference | {"controller": True, "blockOwnerDeletion": True}


CLAIMS = [
    ("replicaset", ROLLED, "ReplicaSet", "Pod"),
    ("deployment", ROLLED, "Deployment", "ReplicaSet"),
    ("statefulset", STATEFUL, "StatefulSet", "Pod"),
    ("statefulset", STATEFUL, "StatefulSet", "ControllerRevision"),
]


def take(who: str, name: str, kind: str, owned: str, *, adopts: bool, is_other: bool) -> Any:
    """An owner that takes an object, or lets one go; `is_other` where it has no reason to."""
    owner = find_objects(name, kind)[0]
    thing = next(
        each
        for each in find_objects(name, owned)
        if each["metadata"]["ownerReferences"][0]["uid"] == owner["metadata"]["uid"]
    )
    reference = thing["metadata"].pop("ownerReferences")[0]
    before = deepcopy(thing)
    if adopts is is_other:
        before["metadata"]["labels"] = {"app": "another"}
    if not adopts:
        before["metadata"]["ownerReferences"] = [reference]
    records = tell(owner, before)
    after = deepcopy(before)
    after["metadata"].pop("ownerReferences", None)
    if adopts:
        after["metadata"]["ownerReferences"] = [refer(owner)]
    asked = refer(owner) if adopts else {"$patch": "delete", "uid": owner["metadata"]["uid"]}
    body = {"metadata": {"uid": thing["metadata"]["uid"], "ownerReferences": [asked]}}
    return records + write(who, "patch", before, body, after)


@pytest.mark.parametrize("adopts", [True, False], ids=["adopted", "released"])
@pytest.mark.parametrize("claim", CLAIMS, ids=[f"{e[0]}-{e[3]}" for e in CLAIMS])
def test_what_matches_is_adopted_and_what_does_not_is_released(
    claim: tuple[str, str, str, str], adopts: bool, tmp_path: Path
) -> None:
    found = find_faults(tmp_path, take(*claim, adopts=adopts, is_other=False))
    assert found == []
    found = find_faults(tmp_path, take(*claim, adopts=adopts, is_other=True))
    assert found == ["the owner neither takes the object nor lets it go"]


def renumber(number: int) -> list[Json]:
    """A StatefulSet whose old template is back, and its revision with a new number."""
    owner = find_objects(STATEFUL, "StatefulSet")[0]
    first, second = find_objects(STATEFUL, "ControllerRevision")[:2]
    records = tell(owner, first, second)
    after = deepcopy(first) | {"revision": number}
    return records + write("statefulset", "update", first, deepcopy(after), after)


def test_a_revision_that_comes_back_has_the_next_number(tmp_path: Path) -> None:
    assert find_faults(tmp_path, renumber(3)) == []
    found = find_faults(tmp_path, renumber(4))
    assert found == ["no template that it could have seen is so"]


def is_ready(record: Json) -> bool:
    conditions = record.get("object", {}).get("status", {}).get("conditions") or []
    return record.get("kind") == "Pod" and any(
        each["type"] == "Ready" and each["status"] == "True" for each in conditions
    )


def repair(labels: Json) -> list[Json]:
    """A pod of a StatefulSet that has lost the label with its name."""
    owner = find_objects(STATEFUL, "StatefulSet")[0]
    revision = find_objects(STATEFUL, "ControllerRevision")[0]
    pod = deepcopy(next(each["object"] for each in read(STATEFUL) if is_ready(each)))
    whole = dict(pod["metadata"]["labels"])
    pod["metadata"]["labels"].pop("statefulset.kubernetes.io/pod-name")
    records = tell(owner, revision, pod)
    after = deepcopy(pod)
    after["metadata"]["labels"] = whole | labels
    return records + write("statefulset", "update", pod, deepcopy(after), after)


def test_a_pod_has_the_labels_of_its_identity_again(tmp_path: Path) -> None:
    assert find_faults(tmp_path, repair({})) == []
    assert find_faults(tmp_path, repair({"odd": "1"})) == [
        "no state that it could have seen asks for it"
    ]
