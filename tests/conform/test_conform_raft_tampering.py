"""A thousand traces with one event tampered with: each is rejected there or later, or lawful.

Seven ways to tamper, in turn. A tampered trace is judged from the last checkpoint before the
tampered event, on a copy of the judge, so that the long genuine beginning is explained once.

Two messages on their way to one node may arrive in either order, so to let them change places is
not to tamper: such draws are made again, and judged by a test of their own.
"""

import copy
import gzip
import json
import random
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pytest

from planespec.reports.judge.raft.raft_cluster import Cluster
from planespec.reports.judge.raft.traces.raft_explainer import Explainer
from planespec.reports.judge.raft.traces.raft_trace import link
from planespec.reports.judge.raft.traces.raft_trace_form import parse_event, print_event
from planespec.spec.raft.node.outbox import TraceEvent

ROOT = Path(__file__).resolve().parents[2]
RECORDING = ROOT / "tests/recorded/raft.jsonl.gz"
EXAMPLE = ROOT.parent / "shared/public/etcd-raft/tla/example.ndjson.gz"
REACH = 150
"""How far apart two receives may be that change places, in events."""
SPACING = 60
"""Events between checkpoints."""


def trace_of(scenario):
    """What the library's tracing tells along a scenario, which the specification reproduces."""
    lines = []

    def take_note(node, event, about):
        printed = print_event(node, TraceEvent(event), about)
        lines.append({"tag": "trace", "event": json.loads(json.dumps(printed))})

    cluster = Cluster(scenario, take_note)
    for step in scenario["steps"]:
        cluster.perform(step)
    return lines


def parse(lines):
    return link([parse_event(number, line) for number, line in enumerate(lines, 1)])


@dataclass
class Genuine:
    """A trace that is accepted, with the judge as it is at some places of it."""

    lines: list
    checkpoints: list


def explain_all(lines):
    events = parse(lines)
    explainer = Explainer(events)
    checkpoints = []
    for number in range(len(events)):
        if number % SPACING == 0:
            explainer.warm_up()
            checkpoints.append(explainer.fork(events))
        assert explainer.explain_next(), (number, explainer.followed.instead)
    return Genuine(lines, checkpoints)


