"""The guards of what a node does by itself, each against the state it stands in.

Every function says, for one event, what keeps the node from it, with the numbers it compares.
"""

from collections.abc import Callable, Iterator

from planespec.reports.judge.raft.traces.raft_member import Member
from planespec.reports.judge.raft.traces.raft_trace_form import Event, get_new_voters, parse_node
from planespec.spec.raft.confchange import is_joint
from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node.elections import is_promotable
from planespec.spec.raft.node.outbox import TraceEvent
from planespec.spec.raft.node.state import Node, Role
from planespec.spec.raft.quorum import compute_joint_commit, compute_quorum_size


def _guard_become_follower(member: Member, event: Event) -> Iterator[str]:
    node, term = member.node, event.record["state"]["term"]
    if term < node.term:
        yield f"term {term} is earlier than the node's own, {node.term}"
    elif term == node.term:
        yield f"nothing arrived that ends being {node.role} in term {node.term}"
    else:
        yield f"nothing arrived of term {term}, and no untraced message can have"


def _guard_become_candidate(member: Member, event: Event) -> Iterator[str]:
    node = member.node
    if node.role is Role.LEADER:
        yield "the node leads already"
    if not is_promotable(node):
        yield "the node is no voter of its configuration, or installs a snapshot"
    change = member.get_next_conf_change()
    if change is not None:
        yield f"the membership change at {change.index} is committed and not applied"
    if event.record["state"]["term"] != node.term + 1:
        yield f"a campaign opens term {node.term + 1}, not {event.record['state']['term']}"


def _guard_become_leader(member: Member, event: Event) -> Iterator[str]:
    node = member.node
    if node.role is not Role.CANDIDATE:
        yield f"only a candidate is elected; the node is {node.role}"
    granted = {voter for voter, vote in node.votes.items() if vote}
    yield from _count_halves(node, granted, f"votes of term {node.term} granted by")


def _count_halves(node: Node, known: set[int], what: str) -> Iterator[str]:
    for half in (node.configuration.voters, node.configuration.outgoing):
        if half:
            needed = compute_quorum_size(len(half))
            yield (
                f"{what} {sorted(known & half)} of the voters {sorted(half)}: "
                f"{len(known & half)}, {needed} are needed"
            )


def _guard_commit(member: Member, event: Event) -> Iterator[str]:
    node, index = member.node, event.record["state"]["commit"]
    if node.role is not Role.LEADER:
        yield f"only a leader computes the commit index; the node is {node.role}"
        return
    matches = {number: progress.match for number, progress in node.progress.items()}
    halves = (node.configuration.voters, node.configuration.outgoing)
    yield (
        f"a quorum holds index {compute_joint_commit(*halves, matches)} by the match indexes "
        f"{dict(sorted(matches.items()))}; committed is {node.log.committed}, shown is {index}"
    )
    yield from _count_halves(
        node, {n for n, match in matches.items() if match >= index}, f"index {index} is held by"
    )
    term = logs.get_term(node.log, index)
    if term != node.term:
        yield f"the entry at {index} is of term {term}, and only those of {node.term} are counted"


def _guard_proposal(member: Member, event: Event) -> Iterator[str]:
    node = member.node
    if node.role is not Role.LEADER:
        yield f"only a leader appends proposals; the node is {node.role}"
    if node.id not in node.progress:
        yield "a leader that was removed takes no proposals"


def _guard_change_conf(member: Member, event: Event) -> Iterator[str]:
    node = member.node
    yield from _guard_proposal(member, event)
    if node.pending_conf_index > node.log.applied:
        yield (
            f"a membership change at {node.pending_conf_index} may be pending; applied is "
            f"{node.log.applied}"
        )
    if is_joint(node.configuration):
        yield "a joint configuration can only be left"


def _guard_apply(member: Member, event: Event) -> Iterator[str]:
    entry = member.get_next_conf_change()
    shown = sorted(get_new_voters(event))
    if entry is None:
        yield (
            f"no committed membership change waits: handed out up to {member.handed_out}, "
            f"changes applied up to {member.conf_applied}"
        )
    else:
        yield f"the change at {entry.index} is {entry.change}, which does not lead to {shown}"


def _guard_ready(member: Member, event: Event) -> Iterator[str]:
    if member.own:
        kinds = ", ".join(str(message.type) for message in member.own)
        yield f"the node has not received its own answers after its last Ready: {kinds}"
    if member.bootstrapping:
        yield "the first configuration is not complete"


def _guard_request(member: Member, event: Event) -> Iterator[str]:
    node, to = member.node, parse_node(event.record["msg"]["to"])
    if node.role is not Role.LEADER:
        yield f"only a leader sends requests; the node is {node.role}"
    elif to not in node.progress or to == node.id:
        yield f"node {to} is no other member; those are {sorted(node.progress)}"
    else:
        known = node.progress[to]
        yield (
            f"node {to} matches to {known.match} and is sent {known.next} next ({known.state}, "
            f"{'paused' if known.append_flow_paused else 'not paused'}, "
            f"{len(known.inflights)} in flight); the log ends at {logs.get_last_index(node.log)}"
        )


def _guard_append_answer(member: Member, event: Event) -> Iterator[str]:
    to = event.record["msg"]["to"]
    if to == str(member.number):
        yield from _guard_proposal(member, event)
        yield "nothing was announced that the leader would acknowledge to itself"
    else:
        yield f"no request of node {to} arrived that is still to be answered"


def _guard_vote_request(member: Member, event: Event) -> Iterator[str]:
    yield f"votes are asked for when a campaign begins; the node is {member.node.role}"


def _guard_vote_answer(member: Member, event: Event) -> Iterator[str]:
    node = member.node
    yield (
        f"no vote request of node {event.record['msg']['to']} arrived that is still to be "
        f"answered; the vote of term {node.term} is {node.vote or 'not given'}"
    )


GUARDS: dict[TraceEvent, Callable[[Member, Event], Iterator[str]]] = {
    TraceEvent.BECOME_FOLLOWER: _guard_become_follower,
    TraceEvent.BECOME_CANDIDATE: _guard_become_candidate,
    TraceEvent.BECOME_LEADER: _guard_become_leader,
    TraceEvent.COMMIT: _guard_commit,
    TraceEvent.REPLICATE: _guard_proposal,
    TraceEvent.CHANGE_CONF: _guard_change_conf,
    TraceEvent.APPLY_CONF_CHANGE: _guard_apply,
    TraceEvent.READY: _guard_ready,
    TraceEvent.SEND_APPEND_ENTRIES_REQUEST: _guard_request,
    TraceEvent.SEND_APPEND_ENTRIES_RESPONSE: _guard_append_answer,
    TraceEvent.SEND_REQUEST_VOTE_REQUEST: _guard_vote_request,
    TraceEvent.SEND_REQUEST_VOTE_RESPONSE: _guard_vote_answer,
}
"""For each event that no message announces, what keeps the node from it."""
