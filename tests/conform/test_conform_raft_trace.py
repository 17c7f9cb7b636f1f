"""The judge of etcd-raft traces: real and generated ones, tampered ones, and malformed ones."""

import copy
import gzip
import json
import random
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from planespec.checker.errors import ExitCode, InputError
from planespec.reports.judge.conform_text import render_json, render_text
from planespec.reports.judge.judges import load_judge
from planespec.reports.judge.raft.raft_cluster import Cluster
from planespec.reports.judge.raft.traces.raft_trace import judge_trace, link
from planespec.reports.judge.raft.traces.raft_trace_form import parse_event, print_event
from planespec.reports.judge.runner import run
from planespec.spec.raft.node.outbox import TraceEvent

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
    return [trace_of(scenario) for scenario in read_scenarios(every=40)]


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


HIDDEN = [
    pytest.param(105, id="a report that a node is unreachable, found out some inputs later"),
    pytest.param(187, id="a learner, after its first leader had started twice"),
    pytest.param(286, id="two reads that waited for the first commit of a term"),
    pytest.param(287, id="three reads that waited for the first commit of a term"),
]
"""Scenarios in which something matters that no event of the trace shows."""


@pytest.mark.parametrize("number", HIDDEN)
def test_what_a_trace_does_not_show_is_found(number):
    with gzip.open(RECORDING, "rt", encoding="utf-8") as lines:
        (scenario,) = map(json.loads, islice(lines, number, number + 1))
    assert judge_lines(trace_of(scenario))[-1].agrees


@pytest.mark.slow
def test_the_trace_of_every_recorded_scenario_is_accepted():
    judged = [judge_lines(trace_of(scenario))[-1].agrees for scenario in read_scenarios()]
    assert [n for n, agrees in enumerate(judged) if not agrees] == []
    assert len(judged) == 300


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
    for lines in sorted(traces, key=len)[:6]:
        candidates = [n for n, event in enumerate(lines) if n > 5 and fits(tamper, event)]
        number = chance.choice(candidates)
        tampered = copy.deepcopy(lines)
        tamper(tampered[number]["event"], chance)
        last = judge_lines(tampered)[-1]
        assert not last.agrees
        assert last.given["event"] >= number
        tampered_traces += 1
    assert tampered_traces > 5


def find_first(lines, name, number=0):
    return next(n for n, e in enumerate(lines) if n > number and e["event"]["name"] == name)


def guards_of(lines):
    """Judge a trace that is rejected; return the guards and the whole comparison."""
    last = judge_lines(lines)[-1]
    assert not last.agrees
    return [tuple(guard.values()) for guard in last.explanation.data["blocked"]], last


def test_a_rejection_names_line_prefix_states_and_guard(traces):
    lines = copy.deepcopy(traces[0])
    number = find_first(lines, "BecomeCandidate")
    event = lines[number]["event"] | {"name": "Replicate"}
    guards, last = guards_of([*lines[:number], {"tag": "trace", "event": event}])
    assert last.given["explained"] == number
    assert {"preVote", "checkQuorum", "maxInflight"} < last.given.keys()
    data = last.explanation.data
    assert (data["line"], data["explained"]) == (
        number + 1,
        {"events": number, "lastLine": number},
    )
    assert set(data["states"]) == {e["event"]["nid"] for e in lines[:number]}
    assert data["states"]["1"].startswith("StateFollower term=")
    assert ("Replicate", "only a leader appends proposals; the node is StateFollower") in guards


def test_a_campaign_that_skips_a_term_is_told_which_term_it_opens(traces):
    lines = copy.deepcopy(traces[0])
    number = find_first(lines, "BecomeCandidate")
    state = lines[number]["event"]["state"]
    term = state["term"]
    state["term"] += 4
    guards, _ = guards_of(lines[: number + 1])
    assert ("BecomeCandidate", f"a campaign opens term {term}, not {term + 4}") in guards


def test_people_see_the_nodes_concerned_and_all_others_when_they_ask(traces):
    lines = copy.deepcopy(traces[0])
    number = find_first(lines, "Ready", 60)
    lines[number]["event"]["state"]["term"] += 1
    explanation = guards_of(lines)[1].explanation
    shown = [line for line in explanation.lines if line.startswith("  node ")]
    assert len(shown) == 1
    assert len(shown) + len(explanation.more) == len(explanation.data["states"])


def test_a_message_that_nobody_sent_is_blocked_with_the_nearest_that_was(traces):
    lines = copy.deepcopy(traces[0])
    receives = (n for n, e in enumerate(lines) if e["event"]["name"].startswith("Receive"))
    number = next(receives)
    lines[number]["event"]["msg"]["index"] += 7
    name = lines[number]["event"]["name"]
    ((action, guard),) = guards_of(lines)[0]
    assert action == name
    assert guard.startswith("the message was never sent; the nearest that was differs: index is ")


