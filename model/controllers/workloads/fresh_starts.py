"""When a controller may look at its caches: it knows its own writes, and its lists were new.

A controller of v1.36 waits until its informers have heard of what it wrote (`consistency`
OWN_WRITES, its default here), which the next process knows nothing of. That one begins with a list
that is as new as what is stored, since a list of client-go comes by watch.
Source: KEP-5647, `StaleControllerConsistency...`; KEP-3157, `WatchListClient`.
"""

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    abstract,
    constant,
    each,
    joint,
    mutant,
    sort,
)
from planespec.model.parts.api_store import Revision
from planespec.model.parts.informers import Consistency
from planespec.model.parts.processes import Process


class FreshStarts(Model):
    """What a process has to know before it acts."""

    processes: Domain[Process] = sort(1, at_least=1, at_most=4, symmetric=True)
    writes: int = constant(4, at_least=1, at_most=20)
    consistency: Consistency = constant(Consistency.MONOTONIC)

    stale_start: bool = mutant(
        "A process that begins anew lists from an API server that lags.", issue="#54096"
    )

    deadlock = False

    revision: Revision = 0
    known: Array[Process, Revision] = each(0)
    begun: Array[Process, Revision] = each(0)
    """The revision up to which the first lists of a process go."""

    @abstract
    def may_act(self, p: Process) -> bool:
        """Whether a process has heard of its own writes, where that is asked for."""
        raise NotImplementedError

    def may_sync(self, p: Process) -> bool:
        """Whether a process may act on what it sees."""
        is_new = self.known[p] >= self.begun[p] or self.consistency == Consistency.LIVE
        return is_new and self.may_act(p)

    @joint
    def lose_memory(self, p: Process) -> None:
        """The next process lists anew."""
        if not self.stale_start:
            self.begun[p] = self.revision
