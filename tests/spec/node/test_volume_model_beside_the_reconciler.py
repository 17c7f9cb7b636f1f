"""The kubelets of `storage.csi` walked beside the volume manager that real answers judge."""

from copy import deepcopy
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from volume_plugins import NAME, Plugin, make_volume

from planespec.checker.instance import Instance
from planespec.checker.outcome import Step
from planespec.checker.stateful.behaviour import Walk
from planespec.model.storage.attaching import Power
from planespec.model.storage.csi import Csi
from planespec.model.storage.mounting import Mount
from planespec.spec.node.volume_manager.actual_volumes import DeviceState, MountState
from planespec.spec.node.volume_manager.pending_operations import OperationError
from planespec.spec.node.volume_manager.volume_plugin import (
    TransientError,
    UncertainError,
    VolumeError,
)
from planespec.spec.node.volume_manager.volume_reconciler import VolumeReconciler

BOUND = {"nodes": 2, "pods": 2, "losses": 4, "failures": 1, "restarts": 2, "mode": "RWX"}
INSTANCE = Instance(Csi, BOUND)
DEVICES = {
    Mount.NO: DeviceState.NOT_MOUNTED,
    Mount.UNCERTAIN: DeviceState.UNCERTAIN,
    Mount.YES: DeviceState.MOUNTED,
}
MOUNTS = {
    Mount.NO: MountState.NOT_MOUNTED,
    Mount.UNCERTAIN: MountState.UNCERTAIN,
    Mount.YES: MountState.MOUNTED,
}
LATER, LOST = TransientError("not now"), UncertainError("timed out")
CALLS: dict[str, tuple[str, dict[str, VolumeError]]] = {
    "verify": ("verifyAttached", {}),
    "stage": ("mount", {"publish": LATER}),
    "stage_unanswered": ("mount", {"stage": LOST}),
    "publish": ("mount", {}),
    "publish_unanswered": ("mount", {"publish": LOST}),
    "unpublish": ("unmount", {}),
    "unstage": ("unmountDevice", {}),
    "unstage_unanswered": ("unmountDevice", {"unstage": LOST}),
}
"""What a step of the model is an operation of, and which of its calls fail."""
ENDS = ("delete", "force", "fail")
BACK = {"unmount": "unpublish", "unmountDevice": "unstage", "verifyAttached": "verify"}


class Beside:
    """The model on a walk, and a volume manager for each of its nodes."""

    def __init__(self, mutant: str) -> None:
        self.walk = Walk(Instance(Csi, BOUND, *[mutant][: bool(mutant)]), native=False)
        assert self.walk.begin(0) is None
        self.nodes = [make_manager() for _ in range(2)]

    def see(self) -> dict[str, Any]:
        return dict(zip(INSTANCE.variables, self.walk.state, strict=True))

    def take(self, step: Step) -> bool:
        """Take a step on both sides; False where the two are known to differ from here on."""
        before = self.see()
        arguments = {name: number(value) for name, value in dict(step.arguments).items()}
        self.sync(before)
        if not self.mirror(step.action, arguments, before):
            return False
        assert self.walk.take(step) is None
        self.compare(self.see())
        return True

    def sync(self, seen: dict[str, Any]) -> None:
        """What comes from outside: the node's status."""
        for n, node in enumerate(self.nodes):
            node.cached_attached = {NAME} if seen["listed"][n] else set()
            node.node_attached.clear()
            node.node_attached |= dict.fromkeys(node.cached_attached, "/dev/a")
            node.desired.mark_reported_in_use({NAME} if seen["told"][n] else set())

    def mirror(self, action: str, given_: dict[str, Any], seen: dict[str, Any]) -> bool:
        n, pod = given_.get("n"), f"p{given_.get('p')}"
        match action:
            case "hear":
                self.nodes[n].desired.add_pod(pod, make_volume())
            case "stop":
                self.nodes[n].desired.delete_pod(pod, NAME)
            case "hear_all":
                self.nodes[n].populator_has_added_pods = True
                self.nodes[n].read_node_status()
            case "let_go":
                assert self.nodes[n].reconcile() == []
            case "restart_kubelet":
                return self.begin_anew(n, seen)
            case "recover" if seen["power"][n] == Power.OFF:
                return self.begin_anew(n, seen)
            case name if name in CALLS:
                operate(self.nodes[n], name, pod if "p" in given_ else "")
        return True

    def begin_anew(self, n: int, seen: dict[str, Any]) -> bool:
        """Upstream finds a volume by the directories of pods alone."""
        found = [p for p in range(2) if is_on(seen, p, n) and seen["mount"][p] != Mount.NO]
        self.nodes[n] = make_manager()
        self.nodes[n].populator_has_added_pods = False
        self.nodes[n].reconstruct([(make_volume(), f"p{p}") for p in found])
        return bool(found) or seen["device"][n] == Mount.NO

    def compare(self, seen: dict[str, Any]) -> None:
        """What a kubelet takes for true is the same on both sides."""
        for n, node in enumerate(self.nodes):
            assert node.actual.get_device_state(NAME) is DEVICES[seen["device"][n]]
            assert (NAME in node.actual.volumes) == seen["holds"][n]
            for p in range(2):
                held = seen["mount"][p] if is_on(seen, p, n) else Mount.NO
                assert node.actual.get_mount_state(NAME, f"p{p}") is MOUNTS[held]

    def compare_what_may_be(self) -> None:
        """What a manager would start, the model may do, but for unmounting under containers."""
        seen = self.see()
        self.sync(seen)
        for n, node in enumerate(self.nodes):
            if seen["power"][n] != Power.UP:
                continue
            for call in deepcopy(node).reconcile():
                steps = self.walk.enabled(BACK[call.kind]) if call.kind in BACK else ()
                may = any(matches(step, n, call.pod) for step in steps)
                is_under = call.kind == "unmount" and seen["running"][int(call.pod[1:])]
                assert may or call.kind not in BACK or call.refused or is_under


