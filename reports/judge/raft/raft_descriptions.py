"""The library's own descriptions of messages, entries, work for the host and lines of its log.

Source: go.etcd.io/raft v3.6 (util.go, raftpb/confchange.go, rafttest).
"""

import re

from planespec.reports.judge.raft.raft_quorum_changes import print_configuration, print_progress
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
