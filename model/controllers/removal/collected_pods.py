"""Pod garbage collection: pods that nobody else removes.

A round reads the caches and decides for all pods: those that have ended above a threshold; those
that are being deleted on a node that is out of service; those whose node is gone, after a
quarantine and a read of the API server; those that are being deleted and have no node. Then it
writes for one pod after the other: marks it as failed unless it has ended, and deletes it.
In v1.36 the deletion goes by name (mutant `by_name`), and the taint out-of-service is believed as
the cache has it (mutant `trust_taint`; pull 141887 is open). Here the deletion compares the uid,
and the node is read before a pod is forced off it.
Source: `pkg/controller/podgc/gc_controller.go`, v1.36; the rule of a round is
`spec/controllers/pod_gc`.
Left out: finalizers, failures of the API server, and what changes between the read of a node and
the writes after it.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Fairness,
    Range,
    action,
    constant,
    each,
    instance,
    joint,
    mutant,
    reachable,
    recording,
    replace,
    require,
)
from planespec.model.controllers.removal.mortal_pods import MortalPods, Phase
from planespec.model.controllers.removal.removal_types import Host, Reason, Removal, Turn
from planespec.model.parts.api_store import Name, Revision
from planespec.model.parts.informers import Consistency
from planespec.model.parts.processes import Clock, Process
from planespec.spec.controllers.upkeep.collected_requirements import (
    collected_pods_have_ended,
    marked_pods_go,
    nodes_in_service_keep_pods,
    orphans_had_no_node,
    orphans_wait_for_their_node,
    pods_are_collected_themselves,
    the_last_that_ended_stay,
    what_nobody_has_goes,
)


class CollectedPods(MortalPods, Clock):
    """A controller that collects pods in rounds."""

    held_to = [
        recording(
            "tests/recorded/controllers_machinery.jsonl.gz",
            cases=600,
            of="the pod garbage collector of Kubernetes 1.36.2",
            part="which pods a round removes",
            test="tests/spec/controllers/removal/test_collector_model_beside_the_rule.py"
            "::test_a_round_removes_what_the_rule_removes",
            through="planespec.spec.controllers.pod_gc",
            conform="controllers_machinery",
            kinds=("podgc",),
        )
    ]

    threshold: int = constant(0, at_least=0, at_most=3)
    """How many pods that have ended may stay; all may where it is 0."""
    quarantine: int = constant(1, at_least=1, at_most=3)
    """For how many ticks an unknown node is waited for."""

    by_name: bool = mutant("A pod is deleted by name, whichever that is by now.")
    believe_cache: bool = mutant(
        "A node that the cache does not have is gone.", issue="pull 82365"
    )
    ask_at_once: bool = mutant("The API server is asked for a node as soon as it is unknown.")
    newest_first: bool = mutant("Of pods that have ended the newest go.", when="threshold > 0")
    evicted_alike: bool = mutant(
        "Evicted pods are like others that have ended.", issue="#116167", when="threshold > 0"
    )
    apply_status: bool = mutant(
        "A status that cannot be applied keeps its pod from being deleted.", issue="#118261"
    )
    skip_unscheduled: bool = mutant("Pods that are being deleted without a node stay.")
    leave_stuck: bool = mutant(
        "Pods that are being deleted on a node that does not answer stay.", issue="#72226"
    )
    trust_taint: bool = mutant(
        "A node is taken to be out of service as the cache has it.", issue="pull 141887"
    )
    delete_unmarked: bool = mutant(
        "A pod is deleted without being marked as failed.", issue="KEP-3329"
    )

    fairness = {"serve": Fairness.WEAK, "hear": Fairness.WEAK, "tick": Fairness.WEAK}

    requires = [
        pods_are_collected_themselves,
        orphans_had_no_node,
        orphans_wait_for_their_node,
        the_last_that_ended_stay,
        what_nobody_has_goes,
        marked_pods_go,
        nodes_in_service_keep_pods,
        collected_pods_have_ended,
    ]

    waited: Array[Process, Array[Host, Annotated[int, Range(0, "quarantine")] | None]] = each(
        each(None)
    )
    """For how many ticks a node has been in quarantine; None where it is not."""
    plan: Array[Process, Array[Name, Removal]] = each(each(Removal()))

    # A round.

    @action(fair=Fairness.WEAK, per_instance=True)
    def begin_round(self, p: Process) -> None:
        """The controller decides for all pods (`gc`)."""
        require(self.may_act(p) and all(r.turn == Turn.NONE for r in self.plan[p].values()))
        for n in self.names:
            self.plan[p][n] = self.judge(p, n)
        for h in self.hosts:
            if self.waited[p][h] == self.quarantine:
                self.waited[p][h] = None
            elif self.waited[p][h] is None and self.is_missed(p, h):
                self.waited[p][h] = 0

    def is_missed(self, p: Process, h: Host) -> bool:
        """Whether a pod is bound to a node that the controller does not know."""
        return not self.seen_there[p][h] and any(self.sees_on(p, n, h) for n in self.names)

    def judge(self, p: Process, n: Name) -> Removal:
        """What is to be done for a pod."""
        reason = self.find_reason(p, n)
        turn = Turn.NONE
        if reason == Reason.STUCK and not self.trust_taint:
            turn = Turn.CHECK
        elif reason != Reason.NONE:
            turn = self.first_write(p, n)
        return Removal(reason, turn, 0 if reason == Reason.NONE else self.sees(p, n))

    def first_write(self, p: Process, n: Name) -> Turn:
        """A pod that has not ended is marked as failed first."""
        has_ended = self.sees_ended(p, n) or self.delete_unmarked
        return Turn.DELETE if has_ended else Turn.MARK

    def find_reason(self, p: Process, n: Name) -> Reason:
        """Why the controller removes a pod, if it does."""
        seen = self.sees_pod(p, n)
        reason = Reason.NONE
        if self.is_excess(p, n):
            reason = Reason.EXCESS
        elif seen.place is None:
            if seen.marked and not self.skip_unscheduled:
                reason = Reason.UNSCHEDULED
        elif self.is_gone(p, seen.place):
            reason = Reason.ORPHANED
        elif seen.marked and self.sees_out(p, seen.place):
            reason = Reason.STUCK
        return reason

    def is_excess(self, p: Process, n: Name) -> bool:
        """Whether a pod has ended and as many others as may stay are kept rather than it."""
        kept = sum(1 for m in self.names if self.sees_ended(p, m) and self.is_kept(p, m, n))
        return self.sees_ended(p, n) and 0 < self.threshold <= kept

    def is_kept(self, p: Process, m: Name, n: Name) -> bool:
        """Whether one of two pods that have ended, m, is kept rather than the other."""
        evicted = self.sees_evicted(p, n)
        if self.sees_evicted(p, m) != evicted and not self.evicted_alike:
            return evicted
        is_younger = self.sees(p, m) > self.sees(p, n)
        return m != n and is_younger != self.newest_first

    def is_gone(self, p: Process, h: Host) -> bool:
        """Whether a node is unknown after its quarantine, and to the API server, too."""
        is_due = self.waited[p][h] == self.quarantine or self.ask_at_once
        is_there = self.exists[h] and not self.believe_cache
        return is_due and not self.seen_there[p][h] and not is_there

    def sees_out(self, p: Process, h: Host) -> bool:
        """Whether the controller takes a node to be out of service."""
        return self.seen_there[p][h] and self.seen_out[p][h] and not self.leave_stuck

    @action(fair=Fairness.WEAK, per_instance=True)
    def check(self, p: Process, n: Name) -> None:
        """The node of a pod is read before the pod is forced off it."""
        require(self.plan[p][n].turn == Turn.CHECK)
        is_same = self.uid[n] == self.plan[p][n].uid
        if is_same and any(self.is_on(n, h) and self.is_out[h] for h in self.hosts):
            self.plan[p][n] = replace(self.plan[p][n], turn=Turn.MARK)
        else:
            self.plan[p][n] = Removal()

    @action(fair=Fairness.WEAK, per_instance=True)
    def mark_failed(self, p: Process, n: Name) -> None:
        """A pod is marked as failed, by uid; if that is refused nothing follows for it."""
        require(self.plan[p][n].turn == Turn.MARK)
        if self.uid[n] == self.plan[p][n].uid and not self.apply_status:
            if self.pod[n].phase == Phase.RUNNING:
                self.write_pod(n, replace(self.pod[n], phase=Phase.ENDED))
                self.note_write(p)
            self.plan[p][n] = replace(self.plan[p][n], turn=Turn.DELETE)
        else:
            self.plan[p][n] = Removal()

    @action(fair=Fairness.WEAK, per_instance=True)
    def collect(self, p: Process, n: Name) -> None:
        """A pod is deleted without a grace period, if it is there."""
        require(self.plan[p][n].turn == Turn.DELETE)
        uid = self.uid[n] if self.by_name else self.plan[p][n].uid
        is_gone = self.take_away(n, uid)
        if is_gone:
            self.note_write(p)
        self.plan[p][n] = Removal()

    @joint
    def pass_time(self) -> None:
        """Quarantines go on."""
        for p in self.processes:
            for h in self.hosts:
                waited = self.waited[p][h]
                if waited is not None:
                    self.waited[p][h] = min(waited + 1, self.quarantine)

    @joint
    def lose_memory(self, p: Process) -> None:
        """A round and quarantines are forgotten."""
        for n in self.names:
            self.plan[p][n] = Removal()
        for h in self.hosts:
            self.waited[p][h] = None

    # What requirements look at.

    def meant(self, p: Process, n: Name) -> Revision:
        """The uid of the pod that the controller removes."""
        return self.plan[p][n].uid

    def is_next(self, p: Process, n: Name) -> bool:
        """Whether the next write for a name is a deletion."""
        return self.plan[p][n].turn == Turn.DELETE

    def takes_excess(self, p: Process, n: Name) -> bool:
        """Whether a pod is removed since too many have ended."""
        return self.plan[p][n].reason == Reason.EXCESS

    def takes_orphan(self, p: Process, n: Name) -> bool:
        """Whether a pod is removed since its node is gone."""
        return self.plan[p][n].reason == Reason.ORPHANED

    def takes_stuck(self, p: Process, n: Name) -> bool:
        """Whether it is sure that a pod is forced off its node."""
        return self.plan[p][n].reason == Reason.STUCK and self.plan[p][n].turn != Turn.CHECK

    @reachable(when="changes > 0")
    def takes_an_orphan(self) -> bool:
        """A pod is deleted whose node is gone."""
        return any(
            self.takes_orphan(p, n) and self.is_next(p, n)
            for p in self.processes
            for n in self.names
        )

    @reachable(when="changes > 0 and not leave_stuck and not apply_status")
    def forces_a_pod_off(self) -> bool:
        """A pod is deleted whose node is out of service."""
        return any(
            self.takes_stuck(p, n) and self.is_next(p, n)
            for p in self.processes
            for n in self.names
        )

    @reachable(when="makes > 1 and consistency.name != 'LIVE'")
    def another_has_the_name(self) -> bool:
        """A pod is about to be deleted whose name another one has by now."""
        return any(
            self.is_next(p, n) and 0 < self.meant(p, n) < self.uid[n]
            for p in self.processes
            for n in self.names
        )

    @reachable(when="changes > 0")
    def node_is_back(self) -> bool:
        """The node of a pod that was an orphan is there again, before the pod is deleted."""
        return any(
            self.takes_orphan(p, n) and self.is_on(n, h) and self.exists[h]
            for p in self.processes
            for n in self.names
            for h in self.hosts
        )

    instances = [
        instance("small", crashes=0),
        instance("excess", crashes=0, names=2, changes=0, threshold=1),
        instance("told-apart", crashes=0, merges=False),
        instance("live", consistency=Consistency.LIVE),
        instance("twice", slow=True, crashes=0, changes=2),
        instance("crash"),
    ]
