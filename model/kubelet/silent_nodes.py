"""`kubelet.node`: nodes fall silent and come back; their pods are evicted, and replaced elsewhere.

A node that reaches the API server renews its lease in every tick. The node lifecycle controller
calls one Unknown that was silent for the grace period, and taints it, unless no node at all is
heard of; the taint eviction controller deletes pods that have been on a tainted node for as long
as they tolerate. The object of such a pod stays until its kubelet confirms, or until somebody
declares the node out of service. The workload makes the next pod when the object is gone
(`ordered`, as a StatefulSet does), or as soon as it is deleted.
Source: `pkg/controller/nodelifecycle`, `tainteviction`, `podgc` of Kubernetes v1.36. In 1.36.2 the
taint eviction controller still deletes by name (pull 141568): here it compares uids, and the
mutant `evict_by_name` does not. Left out: zones that are disrupted in part and the rates of
eviction, several workloads, the status beside the lease; graceful shutdown is a model of its own.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Fairness,
    Model,
    Range,
    Sort,
    action,
    constant,
    each,
    given,
    instance,
    mutant,
    no_recording,
    only,
    reachable,
    require,
    sort,
)
from planespec.spec.node.node_requirements import (
    Link,
    evictions_follow_taints,
    exposed_pods_are_evicted,
    lost_masters_evict_nothing,
    nodes_are_given_time,
    one_of_an_identity_runs,
    returned_nodes_are_untainted,
    returned_nodes_stop_what_is_deleted,
)
from planespec.spec.node.pod_states import Stage

HOLDING = (Stage.PRESENT, Stage.MARKED)
"""Where the object of a pod still has its name."""


class Host(Sort):
    """A node."""


class Replica(Sort):
    """A pod of the workload, by its uid; all have the same name."""


class SilentNodes(Model):
    """`hosts`, and a workload that wants one pod of a name to run."""

    held_to = no_recording("nodes that fall silent were recorded with no controller's timers")

    hosts: Domain[Host] = sort(2, at_least=1, at_most=3, symmetric=True)
    pods: Domain[Replica] = sort(2, at_least=1, at_most=3, symmetric=True)
    silence: int = constant(1, at_least=1, at_most=4)
    patience: int = constant(1, at_least=0, at_most=4)
    outages: int = constant(2, at_least=0, at_most=4)
    """How often a node is cut off or dies: a bound."""
    failures: int = constant(1, at_least=0, at_most=3)
    """How often a deletion by the controller fails: a bound."""
    ordered: bool = constant(default=True)
    out_of_service: bool = constant(default=False)
    """Whether people declare nodes out of service."""

    impatient: bool = mutant(
        "A node is Unknown as soon as one heartbeat is missing.", when="silence > 1"
    )
    replace_marked: bool = mutant(
        "The next pod of an identity is made before the object of the last is gone.",
        issue="#61832",
        when="ordered",
    )
    release_unconfirmed: bool = mutant(
        "The object of a pod on a silent node is removed without its kubelet.",
        issue="#61832",
        when="ordered",
    )
    keep_timer: bool = mutant("A taint that is gone evicts all the same.", issue="#90794")
    evict_by_name: bool = mutant(
        "The timer of a pod that is gone evicts the next one of its name.",
        issue="#29522, pull 141568",
    )
    skip_known_name: bool = mutant(
        "A pod whose name had a timer before gets none.", issue="#107543"
    )
    give_up_deleting: bool = mutant(
        "A deletion that failed is not tried again.", issue="#140639", when="failures > 0"
    )
    taint_all: bool = mutant("Nodes are tainted though none at all is heard of.")
    keep_taint: bool = mutant("A node that is back keeps its taint.")
    forget_orphans: bool = mutant("A node that is back leaves alone what it was not told of.")

    deadlock = False

    link: Array[Host, Link] = each(Link.UP)
    quiet: Array[Host, Annotated[int, Range(0, "silence")]] = each(0)
    is_ready: Array[Host, bool] = each(True)
    is_tainted: Array[Host, bool] = each(False)
    is_out: Array[Host, bool] = only(each(False), when="out_of_service")
    stored: Array[Replica, Stage] = each(Stage.ABSENT)
    place: Array[Replica, Host | None] = each(None)
    runs: Array[Replica, bool] = each(False)
    exposed: Array[Replica, Annotated[int, Range(0, "patience")]] = each(0)
    timer: Replica | None = None
    """The pod that the eviction controller has a timer for."""
    left: Annotated[int, Range(0, "patience")] = 0
    had_timer: bool = only(False, when="skip_known_name")
    given_up: Array[Replica, bool] = only(each(False), when="give_up_deleting")
    went: Annotated[int, Range(0, "outages")] = 0
    failed: Annotated[int, Range(0, "failures")] = 0
    was_misjudged: bool = False

    requires = [
        only(one_of_an_identity_runs, when="ordered"),
        nodes_are_given_time,
        evictions_follow_taints,
        lost_masters_evict_nothing,
        exposed_pods_are_evicted,
        returned_nodes_stop_what_is_deleted,
        returned_nodes_are_untainted,
    ]

    @action
    def fall(self, h: Host) -> None:
        """A node is cut off."""
        self.count_outage(h)
        self.link[h] = Link.CUT

    @action
    def die(self, h: Host) -> None:
        """A node loses power, and what runs on it."""
        self.count_outage(h)
        self.link[h] = Link.DEAD
        for p in self.pods:
            if self.place[p] == h:
                self.runs[p] = False

    def count_outage(self, h: Host) -> None:
        """One more node that is not heard of, within the bound."""
        require(self.link[h] == Link.UP and self.went < self.outages)
        self.went += 1

    @action
    def return_(self, h: Host) -> None:
        """A node reaches the API server again, or is started again; nobody promises that."""
        require(self.link[h] != Link.UP)
        self.link[h] = Link.UP
        self.quiet[h] = 0
        if self.out_of_service:
            self.is_out[h] = False

    @action(fair=Fairness.WEAK)
    def tick(self) -> None:
        """Time passes: nodes that are up renew their leases, timers run."""
        for h in self.hosts:
            silent = min(self.quiet[h] + 1, self.silence)
            self.quiet[h] = 0 if self.link[h] == Link.UP else silent
        for p in self.pods:
            on_taint = any(self.place[p] == h and self.is_tainted[h] for h in self.hosts)
            self.exposed[p] = min(self.exposed[p] + 1, self.patience) if on_taint else 0
        self.left = max(self.left - 1, 0)

    @action(fair=Fairness.WEAK, per_instance=True)
    def call_unknown(self, h: Host) -> None:
        """The node lifecycle controller has not heard of a node for the grace period."""
        require(self.is_ready[h])
        require(self.quiet[h] >= self.silence or (self.impatient and self.quiet[h] > 0))
        self.is_ready[h] = False

    @action(fair=Fairness.WEAK, per_instance=True)
    def call_ready(self, h: Host) -> None:
        """It hears of the node again, and removes the taint."""
        require(self.link[h] == Link.UP and (not self.is_ready[h] or self.is_tainted[h]))
        self.is_ready[h] = True
        if not self.keep_taint:
            self.untaint(h)

    @action(fair=Fairness.WEAK, per_instance=True)
    def taint(self, h: Host) -> None:
        """A node that is Unknown is tainted, where others are heard of."""
        require(not self.is_ready[h] and not self.is_tainted[h])
        require(self.taint_all or any(self.is_ready[k] for k in self.hosts))
        self.is_tainted[h] = True

    @action(fair=Fairness.WEAK)
    def stop_evictions(self) -> None:
        """No node is heard of: the fault is taken to be elsewhere, and taints are removed."""
        require(not self.taint_all and not any(self.is_ready[h] for h in self.hosts))
        require(any(self.is_tainted[h] for h in self.hosts))
        for h in self.hosts:
            self.untaint(h)

    def untaint(self, h: Host) -> None:
        """The taint of a node is removed, and with it the timers of its pods."""
        self.is_tainted[h] = False
        for p in self.pods:
            if self.place[p] == h:
                self.exposed[p] = 0
                if self.timer == p and not self.keep_timer:
                    self.timer = None
                    self.left = 0

    @action(fair=Fairness.WEAK, per_instance=True)
    def arm(self, p: Replica) -> None:
        """The eviction controller sets a timer for a pod on a tainted node."""
        h = given(self.place[p])
        require(self.stored[p] == Stage.PRESENT and self.is_tainted[h] and self.timer is None)
        if self.skip_known_name:
            require(not self.had_timer)
            self.had_timer = True
        if self.give_up_deleting:
            require(not self.given_up[p])
        self.timer = p
        self.left = self.patience

    @action(fair=Fairness.WEAK)
    def drop_timer(self) -> None:
        """The controller hears that the pod of its timer is gone, or is another one now."""
        timer = given(self.timer)
        require(self.stored[timer] != Stage.PRESENT and not self.evict_by_name)
        self.timer = None
        self.left = 0

    @action(fair=Fairness.STRONG, per_instance=True)
    def evict(self, p: Replica) -> None:
        """A timer is over: the pod is deleted, if it is the one that was meant."""
        timer = given(self.timer)
        require(self.left == 0 and self.stored[p] == Stage.PRESENT)
        require(p == timer or self.evict_by_name)
        require(self.exposed[p] >= self.patience or self.evict_by_name or self.keep_timer)
        self.stored[p] = Stage.MARKED
        self.timer = None

    @action
    def fail_to_evict(self, p: Replica) -> None:
        """The deletion fails; it is tried again."""
        require(self.timer == p and self.left == 0 and self.failed < self.failures)
        self.failed += 1
        if self.give_up_deleting:
            self.given_up[p] = True
            self.timer = None

    @action
    def remove(self, p: Replica) -> None:
        """Somebody deletes a pod that does not run, on a node that is up: it is gone at once."""
        h = given(self.place[p])
        require(self.stored[p] == Stage.PRESENT and self.link[h] == Link.UP and not self.runs[p])
        self.stored[p] = Stage.GONE

    @action
    def create(self, p: Replica, h: Host) -> None:
        """The workload makes its next pod, which is bound to a node that is well."""
        require(self.stored[p] == Stage.ABSENT and self.is_ready[h] and not self.is_tainted[h])
        require(not any(self.stored[q] == Stage.PRESENT for q in self.pods))
        waits = self.ordered and not self.replace_marked
        require(not waits or not any(self.stored[q] in HOLDING for q in self.pods))
        self.stored[p] = Stage.PRESENT
        self.place[p] = h

    @action
    def start(self, p: Replica) -> None:
        """A kubelet that is up runs a pod of its node."""
        h = given(self.place[p])
        require(self.link[h] == Link.UP and self.stored[p] == Stage.PRESENT and not self.runs[p])
        self.runs[p] = True

    @action(fair=Fairness.WEAK, per_instance=True)
    def stop(self, p: Replica) -> None:
        """A kubelet that is up stops a pod that is deleted."""
        h = given(self.place[p])
        require(self.link[h] == Link.UP and self.runs[p] and self.stored[p] != Stage.PRESENT)
        require(self.stored[p] == Stage.MARKED or not self.forget_orphans)
        self.runs[p] = False

    @action(fair=Fairness.WEAK, per_instance=True)
    def confirm(self, p: Replica) -> None:
        """The kubelet of a deleted pod that has stopped removes its object."""
        h = given(self.place[p])
        require(self.stored[p] == Stage.MARKED)
        confirmed = self.link[h] == Link.UP and not self.runs[p]
        require(confirmed or (self.release_unconfirmed and not self.is_ready[h]))
        self.stored[p] = Stage.GONE

    @action(when="out_of_service")
    def declare_out(self, h: Host) -> None:
        """Somebody declares a node out of service: its deleted pods are removed by force."""
        require(not self.is_ready[h] and not self.is_out[h] and self.link[h] != Link.UP)
        self.is_out[h] = True
        if self.link[h] == Link.CUT:
            self.was_misjudged = True

    @action(fair=Fairness.WEAK, per_instance=True, when="out_of_service")
    def force(self, p: Replica) -> None:
        """The pod collector removes a deleted pod of a node that is out of service."""
        h = given(self.place[p])
        require(self.stored[p] == Stage.MARKED and self.is_out[h])
        self.stored[p] = Stage.GONE

    @reachable(when="outages > 0 and (out_of_service or not ordered)")
    def runs_elsewhere(self) -> bool:
        """The next pod runs while the node of the last is silent."""
        return any(
            self.runs[p]
            and any(
                self.place[q] == h and self.link[h] != Link.UP and self.stored[q] != Stage.PRESENT
                for q in self.pods
                for h in self.hosts
            )
            for p in self.pods
        )

    @reachable(when="outages > 0 and (out_of_service or not ordered)")
    def two_run(self) -> bool:
        """Two pods run, one of them on a node that is cut off."""
        return sum(self.runs[p] for p in self.pods) > 1

    instances = [
        instance("small", outages=1),
        instance("out-of-service", out_of_service=True, outages=1),
        instance("deployment", ordered=False, outages=1),
        instance("patient", silence=2, patience=2, outages=1),
        instance("two-outages", slow=True),
        instance("three-pods", slow=True, pods=3, out_of_service=True),
    ]
