"""Every recorded answer about filters, identity, audit, limits and fairness is ours too."""

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.apiserver.chain.chain_judge import judge
from planespec.reports.judge.judges import recognise
from planespec.reports.judge.runner import Comparison, run

RECORDING = Path(__file__).parent.parent / "recorded" / "apiserver_chain.jsonl.gz"
CASES = {
    "authn": 224,
    "authz_order": 390,
    "chain": 250,
    "concurrency_allocation": 750,
    "flow_classification": 1,
    "flow_schema_match": 1500,
    "max_inflight": 14,
    "priority_and_fairness": 13,
    "shuffle_sharding": 300,
    "timeouts": 2,
}
SAMPLE = 12
"""Lines of a kind that are judged by default, spread over the recording."""

Line = dict[str, Any]


def lines() -> Iterator[Line]:
    for text in gzip.decompress(RECORDING.read_bytes()).decode().splitlines():
        yield json.loads(text)


def lines_of(kind: str) -> list[Line]:
    return [line for line in lines() if line["kind"] == kind]


def write(folder: Path, *chosen: Line) -> Path:
    path = folder / "lines.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in chosen), encoding="utf-8")
    return path


def judged(folder: Path, *chosen: Line) -> list[Comparison]:
    return list(judge(write(folder, *chosen)))


