"""Genuine traces without one of their Ready lines: noticed wherever something depends on it.

A host takes a Ready when it likes, and one that is left out is as if it had waited for the next.
So what remains unnoticed is lawful: nothing that left with the Ready arrived, was applied or was
found on the disk before the next one of the same node.
"""

import gzip
import json
from pathlib import Path

import pytest

from planespec.reports.judge.raft.traces.raft_explainer import Explainer
from planespec.reports.judge.raft.traces.raft_trace import link
from planespec.reports.judge.raft.traces.raft_trace_form import parse_event

TRACES = Path(__file__).resolve().parents[2] / "tests/recorded/raft_traces"


def read(name):
    with gzip.open(TRACES / f"genuine-{name}.ndjson.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def count_explained(lines):
    events = link([parse_event(number, line) for number, line in enumerate(lines, 1)])
    explainer = Explainer(events)
    while explainer.explained < len(events) and explainer.explain_next():
        pass
    return explainer.explained


def find_readies(events, node=None):
    return [n for n, e in enumerate(events) if e["name"] == "Ready" and node in (None, e["nid"])]


def find_arrivals(events):
    """Yield each Ready of which a message arrives before the next, and where that is."""
    for at in find_readies(events):
        node = events[at]["nid"]
        own = find_readies(events, node)
        place = own.index(at)
        begin = own[place - 1] if place else -1
        end = own[place + 1] if place + 1 < len(own) else len(events)
        sent = [e["msg"] for e in events[begin + 1 : at] if is_sent(e, node)]
        before = [e["msg"] for e in events[: begin + 1] if is_sent(e, node)]
        fresh = [message for message in sent if message not in before]
        arrivals = (n for n in range(at, end) if is_received(events[n], fresh))
        arrival = next(arrivals, None)
        if arrival is not None:
            yield at, arrival


def is_sent(event, node):
    return event["name"].startswith("Send") and event["nid"] == node


def is_received(event, messages):
    return event["name"].startswith("Receive") and event["msg"] in messages


@pytest.mark.parametrize("name", ["single-4", "forget-2"])
def test_a_missing_ready_is_noticed_when_a_message_of_it_arrives(name):
    lines = read(name)
    arrivals = list(find_arrivals([line["event"] for line in lines]))[:25]
    assert len(arrivals) > 10
    for at, arrival in arrivals:
        explained = count_explained(lines[:at] + lines[at + 1 : arrival + 1])
        assert at <= explained < arrival, (at, arrival, explained)


def test_a_missing_ready_is_noticed_when_the_node_comes_back_with_what_it_wrote():
    """The last Ready with a hard state or entries of its own before a crash."""
    lines = read("crashsnap-3")
    events = [line["event"] for line in lines]
    noticed = 0
    for at, event in enumerate(events):
        earlier = find_readies(events[:at], event["nid"])
        if event["name"] != "InitState" or not earlier:
            continue
        explained = count_explained(lines[: earlier[-1]] + lines[earlier[-1] + 1 : at + 40])
        noticed += explained < at + 39
    assert noticed > 0


def find_won_pre_votes(events):
    """Yield where a pre-candidate campaigns, with its Readies since it became one."""
    for at, event in enumerate(events):
        if event["name"] != "BecomeCandidate":
            continue
        readies = []
        for n in range(at - 1, -1, -1):
            if events[n]["nid"] == event["nid"]:
                if events[n]["role"] != "StatePreCandidate":
                    break
                readies += [n] if events[n]["name"] == "Ready" else []
        if readies:
            yield at, readies


def test_a_pre_vote_cannot_be_won_before_a_ready_that_asks_for_it():
    """Once a trace has shown that pre-votes are asked for at all."""
    lines = read("mix-3")
    _, (at, readies), *_ = find_won_pre_votes([line["event"] for line in lines])
    kept = [line for n, line in enumerate(lines[: at + 1]) if n not in readies]
    assert count_explained(kept) < len(kept)
    assert count_explained(lines[: at + 1]) == at + 1


def test_a_pre_vote_cannot_be_won_before_a_quorum_took_a_ready_to_answer():
    lines = read("mix-3")
    events = [line["event"] for line in lines]
    _, (at, readies), *_ = find_won_pre_votes(events)
    asked = min(readies)
    silent = [n for n in range(asked + 1, at) if events[n]["name"] == "Ready"]
    others = [n for n in silent if events[n]["nid"] != events[at]["nid"]]
    assert others
    kept = [line for n, line in enumerate(lines[: at + 1]) if n not in others]
    assert count_explained(kept) < len(kept)


def test_a_host_may_take_two_readies_as_one():
    """What is left out changes nothing then, and is accepted."""
    lines = read("forget-2")
    events = [line["event"] for line in lines]
    needed = {at for at, _ in find_arrivals(events)}
    spare = [at for at in find_readies(events) if at not in needed]
    assert len(spare) > 20
    explained = [count_explained(lines[:at] + lines[at + 1 :]) for at in spare[:8]]
    assert explained.count(len(lines) - 1) > 4
