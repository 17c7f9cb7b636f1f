"""Finds hidden inputs of a leader in hindsight, where a trace departs from what it would do.

A leader's own record of one member can be any of several, according to what it was told unseen.
The search goes back through the inputs of the leader, the last first, and follows each record
that it may have had against the events that came since.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from planespec.reports.judge.choice_search import Budget, ChoiceSearch
from planespec.reports.judge.raft.traces.raft_hidden import Hidden, list_hidden_inputs
from planespec.reports.judge.raft.traces.raft_member import Member, Unexplained
from planespec.reports.judge.raft.traces.raft_trace_form import (
    Event,
    Json,
    parse_node,
    print_event,
)
from planespec.spec.raft.follower_progress import Progress
from planespec.spec.raft.node.log import Panic
from planespec.spec.raft.node.messages import NO_NODE, Message, MessageType
from planespec.spec.raft.node.outbox import TraceEvent

MEMORY = 1024
"""Most inputs of a leader that are reconsidered; the oldest are forgotten."""
STATES = 50_000
"""Most states of a leader that are tried for one event."""

_FLOW = (TraceEvent.SEND_APPEND_ENTRIES_REQUEST, TraceEvent.COMMIT)
_Record = tuple[Progress | None, int, int]


@dataclass(frozen=True, slots=True)
class Block:
    """One input of a leader with all that follows from it."""

    member: Member
    """The leader before the input, never changed."""
    event: Event
    message: Message | None
    hidden: tuple[Hidden, ...] = ()
    """Inputs before it that were found so far."""
    done: tuple[Json, ...] = ()
    """Its events that are explained."""

    def extend(self, record: Json) -> "Block":
        """Return the block with one more of its events explained."""
        return replace(self, done=(*self.done, record))


@dataclass(frozen=True, slots=True)
class Runner:
    """How nodes are copied, and how an input is given to one again."""

    fork: Callable[[Member], Member]
    take: Callable[[Member, Block], Member]
    """Returns the node after it; raises Unexplained or Panic where the input cannot be taken."""


def is_in_flow(event: Event, found: Json | None, leader: Member) -> bool:
    """Whether the flow of appends may lead to `event` rather than to `found`.

    The flow changes nothing but the requests that a leader sends, and whether it computes the
    commit index after an answer; its state stays the same.
    """
    record, shown = event.record, found or print_event(leader.node, event.name)
    if not any(each["name"] in _FLOW for each in (record, shown)):
        return False
    if any(record[name] != shown[name] for name in ("state", "role", "log", "conf")):
        return False
    return "msg" not in record or record["name"] not in _FLOW or _is_possible(record)


def _is_possible(record: Json) -> bool:
    """Whether a leader that shows this state can send such a message."""
    message, state = record["msg"], record["state"]
    is_own = message["from"] == record["nid"] and message["term"] == state["term"]
    tells_commit = message["type"] != MessageType.APP or message["commit"] == state["commit"]
    return bool(is_own and tells_commit)


def list_suspects(block: Block, event: Event, found: Json | None) -> list[int]:
    """Return the members about which something hidden can lead to `event`, not to `found`.

    NO_NODE stands for reads.
    """
    suspects = [_find_concerned(block, each) for each in (found, event.record) if each is not None]
    if event.record.get("msg", {}).get("type") == MessageType.HEARTBEAT:
        suspects.append(NO_NODE)
    return [about for about in dict.fromkeys(suspects) if about is not None]


def _find_concerned(block: Block, record: Json) -> int | None:
    if record["name"] == TraceEvent.SEND_APPEND_ENTRIES_REQUEST:
        return parse_node(record["msg"]["to"])
    if record["name"] == TraceEvent.COMMIT and block.message is not None:
        return block.message.sender
    return None


@dataclass(frozen=True, slots=True)
class Belief:
    """One way in which a leader may have come to where it is; its members are never changed."""

    before: Member
    """The leader after its last input."""
    member: Member
    """The leader after what it was told unseen since."""
    start: int
    """The first block that is reconsidered."""
    blocks: tuple[Block, ...] = ()
    """What became of the blocks since."""
    added: tuple[Hidden, ...] = ()
    """What it was told about the member since the last input."""


@dataclass(frozen=True, slots=True)
class Reconsideration:
    """What a leader may have been told unseen about one member, or which reads (NO_NODE)."""

    past: list[Block]
    about: int
    runner: Runner

    def search(self, budget: Budget) -> Iterator[tuple[Member, list[Block]]]:
        """Yield the leader as it may be, with its blocks, those that change last first.

        Those that must do the same next are yielded once. Raises BoundReachedError.
        """
        past, end = self.past, len(self.past)
        search = ChoiceSearch(self._list_choices, self._identify, budget)
        # A read shows at once: the first commit of a term sends heartbeats for it.
        for start in range(end - 1 if self.about == NO_NODE else 0, end):
            search.put(start, self._arrive(past[start].member, start, ()))
        while (found := search.take(end)) is not None:
            yield found.before, [*past[: found.start], *found.blocks]

    def _arrive(self, before: Member, position: int, blocks: tuple[Block, ...]) -> Belief:
        member = before
        kept = self._list_kept(self.past[position]) if position < len(self.past) else ()
        if kept:
            member = self.runner.fork(before)
            for hidden in kept:
                hidden.tell(member)
        return Belief(before, member, position - len(blocks), blocks)

    def _list_kept(self, block: Block) -> tuple[Hidden, ...]:
        """Reads add up, since each shows; what is known of a member is thought over afresh."""
        about = self.about
        return tuple(h for h in block.hidden if about == NO_NODE or h.about != about)

    def _list_choices(self, position: int, belief: Belief) -> Iterator[tuple[int, Belief]]:
        """Yield what the next input leads to, and each hidden input that may come before it."""
        block = self.past[position]
        member = self.runner.fork(belief.member)
        again = replace(
            block, member=belief.before, hidden=(*self._list_kept(block), *belief.added)
        )
        ends = position + 1 == len(self.past)
        after = _run(member, again, self.runner)
        if after is not None and (ends or not after.expected):
            yield position + 1, self._arrive(after, position + 1, (*belief.blocks, again))
        if self.about == NO_NODE and belief.added:
            return
        for hidden in list_hidden_inputs(belief.member, self.about, block.message):
            told = self.runner.fork(belief.member)
            hidden.tell(told)
            yield position, replace(belief, member=told, added=(*belief.added, hidden))

    def _identify(self, belief: Belief) -> str | _Record:
        """Return what it must do next, or all in which what it knows of the member can differ."""
        leader = belief.member
        if leader.expected:
            return repr(leader.expected[0])
        known = leader.node.progress.get(self.about)
        return known, leader.storage.compacted.index, len(leader.node.postponed_reads)


def _run(member: Member, block: Block, runner: Runner) -> Member | None:
    """Give the input; None where the leader does not do what is explained already."""
    try:
        after = runner.take(member, block)
    except (Unexplained, Panic):
        return None
    for done in block.done:
        if not after.expected or after.expected.popleft() != done:
            return None
    return after
