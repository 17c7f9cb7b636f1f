"""Judge of `cluster`: all that the components of a control plane wrote, write by write.

A recording has a first line about the scenario, events of watches, and the API server's audit
events (`watched_pods` judges the pods of the same files). A case is

- each version of an object of a kind that is audited: a write made it, and it is what that write
  makes of the version before; of a pod also that it follows from that version (`kubelet`);
- each audited request: the component writes so in a state that it could have seen, and the answer
  is what the history says; each that was accepted made a version, or changed nothing;
- the actions of the script, once: each that was answered is in the log.

Not considered: events, leases, priority classes, reads that nobody recorded, and requests that
came in after the watches had ended.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from planespec.checker.errors import InputError
from planespec.reports.input.lines import at, read_records
from planespec.reports.judge.control_plane import components
from planespec.reports.judge.control_plane.audited_writes import Write, mark_repeated, read_write
from planespec.reports.judge.control_plane.cluster_exceptions import find_exception
from planespec.reports.judge.control_plane.scene import Scene, read_scene
from planespec.reports.judge.control_plane.script_actions import (
    find_disorder,
    find_lost_action,
    find_wrong_answer,
)
from planespec.reports.judge.control_plane.version_makers import Makers
from planespec.reports.judge.control_plane.write_explainers import explain
from planespec.reports.judge.node import watched_pods
from planespec.reports.judge.runner import Comparison, compare
from planespec.reports.judge.versions.object_versions import Version
from planespec.spec.objects.view import View

Json = dict[str, Any]
EXPLAINED = "explained"


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each version and each request; InputError where malformed."""
    load_explainers()
    scene, records = read_recording(path)
    makers = Makers(scene.history, scene.writes, scene.end)
    for number, kind, said in _judge_all(path, scene, makers):
        yield compare(kind, f"{path}:{number}", records[number], EXPLAINED, said or EXPLAINED)


def _judge_all(path: Path, scene: Scene, makers: Makers) -> Iterator[tuple[int, str, str]]:
    """The line, the kind and the fault of each case; requests in the order they came in."""
    with at(path, scene.line):
        said = _judge_actions(scene)
    yield scene.line, "actions", said
    pods = {each.where: str(each.actual) for each in watched_pods.judge(path)}
    faults = dict(scene.history.faults)
    for version in sorted((*scene.history.ordered, *faults), key=lambda each: each.line):
        said = faults.get(version) or _judge_version(version, scene, makers)
        pod = pods.get(f"{path}:{version.line}", EXPLAINED)
        yield version.line, f"{version.type} {version.kind}", said or pod.replace(EXPLAINED, "")
    for write in scene.writes:
        with at(path, write.line):
            said = _judge_write(write, scene, makers)
        yield write.line, write.key, said


def load_explainers() -> None:
    """Import all that explains writes, which enters itself."""
    for each in pkgutil.walk_packages(components.__path__, f"{components.__name__}."):
        importlib.import_module(each.name)


def read_recording(path: Path) -> tuple[Scene, dict[int, Json]]:
    """Read a recording, and its lines by number. Raises InputError."""
    scene: Scene | None = None
    records: dict[int, Json] = {}
    for number, record in read_records(path):
        records[number] = record
        with at(path, number):
            line = View(record)
            if scene is None:
                scene = read_scene(record, number)
            elif line.has("audit"):
                scene.writes.append(read_write(line.view("audit"), number))
            else:
                scene.history.add(line, number)
    if scene is None:
        raise InputError("holds no case to judge", file=path)
    scene.writes.sort(key=lambda each: each.received)
    mark_repeated(scene.writes)
    return scene, records


def _judge_actions(scene: Scene) -> str:
    lost = find_lost_action(scene)
    if lost is not None:
        return f"nobody logged {lost.do} {lost.path}"
    return find_disorder(scene) or find_wrong_answer(scene)


def _judge_version(version: Version, scene: Scene, makers: Makers) -> str:
    fault = makers.faults.get(version, "") or scene.history.find_delay(version)
    return "" if fault and find_exception(version, scene) is not None else fault


def _judge_write(write: Write, scene: Scene, makers: Makers) -> str:
    if write.received >= scene.end:
        return ""
    fault = write.fault or explain(write, scene) or makers.idle.get(write, "")
    return "" if fault and find_exception(write, scene) is not None else fault
