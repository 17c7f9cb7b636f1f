"""Transaction commit, whatever the protocol (TLA+ Examples, transaction_commit/TCommit).

Three resource managers decide together, in no particular way; there are no messages.
"""

from enum import Enum

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Sort,
    action,
    each,
    invariant,
    require,
    sort,
)


class Manager(Sort):
    """A resource manager."""


class Phase(Enum):
    """How far a resource manager is."""

    WORKING = "working"
    PREPARED = "prepared"
    COMMITTED = "committed"
    ABORTED = "aborted"


class TCommit(Model):
    """Every resource manager commits, or none does."""

    managers: Domain[Manager] = sort(3, symmetric=True)

    phase: Array[Manager, Phase] = each(Phase.WORKING)

    deadlock = False

    def can_commit(self) -> bool:
        """Whether all have prepared or committed."""
        return all(self.phase[m] in (Phase.PREPARED, Phase.COMMITTED) for m in self.managers)

    def none_committed(self) -> bool:
        """Whether nobody has committed."""
        return all(self.phase[m] != Phase.COMMITTED for m in self.managers)

    @action
    def prepare(self, m: Manager) -> None:
        """A working manager prepares."""
        require(self.phase[m] == Phase.WORKING)
        self.phase[m] = Phase.PREPARED

    @action
    def commit(self, m: Manager) -> None:
        """A prepared manager commits when all are able to."""
        require(self.phase[m] == Phase.PREPARED and self.can_commit())
        self.phase[m] = Phase.COMMITTED

    @action
    def abort(self, m: Manager) -> None:
        """A manager that has not decided aborts while nobody has committed."""
        require(self.phase[m] == Phase.WORKING or self.phase[m] == Phase.PREPARED)
        require(self.none_committed())
        self.phase[m] = Phase.ABORTED

    @invariant
    def consistent(self) -> bool:
        """No two managers decide differently."""
        return not any(
            self.phase[a] == Phase.ABORTED and self.phase[b] == Phase.COMMITTED
            for a in self.managers
            for b in self.managers
        )
