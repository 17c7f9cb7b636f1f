"""Judge of etcd-raft traces (NDJSON): is there a behaviour of the specification that explains it?

A trace is accepted when every event is explained in turn. The switches of the nodes are not
traced, so where one combination of PreVote and CheckQuorum fails, the next is tried from the
beginning. The first event that none explains ends the judgement: it names the event, how many
before it are explained, what the node would do there or the guard that blocks the event, and the
state of every node. Kinds: the names of the events.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

from planespec.reports.conform.comparison import Comparison, compare
from planespec.reports.conform.raft_member import Unexplained
from planespec.reports.conform.raft_replay import Replay
from planespec.reports.conform.raft_trace_form import Event, Json, parse_event
from planespec.reports.conform.reading import at


class Explainer:
    """A choice of switches that explains the trace so far, and the choices left to try."""

    def __init__(self, initial_terms: dict[int, int]) -> None:
        """Begin with both switches off; see find_initial_terms."""
        self._initial_terms = initial_terms
        self._choices = product((False, True), repeat=2)
        self._explained: list[Event] = []
        self._replay = self._make_replay(*next(self._choices))

    def _make_replay(self, pre_vote: bool, check_quorum: bool) -> Replay:
        return Replay(self._initial_terms, pre_vote=pre_vote, check_quorum=check_quorum)

    def explain(self, event: Event) -> Json:
        """Return what is recorded of `event` if some choice explains the trace up to it.

        Otherwise return what the node would do there under the choice that came so far first, or
        the guard that blocks it, with the `states` of all nodes.
        """
        furthest = self._replay
        outcome = found = _explain(furthest, event)
        while found != event.record:
            choice = next(self._choices, None)
            if choice is None:
                return outcome | {"switches": furthest.switches, "states": furthest.print_states()}
            self._replay = self._make_replay(*choice)
            if all(_explain(self._replay, e) == e.record for e in self._explained):
                found = _explain(self._replay, event)
        self._explained.append(event)
        return event.record


def _explain(replay: Replay, event: Event) -> Json:
    try:
        return replay.explain(event)
    except Unexplained as reason:
        return {"blocked": {reason.action: reason.guard}}


def judge_trace(path: Path, records: Iterable[tuple[int, Json]]) -> Iterator[Comparison]:
    """Yield one comparison for each event, up to the first that is not explained.

    Raises InputError for a line that is not of the form of a trace.
    """
    events = link(list(_read_events(path, records)))
    explainer = Explainer(find_initial_terms(events))
    for number, event in enumerate(events):
        with at(path, event.line):
            outcome = explainer.explain(event)
        given = {"event": number, "node": event.node, "explained": number}
        where = f"{path}:{event.line}"
        if outcome is not event.record:
            yield compare(str(event.name), where, given, event.record, outcome)
            return
        yield Comparison(str(event.name), where, given, event.record, outcome, agrees=True)


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
