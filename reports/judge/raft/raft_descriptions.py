"""The words of transcripts: arguments of commands, and the library's own descriptions.

Source: go.etcd.io/raft v3.6 (util.go, raftpb/confchange.go, rafttest).
"""

import re

from planespec.reports.judge.datadriven import Argument
from planespec.reports.judge.raft.raft_quorum_changes import (
    FALSE,
    TRUE,
    print_configuration,
    print_progress,
)
from planespec.spec.raft.confchange import ChangeKind, Configuration
from planespec.spec.raft.follower_progress import Progress
from planespec.spec.raft.node.log import Log
from planespec.spec.raft.node.messages import (
    APPEND_THREAD,
    APPLY_THREAD,
    EMPTY_HARD_STATE,
    NO_NODE,
    ConfChange,
    Entry,
    EntryType,
    HardState,
    Message,
    Snapshot,
    Transition,
)
from planespec.spec.raft.node.ready import Ready
from planespec.spec.raft.node.state import NodeConfig, ReadOnlyOption

_TARGETS = {NO_NODE: "None", APPEND_THREAD: "AppendThread", APPLY_THREAD: "ApplyThread"}
_CHANGES = {
    ChangeKind.ADD_VOTER: "ConfChangeAddNode",
    ChangeKind.REMOVE: "ConfChangeRemoveNode",
    ChangeKind.UPDATE: "ConfChangeUpdateNode",
    ChangeKind.ADD_LEARNER: "ConfChangeAddLearnerNode",
}


def describe_ready(ready: Ready) -> str:
    """Describe the work for the host, each line with its newline."""
    lines: list[str] = []
    if ready.role is not None:
        lines.append(f"Lead:{ready.role[0]} State:{ready.role[1]}")
    if ready.hard_state not in (None, EMPTY_HARD_STATE):
        assert ready.hard_state is not None
        lines.append(f"HardState {_describe_hard_state(ready.hard_state)}")
    if ready.read_states:
        shown = " ".join(f"{{{r.index} {_quote_bytes(r.context)}}}" for r in ready.read_states)
        lines.append(f"ReadStates [{shown}]")
    if ready.entries:
        lines += ["Entries:", *map(describe_entry, ready.entries)]
    if ready.snapshot is not None:
        lines.append(f"Snapshot {describe_snapshot(ready.snapshot)}")
    if ready.committed_entries:
        lines += ["CommittedEntries:", *map(describe_entry, ready.committed_entries)]
    if ready.messages:
        lines += ["Messages:", *map(describe_message, ready.messages)]
    if not lines:
        return "<empty Ready>"
    head = f"Ready MustSync={str(ready.must_sync).lower()}:"
    return "".join(f"{line}\n" for line in (head, *lines))


def _quote_bytes(text: str) -> str:
    return f"[{' '.join(str(byte) for byte in text.encode())}]"


def _describe_hard_state(state: HardState) -> str:
    vote = f" Vote:{state.vote}" if state.vote else ""
    return f"Term:{state.term}{vote} Commit:{state.commit}"


def describe_snapshot(snapshot: Snapshot) -> str:
    """Describe a snapshot by its index, term and membership."""
    members = snapshot.configuration
    parts = (
        ("Voters", members.voters),
        ("VotersOutgoing", members.outgoing),
        ("Learners", members.learners),
        ("LearnersNext", members.learners_next),
    )
    shown = " ".join(f"{name}:[{' '.join(map(str, sorted(nodes)))}]" for name, nodes in parts)
    auto_leave = str(members.auto_leave).lower()
    return f"Index:{snapshot.index} Term:{snapshot.term} ConfState:{shown} AutoLeave:{auto_leave}"


def describe_entry(entry: Entry) -> str:
    """Describe an entry by term, index, type and content."""
    if entry.type is EntryType.NORMAL:
        content = _quote(entry.data)
    else:
        changes = (entry.change or ConfChange()).changes
        content = " ".join(f"{change.kind}{change.node}" for change in changes)
    return f"{entry.term}/{entry.index} {entry.type} {content}".rstrip(" ")


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def describe_message(message: Message, indent: str = "") -> str:
    """Describe a message, over several lines where it holds several entries or answers."""
    sender, to = _describe_target(message.sender), _describe_target(message.to)
    text = f"{indent}{sender}->{to} {message.type} Term:{message.term}"
    text += f" Log:{message.log_term}/{message.index}"
    if message.reject:
        text += f" Rejected (Hint: {message.reject_hint})"
    if message.commit:
        text += f" Commit:{message.commit}"
    if message.vote:
        text += f" Vote:{message.vote}"
    text += _describe_entries(message.entries, indent)
    if message.snapshot is not None and message.snapshot.index:
        text += f"\n{indent}  Snapshot: {describe_snapshot(message.snapshot)}"
    if message.responses:
        answers = "".join(f"\n{describe_message(m, indent + '  ')}" for m in message.responses)
        text += f" Responses:[{answers}\n{indent}]"
    return text


