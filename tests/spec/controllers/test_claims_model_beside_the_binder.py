"""The controllers of `storage.claims` walked beside the rule that recordings judge."""

from random import Random
from typing import Any

import pytest

from planespec.checker.instance import Instance
from planespec.checker.outcome import Step
from planespec.checker.stateful.behaviour import Walk
from planespec.model.storage.claim_controller import ClaimController
from planespec.reports.judge.controllers.traced.binder_traces import sync_claim
from planespec.spec.controllers.volume_care.binding_writes import (
    BOUND_BY_CONTROLLER,
    CLAIMS,
    VOLUMES,
    BinderSync,
    ObjectWrite,
)
from planespec.spec.controllers.volume_care.claim_binding import ClaimBinder
from planespec.spec.objects.view import View
from planespec.spec.objects.volumes import (
    BIND_COMPLETED_ANNOTATION,
    PersistentVolume,
    PersistentVolumeClaim,
)

BOUNDS = {"claims": 2, "volumes": 2, "controllers": 1, "makes": 2}
OF_CONTROLLERS = ("reserve", "complete", "give_back", "release")


def read_state(instance: Instance, walk: Walk) -> dict[str, Any]:
    return dict(zip(instance.variables, walk.state, strict=True))


def make_claim(seen: dict[str, Any], n: int) -> PersistentVolumeClaim:
    """A claim as the controller has seen it."""
    named = seen["seen_named"][0][n]
    annotations = {BIND_COMPLETED_ANNOTATION: "yes"} if seen["seen_complete"][0][n] else {}
    metadata = {"name": f"claim{n}", "namespace": "a", "annotations": annotations}
    metadata["uid"] = f"claim{n}-{seen['seen_uid'][0][n]}"
    spec: dict[str, Any] = {"accessModes": ["ReadWriteOnce"]}
    spec["resources"] = {"requests": {"storage": "1Gi"}}
    if named is not None:
        spec["volumeName"] = str(named)
    status = {"phase": "Bound" if seen["seen_complete"][0][n] else "Pending"}
    return PersistentVolumeClaim({"metadata": metadata, "spec": spec, "status": status})


def make_volume(seen: dict[str, Any], n: int) -> PersistentVolume:
    claim, uid = seen["seen_reserved"][0][n], seen["seen_reserved_uid"][0][n]
    spec: dict[str, Any] = {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}}
    spec["persistentVolumeReclaimPolicy"] = "Retain"
    annotations = {}
    if claim is not None:
        spec["claimRef"] = {"namespace": "a", "name": str(claim), "uid": f"{claim}-{uid}"}
        annotations[BOUND_BY_CONTROLLER] = "yes"
    metadata = {"name": f"volume{n}", "annotations": annotations}
    status = {"phase": "Available" if claim is None else "Bound"}
    return PersistentVolume({"metadata": metadata, "spec": spec, "status": status})


def find_write(sync: BinderSync) -> ObjectWrite | None:
    """The first write that the model has: phases are left out."""
    return next((each for each in sync.writes if not each.subresource), None)


def is_of_the_binder(seen: dict[str, Any], step: Step) -> bool:
    """Whether a step of the model's controller is one of the rule, by what both have seen."""
    c, v = (str(dict(step.arguments)[name]) for name in ("c", "v"))
    claims = [make_claim(seen, n) for n in range(2) if seen["seen_uid"][0][n]]
    volumes = [make_volume(seen, n) for n in range(2)]
    binder = ClaimBinder(volumes=volumes, claims=claims)
    volume = next(each for each in volumes if each.name == v)
    if step.action == "release":
        writes = binder.sync_volume(volume).writes
        return View(writes[0].object).view("status").text("phase") == "Released"
    if step.action == "give_back":
        write = find_write(binder.sync_volume(volume))
        return write is not None and not View(write.object).view("spec").has("claimRef")
    claim = next(each for each in claims if each.name == c)
    writes_of = [find_write(sync) for sync in sync_claim(binder, claim)]
    if step.action == "reserve":
        return any(_names(each, VOLUMES, v, "claimRef", claim.meta.uid) for each in writes_of)
    return any(_names(each, CLAIMS, c, "volumeName", v) for each in writes_of)


def _names(write: ObjectWrite | None, resource: str, name: str, field: str, what: str) -> bool:
    if write is None or write.resource != resource:
        return False
    made = View(write.object)
    spec = made.view("spec")
    told = spec.view(field).text("uid") if field == "claimRef" else spec.text(field)
    return (made.view("metadata").text("name"), told) == (name, what)


def walk_beside(mutant: str, seed: int, walks: int) -> set[str]:
    """Walk the model, and return the steps of controllers that the rule has, too."""
    instance = Instance(ClaimController, BOUNDS, *[mutant][: bool(mutant)])
    walk, rng, found = Walk(instance, native=False), Random(seed), set[str]()
    for _ in range(walks):
        walk.begin(0)
        for _ in range(25):
            steps = [s for each in instance.actions for s in walk.enabled(each.name)]
            seen = read_state(instance, walk)
            for step in steps:
                if step.action in OF_CONTROLLERS:
                    assert is_of_the_binder(seen, step), step
                    found.add(step.action)
            if not steps:
                break
            walk.take(rng.choice(steps))
    return found


@pytest.mark.parametrize("seed", range(3))
def test_every_step_of_the_model_is_one_of_the_binder(seed: int) -> None:
    assert walk_beside("", seed, 12) == set(OF_CONTROLLERS)


@pytest.mark.parametrize("mutant", ["claim_first", "reserve_again"])
def test_mutants_take_steps_that_the_binder_does_not(mutant: str) -> None:
    with pytest.raises(AssertionError):
        walk_beside(mutant, 1, 60)
