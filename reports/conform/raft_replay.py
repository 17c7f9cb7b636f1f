"""Replays an etcd-raft trace on the specification: each event must be what the node does.

An event is explained when some behaviour of the specification has it there. What a trace does
not show is chosen so that it fits: elapsed time, proposals, when entries are applied, what the
host tells a leader, whether the last Ready reached the disk before a crash. The network loses,
repeats and reorders messages; a message leaves with a Ready of its sender.
"""

from dataclasses import dataclass, field, replace

from planespec.reports.conform.raft_bootstrap import apply_bootstrap_change, begin_bootstrap
from planespec.reports.conform.raft_flow import (
    Hidden,
    ask_for_request,
    limit_append,
    list_hidden_inputs,
)
from planespec.reports.conform.raft_inputs import INPUTS, PROPOSING, become_candidate
from planespec.reports.conform.raft_member import Member, Unexplained
from planespec.reports.conform.raft_restart import Beginning, start_member
from planespec.reports.conform.raft_trace_form import (
    PRE_CANDIDATE,
    Event,
    Json,
    Key,
    get_role,
    make_key,
    print_message,
)
from planespec.spec.raft.confchange import SingleChange
from planespec.spec.raft.node.elections import is_promotable
from planespec.spec.raft.node.log import Panic
from planespec.spec.raft.node.messages import NO_NODE, Message
from planespec.spec.raft.node.roles import become_follower, become_pre_candidate
from planespec.spec.raft.node.state import NodeConfig, Role
from planespec.spec.raft.node.step import step
from planespec.spec.raft.node.tracing import RECEIVED, TraceEvent

RECEIVE_EVENTS = frozenset(RECEIVED.values())
_SETTLED = (TraceEvent.READY, TraceEvent.INIT_STATE)
"""Inputs on which nothing hidden before them has an effect."""


@dataclass(slots=True)
class Block:
    """One input of a leader with all that follows from it: where other hidden inputs are tried."""

    member: Member
    """The leader before the input."""
    event: Event
    message: Message | None
    hidden: list[Hidden] = field(default_factory=list)
    """Inputs before it that were found so far."""
    done: list[Json] = field(default_factory=list)
    """Its events that are explained."""


