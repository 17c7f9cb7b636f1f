"""The end of a namespace, with API servers that hear of it late.

A server admits an object when the namespace is active as far as it has heard, and stores it some
time later. The namespace controller deletes the content, looks whether any is left, and ends the
namespace. That nothing comes in between is left to time upstream: the controller comes back after
seconds, caches lag by less, requests take less. Here it is written down: a namespace does not end
before every server has heard that it is terminating, nor while a request is open that was admitted
before; the mutants are what happened where that was not so.
Source: `apiserver/pkg/admission/plugin/namespace/lifecycle`, `pkg/controller/namespace/deletion`.
Left out: a namespace made again under the name, several kinds of content.
"""

from planespec.checker.lang import (
    Array,
    Domain,
    Fairness,
    Model,
    abstract,
    action,
    choose,
    constant,
    each,
    instance,
    joint,
    mutant,
    no_recording,
    reachable,
    require,
    sort,
)
from planespec.model.apiserver.stored.watch_caches import Server
from planespec.model.parts.api_store import Name
from planespec.spec.api.collection_requirements import (
    Phase,
    namespace_ends_empty,
    nothing_is_stored_after_the_end,
    terminating_namespaces_end,
)


class NamespaceEnd(Model):
    """One namespace, objects that are made in it once, and API servers.

    How a server hears of the namespace, and how objects are stored, is another part's.
    """

    servers: Domain[Server] = sort(2, at_least=1, at_most=3, symmetric=True)
    names: Domain[Name] = sort(1, at_least=1, at_most=4, symmetric=True)

    end_before_heard: bool = mutant(
        "A namespace ends while a server takes it for active.", issue="#36891, pull 37431"
    )
    end_with_requests_open: bool = mutant(
        "A namespace ends while an object is about to be stored that was admitted before.",
        issue="#131421",
    )
    end_unlooked: bool = mutant("A namespace ends without a look at what is left.")
    admit_terminating: bool = mutant("A server admits objects into a namespace that terminates.")

    deadlock = False

    phase: Phase = Phase.ACTIVE
    is_admitted: Array[Name, bool] = each(False)
    """Whether it is admitted and not yet stored."""
    is_stored: Array[Name, bool] = each(False)
    was_made: Array[Name, bool] = each(False)

    requires = [nothing_is_stored_after_the_end, namespace_ends_empty]

    @action
    def delete_namespace(self) -> None:
        """Somebody deletes the namespace."""
        require(self.phase == Phase.ACTIVE)
        self.phase = Phase.TERMINATING
        self.note_phase()

    @action
    def admit(self, o: Name, s: Server) -> None:
        """A server lets an object in, unless it has heard that the namespace terminates (403)."""
        require(not self.was_made[o] and self.heard_phase(s) != Phase.GONE)
        require(self.heard_phase(s) == Phase.ACTIVE or self.admit_terminating)
        self.was_made[o] = True
        self.is_admitted[o] = True
        self.note_admitted(o)

    def finish_request(self, o: Name) -> None:
        """A server stores an object that it let in."""
        require(self.is_admitted[o])
        self.is_admitted[o] = False
        self.is_stored[o] = True

    @action(fair=Fairness.WEAK, per_instance=True)
    def delete_content(self, o: Name) -> None:
        """The namespace controller deletes an object; one with a finalizer is marked."""
        require(self.phase == Phase.TERMINATING and self.is_stored[o])
        self.remove_content(o)

    @action(fair=Fairness.WEAK)
    def end_namespace(self) -> None:
        """The namespace controller finds nothing left and ends the namespace."""
        require(self.phase == Phase.TERMINATING)
        require(self.end_unlooked or not any(self.is_stored[o] for o in self.names))
        require(self.end_before_heard or self.is_heard_by_all())
        require(self.end_with_requests_open or not any(self.is_admitted[o] for o in self.names))
        require(self.may_end())
        self.phase = Phase.GONE
        self.note_phase()

    def is_heard_by_all(self) -> bool:
        """Whether no server takes the namespace for active."""
        return all(self.heard_phase(s) != Phase.ACTIVE for s in self.servers)

    @joint
    def may_end(self) -> bool:
        """Whether nothing else keeps the namespace from its end."""
        return True

    @joint
    def note_phase(self) -> None:
        """The namespace was written."""

    @joint
    def note_admitted(self, o: Name) -> None:
        """An object was let in."""

    @abstract
    def heard_phase(self, s: Server) -> Phase:
        """Where the namespace is, as far as a server has heard."""
        raise NotImplementedError

    @abstract
    def remove_content(self, o: Name) -> None:
        """Delete an object of a namespace that ends, or mark it."""

    @reachable
    def admitted_before_the_end(self) -> bool:
        """An object is about to be stored after the namespace began to terminate."""
        return self.phase == Phase.TERMINATING and any(self.is_admitted[o] for o in self.names)


class Namespaces(NamespaceEnd):
    """A namespace of which servers hear at any time; objects may have a finalizer."""

    held_to = no_recording("76 deletions were recorded on one server, whose cache had no time")

    names: Domain[Name] = sort(2, at_least=1, at_most=4, symmetric=True)
    api_down: bool = constant(default=True)
    """Whether some API that has nothing in the namespace does not answer."""

    wait_for_every_api: bool = mutant(
        "No namespace ends while some API does not answer.",
        issue="#60807, #75788",
        when="api_down",
    )
    forget_finalized: bool = mutant("What had a finalizer is not looked at again.")

    heard: Array[Server, Phase] = each(Phase.ACTIVE)
    has_finalizer: Array[Name, bool] = each(False)
    is_deleting: Array[Name, bool] = each(False)

    requires = [terminating_namespaces_end]

    @action(fair=Fairness.WEAK, per_instance=True)
    def hear(self, s: Server) -> None:
        """A server hears where the namespace is."""
        require(self.heard[s] != self.phase)
        self.heard[s] = self.phase

    @joint
    def note_admitted(self, o: Name) -> None:
        """It may have a finalizer."""
        self.has_finalizer[o] = choose({False, True})

    @action(fair=Fairness.WEAK, per_instance=True)
    def store(self, o: Name) -> None:
        """A server stores the object."""
        self.finish_request(o)

    def remove_content(self, o: Name) -> None:
        """An object is gone, or marked where it has a finalizer."""
        require(not self.is_deleting[o])
        if self.has_finalizer[o]:
            self.is_deleting[o] = True
        else:
            self.is_stored[o] = False

    @joint
    def may_end(self) -> bool:
        """It ends though some API does not answer."""
        return not (self.wait_for_every_api and self.api_down)

    @action(fair=Fairness.WEAK, per_instance=True)
    def finalize(self, o: Name) -> None:
        """A controller removes its finalizer from an object that is marked."""
        require(self.is_deleting[o] and self.has_finalizer[o] and not self.forget_finalized)
        self.has_finalizer[o] = False
        self.is_deleting[o] = False
        self.is_stored[o] = False

    def heard_phase(self, s: Server) -> Phase:
        """What the server has heard of last."""
        return self.heard[s]

    @reachable
    def is_over(self) -> bool:
        """A namespace with content has ended."""
        return self.phase == Phase.GONE and any(self.was_made[o] for o in self.names)

    instances = [
        instance("two-servers"),
        instance("one-server", servers=1, names=3),
        instance("three-servers", slow=True, servers=3, names=3),
    ]
