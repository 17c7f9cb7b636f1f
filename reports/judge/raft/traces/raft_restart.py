"""A node that starts in a trace: each disk that it may find, with each configuration.

A new node begins with nothing, or with a snapshot that its host prepared. A node that comes back
has what it wrote, perhaps without its last Ready and perhaps compacted since. Its host tells it
a configuration that was in force when it wrote the snapshot. Which of them it was, the node's
events show, some of them only much later.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from planespec.reports.judge.raft.traces.raft_beginning import Assumed
from planespec.reports.judge.raft.traces.raft_member import Member, Unexplained
from planespec.reports.judge.raft.traces.raft_trace_form import Event, get_new_voters
from planespec.spec.raft.confchange import Configuration
from planespec.spec.raft.node import storage as durable
from planespec.spec.raft.node.log import Panic
from planespec.spec.raft.node.messages import Entry, HardState, Snapshot
from planespec.spec.raft.node.outbox import TraceEvent
from planespec.spec.raft.node.storage import Storage


def start_member(
    member: Member, event: Event, draw_timeout: Callable[[], int], assumed: Assumed
) -> list[Member]:
    """Return the node as it may be after its InitState, the likeliest first; at least one."""
    starts, most = member.starts + 1, assumed.kept.get((member.number, member.starts + 1))
    started, refusal = [], Unexplained("InitState", "its disk holds no such log")
    for storage, told in _list_disks(member, event, assumed):
        found = replace(member, starts=starts, most_compacted=most)
        try:
            found.start(storage, told, draw_timeout)
        except Panic as panic:
            refusal = Unexplained("InitState", f"the library gives up: {panic}")
            continue
        started.append(found)
    if not started:
        raise refusal
    return started


def choose_start(started: list[Member], event: Event) -> list[Member]:
    """Return those that do what the trace shows next, or the one that does most of it."""
    agreeing = [member.count_agreeing(event) for member in started]
    fitting = [m for m, count in zip(started, agreeing, strict=True) if count is None]
    return fitting or [started[agreeing.index(max(n for n in agreeing if n is not None))]]


def _list_disks(member: Member, event: Event, assumed: Assumed) -> Iterator[tuple[Storage, int]]:
    """Yield each disk, with the index from which the configuration on it is in force."""
    if member.raw is None:
        storage = _prepare_storage(event, assumed)
        yield storage, storage.snapshot.index
        return
    disks = [member.storage, *([member.earlier] if member.earlier != member.storage else [])]
    for disk in disks:
        if _holds(member, disk, event):
            yield from _list_configurations(member, disk, event.record["state"]["commit"])


def _holds(member: Member, disk: Storage, event: Event) -> bool:
    """Whether the log, compacted as far as the event has it, ends where the event has it."""
    compacted, last = event.record["state"]["commit"], event.record["log"]
    may_be_compacted = compacted <= max(member.handed_out, disk.compacted.index)
    return bool(
        may_be_compacted
        and max(disk.compacted.index, member.forgotten) <= compacted
        and durable.get_last_index(disk) == last
    )


def _list_configurations(
    member: Member, disk: Storage, compacted: int
) -> Iterator[tuple[Storage, int]]:
    """Those that were in force at some index that is not compacted away, the earliest first."""
    starts = sorted(member.configurations)
    for told, end in zip(starts, [*starts[1:], member.handed_out + 1], strict=True):
        if end > compacted:
            storage = replace(disk, entries=list(disk.entries))
            durable.compact(storage, compacted)
            index = max(told, compacted)
            term = durable.get_term(storage, index) or 0
            storage.snapshot = Snapshot(index, term, member.configurations[told])
            yield storage, told


def _prepare_storage(event: Event, assumed: Assumed) -> Storage:
    """The host's own snapshot, of which the start shows index, voters and hard state."""
    index, last = event.record["state"]["commit"], event.record["log"]
    if index != last:
        raise Unexplained("InitState", "a new node has no entries beside its snapshot")
    told, voters = event.upcoming, frozenset[int]()
    if told is not None and told.name is TraceEvent.APPLY_CONF_CHANGE:
        voters = get_new_voters(told)
    configuration = Configuration(voters, learners=assumed.learners.get(voters, frozenset()))
    snapshot = Snapshot(index, assumed.get_term(index), configuration)
    return Storage(_find_hard_state(told, index), snapshot, Entry(index, snapshot.term))


def _find_hard_state(told: Event | None, commit: int) -> HardState:
    """The hard state is loaded after the configuration, with which it shows."""
    shown = told.upcoming if told is not None else None
    if shown is None or shown.name is not TraceEvent.BECOME_FOLLOWER:
        return HardState()
    state = shown.record["state"]
    if not state["vote"].isdecimal():
        return HardState()
    # A snapshot is all there is, so no other commit index can be loaded.
    return HardState(state["term"], int(state["vote"]), commit)
