"""The queue of keys that a controller has to look at, and how long one waits that failed.

A key is handed out to one worker at a time; added while it is worked on, it comes back once that
is done, however often it was added. `Done` of a key that nobody works on is not refused: if the
key is queued, it is queued a second time, and two workers may then have it at once.

Source: Kubernetes v1.36, `client-go/util/workqueue/queue.go` and `default_rate_limiters.go`. Left
out: metrics, queues with priorities, and draining, which only delays the end.
"""

from collections import Counter, deque
from dataclasses import dataclass, field

MOST_DELAY = 2**63 - 1
"""The longest duration that Go knows, in nanoseconds."""


@dataclass(slots=True)
class RetryQueue:
    """`workqueue.Typed`: keys in order, those to be looked at, those that are worked on."""

    queue: deque[str] = field(default_factory=deque)
    dirty: set[str] = field(default_factory=set)
    processing: set[str] = field(default_factory=set)
    is_shutting_down: bool = False

    def add(self, key: str) -> None:
        """Mark a key as to be looked at (`Add`)."""
        if self.is_shutting_down or key in self.dirty:
            return
        self.dirty.add(key)
        if key not in self.processing:
            self.queue.append(key)

    def get(self) -> str | None:
        """Hand out the first key, None where the worker should end (`Get`).

        Raises IndexError where the real one would wait: nothing is queued, and nobody has said
        that the queue shuts down.
        """
        if not self.queue:
            if self.is_shutting_down:
                return None
            raise IndexError("nothing is queued: a worker would wait")
        key = self.queue.popleft()
        self.processing.add(key)
        self.dirty.discard(key)
        return key

    def done(self, key: str) -> None:
        """Take a key back from its worker; queue it again if it is dirty (`Done`)."""
        self.processing.discard(key)
        if key in self.dirty:
            self.queue.append(key)

    def shut_down(self) -> None:
        """Take no more keys, and let workers end once the queue is empty (`ShutDown`)."""
        self.is_shutting_down = True


@dataclass(slots=True)
class ExponentialLimiter:
    """Waits that double with each failure of a key; nanoseconds."""

    base: int
    most: int
    failures: Counter[str] = field(default_factory=Counter)

    def when(self, key: str) -> int:
        """Count a failure, and return how long the key waits (`When`)."""
        wait: int = self.base * 2 ** self.failures[key]
        self.failures[key] += 1
        return min(wait, self.most, MOST_DELAY)

    def forget(self, key: str) -> None:
        """Forget the failures of a key (`Forget`)."""
        del self.failures[key]

    def count_requeues(self, key: str) -> int:
        """How often the key has failed since it was forgotten (`NumRequeues`)."""
        return self.failures[key]


@dataclass(slots=True)
class FastSlowLimiter:
    """A short wait for the first failures of a key, a long one for the others; nanoseconds."""

    fast: int
    slow: int
    fast_attempts: int
    failures: Counter[str] = field(default_factory=Counter)

    def when(self, key: str) -> int:
        """Count a failure, and return how long the key waits (`When`)."""
        self.failures[key] += 1
        return self.fast if self.failures[key] <= self.fast_attempts else self.slow

    def forget(self, key: str) -> None:
        """Forget the failures of a key (`Forget`)."""
        del self.failures[key]
