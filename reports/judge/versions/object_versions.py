"""Versions of objects in the order of revisions, and which of them somebody may have seen.

One counter numbers the versions of all kinds (`metadata.resourceVersion`), so they have one order,
in whatever order watches delivered them. Whoever watches a kind holds the versions up to a *cut*,
a revision: `History.list_at(kind, cut)`. Times are seconds, all from one zero.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from planespec.spec.objects.object_store import GROUPS

if TYPE_CHECKING:
    from planespec.reports.judge.versions.api_requests import ApiRequest

Json = dict[str, Any]
TYPES = ("INITIAL", "ADDED", "MODIFIED", "DELETED")
"""What a watch tells of a version; INITIAL of what was there when it began."""

KNOWN = "known"


def get_api_version(kind: str) -> str:
    """The version under which objects of a kind are stored here."""
    return f"{GROUPS[kind]}/v1" if GROUPS.get(kind) else "v1"


@dataclass(frozen=True, slots=True)
class Key:
    """Which object; the namespace is empty where its kind has none."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        """Write it as messages do."""
        place = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} {place}"


@dataclass(slots=True, eq=False)
class Version:
    """One version of an object; `type` is that of the event that first told it."""

    key: Key
    uid: str
    """The identity of the object."""
    type: str
    revision: int
    data: Json
    """The object, as far as it is known."""
    told: float = 0.0
    """When the watch told it."""
    line: int = 0
    is_relisted: bool = False
    """Whether a list told it after its watch had been cut, so that versions may be missing."""
    before: "Version | None" = None
    after: "Version | None" = None
    """The versions of the same object next to it."""
    maker: "ApiRequest | None" = None
    """The request that made it; None where it was there before, or where nothing explains it."""
    since: float = 0.0
    """When it was stored at the earliest."""
    until: float = float("inf")
    """When it was stored at the latest."""

    @property
    def kind(self) -> str:
        """The kind of the object."""
        return self.key.kind

    @property
    def name(self) -> str:
        """The name of the object."""
        return self.key.name

    @property
    def is_gone(self) -> bool:
        """Whether the object went with this revision."""
        return self.type == "DELETED"

    @property
    def meta(self) -> Json:
        """`metadata`."""
        found: Json = self.data["metadata"]
        return found

    def may_be_last(self, begun: float, ended: float) -> bool:
        """Whether it may have been the last of its object at a moment between two."""
        return self.since <= ended and (self.after is None or self.after.until >= begun)

    def __str__(self) -> str:
        """Name it for messages."""
        return f"{self.key} {self.type} {self.revision}"


@dataclass(slots=True, eq=False)
class Life:
    """The versions of one object, which has one uid, from the first known to the last."""

    key: Key
    uid: str
    versions: list[Version] = field(default_factory=list)
    revisions: list[int] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The kind of the object."""
        return self.key.kind

    @property
    def name(self) -> str:
        """The name of the object."""
        return self.key.name

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
    """The versions of a recording, by object and in the order of revisions."""

    def __init__(self) -> None:
        """Begin with none."""
        self.lives: dict[tuple[str, str], Life] = {}
        """By kind and uid, in the order in which they were told of."""
        self.by_key: dict[Key, list[Life]] = defaultdict(list)
        """The objects that had a name one after the other, the youngest first."""
        self._by_kind: dict[str, list[Life]] = defaultdict(list)
        self._newest: dict[tuple[str, str], int] = {}

    def find_disorder(self, version: Version) -> str:
        """Why a watch cannot tell a version next; KNOWN where it tells none that is new."""
        life = self.find_life(version.kind, version.uid)
        last = None if life is None else life.versions[-1]
        is_first = version.type in ("INITIAL", "ADDED")
        if last is not None and version.revision == last.revision and version.type == "INITIAL":
            return KNOWN if version.data == last.data else "differs from what was told of it"
        if last is not None and last.is_gone:
            return "the object was gone"
        if last is not None and version.revision <= last.revision:
            return "the version is not newer than the one before it"
        if is_first and last is not None and not version.is_relisted:
            return "a version was before it"
        if not is_first and last is None:
            return "no version was before it"
        newest = self._newest.get((version.kind, version.key.namespace), 0)
        is_late = version.type != "INITIAL" and version.revision <= newest
        return "a newer version of its kind was told before" if is_late else ""

    def append(self, version: Version) -> None:
        """Take the next version of an object."""
        life = self.find_life(version.kind, version.uid)
        if life is None:
            life = self.lives[version.kind, version.uid] = Life(version.key, version.uid)
            self.by_key[version.key].insert(0, life)
            self._by_kind[version.kind].append(life)
        if life.versions:
            version.before, life.versions[-1].after = life.versions[-1], version
        life.versions.append(version)
        life.revisions.append(version.revision)
        watch = (version.kind, version.key.namespace)
        self._newest[watch] = max(self._newest.get(watch, 0), version.revision)

    @property
    def kinds(self) -> list[str]:
        """The kinds of which versions were told."""
        return list(self._by_kind)

    @cached_property
    def ordered(self) -> list[Version]:
        """All versions in the order of revisions; once all are there."""
        return order_versions(self.lives.values())

    def list_lives(self, kind: str = "") -> list[Life]:
        """The objects of a kind, or of all, that there ever were, in the order of `lives`."""
        return list(self._by_kind.get(kind, ()) if kind else self.lives.values())

    def find_life(self, kind: str, uid: str) -> Life | None:
        """The object of a kind with that uid."""
        return self.lives.get((kind, uid))

    # What is there.

    def list_at(self, kind: str, cut: int) -> list[Version]:
        """What who watches a kind holds that knows all up to a revision; all kinds where empty."""
        return list_at(self.list_lives(kind), cut)

    def get(self, key: Key, cut: int) -> Version | None:
        """The version of an object that is there at a revision; None where there is none."""
        return next(iter(list_at(self.by_key.get(key, ()), cut)), None)

    def find(self, key: Key, revision: int | None = None) -> Version | None:
        """The version of a revision of the object of that name; the last where none is given."""
        for life in self.by_key.get(key, ()):
            found = life.versions[-1] if revision is None else life.exact(revision)
            if found is not None:
                return found
        return None

    def find_base(self, request: "ApiRequest") -> Version | None:
        """The version that a request says it was made from, if it was ever there."""
        return None if request.revision is None else self.find(request.about, request.revision)

    def list_between(self, key: Key, begun: float, ended: float) -> list[Version]:
        """The versions of an object that may have been there at a moment between two."""
        return [
            each
            for life in self.by_key.get(key, ())
            for each in life.versions
            if not each.is_gone and each.may_be_last(begun, ended)
        ]

    def may_be_absent(self, key: Key, begun: float, ended: float, uid: str = "") -> bool:
        """Whether there may have been no object of that name, and uid, at such a moment."""
        return not any(
            life.versions[0].until < begun
            and not (life.versions[-1].is_gone and life.versions[-1].since <= ended)
            for life in self.by_key.get(key, ())
            if uid in ("", life.uid)
        )

    # What somebody may have seen.

    def bound_times(self) -> None:
        """Bound when each version was stored by its maker: the order of revisions is of time."""
        since, until = 0.0, float("inf")
        for version in self.ordered:
            since = max(since, version.since, version.maker.received if version.maker else 0.0)
            version.since = since
        for version in reversed(self.ordered):
            done = version.maker.done if version.maker else until
            until = version.until = min(until, version.until, done)

    def find_latest(self, moment: float) -> int:
        """The last revision that may have been stored at a moment; 0 where there is none."""
        index = bisect_right(self.ordered, moment, key=lambda each: each.since)
        return self.ordered[index - 1].revision if index else 0

    def find_settled(self, moment: float) -> int:
        """The last revision that was stored by a moment for certain, or that of the beginning."""
        index = bisect_right(self.ordered, moment, key=lambda each: each.until)
        return self.ordered[index - 1].revision if index else self._first

    @cached_property
    def _first(self) -> int:
        return min((e.revision for e in self.ordered if e.type == "INITIAL"), default=0)


def order_versions(lives: Iterable[Life]) -> list[Version]:
    """The versions of objects in the order of revisions."""
    found = (each for life in lives for each in life.versions)
    return sorted(found, key=lambda each: each.revision)


def list_at(lives: Iterable[Life], cut: int) -> list[Version]:
    """The versions of objects that are there at a revision."""
    return [found for life in lives if (found := life.at(cut)) is not None]


def list_cuts(versions: Sequence[Version], least: int, moment: float) -> Iterator[int]:
    """The cuts that tell versions apart and could be seen at a moment, the latest first.

    Versions are in the order of revisions. Whoever looked then knew all up to `least`; a version
    may be seen once it can be stored.
    """
    for each in reversed(versions):
        if each.revision <= least:
            break
        if each.since <= moment:
            yield each.revision
    yield least
