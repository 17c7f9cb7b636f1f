"""A kubelet mounts and unmounts in order, and keeps what is uncertain until it is certain."""

import pytest
from volume_plugins import NAME, Plugin, make_volume

from planespec.spec.node.volume_manager.actual_volumes import DeviceState, MountState
from planespec.spec.node.volume_manager.pending_operations import OperationError
from planespec.spec.node.volume_manager.volume_plugin import (
    TransientError,
    UncertainError,
    VolumeError,
)
from planespec.spec.node.volume_manager.volume_reconciler import VolumeReconciler
from planespec.spec.quantity.parse import read_quantity


def make_node(plugin: Plugin | None = None, *, controller: bool = False) -> VolumeReconciler:
    return VolumeReconciler(plugin or Plugin(), "n", controller_attaches=controller)


def play(node: VolumeReconciler, rounds: int = 1) -> list[str]:
    """Rounds in which every operation ends; the errors met."""
    errors = []
    for _ in range(rounds):
        node.reconcile()
        for operation in list(node.pending.running):
            try:
                node.finish(operation)
            except OperationError as error:
                errors.append(str(error))
    return errors


def test_a_volume_goes_up_and_down_the_whole_way() -> None:
    plugin = Plugin()
    node = make_node(plugin)
    node.desired.add_pod("p", make_volume())
    play(node, 2)
    assert node.actual.get_mount_state(NAME, "p") is MountState.MOUNTED
    node.desired.delete_pod("p", NAME)
    play(node, 3)
    up, down = ["attach", "wait", "stage", "publish"], ["unpublish", "unstage", "detach"]
    assert plugin.calls == up + down
    assert node.actual.volumes == {}


def test_the_controller_attaches_only_what_is_reported_in_use() -> None:
    node = make_node(controller=True)
    node.desired.add_pod("p", make_volume())
    assert node.reconcile() == []
    node.desired.mark_reported_in_use({NAME})
    assert [call.refused for call in node.reconcile()] == [
        "volume plugin/v is not yet in node's status"
    ]
    node.cached_attached.add(NAME)
    [error] = play(node)
    assert error.startswith("Volume not attached according to node status for volume")
    node.node_attached[NAME] = "/dev/x"
    assert play(node) == []
    assert node.actual.volumes[NAME].device_path == "/dev/x"


def test_a_report_that_comes_while_a_check_runs_is_too_late() -> None:
    node = make_node(controller=True)
    node.desired.add_pod("p", make_volume())
    node.desired.mark_reported_in_use({NAME})
    node.cached_attached.add(NAME)
    node.reconcile()
    node.desired.mark_reported_in_use(set())
    assert play(node)[0].startswith("Volume not attached")


def fail_in_turn(operation: str, *errors: VolumeError) -> VolumeReconciler:
    """A node at which an operation on a pod's volume fails with one error after the other."""
    plugin = Plugin()
    node = make_node(plugin)
    node.desired.add_pod("p", make_volume())
    play(node)
    for error in errors:
        plugin.fails[operation] = error
        assert len(play(node)) == 1
    return node


@pytest.mark.parametrize(
    ("first", "second", "state"),
    [
        (UncertainError("?"), VolumeError("no"), DeviceState.NOT_MOUNTED),
        (UncertainError("?"), TransientError("later"), DeviceState.UNCERTAIN),
        (VolumeError("no"), TransientError("later"), DeviceState.NOT_MOUNTED),
        (VolumeError("no"), UncertainError("?"), DeviceState.UNCERTAIN),
    ],
)
def test_the_device_is_uncertain_until_a_mount_of_it_has_ended(
    first: VolumeError, second: VolumeError, state: DeviceState
) -> None:
    node = fail_in_turn("stage", first, second)
    assert node.actual.get_device_state(NAME) is state


@pytest.mark.parametrize(
    ("first", "second", "state"),
    [
        (UncertainError("?"), VolumeError("no"), MountState.NOT_MOUNTED),
        (UncertainError("?"), TransientError("later"), MountState.UNCERTAIN),
        (VolumeError("no"), UncertainError("?"), MountState.UNCERTAIN),
        (TransientError("later"), VolumeError("no"), MountState.NOT_MOUNTED),
    ],
)
def test_the_mount_of_a_pod_is_uncertain_until_one_has_ended(
    first: VolumeError, second: VolumeError, state: MountState
) -> None:
    node = fail_in_turn("publish", first, second)
    assert node.actual.get_mount_state(NAME, "p") is state


def test_an_uncertain_mount_is_taken_down_when_the_pod_goes() -> None:
    plugin = Plugin(fails={"publish": UncertainError("?")})
    node = make_node(plugin)
    node.desired.add_pod("p", make_volume())
    play(node, 2)
    node.desired.delete_pod("p", NAME)
    play(node, 3)
    assert plugin.calls[-3:] == ["unpublish", "unstage", "detach"]


