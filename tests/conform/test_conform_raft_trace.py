"""The judge of etcd-raft traces: real and generated ones, tampered ones, and malformed ones."""

import copy
import gzip
import json
import random
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from planespec.checker.errors import InputError
from planespec.checker.exit_codes import ExitCode
from planespec.reports.conform.raft_cluster import Cluster
from planespec.reports.conform.raft_trace import Explainer, count_repeats, judge_trace, link
from planespec.reports.conform.raft_trace_form import parse_event, print_event
from planespec.reports.conform.registry import load_judge
from planespec.reports.conform.runner import run
from planespec.spec.raft.node.tracing import TraceEvent

ROOT = Path(__file__).resolve().parents[2]
RECORDING = ROOT / "tests/recorded/raft.jsonl.gz"
EXAMPLE = ROOT.parent / "shared/public/etcd-raft/tla/example.ndjson.gz"


def read_scenarios(every=1):
    with gzip.open(RECORDING, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in islice(lines, 0, None, every)]


def trace_of(scenario):
    """What the library's tracing tells along a scenario, which the specification reproduces."""
    lines = []

    def take_note(node, event, about):
        event = print_event(node, TraceEvent(event), about)
        lines.append({"tag": "trace", "event": json.loads(json.dumps(event))})

    cluster = Cluster(scenario, take_note)
    for step in scenario["steps"]:
        cluster.perform(step)
    return lines


def parse(lines):
    return link([parse_event(number, line) for number, line in enumerate(lines, 1)])


@pytest.fixture(scope="module")
def traces():
    """Traces with every switch, learners, joint changes, snapshots, crashes and repeats."""
    found = [trace_of(scenario) for scenario in read_scenarios(every=40)]
    return [lines for lines in found if count_repeats(parse(lines)) != 1]


def judge_lines(lines):
    return list(judge_trace(Path("trace"), enumerate(lines, 1)))


def test_the_public_trace_of_the_real_library_is_accepted():
    if not EXAMPLE.exists():
        pytest.skip("the public etcd-raft trace is not beside this checkout (../shared/public)")
    tally = run(load_judge("raft"), [EXAMPLE])
    assert tally.disagreements == []
    assert (tally.exit_code, tally.cases) == (ExitCode.HOLDS, 4888)


def test_the_traces_of_recorded_scenarios_are_accepted(traces):
    for lines in traces:
        comparisons = judge_lines(lines)
        assert comparisons[-1].agrees
        assert len(comparisons) == len(lines)


@pytest.mark.slow
def test_the_trace_of_every_recorded_scenario_is_accepted_unless_it_repeats_one_message():
    for scenario in read_scenarios():
        lines = trace_of(scenario)
        assert judge_lines(lines)[-1].agrees == (count_repeats(parse(lines)) != 1)


def tamper_term(event, chance):
    event["state"]["term"] += chance.choice([1, 3])


def tamper_vote(event, chance):
    event["state"]["vote"] = str(int(event["state"]["vote"]) + chance.choice([1, 2]))


def tamper_commit(event, chance):
    event["state"]["commit"] += chance.choice([1, 5])


def tamper_role(event, chance):
    roles = {"StateFollower", "StateCandidate", "StateLeader"} - {event["role"]}
    event["role"] = chance.choice(sorted(roles))


def tamper_log(event, chance):
    event["log"] += chance.choice([-1, 1])


def tamper_configuration(event, chance):
    event["conf"][0] = sorted({*event["conf"][0]} ^ {str(chance.randint(1, 8))})


def tamper_message(event, chance):
    field = chance.choice(["term", "index", "logTerm", "entries", "commit", "rejectHint"])
    event["msg"][field] += chance.choice([1, 2])


def tamper_receiver(event, chance):
    event["msg"]["to"] = str(int(event["msg"]["to"]) + 1)


def tamper_verdict(event, chance):
    event["msg"]["reject"] = not event["msg"]["reject"]


TAMPERINGS = [
    tamper_term,
    tamper_vote,
    tamper_commit,
    tamper_role,
    tamper_log,
    tamper_configuration,
    tamper_message,
    tamper_receiver,
    tamper_verdict,
]


def fits(tamper, event):
    about_message = tamper in (tamper_message, tamper_receiver, tamper_verdict)
    return not about_message or "msg" in event["event"]


@pytest.mark.parametrize("tamper", TAMPERINGS)
def test_a_tampered_event_is_rejected_there_or_later_and_never_before(traces, tamper):
    chance = random.Random(tamper.__name__)
    tampered_traces = 0
    for lines in traces:
        candidates = [n for n, event in enumerate(lines) if n > 5 and fits(tamper, event)]
        number = chance.choice(candidates)
        tampered = copy.deepcopy(lines)
        tamper(tampered[number]["event"], chance)
        last = judge_lines(tampered)[-1]
        assert not last.agrees
        assert last.given["event"] >= number
        tampered_traces += 1
    assert tampered_traces > 5


def has_message(lines, verb, message):
    """Whether some event tells that the message was sent (or received)."""
    events = (e["event"] for e in lines if e["event"]["name"].startswith(verb))
    return any(event["msg"] == message for event in events)