def judge_from_checkpoint(genuine, lines, at):
    """Return how many events are explained when the trace goes on as `lines` from `at` on."""
    place = max(0, at // SPACING - 1)
    events = parse(lines)
    explainer = genuine.checkpoints[place].fork(events)
    for number in range(place * SPACING, len(events)):
        if not explainer.explain_next():
            return number
    return len(events)


def judge_in_full(lines):
    events = parse(lines)
    explainer = Explainer(events)
    while explainer.explained < len(events) and explainer.explain_next():
        pass
    return explainer.explained


@pytest.fixture(scope="module")
def example():
    if not EXAMPLE.exists():
        pytest.skip("the public etcd-raft trace is not beside this checkout (../shared/public)")
    with gzip.open(EXAMPLE, "rt", encoding="utf-8") as lines:
        return explain_all([json.loads(line) for line in lines])


def generate(every):
    """Traces with every switch, learners, joint changes, snapshots, crashes and repeats."""
    with gzip.open(RECORDING, "rt", encoding="utf-8") as lines:
        scenarios = [json.loads(line) for line in islice(lines, 0, None, every)]
    return [explain_all(lines) for lines in map(trace_of, scenarios) if len(lines) > 100]


def is_receive(event):
    return event["name"].startswith("Receive")


def wrong_term(lines, at, chance):
    lines[at]["event"]["state"]["term"] += chance.choice([-1, 1, 2])


def vote_for_two(lines, at, chance):
    """The vote moves to another node, or a refused vote is granted."""
    event = lines[at]["event"]
    if event["name"] == "SendRequestVoteResponse" and event["msg"]["reject"]:
        event["msg"]["reject"] = False
    else:
        voted = int(event["state"]["vote"])
        event["state"]["vote"] = str(chance.choice([n for n in range(1, 6) if n != voted]))


def commit_beyond_quorum(lines, at, chance):
    """The commit index of the node, or the one its message tells, is too high."""
    event = lines[at]["event"]
    if event.get("msg", {}).get("commit") and chance.random() < 0.5:
        event["msg"]["commit"] += chance.choice([1, 2])
    else:
        event["state"]["commit"] += chance.choice([1, 2, 5])


def lost_entry(lines, at, chance):
    """The log is shorter than it is, or an append has an entry less, or a proposal is left out."""
    event = lines[at]["event"]
    if event["name"] == "Replicate" and chance.random() < 0.5:
        del lines[at]
    elif event.get("msg", {}).get("entries") and chance.random() < 0.5:
        event["msg"]["entries"] -= 1
    else:
        event["log"] -= 1


def wrong_role(lines, at, chance):
    event = lines[at]["event"]
    roles = {"StateFollower", "StateCandidate", "StateLeader", "StatePreCandidate"}
    event["role"] = chance.choice(sorted(roles - {event["role"]}))


def find_others(lines, at):
    """Places soon after where another message is received, by node."""
    event = lines[at]["event"]
    found = {}
    for line in lines[at + 1 : at + REACH]:
        other = line["event"]
        if is_receive(other) and other["msg"] != event["msg"]:
            found.setdefault(other["nid"], []).append(other)
    return found


def swapped_receive(lines, at, chance):
    """The messages of two receives change places, more often than not of the same node."""
    first = lines[at]["event"]
    others = find_others(lines, at)
    own = others.get(first["nid"])
    anyone = [event for events in others.values() for event in events]
    second = chance.choice(own if own and chance.random() < 0.6 else anyone)
    first["msg"], second["msg"] = second["msg"], first["msg"]
    first["name"], second["name"] = second["name"], first["name"]


def forged_configuration(lines, at, chance):
    event = lines[at]["event"]
    node = str(chance.randint(1, 8))
    changes = event.get("prop", {}).get("cc", {})
    if changes.get("newconf") and chance.random() < 0.5:
        changes["newconf"] = sorted({*changes["newconf"]} ^ {node})
    elif changes.get("changes") and chance.random() < 0.5:
        changes["changes"][0]["nid"] += "1"
    else:
        half = event["conf"][chance.choice([0, 0, 1])]
        half[:] = sorted({*half} ^ {node})


TAMPERINGS = {
    wrong_term: lambda lines, n: True,
    vote_for_two: lambda lines, n: lines[n]["event"]["state"]["vote"] != "0",
    commit_beyond_quorum: lambda lines, n: lines[n]["event"]["state"]["commit"] > 0,
    lost_entry: lambda lines, n: lines[n]["event"]["log"] > 0,
    wrong_role: lambda lines, n: True,
    swapped_receive: lambda lines, n: (
        is_receive(lines[n]["event"]) and bool(find_others(lines, n))
    ),
    forged_configuration: lambda lines, n: True,
}


def change(genuine, kind, chance):
    """Return a copy of the trace with one event changed, and where."""
    while True:
        at = chance.randrange(5, len(genuine.lines))
        if TAMPERINGS[kind](genuine.lines, at):
            # Copying what a tampering may touch is much faster than copying all.
            lines = list(genuine.lines)
            lines[at : at + REACH] = copy.deepcopy(lines[at : at + REACH])
            kind(lines, at, chance)
            return lines, at


def tamper(genuine, kind, chance):
    """Change an event so that no network can have done it."""
    while True:
        lines, at = change(genuine, kind, chance)
        if kind is not swapped_receive or not is_reordering(genuine, lines, at):
            return lines, at


def is_reordering(genuine, lines, at):
    """Whether all that changed is which of the messages on their way to a node came first."""
    places = [n for n in range(at, len(lines)) if lines[n] != genuine.lines[n]]
    moved = [lines[n]["event"] for n in places]
    return all(map(is_for_its_receiver, moved)) and all(was_sent_before(lines, n) for n in places)


def was_sent_before(lines, at):
    """Whether the message received at `at` had left its sender with a Ready."""
    message = lines[at]["event"]["msg"]
    events = [line["event"] for line in lines[:at]]
    sent = next(
        (n for n, e in enumerate(events) if e["name"].startswith("Send") and e["msg"] == message),
        at,
    )
    later = ((e["name"], e["nid"]) for e in events[sent:])
    return ("Ready", message["from"]) in later


def is_for_its_receiver(event):
    return event["msg"]["to"] == event["nid"]


def explain_why_lawful(genuine, lines, at):
    """Say why the specification may allow a tampered trace; None for no reason known.

    A network reorders and loses messages, so another message that is on its way to the node may
    arrive first. An append may be shorter than the library chose to make it when it is lost
    before anyone sees it. Pre-votes are not traced, so a node may ask for them at any time.
    """
    was, now = genuine.lines[at]["event"], lines[at]["event"]
    if is_receive(now) and now["msg"] != was["msg"] and is_reordering(genuine, lines, at):
        return "reordered on the way"
    if now.get("msg", {}).get("entries") != was.get("msg", {}).get("entries"):
        events = [line["event"] for line in lines[at:]]
        if not any(is_receive(e) and e["msg"] == was["msg"] for e in events):
            return "limited in size, and lost"
    later = (line["event"] for line in lines[at + 1 :] if line["event"]["nid"] == now["nid"])
    earlier = (line["event"] for line in lines[at - 1 :: -1] if line["event"]["nid"] == now["nid"])
    if now["role"] == "StatePreCandidate":
        follows = next(later, {"name": "InitState"})["name"]
        if follows in ("BecomeFollower", "BecomeCandidate", "InitState"):
            return "asked for pre-votes"
    if was["role"] == "StatePreCandidate" and now["role"] == next(earlier)["role"]:
        return "asked for pre-votes a little later"
    return None


def judge_tampered(sources, count, seed):
    """Tamper `count` times; count the rejected by kind, and the accepted by their reason."""
    chance = random.Random(seed)
    rejected, accepted = Counter(), Counter()
    for number in range(count):
        kind = list(TAMPERINGS)[number % len(TAMPERINGS)]
        genuine = chance.choice(sources)
        lines, at = tamper(genuine, kind, chance)
        explained = judge_from_checkpoint(genuine, lines, at)
        assert explained >= at, (kind.__name__, at, explained)
        if explained < len(lines):
            rejected[kind.__name__] += 1
        else:
            reason = explain_why_lawful(genuine, lines, at)
            assert reason, (kind.__name__, at, lines[at], genuine.lines[at])
            accepted[reason] += 1
    return rejected, accepted


def test_tampered_traces_are_rejected_from_the_tampered_event_on():
    rejected, accepted = judge_tampered(generate(100), 70, "a few")
    assert rejected.total() >= 68
    assert rejected.total() + accepted.total() == 70


@pytest.mark.slow
def test_of_500_tampered_public_traces_those_accepted_are_lawful(example):
    rejected, accepted = judge_tampered([example], 500, "public")
    assert rejected.total() >= 495, (rejected, accepted)


@pytest.mark.slow
def test_of_500_tampered_generated_traces_those_accepted_are_lawful():
    rejected, accepted = judge_tampered(generate(30), 500, "generated")
    assert rejected.total() >= 495, (rejected, accepted)


def count_reorderings(sources, count, seed):
    """Let messages on their way to one node change places; count what is accepted."""
    chance, judged, accepted = random.Random(seed), 0, 0
    while judged < count:
        genuine = chance.choice(sources)
        lines, at = change(genuine, swapped_receive, chance)
        if is_reordering(genuine, lines, at):
            explained = judge_from_checkpoint(genuine, lines, at)
            assert explained >= at
            judged, accepted = judged + 1, accepted + (explained == len(lines))
    return accepted


def test_messages_that_change_places_on_their_way_are_judged_by_what_they_lead_to():
    """What the receiver did next was another message's doing more often than not."""
    assert 0 < count_reorderings(generate(100), 30, "places") < 30


@pytest.mark.slow
def test_judging_from_a_checkpoint_is_judging_in_full():
    chance = random.Random("in full")
    for genuine in generate(100):
        for kind in TAMPERINGS:
            lines, at = tamper(genuine, kind, chance)
            assert judge_from_checkpoint(genuine, lines, at) == judge_in_full(lines)