def test_a_failed_remount_leaves_the_mount_and_is_tried_again() -> None:
    plugin = Plugin()
    node = make_node(plugin)
    node.desired.add_pod("p", make_volume())
    play(node, 2)
    node.actual.mark_remount_required("p")
    plugin.fails["publish"] = UncertainError("?")
    assert [call.kind for call in node.reconcile()] == ["remount"]
    play(node)
    assert node.actual.get_mount_state(NAME, "p") is MountState.MOUNTED
    assert [call.kind for call in node.reconcile()] == ["remount"]


@pytest.mark.parametrize("name", ["unpublish", "unstage", "detach"])
def test_nothing_is_forgotten_that_did_not_come_down(name: str) -> None:
    plugin = Plugin()
    node = make_node(plugin)
    node.desired.add_pod("p", make_volume())
    play(node, 2)
    node.desired.delete_pod("p", NAME)
    plugin.fails[name] = VolumeError("busy")
    assert play(node, 4)
    assert NAME in node.actual.volumes
    del plugin.fails[name]
    play(node, 3)
    assert node.actual.volumes == {}


def test_a_volume_for_one_pod_is_refused_to_a_second() -> None:
    node = make_node()
    volume = make_volume("1Gi", "ReadWriteOncePod")
    node.desired.add_pod("p", volume)
    play(node, 2)
    node.desired.add_pod("q", volume)
    [error] = play(node)
    assert error.endswith("is already in use by another pod")
    node.desired.delete_pod("p", NAME)
    play(node, 2)
    assert node.actual.get_mount_state(NAME, "q") is MountState.MOUNTED


def test_pods_are_mounted_at_once_only_without_a_device() -> None:
    for mounts_devices, together in ((True, 1), (False, 2)):
        node = make_node(Plugin(is_attachable=False, mounts_devices=mounts_devices))
        for pod in ("p", "q"):
            node.desired.add_pod(pod, make_volume())
        play(node)
        assert len(node.reconcile()) == together


def test_nothing_comes_down_before_all_pods_have_told_what_they_want() -> None:
    node = make_node()
    node.desired.add_pod("p", make_volume())
    play(node, 2)
    node.desired.delete_pod("p", NAME)
    node.populator_has_added_pods = False
    assert node.reconcile() == []


def test_a_volume_is_grown_when_it_is_mounted_and_while_it_is_used() -> None:
    plugin = Plugin(is_attachable=False)
    node = make_node(plugin)
    volume = make_volume("2Gi")
    node.desired.add_pod("p", volume)
    play(node, 2)
    assert plugin.calls == ["stage", "publish", "expand"]
    assert volume.claim.capacity == volume.capacity
    node.desired.set_size(NAME, read_quantity("3Gi"))
    assert [call.kind for call in node.reconcile()] == ["expandInUse"]
    play(node)
    assert str(node.actual.volumes[NAME].size) == "3Gi"
    assert node.reconcile() == []


def test_a_volume_that_fails_to_grow_leaves_the_mount_uncertain() -> None:
    plugin = Plugin(fails={"expand": VolumeError("full")})
    node = make_node(plugin)
    node.desired.add_pod("p", make_volume("2Gi"))
    [error] = play(node, 2)
    assert "MountVolume.Setup failed while expanding volume" in error
    assert node.actual.get_mount_state(NAME, "p") is MountState.UNCERTAIN


# After a restart.


def test_what_the_disk_shows_comes_down_where_no_pod_wants_it() -> None:
    plugin = Plugin()
    node = make_node(plugin)
    node.node_attached[NAME] = "/dev/a"
    node.reconstruct([(make_volume(), "gone")])
    assert play(node) == []
    assert plugin.calls == []
    play(node, 3)
    assert plugin.calls == ["unpublish", "unstage", "detach"]


def test_what_was_found_stays_uncertain_whatever_error_a_mount_ends_with() -> None:
    plugin = Plugin(fails={"publish": VolumeError("no")})
    node = make_node(plugin)
    node.node_attached[NAME] = "/dev/a"
    node.reconstruct([(make_volume(), "p")])
    node.desired.add_pod("p", make_volume())
    play(node, 2)
    assert node.actual.get_mount_state(NAME, "p") is MountState.UNCERTAIN
    plugin.fails = {"stage": VolumeError("no")}
    node.actual.set_device_state(NAME, DeviceState.UNCERTAIN)
    play(node)
    assert node.actual.get_device_state(NAME) is DeviceState.UNCERTAIN
    plugin.fails = {}
    play(node)
    assert node.actual.get_mount_state(NAME, "p") is MountState.MOUNTED
    assert node.desired.volumes[NAME].reported_in_use


def test_a_found_volume_that_the_node_does_not_list_is_never_detached() -> None:
    plugin = Plugin()
    node = make_node(plugin)
    node.reconstruct([(make_volume(), "gone")])
    play(node, 4)
    assert plugin.calls == ["unpublish", "unstage"]
    assert node.actual.volumes == {}
