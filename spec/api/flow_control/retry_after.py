"""How long a refused client is told to wait: the `Retry-After` of a 429 of a priority level.

It doubles while many are refused and falls by one a second when few are. It changes only when a
request is refused in another second than the one before.

Source: `apiserver/pkg/util/flowcontrol/dropped_requests_tracker.go`, v1.36.
"""

from dataclasses import dataclass, field

LONGEST = 32


@dataclass(slots=True)
class RetryAfter:
    """Refusals of one level by the second of the clock, and what clients are told."""

    seconds: int = 1
    _history: list[tuple[int, int]] = field(default_factory=list)
    _current: int = 0
    _count: int = 0
    _updated: int = 0

    def refuse(self, second: int) -> int:
        """Note a refusal at a second of the Unix clock; returns what its client is told."""
        if second == self._current:
            self._count += 1
            return self.seconds
        self._history = [
            (then, count)
            for then, count in [*self._history, (self._current, self._count)]
            if self._current - then <= LONGEST
        ]
        self._current, self._count = second, 1
        self._adapt(second)
        return self.seconds

    def _adapt(self, now: int) -> None:
        refused = sum(count for then, count in self._history if now - self.seconds <= then < now)
        if now - self._updated >= self.seconds and refused >= 3 * self.seconds:
            self.seconds = min(2 * self.seconds, LONGEST)
            self._updated = now
        elif refused < self.seconds and self.seconds > 1:
            self.seconds -= 1
