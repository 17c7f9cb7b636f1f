"""Models whose broken promises have many lassos of one length, to choose among."""

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
    eventually,
    initial,
    leads_to,
    require,
    sort,
    table,
)


class Place(Sort):
    """Where somebody may be."""


class Voter(Sort):
    """Who votes."""


class Roads(Model):
    """A walker on roads that are given as data."""

    places: Domain[Place] = sort(6)
    roads: set[tuple[Place, Place]] = table()
    begins: set[Place] = table([0])
    deadlock = False

    at: Place | None = None
    toll: bool = False

    @initial
    def begin(self) -> None:
        """Anywhere that is said."""
        place = choose(self.begins)
        self.at = place
        self.toll = choose([True, False])

    @action(fair=Fairness.WEAK, per_instance=("road",))
    def walk(self, paid: bool, road: tuple[Place, Place] = among("roads")) -> None:
        """Along a road."""
        require(road[0] == self.at and paid == self.toll)
        self.at = road[1]

    @action(fair=Fairness.STRONG)
    def pay(self) -> None:
        """Where the number is even, the other way round."""
        require(self.at in {Place(0), Place(2), Place(4)})
        self.toll = not self.toll

    @always_eventually(assumed=True)
    def is_paid(self) -> bool:
        """Toll is paid again and again."""
        return self.toll

    @eventually(assumed=True)
    def sees_the_third(self) -> bool:
        """The walker comes to the third place."""
        return self.at == Place(3)

    @always_eventually
    def returns(self, p: Place) -> bool:
        """Every place is visited again and again."""
        return self.at == p

    @always_eventually(assuming=is_paid)
    def returns_paid(self, p: Place) -> bool:
        """Likewise, of those who pay."""
        return self.at == p

    @eventually(assuming=sees_the_third)
    def arrives(self) -> bool:
        """Who sees the third place sees the last."""
        return self.at == Place(5)

    def is_away(self) -> bool:
        """The walker has left."""
        return self.at != Place(0)

    def is_back(self) -> bool:
        """The walker is where it began, and has paid."""
        return self.at == Place(0) and self.toll

    comes_home = leads_to(is_away, is_back)


class Blocked(Model):
    """Who has prepared waits for a coordinator that need not say anything."""

    voters: Domain[Voter] = sort(3)
    deadlock = False

    state: Array[Voter, Annotated[int, Range(0, 2)]] = each(0)

    @action(fair=Fairness.WEAK, per_instance=True)
    def prepare(self, v: Voter) -> None:
        """A voter prepares."""
        require(self.state[v] == 0)
        self.state[v] = 1

    @action
    def give_up(self, v: Voter) -> None:
        """A voter gives up before that."""
        require(self.state[v] == 0)
        self.state[v] = 2

    @eventually
    def all_have_given_up(self) -> bool:
        """Nobody waits in the end."""
        return all(s == 2 for s in self.state.values())

    @eventually
    def goes_wrong(self) -> bool:
        """Cannot be judged once somebody has given up."""
        assert all(s != 2 for s in self.state.values())
        return False
