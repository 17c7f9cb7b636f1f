"""The pods of one owner as its controller may have seen them: counted at every cut.

Counters are carried from cut to cut, so that a controller of hundreds of pods is explained in the
time that its changes take.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from planespec.reports.judge.control_plane.version_history import ClusterHistory
from planespec.reports.judge.versions.object_versions import Life, Version, list_at
from planespec.spec.controllers.apps.pod_ownership import is_claimed
from planespec.spec.controllers.batch.job_state import is_active, is_terminating
from planespec.spec.controllers.pod_gc import is_ready
from planespec.spec.labels import Selector
from planespec.spec.objects.core_views import Pod
from planespec.spec.objects.view import ApiObject

Counts = tuple[int, int, int]
"""Active pods, those of them that are ready, and pods that are being deleted."""
NOTHING: Counts = (0, 0, 0)


def to_time(moment: float) -> datetime:
    """A moment as rules take it."""
    return datetime.fromtimestamp(moment, UTC)


@dataclass(eq=False)
class OwnedPods:
    """The pods that name an owner as their controller, and match its selector."""

    history: ClusterHistory
    owner: ApiObject
    selector: Selector
    lives: list[Life] = field(default_factory=list)
    _pods: dict[Version, Pod] = field(default_factory=dict)
    _counted: dict[Version, Counts] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find the pods."""
        self.lives = self.history.list_owned("Pod", self.owner.meta.uid)

    def read(self, version: Version) -> Pod:
        """A version of a pod as rules take it."""
        if version not in self._pods:
            self._pods[version] = Pod(version.data)
        return self._pods[version]

    def list_at(self, cut: int) -> list[Pod]:
        """The pods at a cut, whether they are active or not."""
        return [self.read(each) for each in list_at(self.lives, cut)]

    def count_ending(self, cut: int) -> int:
        """How many are being deleted at a cut."""
        return sum(self._count(each)[2] for each in list_at(self.lives, cut))

    def list_active(self, cut: int) -> list[Pod]:
        """The pods that the controller counts at a cut."""
        at = list_at(self.lives, cut)
        return [self.read(each) for each in at if self._count(each)[0]]

    def _count(self, version: Version | None) -> Counts:
        if version is None or version.is_gone:
            return NOTHING
        if version not in self._counted:
            pod = self.read(version)
            is_own = is_claimed(self.owner, self.selector, pod)
            active = is_own and is_active(pod)
            ending = is_own and is_terminating(pod)
            self._counted[version] = (active, active and is_ready(pod), ending)
        return self._counted[version]

    def count_at_cuts(self, least: int, most: int) -> Iterator[tuple[int, Counts]]:
        """What is counted at every cut from the last that may be seen down to the first.

        Of cuts at which the pods are the same, the first stands for all.
        """
        totals = [0, 0, 0]
        changes: list[Version] = []
        for life in self.lives:
            found = life.at(most)
            for place, number in enumerate(self._count(found)):
                totals[place] += number
            changes += [each for each in life.versions if least < each.revision <= most]
        changes.sort(key=lambda each: each.revision, reverse=True)
        for version in changes:
            yield version.revision, (totals[0], totals[1], totals[2])
            pairs = zip(self._count(version), self._count(version.before), strict=True)
            for place, (now, before) in enumerate(pairs):
                totals[place] += before - now
        yield least, (totals[0], totals[1], totals[2])
