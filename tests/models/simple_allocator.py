"""A resource allocator (TLA+ Examples, allocator/SimpleAllocator, 3 clients, 2 resources).

Clients ask for sets of resources, get them piece by piece, and give them back piece by piece.
Left out: in which order clients are served, which the example's second allocator decides.
"""

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Sort,
    action,
    choose,
    each,
    invariant,
    mutant,
    require,
    sort,
)


class Client(Sort):
    """Who needs resources."""


class Resource(Sort):
    """What one client at a time may have."""


class SimpleAllocator(Model):
    """What each client waits for and what it has."""

    clients: Domain[Client] = sort(3, symmetric=True)
    resources: Domain[Resource] = sort(2, symmetric=True)
    gives_twice: bool = mutant("What another client has is given away.")

    unsatisfied: Array[Client, set[Resource]] = each(set())
    allocated: Array[Client, set[Resource]] = each(set())

    def available(self) -> set[Resource]:
        """The resources that nobody has."""
        return {r for r in self.resources if not any(r in self.allocated[c] for c in self.clients)}

    def some_of(self, resources: set[Resource]) -> set[Resource]:
        """Any subset but the empty one."""
        taken: set[Resource] = set()
        for r in self.resources:
            if r in resources:
                is_taken = choose((False, True))
                if is_taken:
                    taken.add(r)
        require(len(taken) > 0)
        return taken

    @action
    def ask(self, c: Client) -> None:
        """A client that has nothing and waits for nothing asks for some resources."""
        require(len(self.unsatisfied[c]) == 0 and len(self.allocated[c]) == 0)
        wanted = self.some_of(set(self.resources))
        self.unsatisfied[c] = wanted

    @action
    def allocate(self, c: Client) -> None:
        """The allocator gives a client some of what it waits for."""
        free = set(self.resources) if self.gives_twice else self.available()
        given = self.some_of(free & self.unsatisfied[c])
        self.unsatisfied[c] -= given
        self.allocated[c] |= given

    @action
    def give_back(self, c: Client) -> None:
        """A client gives back some of what it has."""
        returned = self.some_of(set(self.allocated[c]))
        self.allocated[c] -= returned

    @invariant
    def one_client_each(self) -> bool:
        """No resource is with two clients."""
        return all(
            c == d or len(self.allocated[c] & self.allocated[d]) == 0
            for c in self.clients
            for d in self.clients
        )
