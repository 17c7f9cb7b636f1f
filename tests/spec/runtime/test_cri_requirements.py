"""CRI-1 to CRI-14: for each an observation where it holds, and one where it fails."""

from types import SimpleNamespace

import pytest

from planespec.spec.runtime import cri_requirements as promised
from planespec.spec.runtime.cri_requirements import Life, Shown

GOOD = {
    "pods": ["p"],
    "gone": [],
    "sandboxes": ["x", "y"],
    "pod_of": {"x": "p", "y": "p"},
    "attempt": {"x": 0, "y": 1},
    "sandbox": {"x": Shown.NOTREADY, "y": Shown.READY},
    "stored": ["x", "y"],
    "network": ["y"],
    "alive": ["y"],
    "containers": ["a", "b", "c"],
    "within": {"a": "x", "b": "y", "c": None},
    "number": {"a": 0, "b": 1, "c": 0},
    "container": {"a": Shown.EXITED, "b": Shown.RUNNING, "c": Shown.ABSENT},
    "life": {"a": Life.ENDED, "b": Life.BEGUN, "c": Life.NEW},
    "running": ["b"],
    "is_up": True,
    "asked": None,
    "undone": [],
    "starting": None,
    "has_image": True,
}


def see(**changes):
    """The good observation with some fields, or some entries of its tables, changed."""
    changed = {
        name: {**GOOD[name], **value} if isinstance(value, dict) else value
        for name, value in changes.items()
    }
    return SimpleNamespace(**{**GOOD, **changed})


STATES = [
    (promised.names_are_held_once, see(attempt={"y": 0})),
    (promised.names_are_held_once, see(number={"b": 0})),
    (promised.ended_for_good, see(running=["a", "b"])),
    (promised.all_is_released, see(gone=["p"])),
    (promised.containers_go_with_their_sandbox, see(sandbox={"x": Shown.ABSENT})),
    (promised.containers_go_with_their_sandbox, see(within={"a": None})),
    (promised.nothing_is_held_unseen, see(sandbox={"y": Shown.ABSENT})),
    (promised.what_runs_is_told, see(container={"b": Shown.CREATED})),
    (promised.one_runs_of_a_name, see(running=["a", "b"])),
    (promised.wanted_pods_get_sandboxes, see(sandbox={"y": Shown.NOTREADY})),
    (promised.ends_are_told, see(running=[])),
    (promised.ends_are_told, see(alive=[])),
    (promised.exited_containers_do_not_run, see(running=["a"])),
]


@pytest.mark.parametrize(("requirement", "bad"), STATES)
def test_a_requirement_on_states_tells_good_from_bad(requirement, bad):
    assert requirement(see())
    assert not requirement(bad)


STEPS = [
    (
        promised.created_in_ready_sandboxes,
        see(within={"c": "y"}),
        see(within={"c": "x"}),
    ),
    (
        promised.started_in_ready_sandboxes,
        see(within={"c": "y"}, life={"c": Life.BEGUN}),
        see(within={"c": "x"}, life={"c": Life.BEGUN}),
    ),
]


@pytest.mark.parametrize(("requirement", "good", "bad"), STEPS)
def test_a_requirement_on_steps_tells_good_from_bad(requirement, good, bad):
    assert requirement(see(), good)
    assert not requirement(see(), bad)


def test_containers_are_created_from_images_that_are_there():
    created = see(within={"c": "y"})
    assert promised.created_from_images(see(), created)
    assert promised.created_from_images(see(has_image=False), see(has_image=False))
    assert not promised.created_from_images(see(has_image=False), created)


def test_an_image_goes_when_nothing_has_it():
    unused = {"within": {"a": None, "b": None}}
    assert promised.images_in_use_stay(see(**unused), see(**unused, has_image=False))
    assert not promised.images_in_use_stay(see(), see(has_image=False))


def test_what_is_under_way_may_be_unseen():
    hidden = {"sandbox": {"y": Shown.ABSENT}}
    for under_way in ({"asked": "y"}, {"undone": ["y"]}, {"is_up": False}):
        assert promised.nothing_is_held_unseen(see(**hidden, **under_way))
    starting = see(container={"b": Shown.CREATED}, starting="b")
    assert promised.what_runs_is_told(starting)
