"""A work queue: keys that have to be looked at again, each once at a time, with back-off.

A key that comes while it is worked on waits until that is done; one that failed comes back after
a while that doubles. `Workers` is this part alone, with workers that succeed or fail.
Source: `client-go/util/workqueue/queue.go`, `default_rate_limiters.go`. Left out: the order of the
keys in the queue, and shutting down.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Range,
    action,
    constant,
    each,
    instance,
    invariant,
    joint,
    mutant,
    no_recording,
    reachable,
    require,
    sort,
)
from planespec.model.parts.api_store import Name
from planespec.model.parts.processes import Clock

Ticks = Annotated[int, Range(0, "max_backoff")]


def longer(backoff: int, most: int) -> int:
    """How long to wait after another failure: twice as long as the last time, within limits."""
    return min(max(1, 2 * backoff), most)


class WorkQueue(Model):
    """Keys that are queued, dirty, being processed, or waiting."""

    names: Domain[Name] = sort(1, at_least=1, at_most=4, symmetric=True)
    max_backoff: int = constant(2, at_least=1, at_most=16)
    """Ticks that a key waits at most."""

    queued_while_processed: bool = mutant(
        "A key is handed out a second time while it is worked on."
    )
    dirt_forgotten: bool = mutant("A key that comes while it is worked on is not worked on again.")
    dirt_stays: bool = mutant("A key that came while it was worked on is not queued afterwards.")

    deadlock = False

    queued: Array[Name, bool] = each(False)
    dirty: Array[Name, bool] = each(False)
    """Whether a key came since it was taken the last time."""
    processing: Array[Name, bool] = each(False)
    backoff: Array[Name, Ticks] = each(0)
    """How long a key waited the last time it failed."""
    wait: Array[Name, Ticks] = each(0)
    """Ticks until a key that failed comes back; 0 where it does not wait."""

    def add(self, n: Name) -> None:
        """A key has to be looked at."""
        if self.processing[n] and not self.queued_while_processed:
            self.dirty[n] = not self.dirt_forgotten
        else:
            self.dirty[n] = True
            self.queued[n] = True

    def take(self, n: Name) -> None:
        """A worker takes a key."""
        require(self.queued[n])
        self.queued[n] = False
        self.dirty[n] = False
        self.processing[n] = True

    def finish(self, n: Name) -> None:
        """A worker is done with a key, which comes again if it came meanwhile."""
        require(self.processing[n])
        self.processing[n] = False
        if self.dirty[n] and not self.dirt_stays:
            self.queued[n] = True

    def succeed(self, n: Name) -> None:
        """The key is looked at; its failures are forgotten."""
        self.backoff[n] = 0
        self.finish(n)

    def fail(self, n: Name) -> None:
        """The key comes again after a while."""
        self.backoff[n] = longer(self.backoff[n], self.max_backoff)
        self.wait[n] = self.backoff[n]
        self.finish(n)

    def empty_queue(self) -> None:
        """The process of the queue begins anew."""
        for n in self.names:
            self.queued[n] = False
            self.dirty[n] = False
            self.processing[n] = False
            self.backoff[n] = 0
            self.wait[n] = 0

    @joint
    def pass_time(self) -> None:
        """Keys whose time has come are added."""
        for n in self.names:
            if self.wait[n] == 1:
                self.add(n)
            self.wait[n] = max(0, self.wait[n] - 1)

    @invariant
    def what_is_dirty_comes(self) -> bool:
        """A key that came is queued, or being worked on and comes after that."""
        return all(not self.dirty[n] or self.queued[n] or self.processing[n] for n in self.names)


class Workers(WorkQueue, Clock):
    """Any number of workers, who succeed or fail."""

    held_to = no_recording("it is a part; the queues of client-go were not recorded")

    workers: Array[Name, Annotated[int, Range(0, 2)]] = each(0)
    """How many workers work on a key."""
    unseen: Array[Name, bool] = each(False)
    """History: whether something changed since a worker took the key."""

    @action
    def change(self, n: Name) -> None:
        """Something changes that a key stands for."""
        self.unseen[n] = True
        self.add(n)

    @action
    def begin(self, n: Name) -> None:
        """A worker takes a key and looks."""
        require(self.workers[n] < 2)
        self.take(n)
        self.workers[n] += 1
        self.unseen[n] = False

    @action
    def end(self, n: Name) -> None:
        """It is done."""
        require(self.workers[n] > 0)
        self.workers[n] -= 1
        self.succeed(n)

    @action
    def give_up(self, n: Name) -> None:
        """It could not do it."""
        require(self.workers[n] > 0)
        self.workers[n] -= 1
        self.fail(n)

    @invariant
    def one_worker_at_a_time(self) -> bool:
        """No two workers work on one key."""
        return all(self.workers[n] <= 1 for n in self.names)

    @invariant
    def no_change_is_lost(self) -> bool:
        """What changed since a worker looked is looked at again."""
        return all(not self.unseen[n] or self.dirty[n] for n in self.names)

    @reachable
    def waits_longest(self) -> bool:
        """A key waits as long as any does."""
        return any(self.wait[n] == self.max_backoff for n in self.names)

    instances = [instance("small"), instance("two", names=2), instance("long", max_backoff=8)]
