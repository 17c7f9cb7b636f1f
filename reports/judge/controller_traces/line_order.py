"""The order of a trace: calls with the writes that they made, and the writes of others.

A watch tells what was stored and not by whom. A write of the controller is there twice, in its
call and in an event; the event gives the call its name, uid and resourceVersion where an audit log
does not have them, and is no line of its own.
"""

from collections.abc import Sequence
from dataclasses import replace

from planespec.reports.judge.controller_traces.trace_lines import Kind, TraceLine


def order_lines(lines: Sequence[TraceLine]) -> list[TraceLine]:
    """Put lines into the order in which a model can explain them.

    Writes are in the order of their resourceVersions; what was stored by others stands before the
    next write of the controller. What nobody dates stays where it is.
    """
    events = [line for line in lines if line.kind is Kind.STORED]
    rest = [line for line in lines if line.kind is not Kind.STORED]
    is_apart = any(line.time is not None for line in rest)
    rest, events = _pair(rest, events) if is_apart else (rest, events)
    if is_apart:
        events.sort(key=lambda line: line.version or 0)
        return _insert(_sort_writes(rest), events)
    known = {(line.resource, line.version): line for line in rest if _is_write(line)}
    kept = [line for line in lines if not (line.kind is Kind.STORED and _is_echo(line, known))]
    return _move_writes_up(kept)


def _is_write(line: TraceLine) -> bool:
    return line.kind is Kind.CALL and line.is_success and line.version is not None


def _is_echo(event: TraceLine, known: dict[tuple[str, int | None], TraceLine]) -> bool:
    """Whether an event shows what a call wrote; one that says otherwise stays, and is judged."""
    call = known.get((event.resource, event.version))
    if call is None:
        return False
    is_same_uid = not call.uid or not event.uid or call.uid == event.uid
    return call.name in ("", event.name) and is_same_uid


def _pair(
    calls: list[TraceLine], events: list[TraceLine]
) -> tuple[list[TraceLine], list[TraceLine]]:
    """Give calls what the events of their writes tell; those events are taken out."""
    left, paired = list(events), []
    for call in calls:
        event = next((e for e in left if _is_of(call, e)), None) if call.is_success else None
        if event is None:
            paired.append(call)
            continue
        left.remove(event)
        version = event.version if call.version is None else call.version
        paired.append(replace(call, name=event.name, uid=call.uid or event.uid, version=version))
    return paired, left


def _is_of(call: TraceLine, event: TraceLine) -> bool:
    """Whether an event may show the write of a call."""
    if (call.resource.partition("/")[0], call.namespace) != (event.resource, event.namespace):
        return False
    if call.version is not None:
        return call.version == event.version and call.name in ("", event.name)
    if call.verb == "create":
        is_named = bool(call.generated) and event.name.startswith(call.generated)
        return event.verb == "ADDED" and (call.name == event.name or (not call.name and is_named))
    if call.name != event.name or (call.uid and call.uid != event.uid):
        return False
    if call.verb == "delete":
        return event.verb == "DELETED" or event.generated == "deleting"
    is_after = call.seen is not None and event.version is not None and event.version > call.seen
    return event.verb == "MODIFIED" and is_after


def _sort_writes(lines: list[TraceLine]) -> list[TraceLine]:
    """Calls that overlap in time, in the order in which their writes took effect."""
    places = [n for n, line in enumerate(lines) if _is_write(line)]
    writes = sorted((lines[n] for n in places), key=lambda line: line.version or 0)
    found = list(lines)
    for place, line in zip(places, writes, strict=True):
        found[place] = line
    return found


def _insert(lines: list[TraceLine], events: list[TraceLine]) -> list[TraceLine]:
    """Put what others wrote before the next write of the controller, or by its time."""
    found = list(lines)
    for event in reversed(events):
        found.insert(_place_of(found, event), event)
    return found


def _place_of(lines: list[TraceLine], event: TraceLine) -> int:
    low, high = 0, len(lines)
    for n, line in enumerate(lines):
        is_write = _is_write(line) or line.kind is Kind.STORED
        if is_write and line.version is not None and event.version is not None:
            if line.version > event.version:
                high = n
                break
            low = n + 1
    if event.time is None:
        return high
    times = [(n, line.time) for n, line in enumerate(lines[low:high], low)]
    return next((n for n, t in times if t is not None and t > (event.time or 0)), high)


def _move_writes_up(lines: list[TraceLine]) -> list[TraceLine]:
    """A call whose answer was written down after somebody had heard of it goes before that."""
    found: list[TraceLine] = []
    for line in lines:
        place = len(found)
        if _is_write(line):
            key = (line.resource.partition("/")[0], line.version)
            echoes = (
                n
                for n, e in enumerate(found)
                if e.kind is Kind.HEARD and (e.resource, e.version) == key
            )
            place = next(echoes, place)
        found.insert(place, line)
    return found
