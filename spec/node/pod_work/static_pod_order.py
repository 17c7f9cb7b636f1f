"""Which of several static pods of one full name may run: one at a time, in the order they came.

Source: `pkg/kubelet/pod_workers.go` (allowStaticPodStart), v1.36.
"""

from collections.abc import Set
from dataclasses import dataclass, field


@dataclass(slots=True)
class StaticPodOrder:
    """The static pods of a kubelet by full name, `name_namespace`."""

    started: dict[str, str] = field(default_factory=dict)
    """The uid of the pod that runs."""
    waiting: dict[str, list[str]] = field(default_factory=dict)
    """Uids in the order in which they came, once for each time; some may have ended since."""

    def add(self, full_name: str, uid: str) -> None:
        """Let a pod wait that has come."""
        self.waiting.setdefault(full_name, []).append(uid)

    def try_start(self, full_name: str, uid: str, alive: Set[str]) -> bool:
        """Start a pod unless another of its name runs, or one that is `alive` came before it.

        Those that came before are forgotten as soon as one is found to be alive; where none
        is, not even the pod itself, all are kept.
        """
        if full_name in self.started:
            return self.started[full_name] == uid
        waiting = self.waiting.get(full_name, [])
        place = next((place for place, each in enumerate(waiting) if each in alive), None)
        if place is not None and waiting[place] != uid:
            self.waiting[full_name] = waiting[place:]
            return False
        left = waiting if place is None else waiting[place + 1 :]
        if left:
            self.waiting[full_name] = left
        else:
            self.waiting.pop(full_name, None)
        self.started[full_name] = uid
        return True

    def end(self, full_name: str, uid: str) -> None:
        """Note that a pod no longer runs."""
        if self.started.get(full_name) == uid:
            del self.started[full_name]
