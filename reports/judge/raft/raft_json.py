"""The JSON form in which Raft scenarios are recorded, from and to the values of the spec.

Fields that hold nothing (0, "", false, no entries) are left out of messages and entries; the
state of a node always has all its fields. ValueError or KeyError for what is not of this form.
"""

from collections.abc import Callable
from typing import Any

from planespec.spec.raft.confchange import ChangeKind, Configuration, SingleChange
from planespec.spec.raft.follower_progress import Progress, is_paused
from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node.messages import (
    ConfChange,
    Entry,
    EntryType,
    Message,
    ReadState,
    Snapshot,
    Transition,
)
from planespec.spec.raft.node.state import Node, Role

Json = dict[str, Any]

CHANGE_NAMES = {
    "ConfChangeAddNode": ChangeKind.ADD_VOTER,
    "ConfChangeAddLearnerNode": ChangeKind.ADD_LEARNER,
    "ConfChangeRemoveNode": ChangeKind.REMOVE,
    "ConfChangeUpdateNode": ChangeKind.UPDATE,
}
_NAME_OF_CHANGE = {kind: name for name, kind in CHANGE_NAMES.items()}


def parse_change(record: Json) -> tuple[ConfChange, int]:
    """Read the membership change under `cc` or `ccv2`, and return it with its version."""
    if "cc" in record:
        return ConfChange(changes=(_parse_single(record["cc"]),)), 1
    changes = tuple(map(_parse_single, record["ccv2"]["changes"] or ()))
    return ConfChange(changes, Transition(record["ccv2"]["transition"])), 2


def _parse_single(record: Json) -> SingleChange:
    return SingleChange(CHANGE_NAMES[record["type"]], record["node"])


def print_entry(entry: Entry) -> Json:
    """Write an entry with its index `i`, term `t`, and data or membership change."""
    printed: Json = {"i": entry.index, "t": entry.term}
    if entry.data:
        printed["data"] = entry.data
    if entry.type is EntryType.CONF_CHANGE and entry.change is not None:
        printed["cc"] = _print_single(entry.change.changes[0])
    if entry.type is EntryType.CONF_CHANGE_V2 and entry.change is not None:
        changes = [_print_single(single) for single in entry.change.changes]
        printed["ccv2"] = {"changes": changes, "transition": str(entry.change.transition)}
    return printed


def _print_single(single: SingleChange) -> Json:
    return {"node": single.node, "type": _NAME_OF_CHANGE[single.kind]}


_MESSAGE_FIELDS: dict[str, Callable[[Message], object]] = {
    "term": lambda message: message.term,
    "logTerm": lambda message: message.log_term,
    "index": lambda message: message.index,
    "commit": lambda message: message.commit,
    "reject": lambda message: message.reject,
    "rejectHint": lambda message: message.reject_hint,
    "context": lambda message: message.context,
    "entries": lambda message: [print_entry(entry) for entry in message.entries],
    "snapshot": lambda message: message.snapshot and print_snapshot(message.snapshot),
}


def print_message(message: Message, number: int) -> Json:
    """Write a message under its running number."""
    printed: Json = {
        "n": number,
        "type": str(message.type),
        "from": message.sender,
        "to": message.to,
        "term": message.term,
    }
    for name, get in _MESSAGE_FIELDS.items():
        value = get(message)
        if value:
            printed[name] = value
    return printed


def print_snapshot(snapshot: Snapshot) -> Json:
    """Write a snapshot with its membership; sets without members are null."""
    configuration = snapshot.configuration
    return {
        "index": snapshot.index,
        "term": snapshot.term,
        "voters": sorted(configuration.voters) or None,
        "votersOutgoing": sorted(configuration.outgoing) or None,
        "learners": sorted(configuration.learners) or None,
        "learnersNext": sorted(configuration.learners_next) or None,
        "autoLeave": configuration.auto_leave,
    }


def parse_configuration(record: Json) -> Configuration:
    """Read the membership that a scenario begins with."""
    return Configuration(
        voters=frozenset(record["voters"] or ()), learners=frozenset(record.get("learners") or ())
    )


def print_read(read: ReadState) -> Json:
    """Write a read that may be answered."""
    return {"index": read.index, "ctx": read.context}


def print_state(node: Node) -> Json:
    """Write the state of a node; the progress of its members only when it leads."""
    leads = node.role is Role.LEADER
    return {
        "term": node.term,
        "vote": node.vote,
        "commit": node.log.committed,
        "applied": node.log.applied,
        "first": logs.get_first_index(node.log),
        "last": logs.get_last_index(node.log),
        "lastTerm": logs.get_last_term(node.log),
        "state": str(node.role),
        "lead": node.lead,
        "isLearner": node.is_learner,
        "leadTransferee": node.lead_transferee,
        "pendingConfIndex": node.pending_conf_index,
        "electionElapsed": node.election_elapsed,
        "heartbeatElapsed": node.heartbeat_elapsed,
        "randomizedElectionTimeout": node.randomized_election_timeout,
        "votes": {str(voter): granted for voter, granted in node.votes.items()},
        **_print_configuration(node.configuration),
        "progress": {str(n): _print_progress(p) for n, p in node.progress.items() if leads},
    }


def _print_configuration(configuration: Configuration) -> Json:
    return {
        "voters": sorted(configuration.voters),
        "votersOutgoing": sorted(configuration.outgoing),
        "learners": sorted(configuration.learners),
        "learnersNext": sorted(configuration.learners_next),
        "autoLeave": configuration.auto_leave,
    }


def _print_progress(progress: Progress) -> Json:
    return {
        "match": progress.match,
        "next": progress.next,
        "state": str(progress.state),
        "paused": is_paused(progress),
        "pendingSnapshot": progress.pending_snapshot,
        "recentActive": progress.recent_active,
        "learner": progress.is_learner,
        "inflight": len(progress.inflights),
    }
