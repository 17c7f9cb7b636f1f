"""Replays an etcd-raft trace on the specification: each event must be what the node does.

An event is explained when some behaviour of the specification has it there. What a trace does
not show is chosen so that it fits: elapsed time, proposals, when entries are applied, which
requests a leader sends, whether the last Ready reached the disk before a crash. Messages arrive
in any order, but only after a Ready of their sender, and not more often than they were sent
unless the network repeats messages.
"""

from collections import Counter

from planespec.reports.conform.raft_bootstrap import apply_bootstrap_change, begin_bootstrap
from planespec.reports.conform.raft_inputs import INPUTS, PROPOSING
from planespec.reports.conform.raft_member import Member, Unexplained
from planespec.reports.conform.raft_requests import make_request
from planespec.reports.conform.raft_restart import start_member
from planespec.reports.conform.raft_trace_form import (
    PRE_CANDIDATE,
    Event,
    Json,
    Key,
    get_role,
    make_key,
    print_event,
    print_message,
)
from planespec.spec.raft.confchange import SingleChange
from planespec.spec.raft.node.elections import is_promotable
from planespec.spec.raft.node.log import Panic
from planespec.spec.raft.node.messages import NO_NODE, Message, MessageType
from planespec.spec.raft.node.replication import try_commit
from planespec.spec.raft.node.roles import become_follower, become_pre_candidate
from planespec.spec.raft.node.state import NodeConfig, Role
from planespec.spec.raft.node.step import step
from planespec.spec.raft.node.tracing import RECEIVED, TraceEvent

RECEIVE_EVENTS = frozenset(RECEIVED.values())


class Replay:
    """The nodes of one trace and the messages between them, under one choice of switches."""

    def __init__(
        self,
        initial_terms: dict[int, int],
        *,
        may_repeat: bool,
        pre_vote: bool,
        check_quorum: bool,
    ) -> None:
        """Begin with no node; each starts with its InitState.

        `initial_terms` are the terms, by index, of what stood before the trace; `may_repeat`
        tells whether the network may deliver a message more often than it was sent.
        """
        self._initial_terms, self._may_repeat = initial_terms, may_repeat
        self._config = NodeConfig(pre_vote=pre_vote, check_quorum=check_quorum)
        self._members: dict[int, Member] = {}
        self._network: dict[Key, Message] = {}
        """Everything that ever left a node."""
        self._copies: Counter[Key] = Counter()
        """How many of each are still on their way."""
        self._founders: dict[int, SingleChange] = {}

    @property
    def switches(self) -> Json:
        """The choice of switches."""
        return {"preVote": self._config.pre_vote, "checkQuorum": self._config.check_quorum}

    @property
    def _prepared(self) -> set[int]:
        return {n for n, member in self._members.items() if member.may_know_learners}

    def print_states(self) -> dict[str, str]:
        """Write the state of each node on a line, by node."""
        return {
            str(number): member.describe()
            for number, member in sorted(self._members.items())
            if member.raw is not None
        }

    def explain(self, event: Event) -> Json:
        """Return what the node does where the trace has `event`, and go on from there.

        Hidden choices are made by what comes next of the same node. Raises Unexplained with the
        guard that keeps the node from doing anything of this kind.
        """
        try:
            if event.name is TraceEvent.INIT_STATE:
                self._start(event)
            member = self._members.get(event.node)
            if member is None or member.raw is None:
                raise Unexplained("InitState", "the node was never started")
            if not member.expected:
                self._take_pre_candidacy(member, event)
                printed = self._take_input(member, event)
                if printed is not None:
                    return printed
        except Panic as panic:
            raise Unexplained(str(event.name), f"the library gives up: {panic}") from panic
        if not member.expected:
            raise Unexplained(str(event.name), "nothing leads to it here")
        return member.expected.popleft()

    def _start(self, event: Event) -> None:
        member = self._members.setdefault(event.node, Member(event.node, self._config))
        start_member(member, event, self._draw_timeout, self._initial_terms)

    def _draw_timeout(self) -> int:
        return self._config.election_tick

    def _take_pre_candidacy(self, member: Member, event: Event) -> None:
        """Asking for pre-votes is not traced; the role shows it."""
        node = member.node
        if self._config.pre_vote and get_role(event) == PRE_CANDIDATE != node.role:
            member.settle_applied()
            if node.role is not Role.LEADER and is_promotable(node):
                become_pre_candidate(node)

    def _take_input(self, member: Member, event: Event) -> Json | None:
        """Give the node the input that leads to `event`; return the event if it is open."""
        if member.proposal and event.name not in PROPOSING:
            raise Unexplained(str(event.name), "a proposal is announced and not yet appended")
        may_commit, member.may_commit_again = member.may_commit_again, False
        if event.name in RECEIVE_EVENTS:
            self._receive(member, event)
        elif event.name is TraceEvent.READY:
            self._ready(member)
        elif event.name is TraceEvent.BECOME_FOLLOWER:
            self._become_follower(member, event)
        elif event.name is TraceEvent.APPLY_CONF_CHANGE and member.bootstrapping:
            apply_bootstrap_change(member, event, self._founders)
        elif event.name is TraceEvent.COMMIT and may_commit:
            try_commit(member.node)
        elif event.name is TraceEvent.SEND_APPEND_ENTRIES_REQUEST:
            message = make_request(member, event, self._prepared)
            member.outbox.append(message)
            return print_event(member.node, event.name, message)
        elif event.name in INPUTS:
            return INPUTS[event.name](member, event)
        return None

    def _ready(self, member: Member) -> None:
        if member.bootstrapping:
            raise Unexplained("Ready", "the first configuration is not complete")
        for message in member.persist():
            key = make_key(print_message(message))
            self._network[key] = message
            self._copies[key] += 1

    def _receive(self, member: Member, event: Event) -> None:
        message = self._take_message(member, make_key(event.record["msg"]))
        if message is None:
            raise Unexplained(str(event.name), "no such message is on its way to the node")
        node = member.node
        # How long ago a leader was heard is not traced; whether the term is taken over is.
        upcoming = event.upcoming
        follows = upcoming is not None and upcoming.name is TraceEvent.BECOME_FOLLOWER
        node.election_elapsed = self._config.election_tick if follows else 0
        known = node.progress.get(message.sender)
        stale = known is not None and known.match == message.index and not message.reject
        step(node, message)
        if stale and message.type is MessageType.APP_RESP:
            member.loosen_commit(upcoming)

    def _take_message(self, member: Member, key: Key) -> Message | None:
        own = member.take_own(key)
        if own is not None:
            return own
        message = self._network.get(key)
        if message is None or message.to != member.number:
            return None
        if not self._copies[key] and not self._may_repeat:
            return None
        self._copies[key] = max(0, self._copies[key] - 1)
        return message

    def _become_follower(self, member: Member, event: Event) -> None:
        """Follow without a traced message: a bootstrap, a lost quorum, or a hidden message."""
        node, term = member.node, event.record["state"]["term"]
        if begin_bootstrap(member, term):
            return
        deposed = node.role is Role.LEADER and self._config.check_quorum
        lost = node.role is Role.PRE_CANDIDATE
        others = [other.node.term for other in self._members.values() if other is not member]
        if term == node.term and not deposed and not lost:
            raise Unexplained("BecomeFollower", "only a leader with CheckQuorum steps down alone")
        if term != node.term and (term < node.term or term not in others):
            raise Unexplained("BecomeFollower", "no node is in that term to hear of it from")
        become_follower(node, term, NO_NODE)
