"""Objects that are printed like others are not decoded, and mean what they say all the same."""

import io
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from snapshots import Object, make, make_node, make_pod

from planespec.reports.audit.audit_result import render_json
from planespec.reports.audit.reading import ahead
from planespec.reports.audit.reading.stencils import KEPT, Stencil, Traced, cut_stencil
from planespec.reports.audit.sources import audit_files
from planespec.spec.cluster.alike_pods import AlikePods
from planespec.spec.objects.interning import Interner, ObjectKey, Stored

TIME = "2026-01-01T00:00:00Z"


def make_running(number: int) -> Object:
    """A pod as a controller makes many, with all that differs from one to the next."""
    pod = make_pod(f"web-{number:03}", f"n{number % 3}", uid=f"u-{number}", labels={"app": "web"})
    pod["metadata"] |= {"resourceVersion": str(number), "creationTimestamp": TIME}
    pod["metadata"]["ownerReferences"] = [
        {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "name": "web",
            "uid": "r",
            "controller": True,
        }
    ]
    token = f"kube-api-access-x{number}"
    mount = {"name": token, "mountPath": "/var/run/secrets"}
    pod["spec"]["containers"][0]["volumeMounts"] = [mount, {"name": "data", "mountPath": "/d"}]
    pod["spec"]["volumes"] = [{"name": token, "projected": {}}, {"name": "data", "emptyDir": {}}]
    pod["status"] = {
        "phase": "Running",
        "podIP": f"10.0.0.{number}",
        "conditions": [
            {
                "type": "PodScheduled",
                "status": "True",
                "lastTransitionTime": TIME,
                "lastProbeTime": None,
            }
        ],
        "containerStatuses": [
            {
                "name": "c",
                "restartCount": number % 7,
                "containerID": f"containerd://{number}",
                "state": {"running": {"startedAt": TIME}},
                "lastState": {},
            }
        ],
    }
    return pod


def set_in(*path: str | int) -> Callable[[Object, Any], None]:
    def change(pod: Any, value: Any) -> None:
        for step in path[:-1]:
            pod = pod[step]
        pod[path[-1]] = value

    return change


NAME, UID, NODE = set_in("metadata", "name"), set_in("metadata", "uid"), set_in("spec", "nodeName")
BOUND = set_in("status", "conditions", 0, "lastTransitionTime")
RESTARTS = set_in("status", "containerStatuses", 0, "restartCount")
ADDRESS = set_in("status", "podIP")
TOKEN = set_in("spec", "volumes", 0, "name")
ODD: dict[str, tuple[Callable[[Object, Any], None], Any]] = {
    "a name no object may have": (NAME, "Bad_Name"),
    "a placeholder": (NAME, "${NAME}"),
    "a name twice": (NAME, "web-001"),
    "no name": (NAME, ""),
    "a quote in a name": (NAME, 'a"b'),
    "a tab in a name": (NAME, "a\tb"),
    "a letter of another alphabet": (NAME, "wéb"),
    "half a pair in a name": (NAME, "\ud800"),
    "a uid twice": (UID, "u-2"),
    "no uid": (UID, ""),
    "a number for a uid": (UID, 5),
    "a node that is gone": (NODE, "n9"),
    "a number for a node": (NODE, 7),
    "an empty node": (NODE, ""),
    "no node": (NODE, None),
    "a number for a time": (BOUND, 12),
    "no time": (BOUND, None),
    "a flag for restarts": (RESTARTS, True),
    "a fraction for restarts": (RESTARTS, 1.5),
    "a text for restarts": (RESTARTS, "1"),
    "many restarts": (RESTARTS, 10**20),
    "another volume": (TOKEN, "other"),
    "a label no object may have": (set_in("metadata", "labels"), {"app": "-"}),
    "a mirror": (set_in("metadata", "annotations"), {"kubernetes.io/config.mirror": "m"}),
    "a field nobody knows": (set_in("spec", "wrong"), 1),
    "a phase that ends": (set_in("status", "phase"), "Failed"),
    "another namespace": (set_in("metadata", "namespace"), "shop"),
    "the address of another": (ADDRESS, "10.0.0.2"),
    "no address": (ADDRESS, ""),
    "a number for an address": (ADDRESS, 7),
}


def make_alike() -> list[Object]:
    """Pods that others are like, of each of which there is something to say."""
    waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}
    changes: list[tuple[Callable[[Object, Any], None], Any]] = [
        (set_in("status", "phase"), "Failed"),
        (set_in("status", "containerStatuses", 0, "state"), waiting),
        (set_in("metadata", "labels"), {"app": "-"}),
        (set_in("spec", "wrong"), 1),
        (set_in("spec", "containers", 0, "name"), "C"),
    ]
    pods = [make_running(200 + number) for number in range(5 * len(changes))]
    for number, pod in enumerate(pods):
        change, value = changes[number // 5]
        change(pod, value)
    return pods


def write(path: Path, items: list[Object], indent: int | None, end: str = "") -> str:
    text = ",\n".join(json.dumps(each, indent=indent) for each in items)
    path.write_text(f'{{"apiVersion": "v1", "items": [\n{text}{end}], "kind": "List"}}')
    return str(path)


def document(name: str) -> Any:
    return json.loads(render_json(audit_files([name])))


@pytest.fixture
def second_process(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def turn_on() -> None:
        monkeypatch.setattr(ahead, "SMALLEST", 1)
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})

    return turn_on


