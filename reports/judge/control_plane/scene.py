"""What a recording of a cluster tells, and what a component could have seen when it wrote.

A component reads caches: of each kind the versions up to a cut (`version_history`). What it knew
grows as long as its process lives, and a worker that has looked at a key looks at it again later:
so the cut by which a write is explained bounds the next one of the same component and key from
below (`Scene.get_least`, `Scene.raise_least`). A new process begins anew.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from planespec.reports.judge.control_plane.audited_writes import Write
from planespec.reports.judge.control_plane.version_history import ClusterHistory
from planespec.reports.judge.recorded_fields import read_number
from planespec.reports.judge.versions.object_versions import Key, Life, Version
from planespec.spec.objects.object_store import CLUSTER_SCOPED
from planespec.spec.objects.view import View

Json = dict[str, Any]
LAG = 1.0
"""Seconds by which what is told of a moment may be late on a machine that is busy."""
START = 10.0
"""Seconds that an API server may take to know what is stored."""
_PROCESSES = {"hollow-kubelet": "kubelet"}
"""What actions call a program, where it is not its user agent."""


@dataclass(frozen=True, slots=True)
class Action:
    """What the script did: a request, or something in words such as `SIGKILL kubelet`."""

    begun: float
    ended: float
    do: str
    path: str
    code: int | None
    data: Json


@dataclass(eq=False)
class Scene:
    """A recording as those who explain writes look at it."""

    line: int
    """The line of the scenario."""
    namespace: str
    start: float
    """The zero of its times, as seconds since 1970."""
    end: float
    """When its watches ended."""
    actions: list[Action]
    history: ClusterHistory
    writes: list[Write]
    """In the order in which they came in."""
    first: Json
    """The first line."""
    _least: dict[tuple[str, float, str, str], int] = field(default_factory=dict)
    memory: dict[str, Any] = field(default_factory=dict)
    """Whatever explainers keep for later writes, by a name of their own."""

    def find_start(self, write: Write) -> float:
        """When the process that wrote was last killed or started; 0 where it never was."""
        name = _PROCESSES.get(write.process, write.process)
        times = [
            each.begun
            for each in self.actions
            if not each.path and each.do.split(" ")[-1] == name and each.begun <= write.done
        ]
        return max(times, default=0.0)

    def find_base(self, write: Write) -> Version | None:
        """The version that an update was made from, by the revision in its body."""
        return self.history.find_base(write)

    def find_latest(self, write: Write) -> int:
        """The last revision that whoever wrote can have seen before."""
        return self.history.find_latest(write.received)

    def list_named(self, kind: str, name: str) -> list[Life]:
        """The objects of a kind that had a name one after the other, the youngest first."""
        namespace = "" if kind in CLUSTER_SCOPED else self.namespace
        return self.history.by_key.get(Key(kind, namespace, name), [])

    def list_seen(self, write: Write, life: Life, key: str = "") -> list[Version]:
        """The versions of an object that whoever wrote may have looked at, the oldest first."""
        least, most = self.get_least(write, key or life.uid, life.kind), self.find_latest(write)
        found = [
            each
            for each in life.versions
            if each.revision <= most and (each.after is None or each.after.revision > least)
        ]
        return [each for each in found if not each.is_gone]

    def get_least(self, write: Write, key: str, kind: str) -> int:
        """The cut of a kind below which who wrote cannot have been when it looked at a key."""
        return self._least.get((write.component, self.find_start(write), key, kind), 0)

    def raise_least(self, write: Write, key: str, kind: str, cut: int) -> None:
        """Note that a write is explained by a cut, and by none below it."""
        place = (write.component, self.find_start(write), key, kind)
        self._least[place] = max(self._least.get(place, 0), cut)

    def is_starting(self, write: Write) -> bool:
        """Whether the API server was started a moment before, so that it lacks what it caches."""
        started = [each.begun for each in self.actions if each.do == "start kube-apiserver"]
        return any(each <= write.received <= each + START for each in started)

    def forget_cuts(self) -> None:
        """Explain writes anew, in any order."""
        self._least.clear()

    @cached_property
    def kills(self) -> list[float]:
        """When the API server was killed or went, so that what it logged may be lost."""
        return [each.begun for each in self.actions if each.do in _KILLS]

    def list_before(self, write: Write) -> list[Write]:
        """Writes that came in before, by the same component."""
        return self._by_component[write.component][: self._places[write]]

    @cached_property
    def _places(self) -> dict[Write, int]:
        return {
            each: place
            for found in self._by_component.values()
            for place, each in enumerate(found)
        }

    @cached_property
    def _by_component(self) -> dict[str, list[Write]]:
        found: dict[str, list[Write]] = {}
        for each in self.writes:
            found.setdefault(each.component, []).append(each)
        return found


_KILLS = ("SIGKILL kube-apiserver", "SIGTERM kube-apiserver", "kube-apiserver gone")


def read_scene(first: Json, number: int) -> Scene:
    """Begin with what the first line tells. Raises ObjectError."""
    line = View(first).needing("scenario", "startUnix", "duration", "namespace")
    start, duration = (read_number(line, name) for name in ("startUnix", "duration"))
    actions = [_read_action(each, start) for each in line.views("actions")]
    history = ClusterHistory(start)
    return Scene(
        number,
        line.text("namespace"),
        start,
        start + duration,
        actions,
        history,
        [],
        dict(line.data),
    )


def _read_action(view: View, start: float) -> Action:
    begun = start + read_number(view.needing("t"), "t")
    ended = start + read_number(view, "tDone") if view.has("tDone") else begun
    view.view("body") if isinstance(view.data.get("body"), dict) else None
    return Action(
        begun, ended, view.text("do"), view.text("path"), view.integer("code"), dict(view.data)
    )
