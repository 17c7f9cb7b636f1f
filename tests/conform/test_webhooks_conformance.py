"""Every recorded request to a server with webhooks and policies is answered as it was."""

import copy
from pathlib import Path
from typing import Any

import pytest
from recordings import get_recording, read_lines, write_lines

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.apiserver.admissions import webhook_judge
from planespec.reports.judge.runner import run

RECORDING = get_recording("admission_webhooks")
RULE = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["*"], "operations": ["*"]}


def test_the_requests_of_every_third_recorded_line_agree(tmp_path: Path) -> None:
    sample = read_lines("admission_webhooks", every=3)
    tally = run(webhook_judge.judge, [write_lines(tmp_path, *sample)])
    assert (tally.agree, tally.disagreements) == (tally.cases, [])
    assert tally.cases > 400


@pytest.mark.slow
def test_all_recorded_requests_agree() -> None:
    tally = run(webhook_judge.judge, [RECORDING])
    counts = {kind: (count.agree, count.cases) for kind, count in tally.kinds.items()}
    assert counts == {
        "DELETE": (88, 88),
        "PATCH": (292, 292),
        "POST": (646, 646),
        "PUT": (321, 321),
    }


def find_line(is_wanted: Any) -> dict[str, Any]:
    found: dict[str, Any] = next(filter(is_wanted, read_lines("admission_webhooks")))
    return found


def test_calls_made_one_after_the_other_agree_in_that_order_only(tmp_path: Path) -> None:
    def has_two(line: dict[str, Any]) -> bool:
        calls = line["out"]["requests"][0]["calls"]
        return len(calls) == 2 and all(call["webhook"].startswith("m") for call in calls)

    line = find_line(has_two)
    line["out"]["requests"] = line["out"]["requests"][:1]
    assert run(webhook_judge.judge, [write_lines(tmp_path, line)]).exit_code == ExitCode.HOLDS
    line["out"]["requests"][0]["calls"].reverse()
    assert run(webhook_judge.judge, [write_lines(tmp_path, line)]).exit_code == ExitCode.SAFETY


def test_calls_made_at_once_agree_in_any_order(tmp_path: Path) -> None:
    def has_two(line: dict[str, Any]) -> bool:
        calls = line["out"]["requests"][0]["calls"]
        return len(calls) == 2 and all(call["webhook"].startswith("v") for call in calls)

    line = find_line(has_two)
    line["out"]["requests"] = line["out"]["requests"][:1]
    line["out"]["requests"][0]["calls"].reverse()
    assert run(webhook_judge.judge, [write_lines(tmp_path, line)]).exit_code == ExitCode.HOLDS
    line["out"]["requests"][0]["calls"].pop()
    assert run(webhook_judge.judge, [write_lines(tmp_path, line)]).exit_code == ExitCode.SAFETY


def policy(name: str, message: str) -> list[dict[str, Any]]:
    constraints = {"resourceRules": [RULE]}
    spec = {
        "matchConstraints": constraints,
        "validations": [
            {"expression": "false", "message": message},
            {"expression": "false", "message": "never told"},
        ],
    }
    bound = {"policyName": name, "validationActions": ["Deny"]}
    return [
        {"kind": "ValidatingAdmissionPolicy", "metadata": {"name": name}, "spec": spec},
        {"kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": name}, "spec": bound},
    ]


def test_of_a_patched_scale_the_number_alone_is_kept(tmp_path: Path) -> None:
    line = find_line(
        lambda line: any(
            request["path"].endswith("/scale") and request["code"] == 200 and not request["calls"]
            for request in line["out"]["requests"]
        )
    )
    scaled = next(each for each in line["out"]["requests"] if each["path"].endswith("/scale"))
    line["in"]["policies"], line["out"]["requests"] = [], [scaled]
    rule = {**RULE, "apiGroups": ["apps"], "resources": ["deployments/scale"]}
    hook = {"rules": [rule], "admissionReviewVersions": ["v1"], "sideEffects": "None"}
    hooks = [{**hook, "name": "m0.example.com", "clientConfig": {"url": "https://h/m0"}}]
    about = {"kind": "MutatingWebhookConfiguration", "metadata": {"name": "m"}}
    line["in"]["configurations"] = [{**about, "webhooks": hooks}]
    patch = [
        {"op": "add", "path": "/metadata/labels", "value": {"a": "b"}},
        {"op": "replace", "path": "/metadata/name", "value": "renamed"},
    ]
    line["in"]["behaviour"] = {"m0": {"do": "patch", "patch": patch}}
    found = next(iter(webhook_judge.judge(write_lines(tmp_path, line))))
    assert [call["webhook"] for call in found.actual["calls"]] == ["m0"]
    assert found.actual["object"] == scaled["object"]


