"""Clients that write through one API server, which has a copy of what it stores.

The copy is brought up to date at any time, and may be left behind for ever. What clients do is in
`object_writers`; over the watch caches of several servers it is a part of `stored_objects`.
"""

from planespec.checker.lang import (
    Array,
    Domain,
    action,
    constant,
    each,
    instance,
    no_recording,
    require,
    sort,
)
from planespec.model.apiserver.stored.object_writers import ObjectWriters
from planespec.model.parts.api_store import Client, Name, Revision


class Writers(ObjectWriters):
    """One server and its copy, which it brings up to date at any time."""

    held_to = no_recording(
        "conflicts of several clients were not recorded; operations one after another were"
    )

    clients: Domain[Client] = sort(2, at_least=1, at_most=3, symmetric=True)
    writes: int = constant(4, at_least=1, at_most=9)

    cached_uid: Array[Name, Revision] = each(0)
    """The copy in the server's watch cache."""
    cached_version: Array[Name, Revision] = each(0)
    cached_count: Array[Name, Revision] = each(0)
    cached_mark: Array[Name, bool] = each(False)

    @action
    def make(self, n: Name) -> None:
        """An object is made."""
        self.begin(n)

    @action
    def catch_up(self, n: Name) -> None:
        """The watch cache hears how the object is now."""
        require(self.cached_uid[n] != self.uid[n] or self.cached_version[n] != self.version[n])
        self.cached_uid[n] = self.uid[n]
        self.cached_version[n] = self.version[n]
        self.cached_count[n] = self.count[n] if self.uid[n] != 0 else 0
        self.cached_mark[n] = self.uid[n] != 0 and self.is_marked[n]

    def heard_uid(self, n: Name) -> Revision:
        """The uid of the object in the copy."""
        return self.cached_uid[n]

    def heard_version(self, n: Name) -> Revision:
        """Its version there."""
        return self.cached_version[n]

    def heard_count(self, n: Name) -> Revision:
        """What stands in it there."""
        return self.cached_count[n]

    def heard_mark(self, n: Name) -> bool:
        """Whether it has the label there."""
        return self.cached_mark[n]

    instances = [
        instance("small", clients=1),
        instance("conflicts", deletes=False, lost_answers=True),
        instance("two-clients"),
        instance("lost-answers", slow=True, lost_answers=True),
        instance("five-writes", slow=True, writes=5),
    ]
