"""The judge of lists and watches: the recording agrees, a tampered copy does not."""

import copy
import gzip
import json
from pathlib import Path

import pytest

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.apiserver.watchlist_judge import judge
from planespec.reports.judge.runner import run

RECORDING = Path(__file__).resolve().parents[1] / "recorded/watchlist.jsonl.gz"


@pytest.fixture(scope="module")
def lines():
    with gzip.open(RECORDING, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


@pytest.fixture
def judge_line(tmp_path):
    def judge_one(line):
        path = tmp_path / "watchlist.jsonl"
        path.write_text(json.dumps(line), encoding="utf-8")
        return run(judge, [path])

    return judge_one


def answered(lines, chosen):
    """Every recorded line that has a chosen answer, copied, with that answer."""
    for line in lines:
        copied = copy.deepcopy(line)
        for request, answer in zip(
            copied["in"]["requests"], copied["out"]["answers"], strict=True
        ):
            if answer and chosen(request, answer):
                yield copied, answer
                break


def is_page(request, answer):
    return "list" in request and answer.get("items")


def has_event(kind):
    return lambda _, answer: any(each["type"] == kind for each in answer.get("events", []))


def test_every_recorded_line_agrees():
    tally = run(judge, [RECORDING])
    assert tally.disagreements == []
    assert (tally.exit_code, tally.kinds["watchlist"].cases) == (ExitCode.HOLDS, 98)


def drop_first_item(answer):
    del answer["items"][0]


def drop_first_event(answer):
    del answer["events"][0]


def drop_last_event(answer):
    del answer["events"][-1]


def repeat_first_event(answer):
    answer["events"].insert(1, answer["events"][0])


def raise_code(answer):
    answer["code"] += 1


def go_far_ahead(answer):
    answer["resourceVersion"] = "1"


def show_new_object_as_deleted(answer):
    for event in answer["events"]:
        if event["type"] == "DELETED":
            event["object"]["data"] = {"v": "another"}


@pytest.mark.parametrize(
    ("chosen", "tamper"),
    [
        (is_page, drop_first_item),
        (is_page, go_far_ahead),
        (lambda _, answer: answer["code"] >= 400, raise_code),
        (has_event("MODIFIED"), drop_first_event),
        (has_event("MODIFIED"), drop_last_event),
        (has_event("ADDED"), repeat_first_event),
        (has_event("DELETED"), show_new_object_as_deleted),
        (has_event("ERROR"), drop_first_event),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_a_tampered_answer_never_agrees(lines, judge_line, chosen, tamper):
    found = list(answered(lines, chosen))[:8]
    assert found
    for line, answer in found:
        tamper(answer)
        assert judge_line(line).exit_code == ExitCode.SAFETY


def test_a_bookmark_that_runs_ahead_of_an_event_disagrees(lines, judge_line):
    def changes(_, answer):
        kinds = [each["type"] for each in answer.get("events", [])]
        return "BOOKMARK" in kinds[:-1] and kinds[-1] != "BOOKMARK"

    found = list(answered(lines, changes))
    assert found
    for line, answer in found:
        version = answer["events"][-1]["object"]["resourceVersion"]
        bookmark = {"type": "BOOKMARK", "object": {"name": None, "resourceVersion": version}}
        answer["events"].insert(-1, bookmark)
        assert judge_line(line).exit_code == ExitCode.SAFETY


def test_two_lists_never_go_back_from_the_cache(lines, judge_line):
    """After a list at the last revision, another cannot show the state before it."""
    line = copy.deepcopy(lines[0])
    write = {"op": "create", "name": "a", "labels": None, "value": "1", "code": 201}
    later = write | {"op": "update", "value": "2", "code": 200, "resourceVersion": "9"}
    line["in"] |= {"history": [write | {"resourceVersion": "5"}, later], "compactedRevision": None}
    line["in"] |= {"firstListAfterHistory": 5, "resourceVersionBeforeRequests": 9}
    line["in"]["requests"] = [{"list": {"resourceVersion": "0"}}] * 2
    old = {"code": 200, "resourceVersion": "5", "remainingItemCount": None}
    old["items"] = [{"name": "a", "resourceVersion": "5", "data": {"v": "1"}}]
    new = {"code": 200, "resourceVersion": "9", "remainingItemCount": None}
    new["items"] = [{"name": "a", "resourceVersion": "9", "data": {"v": "2"}}]
    verdicts = []
    for answers in ([old, new], [old, old], [new, new], [new, old]):
        line["out"]["answers"] = answers
        verdicts.append(judge_line(line).exit_code)
    assert verdicts == [ExitCode.HOLDS] * 3 + [ExitCode.SAFETY]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"etcd": "new"}, r"\.in\.etcd: must be a version, not 'new'"),
        ({"history": None}, r"history: is missing"),
        ({"requests": [{"get": {}}], "history": []}, "must have a list, a watch or a write"),
        ({"history": []}, "must end with the writes among the requests"),
        ({"history": [{"op": "move", "name": "a", "code": 200}]}, "must be create, update or"),
        (
            {"history": [{"op": "create", "name": "a", "code": 201, "resourceVersion": "x"}]},
            "must be a number, not 'x'",
        ),
    ],
)
def test_a_malformed_line_is_named_with_its_field(lines, judge_line, change, said):
    line = copy.deepcopy(lines[0])
    line["in"] |= change
    with pytest.raises(InputError, match=said) as caught:
        judge_line(line)
    assert "watchlist.jsonl:1" in str(caught.value)


def test_a_kind_that_is_no_text_is_told_with_its_line(lines, judge_line):
    with pytest.raises(InputError, match=r"watchlist\.jsonl:1: kind: must be a string"):
        judge_line(copy.deepcopy(lines[0]) | {"kind": 1})


def test_a_cache_that_etcd_tells_no_progress_may_not_come_up_to_etcd(lines, judge_line):
    """Initial events of the latest state wait for a revision of something else, in vain."""
    line = copy.deepcopy(lines[0])
    write = {"op": "create", "name": "a", "labels": None, "value": "1", "code": 201}
    line["in"] |= {"etcd": "3.5.1", "history": [write | {"resourceVersion": "5"}]}
    line["in"] |= {"firstListAfterHistory": 5, "resourceVersionBeforeRequests": 7}
    line["in"] |= {"requests": [{"watch": {"watch": "1"}, "writesDuring": []}]}
    status = {
        "kind": "Status",
        "status": "Failure",
        "message": "Timeout: Too large resource version: 8, current: 6",
        "reason": "Timeout",
        "details": {
            "causes": [
                {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
            ],
            "retryAfterSeconds": 1,
        },
        "code": 504,
    }
    line["out"]["answers"] = [{"code": 200, "events": [{"type": "ERROR", "object": status}]}]
    assert judge_line(line).exit_code == ExitCode.HOLDS
    status["message"] = "Timeout: Too large resource version: 6, current: 8"
    assert judge_line(line).exit_code == ExitCode.SAFETY
