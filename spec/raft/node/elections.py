"""Elections: who may campaign, whom to vote for, and counting the answers.

Source: go.etcd.io/raft v3.6 (raft.go: hup, campaign, poll, and Step for votes).
"""

from enum import Enum

from planespec.spec.raft.confchange import get_voters
from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node.messages import (
    CAMPAIGN_TRANSFER,
    NO_NODE,
    EntryType,
    Level,
    Message,
    MessageType,
)
from planespec.spec.raft.node.outbox import send
from planespec.spec.raft.node.replication import broadcast_append
from planespec.spec.raft.node.roles import (
    become_candidate,
    become_follower,
    become_leader,
    become_pre_candidate,
)
from planespec.spec.raft.node.state import Node, Role
from planespec.spec.raft.quorum import VoteResult, compute_joint_vote


class Campaign(Enum):
    """Why a node campaigns."""

    PRE_ELECTION = "to find out whether it could win"
    ELECTION = "to win"
    TRANSFER = "to win, since the leader asked for it"


RESPONSE_TO = {
    MessageType.VOTE: MessageType.VOTE_RESP,
    MessageType.PRE_VOTE: MessageType.PRE_VOTE_RESP,
}


def is_promotable(node: Node) -> bool:
    """Return whether the node votes, as far as it knows, and has no snapshot to install."""
    known = node.progress.get(node.id)
    return known is not None and not known.is_learner and node.log.unstable_snapshot is None


def start_election(node: Node, campaign: Campaign) -> None:
    """Campaign unless the node leads, may not lead, or has a membership change to apply."""
    if node.role is Role.LEADER:
        logs.note(node.log, Level.DEBUG, "%x ignoring MsgHup because already leader", node.id)
    elif not is_promotable(node):
        logs.note(node.log, Level.WARN, "%x is unpromotable and can not campaign", node.id)
    elif _has_unapplied_conf_change(node):
        form = (
            "%x cannot campaign at term %d since there are still pending configuration changes "
            "to apply"
        )
        logs.note(node.log, Level.WARN, form, node.id, node.term)
    else:
        form = "%x is starting a new election at term %d"
        logs.note(node.log, Level.INFO, form, node.id, node.term)
        run_campaign(node, campaign)


def _has_unapplied_conf_change(node: Node) -> bool:
    entries = logs.get_entries(node.log, node.log.applied + 1, node.log.committed + 1)
    if entries is None:
        raise logs.Panic("error scanning unapplied entries")
    return any(entry.type is not EntryType.NORMAL for entry in entries)


def run_campaign(node: Node, campaign: Campaign) -> None:
    """Ask every voter for its vote; one's own is given once it is durable."""
    if campaign is Campaign.PRE_ELECTION:
        become_pre_candidate(node)
        request, term = MessageType.PRE_VOTE, node.term + 1
    else:
        become_candidate(node)
        request, term = MessageType.VOTE, node.term
    context = CAMPAIGN_TRANSFER if campaign is Campaign.TRANSFER else ""
    for voter in sorted(get_voters(node.configuration)):
        if voter == node.id:
            send(node, Message(RESPONSE_TO[request], to=voter, term=term))
        else:
            asked = _make_request(node, request, voter, term, context)
            form = "%x [logterm: %d, index: %d] sent %s request to %x at term %d"
            about = (node.id, asked.log_term, asked.index, request, voter, node.term)
            logs.note(node.log, Level.INFO, form, *about)
            send(node, asked)


def _make_request(
    node: Node, request: MessageType, voter: int, term: int, context: str
) -> Message:
    return Message(
        request,
        to=voter,
        term=term,
        index=logs.get_last_index(node.log),
        log_term=logs.get_last_term(node.log),
        context=context,
    )


def handle_vote_request(node: Node, request: Message) -> None:
    """Grant or refuse a (pre-)vote (Raft paper 5.2 and 5.4.1).

    A learner votes too when it is asked: it may have been promoted without knowing it yet.
    """
    is_pre_vote = request.type is MessageType.PRE_VOTE
    may_vote = (
        node.vote == request.sender
        or (node.vote == NO_NODE and node.lead == NO_NODE)
        or (is_pre_vote and request.term > node.term)
    )
    response = RESPONSE_TO[request.type]
    if not may_vote or not logs.is_up_to_date(node.log, request.index, request.log_term):
        note_vote(node, request, "rejected %s from")
        send(node, Message(response, to=request.sender, term=node.term, reject=True))
        return
    note_vote(node, request, "cast %s for")
    # The answer carries the term asked for: a pre-vote does not move our own.
    send(node, Message(response, to=request.sender, term=request.term))
    if not is_pre_vote:
        node.election_elapsed = 0
        node.vote = request.sender


def note_vote(node: Node, request: Message, what: str, end: str = "", *about: object) -> None:
    """Write to the log what becomes of a request for a vote."""
    form = (
        f"%x [logterm: %d, index: %d, vote: %x] {what} %x [logterm: %d, index: %d] at term %d{end}"
    )
    log = node.log
    own = (node.id, logs.get_last_term(log), logs.get_last_index(log), node.vote)
    asked = (request.type, request.sender, request.log_term, request.index, node.term)
    logs.note(log, Level.INFO, form, *own, *asked, *about)


def _note_answer(node: Node, response: Message) -> None:
    rejection = " rejection" if response.reject else ""
    form = f"%x received %s{rejection} from %x at term %d"
    about = (node.id, response.type, response.sender, node.term)
    logs.note(node.log, Level.INFO, form, *about)


def _note_count(node: Node, response: Message) -> None:
    voters = get_voters(node.configuration)
    votes = [granted for voter, granted in node.votes.items() if voter in voters]
    form = "%x has received %d %s votes and %d vote rejections"
    about = (node.id, votes.count(True), response.type, votes.count(False))
    logs.note(node.log, Level.INFO, form, *about)


def handle_vote_response(node: Node, response: Message) -> None:
    """Count the first answer of each voter, and act when the campaign is decided."""
    _note_answer(node, response)
    node.votes.setdefault(response.sender, not response.reject)
    _note_count(node, response)
    result = compute_joint_vote(node.configuration.voters, node.configuration.outgoing, node.votes)
    if result is VoteResult.LOST:
        become_follower(node, node.term, NO_NODE)
    elif result is VoteResult.WON and node.role is Role.PRE_CANDIDATE:
        run_campaign(node, Campaign.ELECTION)
    elif result is VoteResult.WON:
        become_leader(node)
        broadcast_append(node)
