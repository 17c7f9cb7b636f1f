"""A mail room with features that exist only under conditions, and the same without a condition.

`Bare` is written without what is switched off in `Room` by default, `Whole` with all of it.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Range,
    Size,
    Sort,
    action,
    among,
    constant,
    each,
    eventually,
    invariant,
    leads_to,
    mutant,
    only,
    reachable,
    record,
    replace,
    require,
    sort,
)


class Client(Sort):
    """A client."""


Shelf = Annotated[int, Range(1, "shelves")]
"""Empty, and so no type at all, where there are no shelves."""


@record
class Letter:
    """What is sent; it may be urgent, and lie on a shelf."""

    to: Client
    urgent: bool = only(False, when="express")
    shelf: Annotated[int, Range(0, "shelves")] = only(0, when="shelves > 0")


@record
class Receipt:
    """What is sent back."""

    of: Client


def registered_before_known(room: object) -> bool:
    """Who is known has registered."""
    known, registered = room.known, room.registered  # type: ignore[attr-defined]
    return all(registered[c] or not known[c] for c in room.clients)  # type: ignore[attr-defined]


class Room(Model):
    """A mail room: express letters, shelves and registration can be switched on."""

    clients: Domain[Client] = sort(2, symmetric=True)
    express: bool = constant(default=False)
    shelves: int = constant(0, at_least=0, at_most=2)
    registers: bool = constant(default=False)
    unasked: bool = mutant("Nobody asks who is registered.", when="registers")
    slow_express: bool = mutant("Express letters take the stairs.")
    deadlock = False

    known: Array[Client, bool] = each(False)
    registered: Array[Client, bool] = only(each(False), when="registers")
    letters: Annotated[set[Letter | Receipt], Size(2)] = set()
    full: Array[Shelf, bool] = only(each(False), when="shelves > 0")
    hurried: Annotated[int, Range(0, 1)] = only(0, when="express")

    requires = [only(registered_before_known, when="registers")]

    @action(when="registers")
    def register(self, c: Client) -> None:
        """A client registers."""
        require(not self.registered[c])
        self.registered[c] = True

    @action
    def meet(self, c: Client) -> None:
        """A client becomes known."""
        if self.registers:
            require(self.registered[c] or self.unasked)
        self.known[c] = True

    @action
    def send(self, c: Client) -> None:
        """A letter is sent."""
        require(self.known[c] and len(self.letters) < 2)
        self.letters.add(Letter(c, self.express and self.hurried == 1))
        if not self.express:
            return
        self.hurried = 1 - self.hurried

    @action(when="shelves > 0")
    def put(self, k: Shelf, m: Letter | Receipt = among("letters")) -> None:
        """A letter is put on a shelf."""
        require(not self.full[k])
        self.shelve(m, k)

    def shelve(self, m: Letter | Receipt, k: Shelf) -> None:
        """Lay a letter on a shelf."""
        match m:
            case Letter(shelf=0):
                self.letters.remove(m)
                self.letters.add(replace(m, shelf=k))
                self.full[k] = True
            case _:
                require(False)

    @action
    def fetch(self, m: Letter | Receipt = among("letters")) -> None:
        """A letter is taken away."""
        self.letters.remove(m)
        if isinstance(m, Letter) and self.shelves > 0 and m.shelf > 0:
            self.full[m.shelf] = False
        if isinstance(m, Letter) and (self.is_late(m) if self.express else True):
            self.letters.add(Receipt(m.to))

    def is_late(self, m: Letter) -> bool:
        """Whether a letter may wait; called where letters can be urgent."""
        return not m.urgent

    @action(when="express")
    def hurry(self) -> None:
        """The stairs are taken, and nothing changes."""
        require(self.slow_express)

    @invariant
    def only_known_are_sent_to(self) -> bool:
        """Letters are for those who are known."""
        return all(self.known[m.to] for m in self.letters if isinstance(m, Letter))

    @invariant(when="shelves > 0")
    def shelves_hold_letters(self, k: Shelf) -> bool:
        """A shelf is full where a letter lies on it."""
        on = any(isinstance(m, Letter) and m.shelf == k for m in self.letters)
        return self.full[k] == on

    @reachable(when="express")
    def is_urgent(self) -> bool:
        """An urgent letter is under way."""
        return any(isinstance(m, Letter) and m.urgent for m in self.letters)

    @reachable(when="express and shelves > 0")
    def is_urgent_on_a_shelf(self) -> bool:
        """An urgent letter lies on a shelf."""
        return any(isinstance(m, Letter) and m.urgent and m.shelf > 0 for m in self.letters)

    @eventually(when="express and registers")
    def is_hurried(self) -> bool:
        """Never promised by anybody."""
        return self.hurried == 1

    def is_waiting(self) -> bool:
        """A letter waits."""
        return len(self.letters) > 0

    def is_calm(self) -> bool:
        """No letter waits."""
        return len(self.letters) == 0

    calms = leads_to(is_waiting, is_calm, when="express and registers")


@record
class PlainLetter:
    """A letter without features."""

    to: Client


class Bare(Model):
    """The mail room without features."""

    clients: Domain[Client] = sort(2, symmetric=True)
    deadlock = False

    known: Array[Client, bool] = each(False)
    letters: Annotated[set[PlainLetter | Receipt], Size(2)] = set()

    @action
    def meet(self, c: Client) -> None:
        """A client becomes known."""
        self.known[c] = True

    @action
    def send(self, c: Client) -> None:
        """A letter is sent."""
        require(self.known[c] and len(self.letters) < 2)
        self.letters.add(PlainLetter(c))

    @action
    def fetch(self, m: PlainLetter | Receipt = among("letters")) -> None:
        """A letter is taken away."""
        self.letters.remove(m)
        if isinstance(m, PlainLetter):
            self.letters.add(Receipt(m.to))


@record
class FullLetter:
    """A letter with all features."""

    to: Client
    urgent: bool
    shelf: Annotated[int, Range(0, "shelves")]


class Whole(Model):
    """The mail room with all features, whose constants switch nothing."""

    clients: Domain[Client] = sort(2, symmetric=True)
    shelves: int = constant(1, at_least=1, at_most=2)
    deadlock = False

    known: Array[Client, bool] = each(False)
    registered: Array[Client, bool] = each(False)
    letters: Annotated[set[FullLetter | Receipt], Size(2)] = set()
    full: Array[Shelf, bool] = each(False)
    hurried: Annotated[int, Range(0, 1)] = 0

    @action
    def register(self, c: Client) -> None:
        """A client registers."""
        require(not self.registered[c])
        self.registered[c] = True

    @action
    def meet(self, c: Client) -> None:
        """A client becomes known."""
        require(self.registered[c])
        self.known[c] = True

    @action
    def send(self, c: Client) -> None:
        """A letter is sent."""
        require(self.known[c] and len(self.letters) < 2)
        self.letters.add(FullLetter(c, self.hurried == 1, 0))
        self.hurried = 1 - self.hurried

    @action
    def put(self, k: Shelf, m: FullLetter | Receipt = among("letters")) -> None:
        """A letter is put on a shelf."""
        require(not self.full[k] and isinstance(m, FullLetter) and m.shelf == 0)
        assert isinstance(m, FullLetter)
        self.letters.remove(m)
        self.letters.add(FullLetter(m.to, m.urgent, k))
        self.full[k] = True

    @action
    def fetch(self, m: FullLetter | Receipt = among("letters")) -> None:
        """A letter is taken away."""
        self.letters.remove(m)
        if isinstance(m, FullLetter) and m.shelf > 0:
            self.full[m.shelf] = False
        if isinstance(m, FullLetter) and not m.urgent:
            self.letters.add(Receipt(m.to))

    @action
    def hurry(self) -> None:
        """The stairs are never taken."""
        require(len(self.letters) > 2)
