"""The nodes of a trace and the network between them: each input given to the node it is for.

The network loses, repeats and reorders messages; a message leaves with a Ready of its sender.
What a trace does not show is chosen so that it fits: elapsed time, proposals, when entries are
applied, whether the last Ready reached the disk before a crash.
"""

from planespec.reports.judge.raft.traces.raft_beginning import (
    apply_bootstrap_change,
    begin_bootstrap,
)
from planespec.reports.judge.raft.traces.raft_flow import ask_for_request, limit_append
from planespec.reports.judge.raft.traces.raft_hearsay import Hearsay
from planespec.reports.judge.raft.traces.raft_inputs import (
    INPUTS,
    PROPOSING,
    apply_next_change,
    become_candidate,
)
from planespec.reports.judge.raft.traces.raft_member import Member, Unexplained
from planespec.reports.judge.raft.traces.raft_restart import Beginning, start_member
from planespec.reports.judge.raft.traces.raft_trace_form import (
    PRE_CANDIDATE,
    Event,
    Key,
    get_role,
    make_key,
    print_message,
)
from planespec.spec.raft.confchange import SingleChange
from planespec.spec.raft.node.elections import is_promotable
from planespec.spec.raft.node.messages import NO_NODE, Message, Transition
from planespec.spec.raft.node.outbox import RECEIVED, TraceEvent
from planespec.spec.raft.node.roles import become_follower, become_pre_candidate
from planespec.spec.raft.node.state import NodeConfig, Role
from planespec.spec.raft.node.step import step

RECEIVE_EVENTS = frozenset(RECEIVED.values())


class TracedCluster:
    """The nodes of one trace and the messages between them, under one choice of constants."""

    def __init__(self, beginning: Beginning, config: NodeConfig) -> None:
        """Begin with no node; each starts with its InitState."""
        self.config = config
        self.members: dict[int, Member] = {}
        self.network: dict[Key, Message] = {}
        """Everything that ever left a node."""
        self._beginning = beginning
        self._founders: dict[int, SingleChange] = {}
        self._transitions: dict[tuple[int, int], Transition] = {}
        """By index and term of its entry, how a single change was put in force."""
        self._hearsay = Hearsay()

    def fork(self) -> "TracedCluster":
        """Return a copy that goes on independently."""
        copied = TracedCluster(self._beginning, self.config)
        copied.members = {n: self.fork_member(member) for n, member in self.members.items()}
        copied.network = dict(self.network)
        copied._founders, copied._transitions = dict(self._founders), dict(self._transitions)
        copied._hearsay = self._hearsay.fork()
        return copied

    def fork_member(self, member: Member) -> Member:
        """Return a copy of a node that asks the trace how long its appends are."""
        copied = member.fork()
        _attach(copied)
        return copied

    def start(self, event: Event) -> None:
        """Start a node at its InitState, for the first time or again."""
        member = self.members.setdefault(event.node, Member(event.node, self.config))
        if member.raw is not None and member.expected:
            member.expected.clear()
        start_member(member, event, self._draw_timeout, self._beginning)
        _attach(member)

    def _draw_timeout(self) -> int:
        return self.config.election_tick

    def take_note(self, event: Event) -> None:
        """Take note of what an explained event shows, and others may hear of."""
        self._hearsay.take_note(event)

    def take_input(self, member: Member, event: Event, message: Message | None) -> None:
        """Give the node the input that leads to `event`; Unexplained when that cannot be."""
        if member.proposal and event.name not in PROPOSING:
            raise Unexplained(str(event.name), "a proposal is announced and not yet appended")
        member.at = event
        if message is not None:
            self._receive(member, event, message)
        elif event.name is TraceEvent.READY:
            self._ready(member)
        elif event.name is TraceEvent.BECOME_FOLLOWER:
            self._become_follower(member, event)
        elif event.name is TraceEvent.APPLY_CONF_CHANGE and member.bootstrapping:
            apply_bootstrap_change(member, event, self._founders)
        elif event.name is TraceEvent.APPLY_CONF_CHANGE:
            apply_next_change(member, event, self._transitions)
        elif event.name is TraceEvent.SEND_APPEND_ENTRIES_REQUEST:
            ask_for_request(member, event)
        elif event.name is TraceEvent.BECOME_CANDIDATE:
            self._become_candidate(member, event)
        elif event.name in INPUTS:
            INPUTS[event.name](member, event)

    def _become_candidate(self, member: Member, event: Event) -> None:
        answered = self._hearsay.list_answered(member.number, member.node.term)
        may_be_asked = member.node.term in self._hearsay.led
        become_candidate(member, event, may_be_asked=may_be_asked, answered=answered)

    def _ready(self, member: Member) -> None:
        if member.bootstrapping:
            raise Unexplained("Ready", "the first configuration is not complete")
        if member.own:
            raise Unexplained("Ready", "the node has not counted its own last answers")
        for message in member.persist():
            self.network[make_key(print_message(message))] = message

    def find_message(self, member: Member, event: Event) -> Message | None:
        """Return the message that the node receives here; Unexplained when there is none."""
        if event.name not in RECEIVE_EVENTS:
            return None
        key = make_key(event.record["msg"])
        own = member.take_own(key)
        if own is not None:
            return own
        message = self.network.get(key)
        if message is None or message.to != member.number:
            raise Unexplained(str(event.name), "no such message is on its way to the node")
        return message

    def _receive(self, member: Member, event: Event, message: Message) -> None:
        # How long ago a leader was heard is not traced; whether the term is taken over is.
        upcoming = event.upcoming
        follows = upcoming is not None and upcoming.name is TraceEvent.BECOME_FOLLOWER
        member.node.election_elapsed = self.config.election_tick if follows else 0
        step(member.node, message)

    def _become_follower(self, member: Member, event: Event) -> None:
        """Follow without a traced message: a bootstrap, a lost quorum, or a hidden message."""
        node, term = member.node, event.record["state"]["term"]
        if begin_bootstrap(member, term):
            return
        deposed = node.role is Role.LEADER and self.config.check_quorum
        lost = node.role is Role.PRE_CANDIDATE
        # With StepDownOnRemoval, which no event shows.
        removed = node.role is Role.LEADER and not is_promotable(node)
        if term == node.term and not (deposed or lost or removed):
            raise Unexplained("BecomeFollower", "only a leader with CheckQuorum steps down alone")
        if term != node.term and (term < node.term or term not in self._hearsay.entered):
            raise Unexplained("BecomeFollower", "no node was in that term to hear of it from")
        become_follower(node, term, NO_NODE)

    def take_pre_candidacy(self, member: Member, event: Event) -> None:
        """Asking for pre-votes is not traced; the role shows it."""
        node = member.node
        if self.config.pre_vote and get_role(event) == PRE_CANDIDATE != node.role:
            member.settle_applied()
            may_campaign = member.get_unapplied_conf_change() is None
            if node.role is not Role.LEADER and is_promotable(node) and may_campaign:
                become_pre_candidate(node)


def _attach(member: Member) -> None:
    if member.raw is not None:
        member.node.limit_append = lambda _, to: limit_append(member, to)
