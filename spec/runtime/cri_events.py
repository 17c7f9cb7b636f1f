"""Events of sandboxes and containers that a runtime sends, with what they may show.

An event is put together some time after what it tells of, by routines that run beside each other
(`generateAndSendContainerEvent`). What changes at one time is therefore told in any order, and an
event may show the others before or after.

Source: containerd v2.3.4, `internal/cri/server/helpers.go`, `events.go`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

NOT_LISTED = ""
"""The state of a container that is not there."""


@dataclass(frozen=True, slots=True)
class CriEvent:
    """One event; each state is one of several where upstream leaves it open."""

    id: str
    kind: str
    """CREATED, STARTED, STOPPED or DELETED."""
    sandbox_states: frozenset[str]
    container_states: Mapping[str, frozenset[str]]
    """By id; a state may be NOT_LISTED."""

    def allows(self, sandbox_state: str, containers: Mapping[str, str]) -> bool:
        """Say whether it may show this."""
        return (
            sandbox_state in self.sandbox_states
            and containers.keys() <= self.container_states.keys()
            and all(
                containers.get(key, NOT_LISTED) in states
                for key, states in self.container_states.items()
            )
        )


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happens and is told."""

    id: str
    kind: str
    sandbox_id: str
    apply: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Sight:
    """States of a sandbox, NOT_LISTED where it is not there, and of the containers in it by id."""

    sandbox: str
    containers: Mapping[str, str]


def describe_changes(changes: Sequence[Change], seen: Sequence[Sight]) -> list[CriEvent]:
    """Return the events of changes of one sandbox at one time.

    `seen` is what was there before the first and after each. Of what an event tells of it shows
    only what is so since then.
    """
    return [_describe(change, seen, seen[number:]) for number, change in enumerate(changes, 1)]


def _describe(change: Change, seen: Sequence[Sight], since: Sequence[Sight]) -> CriEvent:
    known = {key for sight in seen for key in sight.containers}
    return CriEvent(
        change.id,
        change.kind,
        frozenset(each.sandbox for each in (since if change.id == change.sandbox_id else seen)),
        {
            key: frozenset(
                each.containers.get(key, NOT_LISTED)
                for each in (since if key == change.id else seen)
            )
            for key in known
        },
    )