@pytest.mark.slow
def test_of_a_thousand_tampered_traces_those_accepted_are_behaviours_of_the_network(traces):
    """Another message that was sent may arrive instead; a lost request may go to anyone."""
    chance = random.Random(1000)
    accepted = 0
    for number in range(1000):
        lines, tamper = traces[number % len(traces)], TAMPERINGS[number % len(TAMPERINGS)]
        candidates = [n for n, event in enumerate(lines) if n > 5 and fits(tamper, event)]
        at = chance.choice(candidates)
        tampered = copy.deepcopy(lines)
        tamper(tampered[at]["event"], chance)
        last = judge_lines(tampered)[-1]
        if last.agrees:
            accepted += 1
            event = tampered[at]["event"]
            if event["name"].startswith("Receive"):
                assert has_message(lines[:at], "Send", event["msg"])
            else:
                was_sent_again = has_message(tampered, "Send", lines[at]["event"]["msg"])
                was_received = has_message(lines[at:], "Receive", lines[at]["event"]["msg"])
                assert was_sent_again or not was_received
        else:
            assert last.given["event"] >= at
    assert accepted <= 10


def test_a_rejection_names_the_guard_and_the_state_of_every_node(traces):
    lines = copy.deepcopy(traces[0])
    number = next(n for n, e in enumerate(lines) if e["event"]["name"] == "BecomeCandidate")
    event = lines[number]["event"] | {"name": "Replicate"}
    forged = [*lines[:number], {"tag": "trace", "event": event}]
    last = judge_lines(forged)[-1]
    assert last.given["explained"] == number
    assert {"preVote", "checkQuorum"} < last.given.keys()
    assert last.actual["states"]["1"].startswith("State")
    assert last.actual["event"] == "blocked, Replicate: only a leader appends proposals"


def explain_all(lines):
    events = parse(lines)
    explainer = Explainer(events)
    return [explainer.explain(event) for event in events]


def test_a_message_that_nobody_sent_is_blocked_by_that(traces):
    lines = copy.deepcopy(traces[0])
    number = next(n for n, e in enumerate(lines) if e["event"]["name"].startswith("Receive"))
    lines[number]["event"]["msg"]["index"] += 7
    rejection = explain_all(lines[: number + 1])[-1]
    assert rejection.instead.endswith("no such message is on its way to the node")


def find_receives(lines):
    """Places where a follower took a heartbeat, with all it did about it before its next input."""
    for n, line in enumerate(lines[:-2]):
        names = [e["event"]["name"] for e in lines[n : n + 3]]
        nodes = {e["event"]["nid"] for e in lines[n : n + 3]}
        answers = names[1:] == ["SendAppendEntriesResponse", "Ready"] and len(nodes) == 1
        if line["event"].get("msg", {}).get("type") == "MsgHeartbeat" and answers:
            yield n


def repeat(lines, at, times):
    """Let the heartbeat taken at `at` arrive again, and be answered again."""
    return [*lines[: at + 3], *(lines[at : at + 3] * times), *lines[at + 3 :]]


def test_repeated_messages_are_a_behaviour_of_a_network_that_repeats_several():
    """A single one is taken for damage, as the library's own trace specification does."""
    found = (trace_of(scenario) for scenario in read_scenarios(every=7))
    lines, at = next(
        (lines, at)
        for lines in found
        for at in find_receives(lines)
        if [count_repeats(parse(repeat(lines, at, times))) for times in range(3)] == [0, 1, 2]
    )
    assert judge_lines(lines)[-1].agrees
    rejected = judge_lines(repeat(lines, at, 1))[-1]
    assert rejected.given["event"] >= at + 3
    assert rejected.actual["event"].endswith("no such message is on its way to the node")
    assert judge_lines(repeat(lines, at, 2))[-1].agrees


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda e: e.update(name="Reboot"), "unknown event 'Reboot'"),
        (lambda e: e.pop("state"), "event needs a field 'state' of type dict"),
        (lambda e: e["state"].update(term="1"), "event.state needs a field 'term' of type int"),
        (lambda e: e.update(nid="one"), "'one' is not a node number"),
        (lambda e: e.update(conf=[[]]), "event.conf is not a pair of lists"),
        (lambda e: e.update(name="SendRequestVoteRequest"), "event.msg is not an object"),
    ],
)
def test_a_malformed_event_is_refused_with_file_line_and_field(traces, tmp_path, spoil, message):
    lines = copy.deepcopy(traces[0][:3])
    spoil(lines[1]["event"])
    path = tmp_path / "trace.ndjson"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    with pytest.raises(InputError, match=message) as refusal:
        list(load_judge("raft")(path))
    assert (refusal.value.file, refusal.value.line) == (path, 2)


def test_lines_of_a_log_between_the_events_are_passed_over(traces, tmp_path):
    path = tmp_path / "trace.ndjson"
    lines = [{"level": "info", "msg": "started"}, *traces[0][:20]]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    assert run(load_judge("raft"), [path]).cases == 20


def test_events_know_the_next_of_their_node(traces):
    events = parse(traces[0][:40])
    for event in events:
        following = [e for e in events if e.node == event.node and e.line > event.line]
        assert event.upcoming == (following[0] if following else None)
        assert replace(event, upcoming=None) == event
