"""The judge of etcd: the recording agrees answer for answer, a tampered copy does not."""

import gzip
import json
from pathlib import Path

import pytest

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.etcd import judge
from planespec.reports.judge.runner import run

RECORDING = Path(__file__).resolve().parents[1] / "recorded/etcd.jsonl.gz"


@pytest.fixture
def judge_line(tmp_path):
    def judge_one(line):
        path = tmp_path / "etcd.jsonl"
        path.write_text(json.dumps(line), encoding="utf-8")
        return run(judge, [path])

    return judge_one


@pytest.fixture(scope="module")
def lines():
    with gzip.open(RECORDING, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def test_every_recorded_answer_and_watch_agrees():
    tally = run(judge, [RECORDING])
    assert tally.disagreements == []
    assert tally.exit_code == ExitCode.HOLDS
    assert tally.cases == 7274 + 125


@pytest.mark.parametrize(
    "tamper",
    [
        lambda line: line["ops"][0]["response"]["header"].update(revision="999"),
        lambda line: line["ops"][3].update(code=400),
        lambda line: line["ops"][-1]["response"].clear(),
        lambda line: line["watch"].pop(),
        lambda line: line["watch"][1]["result"].update(compact_revision="3"),
    ],
)
def test_one_changed_field_is_a_disagreement(lines, judge_line, tamper):
    line = json.loads(json.dumps(lines[0]))
    assert judge_line(line).exit_code == ExitCode.HOLDS
    tamper(line)
    assert judge_line(line).exit_code == ExitCode.SAFETY


def compaction(revision, code, response):
    request = {"revision": str(revision)}
    return {"op": "kv/compaction", "request": request, "code": code, "response": response}


OK = {"header": {"revision": "20"}}
COMPACTED = "etcdserver: mvcc: required revision has been compacted"
REFUSED = {"error": COMPACTED, "code": 11, "message": COMPACTED}


def line_of(*ops):
    created = {"result": {"header": {"revision": "20"}, "created": True}}
    return {"startRevision": 20, "prefix": "p/", "ops": list(ops), "watch": [created]}


@pytest.mark.parametrize("answer", [(200, OK), (400, REFUSED)])
def test_what_was_compacted_before_a_line_may_be_either(judge_line, answer):
    assert judge_line(line_of(compaction(15, *answer))).exit_code == ExitCode.HOLDS


def test_answers_that_no_earlier_compaction_explains_disagree(judge_line):
    line = line_of(compaction(18, 400, REFUSED), compaction(15, 200, OK))
    assert judge_line(line).exit_code == ExitCode.SAFETY


@pytest.mark.parametrize(
    "line",
    [
        {},
        {"startRevision": "1", "prefix": "", "ops": [], "watch": []},
        line_of({"op": "kv/get", "request": {}, "code": 200, "response": {}}),
        line_of({"op": "kv/put", "request": {"lease": []}, "code": 200, "response": {}}),
        line_of({"op": "kv/txn", "request": {"success": [{}]}, "code": 200, "response": {}}),
        line_of({"op": "kv/range", "request": {"sort_order": 7}, "code": 200, "response": {}}),
        line_of("kv/put"),
    ],
)
def test_a_malformed_line_is_refused_with_its_place(judge_line, line):
    with pytest.raises(InputError, match=r"etcd\.jsonl:1: "):
        judge_line(line)
