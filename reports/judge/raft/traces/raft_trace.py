"""Judge of etcd-raft traces (NDJSON): is there a behaviour of the specification that explains it?

A trace is accepted when every event is explained in turn. What is not traced is searched: the
switches of the nodes, the window of a leader's appends, and inputs that show in no event. The
first event that nothing explains ends the judgement, with all that is known about why. Kinds:
the names of the events.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from planespec.reports.input.lines import at
from planespec.reports.judge.raft.traces.raft_explainer import Explainer
from planespec.reports.judge.raft.traces.raft_rejection import write_rejection
from planespec.reports.judge.raft.traces.raft_trace_form import Event, Json, parse_event
from planespec.reports.judge.runner import Comparison, UndecidedError


def judge_trace(path: Path, records: Iterable[tuple[int, Json]]) -> Iterator[Comparison]:
    """Yield one comparison for each event, up to the first that is not explained.

    Raises InputError for a line that is not of the form of a trace, UndecidedError where a bound
    ended the search for an explanation.
    """
    events = link(list(_read_events(path, records)))
    explainer = Explainer(events)
    for number, event in enumerate(events):
        with at(path, event.line):
            explained = explainer.explain_next()
        given: Json = {"event": number, "node": event.node, "explained": number}
        kind, where = str(event.name), f"{path}:{event.line}"
        if not explained:
            if explainer.bound:
                raise UndecidedError(f"{where}: {kind} is {explainer.bound}")
            reason = explainer.report()
            yield Comparison(
                kind,
                where,
                given | reason.constants,
                event.record,
                reason.instead,
                False,
                write_rejection(reason),
            )
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
