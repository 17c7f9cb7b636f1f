"""Files of etcd-raft traces as they come: packed, cut, repeated, spoiled, several at a time.

Each ends in a verdict or in one error with its place.
"""

import copy
import gzip
import json
import random
from pathlib import Path

import pytest

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.judges import load_judge
from planespec.reports.judge.raft.raft_cluster import Cluster
from planespec.reports.judge.raft.traces.raft_trace_form import print_event
from planespec.reports.judge.runner import run
from planespec.spec.raft.node.outbox import TraceEvent

RECORDING = Path(__file__).resolve().parents[2] / "tests/recorded/raft.jsonl.gz"
EVENTS = 150


@pytest.fixture(scope="module")
def lines():
    """The beginning of a genuine trace."""
    traced = []

    def take_note(node, event, about):
        traced.append({"tag": "trace", "event": print_event(node, TraceEvent(event), about)})

    with gzip.open(RECORDING, "rt", encoding="utf-8") as scenarios:
        scenario = json.loads(next(scenarios))
    cluster = Cluster(scenario, take_note)
    for step in scenario["steps"]:
        cluster.perform(step)
    return [json.dumps(line) for line in traced[:EVENTS]]


@pytest.fixture
def judge(tmp_path):
    def judge_bytes(*contents):
        paths = [tmp_path / f"trace{number}" for number in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            path.write_bytes(content)
        return run(load_judge("raft"), paths)

    return judge_bytes


def join(lines, end="\n"):
    return "".join(line + end for line in lines).encode()


WRITTEN = {
    "plain": join,
    "packed": lambda lines: gzip.compress(join(lines)),
    "with the line ends of Windows": lambda lines: join(lines, "\r\n"),
    "with empty lines": lambda lines: join(lines, "\n\n"),
    "without the last line end": lambda lines: join(lines)[:-1],
    "with fields of a later version": lambda lines: join(
        json.dumps({"ts": 1, **json.loads(line)}) for line in lines
    ),
}


@pytest.mark.parametrize("write", WRITTEN.values(), ids=WRITTEN.keys())
def test_a_trace_is_accepted_however_it_is_written(judge, lines, write):
    tally = judge(write(lines))
    assert (tally.exit_code, tally.cases) == (ExitCode.HOLDS, EVENTS)


@pytest.mark.parametrize("length", [1, 2, 17, 50, 101])
def test_every_beginning_of_a_trace_is_accepted(judge, lines, length):
    assert judge(join(lines[:length])).agree == length


def test_a_trace_without_its_beginning_is_rejected_at_its_first_event(judge, lines):
    started = next(n for n, line in enumerate(lines) if '"Ready"' in line)
    tally = judge(join(lines[started:]))
    assert (tally.exit_code, tally.cases, tally.agree) == (ExitCode.SAFETY, 1, 0)
    (disagreement,) = tally.disagreements
    assert "was never started" in disagreement.explanation.lines[-1]


def test_an_event_written_twice_is_rejected_where_its_node_cannot_repeat_it(judge, lines):
    twice = next(n for n, line in enumerate(lines) if '"Commit"' in line)
    tally = judge(join([*lines[: twice + 1], lines[twice], *lines[twice + 1 :]]))
    assert (tally.exit_code, tally.agree) == (ExitCode.SAFETY, twice + 1)


def test_several_files_are_judged_each_by_itself(judge, lines):
    spoiled = lines[10].replace('"term": ', '"term": 9')
    tally = judge(join(lines), join([*lines[:10], spoiled, *lines[11:]]), join(lines))
    assert tally.exit_code is ExitCode.SAFETY
    assert (tally.files, tally.cases, tally.agree) == (3, 2 * EVENTS + 11, 2 * EVENTS + 10)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no case to judge"),
        (gzip.compress(b""), "holds no case to judge"),
        (b'{"level": "info", "msg": "started"}\n', "holds no case to judge"),
        (b"raft: elected leader\n", "is not JSON"),
        (b"[1, 2]\n", "is not a JSON object"),
        (bytes(range(128, 256)), "is not UTF-8"),
    ],
    ids=["empty", "packed and empty", "other events", "no JSON", "no object", "no UTF-8"],
)
def test_a_file_without_a_trace_is_an_error_also_beside_a_good_one(judge, lines, content, message):
    with pytest.raises(InputError, match=message) as refusal:
        judge(join(lines[:9]), content)
    assert refusal.value.file.name == "trace1"


def test_a_file_cut_in_the_middle_of_a_line_is_an_error_with_its_line(judge, lines):
    with pytest.raises(InputError, match="is not JSON") as refusal:
        judge(join(lines[:30])[:-20])
    assert refusal.value.line == 30


SPOILT = [None, -1, 10**20, "", [], {}, [None], {"a": 1}, True, 1.5, "abc", "9" * 5000]


def list_places(value, place=()):
    """Yield the place of every value inside `value`."""
    if isinstance(value, dict | list):
        for name, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield (*place, name)
            yield from list_places(each, (*place, name))


def spoil(line, chance):
    """Put another value at some place of an event."""
    record = copy.deepcopy(json.loads(line))
    *places, last = chance.choice(list(list_places(record)))
    at = record
    for place in places:
        at = at[place]
    at[last] = chance.choice(SPOILT)
    return json.dumps(record)


def find_outcome(judge, content):
    """Return the exit code of a verdict, or the line of an error."""
    try:
        return judge(content).exit_code
    except InputError as error:
        return error.line


def test_a_spoilt_value_ends_in_a_verdict_or_in_an_error_with_its_line(judge, lines):
    chance, outcomes = random.Random("spoilt"), set()
    for _ in range(80):
        number = chance.randrange(len(lines))
        spoilt = [*lines[:number], spoil(lines[number], chance), *lines[number + 1 :]]
        outcome = find_outcome(judge, join(spoilt))
        outcomes.add("error" if outcome == number + 1 else outcome)
    assert {ExitCode.SAFETY, "error"} <= outcomes <= {ExitCode.HOLDS, ExitCode.SAFETY, "error"}