def test_the_uid_that_an_answer_tells_may_be_that_of_any_call(tmp_path: Path) -> None:
    def is_told(request: dict[str, Any]) -> bool:
        return "expected response.uid=" in (request.get("message") or "")

    line = find_line(lambda line: any(map(is_told, line["out"]["requests"])))
    line["out"]["requests"] = [next(filter(is_told, line["out"]["requests"]))]
    told = line["out"]["requests"][0]["message"].split('"')[1].partition(".")[0]
    shown = line["in"]["configurations"][0]["webhooks"][0]
    hook = {**shown, "failurePolicy": "Ignore", "admissionReviewVersions": ["v1"]}
    for config in line["in"]["configurations"]:
        same = [each for each in config["webhooks"] if each["name"].startswith(told)]
        config["webhooks"] = [{**hook, **each, "failurePolicy": "Ignore"} for each in same] + [
            {**each, "name": "m9.example.com"} for each in same
        ]
    line["in"]["behaviour"] = {told: {"do": "baduid"}, "m9": {"do": "baduid"}}
    line["in"]["policies"] = []
    found = next(iter(webhook_judge.judge(write_lines(tmp_path, line))))
    assert found.actual["message"] == found.expected["message"].replace(told, "m9")


@pytest.mark.parametrize(("said", "agrees"), [("one", True), ("two", True), ("never told", False)])
def test_the_first_denial_of_any_policy_is_told(said: str, agrees: bool, tmp_path: Path) -> None:
    name = "a" if said != "two" else "b"
    words = f"ValidatingAdmissionPolicy '{name}' with binding '{name}' denied request: {said}"
    request = {
        "method": "POST",
        "path": "/api/v1/namespaces/hooks/configmaps",
        "body": {"metadata": {"name": "x"}},
        "code": 422,
        "calls": [],
        "warnings": None,
        "message": f'configmaps "x" is forbidden: {words}',
        "reason": "Invalid",
        "causes": [{"message": words}],
    }
    policies = [*policy("a", "one"), *policy("b", "two")]
    given = {"configurations": [], "policies": policies, "behaviour": {}}
    line = {"kind": "admission", "in": given, "out": {"requests": [request]}}
    exit_code = run(webhook_judge.judge, [write_lines(tmp_path, line)]).exit_code
    assert exit_code == (ExitCode.HOLDS if agrees else ExitCode.SAFETY)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda line: line["in"].pop("behaviour"), "behaviour: is missing"),
        (
            lambda line: line["in"].update(
                objectsBefore=[{"kind": "ConfigMap", "metadata": {"name": ""}}]
            ),
            "metadata.name: is missing",
        ),
        (lambda line: line["out"]["requests"][0].pop("calls"), "calls: is missing"),
        (
            lambda line: line["out"]["requests"][0].update(path="/api/v1/nodes"),
            "is no path of the resources there are",
        ),
        (
            lambda line: line["in"]["behaviour"]["v0"].update(do="sleep"),
            "'sleep' is nothing that a webhook does",
        ),
    ],
)
def test_a_malformed_line_is_refused_with_its_place(
    change: Any, said: str, tmp_path: Path
) -> None:
    def is_called(line: dict[str, Any]) -> bool:
        calls = line["out"]["requests"][0]["calls"]
        return [call["webhook"] for call in calls] == ["v0"]

    line = copy.deepcopy(find_line(is_called))
    change(line)
    with pytest.raises(InputError) as error:
        list(webhook_judge.judge(write_lines(tmp_path, line)))
    assert said in str(error.value)
    assert error.value.line == 1
