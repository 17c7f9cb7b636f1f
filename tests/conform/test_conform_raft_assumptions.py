"""What a trace shows late or never is assumed, learned or tried; nothing is read ahead."""

import gzip
import json
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from planespec.reports.judge.raft import raft_cluster
from planespec.reports.judge.raft.raft_cluster import Cluster, ImpossibleStepError
from planespec.reports.judge.raft.traces import raft_explainer, raft_traced_cluster
from planespec.reports.judge.raft.traces.raft_beginning import Assumed, list_lessons
from planespec.reports.judge.raft.traces.raft_explainer import Explainer
from planespec.reports.judge.raft.traces.raft_member import Member, Unexplained
from planespec.reports.judge.raft.traces.raft_restart import choose_start, start_member
from planespec.reports.judge.raft.traces.raft_trace import judge_trace, link
from planespec.reports.judge.raft.traces.raft_trace_form import parse_event, print_event
from planespec.spec.raft.node.outbox import TraceEvent
from planespec.spec.raft.node.state import NodeConfig

RECORDED = Path(__file__).resolve().parents[2] / "tests/recorded"
OPEN_START = 14
"""A scenario in which a node comes back with one of two configurations with the same voters."""

REMOVED_LEADER = 191
"""One in which a leader is removed, without CheckQuorum."""


def read_scenario(number):
    with gzip.open(RECORDED / "raft.jsonl.gz", "rt", encoding="utf-8") as lines:
        (scenario,) = map(json.loads, islice(lines, number, number + 1))
    return scenario


def read_trace(name):
    with gzip.open(RECORDED / f"raft_traces/{name}.ndjson.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def trace_of(scenario):
    """The steps that are possible; others belong to messages that were not sent here."""
    lines = []

    def take_note(node, event, about):
        event = print_event(node, TraceEvent(event), about)
        lines.append({"tag": "trace", "event": json.loads(json.dumps(event))})

    cluster = Cluster(scenario, take_note)
    for step in scenario["steps"]:
        with suppress(ImpossibleStepError):
            cluster.perform(step)
    return lines


def judge(lines):
    return list(judge_trace(Path("trace"), enumerate(lines, 1)))


def explain(lines):
    """Explain all of a trace; return what was assumed in the end."""
    events = link([parse_event(number, line) for number, line in enumerate(lines, 1)])
    explainer = Explainer(events)
    while explainer.explained < len(events):
        assert explainer.explain_next(), explainer.followed.instead
    return explainer.followed.replay.assumed


@pytest.mark.parametrize("term", [1, 2, 7])
def test_the_term_of_a_prepared_snapshot_is_learned_from_a_message_about_it(term):
    scenario = read_scenario(0)
    scenario["config"]["initialSnapshot"]["term"] = term
    lines = trace_of(scenario)
    index = scenario["config"]["initialSnapshot"]["index"]
    told = {e["event"]["msg"]["logTerm"] for e in lines if "msg" in e["event"]}
    assert term in told
    assert explain(lines).get_term(index) == term


def test_learners_of_the_first_configuration_are_learned_from_whom_its_leader_sends_to():
    learners = explain(trace_of(read_scenario(187))).learners
    assert all(learners.values())
    assert len(learners) == 1


def make_start(compacted):
    event = {
        "name": "InitState",
        "nid": "1",
        "state": {"term": 0, "vote": "0", "commit": compacted},
        "role": "StateFollower",
        "log": compacted,
        "conf": [[], []],
    }
    return parse_event(1, {"tag": "trace", "event": event})


def test_how_far_a_host_kept_its_log_is_learned_when_its_node_comes_back():
    config, nothing = NodeConfig(), Assumed(NodeConfig())
    (member,) = start_member(Member(1, config), make_start(2), lambda: 10, nothing)
    assert member.may_compact_to(9)
    member.forgotten = 9
    assert list(list_lessons(nothing, member, make_start(9), {})) == []
    (lesson,) = list_lessons(nothing, member, make_start(5), {})
    (again,) = start_member(Member(1, config), make_start(2), lambda: 10, lesson)
    assert [again.may_compact_to(index) for index in (5, 6)] == [True, False]


def test_a_node_does_not_come_back_with_what_its_host_must_have_forgotten():
    config, nothing = NodeConfig(), Assumed(NodeConfig())
    (member,) = start_member(Member(1, config), make_start(5), lambda: 10, nothing)
    assert start_member(member, make_start(5), lambda: 10, nothing)
    member.forgotten = 6
    with pytest.raises(Unexplained, match="its disk holds no such log"):
        start_member(member, make_start(5), lambda: 10, nothing)


@pytest.fixture
def starts_in_reverse(monkeypatch):
    """Let the last start that fits be followed first; return how often several fitted."""
    several = []

    def choose(started, event):
        fitting = choose_start(started, event)[::-1]
        several.extend(fitting[1:])
        return fitting

    monkeypatch.setattr(raft_traced_cluster, "choose_start", choose)
    return several


def test_a_start_that_fits_at_first_and_not_later_gives_way_to_another(starts_in_reverse):
    lines = trace_of(read_scenario(OPEN_START))
    assert judge(lines)[-1].agrees
    assert starts_in_reverse


def test_without_the_other_starts_a_genuine_trace_would_be_rejected(monkeypatch):
    monkeypatch.setattr(
        raft_traced_cluster, "choose_start", lambda *about: choose_start(*about)[-1:]
    )
    assert not judge(trace_of(read_scenario(OPEN_START)))[-1].agrees


def test_a_leader_that_is_its_own_quorum_is_not_deposed():
    lines = read_trace("genuine-single-4")
    events = [line["event"] for line in lines]
    at = next(
        n for n, e in enumerate(events) if (e["name"], e["role"]) == ("Ready", "StateLeader")
    )
    deposed = {**events[at], "name": "BecomeFollower", "role": "StateFollower"}
    last = judge([*lines[: at + 1], {"tag": "trace", "event": deposed}])[-1]
    assert (last.agrees, last.given["event"]) == (False, at + 1)


def test_a_leader_that_is_removed_goes_on_or_steps_down_at_once(monkeypatch):
    """Without CheckQuorum, which would let it step down at any time."""
    monkeypatch.setattr(raft_explainer, "SWITCHES", ((True, False),))
    scenario = read_scenario(REMOVED_LEADER)
    went_on = trace_of(scenario)
    parse = raft_cluster._parse_config
    monkeypatch.setattr(
        raft_cluster, "_parse_config", lambda c: replace(parse(c), step_down_on_removal=True)
    )
    stepped_down = trace_of(scenario)
    assert went_on != stepped_down
    assert judge(went_on)[-1].agrees
    assert judge(stepped_down)[-1].agrees


def test_a_refused_membership_change_is_blocked_in_the_nodes_own_words():
    last = judge(read_trace("faulty-early_change-10"))[-1]
    guards = [g["guard"] for g in last.explanation.data["blocked"] if g["action"] == "ChangeConf"]
    assert any("the node says: 1 ignoring conf change" in guard for guard in guards)
    assert any("possible unapplied conf change" in guard for guard in guards)


@pytest.mark.sample(6)
@pytest.mark.parametrize("path", sorted(RECORDED.glob("raft_traces/faulty-*")), ids=str)
def test_what_is_explained_does_not_hang_on_what_comes_later(path):
    lines = read_trace(path.name.split(".")[0])
    explained = judge(lines)[-1].given["explained"]
    assert judge(lines[:explained])[-1].agrees
    assert judge(lines[: explained + 1])[-1].given["explained"] == explained
