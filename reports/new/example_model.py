"""A lock that clients take and give back: replace it by what you want to check.

Say here where the design is written, and what is left out of it.
"""

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Sort,
    action,
    each,
    instance,
    invariant,
    mutant,
    reachable,
    require,
    sort,
)


class Client(Sort):
    """Somebody who wants the lock."""


class Example(Model):
    """A lock and its clients."""

    instances = [instance("two"), instance("three", clients=3)]

    clients: Domain[Client] = sort(2, at_least=2, at_most=4, symmetric=True)

    held_twice: bool = mutant("The lock is given though somebody holds it.")

    holds: Array[Client, bool] = each(False)

    @action
    def acquire(self, c: Client) -> None:
        """A client takes the lock, which is free."""
        is_free = not any(self.holds[other] for other in self.clients)
        require(is_free or (self.held_twice and not self.holds[c]))
        self.holds[c] = True

    @action
    def release(self, c: Client) -> None:
        """It gives the lock back."""
        require(self.holds[c])
        self.holds[c] = False

    @invariant
    def one_holder(self) -> bool:
        """At most one client holds the lock."""
        return sum(self.holds[c] for c in self.clients) <= 1

    @reachable
    def is_held(self) -> bool:
        """Somebody holds it; a requirement about holders would say nothing otherwise."""
        return any(self.holds[c] for c in self.clients)
