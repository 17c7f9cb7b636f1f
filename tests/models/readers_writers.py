"""Readers and writers with a fair queue (TLA+ Examples, ReadersWriters)."""

from typing import Annotated

from planespec.checker.lang import (
    Domain,
    Model,
    Size,
    Sort,
    action,
    choose,
    invariant,
    mutant,
    record,
    require,
    sort,
)


class Actor(Sort):
    """A process that reads and writes."""


@record
class Request:
    """An actor waits to read, or to write."""

    writes: bool
    actor: Actor


class ReadersWriters(Model):
    """Requests are served in the order they came in."""

    actors: Domain[Actor] = sort(3)
    barge_in: bool = mutant("A writer does not wait until the readers have stopped.")

    readers: set[Actor] = set()
    writers: set[Actor] = set()
    waiting: Annotated[list[Request], Size("2 * actors")] = []

    @action
    def try_read(self, a: Actor) -> None:
        """An actor queues to read, once."""
        require(Request(False, a) not in self.waiting)
        self.waiting.append(Request(False, a))

    @action
    def try_write(self, a: Actor) -> None:
        """An actor queues to write, once."""
        require(Request(True, a) not in self.waiting)
        self.waiting.append(Request(True, a))

    @action
    def read_or_write(self) -> None:
        """The first in the queue is served while nobody writes, a writer while nobody reads."""
        require(len(self.waiting) > 0 and len(self.writers) == 0)
        request = self.waiting[0]
        if request.writes:
            require(len(self.readers) == 0 or self.barge_in)
            self.writers.add(request.actor)
        else:
            self.readers.add(request.actor)
        self.waiting = self.waiting[1:]

    @action
    def stop(self) -> None:
        """An actor stops reading, or writing."""
        actor = choose(self.readers | self.writers)
        if actor in self.readers:
            self.readers.remove(actor)
        else:
            self.writers.remove(actor)

    @invariant
    def safety(self) -> bool:
        """Nobody reads while somebody writes, and at most one writes."""
        return len(self.writers) <= 1 and (len(self.readers) == 0 or len(self.writers) == 0)
