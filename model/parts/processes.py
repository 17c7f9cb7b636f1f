"""Time in ticks, and processes that crash and begin anew.

What time and a crash mean is said by the parts beside these: `may_pass`, `pass_time` and
`lose_memory` are joint. `Timers` is both parts alone, with an alarm that must not be overslept.
"""

from typing import Annotated, Self

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Range,
    Sort,
    action,
    constant,
    each,
    instance,
    invariant,
    joint,
    mutant,
    no_recording,
    on,
    reachable,
    require,
    sort,
    step_invariant,
)


class Process(Sort):
    """A process with a name, which may die and begin anew under it."""


class Clock(Model):
    """Time goes in ticks that all processes share."""

    deadlock = False

    @action
    def tick(self) -> None:
        """Time goes on, once everybody has done what is due before."""
        require(self.may_pass())
        self.pass_time()

    @joint
    def may_pass(self) -> bool:
        """Whether nothing is left to do at this time."""
        return True

    @joint
    def pass_time(self) -> None:
        """What counts ticks counts one more."""


class Crash(Model):
    """Processes die at any time, up to a number of times in all."""

    processes: Domain[Process] = sort(1, at_least=1, at_most=4, symmetric=True)
    crashes: int = constant(1, at_least=0, at_most=9)
    """How often a process dies: a bound."""

    deadlock = False
    trace = [on("restart", action="crash", p="process", limit="crashes")]

    crashed: Annotated[int, Range(0, "crashes")] = 0

    @action
    def crash(self, p: Process) -> None:
        """A process dies, and another one begins under its name, with an empty memory."""
        require(self.crashed < self.crashes)
        self.crashed += 1
        self.lose_memory(p)

    @joint
    def lose_memory(self, p: Process) -> None:
        """What a process held in memory is forgotten."""


class Timers(Clock, Crash):
    """Alarms in the memory of processes: each rings at its time, unless its process dies."""

    held_to = no_recording("it is a part; what composes it is held to recordings, or is not")

    oversleeps: bool = mutant("Time goes on though an alarm is due.")
    alarm_survives: bool = mutant("A process that begins anew has the alarm of the one that died.")

    left: Array[Process, Annotated[int, Range(0, 2)] | None] = each(None)
    """Ticks until the alarm of a process; None where it has none."""
    late: bool = False

    @action
    def set_alarm(self, p: Process) -> None:
        """A process wants to be woken in two ticks."""
        require(self.left[p] is None)
        self.left[p] = 2

    @action
    def ring(self, p: Process) -> None:
        """An alarm is due."""
        require(self.left[p] == 0)
        self.left[p] = None

    @joint
    def may_pass(self) -> bool:
        """No alarm is due."""
        return self.oversleeps or all(self.left[p] != 0 for p in self.processes)

    @joint
    def pass_time(self) -> None:
        """Every alarm comes nearer."""
        for p in self.processes:
            n = self.left[p]
            if n is not None:
                self.late = self.late or n == 0
                self.left[p] = max(0, n - 1)

    @joint
    def lose_memory(self, p: Process) -> None:
        """The alarm is forgotten."""
        if not self.alarm_survives:
            self.left[p] = None

    @invariant
    def nobody_is_late(self) -> bool:
        """No tick passes while an alarm is due."""
        return not self.late

    @step_invariant
    def a_crash_forgets(self, before: Self) -> bool:
        """After a crash some process has no alarm."""
        return self.crashed == before.crashed or any(self.left[p] is None for p in self.processes)

    @reachable
    def rings(self) -> bool:
        """An alarm is due."""
        return any(self.left[p] == 0 for p in self.processes)

    instances = [instance("one", crashes=2), instance("two", processes=2)]
