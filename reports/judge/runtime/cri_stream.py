"""The events that a recording of a runtime shows, as one stream, beside those that are due."""

from collections.abc import Iterable, Iterator, Sequence

from planespec.reports.judge.runner import Comparison
from planespec.reports.judge.runtime.cri_symbols import to_symbols
from planespec.spec.objects.view import ObjectError, View
from planespec.spec.runtime.cri_events import CriEvent

_UNSEEN = "?"
"""Stands for an id of which the line does not tell: what was left of the line before."""


def compare_events(
    where: str, due: Sequence[Sequence[CriEvent]], steps: Sequence[View]
) -> Comparison:
    """Compare the stream of a line with groups of events, each in any order.

    The answer is what is recorded as far as it is due, and then what would be due instead.
    """
    recorded = list(_read_events(steps))
    actual: list[object] = []
    rest = list(recorded)
    for group in due:
        taken = _take_group(group, rest)
        actual += rest[: len(taken)]
        if len(taken) < len(group):
            actual += [_show(each) for each in group if each not in taken]
            break
        del rest[: len(taken)]
    return Comparison("events", where, {}, recorded, actual, recorded == actual)


def _read_events(steps: Iterable[View]) -> Iterator[list[object]]:
    for step in steps:
        for index, event in enumerate(step.items("events")):
            field = f"{step.path('events')}[{index}]"
            if not isinstance(event, list) or len(event) != 4 or not isinstance(event[3], list):
                raise ObjectError(field, "must be [id, type, sandbox state, containers]")
            if event[0] != _UNSEEN:
                yield event


def _take_group(group: Sequence[CriEvent], rest: Sequence[list[object]]) -> list[CriEvent]:
    """Events of a group that come next, whatever their order."""
    taken: list[CriEvent] = []
    for recorded in rest[: len(group)]:
        found = next((each for each in group if each not in taken and _fits(each, recorded)), None)
        if found is None:
            break
        taken.append(found)
    return taken


def _fits(event: CriEvent, recorded: Sequence[object]) -> bool:
    key, kind, sandbox, containers = recorded
    if (to_symbols(event.id), event.kind) != (key, kind) or not isinstance(containers, list):
        return False
    shown = {str(pair[0]): str(pair[1]) for pair in containers if isinstance(pair, list)}
    mine = CriEvent(
        event.id,
        event.kind,
        event.sandbox_states,
        {to_symbols(each): states for each, states in event.container_states.items()},
    )
    return mine.allows(str(sandbox), shown)


def _show(event: CriEvent) -> list[object]:
    containers = [
        [to_symbols(key), " or ".join(sorted(states))]
        for key, states in sorted(event.container_states.items())
        if any(states)
    ]
    sandbox = " or ".join(sorted(event.sandbox_states))
    return [to_symbols(event.id), event.kind, sandbox, containers]
