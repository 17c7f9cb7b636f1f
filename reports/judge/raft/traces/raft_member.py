"""One traced node as the specification has it: its state, and what of it is still to be traced.

The node runs by itself between two inputs, so everything it does after an input is known in
advance, except which requests a leader sends: those may be held back or repeated for reasons of
flow that a trace does not show, and are judged one by one.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from planespec.reports.judge.raft.traces.raft_trace_form import (
    Event,
    Json,
    Key,
    make_key,
    print_configuration,
    print_event,
    print_message,
)
from planespec.spec.raft.confchange import Configuration
from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node import storage as durable
from planespec.spec.raft.node.messages import Entry, EntryType, Message, MessageType
from planespec.spec.raft.node.outbox import RECEIVED, TraceEvent
from planespec.spec.raft.node.ready import RawNode, take_ready, wrap
from planespec.spec.raft.node.server import start_node
from planespec.spec.raft.node.state import Node, NodeConfig
from planespec.spec.raft.node.step import record_durable
from planespec.spec.raft.node.storage import Storage


class Unexplained(Exception):  # noqa: N818  (no error of the program)
    """Nothing the node can do here shows as this event; says which guard keeps it from it."""

    def __init__(self, action: str, guard: str) -> None:
        super().__init__(f"{action}: {guard}")
        self.action, self.guard = action, guard


@dataclass(slots=True)
class Sizes:
    """Ranges of entries, first and last index, that one append can hold, or cannot."""

    fitting: list[tuple[int, int]] = field(default_factory=list)
    too_long: list[tuple[int, int]] = field(default_factory=list)

    def is_known_to_fit(self, first: int, last: int) -> bool:
        """Return whether an append held all of these entries."""
        return any(low <= first and last <= high for low, high in self.fitting)

    def is_known_too_long(self, first: int, last: int) -> bool:
        """Return whether an append of some of these entries was cut short."""
        return any(first <= low and high <= last for low, high in self.too_long)


@dataclass(slots=True)
class Member:
    """A node under observation, its disk, and its part of the network."""

    number: int
    config: NodeConfig
    storage: Storage = field(default_factory=Storage)
    earlier: Storage = field(default_factory=Storage)
    """The disk as it was before the last Ready, which a crash may have kept from it."""
    raw: RawNode | None = None
    at: Event | None = None
    """The event that is explained at present."""
    expected: deque[Json] = field(default_factory=deque)
    """Events that must come next of this node, as they must be."""
    own: list[Message] = field(default_factory=list)
    """Messages to itself that arrive after the last Ready, as far as that is traced."""
    handed_out: int = 0
    """Last index that the host was asked to apply."""
    conf_applied: int = 0
    """Index of the last membership change that was applied."""
    configurations: dict[int, Configuration] = field(default_factory=dict)
    """The configuration in force from each index on, for snapshots."""
    sizes: dict[int, Sizes] = field(default_factory=dict)
    """By term that it led, what its appends tell of the sizes of entries."""
    starts: int = 0
    """How often it was started."""
    forgotten: int = 0
    """How far its host must have compacted the log since."""
    most_compacted: int | None = None
    """How far it may have, as is assumed; None for any index."""

    @property
    def node(self) -> Node:
        """The node itself; it must have been started."""
        assert self.raw is not None
        return self.raw.node

    def start(self, storage: Storage, told: int, draw_timeout: Callable[[], int]) -> None:
        """Start the node from `storage`, with nothing applied but its snapshot.

        `told` is the index from which the snapshot's configuration is in force.
        """
        self.storage = self.earlier = storage
        self.expected, self.own, self.forgotten = deque(), [], 0
        self.conf_applied, self.handed_out = told, storage.snapshot.index
        self.sizes = self._copy_sizes()
        earlier = {index: c for index, c in self.configurations.items() if index < told}
        self.configurations = earlier | {told: storage.snapshot.configuration}
        self.raw = wrap(
            start_node(self.number, self.config, storage, draw_timeout, observer=self.take_note)
        )

    def take_note(self, node: Node, event: str, about: object) -> None:
        """Queue an event that must be traced."""
        name = TraceEvent(event)
        self.expected.append(print_event(node, name, about))

    def count_agreeing(self, event: Event | None) -> int | None:
        """Return how many events the node has in common with the trace from its `event` on.

        None where they agree, together with the configuration that the next one shows, up to
        where the trace or this run of the node ends.
        """
        for count, expected in enumerate(self.expected):
            if event is None or (count and event.name is TraceEvent.INIT_STATE):
                return None
            if event.record != expected:
                return count
            event = event.upcoming
        if self.expected and (event is None or event.name is TraceEvent.INIT_STATE):
            return None
        return None if self.expected and event and self.shows(event) else len(self.expected)

    def shows(self, event: Event) -> bool:
        """Return whether the node has the configuration that the event shows."""
        return bool(event.record["conf"] == print_configuration(self.node.configuration))

    def describe(self) -> str:
        """Write the state on one line."""
        node = self.node
        voters = " ".join(map(str, sorted(node.configuration.voters)))
        return (
            f"{node.role} term={node.term} vote={node.vote} lead={node.lead} "
            f"commit={node.log.committed} last={logs.get_last_index(node.log)} voters=({voters})"
        )

    def persist(self) -> tuple[Message, ...]:
        """Do what a Ready asks for at once; return the messages that leave.

        The state is durable from now on, though a crash may still undo the last Ready.
        """
        assert self.raw is not None
        ready = take_ready(self.raw)
        self.earlier = replace(self.storage, entries=list(self.storage.entries))
        if ready.hard_state is not None:
            self.storage.hard_state = ready.hard_state
        if ready.snapshot is not None:
            durable.apply_snapshot(self.storage, ready.snapshot)
        durable.append(self.storage, ready.entries)
        for message in self.raw.on_advance:
            self._advance(message)
        self.handed_out = max(self.handed_out, self.node.log.committed)
        return ready.messages

    def _advance(self, message: Message) -> None:
        if message.type is MessageType.STORAGE_APPEND_RESP:
            self._settle_storage(message)
        elif message.type in RECEIVED:
            self.own.append(message)

    def _settle_storage(self, message: Message) -> None:
        if message.snapshot is not None:
            index = message.snapshot.index
            self.conf_applied = self.handed_out = index
            self.configurations[index] = message.snapshot.configuration
        record_durable(self.node, message)

    def take_own(self, key: Key) -> Message | None:
        """Return and forget the message to itself that may arrive now: they come in order."""
        if self.own and make_key(print_message(self.own[0])) == key:
            return self.own.pop(0)
        return None

    def fork(self) -> "Member":
        """Return a copy that goes on independently."""
        storage = _copy_storage(self.storage)
        copied = replace(
            self,
            storage=storage,
            earlier=storage if self.earlier is self.storage else self.earlier,
            expected=deque(self.expected),
            own=list(self.own),
            configurations=dict(self.configurations),
            sizes=self._copy_sizes(),
        )
        if self.raw is not None:
            node = copy_node(self.node, copied.storage, copied.take_note)
            copied.raw = replace(self.raw, node=node, on_advance=list(self.raw.on_advance))
        return copied

    def _copy_sizes(self) -> dict[int, Sizes]:
        return {t: Sizes(list(s.fitting), list(s.too_long)) for t, s in self.sizes.items()}

    def get_next_conf_change(self) -> Entry | None:
        """Return the next membership change that the host may apply; None when there is none."""
        for index in range(self.conf_applied + 1, self.handed_out + 1):
            entry = self.get_entry(index)
            if entry is not None and entry.type is not EntryType.NORMAL:
                return entry
        return None

    def get_entry(self, index: int) -> Entry | None:
        """Return the entry at `index`, if the log still has it."""
        found = logs.get_entries(self.node.log, index, index + 1)
        return found[0] if found else None

    def may_compact_to(self, index: int) -> bool:
        """Return whether the host may forget the log up to `index` before the next start."""
        return self.most_compacted is None or index <= self.most_compacted

    def compact_to(self, index: int) -> None:
        """Let the host forget the log up to `index`."""
        durable.compact(self.storage, index)
        self.forgotten = max(self.forgotten, index)

    def settle_applied(self) -> None:
        """Let the host have applied all it can, up to the next membership change.

        When it applies normal entries is not traced, and nothing forbids it to be done.
        """
        pending = self.get_next_conf_change()
        reached = self.handed_out if pending is None else pending.index - 1
        self.node.log.applied = max(self.node.log.applied, reached)
        self.node.log.applying = max(self.node.log.applying, reached)


def _copy_storage(storage: Storage) -> Storage:
    return replace(storage, entries=list(storage.entries))


def copy_node(node: Node, storage: Storage, observer: Callable[[Node, str, object], None]) -> Node:
    """Return a copy of `node` over `storage` that tells `observer`."""
    return replace(
        node,
        log=replace(node.log, storage=storage, unstable=list(node.log.unstable)),
        progress=dict(node.progress),
        votes=dict(node.votes),
        messages=list(node.messages),
        messages_after_append=list(node.messages_after_append),
        read_states=list(node.read_states),
        postponed_reads=list(node.postponed_reads),
        read_requests={
            context: replace(request, acknowledged=dict(request.acknowledged))
            for context, request in node.read_requests.items()
        },
        observer=observer,
        limit_append=None,
    )
