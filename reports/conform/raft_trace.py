"""Judge of etcd-raft traces (NDJSON): is there a behaviour of the specification that explains it?

A trace is accepted when every event is explained in turn. The switches of the nodes are not
traced, so where one combination of PreVote and CheckQuorum fails, the next is tried from the
beginning. The first event that none explains ends the judgement: it names the event, how many
before it are explained, what the node would do there or the guard that blocks the event, and the
state of every node. Kinds: the names of the events.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from planespec.reports.conform.comparison import Comparison, compare
from planespec.reports.conform.raft_member import Unexplained
from planespec.reports.conform.raft_replay import Replay
from planespec.reports.conform.raft_trace_form import Event, Json, Key, make_key, parse_event
from planespec.reports.conform.reading import at
from planespec.spec.raft.node.tracing import SENT


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why no behaviour explains an event, under the choice of switches that came so far first."""

    instead: Json | str
    """What the node does there instead, or the guard that blocks the event."""
    switches: Json
    states: dict[str, str]
    """The state of every node after the last explained event."""


class Explainer:
    """A choice of switches that explains the trace so far, and the choices left to try."""

    def __init__(self, events: list[Event]) -> None:
        """Begin with both switches off; of `events` only what the messages say is read."""
        self._initial_terms = find_initial_terms(events)
        self._may_repeat = count_repeats(events) > 1
        self._choices = product((False, True), repeat=2)
        self._explained: list[Event] = []
        self._replay = self._make_replay(*next(self._choices))

    def _make_replay(self, pre_vote: bool, check_quorum: bool) -> Replay:
        return Replay(
            self._initial_terms,
            may_repeat=self._may_repeat,
            pre_vote=pre_vote,
            check_quorum=check_quorum,
        )

    def explain(self, event: Event) -> Rejection | None:
        """Go on past `event` if some choice explains the trace up to it, else say why none does.

        After a rejection the explainer is spent.
        """
        furthest = self._replay
        states = furthest.print_states()
        found = instead = _explain(furthest, event)
        while found != event.record:
            choice = next(self._choices, None)
            if choice is None:
                return Rejection(instead, furthest.switches, states)
            self._replay = self._make_replay(*choice)
            if all(_explain(self._replay, e) == e.record for e in self._explained):
                found = _explain(self._replay, event)
        self._explained.append(event)
        return None


def _explain(replay: Replay, event: Event) -> Json | str:
    try:
        return replay.explain(event)
    except Unexplained as reason:
        return f"blocked, {reason}"


def judge_trace(path: Path, records: Iterable[tuple[int, Json]]) -> Iterator[Comparison]:
    """Yield one comparison for each event, up to the first that is not explained.

    Raises InputError for a line that is not of the form of a trace.
    """
    events = link(list(_read_events(path, records)))
    explainer = Explainer(events)
    for number, event in enumerate(events):
        with at(path, event.line):
            rejection = explainer.explain(event)
        given: Json = {"event": number, "node": event.node, "explained": number}
        kind, where = str(event.name), f"{path}:{event.line}"
        if rejection is not None:
            expected = {"event": event.record, "states": {}}
            actual = {"event": rejection.instead, "states": rejection.states}
            yield compare(kind, where, given | rejection.switches, expected, actual)
            return
        yield Comparison(kind, where, given, event.record, event.record, agrees=True)


def _read_events(path: Path, records: Iterable[tuple[int, Json]]) -> Iterator[Event]:
    for line, record in records:
        with at(path, line):
            event = parse_event(line, record)
        if event is not None:
            yield event


def link(events: list[Event]) -> list[Event]:
    """Give each event the next one of the same node."""
    following: dict[int, Event] = {}
    linked: list[Event] = []
    for event in reversed(events):
        following[event.node] = replace(event, upcoming=following.get(event.node))
        linked.append(following[event.node])
    return linked[::-1]


def count_repeats(events: list[Event]) -> int:
    """Count how often a message arrived with no copy of it left on its way.

    The library's own trace specification has no network that repeats messages. A single repeat
    is more likely a damaged trace than such a network, so it takes two to assume one.
    """
    on_their_way: Counter[Key] = Counter()
    repeats = 0
    for event in events:
        if "msg" not in event.record:
            continue
        key = make_key(event.record["msg"])
        if event.name in SENT.values():
            on_their_way[key] += 1
        elif on_their_way[key]:
            on_their_way[key] -= 1
        else:
            repeats += 1
    return repeats


def find_initial_terms(events: list[Event]) -> dict[int, int]:
    """Find, by index, the terms of what stood before the trace, from the messages about it.

    Where a log begins with a snapshot that no event tells of, the first message that speaks of
    its index tells the term.
    """
    terms: dict[int, int] = {}
    for event in events:
        message = event.record.get("msg")
        if message and message["logTerm"] and not message["reject"]:
            terms.setdefault(message["index"], message["logTerm"])
    return terms
