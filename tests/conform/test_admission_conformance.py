"""Every recorded creation of a pod, and every one under quotas, is answered as the server did."""

from pathlib import Path
from typing import Any

import pytest
from recordings import get_recording, read_lines, write_lines

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.apiserver.admissions import admission_judge, quota_judge
from planespec.reports.judge.runner import run

CLUSTER = {"cluster": {"priorityClasses": [], "runtimeClasses": []}}
TOKEN = "kube-api-access-bcdfg"


def make_line(*cases: dict[str, Any], ranges: list[Any] | None = None, **labels: str) -> Any:
    namespace = {"name": "n", "labels": labels}
    return {"namespace": namespace, "limitranges": ranges or [], "kind": "k", "cases": cases}


def make_case(code: int, message: str = "", **spec: Any) -> dict[str, Any]:
    containers = [{"name": "c", "image": "i:1"}]
    pod = {"metadata": {"name": "p"}, "spec": {"containers": containers, **spec}}
    reason = {403: "Forbidden", 422: "Invalid"}.get(code, "")
    return {"pod": pod, "code": code, "reason": reason, "message": message}


def test_every_third_recorded_creation_agrees(tmp_path: Path) -> None:
    lines = read_lines("admission")
    sample = [{**line, "cases": line["cases"][::3]} if "cases" in line else line for line in lines]
    tally = run(admission_judge.judge, [write_lines(tmp_path, *sample)])
    counts = {kind: (count.agree, count.cases) for kind, count in tally.kinds.items()}
    assert counts == {"lr": (160, 160), "misc": (160, 160), "pss": (160, 160)}


@pytest.mark.slow
def test_all_recorded_creations_agree() -> None:
    tally = run(admission_judge.judge, [get_recording("admission")])
    counts = {kind: (count.agree, count.cases) for kind, count in tally.kinds.items()}
    assert counts == {"lr": (480, 480), "misc": (480, 480), "pss": (480, 480)}


def test_all_recorded_creations_under_quotas_agree() -> None:
    tally = run(quota_judge.judge, [get_recording("quota")])
    counts = {kind: count.cases for kind, count in tally.kinds.items()}
    assert tally.disagreements == []
    assert counts == {
        "configmaps": 80,
        "deployments.apps": 47,
        "persistentvolumeclaims": 88,
        "pods": 500,
        "secrets": 39,
        "services": 86,
    }


@pytest.mark.parametrize(
    "case",
    [
        make_case(403, 'pods "p" is forbidden: no'),
        make_case(422, 'Pod "p" is invalid: spec.hostname: Required value'),
        {**make_case(201), "result": {"kind": "Pod", "apiVersion": "v1", "spec": {}}},
    ],
)
def test_an_answer_that_differs_is_told(case: dict[str, Any], tmp_path: Path) -> None:
    path = write_lines(tmp_path, CLUSTER, make_line(case))
    assert run(admission_judge.judge, [path]).exit_code == ExitCode.SAFETY


def test_a_level_that_is_none_enforces_the_strictest(tmp_path: Path) -> None:
    said = 'pods "p" is forbidden: violates PodSecurity "restricted:latest": '
    faults = (
        'allowPrivilegeEscalation != false (container "c" must set '
        "securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "
        '"c" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or '
        'container "c" must set securityContext.runAsNonRoot=true), seccompProfile (pod or '
        'container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or '
        '"Localhost")'
    )
    line = make_line(
        make_case(403, said + faults), **{"pod-security.kubernetes.io/enforce": "strict"}
    )
    tally = run(admission_judge.judge, [write_lines(tmp_path, CLUSTER, line)])
    assert tally.exit_code == ExitCode.HOLDS


def limit(**items: Any) -> dict[str, Any]:
    meta = {"name": items.pop("name"), "namespace": "n"}
    return {"metadata": meta, "spec": {"limits": [{"type": "Container", **items}]}}


def test_limits_of_one_entry_are_told_in_any_order_and_no_other(tmp_path: Path) -> None:
    ranges = [limit(name="a", min={"cpu": "1", "memory": "1Gi"})]
    resources = {"requests": {"cpu": "1m", "memory": "1Mi"}}
    containers = [{"name": "c", "image": "i:1", "resources": resources}]
    cpu = "minimum cpu usage per Container is 1, but request is 1m"
    memory = "minimum memory usage per Container is 1Gi, but request is 1Mi"
    for said, code in (
        (f"[{cpu}, {memory}]", ExitCode.HOLDS),
        (f"[{memory}, {cpu}]", ExitCode.HOLDS),
        (cpu, ExitCode.SAFETY),
        (f"[{cpu}, {memory}, {cpu}]", ExitCode.SAFETY),
    ):
        case = make_case(403, f'pods "p" is forbidden: {said}', containers=containers)
        path = write_lines(tmp_path, CLUSTER, make_line(case, ranges=ranges))
        assert run(admission_judge.judge, [path]).exit_code == code, said


@pytest.mark.parametrize(
    ("judge", "line", "said"),
    [
        (admission_judge.judge, make_line(make_case(201)), "no line has `cluster`"),
        (quota_judge.judge, {"quotas": [{"spec": {}}], "ops": []}, "quotas[0].name: is missing"),
        (
            quota_judge.judge,
            {"quotas": [], "ops": [{"path": "/api/v1", "body": {}, "code": 201, "used": {}}]},
            "ops[0].path: must be the path of a collection in a namespace",
        ),
    ],
)
def test_a_malformed_line_is_refused_with_its_place(
    judge: Any, line: dict[str, Any], said: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as error:
        list(judge(write_lines(tmp_path, line)))
    assert said in str(error.value)


def make_map(number: int, shown: str) -> dict[str, Any]:
    body = {"metadata": {"name": f"c{number}"}}
    used = {"q": {"configmaps": shown}}
    path = "/api/v1/namespaces/n/configmaps"
    return {"path": path, "body": body, "code": 201, "used": used}


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        (("1", "2", "3"), ExitCode.HOLDS),
        (("1", "3", "5"), ExitCode.HOLDS),
        (("1", "4", "5"), ExitCode.HOLDS),
        (("2", "4", "5"), ExitCode.HOLDS),
        (("3", "5", "6"), ExitCode.SAFETY),
        (("1", "3", "6"), ExitCode.SAFETY),
        (("1", "1", "2"), ExitCode.SAFETY),
    ],
)
def test_two_maps_of_its_own_come_into_a_namespace_at_any_time(
    shown: tuple[str, ...], code: ExitCode, tmp_path: Path
) -> None:
    quota = {"name": "q", "spec": {"hard": {"configmaps": "9"}}}
    operations = [make_map(number, each) for number, each in enumerate(shown)]
    path = write_lines(tmp_path, {"kind": "quota", "quotas": [quota], "ops": operations})
    assert run(quota_judge.judge, [path]).exit_code == code