def test_a_sample_of_every_kind_agrees(tmp_path: Path) -> None:
    by_kind: dict[str, list[Line]] = {}
    for line in lines():
        by_kind.setdefault(line["kind"], []).append(line)
    assert {kind: len(found) for kind, found in by_kind.items()} == CASES
    sample = [
        line for found in by_kind.values() for line in found[:: max(1, len(found) // SAMPLE)]
    ]
    tally = run(judge, [write(tmp_path, *sample)])
    assert tally.disagreements == []
    assert set(tally.kinds) == set(CASES)


@pytest.mark.slow
def test_all_recorded_cases_agree() -> None:
    tally = run(judge, [RECORDING])
    assert {kind: count.agree for kind, count in tally.kinds.items()} == CASES
    assert {kind: count.cases for kind, count in tally.kinds.items()} == CASES
    assert tally.exit_code == ExitCode.HOLDS


def test_the_recording_is_known_by_its_lines() -> None:
    assert recognise(RECORDING) == "apiserver_chain"


def find_leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from find_leaves(inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from find_leaves(inner, (*path, index))
    else:
        yield path


def change(line: Line, path: tuple[Any, ...]) -> Line:
    """The line with another value of the same type at one place of its answer."""
    changed = json.loads(json.dumps(line))
    place = changed["out"]
    for step in path[:-1]:
        place = place[step]
    value = place[path[-1]]
    match value:
        case bool():
            place[path[-1]] = not value
        case int() | float():
            place[path[-1]] = value + 1000
        case _:
            place[path[-1]] = f"{value}!"
    return changed


ASKED = {"token", "cert", "method", "path"}
"""What stands among the answers of a line of `flow_classification`, and was asked."""


def is_open(line: Line, path: tuple[Any, ...]) -> bool:
    """Whether any value would do: when a request was sent, a page that counts."""
    counts = path == ("body",) and line["in"]["path"] in ("/metrics", "/debug/pprof/")
    return counts or path[-1] == "tSent" or path[-1] in ASKED


@pytest.mark.parametrize("kind", CASES)
def test_an_answer_that_differs_anywhere_disagrees(tmp_path: Path, kind: str) -> None:
    found = lines_of(kind)
    most = 1 if kind == "priority_and_fairness" else 4
    changed = [
        (line, path)
        for line in found[:: max(1, len(found) // most)][:most]
        for path in find_leaves(line["out"])
        if not is_open(line, path)
    ]
    answers = judged(tmp_path, *(change(line, path) for line, path in changed))
    survivors = [
        (path, line["in"])
        for (line, path), answer in zip(changed, answers, strict=True)
        if answer.agrees
    ]
    assert survivors == []


def by(**wanted: object) -> Callable[[Line], bool]:
    return lambda line: all(line["in"].get(name) == value for name, value in wanted.items())


def find(kind: str, is_wanted: Callable[[Line], bool]) -> Line:
    return next(line for line in lines_of(kind) if is_wanted(line))


POLICY = {"rules": [{"level": "None"}]}


def test_the_policy_of_a_recording_decides_what_is_audited(tmp_path: Path) -> None:
    line = find("chain", by(token="alice-token", method="POST"))
    silent: Line = {"kind": "audit_policy", "in": POLICY, "out": {}}
    first, second = judged(tmp_path, line, silent)
    assert second.agrees
    assert not first.agrees
    line["out"]["audit"] = []
    assert judged(tmp_path, line, silent)[0].agrees


@pytest.mark.parametrize(
    "policy",
    [
        {"rules": [{"level": "Everything"}]},
        {"rules": [{"level": "None", "omitStages": ["Later"]}]},
        {"rules": [{"level": "None", "nonResourceURLs": ["metrics"]}]},
        {"rules": [{"level": "None", "nonResourceURLs": ["/a*b"]}]},
        {"rules": [{"level": "None", "nonResourceURLs": ["/a"], "namespaces": ["b"]}]},
        {"rules": [{"level": "None", "resources": [{"group": "a/b"}]}]},
        {"rules": [{"level": "None", "resources": [{"resourceNames": ["a"]}]}]},
        {"omitStages": ["Sometimes"], "rules": []},
    ],
)
def test_a_policy_that_no_api_server_starts_with_disagrees(tmp_path: Path, policy: Line) -> None:
    (found,) = judged(tmp_path, {"kind": "audit_policy", "in": policy, "out": {}})
    assert not found.agrees


@pytest.mark.parametrize(
    "text", ["rules:\n- level: Metadata\n", '{"kind": "Policy", "rules": [{"level": "Metadata"}]}']
)
def test_a_policy_may_be_text(tmp_path: Path, text: str) -> None:
    (found,) = judged(tmp_path, {"kind": "audit_policy", "in": {"policy": text}, "out": {}})
    assert found.expected == {"levels": ["Metadata"]}
    assert found.agrees


RULE = {"level": "Metadata", "nonResourceURLs": ["/a*"]}
FORMS: dict[str, Line] = {
    "the policy in place of the input": {"in": {"kind": "Policy", "rules": [RULE]}},
    "a policy in the input": {"in": {"policy": {"rules": [RULE]}}},
    "a policy in the answer": {"in": {}, "out": {"policy": {"rules": [RULE]}}},
    "a policy beside the input": {"policy": {"rules": [RULE]}},
    "rules of the line": {"rules": [RULE]},
    "a list of rules": {"in": [RULE]},
    "a list of rules in the input": {"in": {"policy": [RULE]}},
    "a list of policies": {"in": {"policies": [{"rules": [RULE]}]}},
    "text of a list of rules": {"in": "- level: Metadata\n  nonResourceURLs: [/a*]\n"},
    "text of several documents": {"in": {"file": "a: 1\n---\nrules:\n- level: Metadata\n"}},
    "the types of Go": {"in": {"Rules": [{"Level": "Metadata", "NonResourceURLs": ["/a*"]}]}},
}


@pytest.mark.parametrize("form", FORMS)
def test_a_policy_may_stand_anywhere_in_its_line(tmp_path: Path, form: str) -> None:
    (found,) = judged(tmp_path, {"kind": "audit_policy", "out": {}, **FORMS[form]})
    assert (found.expected, found.agrees) == ({"levels": ["Metadata"]}, True)


def test_a_line_without_a_policy_disagrees(tmp_path: Path) -> None:
    line: Line = {"kind": "audit_policy", "in": {"policy": "see elsewhere"}, "out": {}}
    (found,) = judged(tmp_path, line)
    assert not found.agrees


def test_a_request_that_could_not_have_ended_by_then_disagrees(tmp_path: Path) -> None:
    line, waited = next(
        (line, answer)
        for line in lines_of("priority_and_fairness")
        for answer in line["out"]["answers"]
        if answer["tDone"] - answer["tSent"] > 3
    )
    waited["tDone"] = waited["tSent"] + 2.6
    assert not judged(tmp_path, line)[0].agrees


def test_a_second_may_begin_between_any_two_refusals(tmp_path: Path) -> None:
    line = next(each for each in lines_of("priority_and_fairness") if "Reject" in str(each["in"]))
    pairs = list(zip(line["in"]["requests"], line["out"]["answers"], strict=True))
    runs = next(pair for pair in pairs if pair[1]["code"] == 201)
    refused = next(pair for pair in pairs if pair[1]["code"] == 429)
    line["in"]["requests"] = [runs[0], *[refused[0]] * 4]
    runs[1].update(tSent=0.0, tDone=2.51)
    line["out"]["answers"] = [runs[1]]
    for sent, told in ((0.12, "1"), (0.24, "1"), (0.52, "1"), (0.54, "2")):
        headers = {**refused[1]["headers"], "retry-after": [told]}
        line["out"]["answers"].append(
            {**refused[1], "tSent": sent, "tDone": sent + 0.01, "headers": headers}
        )
    assert judged(tmp_path, line)[0].agrees
    line["out"]["answers"][3]["headers"]["retry-after"] = ["2"]
    assert not judged(tmp_path, line)[0].agrees


def test_a_limit_that_is_no_number_is_a_bad_request(tmp_path: Path) -> None:
    line = lines_of("timeouts")[1]
    path = "/api/v1/services?limit=many"
    line["in"]["requests"] = [{"token": "admin-token", "method": "GET", "path": path}]
    answer = line["out"]["answers"][0]
    answer["code"] = 400
    answer["body"] = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": 'strconv.ParseInt: parsing "many": invalid syntax',
        "reason": "BadRequest",
        "code": 400,
    }
    line["out"]["answers"] = [answer]
    assert judged(tmp_path, line)[0].agrees
    line["in"]["requests"][0]["path"] = "/api/v1/services?limit=1"
    assert not judged(tmp_path, line)[0].agrees


def test_a_watch_that_is_refused_ends_at_once(tmp_path: Path) -> None:
    line = lines_of("timeouts")[1]
    asked, answered = line["in"]["requests"], line["out"]["answers"]
    watch = next(index for index, each in enumerate(asked) if "timeoutSeconds" in each["path"])
    asked[:] = [{**asked[watch], "token": "bob-token"}]
    message = (
        'configmaps is forbidden: User "bob" cannot watch resource "configmaps" in API group "" '
        "at the cluster scope"
    )
    refused = {
        **answered[watch],
        "tSent": 0.0,
        "tDone": 0.01,
        "code": 403,
        "body": {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
            "reason": "Forbidden",
            "details": {"kind": "configmaps"},
            "code": 403,
        },
    }
    refused["headers"]["x-content-type-options"] = ["nosniff"]
    answered[:] = [refused]
    assert judged(tmp_path, line)[0].agrees
    refused["tDone"] = 2.5
    assert not judged(tmp_path, line)[0].agrees


@pytest.mark.parametrize(
    ("kind", "spoil", "message"),
    [
        ("authn", lambda line: line["in"].update(config="x"), "in.config: must be one of"),
        ("authn", lambda line: line["in"].update(certificate="x"), "'x' is unknown"),
        (
            "chain",
            lambda line: line["in"]["config"].update(authorizers=["Oracle"]),
            "'Oracle' is no authorizer",
        ),
        (
            "authz_order",
            lambda line: line["in"]["config"].update(webhookFailurePolicy="Maybe"),
            "must be NoOpinion or Deny",
        ),
        ("max_inflight", lambda line: line["out"]["answers"].pop(), "must be as many as"),
        ("timeouts", lambda line: line["in"].update(requestTimeout="soon"), "invalid duration"),
        (
            "concurrency_allocation",
            lambda line: line["in"]["classes"][0].update(target="1"),
            "must be a number",
        ),
        ("shuffle_sharding", lambda line: line["in"].pop("queues"), "in.queues: is missing"),
        ("chain", lambda line: line.update(kind="train"), "'train' is not a kind"),
        ("chain", lambda line: line.update(out=3), "out: must be an object"),
    ],
)
def test_a_malformed_line_is_told_with_its_place(
    tmp_path: Path, kind: str, spoil: Callable[[Line], object], message: str
) -> None:
    line = lines_of(kind)[0]
    spoil(line)
    with pytest.raises(InputError) as told:
        judged(tmp_path, line)
    assert message in str(told.value)
    assert "lines.jsonl:1" in str(told.value)


def test_every_kind_is_counted() -> None:
    assert Counter(line["kind"] for line in lines()) == Counter(CASES)