@pytest.mark.parametrize("indent", [None, 4])
def test_pods_like_others_are_judged_by_what_is_their_own(
    indent: int | None, tmp_path: Path, second_process: Callable[[], None]
) -> None:
    items = [*(make_node(f"n{n}", cpu="100", pods="200") for n in range(3))]
    for node in items:
        times = {"lastTransitionTime": TIME, "lastHeartbeatTime": "2026-01-01T03:00:00Z"}
        node["status"]["conditions"] = [{"type": "Ready", "status": "True", **times}]
    items += [make_running(number) for number in range(1, 20)]
    for number, (change, value) in enumerate(ODD.values(), 20):
        # One that is alike in between shows that reading goes on.
        items += [make_running(number), make_running(number + 100)]
        change(items[-1], value)
    items += make_alike()
    doubled = '{"kind": "Pod", "metadata": {"name": "x", "name": "y"}}'
    name = write(tmp_path / "all.json", items, indent, f",\n{doubled}")
    here = document(name)
    second_process()
    assert document(name) == here
    found = {each["requirement"] for each in here["violations"]}
    assert {"OBJ-1", "OBJ-2", "SCHED-11", "OBJ-26", "CNI-1"} <= found


def test_most_of_them_are_not_decoded(tmp_path: Path) -> None:
    name = write(tmp_path / "all.json", [make_running(number) for number in range(50)], 4)
    assert len(read_traced(name)) == 47


def read_traced(name: str) -> list[Traced]:
    """What is not decoded of a file."""
    found = []
    with open(name, "rb") as stream:
        reader = ahead._StencilStream(name, stream)
        sender = ahead._Sender(io.BytesIO(), reader)
        for item in reader.read():
            sender.take(item)
            if isinstance(item, ahead.Item) and isinstance(item.value, Traced):
                found.append(item.value)
    return found


@pytest.mark.parametrize(("count", "has_family"), [(KEPT, False), (5 * KEPT, True)])
def test_pods_that_take_turns_are_not_decoded_either(
    count: int, has_family: bool, tmp_path: Path
) -> None:
    items = [make_running(number) for number in range(5 * count)]
    for number, each in enumerate(items):
        each["metadata"]["labels"] = {"app": f"a{number % count}"}
        if has_family:
            each["metadata"]["generateName"] = f"a{number % count}-"
    name = write(tmp_path / "all.json", items, None)
    assert len(read_traced(name)) == 2 * count


def test_objects_that_differ_have_no_stencil(tmp_path: Path) -> None:
    items = [make("ConfigMap", f"c{number}", data={"n": str(number)}) for number in range(50)]
    assert read_traced(write(tmp_path / "all.json", items, None)) == []


def test_pods_like_others_are_read_once(
    tmp_path: Path, second_process: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = []
    read = AlikePods.read

    def count(self: AlikePods, *given: Any) -> Any:
        taken.append(read(self, *given))
        return taken[-1]

    monkeypatch.setattr(AlikePods, "read", count)
    second_process()
    name = write(tmp_path / "all.json", [make_running(number) for number in range(50)], None)
    assert document(name)["read"] == {"Pod": 50}
    assert sum(each is not None for each in taken) == 48


def store(value: Any) -> Stored:
    return Stored(Interner(), ObjectKey("", "Pod", "", ""), "", value, None)


def cut(pod: Object, indent: int | None) -> tuple[str, Stencil]:
    text = json.dumps(pod, indent=indent)
    stencil = cut_stencil(text, store(pod))
    assert stencil is not None
    return text, stencil


POD = make_running(1)
TEXTS = {indent: cut(POD, indent) for indent in (None, 4)}
GAP = re.compile('"(?:name|uid|nodeName|restartCount|podIP)": "?[^",]*')
TEXT = st.sampled_from('abc"\\{}[]:, \n\t0123456789.-eu\x7f\ud800é')


@given(st.sampled_from([None, 4]), st.data())
def test_what_fits_a_stencil_reads_as_if_it_was_decoded(
    indent: int | None, data: st.DataObject
) -> None:
    text, stencil = TEXTS[indent]
    for _ in range(data.draw(st.integers(1, 3))):
        gaps = [found.end() - data.draw(st.integers(0, 2)) for found in GAP.finditer(text)]
        begin = data.draw(st.one_of(st.integers(0, len(text)), st.sampled_from(gaps)))
        end = begin + data.draw(st.integers(0, 3))
        text = text[:begin] + "".join(data.draw(st.lists(TEXT, max_size=3))) + text[end:]
    traced = stencil.trace(text + ",", 0)
    if traced is None:
        return
    decoded = store(json.loads(text[: traced.end]))
    assert decoded.list_values() == traced.values
    parts = [None if part is None else part.packed for part in decoded.take_apart()[0]]
    assert parts == [None if p is None else p.packed for p in store(POD).take_apart()[0]]


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("web-001", "a\nb"),
        ("web-001", "a\\u0062"),
        ("web-001", ""),
        ('": 1,', '": 01,'),
        ('": 1,', '": 1.0,'),
        ('": 1,', '": 1000000000000000,'),
        ('": 1,', '": "1",'),
        ("kube-api-access-x1", "x1"),
    ],
)
def test_a_text_that_needs_decoding_does_not_fit(said: str, instead: str) -> None:
    text, stencil = TEXTS[None]
    assert said in text
    assert stencil.trace(text, 0) is not None
    assert stencil.trace(text.replace(said, instead), 0) is None


def test_a_name_with_an_escape_is_no_gap() -> None:
    text = '{"kind": "Pod", "metadata": {"name": "a\\u0062"}}'
    assert cut_stencil(text, store(json.loads(text))) is None


@pytest.mark.parametrize("case", ["=gap-1=", "900000000000001"])
def test_a_text_with_what_marks_gaps_has_no_stencil(case: str) -> None:
    pod = make_running(1)
    pod["metadata"]["name"] = case
    assert cut_stencil(json.dumps(pod), store(pod)) is None
