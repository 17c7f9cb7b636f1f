"""Judge of `kubelet_volumes`: what a kubelet's volume manager does, round by round.

A line is `{"attachable", "controllerAttachDetachEnabled", "supportsRemount",
"populatorHasAddedPods", "nodeStatusVolumesAttached", "steps": [{"op", ...}]}` of one node with a
fake plugin. Each step is one case, counted by `op`, and compared in what was asked for (`calls`),
how operations ended (`done`), the `events`, and the state `after`. `calls`, `events` and
the state are in the order of their text, `done` in that of operation, volume and pod.

The recorder's node status reaches the API server, but never the plugin's cache of it, so that a
volume that the controller has to attach is never seen as attached. Its claims never grow.

Which operations end within a round, and which run on, is the recorder's choice, and is taken from
`done`. Where several pods want a volume, upstream serves them in the order of a map: those for
which the recording has a call are served first here. If any order gives the recorded calls, this
one does, as at most one operation for all pods runs on a volume.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from planespec.reports.judge.node.recorded_plugin import RecordedClaim, RecordedPlugin
from planespec.reports.judge.runner import Comparison, compare, judge_lines, part_answers
from planespec.spec.node.volume_manager.desired_volumes import VolumeToMount
from planespec.spec.node.volume_manager.pending_operations import (
    OperationError,
    VolumeEvent,
    VolumeOperation,
)
from planespec.spec.node.volume_manager.volume_plugin import PersistentVolume
from planespec.spec.node.volume_manager.volume_reconciler import VolumeCall, VolumeReconciler
from planespec.spec.objects.view import ObjectError, View
from planespec.spec.quantity.parse import read_quantity

Json = dict[str, Any]

_ANSWERS = ("after", "calls", "done", "events", "name")
_NODE, _PREFIX = "node-1", "fake-plugin/"
_SIZE = read_quantity("1Gi")
_DEVICE = "/dev/vdb-test"


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each step; InputError where malformed."""
    return judge_lines(path, _judge_line)


def _judge_line(where: str, line: View) -> Iterator[Comparison]:
    line.needing("attachable", "supportsRemount", "controllerAttachDetachEnabled", "steps")
    recorder = _Recorder(line)
    for step in line.views("steps"):
        op = step.needing("op", "after").text("op")
        given, expected = part_answers(step.data, _ANSWERS)
        yield compare(op, where, given, expected, recorder.take(step))


