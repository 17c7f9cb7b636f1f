"""Replays an etcd-raft trace on the specification: each event must be what the node does.

An event is explained when some behaviour of the specification has it there. Where a leader would
do something else, inputs that the trace does not show are looked for in hindsight.
"""

from planespec.reports.judge.choice_search import BoundReachedError, Budget
from planespec.reports.judge.raft.traces.raft_beginning import Assumed, list_lessons
from planespec.reports.judge.raft.traces.raft_hindsight import (
    MEMORY,
    STATES,
    Block,
    Reconsideration,
    Runner,
    is_in_flow,
    list_suspects,
)
from planespec.reports.judge.raft.traces.raft_member import Member, Unexplained
from planespec.reports.judge.raft.traces.raft_trace_form import Event, Json, Key, make_key
from planespec.reports.judge.raft.traces.raft_traced_cluster import RECEIVE_EVENTS, TracedCluster
from planespec.spec.raft.node.log import Panic
from planespec.spec.raft.node.messages import Message
from planespec.spec.raft.node.outbox import TraceEvent
from planespec.spec.raft.node.state import Role


class Replay:
    """A trace as far as it is explained, under one choice of constants."""

    def __init__(self, assumed: Assumed) -> None:
        """Begin with no node; each starts with its InitState."""
        self.assumed, self.config = assumed, assumed.config
        self._cluster = TracedCluster(assumed)
        self._blocks: dict[int, list[Block]] = {}
        """What each leader was given since it leads, the last still going on."""
        self._otherwise: dict[int, list[Member]] = {}
        """How else each node may have started, right after its last InitState."""
        self._since: dict[int, list[Event]] = {}
        """Its events since then, where that is open."""
        self.longest = 0
        """Most appends that were ever in flight to one member, also where it was reconsidered."""
        self.fails_in_flow = False
        """Whether the last event is unexplained and may be explained with another window."""

    @property
    def members(self) -> dict[int, Member]:
        """The nodes as they are now."""
        return self._cluster.members

    @property
    def network(self) -> dict[Key, Message]:
        """Everything that ever left a node."""
        return self._cluster.network

    def hear(self, event: Event) -> list[str]:
        """Return what the node says to the inputs that could lead to `event`."""
        return self._cluster.hear(self.members[event.node], event)

    def count_inputs(self, node: int) -> int:
        """Return how many inputs of a node are reconsidered: none unless it leads."""
        return len(self._blocks.get(node, ()))

    def fork(self) -> "Replay":
        """Return a copy that goes on independently."""
        copied = object.__new__(Replay)
        copied.assumed, copied.config = self.assumed, self.config
        copied._cluster, fork = self._cluster.fork(), self._cluster.fork_member
        copied._otherwise = {n: list(map(fork, others)) for n, others in self._otherwise.items()}
        copied._since = {number: list(events) for number, events in self._since.items()}
        copied.longest, copied.fails_in_flow = self.longest, self.fails_in_flow
        copied._blocks = {number: list(blocks) for number, blocks in self._blocks.items()}
        return copied

    def explain(self, event: Event) -> Json:
        """Return what the node does where the trace has `event`, and go on from there.

        Hidden choices are made by what comes next of the same node. Raises Unexplained with the
        guard that keeps the node from doing anything of this kind.
        """
        self.fails_in_flow, found, reason = False, None, None
        try:
            found = self._explain(event)
        except Unexplained as unexplained:
            reason = unexplained
        if found == event.record or self._reconsider(event, found) or self._start_otherwise(event):
            self._note_explained(event)
            return event.record
        if found is None:
            raise reason or Unexplained(str(event.name), "nothing leads to it here")
        return found

    def _note_explained(self, event: Event) -> None:
        self._cluster.take_note(event)
        if self._otherwise.get(event.node) and event.name is not TraceEvent.INIT_STATE:
            self._since[event.node].append(event)

    def _start_otherwise(self, event: Event) -> bool:
        """Let the node have started otherwise, if that leads to all its events up to this one."""
        node, fails_in_flow = event.node, self.fails_in_flow
        others, since = self._otherwise.get(node, []), self._since.get(node, [])
        was, blocks = self.members.get(node), self._blocks.get(node, [])
        while others:
            self.members[node], self._blocks[node] = others.pop(0), []
            if all(map(self._is_explained, (*since, event))):
                return True
        if was is not None:
            self.members[node], self._blocks[node] = was, blocks
        self.fails_in_flow = fails_in_flow
        return False

    def _is_explained(self, event: Event) -> bool:
        try:
            found = self._explain(event)
        except Unexplained:
            found = None
        return found == event.record or self._reconsider(event, found)

    def list_lessons(self, event: Event, found: Json | str) -> list[Assumed]:
        """Return what to assume instead where the trace has `event`, not `found`."""
        member = self.members.get(event.node)
        if member is None or member.raw is None:
            return []
        return list(list_lessons(self.assumed, member, event, found))

    def _reconsider(self, event: Event, found: Json | None) -> bool:
        member = self.members.get(event.node)
        if member is not None and member.raw is not None:
            self.fails_in_flow = is_in_flow(event, found, member)
        if not self.fails_in_flow:
            return False
        if self._search(event, found, frozenset(), Budget(STATES)):
            return True
        if len(self._blocks.get(event.node, ())) == MEMORY:
            raise BoundReachedError(
                f"only the last {MEMORY:,} inputs of a leader are reconsidered"
            )
        return False

    def _explain(self, event: Event) -> Json:
        try:
            if event.name is TraceEvent.INIT_STATE:
                self._otherwise[event.node] = self._cluster.start(event)
                for other in self._otherwise[event.node]:
                    other.expected.popleft()
                self._since[event.node], self._blocks[event.node] = [], []
            member = self.members.get(event.node)
            if member is None or member.raw is None:
                raise Unexplained("InitState", "the node was never started")
            if not member.expected:
                member = self._begin_block(member, event)
        except Panic as panic:
            raise Unexplained(str(event.name), f"the library gives up: {panic}") from panic
        return self._continue(member, event)

    def _continue(self, member: Member, event: Event) -> Json:
        if not member.expected:
            raise Unexplained(str(event.name), "nothing leads to it here")
        found = member.expected[0]
        if found == event.record:
            member.expected.popleft()
            self._note_done(event)
        return found

    def _note_done(self, event: Event) -> None:
        blocks = self._blocks.get(event.node)
        if blocks:
            blocks[-1] = blocks[-1].extend(event.record)

    def _begin_block(self, member: Member, event: Event) -> Member:
        """Give the node the next input, and remember where it stood if it leads."""
        if event.name in (TraceEvent.COMMIT, TraceEvent.BECOME_LEADER):
            raise Unexplained(str(event.name), "no message arrived that leads to it")
        leads = member.node.role is Role.LEADER
        before = member.fork() if leads else member
        message = self._cluster.find_message(member, event)
        if not leads:
            self._blocks.pop(event.node, None)
            self._cluster.take_pre_candidacy(member, event)
        after = self._cluster.take_input(member, event, message)
        if leads and event.name is TraceEvent.SEND_APPEND_ENTRIES_REQUEST:
            self._check_sent(after, before, event)
        self.members[event.node] = after
        if leads:
            blocks = self._blocks.setdefault(event.node, [])
            blocks.append(Block(before, event, message))
            del blocks[:-MEMORY]
            self._measure(after)
        return after

    def _measure(self, leader: Member) -> None:
        in_flight = (len(known.inflights) for known in leader.node.progress.values())
        self.longest = max([self.longest, *in_flight])

    def _check_sent(self, member: Member, before: Member, event: Event) -> None:
        """If by itself the leader sends something else, nothing has happened."""
        if not member.expected or member.expected[0] != event.record:
            self.members[event.node] = self._cluster.fork_member(before)
            raise Unexplained(str(event.name), "by itself the leader sends something else")

    def _search(
        self, event: Event, found: Json | None, settled: frozenset[int], budget: Budget
    ) -> bool:
        """Look for hidden inputs of the leader that lead to `event`, one member at a time.

        `settled` are the members about which something was found already.
        """
        blocks = self._blocks.get(event.node, [])
        suspects = list_suspects(blocks[-1], event, found) if blocks else []
        if found is not None and settled.intersection(suspects[:1]):
            return False
        for about in suspects:
            if about in settled:
                continue
            runner = Runner(self._cluster.fork_member, self._take_again)
            for run in Reconsideration(blocks, about, runner).search(budget):
                if self._adopt(*run, event, settled | {about}, budget):
                    return True
        return False

    def _adopt(
        self,
        leader: Member,
        again: list[Block],
        event: Event,
        settled: frozenset[int],
        budget: Budget,
    ) -> bool:
        """Go on with another run of the leader if it leads to `event`."""
        number = event.node
        was, blocks = self.members[number], self._blocks[number]
        self.members[number], self._blocks[number] = leader, again
        self._measure(leader)
        try:
            found = self._explain(event)
        except Unexplained:
            found = {}
        if found == event.record or (found and self._search(event, found, settled, budget)):
            return True
        self.members[number], self._blocks[number] = was, blocks
        return False

    def _take_again(self, member: Member, block: Block) -> Member:
        message = block.message
        if block.event.name in RECEIVE_EVENTS:
            message = member.take_own(make_key(block.event.record["msg"])) or message
        return self._cluster.take_input(member, block.event, message)
