"""The JSON form of recorded Raft scenarios: its fields, from and to the values of the spec.

Fields that hold nothing (0, "", false, no entries) are left out of messages and entries; the
state of a node always has all its fields. ValueError or KeyError for what is not of this form.
"""

from collections.abc import Callable, Mapping
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


# The form of a recorded Raft scenario: which fields it must have, and of which type.
#
# Only what is read to carry the scenario out is checked here; what came of each operation is
# compared as a whole, whatever its form.


_CONFIG = {
    "voters": list,
    "electionTick": int,
    "heartbeatTick": int,
    "maxInflightMsgs": int,
    "preVote": bool,
    "checkQuorum": bool,
    "initialSnapshot": dict,
}
_SNAPSHOT = {"index": int, "term": int}
_OPERATIONS: dict[str, Mapping[str, type]] = {
    "tick": {"node": int},
    "campaign": {"node": int},
    "propose": {"node": int, "data": str},
    "proposeConfChange": {"node": int},
    "readIndex": {"node": int, "ctx": str},
    "transferLeader": {"node": int, "to": int},
    "reportUnreachable": {"node": int, "about": int},
    "reportSnapshot": {"node": int, "about": int, "ok": bool},
    "deliver": {"n": int},
    "drop": {"n": int},
    "crash": {"node": int},
    "restart": {"node": int},
    "snapshotCompact": {"node": int, "index": int},
}


def check_scenario(record: Json) -> None:
    """Raise ValueError with the first field that is missing or of another type."""
    _check_fields("the scenario", record, {"config": dict, "init": dict, "steps": list})
    _check_fields("config", record["config"], _CONFIG)
    _check_fields("config.initialSnapshot", record["config"]["initialSnapshot"], _SNAPSHOT)
    _check_numbers("config.voters", record["config"]["voters"])
    _check_numbers("config.learners", record["config"].get("learners") or [])
    for name, state in record["init"].items():
        if not name.isdecimal():
            raise ValueError(f"init has a server {name!r}, which is not a number")
        _check_state(f"init.{name}", state)
    for number, step in enumerate(record["steps"]):
        _check_step(f"steps[{number}]", step)


def _check_step(place: str, step: Any) -> None:
    _check_fields(place, step, {"op": str})
    if step["op"] not in _OPERATIONS:
        known = ", ".join(_OPERATIONS)
        raise ValueError(f"{place} has an unknown op {step['op']!r}; known: {known}")
    _check_fields(place, step, _OPERATIONS[step["op"]])
    if "after" in step:
        _check_state(f"{place}.after", step["after"])
    if step["op"] == "proposeConfChange":
        _check_change(place, step)
        if "created" in step:
            _check_fields(f"{place}.created", step["created"], {"id": int, "state": dict})
            _check_state(f"{place}.created.state", step["created"]["state"])


def _check_state(place: str, state: Any) -> None:
    _check_fields(place, state, {"randomizedElectionTimeout": int})


def _check_change(place: str, step: Json) -> None:
    if ("cc" in step) == ("ccv2" in step):
        raise ValueError(f"{place} needs one of cc and ccv2")
    if "cc" in step:
        _check_single(f"{place}.cc", step["cc"])
        return
    _check_fields(f"{place}.ccv2", step["ccv2"], {"transition": str})
    if step["ccv2"]["transition"] not in list(Transition):
        raise ValueError(f"{place}.ccv2 has an unknown transition")
    for single in step["ccv2"].get("changes") or []:
        _check_single(f"{place}.ccv2.changes", single)


def _check_single(place: str, single: Any) -> None:
    _check_fields(place, single, {"node": int, "type": str})
    if single["type"] not in CHANGE_NAMES:
        raise ValueError(f"{place} has an unknown type {single['type']!r}")


def _check_numbers(place: str, values: Any) -> None:
    if not isinstance(values, list) or not all(type(value) is int for value in values):
        raise ValueError(f"{place} is not a list of numbers")


def _check_fields(place: str, value: Any, fields: Mapping[str, type]) -> None:
    if not isinstance(value, dict):
        raise ValueError(f"{place} is not an object")
    for name, kind in fields.items():
        if type(value.get(name)) is not kind:
            raise ValueError(f"{place} needs a field {name!r} of type {kind.__name__}")
