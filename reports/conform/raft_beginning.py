"""What the hosts of a trace prepared before it begins, as far as its messages tell.

A node may begin with a snapshot that no event tells of: its term, and its learners.
"""

from collections.abc import Iterable, Iterator

from planespec.reports.conform.raft_restart import Beginning, get_told_voters
from planespec.reports.conform.raft_trace_form import Event, get_new_voters, parse_node
from planespec.spec.raft.node.tracing import TraceEvent


def find_beginning(events: list[Event]) -> Beginning:
    """Read off the messages what stood before the trace."""
    return Beginning(find_initial_terms(events), find_learners(events))


def find_initial_terms(events: Iterable[Event]) -> dict[int, int]:
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


def find_learners(events: Iterable[Event]) -> dict[frozenset[int], frozenset[int]]:
    """Find, by the voters of a first configuration, its learners.

    A new leader sends to every other member at once: whoever is sent to and does not vote is a
    learner. The first leader decides, so that nothing is known before it shows.
    """
    learners: dict[frozenset[int], frozenset[int]] = {}
    for voters, to in _list_first_requests(events):
        learners[voters] = learners.get(voters, frozenset()) | to - voters
    return learners


def _list_first_requests(
    events: Iterable[Event],
) -> Iterator[tuple[frozenset[int], frozenset[int]]]:
    """Yield whom the first leader sends to in the configuration it began with, and its voters."""
    began: dict[int, frozenset[int]] = {}
    known: set[frozenset[int]] = set()
    sending: set[int] = set()
    for event in events:
        node, voters = event.node, began.get(event.node, frozenset())
        match event.name:
            case TraceEvent.INIT_STATE:
                told = get_told_voters(event)
                # One that comes back from another configuration has left the first one behind.
                began[node] = told if began.get(node, told) == told else frozenset()
            case TraceEvent.APPLY_CONF_CHANGE if voters != get_new_voters(event):
                began[node] = frozenset()
            case TraceEvent.BECOME_LEADER if voters and voters not in known:
                known.add(voters)
                sending.add(node)
            case TraceEvent.READY:
                sending.discard(node)
            case TraceEvent.SEND_APPEND_ENTRIES_REQUEST if voters and node in sending:
                outgoing = frozenset(map(parse_node, event.record["conf"][1]))
                yield voters, frozenset({parse_node(event.record["msg"]["to"])}) - outgoing
