"""Finds hidden inputs of a leader in hindsight, where a trace departs from what it would do.

A leader's own record of one member can be any of several, according to what it was told unseen.
All of them are carried along from some input on, each against the events that followed, so that
every schedule of hidden inputs about the member within that reach is covered.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from planespec.reports.conform.raft_hidden import Hidden, list_hidden_inputs
from planespec.reports.conform.raft_member import Member, Unexplained
from planespec.reports.conform.raft_trace_form import Event, Json, parse_node
from planespec.spec.raft.node.log import Panic
from planespec.spec.raft.node.messages import NO_NODE, Message, MessageType
from planespec.spec.raft.node.tracing import TraceEvent
from planespec.spec.raft.progress import Progress

MEMORY = 1024
"""Most inputs of a leader that are reconsidered; the oldest are forgotten."""
_REACHES = (1, 4, 16, 64, 256, MEMORY)
"""How many of its last inputs are reconsidered, in turn."""


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


def list_suspects(block: Block, event: Event, found: Json | None) -> list[int]:
    """Return the members about which something hidden can lead to `event`, not to `found`.

    Hidden inputs change nothing but the requests that a leader sends, and whether it computes
    the commit index after an answer. NO_NODE stands for reads.
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

    Those that do the same next are yielded once.
    """
    seen: set[str] = set()
    for reach in _REACHES:
        start = max(0, len(blocks) - reach)
        for belief in _follow(blocks, start, about, runner):
            following = repr(next(iter(belief.member.expected), None))
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
    known: dict[Progress | None, Belief] = {}
    for belief in sorted(beliefs, key=_count):
        if not belief.member.expected:
            known.setdefault(belief.member.node.progress.get(about), belief)
    return list(known.values())


def _count(belief: Belief) -> int:
    return belief.count


def _list_continuations(
    belief: Belief, block: Block, about: int, runner: Runner
) -> Iterator[Belief]:
    """Give the input of `block` again, after any hidden inputs about the member."""
    # Reads add up, since each shows; what is known of a member is thought over afresh.
    kept = tuple(h for h in block.hidden if about == NO_NODE or h.about != about)
    for hidden in _list_schedules(belief.member, kept, about, runner):
        again = replace(block, member=belief.member, hidden=hidden)
        member = _run(again, runner)
        if member is not None:
            yield Belief(member, [*belief.blocks, again], belief.count + len(hidden))


def _list_schedules(
    member: Member, kept: tuple[Hidden, ...], about: int, runner: Runner
) -> Iterator[tuple[Hidden, ...]]:
    """Yield hidden inputs, fewest first, that leave the leader with different records."""
    before = runner.fork(member)
    _tell(before, kept)
    waiting, seen = [(before, kept)], {before.node.progress.get(about)}
    while waiting:
        reached, schedule = waiting.pop(0)
        yield schedule
        for hidden in list_hidden_inputs(reached.node, about):
            after = runner.fork(reached)
            hidden.tell(after.node)
            if about == NO_NODE:
                yield (*schedule, hidden)
            elif after.node.progress[about] not in seen:
                seen.add(after.node.progress[about])
                waiting.append((after, (*schedule, hidden)))


def _tell(member: Member, schedule: Iterable[Hidden]) -> None:
    for hidden in schedule:
        hidden.tell(member.node)


def _run(block: Block, runner: Runner) -> Member | None:
    """Return the leader after the block; None where it does not do what is explained already."""
    member = runner.fork(block.member)
    try:
        _tell(member, block.hidden)
        runner.take(member, block)
    except (Unexplained, Panic):
        return None
    for done in block.done:
        if not member.expected or member.expected.popleft() != done:
            return None
    return member
