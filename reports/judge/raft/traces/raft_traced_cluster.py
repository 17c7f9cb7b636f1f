"""The nodes of a trace and the network between them: each input given to the node it is for.

The network loses, repeats and reorders messages; a message leaves with a Ready of its sender.
What a trace does not show is chosen so that it fits: elapsed time, proposals, when entries are
applied, whether the last Ready reached the disk before a crash.
"""

from functools import partial

from planespec.reports.judge.raft.raft_descriptions import describe_note
from planespec.reports.judge.raft.traces.raft_beginning import (
    Assumed,
    bootstrap_member,
    find_peers,
    may_bootstrap,
)
from planespec.reports.judge.raft.traces.raft_flow import limit_append
from planespec.reports.judge.raft.traces.raft_hearsay import Hearsay
from planespec.reports.judge.raft.traces.raft_inputs import (
    Way,
    follow,
    give_all,
    list_changes,
    list_leaves,
    list_proposals,
    list_receipts,
    list_requests,
)
from planespec.reports.judge.raft.traces.raft_member import Member, Unexplained
from planespec.reports.judge.raft.traces.raft_restart import choose_start, start_member
from planespec.reports.judge.raft.traces.raft_trace_form import (
    PRE_CANDIDATE,
    Event,
    Key,
    get_role,
    make_key,
    print_message,
)
from planespec.spec.raft.confchange import get_voters, is_joint
from planespec.spec.raft.node.choice_points import HANG_UP, list_campaigns, list_ways_to_follow
from planespec.spec.raft.node.log import Panic
from planespec.spec.raft.node.messages import Message, Transition
from planespec.spec.raft.node.outbox import RECEIVED, TraceEvent
from planespec.spec.raft.node.proposals import ProposalDroppedError

RECEIVE_EVENTS = frozenset(RECEIVED.values())


class TracedCluster:
    """The nodes of one trace and the messages between them, under one choice of constants."""

    def __init__(self, assumed: Assumed) -> None:
        """Begin with no node; each starts with its InitState."""
        self.assumed, self.config = assumed, assumed.config
        self.members: dict[int, Member] = {}
        self.network: dict[Key, Message] = {}
        """Everything that ever left a node."""
        self._founders: list[int] = []
        """The peers of those that were bootstrapped, as far as they showed."""
        self._transitions: dict[tuple[int, int], Transition] = {}
        """By index and term of its entry, how a single change was put in force."""
        self._hearsay = Hearsay()

    def fork(self) -> "TracedCluster":
        """Return a copy that goes on independently."""
        copied = TracedCluster(self.assumed)
        copied.members = {n: self.fork_member(member) for n, member in self.members.items()}
        copied.network = dict(self.network)
        copied._founders, copied._transitions = list(self._founders), dict(self._transitions)
        copied._hearsay = self._hearsay.fork()
        return copied

    def fork_member(self, member: Member) -> Member:
        """Return a copy of a node that asks the trace how long its appends are."""
        copied = member.fork()
        _attach(copied)
        return copied

    def start(self, event: Event) -> list[Member]:
        """Start a node at its InitState; return how else it may have started, all that fits."""
        member = self.members.setdefault(event.node, Member(event.node, self.config))
        started = start_member(member, event, self._draw_timeout, self.assumed)
        self.members[event.node], *others = choose_start(started, event)
        for each in (self.members[event.node], *others):
            _attach(each)
        return others

    def _draw_timeout(self) -> int:
        return self.config.election_tick

    def take_note(self, event: Event) -> None:
        """Take note of what an explained event shows, and others may hear of."""
        self._hearsay.take_note(event)

    def take_input(self, member: Member, event: Event, message: Message | None) -> Member:
        """Return the node after the input that leads to `event`; Unexplained when none does."""
        member.at = event
        if event.name is TraceEvent.READY:
            self._ready(member)
            return member
        ways = self._list_ways(member, event, message)
        if not ways:
            raise Unexplained(str(event.name), "nothing leads to it here")
        found = follow(member, event, ways, self.fork_member)
        if event.name is TraceEvent.APPLY_CONF_CHANGE:
            self._note_transition(found, event)
        return found

    def _list_ways(self, member: Member, event: Event, message: Message | None) -> list[Way]:
        if message is not None:
            return list_receipts(member, message)
        match event.name:
            case TraceEvent.BECOME_FOLLOWER if may_bootstrap(member.node, event):
                return [partial(bootstrap_member, peers=find_peers(event, self._founders))]
            case TraceEvent.BECOME_FOLLOWER:
                return self._list_ways_to_follow(member, event)
            case TraceEvent.BECOME_CANDIDATE:
                return self._list_campaigns(member)
            case TraceEvent.APPLY_CONF_CHANGE:
                return list_changes(member, self._transitions)
            case TraceEvent.REPLICATE | TraceEvent.CHANGE_CONF:
                return list_proposals(member, event)
            case TraceEvent.SEND_APPEND_ENTRIES_RESPONSE:
                return list_leaves(member, event)
            case TraceEvent.SEND_APPEND_ENTRIES_REQUEST:
                return list_requests(member, event)
        return []

    def _list_ways_to_follow(self, member: Member, event: Event) -> list[Way]:
        term = event.record["state"]["term"]
        if term > member.node.term and term not in self._hearsay.entered:
            raise Unexplained("BecomeFollower", "no node was in that term to hear of it from")
        ways = list_ways_to_follow(member.node, term)
        return [partial(give_all, messages=messages) for messages in ways]

    def _list_campaigns(self, member: Member) -> list[Way]:
        node = member.node
        answered = self._hearsay.list_answered(member.number, node.term)
        asked = node.term in self._hearsay.led
        granting = answered & get_voters(node.configuration)
        ways = list_campaigns(node, granting=granting, asked=asked)
        return [partial(give_all, messages=messages) for messages in ways]

    def _note_transition(self, member: Member, event: Event) -> None:
        """What the next event shows of a change holds for every node that applies it."""
        entry, upcoming = member.get_entry(member.conf_applied), event.upcoming
        if entry is None or upcoming is None or upcoming.name is TraceEvent.INIT_STATE:
            return
        joint = is_joint(member.node.configuration)
        transition = Transition.JOINT_IMPLICIT if joint else Transition.AUTO
        self._transitions.setdefault((entry.index, entry.term), transition)

    def hear(self, member: Member, event: Event) -> list[str]:
        """Return what the node says when it is given each input that could lead to `event`."""
        heard: list[str] = []
        try:
            for way in self._list_ways(member, event, None):
                _hear(self.fork_member(member), way, heard)
        except Unexplained as reason:
            heard.append(reason.guard)
        return list(dict.fromkeys(heard))

    def _ready(self, member: Member) -> None:
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

    def take_pre_candidacy(self, member: Member, event: Event) -> None:
        """Asking for pre-votes is not traced; the role shows it."""
        if self.config.pre_vote and get_role(event) == PRE_CANDIDATE != member.node.role:
            give_all(member, HANG_UP)


def _attach(member: Member) -> None:
    if member.raw is not None:
        member.node.limit_append = lambda _, to: limit_append(member, to)


def _hear(member: Member, way: Way, heard: list[str]) -> None:
    log = member.node.log
    log.listener = lambda level, form, about: heard.append(describe_note(form, about))
    try:
        way(member)
    except (Panic, ProposalDroppedError) as refusal:
        heard.append(str(refusal))
