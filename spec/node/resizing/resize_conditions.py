"""The conditions that tell of a resize: PodResizePending and PodResizeInProgress.

They are kept by UID outside the status that the pod has, and go into it with the next sync.
Left out: errors of a resize in progress, which the runtime manager sets.
Source: `pkg/kubelet/status/status_manager.go`, v1.36.
"""

from dataclasses import dataclass, field

PENDING = "PodResizePending"
IN_PROGRESS = "PodResizeInProgress"
DEFERRED = "Deferred"
INFEASIBLE = "Infeasible"


@dataclass(frozen=True, slots=True)
class ResizeCondition:
    """A condition whose status is True; moments are counted, not measured."""

    type: str
    reason: str
    message: str
    observed_generation: int
    """The generation of the pod that it speaks of."""
    transition: int
    """When it got this reason."""
    probed: int
    """When it was last set."""

    def is_news_after(self, before: "ResizeCondition | None") -> bool:
        """Say whether users are told once more: not where the message alone is another."""
        if before is None or before.reason != self.reason:
            return True
        return before.observed_generation != self.observed_generation


@dataclass(slots=True)
class ResizeConditions:
    """The conditions of all pods, by UID."""

    pending: dict[str, ResizeCondition] = field(default_factory=dict)
    in_progress: dict[str, ResizeCondition] = field(default_factory=dict)
    now: int = 0
    """The moment; every condition that is set has one of its own."""

    def list_for(self, uid: str) -> list[ResizeCondition]:
        """Return the conditions of a pod, the pending one first (`GetPodResizeConditions`)."""
        return [held[uid] for held in (self.pending, self.in_progress) if uid in held]

    def set_pending(self, uid: str, reason: str, message: str, generation: int) -> bool:
        """Say that a resize waits; returns whether this is news.

        A reason other than Infeasible becomes Deferred: the wish is looked at again.
        """
        self.now += 1
        reason = reason if reason == INFEASIBLE else DEFERRED
        before = self.pending.get(uid)
        transition = self.now
        if before is not None and before.reason == reason:
            transition = before.transition
        after = ResizeCondition(PENDING, reason, message, generation, transition, self.now)
        self.pending[uid] = after
        return after.is_news_after(before)

    def clear_pending(self, uid: str) -> None:
        """Say that nothing waits."""
        self.pending.pop(uid, None)

    def start(self, uid: str, generation: int) -> None:
        """Say that a resize is in progress, and forget what was said of the one before."""
        self.now += 1
        condition = ResizeCondition(IN_PROGRESS, "", "", generation, self.now, self.now)
        self.in_progress[uid] = condition

    def finish(self, uid: str) -> ResizeCondition | None:
        """Say that none is in progress; returns the condition that was there."""
        return self.in_progress.pop(uid, None)

    def is_deferred(self, uid: str) -> bool:
        """Say whether a wish waits to be looked at again."""
        return uid in self.pending and self.pending[uid].reason == DEFERRED

    def is_infeasible(self, uid: str) -> bool:
        """Say whether a wish can never be taken up on this node."""
        return uid in self.pending and self.pending[uid].reason == INFEASIBLE
