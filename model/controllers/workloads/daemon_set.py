"""A DaemonSet: one pod on each node that may have one, and rollouts node by node.

A sync decides from caches which pods are made and deleted, and does so one by one. First every
node is brought to one pod; only where that had nothing to do are pods of the other template
replaced, with `max_unavailable` nodes without a pod, or `max_surge` nodes with two. Users change
the template and delete pods, pods end, taints come and go, and so do nodes, `disturbances` times.
Source: `pkg/controller/daemon/daemon_controller.go` (podsShouldBeOnNode, syncNodes), `update.go`
(rollingUpdate), v1.36. The rule of one sync is `spec/controllers/apps/daemon_sync`.
Left out: the status, back-off of failed pods, `minReadySeconds`, limits of one sync, the scheduler
(a pod is on the node that it is made for), and pods that have ended while they are marked.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Fairness,
    Range,
    action,
    choose,
    constant,
    each,
    given,
    instance,
    joint,
    mutant,
    reachable,
    recording,
    require,
    sort,
)
from planespec.model.controllers.owned_pods import PodLife
from planespec.model.controllers.workloads.daemon_views import Daemon, DaemonViews, Host, Node
from planespec.model.parts.api_store import Name, Revision
from planespec.model.parts.processes import Process
from planespec.spec.controllers.identity_requirements import (
    daemons_settle,
    nodes_have_one_daemon,
    rollouts_add_few_daemons,
    rollouts_keep_daemons,
)


class DaemonSets(DaemonViews):
    """One DaemonSet."""

    held_to = [
        recording(
            "tests/recorded/controllers_apps.jsonl.gz",
            cases=1_250,
            of="kube-controller-manager 1.36.2",
            part="which pods a sync makes and deletes",
            test="tests/spec/controllers/test_daemon_set_model_beside_the_rule.py"
            "::test_a_sync_decides_what_the_rule_does",
            through="planespec.spec.controllers.apps",
            conform="controllers_apps",
            kinds=("daemonset_sync",),
        )
    ]

    names: Domain[Name] = sort(2, at_least=1, at_most=4, symmetric=True)
    writes: int = constant(16, at_least=1, at_most=20)
    max_unavailable: int = constant(1, at_least=0, at_most=3)
    max_surge: int = constant(0, at_least=0, at_most=3, check="max_surge + max_unavailable > 0")
    disturbances: int = constant(1, at_least=0, at_most=4)
    """How often something happens: a bound."""

    failed_stay: bool = mutant(
        "A pod that has failed is neither deleted nor replaced.", issue="#36482", when="pods_fail"
    )
    success_stays: bool = mutant(
        "A pod that has succeeded is neither deleted nor replaced.",
        issue="#117018",
        when="pods_succeed",
    )
    ghost_nodes: bool = mutant("A pod is made for a node that is gone.", issue="#22545")
    sick_uncounted: bool = mutant(
        "A pod of the old template that is not ready does not count as unavailable.",
        issue="#123232",
    )
    early_rollout: bool = mutant(
        "A rollout begins before the controller has heard that the pods are ready."
    )
    takes_all: bool = mutant("A rollout replaces every pod at once.")
    surges_anywhere: bool = mutant(
        "A rollout makes new pods also for nodes that may not have any.",
        issue="#118823",
        when="max_surge > 0",
    )
    surges_everywhere: bool = mutant(
        "A rollout makes a new pod on every node at once.", when="max_surge > 0"
    )
    old_goes_first: bool = mutant(
        "With surge, the old pod is deleted before the new one is ready.", when="max_surge > 0"
    )

    fairness = {
        "serve": Fairness.WEAK,
        "hear[p]": Fairness.WEAK,
        "hear_set[p]": Fairness.WEAK,
        "hear_node[p, k]": Fairness.WEAK,
    }

    to_make: Array[Process, Array[Node, bool]] = each(each(False))
    """Nodes for which a sync is about to make a pod."""
    to_delete: Array[Process, Array[Name, Revision]] = each(each(0))
    """Uids of pods that a sync is about to delete."""

    disturbed: Annotated[int, Range(0, "disturbances")] = 0
    is_formed: bool = False
    """Whether all nodes were served at one time."""
    was_rough: bool = False
    """Whether something else has happened than a change of the template."""

    requires = [
        nodes_have_one_daemon,
        daemons_settle,
        rollouts_keep_daemons,
        rollouts_add_few_daemons,
    ]

    @property
    def is_calm(self) -> bool:
        """Whether, since all nodes were served, only the template has changed."""
        return self.is_formed and not self.was_rough

    # What happens.

    def disturb(self, calmly: bool) -> None:
        """Something happens, once more."""
        require(self.disturbed < self.disturbances)
        self.disturbed += 1
        self.was_rough = self.was_rough or not calmly

    @action
    def change_template(self) -> None:
        """A user asks for the new template, or for the old one again."""
        is_heard = all(
            any(self.sees_running(p, n, k) and self.sees_serving(p, n) for n in self.names)
            for p in self.processes
            for k in self.nodes
        )
        self.disturb(is_heard or self.early_rollout)
        self.is_rolled = not self.is_rolled

    @action
    def delete_by_hand(self, n: Name) -> None:
        """A user deletes a pod."""
        require(self.is_active(n))
        self.disturb(False)
        self.write_life(n, PodLife.DELETING)

    @action
    def change_node(self, k: Node) -> None:
        """A node comes or goes, or gets or loses a taint."""
        self.disturb(False)
        host = choose(Host)
        require(host != self.host[k])
        self.host[k] = host

    @action(fair=Fairness.WEAK, per_instance=True)
    def collect(self, n: Name) -> None:
        """The garbage collector of pods removes one whose node has been gone for some time."""
        k = given(self.daemon[n].node)
        require(self.host[k] == Host.ABSENT)
        require(all(self.sees_host(p, k) == Host.ABSENT for p in self.processes))
        is_gone = self.delete(n, self.uid[n])
        require(is_gone)
        self.life[n] = PodLife.PENDING
        self.clear_pod(n)

    @joint
    def may_start(self, n: Name) -> bool:
        """A pod gets onto a node that takes it."""
        k = self.daemon[n].node
        return k is not None and self.host[k] == Host.OPEN

    @joint
    def note_life(self, n: Name) -> None:
        """History."""
        if self.life[n] == PodLife.READY:
            self.is_formed = self.is_formed or all(self.serving[k] for k in self.nodes)
        elif self.life[n] != PodLife.DELETING:
            self.disturb(False)

    # Bringing each node to one pod.

    def is_idle(self, p: Process) -> bool:
        """Whether a process has done all that its last sync decided."""
        return not any(self.to_make[p]) and not any(uid != 0 for uid in self.to_delete[p])

    @action(fair=Fairness.WEAK, per_instance=True)
    def begin(self, p: Process) -> None:
        """A sync begins: all is decided from what is seen now."""
        require(self.is_idle(p) and self.may_sync(p))
        for k in self.nodes:
            self.manage(p, k)
        if self.is_idle(p):
            if self.max_surge == 0:
                self.replace_pods(p)
            else:
                self.add_pods(p)
        require(not self.is_idle(p))

    def manage(self, p: Process, k: Node) -> None:
        """Decide which pods of a node are too many, and whether it needs one."""
        host = self.sees_host(p, k)
        is_bare = not any(self.sees_on(p, n, k) for n in self.names)
        running = sum(1 for n in self.names if self.sees_running(p, n, k))
        if host == Host.OPEN or (host == Host.ABSENT and self.ghost_nodes):
            self.to_make[p][k] = is_bare or (self.max_surge > 0 and running == 0)
        for n in self.names:
            if self.sees_on(p, n, k) and self.is_surplus(p, n, k):
                self.to_delete[p][n] = self.sees(p, n)

    def is_surplus(self, p: Process, n: Name, k: Node) -> bool:
        """Whether a pod of a node is to go."""
        host, life = self.sees_host(p, k), self.sees_life(p, n)
        if life == PodLife.DELETING or host == Host.ABSENT:
            return False
        if host == Host.HOSTILE:
            return True
        if life == PodLife.FAILED:
            return not self.failed_stay
        if life == PodLife.SUCCEEDED:
            return not self.success_stays
        if self.max_surge == 0:
            return any(self.goes_before(p, m, n, k) for m in self.names)
        return self.is_replaced(p, n, k)

    def goes_before(self, p: Process, m: Name, n: Name, k: Node) -> bool:
        """Whether another pod of the node runs that is older."""
        return self.sees_running(p, m, k) and self.sees(p, m) < self.sees(p, n)

    def is_replaced(self, p: Process, n: Name, k: Node) -> bool:
        """With surge: whether an older pod is of the same template, or the new one is ready."""
        same = any(
            self.goes_before(p, m, n, k) and self.is_current(p, m) == self.is_current(p, n)
            for m in self.names
        )
        is_done = not self.sees_serving(p, n) or self.old_goes_first
        follows = any(
            self.sees_running(p, m, k)
            and self.is_current(p, m)
            and (is_done or self.sees_serving(p, m))
            for m in self.names
        )
        return same or (not self.is_current(p, n) and follows)

    # Rollouts.

    def has_old(self, p: Process, k: Node) -> bool:
        """Whether a node has one pod that runs, and that is of the other template."""
        return self.sees_one(p, k) and any(
            self.sees_running(p, n, k) and not self.is_current(p, n) for n in self.names
        )

    def sees_one(self, p: Process, k: Node) -> bool:
        """Whether the controller sees one pod of a node that runs, and no other."""
        return sum(1 for n in self.names if self.sees_running(p, n, k)) == 1

    def serves(self, p: Process, k: Node) -> bool:
        """Whether the one pod of a node is seen ready."""
        return self.sees_one(p, k) and any(
            self.sees_running(p, n, k) and self.sees_serving(p, n) for n in self.names
        )

    def counts(self, p: Process, k: Node) -> bool:
        """Whether a rollout looks at a node: it may have a pod, or has one."""
        has_one = any(self.sees_on(p, n, k) for n in self.names)
        return self.sees_host(p, k) == Host.OPEN or has_one

    def replace_pods(self, p: Process) -> None:
        """Old pods go: those that are not ready, and another while few enough are missing."""
        missing = sum(
            1
            for k in self.nodes
            if self.counts(p, k)
            and not self.serves(p, k)
            and not (self.sick_uncounted and self.has_old(p, k))
        )
        for k in self.nodes:
            if self.has_old(p, k) and (self.takes_all or not self.serves(p, k)):
                self.drop(p, k)
        left = self.max_unavailable - missing
        for _ in range(len(self.nodes)):
            if left > 0 and any(self.is_candidate(p, k) for k in self.nodes):
                k = choose(self.nodes)
                require(self.is_candidate(p, k))
                self.drop(p, k)
                left -= 1

    def is_candidate(self, p: Process, k: Node) -> bool:
        """Whether a node serves with an old pod that does not go yet."""
        return (
            self.has_old(p, k)
            and self.serves(p, k)
            and not any(self.sees_on(p, n, k) and self.to_delete[p][n] != 0 for n in self.names)
        )

    def drop(self, p: Process, k: Node) -> None:
        """The old pod of a node goes."""
        for n in self.names:
            if self.sees_running(p, n, k) and not self.is_current(p, n):
                self.to_delete[p][n] = self.sees(p, n)

    def add_pods(self, p: Process) -> None:
        """New pods come beside old ones on as many nodes as may have two."""
        gone = any(self.has_old(p, k) and self.sees_host(p, k) == Host.ABSENT for k in self.nodes)
        if gone and not self.surges_anywhere:
            return
        self.leave_nodes(p)
        running = {k: sum(1 for n in self.names if self.sees_running(p, n, k)) for k in self.nodes}
        left = self.max_surge - sum(1 for k in self.nodes if running[k] > 1)
        for k in self.nodes:
            if self.wants_second(p, k) and (self.surges_everywhere or not self.serves(p, k)):
                self.to_make[p][k] = True
        for _ in range(len(self.nodes)):
            if left > 0 and any(self.may_surge(p, k) for k in self.nodes):
                k = choose(self.nodes)
                require(self.may_surge(p, k))
                self.to_make[p][k] = True
                left -= 1

    def leave_nodes(self, p: Process) -> None:
        """Old pods of nodes that may not have new ones go, while enough others serve."""
        desired = sum(1 for k in self.nodes if self.sees_host(p, k) == Host.OPEN)
        spare = sum(1 for k in self.nodes if self.serves(p, k)) - desired
        for k in self.nodes:
            if self.is_leaving(p, k) and not self.serves(p, k):
                self.drop(p, k)
        for _ in range(len(self.nodes)):
            if spare > 0 and any(self.leaves(p, k) for k in self.nodes):
                k = choose(self.nodes)
                require(self.leaves(p, k))
                self.drop(p, k)
                spare -= 1

    def is_leaving(self, p: Process, k: Node) -> bool:
        """Whether a node has an old pod alone, and may not have a new one."""
        is_closed = self.sees_host(p, k) != Host.OPEN
        return self.has_old(p, k) and is_closed and not self.surges_anywhere

    def leaves(self, p: Process, k: Node) -> bool:
        """Whether such a pod serves, and does not go yet."""
        return self.is_leaving(p, k) and self.is_candidate(p, k)

    def wants_second(self, p: Process, k: Node) -> bool:
        """Whether a node has an old pod alone, and may have a new one."""
        is_open = self.sees_host(p, k) == Host.OPEN or self.surges_anywhere
        return self.has_old(p, k) and is_open

    def may_surge(self, p: Process, k: Node) -> bool:
        """Whether a node serves with an old pod, and gets no new one yet."""
        return self.wants_second(p, k) and self.serves(p, k) and not self.to_make[p][k]

    # Writing.

    @action(fair=Fairness.WEAK, per_instance=("p",))
    def make(self, p: Process, k: Node, n: Name) -> None:
        """A pod is made for a node."""
        require(self.to_make[p][k])
        self.make_pod(p, n)
        self.daemon[n] = Daemon(k, self.asks_new(p))
        self.to_make[p][k] = False

    @action(fair=Fairness.WEAK, per_instance=("p",))
    def delete_one(self, p: Process, n: Name) -> None:
        """A pod is deleted."""
        uid = self.to_delete[p][n]
        require(uid != 0)
        self.delete_pod(p, n, uid)
        self.to_delete[p][n] = 0

    @joint
    def lose_memory(self, p: Process) -> None:
        """The rest of a sync is forgotten; the next process reads nodes and set as they are."""
        for k in self.nodes:
            self.to_make[p][k] = False
            self.seen_host[p][k] = self.host[k]
        for n in self.names:
            self.to_delete[p][n] = 0
        self.seen_rolled[p] = self.is_rolled

    @reachable(when="disturbances > 0 and nodes > 1")
    def is_half_rolled(self) -> bool:
        """A rollout has replaced one pod and not the other."""
        new = any(self.is_active(n) and self.daemon[n].is_new for n in self.names)
        return new and any(self.is_active(n) and not self.daemon[n].is_new for n in self.names)

    instances = [
        instance("start", disturbances=0),
        instance("small"),
        instance("surge", nodes=1, max_surge=1, max_unavailable=0),
        instance("ending", nodes=1, pods_fail=True, pods_succeed=True),
        instance("restart", nodes=1, crashes=1),
    ]
