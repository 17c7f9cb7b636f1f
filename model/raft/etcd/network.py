"""Sending, losing, duplicating and receiving messages; a message's term is weighed first (Step).

The network is a bag of at most `max_msgs` messages in no order. Where it holds none, a request
and its reply pass in one step, and either may be lost. A server sends requests of its own accord
at any time: what etcd sends in answer to an event is one of these.
"""

from typing import Annotated

from planespec.checker.lang import (
    Bag,
    Size,
    action,
    among,
    choose,
    constant,
    mutant,
    only,
    reachable,
    require,
)
from planespec.model.raft.etcd.raft_types import (
    AppendReply,
    AppendRequest,
    Heartbeat,
    HeartbeatReply,
    Message,
    SnapshotRequest,
    TimeoutNow,
    VoteReply,
    VoteRequest,
)
from planespec.model.raft.etcd.servers import Servers
from planespec.spec.raft.raft_requirements import Role


class Network(Servers):
    """Messages. Needs a part that sends; whom no part handles goes unanswered."""

    max_msgs: int = constant(0, at_least=0, at_most=9)
    """Messages on the network; 0 lets a request and its reply pass in one step."""
    loss: bool = constant(True)
    duplication: bool = constant(False)

    msgs: Annotated[Bag[Message], Size("max_msgs")] = only(Bag(), when="max_msgs > 0")

    late_unanswered: bool = mutant(
        "What comes from an earlier term is never answered.", issue="etcd#8501"
    )
    old_term_counts: bool = mutant("A message of an older term is taken like a present one.")
    heartbeat_passes_by: bool = mutant(
        "A heartbeat of a later term moves the term of a leader that goes on leading.",
        issue="hashicorp/raft#695",
        when="heartbeats",
    )

    @action(when="max_msgs > 0")
    def receive(self, m: Message = among("msgs")) -> None:
        """The target takes a message."""
        self.msgs.remove(m)
        if isinstance(m, VoteReply | AppendReply | HeartbeatReply):
            self.handle_reply(m)
            return
        self.answer(m)

    @action(when="loss and max_msgs > 0")
    def drop_message(self, m: Message = among("msgs")) -> None:
        """The network loses a message."""
        self.msgs.remove(m)

    @action(when="duplication and max_msgs > 0")
    def duplicate_message(self, m: Message = among("msgs")) -> None:
        """The network delivers a message once more."""
        require(self.msgs.count(m) == 1)
        require(len(self.msgs) < self.max_msgs)
        self.msgs.add(m)

    def send(self, m: Message) -> None:
        """Put a request on the network, or let it arrive at once where that holds nothing."""
        if self.max_msgs > 0:
            require(m not in self.msgs)
            self.put(m)
            return
        self.answer(m)

    def answer(self, m: Message) -> None:
        """Take a request; the reply goes at once, or waits for what it attests to be durable."""
        reply = self.handle_request(m)
        if reply is None:
            return
        if self.writes:
            self.outbox[m.target].append(reply)
        else:
            self.deliver(reply)

    def deliver(self, m: Message) -> None:
        """Put a reply on the network, or let it arrive at once where that holds nothing."""
        if self.max_msgs > 0:
            self.put(m)
            return
        arrives = self.arrives()
        if arrives:
            self.handle_reply(m)

    def put(self, m: Message) -> None:
        """Put a message on the network while there is room; one that is there is not put twice."""
        if m not in self.msgs:
            require(len(self.msgs) < self.max_msgs)
            self.msgs.add(m)

    def arrives(self) -> bool:
        """Whether a reply arrives that is sent at once."""
        if not self.loss:
            return True
        arrives: bool = choose({False, True})
        return arrives

    def handle_request(self, m: Message) -> Message | None:
        """Weigh the term of a request, then let the role decide."""
        i = m.target
        require(len(self.outbox[i]) == 0)
        if m.term < self.term[i] and self.late_unanswered:
            return None
        if isinstance(m, VoteRequest):
            return self.handle_vote(m)
        if self.heartbeat_passes_by and isinstance(m, Heartbeat):
            self.pass_by(m)
        if m.term > self.term[i]:
            self.become_follower(i, m.term)
        if m.term < self.term[i] and not self.old_term_counts:
            return self.answer_earlier_term(m)
        if isinstance(m, TimeoutNow):
            self.handle_timeout_now(m)
            return None
        return self.follow(m)

    def pass_by(self, m: Heartbeat) -> None:
        """A thread for heartbeats alone, ahead of the one that leads."""
        if self.role[m.target] == Role.LEADER and m.term > self.term[m.target]:
            self.term[m.target] = m.term
            self.voted_for[m.target] = None

    def answer_earlier_term(self, m: Message) -> Message | None:
        """Ignore what is late, except where silence would leave a server stuck.

        With PreVote or CheckQuorum a server in a later term is not heard otherwise.
        """
        i = m.target
        is_guarded = self.pre_vote or self.check_quorum
        if is_guarded and isinstance(m, AppendRequest | Heartbeat):
            return AppendReply(self.term[i], i, m.source, granted=False, index=0)
        return None

    def follow(self, m: Message) -> Message | None:
        """A follower does as its leader says; a candidate of the term follows from here on."""
        i = m.target
        if self.role[i] == Role.LEADER:
            return None
        if self.role[i] != Role.FOLLOWER:
            self.become_follower(i, self.term[i])
        self.hear_leader(i)
        if isinstance(m, AppendRequest):
            return self.handle_append_request(m)
        if isinstance(m, SnapshotRequest):
            return self.handle_snapshot(m)
        if isinstance(m, Heartbeat):
            return self.handle_heartbeat(m)
        return None

    def handle_reply(self, m: Message) -> None:
        """A later term makes a follower, unless it is one that was only asked about.

        Strangers are not heard (ErrStepPeerNotFound).
        """
        i = m.target
        if not self.is_member(i, m.source):
            return
        if isinstance(m, VoteReply) and m.pre == 1 and m.refused == 0:
            self.handle_vote_reply(m)
        elif m.term > self.term[i]:
            self.become_follower(i, m.term)
        elif isinstance(m, VoteReply):
            self.handle_vote_reply(m)
        elif isinstance(m, AppendReply):
            self.handle_append_reply(m)
        elif isinstance(m, HeartbeatReply):
            self.handle_heartbeat_reply(m)

    @reachable(when="duplication")
    def message_repeated(self) -> bool:
        """A message is on the network twice."""
        return any(self.msgs.count(m) == 2 for m in self.msgs)
