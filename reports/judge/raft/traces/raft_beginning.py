"""What holds for a whole trace and does not show when it matters first: assumed, and learned.

A search begins with the likeliest. Where an event contradicts what was assumed, it teaches what
to assume instead, and the trace is explained from its beginning again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from planespec.reports.judge.raft.traces.raft_member import Member
from planespec.reports.judge.raft.traces.raft_trace_form import (
    Event,
    Json,
    get_new_voters,
    parse_node,
)
from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node.outbox import TraceEvent
from planespec.spec.raft.node.server import bootstrap
from planespec.spec.raft.node.state import Node, NodeConfig, Role


@dataclass(frozen=True, slots=True)
class Assumed:
    """The constants of the nodes, and what their hosts do that no event shows."""

    config: NodeConfig
    terms: Mapping[int, int] = field(default_factory=dict)
    """By index, the terms of snapshots that hosts prepared; 1 where nothing is known."""
    learners: Mapping[frozenset[int], frozenset[int]] = field(default_factory=dict)
    """By the voters of a first configuration, its learners."""
    kept: Mapping[tuple[int, int], int] = field(default_factory=dict)
    """By node and number of its start, the index beyond which its host keeps the log until the
    next start."""

    def get_term(self, index: int) -> int:
        """Return the term of a snapshot that a host prepared."""
        return self.terms.get(index, 1 if index else 0)


def list_lessons(
    assumed: Assumed, member: Member, event: Event, found: Json | str
) -> Iterator[Assumed]:
    """Yield what to assume instead where the node does `found` in place of `event`."""
    if event.name is TraceEvent.INIT_STATE:
        yield from _learn_kept(assumed, member, event)
    elif "msg" in event.record and member.configurations:
        yield from _learn_term(assumed, member, event.record["msg"], found)
        if event.name is TraceEvent.SEND_APPEND_ENTRIES_REQUEST:
            yield from _learn_learner(assumed, member, parse_node(event.record["msg"]["to"]))


def _learn_kept(assumed: Assumed, member: Member, event: Event) -> Iterator[Assumed]:
    """A node begins with the log that is left, and applied as far as is compacted."""
    compacted = event.record["state"]["commit"]
    if member.forgotten > compacted:
        key = (member.number, member.starts)
        yield replace(assumed, kept={**assumed.kept, key: compacted})


def _learn_term(
    assumed: Assumed, member: Member, message: Json, found: Json | str
) -> Iterator[Assumed]:
    """A message that speaks of the index tells its term."""
    ours = found.get("msg") if isinstance(found, dict) else None
    index, term = message["index"], message["logTerm"]
    is_prepared = index == min(member.configurations) > 0
    if ours is None or not is_prepared or not term or message["reject"]:
        return
    if ours["index"] == index and ours["logTerm"] != term:
        yield replace(assumed, terms={**assumed.terms, index: term})


def _learn_learner(assumed: Assumed, member: Member, to: int) -> Iterator[Assumed]:
    """A leader sends to every other member: whoever is sent to and does not vote is a learner."""
    node, first = member.node, member.configurations[min(member.configurations)]
    if node.role is Role.LEADER and node.configuration == first and to not in node.progress:
        learners = assumed.learners.get(first.voters, frozenset()) | {to}
        yield replace(assumed, learners={**assumed.learners, first.voters: learners})


LARGEST_BOOTSTRAP = 1000
"""Peers a node may begin with; a trace that tells of more is taken for a damaged one."""
_UNSEEN = 2**64
"""From here on, numbers that no node has."""


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
    count = min(at.record["log"], LARGEST_BOOTSTRAP) if at is not None else 1
    for position in range(count):
        applies = at is not None and at.name is TraceEvent.APPLY_CONF_CHANGE
        voters = get_new_voters(at) if at is not None and applies else shown
        if len(voters - shown) == 1 and position == len(founders):
            founders.extend(voters - shown)
        shown, at = voters, at.upcoming if at is not None else None
    unseen = range(_UNSEEN, _UNSEEN + max(1, count) - len(founders))
    return [*founders[: max(1, count)], *unseen]


def bootstrap_member(member: Member, peers: list[int]) -> None:
    """Bootstrap the node."""
    assert member.raw is not None
    bootstrap(member.raw, peers)
