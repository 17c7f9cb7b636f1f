"""Taint eviction: pods are deleted from nodes with a NoExecute taint that they do not tolerate.

The controller hears of pods and of nodes; what it heard of becomes an item of a queue, and a
worker sets or cancels a timer for the pod of an item. A timer that is over deletes the pod. Who
makes the pods is for another part, which says on which node with `put_on`.
In v1.36 all of this goes by names, and uids are compared nowhere (mutant `by_name`; pull 141568 is
open): a watch that tells the end of a pod and the next one of its name as one change leaves the
timer of the one to the other. Here updates, timers and deletions compare uids.
Source: `pkg/controller/tainteviction/taint_eviction.go`, `timed_workers.go`, v1.36; the rule of
one decision is `spec/controllers/taint_eviction`.
Left out: the condition DisruptionTarget that is patched before, several tolerations, and which of
the workers a node belongs to.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Fairness,
    Range,
    action,
    constant,
    each,
    given,
    joint,
    mutant,
    only,
    reachable,
    require,
    sort,
)
from planespec.model.controllers.owned_pods import OwnedPods
from planespec.model.controllers.removal.removal_types import Host
from planespec.model.parts.api_store import Name, Revision
from planespec.model.parts.informers import Consistency
from planespec.model.parts.processes import Clock, Process
from planespec.spec.controllers.upkeep.removal_requirements import (
    only_exposed_pods_are_evicted,
    pods_are_not_made_to_be_evicted,
    tainted_nodes_lose_their_pods,
    taints_that_are_gone_evict_nobody,
    tolerations_last_as_long_as_they_say,
)


class TaintEviction(OwnedPods, Clock):
    """Nodes that are tainted and untainted, and the controller that evicts their pods."""

    hosts: Domain[Host] = sort(2, at_least=1, at_most=3, symmetric=True)
    patience: int = constant(1, at_least=0, at_most=4)
    """For how many ticks pods tolerate the taint: `tolerationSeconds`."""
    taints: int = constant(1, at_least=1, at_most=4)
    """How often a node is tainted: a bound."""
    failures: int = constant(0, at_least=0, at_most=3)
    """How often all attempts of a deletion fail: a bound."""
    other_taint: bool = constant(default=False)
    """Whether nodes may have a second NoExecute taint, which pods tolerate for ever."""

    by_name: bool = mutant(
        "Updates, timers and deletions go by the name of a pod, whichever that is by now.",
        issue="#29522, pull 141568",
    )
    precondition_alone: bool = mutant(
        "Deletions compare uids, but updates and timers do not.", issue="pull 141568"
    )
    keep_timer: bool = mutant(
        "A timer is cancelled only when all NoExecute taints are gone.",
        issue="#90794",
        when="other_taint",
    )
    skip_known_name: bool = mutant(
        "A pod whose name had a timer before gets none.", issue="#107543"
    )
    give_up: bool = mutant(
        "A pod whose deletion failed is not tried again.", issue="#140639", when="failures > 0"
    )
    bind_to_tainted: bool = mutant(
        "A pod that tolerates a taint for a while is made on a node that has it.",
        issue="#117520",
    )
    restart_timer: bool = mutant(
        "Every change of a node's taints sets its timers anew.", when="other_taint"
    )
    evict_at_once: bool = mutant(
        "A pod is evicted at once, for however long it tolerates.", when="patience > 0"
    )

    fairness = {
        "serve": Fairness.WEAK,
        "hear": Fairness.WEAK,
        "list_again": Fairness.WEAK,
        "tick": Fairness.WEAK,
    }

    requires = [
        only_exposed_pods_are_evicted,
        tolerations_last_as_long_as_they_say,
        taints_that_are_gone_evict_nobody,
        tainted_nodes_lose_their_pods,
        pods_are_not_made_to_be_evicted,
    ]

    place: Array[Name, Host | None] = each(None)
    """`spec.nodeName`; None where there is no pod."""
    served_place: Array[Name, Host | None] = each(None)
    seen_place: Array[Process, Array[Name, Host | None]] = each(each(None))
    told: Array[Process, Array[Name, Revision]] = each(each(0))
    """The uid of the pod of a name that the last update told of."""
    has_met: Array[Name, bool] = each(False)
    """History: whether the pod has been on a node with the taint, or that was taken to have it."""
    since: Array[Name, Annotated[int, Range(0, "patience")]] = each(0)
    """History: ticks since it first was."""
    evicted: Array[Name, bool] = each(False)
    """History: whether a controller has marked the pod for deletion."""

    came: Annotated[int, Range(0, "taints")] = 0
    tainted: Array[Host, bool] = each(False)
    marked: Array[Host, bool] = only(each(False), when="other_taint")
    seen_tainted: Array[Process, Array[Host, bool]] = each(each(False))
    seen_marked: Array[Process, Array[Host, bool]] = only(each(each(False)), when="other_taint")
    taken_tainted: Array[Process, Array[Host, bool]] = each(each(False))
    """What the controller goes by: `taintedNodes`."""
    taken_marked: Array[Process, Array[Host, bool]] = only(each(each(False)), when="other_taint")
    host_items: Array[Process, Array[Host, bool]] = each(each(False))
    pod_items: Array[Process, Array[Name, Array[Host, bool]]] = each(each(each(False)))
    """Nodes, and pods with the node on which they were told to be, that wait for a worker."""
    timer: Array[Process, Array[Name, Annotated[int, Range(0, "patience")] | None]] = each(
        each(None)
    )
    """Ticks until the pod of a name is evicted; None where it is not to be."""
    meant: Array[Process, Array[Name, Revision]] = each(each(0))
    """The uid of the pod for which a timer was set."""
    had_timer: Array[Process, Array[Name, bool]] = only(each(each(False)), when="skip_known_name")
    failed: Annotated[int, Range(0, "failures")] = 0

    def put_on(self, n: Name, h: Host) -> None:
        """The pod that is made is bound to a node without the taint."""
        require(not self.tainted[h] or self.bind_to_tainted)
        self.place[n] = h
        taken = any(self.seen_tainted[q][h] or self.taken_tainted[q][h] for q in self.processes)
        self.has_met[n] = self.tainted[h] or taken
        if self.consistency == Consistency.LIVE:
            self.tell_all(n, h)

    @joint
    def clear_pod(self, n: Name) -> None:
        """A pod is gone."""
        gone = self.place[n]
        if self.consistency == Consistency.LIVE and gone is not None:
            self.tell_all(n, gone)
        self.place[n] = None
        self.has_met[n] = False
        self.since[n] = 0
        self.evicted[n] = False

    @action
    def taint(self, h: Host) -> None:
        """A node is tainted."""
        require(not self.tainted[h] and self.came < self.taints)
        self.came += 1
        self.tainted[h] = True
        for n in self.names:
            if self.place[n] == h:
                self.has_met[n] = True

    @action
    def untaint(self, h: Host) -> None:
        """The taint is removed."""
        require(self.tainted[h])
        self.tainted[h] = False

    @action(when="other_taint")
    def mark(self, h: Host) -> None:
        """A node is given, or loses, the taint that pods tolerate for ever."""
        self.marked[h] = not self.marked[h]

    @joint
    def pass_time(self) -> None:
        """Timers come nearer."""
        for n in self.names:
            if self.has_met[n]:
                self.since[n] = min(self.since[n] + 1, self.patience)
        for p in self.processes:
            for n in self.names:
                left = self.timer[p][n]
                if left is not None:
                    self.timer[p][n] = max(left - 1, 0)

    @joint
    def serve_fields(self, n: Name) -> None:
        """The second API server follows."""
        self.served_place[n] = self.place[n]

    @joint
    def hear_fields(self, p: Process, n: Name) -> None:
        """An update, or the end of a pod, becomes an item."""
        self.update_pod(p, n, self.seen_uid[p][n], self.served_place[n])

    @joint
    def list_fields(self, p: Process, n: Name) -> None:
        """A list is compared with what was known, and becomes updates and ends."""
        self.update_pod(p, n, self.seen_uid[p][n], self.place[n])

    @joint
    def forget_fields(self, p: Process, n: Name) -> None:
        """The end of a pod becomes an item."""
        self.update_pod(p, n, 0, None)

    def update_pod(self, p: Process, n: Name, uid: Revision, now: Host | None) -> None:
        """An item, unless nothing changed that matters (`PodUpdated`)."""
        before = self.seen_place[p][n]
        is_other = uid != self.told[p][n] and not self.by_name and not self.precondition_alone
        if before != now or is_other:
            for h in self.hosts:
                if h == now or (now is None and h == before):
                    self.pod_items[p][n][h] = True
        self.seen_place[p][n] = now
        self.told[p][n] = uid

    def tell_all(self, n: Name, h: Host) -> None:
        """Every controller has to look at a pod."""
        for p in self.processes:
            self.pod_items[p][n][h] = True

    def sees_place(self, p: Process, n: Name) -> Host | None:
        """Where a controller takes a pod to be."""
        return self.place[n] if self.consistency == Consistency.LIVE else self.seen_place[p][n]

    @action(fair=Fairness.WEAK, per_instance=True)
    def hear_host(self, p: Process, h: Host) -> None:
        """The controller hears that the taints of a node have changed (`NodeUpdated`)."""
        require(self.is_news(p, h))
        self.seen_tainted[p][h] = self.tainted[h]
        if self.other_taint:
            self.seen_marked[p][h] = self.marked[h]
        self.host_items[p][h] = True

    def is_news(self, p: Process, h: Host) -> bool:
        """Whether a node has other taints than the controller knows."""
        is_changed = self.seen_tainted[p][h] != self.tainted[h]
        if self.other_taint:
            is_changed = is_changed or self.seen_marked[p][h] != self.marked[h]
        return is_changed

    @action(fair=Fairness.WEAK, per_instance=True)
    def handle_pod(self, p: Process, n: Name, h: Host) -> None:
        """A worker looks at the pod of a name that was told to be on a node."""
        require(self.pod_items[p][n][h])
        self.pod_items[p][n][h] = False
        if self.sees(p, n) == 0:
            self.cancel(p, n)
        elif self.sees_place(p, n) == h and self.has_taints(p, h):
            self.decide(p, n, h)

    @action(fair=Fairness.WEAK, per_instance=True)
    def handle_host(self, p: Process, h: Host) -> None:
        """A worker takes down the taints of a node, and looks at the pods that it knows there."""
        require(self.host_items[p][h])
        self.host_items[p][h] = False
        self.taken_tainted[p][h] = self.seen_tainted[p][h]
        if self.other_taint:
            self.taken_marked[p][h] = self.seen_marked[p][h]
        for n in self.names:
            if self.sees(p, n) != 0 and self.sees_place(p, n) == h:
                self.decide(p, n, h)

    def has_taints(self, p: Process, h: Host) -> bool:
        """Whether the controller takes a node to have any NoExecute taint."""
        found = self.taken_tainted[p][h]
        if self.other_taint:
            found = found or self.taken_marked[p][h]
        return found

    def decide(self, p: Process, n: Name, h: Host) -> None:
        """Set, keep or cancel the timer of a pod (`processPodOnNode`)."""
        if not self.taken_tainted[p][h]:
            if not self.keep_timer or not self.has_taints(p, h):
                self.cancel(p, n)
        else:
            goes_by_name = self.by_name or self.precondition_alone
            is_own = self.meant[p][n] == self.sees(p, n) or goes_by_name
            if self.timer[p][n] is None or not is_own or self.restart_timer:
                self.set_timer(p, n)

    def set_timer(self, p: Process, n: Name) -> None:
        """The pod is evicted when it has tolerated for as long as it does."""
        is_skipped = False
        if self.skip_known_name:
            is_skipped = self.had_timer[p][n]
            self.had_timer[p][n] = True
        if not is_skipped:
            self.timer[p][n] = 0 if self.evict_at_once else self.patience
            self.meant[p][n] = self.sees(p, n)

    def cancel(self, p: Process, n: Name) -> None:
        """Nothing is to come for a name (`CancelWork`)."""
        self.timer[p][n] = None
        self.meant[p][n] = 0

    @action(fair=Fairness.WEAK, per_instance=True)
    def evict(self, p: Process, n: Name) -> None:
        """A timer is over: the pod for which it was set is deleted, if it is there still."""
        left = given(self.timer[p][n])
        require(left == 0 and self.may_act(p))
        meant = self.uid[n] if self.by_name else self.meant[p][n]
        was_active = self.is_active(n)
        is_there = self.delete_pod(p, n, meant)
        if is_there and was_active:
            self.evicted[n] = True
        self.cancel(p, n)

    @action(when="failures > 0")
    def fail_to_evict(self, p: Process, n: Name) -> None:
        """All attempts of a deletion fail; it comes again."""
        require(self.timer[p][n] == 0 and self.failed < self.failures)
        self.failed += 1
        if self.give_up:
            self.cancel(p, n)

    @joint
    def lose_memory(self, p: Process) -> None:
        """Timers, items and what was known of nodes are forgotten; all is told anew."""
        for h in self.hosts:
            self.seen_tainted[p][h] = False
            self.taken_tainted[p][h] = False
            self.host_items[p][h] = False
            if self.other_taint:
                self.seen_marked[p][h] = False
                self.taken_marked[p][h] = False
        for n in self.names:
            self.cancel(p, n)
            for h in self.hosts:
                is_told = self.consistency == Consistency.LIVE and self.place[n] == h
                self.pod_items[p][n][h] = is_told

    @reachable
    def is_evicted(self) -> bool:
        """A pod is evicted."""
        return any(self.evicted[n] for n in self.names)

    @property
    def is_outlived(self) -> bool:
        """Whether a timer runs for a pod that is gone, though nothing is left to hear or do."""
        return any(
            0 < self.meant[p][n] < self.uid[n] and self.sees(p, n) == self.uid[n]
            for p in self.processes
            for n in self.names
        ) and not any(
            self.is_news(p, h) or self.host_items[p][h] or self.pod_items[p][n][h]
            for p in self.processes
            for n in self.names
            for h in self.hosts
        )
