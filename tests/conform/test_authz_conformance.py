"""Authorizers, attributes of requests, impersonation and nodes answer as recorded."""

from pathlib import Path

import pytest
from recordings import check_whole, get_recording, judge_lines, read_lines

from planespec.checker.errors import InputError
from planespec.reports.judge.judges import recognise

RECORDING = get_recording("authz")
KINDS = {
    "abac": 1442,
    "impersonation": 1500,
    "node_authorizer": 3000,
    "node_identity": 800,
    "rbac": 2880,
    "request_info": 559,
    "union": 200,
}


LINES: dict[str, list[dict[str, object]]] = {}
"""The lines by kind."""
for each in read_lines("authz"):
    LINES.setdefault(each["kind"], []).append(each)
SECRET = {"name": "v", "secret": {"secretName": "gone"}}


def judge(path: Path, *lines: object) -> tuple[int, int]:
    """Cases of the lines, and how many of them agree."""
    tally = judge_lines("authz", path, *lines)
    return tally.cases, tally.agree


def test_all_recorded_cases_agree() -> None:
    check_whole("authz", KINDS)
    assert recognise(RECORDING) == "authz"


def change_first_leaf(value: object) -> object:
    """A JSON value that differs in one leaf."""
    if isinstance(value, dict) and value:
        first = min(value)
        return {**value, first: change_first_leaf(value[first])}
    if isinstance(value, list) and value:
        return [change_first_leaf(value[0]), *value[1:]]
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else f"{value}x"


@pytest.mark.parametrize("kind", KINDS)
def test_a_tampered_answer_of_any_kind_is_noticed(kind: str, tmp_path: Path) -> None:
    line = next(each for each in LINES[kind] if "loadError" not in str(each["out"]))
    cases, agree = judge(tmp_path, {**line, "out": change_first_leaf(line["out"])})
    assert cases - agree == 1


def test_a_policy_file_that_loads_here_and_did_not_there_disagrees(tmp_path: Path) -> None:
    broken = next(each for each in LINES["abac"] if "loadError" in str(each["out"]))
    line = {**broken, "in": {"file": ["# nothing"]}}
    cases, agree = judge(tmp_path, line)
    assert (cases, agree) == (1, 0)


def test_a_policy_line_may_be_yaml(tmp_path: Path) -> None:
    asked = {"user": {"name": "ann"}, "verb": "get", "resource": "pods", "resourceRequest": True}
    line = {
        "kind": "abac",
        "in": {"file": ["user: ann"], "requests": [asked]},
        "out": {"answers": ["allow"]},
    }
    assert judge(tmp_path, line) == (1, 1)
    line["in"]["file"] = ["user: ["]
    assert judge(tmp_path, line) == (1, 0)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("?fieldSelector=metadata.name%3Dgone", {"code": 200}),
        ("/gone", {"code": 404, "reason": "NotFound", "message": 'secrets "gone" not found'}),
    ],
)
def test_a_list_of_one_name_that_is_missing_is_empty_and_no_error(
    path: str, answer: dict[str, object], tmp_path: Path
) -> None:
    pod = {"metadata": {"name": "p"}, "spec": {"nodeName": "n", "volumes": [SECRET]}}
    line = {
        "kind": "node_identity",
        "in": {
            "user": "system:node:n",
            "groups": ["system:nodes"],
            "objects": [{"path": "/api/v1/namespaces/a/pods", "object": pod}],
            "requests": [{"method": "GET", "path": f"/api/v1/namespaces/a/secrets{path}"}],
        },
        "out": {"answers": [answer]},
    }
    assert judge(tmp_path, line) == (1, 1)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"kind": "rbac", "in": {}}, "out: is missing"),
        ({"kind": "other", "in": {}, "out": {}}, "'other' is not a kind of authz"),
        ({"kind": "rbac", "in": {"requests": [{}]}, "out": {}}, "has 0 items for 1 requests"),
        (
            {"kind": "union", "in": {"authorizers": [{"decision": "maybe"}]}, "out": {}},
            "'maybe' is no decision",
        ),
        ({"kind": "request_info", "in": {"url": "/"}, "out": {}}, "method: is missing"),
        ({"kind": "abac", "in": {"file": [1]}, "out": {}}, "must be a string"),
        (
            {"kind": "node_authorizer", "in": {"pods": [{"spec": {"nodeName": 1}}]}, "out": {}},
            "must be a string",
        ),
        (
            {
                "kind": "node_identity",
                "in": {"user": "system:node:n", "requests": [{"method": "TRACE", "path": "/"}]},
                "out": {"answers": [{}]},
            },
            "'TRACE' is not judged",
        ),
    ],
)
def test_a_malformed_line_is_reported_with_its_place(
    line: dict[str, object], message: str, tmp_path: Path
) -> None:
    if isinstance(line.get("out"), dict):
        line = {**line, "out": line["out"] or {"answers": []}}
    with pytest.raises(InputError) as error:
        judge(tmp_path, line)
    assert message in error.value.message
    assert error.value.line == 1
