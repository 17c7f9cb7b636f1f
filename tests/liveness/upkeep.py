"""Promises that are kept for good, under assumptions, and by actions that are fair together."""

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
    each,
    eventually,
    eventually_always,
    leads_to,
    mutant,
    require,
    sort,
)

Few = Annotated[int, Range(0, 2)]


class Replicas(Model):
    """A controller brings the number of pods to what is desired, as its cache shows them."""

    deadlock = False
    blind: bool = mutant("It does not wait for its cache.")
    changed: bool = False
    desired: Few = 0
    actual: Few = 0
    cached: Few = 0
    pending: bool = False

    @action
    def user(self, d: Few) -> None:
        """The user changes the desired number, once."""
        require(not self.changed and d != self.desired)
        self.changed, self.desired = True, d

    @action(fair=Fairness.WEAK)
    def watch(self) -> None:
        """The cache catches up."""
        self.cached, self.pending = self.actual, False

    @action(fair=Fairness.WEAK)
    def reconcile(self) -> None:
        """One pod more or less by what the cache shows."""
        require(not self.pending or self.blind)
        require(self.cached != self.desired)
        more = 1 if self.cached < self.desired else -1
        require(0 <= self.actual + more <= 2)
        self.actual += more
        self.pending = True

    def asked(self, d: Few) -> bool:
        """The user has asked for so many."""
        return self.changed and self.desired == d

    def there(self, d: Few) -> bool:
        """So many are there."""
        return self.actual == d

    stable = leads_to(asked, there, stays=True)
    comes = leads_to(asked, there)


class Client(Sort):
    """Who sends."""


class Links(Model):
    """Each client has a link that may be down, and one message to send over it."""

    clients: Domain[Client] = sort(2)
    deadlock = False
    up: Array[Client, bool] = each(False)
    sent: Array[Client, bool] = each(False)

    @action
    def turn(self, c: Client) -> None:
        """A link goes up or down."""
        self.up[c] = not self.up[c]

    @action(fair=Fairness.STRONG, per_instance=("c",))
    def send(self, c: Client, loud: bool) -> None:
        """A message goes out, loud or not."""
        require(self.up[c] and not self.sent[c])
        self.sent[c] = True

    @always_eventually(assumed=True)
    def link_is_up(self, c: Client) -> bool:
        """The link comes up again and again."""
        return self.up[c]

    @eventually_always(assumed=True)
    def link_stays(self, c: Client) -> bool:
        """The link stays up from some point on."""
        return self.up[c]

    @eventually(assumed=True)
    def link_was_up(self, c: Client) -> bool:
        """The link is up once."""
        return self.up[c]

    @eventually(assuming=link_is_up)
    def arrives(self, c: Client) -> bool:
        """A message arrives whose link is up again and again."""
        return self.sent[c]

    @eventually(assuming=[link_stays])
    def arrives_in_calm(self, c: Client) -> bool:
        """A message arrives whose link stays up."""
        return self.sent[c]

    @eventually(assuming="link_was_up")
    def arrives_at_once(self, c: Client) -> bool:
        """Once is not enough with strong fairness: the link may be down for ever."""
        return self.sent[c]

    @eventually
    def arrives_somehow(self, c: Client) -> bool:
        """Nothing is assumed."""
        return self.sent[c]

    @eventually(assuming=link_is_up)
    def all_arrive(self) -> bool:
        """All messages arrive when all links are up again and again."""
        return all(self.sent[c] for c in self.clients)

    @eventually(assuming=link_is_up)
    def others_arrive(self, c: Client) -> bool:
        """That one link is up does nothing for the others."""
        return all(self.sent[d] for d in self.clients if d != c)

    def asks(self) -> bool:
        """The first link is up."""
        return self.up[Client(0)]

    def answers(self) -> bool:
        """The second link is up."""
        return self.up[Client(1)]

    echoes = leads_to(asks, answers, assumed=True)
    settles = leads_to(asks, answers, stays=True, assumed=True)

    @eventually(assuming=[echoes, link_is_up])
    def second_arrives(self) -> bool:
        """A link that is up after the other is up again and again."""
        return self.sent[Client(1)]

    def nobody_sends(self) -> bool:
        """Nothing has been sent."""
        return not any(self.sent[c] for c in self.clients)

    second_follows = leads_to(asks, answers, assuming=(settles,))
    stays_silent = leads_to(answers, nobody_sends, assuming=settles)


class Dead(Links):
    """The links never come up."""

    @action
    def turn(self, c: Client) -> None:
        """Nothing turns."""
        require(False)


class Turns(Model):
    """Two who take turns in three places, whatever each does at its place."""

    who: Domain[Client] = sort(2)
    deadlock = False
    fairness = {("think[c]", "rest[c]"): Fairness.WEAK, "leave": Fairness.WEAK}
    place: Array[Client, Few] = each(0)

    @action
    def think(self, c: Client, deep: bool) -> None:
        """Go on from the first place."""
        require(self.place[c] == 0)
        self.place[c] = 1

    @action
    def rest(self, c: Client) -> None:
        """Go on from the second, to the last."""
        require(self.place[c] == 1)
        self.place[c] = 2

    @action(per_instance=True)
    def leave(self, c: Client) -> None:
        """Begin again."""
        require(self.place[c] == 2)
        self.place[c] = 0

    @always_eventually
    def at_the_end(self, c: Client) -> bool:
        """Everybody comes to the last place again and again."""
        return self.place[c] == 2


class OneForAll(Turns):
    """They are fair together, so that one may do everything."""

    fairness = {("think", "rest"): Fairness.WEAK, "leave": Fairness.WEAK}


class EitherOfThem(Model):
    """Two ways that are open by turns: neither for good, one of them always."""

    deadlock = False
    fairness = {("left", "right"): Fairness.WEAK, "sway": Fairness.WEAK}
    side: bool = False
    gone: bool = False

    @action
    def sway(self) -> None:
        """Change sides."""
        self.side = not self.side

    @action
    def left(self) -> None:
        """Go from the left."""
        require(self.side)
        self.gone = True

    @action
    def right(self) -> None:
        """Go from the right."""
        require(not self.side)
        self.gone = True

    @eventually
    def goes(self) -> bool:
        """One of the ways is taken."""
        return self.gone


class EachOfThem(EitherOfThem):
    """Each way is fair by itself, and neither is open for good."""

    fairness = {"left": Fairness.WEAK, "right": Fairness.WEAK, "sway": Fairness.WEAK}
