"""Finds hidden inputs of a leader in hindsight, where a trace departs from what it would do.

A leader's own record of one member can be any of several, according to what it was told unseen.
All of them are carried along from some input on, each against the events that followed, so that
every schedule of hidden inputs about the member within that reach is covered.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

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
from planespec.spec.raft.node.tracing import TraceEvent

MEMORY = 1024
"""Most inputs of a leader that are reconsidered; the oldest are forgotten."""
_REACHES = (1, 4, 16, 64, 256, MEMORY)
"""How many of its last inputs are reconsidered, in turn."""


_FLOW = (TraceEvent.SEND_APPEND_ENTRIES_REQUEST, TraceEvent.COMMIT)
_Record = tuple[Progress | None, int]


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


@dataclass(slots=True)
class Belief:
    """One way in which a leader may have come to where it is."""

    member: Member
    blocks: list[Block]
    count: int = 0
    """Hidden inputs in its blocks, as far as they were reconsidered."""


@dataclass(frozen=True, slots=True)
class Runner:
    """How nodes are copied, and how an input is given to one again."""

    fork: Callable[[Member], Member]
    take: Callable[[Member, Block], None]
    """Raises Unexplained or Panic where the input cannot be taken."""


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


def reconsider(blocks: list[Block], about: int, runner: Runner) -> Iterator[Belief]:
    """Yield the leader as it may be by other hidden inputs about one member, nearest first.

    Those that must do the same next are yielded once.
    """
    seen: set[str | _Record] = set()
    for reach in _REACHES:
        start = max(0, len(blocks) - reach)
        for belief in _follow(blocks, start, about, runner):
            expected = belief.member.expected
            following = repr(expected[0]) if expected else _get_record(belief.member, about)
            if following not in seen:
                seen.add(following)
                yield belief
        if start == 0 or about == NO_NODE:
            return


def _follow(blocks: list[Block], start: int, about: int, runner: Runner) -> list[Belief]:
    """Carry all beliefs along from one block to the last."""
    beliefs = [Belief(blocks[start].member, blocks[:start])]
    for block in blocks[start:-1]:
        beliefs = _tell_apart(_continue_all(beliefs, block, about, runner), about)
    last = list(_continue_all(beliefs, blocks[-1], about, runner))
    return sorted(last, key=_count)


def _continue_all(
    beliefs: Iterable[Belief], block: Block, about: int, runner: Runner
) -> Iterator[Belief]:
    return (a for belief in beliefs for a in _list_continuations(belief, block, about, runner))


def _tell_apart(beliefs: Iterable[Belief], about: int) -> list[Belief]:
    """Keep one of those that did all the block shows and have the same record of the member."""
    known: dict[_Record, Belief] = {}
    for belief in sorted(beliefs, key=_count):
        if not belief.member.expected:
            known.setdefault(_get_record(belief.member, about), belief)
    return list(known.values())


def _get_record(leader: Member, about: int) -> _Record:
    """Return all in which what a leader knows of one member can differ."""
    return leader.node.progress.get(about), leader.storage.compacted.index


def _count(belief: Belief) -> int:
    return belief.count


def _list_continuations(
    belief: Belief, block: Block, about: int, runner: Runner
) -> Iterator[Belief]:
    """Give the input of `block` again, after any hidden inputs about the member."""
    # Reads add up, since each shows; what is known of a member is thought over afresh.
    kept = tuple(h for h in block.hidden if about == NO_NODE or h.about != about)
    before = runner.fork(belief.member)
    for hidden in kept:
        hidden.tell(before)
    for member, added in _list_schedules(before, about, block.message, runner):
        again = replace(block, member=belief.member, hidden=(*kept, *added))
        if _run(member, again, runner):
            yield Belief(member, [*belief.blocks, again], belief.count + len(added))


def _list_schedules(
    before: Member, about: int, next_input: Message | None, runner: Runner
) -> list[tuple[Member, tuple[Hidden, ...]]]:
    """Return all that hidden inputs can make of the leader, with the fewest that do."""
    found: list[tuple[Member, tuple[Hidden, ...]]] = [(before, ())]
    seen = {_get_record(before, about)}
    for reached, schedule in found:
        if schedule and about == NO_NODE:
            break
        for hidden in list_hidden_inputs(reached, about, next_input):
            after = runner.fork(reached)
            hidden.tell(after)
            if about == NO_NODE or _get_record(after, about) not in seen:
                seen.add(_get_record(after, about))
                found.append((after, (*schedule, hidden)))
    return found


def _run(member: Member, block: Block, runner: Runner) -> bool:
    """Give the input; return whether the leader does what is explained already."""
    try:
        runner.take(member, block)
    except (Unexplained, Panic):
        return False
    for done in block.done:
        if not member.expected or member.expected.popleft() != done:
            return False
    return True
