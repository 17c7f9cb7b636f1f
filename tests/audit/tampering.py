"""Recordings with one line changed, as a defect of Kubernetes would have left it."""

import copy
import gzip
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).resolve().parents[1] / "recorded" / "cluster"
RECORDINGS = sorted(RECORDED.glob("*.jsonl.gz"))

Line = dict[str, Any]
Change = Callable[[Line, list[Line], random.Random], Line | None]
_NODES = ("n1", "n2", "n3")
_TERMINAL = ("Succeeded", "Failed")


@dataclass(frozen=True)
class Tampered:
    """A recording, the number from 1 of the line that is wrong, and what was done to it."""

    recording: Path
    line: int
    kind: str
    lines: list[bytes]


def read(recording: Path) -> list[bytes]:
    """The lines of a recording."""
    with gzip.open(recording, "rb") as stream:
        return stream.read().splitlines()


@cache
def parsed(recording: Path) -> tuple[Line, ...]:
    """The lines of a recording as documents."""
    return tuple(json.loads(raw) for raw in read(recording))


def _key(line: Line) -> tuple[str, str, str]:
    meta = line["object"]["metadata"]
    return line["kind"], meta.get("namespace", ""), meta["name"]


def _is_event(line: Line, kind: str = "") -> bool:
    is_object = line.get("type") in ("ADDED", "MODIFIED", "DELETED")
    return is_object and (not kind or line["kind"] == kind)


def move(line: Line, before: list[Line], rng: random.Random) -> Line | None:
    """A bound pod is on another node."""
    if not _is_event(line, "Pod") or line["type"] == "ADDED":
        return None
    node = line["object"]["spec"].get("nodeName")
    if not node:
        return None
    line["object"]["spec"]["nodeName"] = rng.choice([n for n in _NODES if n != node])
    return line


def turn_back(line: Line, before: list[Line], rng: random.Random) -> Line | None:
    """The resourceVersion is one that an earlier event of the object had, or lower."""
    if not _is_event(line):
        return None
    known = [each for each in before if each.get("kind") == line["kind"] and "object" in each]
    known = [each for each in known if "metadata" in each["object"] and _is_same(each, line)]
    if not known:
        return None
    meta = line["object"]["metadata"]
    old = int(known[-1]["object"]["metadata"]["resourceVersion"])
    meta["resourceVersion"] = str(old - rng.choice([0, 0, 1, 7, old // 2]))
    return line


def _is_same(first: Line, second: Line) -> bool:
    return first["type"] != "ERROR" and _key(first) == _key(second)


def revive(line: Line, before: list[Line], rng: random.Random) -> Line | None:
    """A pod that has ended runs again."""
    if not _is_event(line, "Pod") or line["type"] == "DELETED":
        return None
    uid = line["object"]["metadata"]["uid"]
    ended = any(
        _is_event(each, "Pod")
        and each["object"]["metadata"]["uid"] == uid
        and each["object"]["status"].get("phase") in _TERMINAL
        for each in before
    )
    if not ended:
        return None
    line["object"]["status"]["phase"] = rng.choice(["Running", "Pending"])
    return line


def overcommit(line: Line, before: list[Line], rng: random.Random) -> Line | None:
    """A pod on a node requests more than the node has."""
    if not _is_event(line, "Pod") or line["type"] != "MODIFIED":
        return None
    item = line["object"]
    if not item["spec"].get("nodeName") or item["status"].get("phase") in _TERMINAL:
        return None
    resources = item["spec"]["containers"][0].setdefault("resources", {})
    resources.setdefault("requests", {})["cpu"] = rng.choice(["5", "64", "1000"])
    return line


def bind_again(line: Line, before: list[Line], rng: random.Random) -> Line | None:
    """A refused second binding is accepted."""
    audit = line.get("audit")
    if audit is None or audit["objectRef"].get("subresource") != "binding":
        return None
    if audit["responseStatus"].get("code") != 409:
        return None
    audit["responseStatus"] = {"status": "Success", "code": 201}
    return line


def bind_elsewhere(line: Line, before: list[Line], rng: random.Random) -> Line | None:
    """An accepted binding names another node than the one the pod is on."""
    audit = line.get("audit")
    if audit is None or audit["objectRef"].get("subresource") != "binding":
        return None
    target = (audit.get("requestObject") or {}).get("target")
    if audit["responseStatus"].get("code") != 201 or target["name"] not in _NODES:
        return None
    target["name"] = rng.choice([n for n in _NODES if n != target["name"]])
    return line


CHANGES: dict[str, Change] = {
    "moved": move,
    "revision back": turn_back,
    "terminal phase left": revive,
    "overcommitted": overcommit,
    "bound twice": bind_again,
    "bound elsewhere": bind_elsewhere,
}


def tamper(count: int, seed: int) -> Iterator[Tampered]:
    """Yield recordings with one changed line each, all kinds of change in turn."""
    rng = random.Random(seed)
    kinds = list(CHANGES)
    made = 0
    while made < count:
        kind = kinds[made % len(kinds)]
        path = rng.choice(RECORDINGS)
        found = _change_one(list(parsed(path)), CHANGES[kind], rng)
        if found is not None:
            index, line = found
            lines = read(path)
            lines[index] = json.dumps(line).encode()
            made += 1
            yield Tampered(path, index + 1, kind, lines)


def _change_one(lines: list[Line], change: Change, rng: random.Random) -> tuple[int, Line] | None:
    order = list(range(1, len(lines)))
    rng.shuffle(order)
    for index in order:
        line = change(copy.deepcopy(lines[index]), lines[1:index], rng)
        if line is not None and line != lines[index]:
            return index, line
    return None
