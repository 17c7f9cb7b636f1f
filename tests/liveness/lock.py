"""A lock that processes ask for: the model of the liveness tests."""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Fairness,
    Model,
    Range,
    Sort,
    action,
    always_eventually,
    constraint,
    each,
    eventually,
    invariant,
    leads_to,
    mutant,
    require,
    sort,
)


class Process(Sort):
    """Somebody who wants the lock."""


class Lock(Model):
    """Processes ask again and again; only the first may starve without strong fairness."""

    processes: Domain[Process] = sort(2, symmetric=True)

    keep: bool = mutant("The holder never gives the lock back.")

    holder: Process | None = None
    asking: Array[Process, bool] = each(False)

    @action
    def ask(self, p: Process) -> None:
        """A process that does not hold the lock asks for it."""
        require(not self.asking[p] and self.holder != p)
        self.asking[p] = True

    @action
    def grant(self, p: Process) -> None:
        """The free lock goes to one that asks."""
        require(self.holder is None and self.asking[p])
        self.holder = p
        self.asking[p] = False

    @action(fair=Fairness.WEAK)
    def release(self) -> None:
        """The holder gives the lock back."""
        require(self.holder is not None and not self.keep)
        self.holder = None

    @always_eventually
    def lock_is_free(self) -> bool:
        """The lock is free again and again."""
        return self.holder is None

    @eventually
    def somebody_asks(self) -> bool:
        """Somebody asks for the lock."""
        return any(self.asking[p] for p in self.processes)

    def all_ask(self) -> bool:
        """Every process asks."""
        return all(self.asking[p] for p in self.processes)

    def one_holds(self) -> bool:
        """Somebody has the lock."""
        return self.holder is not None

    granted = leads_to(all_ask, one_holds, statement="When all ask, somebody gets the lock.")


class FairLock(Lock):
    """Granting is weakly fair as an action."""

    fairness = {"grant": Fairness.WEAK}


class Queue(Model):
    """Two ask for ever; each is served when its own instance of `serve` is strongly fair."""

    processes: Domain[Process] = sort(2)
    waiting: Array[Process, bool] = each(True)
    busy: bool = False

    @action(fair=Fairness.WEAK)
    def work(self) -> None:
        """What was served is done."""
        require(self.busy)
        self.busy = False

    @action(fair=Fairness.WEAK)
    def again(self, p: Process) -> None:
        """A process wants something again."""
        require(not self.waiting[p])
        self.waiting[p] = True

    @action(fair=Fairness.STRONG)
    def serve(self, p: Process) -> None:
        """Serve one that waits."""
        require(self.waiting[p] and not self.busy)
        self.waiting[p] = False
        self.busy = True

    def one_waits(self) -> bool:
        """The second process waits."""
        return any(self.waiting[p] for p in self.processes if p == Process(1))

    def one_is_served(self) -> bool:
        """The second process does not wait."""
        return not self.waiting[Process(1)]

    served = leads_to(one_waits, one_is_served)


class JustQueue(Queue):
    """The same with fairness for each process."""

    @action(fair=Fairness.STRONG, per_instance=True)
    def serve(self, p: Process) -> None:
        """Serve one that waits."""
        require(self.waiting[p] and not self.busy)
        self.waiting[p] = False
        self.busy = True


class Counter(Model):
    """Counts up to a limit that a constraint sets."""

    deadlock = False

    n: Annotated[int, Range(0, 9)] = 0

    @action(fair=Fairness.WEAK)
    def count(self) -> None:
        """One more."""
        require(self.n < 9)
        self.n += 1

    @constraint
    def small(self) -> bool:
        """Not beyond 5."""
        return self.n <= 5

    @eventually
    def arrives(self) -> bool:
        """Nine is reached."""
        return self.n == 9


class FreeCounter(Counter):
    """Without the constraint."""

    @constraint
    def small(self) -> bool:
        """Anything."""
        return True


class Faulty(Model):
    """A promise that cannot be judged once the counter is 2."""

    n: Annotated[int, Range(0, 2)] = 0

    @action(fair=Fairness.WEAK)
    def count(self) -> None:
        """Round and round."""
        self.n = (self.n + 1) % 3

    @always_eventually
    def divides(self) -> bool:
        """Judging goes wrong at 2."""
        return 1 // (2 - self.n) == 1


class Broken(Model):
    """Both a requirement and a promise are broken: the requirement is told."""

    n: Annotated[int, Range(0, 2)] = 0

    @action
    def count(self) -> None:
        """Round and round."""
        self.n = (self.n + 1) % 3

    @invariant
    def below_two(self) -> bool:
        """It is not."""
        return self.n < 2

    @eventually
    def never(self) -> bool:
        """It does not."""
        return self.n == 7 - 9
