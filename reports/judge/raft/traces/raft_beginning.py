"""How a trace begins: first configurations, and what hosts prepared, as far as messages tell."""

from collections.abc import Iterable, Iterator

from planespec.reports.judge.raft.traces.raft_member import Member
from planespec.reports.judge.raft.traces.raft_restart import Beginning, get_told_voters
from planespec.reports.judge.raft.traces.raft_trace_form import Event, get_new_voters, parse_node
from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node.outbox import TraceEvent
from planespec.spec.raft.node.server import bootstrap
from planespec.spec.raft.node.state import Node

_APPLY = TraceEvent.APPLY_CONF_CHANGE
UNSEEN = 2**64
"""From here on, numbers that no node has."""


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


LARGEST_BOOTSTRAP = 1000
"""Peers a node may begin with; a trace that tells of more is taken for a damaged one."""


def may_bootstrap(node: Node, event: Event) -> bool:
    """Return whether a new node enters the first term, which only a bootstrap lets it do."""
    is_new = not node.term and not node.progress and not logs.get_last_index(node.log)
    return is_new and event.record["state"]["term"] == 1


def find_peers(event: Event, founders: list[int]) -> list[int]:
    """Return the peers of a bootstrap: those of another founder, or those that show one by one.

    Each adds one voter, of as many as the log tells. `founders` learns of what shows; peers that
    do not show have numbers that nobody has.
    """
    at, shown = event.upcoming, frozenset[int]()
    count = at.record["log"] if at is not None else 1
    for position in range(min(count, LARGEST_BOOTSTRAP)):
        voters = get_new_voters(at) if at is not None and at.name is _APPLY else shown
        if len(voters - shown) == 1 and position == len(founders):
            founders.extend(voters - shown)
        shown, at = voters, at.upcoming if at is not None else None
    unseen = range(UNSEEN, UNSEEN + max(1, min(count, LARGEST_BOOTSTRAP)) - len(founders))
    return [*founders[: max(count, 1)], *unseen]


def bootstrap_member(member: Member, peers: list[int]) -> None:
    """Bootstrap the node."""
    assert member.raw is not None
    bootstrap(member.raw, peers)
