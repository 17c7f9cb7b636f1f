"""A host around one node: it persists, sends and applies at once, crashes and restarts.

Everything the node asks for is done before the next input, so a crash loses the volatile state
only: the node's, and the application's since its last snapshot.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from planespec.spec.raft.confchange import (
    ChangeKind,
    Configuration,
    SingleChange,
    get_voters,
)
from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node import storage as durable
from planespec.spec.raft.node.membership import apply_conf_change, restore_configuration
from planespec.spec.raft.node.messages import (
    EMPTY_HARD_STATE,
    NO_NODE,
    ConfChange,
    Entry,
    EntryType,
    HardState,
    Level,
    Listener,
    Message,
    ReadState,
    Snapshot,
)
from planespec.spec.raft.node.outbox import TraceEvent, observe
from planespec.spec.raft.node.ready import RawNode, Ready, advance, has_ready, take_ready, wrap
from planespec.spec.raft.node.roles import become_follower
from planespec.spec.raft.node.state import Node, NodeConfig
from planespec.spec.raft.node.storage import Storage


@dataclass(slots=True)
class Outcome:
    """What a host did for its node after one input, each in order."""

    sent: list[Message] = field(default_factory=list)
    applied: list[Entry] = field(default_factory=list)
    reads: list[ReadState] = field(default_factory=list)
    restored: Snapshot | None = None
    """The snapshot that was installed, if one was."""


@dataclass(slots=True)
class Server:
    """A node, its durable state, and the membership as its application knows it."""

    raw: RawNode
    storage: Storage
    configuration: Configuration

    @property
    def node(self) -> Node:
        """The node itself."""
        return self.raw.node


def start_node(
    node_id: int,
    config: NodeConfig,
    storage: Storage,
    draw_timeout: Callable[[], int],
    applied: int = 0,
    observer: Callable[[Node, str, object], None] | None = None,
    listener: Listener | None = None,
) -> Node:
    """Return a node as it begins from its durable state, `applied` being applied already.

    Panic when hard state and log do not belong together. Source: newRaft.
    """
    node = Node(node_id, config, logs.open_log(storage), draw_timeout)
    node.observer, node.log.listener = observer, listener
    observe(node, TraceEvent.INIT_STATE)
    restore_configuration(node, storage.snapshot.configuration)
    if storage.hard_state != EMPTY_HARD_STATE:
        _load_hard_state(node, storage.hard_state)
    if applied:
        logs.applied_to(node.log, applied)
    become_follower(node, node.term, NO_NODE)
    _note_start(node)
    return node


def _note_start(node: Node) -> None:
    form = (
        "newRaft %x [peers: [%s], term: %d, commit: %d, applied: %d, lastindex: %d, lastterm: %d]"
    )
    peers = ",".join(f"{voter:x}" for voter in sorted(get_voters(node.configuration)))
    log = node.log
    known = (node.term, log.committed, log.applied)
    last = (logs.get_last_index(log), logs.get_last_term(log))
    logs.note(log, Level.INFO, form, node.id, peers, *known, *last)


def _load_hard_state(node: Node, state: HardState) -> None:
    last = logs.get_last_index(node.log)
    if not node.log.committed <= state.commit <= last:
        raise logs.Panic(
            f"{node.id:x} state.commit {state.commit} is out of range "
            f"[{node.log.committed}, {last}]"
        )
    node.term, node.vote, node.log.committed = state.term, state.vote, state.commit


def bootstrap(raw: RawNode, peers: Sequence[int]) -> None:
    """Begin the first term with `peers` as voters, each by an entry that is committed and applied.

    The host is asked to apply them again, like any other. ValueError without peers, or when the
    node has a log. Source: bootstrap.go.
    """
    node = raw.node
    if not peers or logs.get_last_index(node.log):
        raise ValueError("a node is bootstrapped with at least one peer, and an empty log")
    raw.hard_state_told = EMPTY_HARD_STATE
    become_follower(node, 1, NO_NODE)
    changes = [ConfChange((SingleChange(ChangeKind.ADD_VOTER, peer),)) for peer in peers]
    logs.append(
        node.log,
        [Entry(n, 1, EntryType.CONF_CHANGE, change=c) for n, c in enumerate(changes, start=1)],
    )
    node.log.committed = len(peers)
    for change in changes:
        apply_conf_change(node, change)


def start_server(
    node_id: int,
    config: NodeConfig,
    storage: Storage,
    draw_timeout: Callable[[], int],
    observer: Callable[[Node, str, object], None] | None = None,
) -> Server:
    """Return a server as it begins or comes back: the application has its snapshot only."""
    snapshot = storage.snapshot
    node = start_node(node_id, config, storage, draw_timeout, snapshot.index, observer)
    return Server(wrap(node), storage, snapshot.configuration)


def settle(server: Server) -> Outcome:
    """Do everything the node asks for until it asks for nothing more."""
    outcome = Outcome()
    while has_ready(server.raw):
        ready = take_ready(server.raw)
        _persist(server.storage, ready, outcome)
        outcome.sent += ready.messages
        outcome.reads += ready.read_states
        _apply(server, ready, outcome)
        advance(server.raw)
    return outcome


def _persist(storage: Storage, ready: Ready, outcome: Outcome) -> None:
    if ready.hard_state is not None:
        storage.hard_state = ready.hard_state
    if ready.snapshot is not None:
        durable.apply_snapshot(storage, ready.snapshot)
        outcome.restored = ready.snapshot
    durable.append(storage, ready.entries)


def _apply(server: Server, ready: Ready, outcome: Outcome) -> None:
    if ready.snapshot is not None:
        server.configuration = ready.snapshot.configuration
    for entry in ready.committed_entries:
        outcome.applied.append(entry)
        if entry.type is not EntryType.NORMAL:
            change = entry.change or ConfChange()
            server.configuration = apply_conf_change(server.node, change)


def snapshot_and_compact(server: Server, index: int) -> None:
    """Take a snapshot of everything applied, and forget the log up to `index`."""
    durable.create_snapshot(server.storage, server.node.log.applied, server.configuration)
    durable.compact(server.storage, index)
