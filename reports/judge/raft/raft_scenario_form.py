"""The form of a recorded Raft scenario: which fields it must have, and of which type.

Only what is read to carry the scenario out is checked here; what came of each operation is
compared as a whole, whatever its form.
"""

from collections.abc import Mapping
from typing import Any

from planespec.reports.judge.raft.raft_json import CHANGE_NAMES, Json
from planespec.spec.raft.node.messages import Transition

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
