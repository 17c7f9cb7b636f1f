"""All versions of all objects that the watches of a recorded cluster told."""

from collections import defaultdict
from functools import cached_property

from planespec.reports.judge.control_plane.kind_types import KINDS, check_object
from planespec.reports.judge.recorded_fields import read_number
from planespec.reports.judge.versions.object_versions import (
    KNOWN,
    TYPES,
    History,
    Key,
    Life,
    Version,
    get_api_version,
    order_versions,
)
from planespec.spec.controllers.disruption_budget import find_controller
from planespec.spec.objects.view import ApiObject, ObjectError, View

NOT_AUDITED = ("Event", "NodeEvent", "Lease", "NodeLease")
"""Streams whose versions no audit log tells the makers of."""
LATEST = 4.0
"""Seconds by which a watch that was not cut tells a version, on a machine that is busy."""


class ClusterHistory(History):
    """The versions of a recording; raises ObjectError where an event is malformed."""

    def __init__(self, start: float) -> None:
        """Begin with none; `start` is the zero of their times, as seconds since 1970."""
        super().__init__()
        self.start = start
        self.faults: list[tuple[Version, str]] = []
        """Versions that cannot be, as far as one sees without their makers."""
        self.cuts: list[float] = []
        """When a watch was cut or taken up again."""
        self._relisted: set[str] = set()
        self._told = start

    def add(self, line: View, number: int) -> None:
        """Take an event of a watch, which may tell no version that is new."""
        kind, type_ = line.text("kind"), line.text("type")
        told = self.start + read_number(line, "t")
        if type_ == "RELIST":
            self._relisted.add(kind)
        if type_ not in TYPES:
            self.cuts.append(told)
            return
        version = _read(line, number)
        version.told = told
        version.is_relisted = type_ == "INITIAL" and kind in self._relisted
        fault = self.find_disorder(version)
        if not fault and told < self._told:
            fault = "was told before what stands above it"
        self._told = max(self._told, told)
        if not fault:
            self.append(version)
        elif fault != KNOWN and kind not in NOT_AUDITED:
            self.faults.append((version, fault))

    def find_delay(self, version: Version) -> str:
        """Why a watch cannot have told a version so late; empty where it can."""
        maker, told = version.maker, version.told
        if maker is None or version.is_relisted or told <= maker.done + LATEST:
            return ""
        is_cut = any(maker.received <= each <= told for each in self.cuts)
        return "" if is_cut else f"was told {told - maker.done:.1f} seconds after it was made"

    @cached_property
    def ordered(self) -> list[Version]:
        """All versions of audited kinds in the order of revisions; once all are added."""
        return order_versions(life for kind in self.audited for life in self.list_lives(kind))

    @property
    def audited(self) -> list[str]:
        """The kinds of which the audit log tells all makers."""
        return [kind for kind in self.kinds if kind not in NOT_AUDITED]

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


def _read(line: View, number: int) -> Version:
    thing = ApiObject(line.needing("object").view("object").data, "object")
    thing.needing("metadata")
    thing.meta.needing("uid", "name", "resourceVersion")
    text = thing.meta.text("resourceVersion")
    if not text.isascii() or not text.isdigit():
        raise ObjectError(thing.meta.path("resourceVersion"), "must be a number")
    check_object(line.text("kind"), thing.data, "object")
    _check_kind(line, thing)
    key = Key(line.text("kind"), thing.meta.text("namespace"), thing.meta.text("name"))
    return Version(
        key, thing.meta.uid, line.text("type"), int(text), dict(thing.data), line=number
    )


def _check_kind(line: View, thing: ApiObject) -> None:
    """Raise ObjectError where an object is called another kind; items of lists have none."""
    told, kind = (thing.text("apiVersion"), thing.text("kind")), line.text("kind")
    if kind not in KINDS or (line.text("type") == "INITIAL" and told == ("", "")):
        return
    if told != (get_api_version(kind), kind):
        raise ObjectError("object", f"must be of kind {kind}")


def _find_owner(version: Version) -> str:
    controller = find_controller(ApiObject(version.data))
    return "" if controller is None else controller.text("uid")
