"""Judge of etcd-raft traces (NDJSON): is there a behaviour of the specification that explains it?

A trace is accepted when every event is explained in turn. The switches of the nodes are not
traced, so every combination of PreVote and CheckQuorum is tried at once and dropped where it
fails. The first event that none explains ends the judgement: it names the event, how many events
before it are explained, what the node would do there or the guard that blocks the event, and the
state of every node. Kinds: the names of the events.
"""

from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path

from planespec.reports.conform.comparison import Comparison, compare
from planespec.reports.conform.raft_member import Unexplained
from planespec.reports.conform.raft_replay import Replay
from planespec.reports.conform.raft_trace_form import Event, Json, parse_event
from planespec.reports.conform.reading import at


class Explainer:
    """All choices of switches that explain the trace so far."""

    def __init__(self) -> None:
        """Begin with every combination."""
        self._replays = [
            Replay(pre_vote=pre_vote, check_quorum=check_quorum)
            for pre_vote, check_quorum in product((False, True), repeat=2)
        ]

    def explain(self, event: Event, upcoming: Event | None) -> Json:
        """Return what is recorded of `event` if some choice explains it, and drop the others.

        Otherwise return what the node would do there under the first choice left, or the guard
        that blocks it, with the `states` of all nodes. `upcoming` is the next event of the node.
        """
        outcomes = [(replay, _explain(replay, event, upcoming)) for replay in self._replays]
        self._replays = [replay for replay, outcome in outcomes if outcome == event.record]
        if self._replays:
            return event.record
        last, outcome = outcomes[0]
        return outcome | {"switches": last.switches, "states": last.print_states()}


def _explain(replay: Replay, event: Event, upcoming: Event | None) -> Json:
    try:
        return replay.explain(event, upcoming)
    except Unexplained as reason:
        return {"blocked": {reason.action: reason.guard}}


def judge_trace(path: Path, records: Iterable[tuple[int, Json]]) -> Iterator[Comparison]:
    """Yield one comparison for each event, up to the first that is not explained.

    Raises InputError for a line that is not of the form of a trace.
    """
    events = list(_read_events(path, records))
    explainer = Explainer()
    for number, (event, upcoming) in enumerate(zip(events, find_next(events), strict=True)):
        with at(path, event.line):
            outcome = explainer.explain(event, upcoming)
        given = {"event": number, "node": event.node, "explained": number}
        where = f"{path}:{event.line}"
        yield compare(str(event.name), where, given, event.record, outcome)
        if outcome is not event.record:
            return


def _read_events(path: Path, records: Iterable[tuple[int, Json]]) -> Iterator[Event]:
    for line, record in records:
        with at(path, line):
            event = parse_event(line, record)
        if event is not None:
            yield event


def find_next(events: list[Event]) -> list[Event | None]:
    """For each event, find the next one of the same node."""
    following: dict[int, Event] = {}
    found: list[Event | None] = []
    for event in reversed(events):
        found.append(following.get(event.node))
        following[event.node] = event
    return found[::-1]
