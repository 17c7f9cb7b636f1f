"""Peterson's mutual exclusion for two processes (TLA+ Examples, locks_auxiliary_vars/Peterson)."""

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
    require,
    sort,
)


class Process(Sort):
    """One of the two processes."""


class At(Enum):
    """The statement a process executes next; names are the labels of the original."""

    A0 = "a0"
    A1 = "a1"
    A2 = "a2"
    A3 = "a3"
    CS = "cs"
    A4 = "a4"


class Peterson(Model):
    """A process waits while the other one wants in and it is the other one's turn."""

    processes: Domain[Process] = sort(2, at_least=2, at_most=2)
    no_flag: bool = mutant("A process does not look at the flag or the turn.")

    at: Array[Process, At] = each(At.A0)
    wants: Array[Process, bool] = each(False)
    turn: Process = Process(0)

    @action
    def work(self, p: Process) -> None:
        """Leave the uncritical section."""
        require(self.at[p] == At.A0)
        self.at[p] = At.A1

    @action
    def want(self, p: Process) -> None:
        """Raise the flag."""
        require(self.at[p] == At.A1)
        self.wants[p] = True
        self.at[p] = At.A2

    @action
    def yield_turn(self, p: Process) -> None:
        """Let the other process go first."""
        require(self.at[p] == At.A2)
        for other in self.processes:
            if other != p:
                self.turn = other
        self.at[p] = At.A3

    @action
    def enter(self, p: Process) -> None:
        """Enter when the other one does not want to, or when it is the own turn."""
        require(self.at[p] == At.A3)
        calm = all(not self.wants[other] for other in self.processes if other != p)
        require(calm or self.turn == p or self.no_flag)
        self.at[p] = At.CS

    @action
    def leave(self, p: Process) -> None:
        """Leave the critical section."""
        require(self.at[p] == At.CS)
        self.at[p] = At.A4

    @action
    def lower(self, p: Process) -> None:
        """Lower the flag."""
        require(self.at[p] == At.A4)
        self.wants[p] = False
        self.at[p] = At.A0

    @invariant
    def mutual_exclusion(self) -> bool:
        """At most one process is in the critical section or about to lower its flag."""
        return len([p for p in self.processes if self.at[p] in (At.CS, At.A4)]) <= 1
