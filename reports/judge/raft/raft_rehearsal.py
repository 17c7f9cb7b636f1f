"""The nodes of a transcript, their disks, their messages, and what is printed meanwhile.

Source: go.etcd.io/raft v3.6 (rafttest/interaction_env*.go).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from planespec.reports.judge.raft.raft_descriptions import (
    describe_message,
    describe_note,
    describe_ready,
)
from planespec.spec.raft.node import inputs
from planespec.spec.raft.node import storage as durable
from planespec.spec.raft.node.membership import apply_conf_change
from planespec.spec.raft.node.messages import (
    APPEND_THREAD,
    APPLY_THREAD,
    EMPTY_HARD_STATE,
    STORAGE_THREADS,
    ConfChange,
    Entry,
    EntryType,
    HardState,
    Level,
    Message,
    MessageType,
    Snapshot,
)
from planespec.spec.raft.node.proposals import ProposalDroppedError
from planespec.spec.raft.node.ready import RawNode, advance, has_ready, take_ready, wrap
from planespec.spec.raft.node.server import start_node
from planespec.spec.raft.node.state import Node, NodeConfig
from planespec.spec.raft.node.storage import Storage

LEVELS = ("DEBUG", "INFO", "WARN", "ERROR", "FATAL", "NONE")
NONE = LEVELS.index("NONE")
"""The level at which nothing is printed but errors."""


@dataclass(slots=True)
class Printer:
    """What a case prints, as far as the level lets it."""

    level: int = 0
    text: str = ""

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is printed."""
        return self.level == NONE

    def write(self, text: str) -> None:
        """Print, unless quiet."""
        self.text += "" if self.is_quiet else text

    def note(self, level: Level, form: str, about: tuple[object, ...]) -> None:
        """Print a line of the library's log."""
        if self.level <= level:
            self.write(f"{LEVELS[level]} {describe_note(form, about)}\n")

    @contextmanager
    def indent(self) -> Iterator[None]:
        """Indent all that is printed inside, line by line."""
        before, self.text = self.text, ""
        yield
        inner = "".join(f"  {line}\n" for line in self.text.splitlines())
        self.text = before + inner


@dataclass(slots=True)
class Actor:
    """One node with its disk and what its storage threads have still to do."""

    raw: RawNode
    storage: Storage
    latest: Snapshot
    """The snapshot of everything that was applied."""
    to_append: list[Message] = field(default_factory=list)
    to_apply: list[Message] = field(default_factory=list)

    @property
    def node(self) -> Node:
        """The node itself."""
        return self.raw.node