class Replay:
    """The nodes of one trace and the messages between them, under one choice of constants."""

    def __init__(self, beginning: Beginning, config: NodeConfig) -> None:
        """Begin with no node; each starts with its InitState."""
        self.config = config
        self.members: dict[int, Member] = {}
        self.network: dict[Key, Message] = {}
        """Everything that ever left a node."""
        self._beginning = beginning
        self._founders: dict[int, SingleChange] = {}
        self._led: set[int] = set()
        """Terms that had a leader."""
        self._blocks: dict[int, Block] = {}

    def fork(self) -> "Replay":
        """Return a copy that goes on independently."""
        copied = Replay(self._beginning, self.config)
        copied.members = {number: self._fork(member) for number, member in self.members.items()}
        copied.network = dict(self.network)
        copied._founders, copied._led = dict(self._founders), set(self._led)
        copied._blocks = {
            number: replace(block, hidden=list(block.hidden), done=list(block.done))
            for number, block in self._blocks.items()
        }
        return copied

    def explain(self, event: Event) -> Json:
        """Return what the node does where the trace has `event`, and go on from there.

        Hidden choices are made by what comes next of the same node. Raises Unexplained with the
        guard that keeps the node from doing anything of this kind.
        """
        try:
            found = self._explain(event)
        except Unexplained:
            if not self._search_hidden(event):
                raise
            return event.record
        if found != event.record and self._search_hidden(event):
            return event.record
        return found

    def _explain(self, event: Event) -> Json:
        try:
            if event.name is TraceEvent.INIT_STATE:
                self._start(event)
            member = self.members.get(event.node)
            if member is None or member.raw is None:
                raise Unexplained("InitState", "the node was never started")
            if not member.expected:
                self._begin_block(member, event)
        except Panic as panic:
            raise Unexplained(str(event.name), f"the library gives up: {panic}") from panic
        return self._continue(member, event)

    def _continue(self, member: Member, event: Event) -> Json:
        if not member.expected:
            raise Unexplained(str(event.name), "nothing leads to it here")
        found = member.expected[0]
        if found == event.record:
            member.expected.popleft()
            if event.name is TraceEvent.BECOME_LEADER:
                self._led.add(member.node.term)
            if event.node in self._blocks:
                self._blocks[event.node].done.append(found)
        return found

    def _start(self, event: Event) -> None:
        member = self.members.setdefault(event.node, Member(event.node, self.config))
        if member.raw is not None and member.expected:
            member.expected.clear()
        start_member(member, event, self._draw_timeout, self._beginning)
        self._blocks.pop(event.node, None)
        self._attach(member)

    def _attach(self, member: Member) -> None:
        if member.raw is not None:
            member.node.limit_append = lambda _, to: limit_append(member, to)

    def _fork(self, member: Member) -> Member:
        copied = member.fork()
        self._attach(copied)
        return copied

    def _draw_timeout(self) -> int:
        return self.config.election_tick

    def _begin_block(self, member: Member, event: Event) -> None:
        """Give the node the next input, and remember where it stood if something may be hidden."""
        if event.name in (TraceEvent.COMMIT, TraceEvent.BECOME_LEADER):
            raise Unexplained(str(event.name), "no message arrived that leads to it")
        if event.name is TraceEvent.SEND_APPEND_ENTRIES_REQUEST:
            self._begin_sending(member, event)
            return
        self._blocks.pop(event.node, None)
        message = self._find_message(member, event)
        if member.node.role is Role.LEADER and event.name not in _SETTLED:
            self._blocks[event.node] = Block(member.fork(), event, message)
        self._take_pre_candidacy(member, event)
        self._take_input(member, event, message)

    def _begin_sending(self, member: Member, event: Event) -> None:
        """Let the leader send by itself; if it sends something else, nothing has happened."""
        before = self._fork(member)
        self._take_input(member, event, None)
        if member.expected and member.expected[0] == event.record:
            self._blocks.pop(event.node, None)
            return
        self.members[event.node] = before
        raise Unexplained(str(event.name), "by itself the leader sends something else")

    def _search_hidden(self, event: Event) -> bool:
        """Look for a hidden input before the last traced one that leads to `event`."""
        block = self._blocks.get(event.node)
        if block is None or len(block.hidden) > len(self.members):
            return False
        probe = self._run_block(block, [])
        if probe is None:
            return False
        for hidden in list_hidden_inputs(block.member.node):
            member = self._run_block(block, [*block.hidden, hidden])
            if member is not None and self._adopt(member, block, hidden, event):
                return True
        return False

    def _run_block(self, block: Block, hidden: list[Hidden]) -> Member | None:
        """Give the input again after some hidden ones; None where that explains less."""
        member = self._fork(block.member)
        member.at = block.event
        try:
            for tell in hidden:
                tell(member.node)
            self._take_input(member, block.event, block.message)
        except (Unexplained, Panic):
            return None
        for done in block.done:
            if not member.expected or member.expected.popleft() != done:
                return None
        return member

    def _adopt(self, member: Member, block: Block, hidden: Hidden, event: Event) -> bool:
        """Go on with the other run of the block if it leads to `event`."""
        was, number = self.members[event.node], event.node
        self.members[number] = member
        self._blocks[number] = replace(
            block, hidden=[*block.hidden, hidden], done=list(block.done)
        )
        try:
            if self._explain(event) == event.record:
                return True
        except Unexplained:
            pass
        self.members[number], self._blocks[number] = was, block
        return False

    def _take_pre_candidacy(self, member: Member, event: Event) -> None:
        """Asking for pre-votes is not traced; the role shows it."""
        node = member.node
        if self.config.pre_vote and get_role(event) == PRE_CANDIDATE != node.role:
            member.settle_applied()
            if node.role is not Role.LEADER and is_promotable(node):
                become_pre_candidate(node)

    def _take_input(self, member: Member, event: Event, message: Message | None) -> None:
        """Give the node the input that leads to `event`."""
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
        elif event.name is TraceEvent.SEND_APPEND_ENTRIES_REQUEST:
            ask_for_request(member, event)
        elif event.name is TraceEvent.BECOME_CANDIDATE:
            become_candidate(member, event, may_be_asked=member.node.term in self._led)
        elif event.name in INPUTS:
            INPUTS[event.name](member, event)

    def _ready(self, member: Member) -> None:
        if member.bootstrapping:
            raise Unexplained("Ready", "the first configuration is not complete")
        if member.own:
            raise Unexplained("Ready", "the node has not counted its own last answers")
        for message in member.persist():
            self.network[make_key(print_message(message))] = message

    def _find_message(self, member: Member, event: Event) -> Message | None:
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
        others = [other.node.term for other in self.members.values() if other is not member]
        if term == node.term and not (deposed or lost or removed):
            raise Unexplained("BecomeFollower", "only a leader with CheckQuorum steps down alone")
        if term != node.term and (term < node.term or term not in others):
            raise Unexplained("BecomeFollower", "no node is in that term to hear of it from")
        become_follower(node, term, NO_NODE)
