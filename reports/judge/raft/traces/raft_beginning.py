"""How a trace begins: first configurations, and what hosts prepared, as far as messages tell."""

from collections.abc import Iterable, Iterator

from planespec.reports.judge.raft.traces.raft_member import Member, Unexplained
from planespec.reports.judge.raft.traces.raft_restart import Beginning, get_told_voters
from planespec.reports.judge.raft.traces.raft_trace_form import Event, get_new_voters, parse_node
from planespec.spec.raft.confchange import ChangeKind, SingleChange
from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node.membership import apply_conf_change
from planespec.spec.raft.node.messages import NO_NODE, ConfChange, Entry, EntryType
from planespec.spec.raft.node.outbox import TraceEvent
from planespec.spec.raft.node.roles import become_follower


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
"""Peers a founder may begin with; a trace that tells of more is taken for a damaged one."""


def begin_bootstrap(member: Member, term: int) -> bool:
    """Enter the first term if the node is new and does so; return whether it did."""
    node = member.node
    if (node.term, term, logs.get_last_index(node.log)) != (0, 1, 0) or node.progress:
        return False
    member.bootstrapping = True
    become_follower(node, term, NO_NODE)
    return True


def apply_bootstrap_change(
    member: Member, event: Event, founders: dict[int, SingleChange]
) -> None:
    """Write the founders' entries at the first such event, and put the next of them in force."""
    node = member.node
    if not node.log.committed:
        _write_entries(member, event.record["log"])
    index = len(node.configuration.voters) + 1
    joining = get_new_voters(event) - node.configuration.voters
    if len(joining) != 1:
        raise Unexplained("ApplyConfChange", "each founder's entry adds one voter")
    change = SingleChange(ChangeKind.ADD_VOTER, next(iter(joining)))
    if founders.setdefault(index, change) != change:
        raise Unexplained("ApplyConfChange", "another founder began with other peers")
    entry = ConfChange((change,))
    node.log.unstable[index - 1] = Entry(index, 1, EntryType.CONF_CHANGE, change=entry)
    apply_conf_change(node, entry)
    member.bootstrapping = index < node.log.committed


def _write_entries(member: Member, count: int) -> None:
    if not 0 < count <= LARGEST_BOOTSTRAP:
        raise Unexplained("ApplyConfChange", "a founder begins with at least one peer")
    log = member.node.log
    logs.append(log, [Entry(n, 1, EntryType.CONF_CHANGE) for n in range(1, count + 1)])
    log.committed = count
