"""When a pod is evicted from a node with NoExecute taints.

Timers are kept by the name of the pod: one that was made anew under a name has the timer of the
one before, and is evicted by it (kubernetes#141568, open in v1.36).

Source: Kubernetes v1.36, `pkg/controller/tainteviction/taint_eviction.go` and `timed_workers.go`.
Times are seconds; a pod that is evicted is only counted, as if its deletion took long. Left out:
the four retries of a deletion, events, and which worker a node belongs to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from planespec.spec.objects.core_views import Taint, Toleration
from planespec.spec.pods.node_selection import is_tolerated

FOREVER = -1
"""A toleration without an end."""
EVICTED = {
    "type": "DisruptionTarget",
    "status": "True",
    "reason": "DeletionByTaintManager",
    "message": "Taint manager: deleting due to NoExecute taint",
}
"""The condition that a pod gets before it is deleted; time and generation are left out."""


@dataclass(frozen=True, slots=True)
class Timer:
    """An eviction to come."""

    since: float
    """When the pod first met taints that it tolerates for a while only."""
    fires_at: float


@dataclass(slots=True)
class TaintEviction:
    """`tainteviction.Controller` with its `TimedWorkerQueue`, by names of pods."""

    timers: dict[str, Timer] = field(default_factory=dict)
    evicted: list[str] = field(default_factory=list)

    def advance(self, now: float) -> None:
        """Evict those whose time has come, in its order."""
        due = [(timer.fires_at, name) for name, timer in self.timers.items()]
        for fires_at, name in sorted(due):
            if fires_at <= now:
                self._evict(name)

    def forget(self, name: str) -> None:
        """Cancel what was to come for a pod (`CancelWork`), as when it is gone or placed anew."""
        self.timers.pop(name, None)

    def process(
        self,
        name: str,
        tolerations: Sequence[Toleration],
        taints: Sequence[Taint],
        now: float,
    ) -> None:
        """Decide of a pod on a node with these NoExecute taints (`processPodOnNode`).

        A timer that is set keeps the moment from which it counts. It is only ever moved away from
        now: one that would end sooner than a new one is kept.
        """
        used = find_used_tolerations(taints, tolerations)
        if used is None:
            self.forget(name)
            self._set(name, now, now, now)
            return
        wait = get_least_seconds(used)
        if not taints or wait < 0:
            self.forget(name)
            return
        timer = self.timers.get(name)
        since = timer.since if timer else now
        if timer:
            if since + wait < now + wait:
                return
            self.forget(name)
        self._set(name, since, now + wait, now)

    def _set(self, name: str, since: float, fires_at: float, now: float) -> None:
        self.timers[name] = Timer(since, fires_at)
        if fires_at <= now:
            self._evict(name)

    def _evict(self, name: str) -> None:
        del self.timers[name]
        self.evicted.append(name)


def find_used_tolerations(
    taints: Iterable[Taint], tolerations: Sequence[Toleration]
) -> list[Toleration] | None:
    """The first toleration of each taint; None where a taint is not tolerated."""
    used = []
    for taint in taints:
        found = next((each for each in tolerations if is_tolerated(taint, [each])), None)
        if found is None:
            return None
        used.append(found)
    return used


def get_least_seconds(used: Sequence[Toleration]) -> int:
    """For how long taints are tolerated at the least (`getMinTolerationTime`), or FOREVER."""
    if not used:
        return 0
    limits = [each.seconds for each in used if each.seconds is not None]
    return max(min(limits), 0) if limits else FOREVER
