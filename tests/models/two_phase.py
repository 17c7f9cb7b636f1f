"""Two-phase commit (TLA+ Examples, transaction_commit/TwoPhase).

A transaction manager coordinates the resource managers. Messages are the set of all messages ever
sent: receiving twice is possible and harmless, losing a message is never receiving it. Prepare
requests and the abort messages of resource managers are left out, as in the original.
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
    mutant,
    record,
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


class Decision(Enum):
    """What the transaction manager has decided."""

    INIT = "init"
    COMMITTED = "committed"
    ABORTED = "aborted"


@record
class Prepared:
    """A resource manager tells that it is prepared."""

    sender: Manager


@record
class Outcome:
    """The transaction manager announces its decision to everybody."""

    decision: Decision


Message = Prepared | Outcome


class TwoPhase(Model):
    """The transaction manager commits once all resource managers are prepared."""

    managers: Domain[Manager] = sort(3, symmetric=True)
    eager: bool = mutant("The transaction manager commits without waiting for everybody.")

    phase: Array[Manager, Phase] = each(Phase.WORKING)
    decision: Decision = Decision.INIT
    prepared: set[Manager] = set()
    messages: set[Message] = set()

    deadlock = False

    @action
    def commit(self) -> None:
        """The transaction manager commits: everybody is prepared."""
        require(self.decision == Decision.INIT)
        require(len(self.prepared) == len(self.managers) or self.eager)
        self.decision = Decision.COMMITTED
        self.messages.add(Outcome(Decision.COMMITTED))

    @action
    def abort(self) -> None:
        """The transaction manager aborts of its own accord."""
        require(self.decision == Decision.INIT)
        self.decision = Decision.ABORTED
        self.messages.add(Outcome(Decision.ABORTED))

    @action
    def receive_prepared(self, m: Manager) -> None:
        """The transaction manager notes that a resource manager is prepared."""
        require(self.decision == Decision.INIT)
        require(Prepared(m) in self.messages)
        self.prepared.add(m)

    @action
    def prepare(self, m: Manager) -> None:
        """A working resource manager prepares and says so."""
        require(self.phase[m] == Phase.WORKING)
        self.phase[m] = Phase.PREPARED
        self.messages.add(Prepared(m))

    @action
    def choose_to_abort(self, m: Manager) -> None:
        """A working resource manager aborts of its own accord and tells nobody."""
        require(self.phase[m] == Phase.WORKING)
        self.phase[m] = Phase.ABORTED

    @action
    def receive_commit(self, m: Manager) -> None:
        """A resource manager is told to commit."""
        require(Outcome(Decision.COMMITTED) in self.messages)
        self.phase[m] = Phase.COMMITTED

    @action
    def receive_abort(self, m: Manager) -> None:
        """A resource manager is told to abort."""
        require(Outcome(Decision.ABORTED) in self.messages)
        self.phase[m] = Phase.ABORTED

    @invariant
    def consistent(self) -> bool:
        """No two resource managers decide differently."""
        return not any(
            self.phase[a] == Phase.ABORTED and self.phase[b] == Phase.COMMITTED
            for a in self.managers
            for b in self.managers
        )