def make_manager() -> VolumeReconciler:
    return VolumeReconciler(Plugin(expands_on_node=False), "n")


def number(value: object) -> object:
    text = str(value)
    return int(text[-1]) if text[:3] in ("nod", "pod") else value


def is_on(seen: dict[str, Any], p: int, n: int) -> bool:
    return seen["place"][p] is not None and number(seen["place"][p]) == n


def matches(step: Step, n: int, pod: str) -> bool:
    arguments = {name: number(value) for name, value in dict(step.arguments).items()}
    return arguments["n"] == n and arguments.get("p") in (None, int(pod[1:] or 0))


def operate(node: VolumeReconciler, action: str, pod: str) -> None:
    """Start all that the manager would, and finish the one operation that the step is.

    A manager unmounts first, and mounts a volume in the next round if it has unmounted it in this;
    the model has no rounds.
    """
    kind, fails = CALLS[action]
    may_unmount = node.populator_has_added_pods
    node.populator_has_added_pods = may_unmount and kind != "mount"
    node.reconcile(lambda wanted: sorted(wanted, key=lambda each: each.pod != pod))
    node.populator_has_added_pods = may_unmount
    started = [each for each in node.pending.running if each.kind == kind]
    operation = next((each for each in started if pod in ("", each.pod)), None)
    assert operation is not None
    assert isinstance(node.plugin, Plugin)
    node.plugin.fails = fails
    try:
        node.finish(operation)
    except OperationError:
        assert fails
    node.plugin.fails = {}
    node.pending.running.clear()


def walk(seed: int, steps: int, mutant: str = "") -> list[str]:
    """A walk of so many steps, seldom one that ends a pod or a node; the actions taken."""
    random, beside, taken = Random(seed), Beside(mutant), []
    for _ in range(steps):
        enabled = [step for a in INSTANCE.actions for step in beside.walk.enabled(a.name)]
        onward = [step for step in enabled if not step.action.startswith(ENDS)]
        if not onward:
            break
        step = random.choice(onward if random.random() < 0.9 else enabled)
        if not beside.take(step):
            break
        taken.append(step.action)
        beside.compare_what_may_be()
    return taken


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32))
def test_every_step_of_the_model_is_one_of_the_manager(seed: int) -> None:
    walk(seed, 60)


@pytest.mark.slow
def test_many_walks_take_every_call_of_a_manager() -> None:
    taken = {action for seed in range(200) for action in walk(seed, 90)}
    assert {*CALLS, "let_go", "hear_all", "restart_kubelet", "recover"} <= taken


def agrees(seed: int, mutant: str) -> bool:
    try:
        walk(seed, 90, mutant)
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize(
    "mutant",
    [
        pytest.param("forget_found", marks=pytest.mark.slow),
        pytest.param("restart_unmounts", marks=pytest.mark.slow),
        "skip_attach",
        "uncertain_publish_is_none",
        "uncertain_stage_is_none",
        "uncertain_stays_staged",
        "unstage_with_first",
    ],
)
def test_a_kubelet_that_does_otherwise_parts_from_the_manager(mutant: str) -> None:
    assert not all(agrees(seed, mutant) for seed in range(200))
