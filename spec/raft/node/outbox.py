"""Sending: which term a message carries, what must be durable; where a node can be observed.

Source: raft.send of go.etcd.io/raft v3.6.
"""

from dataclasses import replace
from enum import StrEnum

from planespec.spec.raft.confchange import Configuration
from planespec.spec.raft.node.log import Panic
from planespec.spec.raft.node.messages import NO_NODE, ConfChange, Message, MessageType
from planespec.spec.raft.node.state import Node

_CAMPAIGN_MESSAGES = frozenset(
    {
        MessageType.VOTE,
        MessageType.VOTE_RESP,
        MessageType.PRE_VOTE,
        MessageType.PRE_VOTE_RESP,
    }
)
"""Messages whose term is the term campaigned for, which the sender gives itself."""

_TERMLESS_MESSAGES = frozenset({MessageType.PROP, MessageType.READ_INDEX})
"""Messages forwarded to the leader, whatever its term is."""

_DURABLE_FIRST = frozenset(
    {MessageType.APP_RESP, MessageType.VOTE_RESP, MessageType.PRE_VOTE_RESP}
)
"""Promises: they leave only when the vote or the entries they speak of are durable."""


def send(node: Node, message: Message) -> None:
    """Put `message` in the outbox, from this node unless it is forwarded, with its term."""
    if message.sender == NO_NODE:
        message = replace(message, sender=node.id)
    if message.type in _CAMPAIGN_MESSAGES:
        if message.term == 0:
            raise Panic(f"term should be set when sending {message.type}")
    elif message.term != 0:
        raise Panic(f"term should not be set when sending {message.type} (was {message.term})")
    elif message.type not in _TERMLESS_MESSAGES:
        message = replace(message, term=node.term)
    if message.type in _DURABLE_FIRST:
        node.messages_after_append.append(message)
        observe_sent(node, message)
    elif message.to == node.id:
        raise Panic(f"message should not be self-addressed when sending {message.type}")
    else:
        node.messages.append(message)
        observe_sent(node, message)


# The points at which a node can be observed, as the library's own tracing has them.
#
# Each point is told with the state as it is there: a message is received before anything is done
# about it, a configuration is told before it is put in force, an entry before it is appended.
# Source: go.etcd.io/raft, state_trace.go.


class TraceEvent(StrEnum):
    """The values are the library's own names."""

    INIT_STATE = "InitState"
    BECOME_FOLLOWER = "BecomeFollower"
    BECOME_CANDIDATE = "BecomeCandidate"
    BECOME_LEADER = "BecomeLeader"
    COMMIT = "Commit"
    """The commit index was computed anew, whether or not it moved."""
    REPLICATE = "Replicate"
    """A normal entry is about to be appended by a leader."""
    CHANGE_CONF = "ChangeConf"
    """A membership change is about to be appended by a leader."""
    APPLY_CONF_CHANGE = "ApplyConfChange"
    """A configuration is about to be put in force."""
    READY = "Ready"
    SEND_APPEND_ENTRIES_REQUEST = "SendAppendEntriesRequest"
    RECEIVE_APPEND_ENTRIES_REQUEST = "ReceiveAppendEntriesRequest"
    SEND_APPEND_ENTRIES_RESPONSE = "SendAppendEntriesResponse"
    RECEIVE_APPEND_ENTRIES_RESPONSE = "ReceiveAppendEntriesResponse"
    SEND_REQUEST_VOTE_REQUEST = "SendRequestVoteRequest"
    RECEIVE_REQUEST_VOTE_REQUEST = "ReceiveRequestVoteRequest"
    SEND_REQUEST_VOTE_RESPONSE = "SendRequestVoteResponse"
    RECEIVE_REQUEST_VOTE_RESPONSE = "ReceiveRequestVoteResponse"


SENT = {
    MessageType.APP: TraceEvent.SEND_APPEND_ENTRIES_REQUEST,
    MessageType.HEARTBEAT: TraceEvent.SEND_APPEND_ENTRIES_REQUEST,
    MessageType.SNAP: TraceEvent.SEND_APPEND_ENTRIES_REQUEST,
    MessageType.APP_RESP: TraceEvent.SEND_APPEND_ENTRIES_RESPONSE,
    MessageType.HEARTBEAT_RESP: TraceEvent.SEND_APPEND_ENTRIES_RESPONSE,
    MessageType.VOTE: TraceEvent.SEND_REQUEST_VOTE_REQUEST,
    MessageType.VOTE_RESP: TraceEvent.SEND_REQUEST_VOTE_RESPONSE,
}
"""The event of sending a message; messages of other types are not traced."""

RECEIVED = {
    MessageType.APP: TraceEvent.RECEIVE_APPEND_ENTRIES_REQUEST,
    MessageType.HEARTBEAT: TraceEvent.RECEIVE_APPEND_ENTRIES_REQUEST,
    MessageType.SNAP: TraceEvent.RECEIVE_APPEND_ENTRIES_REQUEST,
    MessageType.APP_RESP: TraceEvent.RECEIVE_APPEND_ENTRIES_RESPONSE,
    MessageType.HEARTBEAT_RESP: TraceEvent.RECEIVE_APPEND_ENTRIES_RESPONSE,
    MessageType.VOTE: TraceEvent.RECEIVE_REQUEST_VOTE_REQUEST,
    MessageType.VOTE_RESP: TraceEvent.RECEIVE_REQUEST_VOTE_RESPONSE,
}
"""The event of receiving a message."""


def observe(
    node: Node, event: TraceEvent, about: Message | ConfChange | Configuration | None = None
) -> None:
    """Tell whoever observes the node; `about` is the message, change or new configuration."""
    if node.observer is not None:
        node.observer(node, event, about)


def observe_sent(node: Node, message: Message) -> None:
    """Tell that a message was put in the outbox."""
    if message.type in SENT:
        observe(node, SENT[message.type], message)


def observe_received(node: Node, message: Message) -> None:
    """Tell that a message arrived, before its term is looked at."""
    if message.type in RECEIVED:
        observe(node, RECEIVED[message.type], message)
