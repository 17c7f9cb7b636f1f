"""Reads of a registry whose store others write to and whose cache may lag.

Which state a cache shows, how far the store is ahead of a line, and what was compacted is not in a
line. So the answer of a read is the recorded one where the server can give it, and otherwise the
one that a server gives which is not behind and alone with its store.
Source: `apiserver/pkg/storage/cacher/cacher.go`, `apiserver/pkg/storage/etcd3/store.go`, v1.36.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from planespec.spec.api.api_errors import ApiError, expired, not_found, too_large_version
from planespec.spec.api.registry import Registry
from planespec.spec.api.watching.continue_token import ContinueToken, encode_token
from planespec.spec.labels.selector_text import parse_selector

Json = dict[str, Any]
_CURRENT = re.compile(r", current: ([0-9]{1,19})$")
_HIDDEN = ("kind", "apiVersion")


@dataclass(frozen=True)
class Read:
    """A GET: of one object, or without a name of a list."""

    name: str | None
    query: dict[str, str]
    before: int
    """What is read is older than this revision, at which the line writes next."""


class _State(NamedTuple):
    """The objects between two changes; both revisions included."""

    first: int
    last: int
    objects: dict[str, Json]


class CachedReads:
    """Answers reads as a server can that never goes back behind what it showed before."""

    def __init__(self, registry: Registry, start: int) -> None:
        """Take the registry, empty as it was at revision `start`."""
        self._registry, self._start = registry, start
        self._seen = 0
        """The cache never shows a state before this revision."""
        self._compacted = 0
        """The highest revision that was refused as compacted."""

    def answer(self, read: Read, recorded: Json, show: Any) -> Json:
        """Return the recorded answer where it is possible, or else the most likely one."""
        first: Json | None = None
        for answer, revision in self._list_answers(read, recorded, show):
            if first is None or answer == recorded:
                first = answer
            if answer == recorded:
                self._note(answer, revision)
                break
        if first is None:
            raise ValueError("ops: nothing can be answered to such a read")
        return first

    def _note(self, answer: Json, revision: int) -> None:
        if answer["code"] == 410:
            self._compacted = max(self._compacted, revision)
        else:
            self._seen = max(self._seen, revision)

    def _list_answers(self, read: Read, recorded: Json, show: Any) -> Iterator[tuple[Json, int]]:
        """Yield answers that are possible, each with the revision that it shows of the cache."""
        asked = _read_version(read.query.get("resourceVersion", ""))
        is_exact = read.name is None and _is_exact(read.query)
        states = self._list_states(read.before)
        newest = states[-1]
        if asked is None:
            states = [newest]
        elif is_exact:
            yield from self._read_exactly(read, asked, states, recorded, show)
            return
        else:
            least = max(asked, self._seen)
            states = [each for each in reversed(states) if each.last >= least]
            if asked > newest.first:
                yield from _time_out(asked, max(self._seen, newest.first), read, recorded)
        for state in states:
            yield _answer(read, self._registry, state, recorded, show, max(self._seen, asked or 0))

    def _read_exactly(
        self, read: Read, asked: int, states: list[_State], recorded: Json, show: Any
    ) -> Iterator[tuple[Json, int]]:
        """A list at one revision: compacted, in the future, or the state of that revision."""
        if asked > states[-1].first:
            yield from _time_out(asked, states[-1].first, read, recorded)
        exact = [each._replace(first=asked, last=asked) for each in states if _covers(each, asked)]
        for state in exact if asked > self._compacted else ():
            answer, _ = _answer(read, self._registry, state, recorded, show, asked)
            yield answer, self._seen
        if asked < self._start:
            yield tell_error(expired()), asked

    def _list_states(self, before: int) -> list[_State]:
        """Return every state from before the line to now."""
        states = [_State(0, before - 1, {})]
        for event in self._registry.events:
            last = states[-1]
            objects = dict(last.objects)
            if event.type == "DELETED":
                objects.pop(event.object["metadata"]["name"], None)
            else:
                objects[event.object["metadata"]["name"]] = event.object
            states[-1] = last._replace(last=event.revision - 1)
            states.append(_State(event.revision, before - 1, objects))
        return states


def _covers(state: _State, revision: int) -> bool:
    return state.first <= revision <= state.last


def _is_exact(query: dict[str, str]) -> bool:
    """A limit with a revision means that very revision, where nothing else is said."""
    match, version = query.get("resourceVersionMatch", ""), query.get("resourceVersion", "")
    return match == "Exact" or (not match and "limit" in query and version not in ("", "0"))


def _read_version(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit():
        raise ValueError(f"path: resourceVersion {text!r} is no revision")
    return int(text)


def _time_out(asked: int, least: int, read: Read, recorded: Json) -> Iterator[tuple[Json, int]]:
    """The cache did not get there; how far it got is what the recording says, if it can be."""
    said = _CURRENT.search(str(recorded.get("message")))
    current = int(said[1]) if said else least
    if not least <= current < min(asked, read.before):
        current = least
    if current < asked:
        yield tell_error(too_large_version(asked, current)), current


def tell_error(error: ApiError) -> Json:
    """Return a refusal as recordings show it."""
    said = {"code": error.code, "reason": error.reason, "message": error.message}
    return {**said, "status": "Failure"}


def _answer(
    read: Read, registry: Registry, state: _State, recorded: Json, show: Any, least: int
) -> tuple[Json, int]:
    if read.name is not None:
        found = state.objects.get(read.name)
        if found is None:
            return tell_error(not_found(registry.strategy.resource, read.name)), state.first
        return {"code": 200, "object": show(found)}, state.first
    said = _shown_version(recorded)
    first = max(state.first, least)
    revision = said if first <= said <= state.last else first
    selector = parse_selector(read.query.get("labelSelector", ""))
    chosen = [
        each
        for _, each in sorted(state.objects.items())
        if selector.matches(each["metadata"].get("labels") or {})
    ]
    limit = int(read.query.get("limit") or 0)
    page = chosen[:limit] if limit else chosen
    meta: Json = {"resourceVersion": str(revision)}
    is_cut = len(chosen) > len(page)
    if limit and len(page) == limit and (is_cut or _has_more(recorded)):
        token = ContinueToken(revision, page[-1]["metadata"]["name"] + "\0")
        meta["continue"] = encode_token(token)
    items = [
        {key: value for key, value in show(each).items() if key not in _HIDDEN} for each in page
    ]
    kind = f"{registry.strategy.kind}List"
    return {"code": 200, "object": {"kind": kind, "metadata": meta, "items": items}}, revision


def _has_more(recorded: Json) -> bool:
    """Say whether the recording tells of more: objects of other lines may follow in the store."""
    shown = recorded.get("object")
    return isinstance(shown, dict) and "continue" in shown.get("metadata", {})


def _shown_version(recorded: Json) -> int:
    shown = recorded.get("object")
    text = shown.get("metadata", {}).get("resourceVersion", "") if isinstance(shown, dict) else ""
    return int(text) if isinstance(text, str) and text.isdigit() else 0
