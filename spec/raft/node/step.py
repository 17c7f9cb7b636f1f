"""A message arrives: first its term is weighed against ours, then the role decides.

Source: go.etcd.io/raft v3.6 (raft.go: Step, stepCandidate, stepFollower).
"""

from dataclasses import replace
from typing import NoReturn

from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node.elections import (
    Campaign,
    handle_vote_request,
    handle_vote_response,
    note_vote,
    start_election,
)
from planespec.spec.raft.node.leading import (
    handle_append_entries,
    handle_heartbeat,
    handle_snapshot,
    step_leader,
)
from planespec.spec.raft.node.messages import (
    CAMPAIGN_TRANSFER,
    NO_NODE,
    Level,
    Message,
    MessageType,
    ReadState,
)
from planespec.spec.raft.node.outbox import observe_received, send
from planespec.spec.raft.node.proposals import ProposalDroppedError, get_context, record_applied
from planespec.spec.raft.node.roles import become_follower
from planespec.spec.raft.node.state import Node, ReadOnlyOption, Role

_FROM_LEADER = {
    MessageType.APP: handle_append_entries,
    MessageType.HEARTBEAT: handle_heartbeat,
    MessageType.SNAP: handle_snapshot,
}
_VOTE_REQUESTS = (MessageType.VOTE, MessageType.PRE_VOTE)
_DROPPED_WITHOUT_LEADER = {
    MessageType.TRANSFER_LEADER: "leader transfer",
    MessageType.READ_INDEX: "index reading",
}


def step(node: Node, message: Message) -> None:
    """Handle one message; ProposalDroppedError when it is a proposal that is not taken."""
    observe_received(node, message)
    if message.term > node.term:
        if message.type in _VOTE_REQUESTS and _is_in_lease(node, message):
            remaining = node.config.election_tick - node.election_elapsed
            end = ": lease is not expired (remaining ticks: %d)"
            note_vote(node, message, "ignored %s from", end, remaining)
            return
        _enter_later_term(node, message)
    elif 0 < message.term < node.term:
        _answer_earlier_term(node, message)
        return
    match message.type:
        case MessageType.HUP:
            pre_vote = node.config.pre_vote
            start_election(node, Campaign.PRE_ELECTION if pre_vote else Campaign.ELECTION)
        case MessageType.STORAGE_APPEND_RESP:
            record_durable(node, message)
        case MessageType.STORAGE_APPLY_RESP:
            record_applied(node, message.entries[-1].index)
        case MessageType.VOTE | MessageType.PRE_VOTE:
            handle_vote_request(node, message)
        case _:
            _step_by_role(node, message)


def _step_by_role(node: Node, message: Message) -> None:
    match node.role:
        case Role.LEADER:
            step_leader(node, message)
        case Role.FOLLOWER:
            step_follower(node, message)
        case Role.CANDIDATE | Role.PRE_CANDIDATE:
            step_candidate(node, message)


def _is_in_lease(node: Node, request: Message) -> bool:
    """Return whether a leader was heard so recently that nobody else is to be elected.

    Only with CheckQuorum, and not for an election that the leader itself asked for.
    """
    heard = node.lead != NO_NODE and node.election_elapsed < node.config.election_tick
    return node.config.check_quorum and heard and request.context != CAMPAIGN_TRANSFER


def _enter_later_term(node: Node, message: Message) -> None:
    """Follow into the message's term; its sender leads when it says so.

    A pre-vote asks about a term that nobody has entered, and granting it enters none.
    """
    granted = message.type is MessageType.PRE_VOTE_RESP and not message.reject
    if message.type is MessageType.PRE_VOTE or granted:
        return
    form = "%x [term: %d] received a %s message with higher term from %x [term: %d]"
    about = (node.id, node.term, message.type, message.sender, message.term)
    logs.note(node.log, Level.INFO, form, *about)
    lead = message.sender if message.type in _FROM_LEADER else NO_NODE
    become_follower(node, message.term, lead)


