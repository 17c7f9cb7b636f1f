"""What a recording has that no rule explains, each with the reason and where that is known from.

Every one occurs in a recorded cluster; a test says so.
"""

from collections.abc import Callable
from dataclasses import dataclass

from planespec.reports.judge.control_plane.audited_writes import Write
from planespec.reports.judge.control_plane.scene import LAG, Scene
from planespec.reports.judge.versions.object_versions import Version


@dataclass(frozen=True, slots=True)
class NamedException:
    """Versions or writes that are taken as they are."""

    name: str
    why: str
    source: str
    takes: Callable[[Version | Write, Scene], bool]


def _is_lost(thing: Version | Write, scene: Scene) -> bool:
    """A version that was stored when the API server was killed, and is known from a list."""
    if not isinstance(thing, Version) or thing.maker is not None:
        return False
    return any(thing.is_relisted or kill - LAG <= thing.told <= kill + LAG for kill in scene.kills)


EXCEPTIONS = [
    NamedException(
        "lost audit events",
        "an API server that is killed has stored what it had not logged yet",
        "an audit event is written after the answer (apiserver/pkg/endpoints/filters/audit.go)",
        _is_lost,
    ),
]


def find_exception(thing: Version | Write, scene: Scene) -> NamedException | None:
    """The exception that a version or a write is; None where it is none."""
    return next((each for each in EXCEPTIONS if each.takes(thing, scene)), None)