def _describe_entries(entries: tuple[Entry, ...], indent: str) -> str:
    if not entries:
        return ""
    if len(entries) == 1:
        return f" Entries:[{describe_entry(entries[0])}]"
    shown = "".join(f"\n{indent}  {describe_entry(entry)}" for entry in entries)
    return f" Entries:[{shown}\n{indent}]"


def _describe_target(node: int) -> str:
    return _TARGETS.get(node, f"{node:x}")


def describe_note(form: str, about: tuple[object, ...]) -> str:
    """Write a line of the library's log, from its format and what it is about."""
    values = iter(about)
    return re.sub(r"%[dxs]", lambda found: _describe_value(found[0], next(values)), form)


def _describe_value(kind: str, value: object) -> str:
    match value:
        case Progress():
            return print_progress(value)
        case Configuration():
            return print_configuration(value)
        case ConfChange():
            return _describe_change(value)
        case Log():
            return (
                f"committed={value.committed}, applied={value.applied}, "
                f"applying={value.applying}, unstable.offset={value.offset}, "
                f"unstable.offsetInProgress={value.writing}, "
                f"len(unstable.Entries)={len(value.unstable)}"
            )
    return kind % value


def _describe_change(change: ConfChange) -> str:
    parts = [f"transition:{change.transition}"]
    parts += [f"changes:{{type:{_CHANGES[c.kind]} node_id:{c.node}}}" for c in change.changes]
    return " ".join(parts)


TRANSITIONS = {
    "auto": Transition.AUTO,
    "implicit": Transition.JOINT_IMPLICIT,
    "explicit": Transition.JOINT_EXPLICIT,
}
"""The spellings of transitions in transcripts."""


# The arguments of the commands of a transcript.
#
# Source: go.etcd.io/raft v3.6 (rafttest/interaction_env_handler*.go).


Arguments = tuple[Argument, ...]


def get_numbers(arguments: Arguments) -> list[int]:
    """Return the nodes that a command names; ValueError for what is no number."""
    return [parse_number(argument.key) for argument in arguments if not argument.values]


def parse_number(text: str) -> int:
    """Read a number; ValueError when it is none."""
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{text!r} is not a number")
    return int(text)


def _parse_flag(text: str) -> bool:
    if text not in TRUE + FALSE:
        raise ValueError(f"{text!r} is neither true nor false")
    return text in TRUE


_FLAGS = {
    "async-storage-writes": "asynchronous_storage",
    "prevote": "pre_vote",
    "checkquorum": "check_quorum",
    "step-down-on-removal": "step_down_on_removal",
}


def parse_nodes(arguments: Arguments) -> tuple[NodeConfig, Snapshot]:
    """Read how new nodes are set up, and the snapshot that they begin with.

    ValueError for an argument that is unknown or malformed, or of which the library makes nothing.
    """
    members: dict[str, frozenset[int]] = {}
    index, options = 0, {"election_tick": 3, "max_inflight": 2**31 - 1}
    read_only = ReadOnlyOption.SAFE
    for key, values in ((argument.key, argument.values) for argument in arguments):
        match key:
            case "voters" | "learners":
                members[key] = frozenset(map(parse_number, values))
            case "index":
                index = parse_number(values[0])
            case "inflight":
                options["max_inflight"] = parse_number(values[0])
            case "content":
                continue
            case "read-only":
                read_only = _parse_read_only(values[0])
            case "disable-conf-change-validation":
                options["validate_conf_changes"] = not _parse_flag(values[0])
            case "max-committed-size-per-ready":
                options["apply_one_by_one"] = _parse_smallest_limit(values[0])
            case _ if key in _FLAGS:
                options[_FLAGS[key]] = _parse_flag(values[0])
            case _:
                raise ValueError(f"unknown argument {key!r} of add-nodes")
    config = NodeConfig(**options, read_only_option=read_only)  # type: ignore[arg-type]
    if not members and not index:
        return config, Snapshot()
    nobody: frozenset[int] = frozenset()
    voters, learners = members.get("voters", nobody), members.get("learners", nobody)
    return config, Snapshot(index, 1, Configuration(voters=voters, learners=learners))


_READ_ONLY = {"safe": ReadOnlyOption.SAFE, "lease-based": ReadOnlyOption.LEASE_BASED}


def _parse_read_only(text: str) -> ReadOnlyOption:
    if text not in _READ_ONLY:
        raise ValueError(f"invalid read-only option {text!r}; known: {', '.join(_READ_ONLY)}")
    return _READ_ONLY[text]


def _parse_smallest_limit(text: str) -> bool:
    if text != "1":
        raise ValueError("sizes of entries are left out, so the only limit that is known is 1")
    return True
