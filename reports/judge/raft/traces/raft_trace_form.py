"""The events of an etcd-raft trace, read and written in the library's own JSON form.

Source: go.etcd.io/raft, state_trace.go. Node numbers are strings there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from planespec.spec.raft.confchange import ChangeKind, Configuration, SingleChange
from planespec.spec.raft.node import log as logs
from planespec.spec.raft.node.messages import ConfChange, Message, MessageType
from planespec.spec.raft.node.outbox import RECEIVED, SENT, TraceEvent
from planespec.spec.raft.node.state import Node, Role

Json = dict[str, Any]
Key = tuple[Any, ...]

ACTIONS = {
    "AddNewServer": ChangeKind.ADD_VOTER,
    "AddLearner": ChangeKind.ADD_LEARNER,
    "RemoveServer": ChangeKind.REMOVE,
}
_ACTION_OF = {kind: name for name, kind in ACTIONS.items()}
_EVENT: Mapping[str, type] = {
    "name": str,
    "nid": str,
    "state": dict,
    "role": str,
    "log": int,
    "conf": list,
}
_STATE: Mapping[str, type] = {"term": int, "vote": str, "commit": int}
_MESSAGE: Mapping[str, type] = {
    "type": str,
    "term": int,
    "from": str,
    "to": str,
    "entries": int,
    "logTerm": int,
    "index": int,
    "commit": int,
    "vote": str,
    "reject": bool,
    "rejectHint": int,
}
_WITH_MESSAGE = frozenset({*SENT.values(), *RECEIVED.values()})


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a trace: where it stands, whose it is, and all that was recorded of it."""

    line: int
    name: TraceEvent
    node: int
    record: Json
    """Name, node, state, role, log, configuration, message and properties, as recorded."""
    upcoming: "Event | None" = field(default=None, repr=False, compare=False)
    """The next event of the same node."""


def parse_event(line: int, record: Json) -> Event | None:
    """Read one line of a trace; None for a line of another kind, such as a log message.

    Raises ValueError with the first field that is missing or of another type.
    """
    if record.get("tag") != "trace":
        return None
    event = record.get("event")
    _check_fields("event", event, _EVENT)
    assert isinstance(event, dict)
    if event["name"] not in list(TraceEvent):
        raise ValueError(f"unknown event {event['name']!r}; known: {', '.join(TraceEvent)}")
    _check_fields("event.state", event["state"], _STATE)
    _check_configuration(event["conf"])
    if event["name"] in _WITH_MESSAGE or event.get("msg") is not None:
        _check_message(event.get("msg"))
    _check_properties(event.get("prop", {}))
    kept = {name: event[name] for name in (*_EVENT, "msg", "prop") if name in event}
    return Event(line, TraceEvent(event["name"]), parse_node(event["nid"]), kept)


def _check_configuration(halves: object) -> None:
    if not isinstance(halves, list) or len(halves) != 2:
        raise ValueError("event.conf is not a pair of lists")
    for half in halves:
        if not isinstance(half, list) or not all(map(_is_node, half)):
            raise ValueError("event.conf is not a pair of lists of node numbers")


def _check_message(message: object) -> None:
    _check_fields("event.msg", message, _MESSAGE)
    assert isinstance(message, dict)
    for name in ("from", "to"):
        parse_node(message[name])


def _check_properties(properties: object) -> None:
    change = properties.get("cc", {}) if isinstance(properties, dict) else None
    if not isinstance(change, dict):
        raise ValueError("event.prop or event.prop.cc is not an object")
    for name in ("newconf", "changes"):
        if not isinstance(change.get(name, []), list):
            raise ValueError(f"event.prop.cc.{name} is not a list")
    for node in change.get("newconf", []):
        parse_node(node)


def _check_fields(place: str, value: object, fields: Mapping[str, type]) -> None:
    if not isinstance(value, dict):
        raise ValueError(f"{place} is not an object")
    for name, kind in fields.items():
        if type(value.get(name)) is not kind:
            raise ValueError(f"{place} needs a field {name!r} of type {kind.__name__}")


def parse_node(text: object) -> int:
    """Read a node number, of 64 bits; ValueError when it is none."""
    if isinstance(text, str) and _is_node(text):
        return int(text)
    raise ValueError(f"{str(text)[:40]!r} is not a node number")


def _is_node(text: object) -> bool:
    return isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= 20


def parse_changes(event: Event) -> tuple[SingleChange, ...]:
    """Read the membership changes of a ChangeConf event."""
    changes = event.record.get("prop", {}).get("cc", {}).get("changes", [])
    try:
        return tuple(SingleChange(ACTIONS[c["action"]], parse_node(c["nid"])) for c in changes)
    except (KeyError, TypeError) as error:
        raise ValueError("event.prop.cc.changes is malformed") from error


def get_new_voters(event: Event) -> frozenset[int]:
    """Read the voters that an ApplyConfChange event puts in force."""
    listed = event.record.get("prop", {}).get("cc", {}).get("newconf", [])
    return frozenset(map(parse_node, listed))


def make_key(message: Json) -> Key:
    """Return all that a trace tells of a message, to find it again where it arrives."""
    return tuple(message[name] for name in _MESSAGE)


def print_event(node: Node, event: TraceEvent, about: object = None) -> Json:
    """Write what the library would have traced of `node` here."""
    printed: Json = {
        "name": str(event),
        "nid": str(node.id),
        "state": {"term": node.term, "vote": str(node.vote), "commit": node.log.committed},
        "role": str(node.role),
        "log": logs.get_last_index(node.log),
        "conf": print_configuration(node.configuration),
    }
    if isinstance(about, Message):
        printed["msg"] = print_message(about)
    if isinstance(about, Configuration):
        newconf = _print_nodes(about.voters)
        printed["prop"] = {"cc": {"newconf": newconf} if newconf else {}}
    if isinstance(about, ConfChange):
        printed["prop"] = {"cc": {"changes": [_print_change(c) for c in about.changes]}}
    if event is TraceEvent.SEND_APPEND_ENTRIES_REQUEST:
        printed |= _print_own_progress(node, about)
    return printed


def print_configuration(configuration: Configuration) -> list[list[str]]:
    """Write the voters and the outgoing ones; learners are not traced."""
    return [_print_nodes(configuration.voters), _print_nodes(configuration.outgoing)]


def _print_own_progress(node: Node, about: object) -> Json:
    """An append is traced with the sender's own progress."""
    if not isinstance(about, Message) or about.type is not MessageType.APP:
        return {}
    own = node.progress.get(node.id)
    return {"prop": {"match": own.match, "next": own.next}} if own is not None else {}


def _print_change(single: SingleChange) -> Json:
    return {"nid": str(single.node), "action": _ACTION_OF.get(single.kind, "")}


def print_message(message: Message) -> Json:
    """Write a message; a snapshot shows its index in place of the number of entries."""
    snapshot = message.snapshot
    return {
        "type": str(message.type),
        "term": message.term,
        "from": str(message.sender),
        "to": str(message.to),
        "entries": snapshot.index if snapshot is not None else len(message.entries),
        "logTerm": message.log_term,
        "index": message.index,
        "commit": message.commit,
        "vote": "0",
        "reject": message.reject,
        "rejectHint": message.reject_hint,
    }


def _print_nodes(nodes: frozenset[int]) -> list[str]:
    return [str(node) for node in sorted(nodes)]


def get_role(event: Event) -> str:
    """Return the role that the event shows, in the library's spelling."""
    return str(event.record["role"])


PRE_CANDIDATE = str(Role.PRE_CANDIDATE)
