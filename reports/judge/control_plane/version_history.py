"""All versions of all objects that the watches of a recording told, in the order of revisions.

One counter numbers the versions of all kinds (`metadata.resourceVersion`), so they have one order,
in whatever order watches delivered them. An informer of a kind holds the versions up to a *cut*,
a revision: `History.list_at(kind, cut)`.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from planespec.reports.judge.control_plane.kind_types import check_object
from planespec.spec.controllers.disruption_budget import find_controller
from planespec.spec.objects.view import ApiObject, ObjectError, View

if TYPE_CHECKING:
    from planespec.reports.judge.control_plane.audited_writes import Write

Json = dict[str, Any]
TYPES = ("INITIAL", "ADDED", "MODIFIED", "DELETED")
NOT_AUDITED = ("Event", "NodeEvent", "Lease", "NodeLease")
"""Streams whose versions no audit log tells the makers of."""


@dataclass(slots=True, eq=False)
class Version:
    """One version of an object; `type` is that of the event that first told it."""

    kind: str
    type: str
    revision: int
    data: Json
    line: int
    told: float = 0.0
    """When the watch told it, as seconds since 1970."""
    is_relisted: bool = False
    """Whether a list told it after its watch had been cut, so that versions may be missing."""
    before: "Version | None" = None
    after: "Version | None" = None
    maker: "Write | None" = None
    since: float = 0.0
    """When it was stored at the earliest, as seconds since 1970."""
    until: float = float("inf")
    """When it was stored at the latest."""

    @property
    def is_gone(self) -> bool:
        """Whether the object went with this revision."""
        return self.type == "DELETED"

    @property
    def meta(self) -> Json:
        """`metadata`."""
        found: Json = self.data["metadata"]
        return found

    @property
    def uid(self) -> str:
        """The identity of the object."""
        return str(self.meta["uid"])

    @property
    def name(self) -> str:
        """The name of the object."""
        return str(self.meta["name"])

    def __str__(self) -> str:
        """Name it for messages."""
        return f"{self.kind} {self.name} of revision {self.revision}"


@dataclass(slots=True, eq=False)
class Life:
    """The versions of one object, which has one uid, from the first known to the last."""

    kind: str
    uid: str
    name: str
    versions: list[Version] = field(default_factory=list)
    revisions: list[int] = field(default_factory=list)

    def at(self, cut: int) -> Version | None:
        """The version that who knows all up to a revision knows; None where there is none."""
        index = bisect_right(self.revisions, cut)
        found = self.versions[index - 1] if index else None
        return None if found is None or found.is_gone else found

    def exact(self, revision: int) -> Version | None:
        """The version of that revision."""
        index = bisect_right(self.revisions, revision)
        found = self.versions[index - 1] if index else None
        return found if found is not None and found.revision == revision else None


class History:
    """The versions of a recording; raises ObjectError where an event is malformed."""

    def __init__(self, start: float) -> None:
        """Begin with none; `start` is the zero of their times, as seconds since 1970."""
        self.start = start
        self.lives: dict[str, dict[str, Life]] = defaultdict(dict)
        """By kind and uid."""
        self.faults: list[tuple[Version, str]] = []
        """Versions that cannot be, as far as one sees without their makers."""
        self._relisted: set[str] = set()
        self._seen: dict[str, int] = {}

    def add(self, line: View, number: int) -> Version | None:
        """Take an event of a watch; None where it tells no version that is new."""
        kind, type_ = line.text("kind"), line.text("type")
        if type_ == "RELIST":
            self._relisted.add(kind)
        if type_ not in TYPES:
            return None
        version = _read(line, number)
        version.told = self.start + _read_time(line)
        version.is_relisted = type_ == "INITIAL" and kind in self._relisted
        life = self.lives[kind].get(version.uid) or Life(kind, version.uid, version.name)
        fault = self._find_fault(life, version)
        if fault == _KNOWN:
            return None
        if fault:
            if kind not in NOT_AUDITED:
                self.faults.append((version, fault))
            return None
        self.lives[kind][version.uid] = life
        if life.versions:
            version.before, life.versions[-1].after = life.versions[-1], version
        life.versions.append(version)
        life.revisions.append(version.revision)
        self._seen[kind] = max(self._seen.get(kind, 0), version.revision)
        return version

    def _find_fault(self, life: Life, version: Version) -> str:
        last = life.versions[-1] if life.versions else None
        is_first = version.type in ("INITIAL", "ADDED")
        if last is not None and version.revision == last.revision and version.type == "INITIAL":
            return _KNOWN if version.data == last.data else "differs from what was told of it"
        if last is not None and last.is_gone:
            return "the object was gone"
        if last is not None and version.revision <= last.revision:
            return "the version is not newer than the one before it"
        if is_first and last is not None and not version.is_relisted:
            return "a version was before it"
        if not is_first and last is None:
            return "no version was before it"
        is_late = version.type != "INITIAL" and version.revision <= self._seen.get(life.kind, 0)
        return "a newer version of its kind was told before" if is_late else ""

    # What an informer holds.

    @cached_property
    def ordered(self) -> list[Version]:
        """All versions of audited kinds in the order of revisions; once all are added."""
        return sorted(
            (
                each
                for kind in self.audited
                for life in self.list_lives(kind)
                for each in life.versions
            ),
            key=lambda each: each.revision,
        )

    @property
    def audited(self) -> list[str]:
        """The kinds of which the audit log tells all makers."""
        return [kind for kind in self.lives if kind not in NOT_AUDITED]

    def list_lives(self, kind: str) -> list[Life]:
        """The objects of a kind that there ever were, in the order in which they were told of."""
        return list(self.lives[kind].values()) if kind in self.lives else []

    def find_life(self, kind: str, uid: str) -> Life | None:
        """The object of a kind with that uid."""
        return self.lives[kind].get(uid) if kind in self.lives else None

    def list_at(self, kind: str, cut: int) -> list[Version]:
        """What an informer of a kind holds that knows all up to a revision."""
        return list_at(self.list_lives(kind), cut)

    def find(self, kind: str, name: str, revision: int | None = None) -> Version | None:
        """The version of a revision of the object of that name; the last where none is given."""
        for life in self.by_name.get((kind, name), ()):
            found = life.versions[-1] if revision is None else life.exact(revision)
            if found is not None:
                return found
        return None

    @cached_property
    def by_name(self) -> dict[tuple[str, str], list[Life]]:
        """Objects by kind and name, the youngest first; once all versions are added."""
        found: dict[tuple[str, str], list[Life]] = defaultdict(list)
        for kind, lives in self.lives.items():
            for life in lives.values():
                found[kind, life.name].insert(0, life)
        return found

    @cached_property
    def by_controller(self) -> dict[tuple[str, str], list[Life]]:
        """Objects by kind and the uid of their controller, as any of their versions names it."""
        found: dict[tuple[str, str], list[Life]] = defaultdict(list)
        for kind in self.audited:
            for life in self.list_lives(kind):
                for owner in {_find_owner(each) for each in life.versions} - {""}:
                    found[kind, owner].append(life)
        return found

    def list_owned(self, kind: str, owner: str) -> list[Life]:
        """Objects of a kind of which one version names the owner, by uid, as its controller."""
        return self.by_controller.get((kind, owner), [])


_KNOWN = "known"


def _read(line: View, number: int) -> Version:
    thing = ApiObject(line.needing("object").view("object").data, "object")
    thing.needing("metadata")
    thing.meta.needing("uid", "name", "resourceVersion")
    text = thing.meta.text("resourceVersion")
    if not text.isascii() or not text.isdigit():
        raise ObjectError(thing.meta.path("resourceVersion"), "must be a number")
    check_object(line.text("kind"), thing.data, "object")
    return Version(line.text("kind"), line.text("type"), int(text), dict(thing.data), number)


def _read_time(line: View) -> float:
    value = line.data.get("t")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ObjectError("t", "must be a number of seconds")
    return float(value)


def _find_owner(version: Version) -> str:
    controller = find_controller(ApiObject(version.data))
    return "" if controller is None else controller.text("uid")


def list_at(lives: Iterable[Life], cut: int) -> list[Version]:
    """The versions of objects that are there at a revision."""
    return [found for life in lives if (found := life.at(cut)) is not None]


def list_cuts(lives: Iterable[Life], least: int, moment: float) -> Iterator[int]:
    """The cuts that tell these objects apart and could be seen at a moment, the latest first.

    Whoever looked then knew all up to `least`. A version may be seen once it can be stored.
    """
    found = {
        each.revision
        for life in lives
        for each in life.versions
        if each.revision > least and each.since <= moment
    }
    yield from sorted(found, reverse=True)
    yield least
