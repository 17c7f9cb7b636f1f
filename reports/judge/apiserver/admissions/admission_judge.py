"""Judge of `admission` recordings: dry-run creations of pods, with the whole answer.

A line is `{"kind", "namespace": {"name", "labels"}, "limitranges": [...], "cases": [{"pod",
"code", "result" or "reason" and "message"}]}`; one with `cluster` holds the PriorityClasses and
RuntimeClasses for all. What no line tells: every namespace has the service accounts `default`
and `noauto`, whose token is not mounted. Counted by the `kind` of the line. What the API server
draws, the name of the token's volume and the time of a condition, is taken from the answer
where it has the right form. Upstream takes LimitRanges and entries of maps in no fixed order:
an answer agrees where some order gives it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

from planespec.checker.errors import InputError
from planespec.reports.input.lines import at, read_records
from planespec.reports.judge.runner import Comparison, are_alike, compare
from planespec.spec.admission.admission_steps import Course
from planespec.spec.admission.pod_chain import (
    NAME_LETTERS,
    Circumstances,
    admit_pod,
    generate_placeholder,
)
from planespec.spec.objects import View
from planespec.spec.objects.object_store import Store
from planespec.spec.scheduling.attempts.known_cluster import KnownCluster

CREATED = 201
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_DOWNSTREAM = "openshift-service-ca.crt"
_ITEM = {"key": "service-ca.crt", "path": "service-ca.crt"}
_SOURCE = {"configMap": {"name": _DOWNSTREAM, "items": [_ITEM]}}
"""What the recorded server projects beside the token."""
_ACCOUNTS = {"default": True, "noauto": False}
"""The service accounts of every namespace, and whether their token is mounted."""
_LISTED = ("Namespace", "ServiceAccount", "LimitRange", "PriorityClass", "RuntimeClass")


@dataclass(frozen=True)
class _Setting:
    """What all cases of a line have in common."""

    cluster: KnownCluster
    namespace: str
    ranges: int


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for each case; InputError where it is malformed."""
    records = list(read_records(path))
    shared = _find_shared(path, records)
    for number, record in records:
        line = View(record)
        if line.has("cluster"):
            continue
        with at(path, number):
            setting = _read_setting(line.needing("namespace", "cases"), shared)
            kind = line.text("kind") or "admission"
            found = [
                _judge_case(kind, f"{path}:{number}", setting, case)
                for case in line.views("cases")
            ]
        yield from found


def _find_shared(path: Path, records: list[tuple[int, dict[str, object]]]) -> View:
    for number, record in records:
        if "cluster" in record:
            with at(path, number):
                return View(record).view("cluster")
    raise InputError("no line has `cluster`, which tells priority and runtime classes", file=path)


def _read_setting(line: View, shared: View) -> _Setting:
    store = Store()
    namespace = line.view("namespace").needing("name")
    name = namespace.text("name")
    labels = namespace.text_map("labels")
    meta = {"name": name, "labels": labels}
    store.add({"apiVersion": "v1", "kind": "Namespace", "metadata": meta})
    for account, is_mounted in _ACCOUNTS.items():
        about = {"name": account, "namespace": name}
        data = {"metadata": about, "automountServiceAccountToken": is_mounted}
        store.add({"apiVersion": "v1", "kind": "ServiceAccount", **data})
    ranges = line.views("limitranges")
    for each in ranges:
        store.add(each.data, kind="LimitRange", version="v1")
    for field, version, kind in (
        ("priorityClasses", "scheduling.k8s.io/v1", "PriorityClass"),
        ("runtimeClasses", "node.k8s.io/v1", "RuntimeClass"),
    ):
        for each in shared.views(field):
            store.add({"apiVersion": version, "kind": kind, **each.data})
    for kind in _LISTED:
        store.note_kind(kind)
    return _Setting(KnownCluster(store), name, len(ranges))


def _judge_case(kind: str, where: str, setting: _Setting, case: View) -> Comparison:
    case.needing("pod", "code")
    expected = {name: value for name, value in case.data.items() if name != "pod"}
    pod, answers = case.view("pod"), list[dict[str, object]]()
    for order in permutations(range(setting.ranges)):
        course = admit_pod(setting.cluster, pod.data, _read_circumstances(case, setting, order))
        answers.append(_write(course, case.text("message")))
        if are_alike(expected, answers[-1]):
            return compare(kind, where, pod.data, expected, answers[-1])
    return compare(kind, where, pod.data, expected, answers[0])


def _read_circumstances(case: View, setting: _Setting, order: tuple[int, ...]) -> Circumstances:
    """Take what is drawn from the recorded answer."""
    result = case.view("result")
    names = [each.text("name") for each in result.view("spec").views("volumes")]
    conditions = result.view("status").views("conditions")
    times = [each.text("lastTransitionTime") for each in conditions]

    def generate(prefix: str) -> str:
        form = re.compile(rf"{re.escape(prefix)}[{NAME_LETTERS}]{{5}}")
        return next(filter(form.fullmatch, names), generate_placeholder(prefix))

    return Circumstances(
        setting.namespace,
        now=next(filter(_TIME.fullmatch, times), Circumstances.now),
        generate=generate,
        more_sources=(_SOURCE,),
        limit_order=order,
    )


def _write(course: Course, message: str) -> dict[str, object]:
    """Write the answer as a recording does; `message` stands where it is a form of ours."""
    refusal = course.refusal
    if refusal is None:
        result: Mapping[str, object] = {"kind": "Pod", "apiVersion": "v1", **course.object}
        return {"code": CREATED, "result": dict(result)}
    said = message if refusal.can_read(message) else refusal.message
    return {"code": refusal.code, "reason": refusal.reason, "message": said}
