"""Sending: which term a message carries, and what must be durable before it leaves.

Source: raft.send of go.etcd.io/raft v3.6.
"""

from dataclasses import replace

from planespec.spec.raft.node.log import Panic
from planespec.spec.raft.node.messages import NO_NODE, Message, MessageType
from planespec.spec.raft.node.state import Node
from planespec.spec.raft.node.tracing import observe_sent

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
