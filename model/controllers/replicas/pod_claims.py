"""How a controller of ReplicaSets takes pods over, and lets them go.

Source: `pkg/controller/controller_ref_manager.go`, v1.36.
"""

from planespec.checker.lang import (
    Array,
    Fairness,
    abstract,
    action,
    each,
    joint,
    mutant,
    only,
    require,
)
from planespec.model.controllers.replicas.pod_sets import PodSets, Uid
from planespec.model.parts.api_store import Name, Revision
from planespec.model.parts.expectations import Owner
from planespec.model.parts.processes import Process


class PodClaims(PodSets):
    """Who may own a pod, and the patches that say so."""

    adopt_unasked: bool = mutant(
        "A pod is taken over without a look at whether the set is being deleted.",
        issue="#42639",
    )
    adopt_over: bool = mutant("A pod is taken over though another set owns it by now.")

    taken: Array[Process, Array[Owner, Array[Name, Revision]]] = only(
        each(each(each(0))), when="orphans"
    )
    """The uid of the pod under a name that a process has taken over for a set."""

    @abstract
    def may_sync(self, p: Process, o: Owner) -> bool:
        """Whether a process is free, knows enough, and sees a set that is not being deleted."""
        raise NotImplementedError

    def may_claim(self, p: Process, o: Owner, n: Name) -> bool:
        """Whether a process sees a pod that a set may take over, or has to let go."""
        is_own = self.sees_owner(p, n) == o and self.sees_owner_uid(p, n) == self.sees_set(p, o)
        is_lost = self.relabels > 0 and is_own and not self.sees_match(p, n)
        is_free = (
            self.orphans
            and self.sees_owner(p, n) is None
            and self.sees_match(p, n)
            and self.taken[p][o][n] != self.sees(p, n)
        )
        return self.sees_active(p, n) and (is_lost or is_free)

    @action(when="orphans or relabels > 0", fair=Fairness.WEAK, per_instance=("p",))
    def claim(self, p: Process, o: Owner, n: Name) -> None:
        """A controller takes over a pod, or lets it go; the uids of both are in its patch."""
        require(self.may_sync(p, o) and self.may_claim(p, o, n))
        is_there = self.uid[n] == self.sees(p, n)
        if self.sees_owner(p, n) == o:
            require(is_there and self.owner[n] == o)
            self.own(p, n, None, 0)
        else:
            is_living = self.set_uid[o] == self.sees_set(p, o) and not self.is_orphaning[o]
            require(is_there and (is_living or self.adopt_unasked))
            require(self.owner[n] is None or self.adopt_over)
            self.own(p, n, o, self.sees_set(p, o))
            self.note_taken(p, o, n)

    def own(self, p: Process, n: Name, o: Owner | None, uid: Uid) -> None:
        """An owner is written into a pod."""
        self.rewrite_pod(n)
        self.note_write(p)
        self.owner[n] = o
        self.owner_uid[n] = uid

    def note_taken(self, p: Process, o: Owner, n: Name) -> None:
        """A process remembers which pod it has taken over."""
        if self.orphans:
            self.taken[p][o][n] = self.uid[n]

    @joint
    def note_other_set(self, p: Process, o: Owner) -> None:
        """What was taken over for a set is not its successor's."""
        if self.orphans:
            for n in self.names:
                self.taken[p][o][n] = 0

    @joint
    def lose_memory(self, p: Process) -> None:
        """What was taken over is forgotten."""
        if self.orphans:
            for o in self.owners:
                for n in self.names:
                    self.taken[p][o][n] = 0