@dataclass(slots=True)
class _Recorder:
    """One node, its plugin and its volumes."""

    line: View
    plugin: RecordedPlugin = field(init=False)
    node: VolumeReconciler = field(init=False)
    volumes: dict[str, PersistentVolume] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.plugin = RecordedPlugin(
            self.line.flag("attachable"), self.line.flag("supportsRemount")
        )
        self.node = VolumeReconciler(
            self.plugin,
            _NODE,
            controller_attaches=self.line.flag("controllerAttachDetachEnabled"),
            populator_has_added_pods=self.line.flag("populatorHasAddedPods"),
        )
        for name in self.line.texts("nodeStatusVolumesAttached"):
            self.node.node_attached[_PREFIX + name] = _DEVICE

    def take(self, step: View) -> Json:
        """Take one step; returns all that is compared."""
        answer = self._take(step)
        answer["after"] = self._show()
        return answer

    def _take(self, step: View) -> Json:
        match step.text("op"):
            case "reconcile":
                return self._reconcile(step.needing("calls", "done"))
            case "finishRunning":
                return self._finish(step.needing("done"))
            case "desire":
                volume = self._get_volume(step)
                self.node.desired.add_pod(step.needing("pod").text("pod"), volume)
                return {"name": volume.unique_name}
            case "undesire":
                name = self._get_volume(step).unique_name
                self.node.desired.delete_pod(step.needing("pod").text("pod"), name)
            case _:
                self._change(step)
        return {}

    def _change(self, step: View) -> None:
        """What others do: status, sizes, how the plugin answers."""
        match step.text("op"):
            case "reportedInUse":
                self.node.desired.mark_reported_in_use({self._get_volume(step).unique_name})
            case "markRemountRequired":
                if self.plugin.requires_remount:
                    self.node.actual.mark_remount_required(step.needing("pod").text("pod"))
            case "nodeStatusVolumesAttached":
                name = self._get_volume(step).unique_name
                self.node.node_attached.pop(name, None)
                if step.flag("value"):
                    self.node.node_attached[name] = _DEVICE
            case "resize":
                size = step.needing("size").quantity("size")
                volume = replace(self._get_volume(step), capacity=size)
                self.volumes[volume.name] = volume
                self.node.desired.set_size(volume.unique_name, size)
            case "setUpOutcome":
                self.plugin.set_outcome(step.text("value"), step.path("value"))
            case "unmountDeviceFails":
                self.plugin.unmount_device_fails = step.flag("value")
            case "populatorHasAddedPods":
                self.node.populator_has_added_pods = step.flag("value")
            case other:
                raise ObjectError(step.path("op"), f"is of no kind that is known: {other!r}")

    def _get_volume(self, step: View) -> PersistentVolume:
        name = step.needing("volume").text("volume")
        if name not in self.volumes:
            self.volumes[name] = PersistentVolume(
                name, _PREFIX + name, _SIZE, RecordedClaim(_SIZE)
            )
        return self.volumes[name]

    # Rounds, and operations that end.

    def _reconcile(self, step: View) -> Json:
        served = {(call.text("pod"), call.text("volume")) for call in step.views("calls")}

        def put_first(wanted: Iterable[VolumeToMount]) -> Iterable[VolumeToMount]:
            return sorted(wanted, key=lambda each: (each.pod, each.name) not in served)

        before = list(self.node.pending.running)
        calls = self.node.reconcile(put_first)
        started = [each for each in self.node.pending.running if each not in before]
        return {"calls": _sort(map(_show_call, calls)), **self._end(started, step)}

    def _finish(self, step: View) -> Json:
        return self._end(list(self.node.pending.running), step)

    def _end(self, running: list[VolumeOperation], step: View) -> Json:
        """Finish those of these that ended, as the step tells."""
        ended = {_name(each) for each in step.views("done")}
        done: list[Json] = []
        events: list[VolumeEvent] = []
        for operation in running:
            shown = _show_operation(operation)
            if tuple(shown.values()) not in ended:
                continue
            try:
                events += self.node.finish(operation)
            except OperationError as error:
                shown["error"] = str(error)
                events += [error.event] if error.event else []
            done.append(shown)
        told: Json = {"done": sorted(done, key=lambda d: (d["op"], d["volume"], d["pod"]))}
        if events:
            told["events"] = sorted(f"{e.type} {e.reason} {e.message}" for e in events)
        return told

    # What is shown.

    def _show(self) -> Json:
        actual = self.node.actual.volumes
        return {
            "desired": _sort(map(self._show_wanted, self.node.desired.list_to_mount())),
            "attached": _sort(
                {
                    "volume": name,
                    "attachable": held.is_attachable,
                    "device": held.device.value,
                    "devicePath": held.device_path,
                }
                for name, held in actual.items()
            ),
            "mounted": _sort(
                {"pod": pod, "volume": name, "state": mounted.state.value}
                for name, held in actual.items()
                for pod, mounted in held.pods.items()
            ),
            "running": _sort(map(_show_operation, self.node.pending.running)),
        }

    def _show_wanted(self, wanted: VolumeToMount) -> Json:
        return {
            "pod": wanted.pod,
            "volume": wanted.name,
            "attachable": self.plugin.is_attachable,
            "deviceMountable": self.plugin.mounts_devices,
            "reportedInUse": wanted.reported_in_use,
            "size": str(wanted.size),
        }


def _sort(values: Iterable[Json]) -> list[Json]:
    return sorted(values, key=lambda value: json.dumps(value, sort_keys=True))


def _name(done: View) -> tuple[str, str, str]:
    return done.text("op"), done.text("pod"), done.text("volume")


def _show_operation(operation: VolumeOperation) -> Json:
    return {"op": operation.kind, "pod": operation.pod, "volume": operation.volume}


def _show_call(call: VolumeCall) -> Json:
    shown: Mapping[str, str] = {"pod": call.pod, "refused": call.refused}
    told = {name: value for name, value in shown.items() if value}
    return {"op": call.kind, "volume": call.volume, **told}
