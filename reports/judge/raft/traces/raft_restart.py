"""A node that starts in a trace: what it finds on its disk, as far as the trace shows it.

A new node begins with nothing, or with a snapshot that its host prepared. A node that comes back
has what it wrote, perhaps without its last Ready and perhaps compacted since. Its host tells it
the configuration of its snapshot, which shows in the event that follows.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from planespec.reports.judge.raft.traces.raft_member import Member, Unexplained
from planespec.reports.judge.raft.traces.raft_trace_form import Event, get_new_voters
from planespec.spec.raft.confchange import ChangeKind, Configuration
from planespec.spec.raft.node import storage as durable
from planespec.spec.raft.node.messages import (
    EMPTY_HARD_STATE,
    ConfChange,
    Entry,
    EntryType,
    HardState,
    MessageType,
    Snapshot,
)
from planespec.spec.raft.node.outbox import TraceEvent
from planespec.spec.raft.node.storage import Storage


@dataclass(frozen=True, slots=True)
class Beginning:
    """What the hosts prepared before the trace, as far as messages tell of it."""

    terms: Mapping[int, int]
    """By index, the terms of what stood in the logs."""
    learners: Mapping[frozenset[int], frozenset[int]]
    """By the voters of a first configuration, its learners, which no event shows."""


def start_member(
    member: Member, event: Event, draw_timeout: Callable[[], int], beginning: Beginning
) -> None:
    """Start the node at its InitState."""
    member.most_compacted = _find_next_compacted(event)
    if member.raw is None:
        storage = _prepare_storage(event, beginning)
        member.start(storage, storage.snapshot.index, draw_timeout)
        return
    storage = _recover_storage(member, event)
    told = _choose_configuration(member, event, storage)
    index = max(told, storage.compacted.index)
    term = durable.get_term(storage, index)
    storage.snapshot = Snapshot(index, term or 0, member.configurations[told])
    member.start(storage, told, draw_timeout)


def _find_next_compacted(event: Event) -> int | None:
    """A node begins with the log that is left, and applied as far as is compacted."""
    following = event.upcoming
    while following is not None and following.name is not TraceEvent.INIT_STATE:
        following = following.upcoming
    return following.record["state"]["commit"] if following is not None else None


def get_told_voters(event: Event) -> frozenset[int]:
    """Return the voters that the host tells a node right after its InitState."""
    upcoming = event.upcoming
    if upcoming is None or upcoming.name is not TraceEvent.APPLY_CONF_CHANGE:
        return frozenset()
    return get_new_voters(upcoming)


def _prepare_storage(event: Event, beginning: Beginning) -> Storage:
    """The host's own snapshot, of which the trace shows index, voters and hard state."""
    index, last = event.record["state"]["commit"], event.record["log"]
    if index != last:
        raise Unexplained("InitState", "a new node has no entries beside its snapshot")
    term, voters = beginning.terms.get(index, 0), get_told_voters(event)
    learners = beginning.learners.get(voters, frozenset())
    snapshot = Snapshot(index, term, Configuration(voters=voters, learners=learners))
    return Storage(_find_hard_state(event, index), snapshot, Entry(index, term))


def _find_hard_state(event: Event, commit: int) -> HardState:
    """The hard state is loaded after the configuration, and shows in what comes next."""
    for _ in range(2):
        if event.upcoming is None:
            return HardState()
        event = event.upcoming
    shown = event.record["state"]
    if event.name is not TraceEvent.BECOME_FOLLOWER or not shown["vote"].isdecimal():
        return HardState()
    # A snapshot is all there is, so no other commit index can be loaded.
    return HardState(shown["term"], int(shown["vote"]), commit)


