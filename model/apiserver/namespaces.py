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
    Sort,
    action,
    choose,
    constant,
    each,
    instance,
    mutant,
    no_recording,
    reachable,
    require,
    sort,
)
from planespec.model.apiserver.watch_caches import Server
from planespec.spec.api.collection_requirements import (
    Phase,
    namespace_ends_empty,
    nothing_is_stored_after_the_end,
    terminating_namespaces_end,
)


class Object(Sort):
    """Something that is made in the namespace, once."""


class Namespaces(Model):
    """One namespace, `objects` in it, and API servers."""

    held_to = no_recording("76 deletions were recorded on one server, whose cache had no time")

    servers: Domain[Server] = sort(2, at_least=1, at_most=3, symmetric=True)
    objects: Domain[Object] = sort(2, at_least=1, at_most=4, symmetric=True)
    api_down: bool = constant(default=True)
    """Whether some API that has nothing in the namespace does not answer."""

    end_before_heard: bool = mutant(
        "A namespace ends while a server takes it for active.", issue="#36891, pull 37431"
    )
    end_with_requests_open: bool = mutant(
        "A namespace ends while an object is about to be stored that was admitted before.",
        issue="#131421",
    )
    end_unlooked: bool = mutant("A namespace ends without a look at what is left.")
    admit_terminating: bool = mutant("A server admits objects into a namespace that terminates.")
    wait_for_every_api: bool = mutant(
        "No namespace ends while some API does not answer.",
        issue="#60807, #75788",
        when="api_down",
    )
    forget_finalized: bool = mutant("What had a finalizer is not looked at again.")

    deadlock = False

    phase: Phase = Phase.ACTIVE
    heard: Array[Server, Phase] = each(Phase.ACTIVE)
    is_admitted: Array[Object, bool] = each(False)
    """Whether it is admitted and not yet stored."""
    is_stored: Array[Object, bool] = each(False)
    was_made: Array[Object, bool] = each(False)
    has_finalizer: Array[Object, bool] = each(False)
    is_deleting: Array[Object, bool] = each(False)

    requires = [nothing_is_stored_after_the_end, namespace_ends_empty, terminating_namespaces_end]

    @action
    def delete(self) -> None:
        """Somebody deletes the namespace."""
        require(self.phase == Phase.ACTIVE)
        self.phase = Phase.TERMINATING

    @action(fair=Fairness.WEAK, per_instance=True)
    def hear(self, s: Server) -> None:
        """A server hears where the namespace is."""
        require(self.heard[s] != self.phase)
        self.heard[s] = self.phase

    @action
    def admit(self, o: Object, s: Server) -> None:
        """A server lets an object in, unless it has heard that the namespace terminates (403)."""
        require(not self.was_made[o] and self.heard[s] != Phase.GONE)
        require(self.heard[s] == Phase.ACTIVE or self.admit_terminating)
        self.was_made[o] = True
        self.is_admitted[o] = True
        self.has_finalizer[o] = choose({False, True})

    @action(fair=Fairness.WEAK, per_instance=True)
    def store(self, o: Object) -> None:
        """It stores the object."""
        require(self.is_admitted[o])
        self.is_admitted[o] = False
        self.is_stored[o] = True

    @action(fair=Fairness.WEAK, per_instance=True)
    def delete_content(self, o: Object) -> None:
        """The namespace controller deletes an object; one with a finalizer is marked."""
        require(self.phase == Phase.TERMINATING and self.is_stored[o])
        require(not self.is_deleting[o])
        if self.has_finalizer[o]:
            self.is_deleting[o] = True
        else:
            self.is_stored[o] = False

    @action(fair=Fairness.WEAK, per_instance=True)
    def finalize(self, o: Object) -> None:
        """A controller removes its finalizer from an object that is marked."""
        require(self.is_deleting[o] and self.has_finalizer[o] and not self.forget_finalized)
        self.has_finalizer[o] = False
        self.is_deleting[o] = False
        self.is_stored[o] = False

    @action(fair=Fairness.WEAK)
    def end(self) -> None:
        """The namespace controller finds nothing left and ends the namespace."""
        require(self.phase == Phase.TERMINATING)
        require(self.end_unlooked or not any(self.is_stored[o] for o in self.objects))
        require(self.end_before_heard or all(h != Phase.ACTIVE for h in self.heard.values()))
        require(self.end_with_requests_open or not any(self.is_admitted[o] for o in self.objects))
        require(not (self.wait_for_every_api and self.api_down))
        self.phase = Phase.GONE

    @reachable
    def admitted_before_the_end(self) -> bool:
        """An object is about to be stored after the namespace began to terminate."""
        return self.phase == Phase.TERMINATING and any(self.is_admitted[o] for o in self.objects)

    @reachable
    def is_over(self) -> bool:
        """A namespace with content has ended."""
        return self.phase == Phase.GONE and any(self.was_made[o] for o in self.objects)

    instances = [
        instance("two-servers"),
        instance("one-server", servers=1, objects=3),
        instance("three-servers", slow=True, servers=3, objects=3),
    ]
