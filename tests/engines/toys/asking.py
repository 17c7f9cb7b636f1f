"""What actions ask about each other: a lock, and a ring whose steps may go wrong."""

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
    among,
    choose,
    each,
    enabled,
    invariant,
    leads_to,
    mutant,
    reachable,
    require,
    sort,
)


class Client(Sort):
    """A client."""


Level = Annotated[int, Range(0, 2)]


class Lock(Model):
    """A lock is granted for a level; who may ask keeps it from being freed."""

    clients: Domain[Client] = sort(2)
    deadlock = False
    hasty: bool = mutant("It is freed whoever may ask.")
    waiting: set[Client] = set()
    holder: Client | None = None
    level: Array[Client, Level] = each(0)

    @action(fair=Fairness.WEAK)
    def ask(self, c: Client) -> None:
        """A client waits."""
        require(c not in self.waiting and self.holder != c)
        self.waiting.add(c)

    @action(fair=Fairness.WEAK, per_instance=("c",))
    def grant(self, n: Level, c: Client = among("waiting")) -> None:
        """One of them is let in, at a higher level; a guard stands behind the changes."""
        require(self.holder is None and n > self.level[c])
        self.waiting.remove(c)
        self.holder = c
        self.level[c] = n
        require(not all(self.level[d] == 2 for d in self.clients))

    @action(fair=Fairness.WEAK)
    def free(self) -> None:
        """The lock is free again when nobody may ask."""
        require(self.holder is not None and (self.hasty or self.nobody_asks()))
        self.holder = None

    def nobody_asks(self) -> bool:
        """No client may ask."""
        return not enabled(self.ask)

    @action(fair=Fairness.WEAK)
    def lower(self, c: Client) -> None:
        """A level falls where the client cannot be let in."""
        x = choose({0, 1})
        require(self.level[c] > x and not enabled(self.grant, c=c))
        self.level[c] = x

    @invariant
    def granted_while_free(self) -> bool:
        """The lock is granted while it is free."""
        return not enabled(self.grant, 1) or self.holder is None

    @invariant
    def granted_to_those_who_wait(self, c: Client) -> bool:
        """What the guards say is what is enabled."""
        others = all(self.level[d] == 2 for d in self.clients if d != c)
        lower = self.holder is None and self.level[c] < 2 and not others
        return enabled(self.grant, 2, c) == (c in self.waiting and lower)

    @invariant
    def freed_when_nobody_asks(self) -> bool:
        """Broken by the mutant."""
        return not enabled(self.free) or not enabled(self.ask)

    @reachable
    def all_may_fall(self) -> bool:
        """The level of every client may fall."""
        return all(enabled(self.lower, c) for c in self.clients)

    @always_eventually
    def something_goes_on(self) -> bool:
        """Some action other than asking is enabled again and again."""
        return enabled(self.grant) or enabled(self.free) or enabled(self.lower)

    def may_be_let_in(self, c: Client) -> bool:
        """A client may be let in."""
        return enabled(self.grant, c=c)

    def is_let_in(self, c: Client) -> bool:
        """It is, or somebody else."""
        return self.holder is not None

    let_in = leads_to(may_be_let_in, is_let_in)


class Midway(Model):
    """Asks in the midst of a step, when the state has changed already."""

    deadlock = False
    count: Level = 0
    was: bool = False
    will: bool = False

    @action
    def up(self) -> None:
        """Count to 2."""
        require(self.count < 2)
        self.was = enabled(self.down)
        self.count += 1
        self.will = enabled(self.down)

    @action
    def down(self) -> None:
        """Only from 2."""
        require(self.count == 2)
        self.count = 0

    @invariant
    def asked_of_the_state_as_it_was(self) -> bool:
        """Both answers are those of the moment."""
        return not self.was and (self.will or self.count < 2)

    @reachable
    def said_so(self) -> bool:
        """It was seen that one may go down."""
        return self.will and self.count == 2


class GoesWrong(Model):
    """An instance that nobody takes goes wrong, and so does asking for it."""

    deadlock = False
    count: Level = 0

    @action
    def up(self) -> None:
        """Count to 2."""
        require(self.count < 2)
        self.count += 1

    @action
    def leap(self, by: Level) -> None:
        """Leaves the range where it leaps too far."""
        require(self.count != 0 and by > 0)
        self.count += by

    @invariant
    def may_leap(self) -> bool:
        """Whoever asks when one goes wrong is told so, though another would do."""
        return self.count == 0 or enabled(self.leap)
