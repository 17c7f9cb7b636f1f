"""The admission rules answer what a real API server answered, to the last recorded case."""

import gzip
import itertools
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from planespec.spec.admission.limit_ranger import (
    ANNOTATION,
    LimitItem,
    list_pod_breaches,
    read_limit_range,
    set_container_defaults,
)
from planespec.spec.admission.pod_plugins import (
    RefusedError,
    add_default_tolerations,
    apply_runtime_class,
    set_priority,
)
from planespec.spec.admission.resource_quota import read_quota, refuse_claim, refuse_pod
from planespec.spec.objects import Pod, View
from planespec.spec.objects.volumes import PersistentVolumeClaim
from planespec.spec.pods.pod_admission import fill_in_defaults

RECORDED = Path(__file__).parents[2] / "recorded"
FIELDS = (
    "containers",
    "initContainers",
    "resources",
    "overhead",
    "nodeSelector",
    "tolerations",
    "priority",
    "preemptionPolicy",
    "priorityClassName",
)
"""What the plugins here write; what else the server fills in is other rules' matter."""
ELSEWHERE = ("PodSecurity", "service account")


def read(name: str) -> list[dict[str, Any]]:
    with gzip.open(RECORDED / name, "rt") as lines:
        return [json.loads(line) for line in lines]


def pick(spec: dict[str, Any]) -> dict[str, Any]:
    picked = {name: spec[name] for name in FIELDS if name in spec}
    for name in ("containers", "initContainers"):
        if name in picked:
            picked[name] = [
                {"name": each.get("name"), "resources": each.get("resources", {})}
                for each in picked[name]
            ]
    return picked


def split(message: str) -> list[str]:
    """Errors come in no fixed order, nor do the LimitRanges."""
    text = re.sub(r'^pods "[^"]*" is forbidden: ', "", message)
    return sorted(text.strip("[]").split(", "))


ADMISSION = read("admission.jsonl.gz")
CLUSTER = ADMISSION[-1]["cluster"]
PRIORITIES = [View(each) for each in CLUSTER["priorityClasses"]]
RUNTIMES = [View(each) for each in CLUSTER["runtimeClasses"]]


def admit(data: dict[str, Any], ranges: Sequence[Sequence[LimitItem]]) -> Any:
    pod = fill_in_defaults(Pod(data))
    try:
        for limits in ranges:
            pod = set_container_defaults(pod, limits)
        pod = add_default_tolerations(set_priority(pod, PRIORITIES))
        pod = apply_runtime_class(pod, RUNTIMES)
    except RefusedError as refusal:
        return split(str(refusal))
    for limits in ranges:
        if breaches := list_pod_breaches(pod, limits):
            return split(", ".join(breaches))
    return pick(dict(pod.spec.data)), pod.meta.annotations.get(ANNOTATION)


def expect(case: dict[str, Any]) -> Any:
    if case["code"] != 201:
        return split(case["message"])
    made = case["result"]
    return pick(made["spec"]), made["metadata"].get("annotations", {}).get(ANNOTATION)


def list_cases() -> Iterator[tuple[list[Sequence[LimitItem]], dict[str, Any]]]:
    for line in ADMISSION[:-1]:
        ranges = [read_limit_range(each) for each in line["limitranges"]]
        for case in line["cases"]:
            is_other = any(word in case.get("message", "") for word in ELSEWHERE)
            if case["code"] in (201, 403) and not (case["code"] == 403 and is_other):
                yield ranges, case


def test_new_pods_get_what_the_server_gave_them_and_are_refused_alike() -> None:
    cases = list(list_cases())
    wrong = [
        case
        for ranges, case in cases
        if expect(case)
        not in [admit(case["pod"], each) for each in itertools.permutations(ranges)]
    ]
    assert wrong == []
    assert len(cases) > 900
    assert sum(case["code"] == 403 for _, case in cases) > 200


KINDS = {
    "pods": lambda body, quotas: refuse_pod(fill_in_defaults(Pod(body)), quotas),
    "persistentvolumeclaims": lambda body, quotas: refuse_claim(
        PersistentVolumeClaim(body), quotas
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_quotas_refuse_what_the_server_refused(kind: str) -> None:
    judged, wrong = set(), []
    for line in read("quota.jsonl.gz"):
        used: dict[str, Any] = {}
        for step in line["ops"]:
            if step["path"].endswith(f"/{kind}"):
                read_in = [
                    read_quota(
                        {
                            "metadata": {"name": each["name"]},
                            "spec": each["spec"],
                            "status": {"used": used.get(each["name"], {})},
                        }
                    )
                    for each in line["quotas"]
                ]
                answers = [
                    KINDS[kind](step["body"], each) for each in itertools.permutations(read_in)
                ]
                text = (step.get("message") or "").partition(" is forbidden: ")[2]
                judged.add(step["code"])
                if (text or None) not in answers:
                    wrong.append((step, answers))
            used = step["used"]
    assert wrong == []
    assert judged == {201, 403}