def _recover_storage(member: Member, event: Event) -> Storage:
    """Take the disk with or without the last Ready, rather the one whose hard state shows."""
    disks = [disk for disk in (member.storage, member.earlier) if _holds(member, disk, event)]
    if not disks:
        raise Unexplained("InitState", "its disk holds no such log")
    disk = next((disk for disk in disks if _shows(disk.hard_state, event)), disks[0])
    storage = replace(disk, entries=list(disk.entries))
    durable.compact(storage, event.record["state"]["commit"])
    return storage


def _holds(member: Member, disk: Storage, event: Event) -> bool:
    """Whether the log, compacted as far as the event has it, ends where the event has it."""
    compacted, last = event.record["state"]["commit"], event.record["log"]
    may_be_compacted = compacted <= max(member.handed_out, disk.compacted.index)
    return bool(
        may_be_compacted
        and disk.compacted.index <= compacted
        and durable.get_last_index(disk) == last
    )


def _shows(state: HardState, event: Event) -> bool:
    """Whether the node begins to follow with this state, right after its configuration."""
    following = event.upcoming.upcoming if event.upcoming is not None else None
    if following is None or following.name is not TraceEvent.BECOME_FOLLOWER:
        return False
    commit = event.record["state"]["commit"] if state == EMPTY_HARD_STATE else state.commit
    shown = {"term": state.term, "vote": str(state.vote), "commit": commit}
    return shown == dict(following.record["state"])


def _choose_configuration(member: Member, event: Event, storage: Storage) -> int:
    """Return the index from which the configuration that the host tells was in force.

    Among several with the same voters, the changes that are applied next decide.
    """
    starts = sorted(member.configurations)
    ends = [*starts[1:], member.handed_out + 1]
    fitting = [
        start
        for start, end in zip(starts, ends, strict=True)
        if _is_told(member.configurations[start], event) and end > storage.compacted.index
    ]
    for start in reversed(fitting):
        if _leads_to_next_changes(member.configurations[start], start, event, storage):
            return start
    # Where none fits, the events that follow show it, and are rejected themselves.
    return fitting[-1] if fitting else starts[-1]


def _is_told(configuration: Configuration, event: Event) -> bool:
    """The voters show in the event that follows, the outgoing ones in the one after."""
    if configuration.voters != get_told_voters(event):
        return False
    after = event.upcoming.upcoming if event.upcoming is not None else None
    return after is None or after.record["conf"][1] == list(
        map(str, sorted(configuration.outgoing))
    )


def _leads_to_next_changes(
    configuration: Configuration, start: int, event: Event, storage: Storage
) -> bool:
    """Whether the changes on the disk after `start` lead to the voters that are shown next.

    What is applied beyond them must have been received since, and handed out.
    """
    entries = (e for e in storage.entries if e.index > start and e.type is not EntryType.NORMAL)
    voters, last = configuration.voters, durable.get_last_index(storage)
    for shown, handed_out in _find_next_applied(event):
        entry = next(entries, None)
        if entry is None:
            return handed_out > last
        voters = _compute_voters(voters, entry.change or ConfChange())
        if voters != get_new_voters(shown) or entry.index > handed_out:
            return False
    return True


def _find_next_applied(event: Event) -> Iterator[tuple[Event, int]]:
    """Yield the changes applied until the next start or snapshot, without this start's own.

    Each with the last index that the host was asked to apply by then.
    """
    handed_out = 0
    following = event.upcoming.upcoming if event.upcoming is not None else None
    while following is not None and following.name is not TraceEvent.INIT_STATE:
        if following.record.get("msg", {}).get("type") == MessageType.SNAP:
            return
        if following.name is TraceEvent.READY:
            handed_out = following.record["state"]["commit"]
        if following.name is TraceEvent.APPLY_CONF_CHANGE:
            yield following, handed_out
        following = following.upcoming


def _compute_voters(voters: frozenset[int], change: ConfChange) -> frozenset[int]:
    for single in change.changes:
        if single.kind is ChangeKind.ADD_VOTER:
            voters |= {single.node}
        elif single.kind is not ChangeKind.UPDATE:
            voters -= {single.node}
    return voters