def _answer_earlier_term(node: Node, message: Message) -> None:
    """Ignore what is late, except where silence would leave a node stuck.

    With PreVote or CheckQuorum, a node in a later term is not heard by a leader of an earlier
    one otherwise; and a pre-candidate of an earlier term must learn of ours.
    """
    guarded = node.config.check_quorum or node.config.pre_vote
    if guarded and message.type in (MessageType.HEARTBEAT, MessageType.APP):
        send(node, Message(MessageType.APP_RESP, to=message.sender))
    elif message.type is MessageType.PRE_VOTE:
        note_vote(node, message, "rejected %s from")
        answer = MessageType.PRE_VOTE_RESP
        send(node, Message(answer, to=message.sender, term=node.term, reject=True))
    elif message.type is MessageType.STORAGE_APPEND_RESP:
        _record_late_write(node, message)
    else:
        form = "%x [term: %d] ignored a %s message with lower term from %x [term: %d]"
        about = (node.id, node.term, message.type, message.sender, message.term)
        logs.note(node.log, Level.INFO, form, *about)


def _record_late_write(node: Node, message: Message) -> None:
    """Entries may have been overwritten since; a snapshot holds in every term."""
    if message.index:
        form = "%x [term: %d] ignored entry appends from a %s message with lower term [term: %d]"
        logs.note(node.log, Level.INFO, form, node.id, node.term, message.type, message.term)
    record_durable(node, replace(message, index=0))


def record_durable(node: Node, message: Message) -> None:
    """Take note of what is durable: entries up to an index, and a snapshot."""
    if message.index:
        logs.mark_stable(node.log, message.index, message.log_term)
    if message.snapshot is not None:
        logs.mark_installed(node.log, message.snapshot.index)
        record_applied(node, message.snapshot.index)


def step_candidate(node: Node, message: Message) -> None:
    """Handle one message as candidate or pre-candidate: count votes, or follow a leader."""
    awaited = (
        MessageType.PRE_VOTE_RESP if node.role is Role.PRE_CANDIDATE else MessageType.VOTE_RESP
    )
    if message.type is MessageType.PROP:
        _drop_proposal(node)
    if message.type in _FROM_LEADER:
        become_follower(node, message.term, message.sender)
        _FROM_LEADER[message.type](node, message)
    elif message.type is awaited:
        handle_vote_response(node, message)
    elif message.type is MessageType.TIMEOUT_NOW:
        form = "%x [term %d state %s] ignored MsgTimeoutNow from %x"
        logs.note(node.log, Level.DEBUG, form, node.id, node.term, node.role, message.sender)


def _drop_proposal(node: Node) -> NoReturn:
    form = "%x no leader at term %d; dropping proposal"
    logs.note(node.log, Level.INFO, form, node.id, node.term)
    raise ProposalDroppedError


def step_follower(node: Node, message: Message) -> None:
    """Handle one message as follower: serve the leader, and forward what is for it."""
    if message.type in _FROM_LEADER:
        node.election_elapsed = 0
        node.lead = message.sender
        _FROM_LEADER[message.type](node, message)
    elif message.type is MessageType.TIMEOUT_NOW:
        form = (
            "%x [term %d] received MsgTimeoutNow from %x and starts an election to get leadership."
        )
        logs.note(node.log, Level.INFO, form, node.id, node.term, message.sender)
        start_election(node, Campaign.TRANSFER)
    elif message.type is MessageType.FORGET_LEADER:
        _forget_leader(node)
    elif message.type is MessageType.READ_INDEX_RESP:
        node.read_states.append(ReadState(message.index, get_context(message)))
    elif message.type in (
        MessageType.PROP,
        MessageType.TRANSFER_LEADER,
        MessageType.READ_INDEX,
    ):
        _forward(node, message)


def _forward(node: Node, message: Message) -> None:
    if node.lead != NO_NODE:
        send(node, replace(message, to=node.lead))
    elif message.type is MessageType.PROP:
        _drop_proposal(node)
    else:
        what = _DROPPED_WITHOUT_LEADER[message.type]
        form = f"%x no leader at term %d; dropping {what} msg"
        logs.note(node.log, Level.INFO, form, node.id, node.term)


def _forget_leader(node: Node) -> None:
    """Follow nobody until the leader is heard again; a lease must not be given up."""
    if node.config.read_only_option is ReadOnlyOption.LEASE_BASED:
        logs.note(node.log, Level.ERROR, "ignoring MsgForgetLeader due to ReadOnlyLeaseBased")
    elif node.lead != NO_NODE:
        form = "%x forgetting leader %x at term %d"
        logs.note(node.log, Level.INFO, form, node.id, node.lead, node.term)
        node.lead = NO_NODE