class Rehearsal:
    """All nodes of one transcript, numbered from 1, and the messages between them."""

    def __init__(self) -> None:
        self.printer = Printer()
        self.actors: list[Actor] = []
        self.messages: list[Message] = []

    def add(self, config: NodeConfig, snapshot: Snapshot) -> None:
        """Start one more node from a snapshot, which may be empty."""
        storage = Storage(snapshot=snapshot, compacted=Entry(snapshot.index, snapshot.term))
        node = start_node(
            len(self.actors) + 1,
            config,
            storage,
            lambda: config.election_tick,
            applied=snapshot.index,
            listener=self.printer.note,
        )
        self.actors.append(Actor(wrap(node), storage, snapshot))

    def process_ready(self, actor: Actor) -> None:
        """Take the next Ready; do what it asks for unless that is asked by messages."""
        ready = take_ready(actor.raw)
        self.printer.write(describe_ready(ready))
        is_asynchronous = actor.node.config.asynchronous_storage
        if not is_asynchronous:
            _append(actor, ready.hard_state or EMPTY_HARD_STATE, ready.entries, ready.snapshot)
            _apply(actor, ready.committed_entries)
        for message in ready.messages:
            if message.to == APPEND_THREAD:
                actor.to_append.append(message)
            elif message.to == APPLY_THREAD:
                actor.to_apply.append(message)
            else:
                self.messages.append(message)
        if not is_asynchronous:
            advance(actor.raw)

    def process_append(self, actor: Actor) -> None:
        """Let the append thread do the next of its work."""
        if not actor.to_append:
            self.printer.write("no append work to perform")
            return
        message = self._begin(actor.to_append)
        state = HardState(message.term, message.vote, message.commit)
        _append(actor, state, message.entries, message.snapshot)
        self._answer(message)

    def process_apply(self, actor: Actor) -> None:
        """Let the apply thread do the next of its work."""
        if not actor.to_apply:
            self.printer.write("no apply work to perform")
            return
        message = self._begin(actor.to_apply)
        _apply(actor, message.entries)
        self._answer(message)

    def _begin(self, work: list[Message]) -> Message:
        message = work.pop(0)
        shown = describe_message(replace(message, responses=()))
        self.printer.write(f"Processing:\n{shown}\n")
        return message

    def _answer(self, message: Message) -> None:
        self.printer.write("Responses:\n")
        for response in message.responses:
            self.printer.write(f"{describe_message(response)}\n")
        self.messages += message.responses

    def deliver(self, to: int, kind: MessageType | None, *, drop: bool) -> int:
        """Deliver or drop what waits for one node; return how many messages there were."""
        mine = [message for message in self.messages if _is_for(message, to, kind, drop=drop)]
        self.messages = [m for m in self.messages if not _is_for(m, to, kind, drop=drop)]
        for message in mine:
            self.printer.write(f"{'dropped: ' if drop else ''}{describe_message(message)}\n")
            if drop:
                continue
            try:
                inputs.receive(self.actors[to - 1].node, message)
            except (ProposalDroppedError, inputs.StepRefusedError) as error:
                self.printer.write(f"{error}\n")
        return len(mine)

    def stabilize(self, numbers: list[int]) -> None:
        """Let the nodes do all they can by themselves and by what waits for them."""
        works = (self._handle_ready, self._receive, self._append_all, self._apply_all)
        while True:
            done = [work(number) for work in works for number in numbers]
            if not any(done):
                return

    def _handle_ready(self, number: int) -> bool:
        actor = self.actors[number - 1]
        return self._do(
            f"> {number} handling Ready", has_ready(actor.raw), lambda: self.process_ready(actor)
        )

    def _receive(self, number: int) -> bool:
        waiting = any(message.to == number for message in self.messages)
        return self._do(
            f"> {number} receiving messages",
            waiting,
            lambda: self.deliver(number, None, drop=False),
        )

    def _append_all(self, number: int) -> bool:
        actor = self.actors[number - 1]
        return self._do_all(
            f"> {number} processing append thread", actor.to_append, actor, self.process_append
        )

    def _apply_all(self, number: int) -> bool:
        actor = self.actors[number - 1]
        return self._do_all(
            f"> {number} processing apply thread", actor.to_apply, actor, self.process_apply
        )

    def _do_all(
        self, title: str, work: list[Message], actor: Actor, step: Callable[[Actor], None]
    ) -> bool:
        def do_all() -> None:
            while work:
                step(actor)

        return self._do(title, bool(work), do_all)

    def _do(self, title: str, is_due: bool, work: Callable[[], object]) -> bool:
        if is_due:
            self.printer.write(f"{title}\n")
            with self.printer.indent():
                work()
        return is_due


def _is_for(message: Message, to: int, kind: MessageType | None, *, drop: bool) -> bool:
    """Messages to oneself and of the storage threads always arrive."""
    is_local = message.sender == message.to or message.sender in STORAGE_THREADS
    return message.to == to and kind in (None, message.type) and not (drop and is_local)


def _append(
    actor: Actor, state: HardState, entries: tuple[Entry, ...], snapshot: Snapshot | None
) -> None:
    if state != EMPTY_HARD_STATE:
        actor.storage.hard_state = state
    if snapshot is not None:
        durable.apply_snapshot(actor.storage, snapshot)
        # A leader sends what was applied here, which the snapshot is not part of.
        actor.storage.snapshot = actor.latest
    durable.append(actor.storage, entries)


def _apply(actor: Actor, entries: tuple[Entry, ...]) -> None:
    for entry in entries:
        members = actor.latest.configuration
        if entry.type is not EntryType.NORMAL:
            members = apply_conf_change(actor.node, entry.change or ConfChange())
        actor.latest = actor.storage.snapshot = Snapshot(entry.index, entry.term, members)
