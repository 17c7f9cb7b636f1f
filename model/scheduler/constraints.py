"""Taints, affinity, spread and claims, as pods, taints and labels come and go.

One application: every pod matches the selectors of the others. Left out: several topology keys,
the weaker constraints that only score, `minDomains`, and the stale view of a scheduler, which
`scheduler.cluster` has.
Source: `pkg/scheduler/framework/plugins`: tainttoleration/taint_toleration.go,
nodeaffinity/node_affinity.go, interpodaffinity/filtering.go, podtopologyspread/filtering.go,
volumerestrictions.
"""

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Sort,
    action,
    choose,
    constant,
    each,
    initial,
    instance,
    mutant,
    reachable,
    recording,
    require,
    sort,
)
from planespec.model.scheduler.scheduler_types import Node, Pod
from planespec.spec.scheduling.requirements.constraint_requirements import (
    constraints_hold,
    one_user,
    refused_for_a_reason,
)
from planespec.spec.scheduling.requirements.observations import Stage


class Zone(Sort):
    """A zone; it may have no node."""


class Constraints(Model):
    """Bind, delete, taint, label."""

    held_to = [
        recording(
            "tests/recorded/scheduler.jsonl.gz",
            cases=2_994,
            of="kube-scheduler 1.36.2",
            part="which nodes pass the filters",
            test="tests/spec/scheduling/test_constraints_model_beside_the_filters.py"
            "::test_a_node_passes_in_the_model_exactly_where_the_filters_accept_it",
            through="planespec.spec.scheduling.framework",
            conform="scheduler",
            kinds=("framework",),
        )
    ]

    pods: Domain[Pod] = sort(3, at_least=1, at_most=6, symmetric=True)
    nodes: Domain[Node] = sort(2, at_least=1, at_most=4, symmetric=True)
    zones: Domain[Zone] = sort(2, at_least=1, at_most=4, symmetric=True)
    taints: bool = constant(True)
    affinity: bool = constant(False)
    node_affinity: bool = constant(False)
    pod_affinity: bool = constant(False)
    volumes: bool = constant(False)
    spread: bool = constant(True)

    taints_ignored: bool = mutant("Pods are bound to nodes whose taints they do not tolerate.")
    labels_ignored: bool = mutant("Pods are bound to nodes without the label they require.")
    near_anywhere: bool = mutant(
        "Pods that want to be near each other and match themselves go to any zone."
    )
    first_waits: bool = mutant("The first pod that wants to be near its like waits for another.")
    one_sided: bool = mutant("The anti-affinity of pods that are there already is not looked at.")
    own_side_ignored: bool = mutant("The anti-affinity of the pod itself is not looked at.")
    terminating_spread: bool = mutant("Spread counts pods that are terminating.", issue="#87621")
    tainted_zone_counts: bool = mutant(
        "A zone whose nodes the pod cannot go to counts as one with no pods.", issue="#106127"
    )
    claim_checked_by_node: bool = mutant(
        "The user of a claim is looked for on the same node only.", issue="#103132"
    )
    terminating_frees_claim: bool = mutant("A pod that is terminating does not use its claim.")

    deadlock = False

    zone: Array[Node, Zone | None] = each(None)
    tolerates: Array[Pod, bool] = each(False)
    selects: Array[Pod, bool] = each(False)
    seeks: Array[Pod, bool] = each(False)
    shuns: Array[Pod, bool] = each(False)
    claims: Array[Pod, bool] = each(False)
    tainted: Array[Node, bool] = each(False)
    labelled: Array[Node, bool] = each(False)
    stage: Array[Pod, Stage] = each(Stage.PRESENT)
    bound: Array[Pod, Node | None] = each(None)
    parked: Array[Pod, bool] = each(False)

    requires = [constraints_hold, one_user, refused_for_a_reason]

    @initial
    def start(self) -> None:
        """Nodes in any zones, pods with any constraints."""
        for n in self.nodes:
            self.zone[n] = choose(self.zones)
        for p in self.pods:
            if self.taints:
                self.tolerates[p] = choose({False, True})
            if self.node_affinity:
                self.selects[p] = choose({False, True})
            if self.pod_affinity:
                self.seeks[p] = choose({False, True})
            if self.affinity:
                self.shuns[p] = choose({False, True})
            if self.volumes:
                self.claims[p] = choose({False, True})

    @action
    def bind(self, p: Pod, n: Node) -> None:
        """A pod is bound to a node that passes the filters."""
        require(self.is_pending(p) and self.passes(p, n))
        self.bound[p] = n
        self.wake_all()

    @action
    def park(self, p: Pod) -> None:
        """No node passes."""
        require(self.is_pending(p) and not self.parked[p])
        require(not any(self.passes(p, n) for n in self.nodes))
        self.parked[p] = True

    @action
    def delete(self, p: Pod) -> None:
        """A user deletes a pod; where it runs, it is terminating for a while."""
        require(self.stage[p] == Stage.PRESENT)
        self.stage[p] = Stage.GONE if self.bound[p] is None else Stage.TERMINATING
        self.wake_all()

    @action
    def finish(self, p: Pod) -> None:
        """A terminating pod is gone."""
        require(self.stage[p] == Stage.TERMINATING)
        self.stage[p] = Stage.GONE
        self.wake_all()

    @action
    def taint(self, n: Node) -> None:
        """A node gets a taint (cordon)."""
        require(self.taints and not self.tainted[n])
        self.tainted[n] = True
        self.wake_all()

    @action
    def untaint(self, n: Node) -> None:
        """A node loses its taint."""
        require(self.tainted[n])
        self.tainted[n] = False
        self.wake_all()

    @action
    def label(self, n: Node) -> None:
        """A node gets the label that pods may require."""
        require(self.node_affinity and not self.labelled[n])
        self.labelled[n] = True
        self.wake_all()

    @action
    def unlabel(self, n: Node) -> None:
        """A node loses the label; pods that are there stay."""
        require(self.labelled[n])
        self.labelled[n] = False
        self.wake_all()

    def wake_all(self) -> None:
        """Whatever changed, every parked pod is tried again; a pod that is gone is not parked."""
        for p in self.pods:
            self.parked[p] = False

    def is_pending(self, p: Pod) -> bool:
        """Whether a pod waits for a node."""
        return self.stage[p] == Stage.PRESENT and self.bound[p] is None

    def passes(self, p: Pod, n: Node) -> bool:
        """Whether a node passes all filters."""
        return (
            (self.is_tolerated(p, n) or self.taints_ignored)
            and (self.is_selected(p, n) or self.labels_ignored)
            and self.is_near(p, n)
            and not self.is_shunned(p, n)
            and (not self.spread or self.is_level(p, n))
            and not self.is_claim_taken(p, n)
        )

    def is_open(self, p: Pod, n: Node) -> bool:
        """Whether a pod may go to a node, taints and labels considered."""
        return self.is_tolerated(p, n) and self.is_selected(p, n)

    def is_tolerated(self, p: Pod, n: Node) -> bool:
        """Whether a pod may go to a node, taints considered."""
        return self.tolerates[p] or not self.tainted[n]

    def is_selected(self, p: Pod, n: Node) -> bool:
        """Whether a pod may go to a node, labels considered."""
        return self.labelled[n] or not self.selects[p]

    def is_near(self, p: Pod, n: Node) -> bool:
        """Whether a pod that seeks others finds one in the zone of a node, or is the first."""
        return (
            not self.seeks[p]
            or self.near_anywhere
            or any(q != p and self.runs_in_zone_of(q, n) for q in self.pods)
            or (self.is_first(p) and not self.first_waits)
        )

    def is_first(self, p: Pod) -> bool:
        """Whether no other pod is on any node."""
        return not any(
            q != p and self.bound[q] is not None and self.stage[q] != Stage.GONE for q in self.pods
        )

    def is_shunned(self, p: Pod, n: Node) -> bool:
        """Whether anti-affinity of either side keeps a pod off the zone of a node."""
        return any(
            q != p
            and self.runs_in_zone_of(q, n)
            and ((self.shuns[p] and not self.own_side_ignored) or self.is_shy(q))
            for q in self.pods
        )

    def is_shy(self, q: Pod) -> bool:
        """Whether a pod that is there already keeps others away."""
        return self.shuns[q] and not self.one_sided

    def runs_in_zone_of(self, q: Pod, n: Node) -> bool:
        """Whether a pod is in the zone of a node, be it terminating."""
        return self.stage[q] != Stage.GONE and any(
            self.bound[q] == m and self.zone[m] == self.zone[n] for m in self.nodes
        )

    def is_level(self, p: Pod, n: Node) -> bool:
        """Whether the zone of a node has no more pods than the least of those that count."""
        least = min(
            (self.level(p, m) for m in self.nodes if self.is_open(p, m) or self.counts_closed()),
            default=0,
        )
        return self.level(p, n) <= least

    def counts_closed(self) -> bool:
        """Whether zones count that a pod cannot go to."""
        return self.tainted_zone_counts

    def level(self, p: Pod, n: Node) -> int:
        """How many pods count in the zone of a node."""
        return sum(
            1
            for q in self.pods
            for m in self.nodes
            if self.bound[q] == m
            and q != p
            and self.zone[m] == self.zone[n]
            and self.is_open(p, m)
            and self.is_live(q)
        )

    def is_live(self, q: Pod) -> bool:
        """Whether a pod counts for spread."""
        return self.stage[q] == Stage.PRESENT or (
            self.terminating_spread and self.stage[q] == Stage.TERMINATING
        )

    def is_claim_taken(self, p: Pod, n: Node) -> bool:
        """Whether another pod uses the claim of a pod."""
        return self.claims[p] and any(
            q != p
            and self.claims[q]
            and self.stage[q] != Stage.GONE
            and self.bound[q] is not None
            and not (self.claim_checked_by_node and self.bound[q] != n)
            and not (self.terminating_frees_claim and self.stage[q] == Stage.TERMINATING)
            for q in self.pods
        )

    @reachable(when="not affinity and not volumes")
    def all_bound(self) -> bool:
        """Every pod is on a node at once, where no constraint keeps them apart."""
        return all(self.bound[p] is not None for p in self.pods)

    @reachable(when="taints or node_affinity or affinity or volumes")
    def somebody_parked(self) -> bool:
        """A pod finds no node."""
        return any(self.parked[p] for p in self.pods)

    instances = [
        instance("defaults"),
        instance("three-nodes", slow=True, nodes=3),
        instance("affinity-alone", affinity=True, taints=False, spread=False),
        instance("volumes", volumes=True, taints=False, spread=False),
        instance("affinity", affinity=True),
        instance("node-affinity", node_affinity=True, taints=False),
        instance("pod-affinity-alone", pod_affinity=True, taints=False, spread=False),
        instance("pod-affinity", slow=True, node_affinity=True, pod_affinity=True, taints=False),
    ]