def test_a_message_before_the_ready_of_its_sender_is_blocked_by_that(traces):
    lines = traces[0]
    received = next(e["event"] for e in lines if e["event"]["name"] == "ReceiveRequestVoteRequest")
    number = next(n for n, e in enumerate(lines) if e["event"].get("msg") == received["msg"])
    guards, _ = guards_of([*lines[: number + 1], {"tag": "trace", "event": received}])
    assert any("no Ready of it came since" in guard for _, guard in guards)


def test_an_early_leader_is_blocked_by_the_votes_it_lacks(traces):
    lines = traces[0]
    elected = find_first(lines, "BecomeLeader")
    candidate = max(
        n for n, e in enumerate(lines[:elected]) if e["event"]["name"] == "BecomeCandidate"
    )
    ready = find_first(lines, "Ready", candidate)
    guards, _ = guards_of([*lines[: ready + 1], lines[elected]])
    assert any(action == "BecomeLeader" and "are needed" in guard for action, guard in guards)


def test_a_commit_beyond_the_quorum_is_blocked_by_match_indexes_and_quorum(traces):
    lines = copy.deepcopy(traces[0])
    number = find_first(lines, "Commit", 60)
    lines[number]["event"]["state"]["commit"] += 1
    guards, last = guards_of(lines)
    assert last.given["event"] == number
    said = " ".join(guard for action, guard in guards if action == "Commit")
    assert "by the match indexes" in said
    assert "are needed" in said


FORGERIES = [
    ("BecomeFollower", "BecomeFollower"),
    ("BecomeCandidate", "BecomeCandidate"),
    ("ApplyConfChange", "no committed membership change waits"),
    ("ChangeConf", "only a leader appends proposals"),
    ("SendAppendEntriesRequest", "only a leader sends requests"),
    ("SendAppendEntriesResponse", "nothing was announced that the leader"),
    ("SendRequestVoteRequest", "votes are asked for when a campaign begins"),
    ("SendRequestVoteResponse", "still to be answered"),
    ("InitState", "its disk is compacted to"),
]


@pytest.mark.parametrize(("name", "guard"), FORGERIES)
def test_an_event_out_of_place_is_blocked_by_its_guard(traces, name, guard):
    """A real event of another place is put where its node has nothing to do with it."""
    lines, place, source = next(
        (lines, n + 1, copy.deepcopy(source))
        for lines in traces
        for source in lines
        for n, e in enumerate(lines)
        if source["event"]["name"] == name
        and (e["event"]["name"], e["event"]["role"]) == ("Ready", "StateFollower")
        and (name == "ChangeConf" or e["event"]["nid"] == source["event"]["nid"])
    )
    source["event"]["nid"] = lines[place - 1]["event"]["nid"]
    source["event"]["log"] += 9
    source["event"]["state"]["term"] = 0
    guards, last = guards_of([*lines[:place], source])
    assert last.given["explained"] == place
    assert any(guard in f"{action}: {said}" for action, said in guards), guards


def find_receives(lines):
    """Places where a follower took a heartbeat, with all it did about it before its next input."""
    for n, line in enumerate(lines[:-2]):
        names = [e["event"]["name"] for e in lines[n : n + 3]]
        nodes = {e["event"]["nid"] for e in lines[n : n + 3]}
        answers = names[1:] == ["SendAppendEntriesResponse", "Ready"] and len(nodes) == 1
        if line["event"].get("msg", {}).get("type") == "MsgHeartbeat" and answers:
            yield n


@pytest.mark.parametrize("times", [1, 2])
def test_a_message_may_arrive_more_often_than_it_was_sent(traces, times):
    lines, at = next((lines, at) for lines in traces for at in find_receives(lines))
    repeated = [*lines[: at + 3], *(lines[at : at + 3] * times), *lines[at + 3 :]]
    assert judge_lines(repeated)[-1].agrees


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


def test_appends_limited_in_size_are_accepted(monkeypatch):
    create = Cluster._create

    def create_limited(cluster, number, storage):
        server = create(cluster, number, storage)
        server.node.limit_append = lambda node, to: 2
        return server

    monkeypatch.setattr(Cluster, "_create", create_limited)
    lines = trace_of(read_scenarios(every=60)[0])
    sent = [e["event"]["msg"]["entries"] for e in lines if e["event"]["name"].startswith("Send")]
    assert max(sent) == 2
    assert judge_lines(lines)[-1].agrees


def test_the_command_prints_prefix_states_and_guards(traces, tmp_path):
    lines = copy.deepcopy(traces[0])
    lines[find_first(lines, "Commit", 60)]["event"]["state"]["commit"] += 1
    path = tmp_path / "trace.ndjson"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    tally = run(load_judge("raft"), [path])
    short, full = render_text("raft", tally), render_text("raft", tally, verbose=True)
    assert "longest explained prefix: " in short
    assert "are needed" in short
    assert short.count("  node ") < full.count("  node ")
    (shown,) = json.loads(render_json("raft", [str(path)], tally))["disagreements"]
    assert {"line", "explained", "states", "blocked"} < shown.keys()
