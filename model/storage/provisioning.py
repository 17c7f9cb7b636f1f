"""One claim, and the volume that a driver makes for it.

A claim whose class says WaitForFirstConsumer is served when the scheduler has chosen a node for a
pod and written it down. Answers may be lost; the driver knows a volume by its name, so that what
was made is made once, and as long as an answer is lost the choice stays. Left out: volumes that
were there before, sizes, capacity, reclaim policies other than Delete, and the binding of one
volume by several claims.
Source: kubernetes-csi/external-provisioner (controller.go),
`pkg/controller/volume/persistentvolume`, `pkg/scheduler/framework/plugins/volumebinding`, v1.36.
"""

from enum import Enum
from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Fairness,
    Model,
    Range,
    Sort,
    abstract,
    action,
    constant,
    each,
    joint,
    mutant,
    only,
    require,
    sort,
)
from planespec.spec.node.volume_manager.volume_requirements import AccessMode, PodPhase


class Node(Sort):
    """A node of the cluster."""


class Pod(Sort):
    """A pod that wants the volume, once."""


class ClaimPhase(Enum):
    """Where the claim is."""

    PENDING = "Pending"
    BOUND = "Bound"
    GONE = "deleted"


Losses = Annotated[int, Range(0, "losses")]


class Provisioning(Model):
    """A claim that is provisioned, bound and deleted; pods that are given nodes and deleted."""

    nodes: Domain[Node] = sort(2, at_least=1, at_most=3, symmetric=True)
    pods: Domain[Pod] = sort(1, at_least=1, at_most=3, symmetric=True)
    mode: AccessMode = constant(AccessMode.RWO)
    waits: bool = constant(default=False)
    """Whether the class says WaitForFirstConsumer, and not Immediate."""
    losses: int = constant(1, at_least=0, at_most=9)
    """How many answers of the driver are lost: a bound."""

    provision_early: bool = mutant(
        "A volume is made before a pod has been given a node.", when="waits"
    )
    name_anew: bool = mutant(
        "A volume is asked for under a new name after an answer was lost.", when="losses > 0"
    )
    choose_anew: bool = mutant(
        "A lost answer is taken for a failure, and another node is chosen.",
        when="waits and losses > 0",
    )
    forget_unanswered: bool = mutant(
        "A claim that is deleted while an answer is lost is forgotten.", when="losses > 0"
    )
    delete_attached: bool = mutant("A volume is deleted while it is attached.")
    rwop_unchecked: bool = mutant(
        "Nobody looks whether a volume is for one pod.",
        issue="#48953",
        when="mode.name == 'RWOP'",
    )

    deadlock = False

    claim: ClaimPhase = ClaimPhase.PENDING
    choice: Node | None = None
    """The node that the scheduler has written down for the claim."""
    made: set[Node] = set()
    """Where there is a volume for the claim."""
    is_forgotten: bool = only(False, when="forget_unanswered")
    """Whether the claim was deleted before anybody heard of a volume."""
    lost: Losses = 0
    phase: Array[Pod, PodPhase] = each(PodPhase.PENDING)
    place: Array[Pod, Node | None] = each(None)

    # The claim.

    @action(fair=Fairness.WEAK)
    def choose_node(self, n: Node) -> None:
        """The scheduler chooses a node for a pod, and waits for a volume that is of use there."""
        require(self.waits and self.claim == ClaimPhase.PENDING and self.choice is None)
        require(any(self.phase[p] == PodPhase.PENDING for p in self.pods))
        self.choice = n

    @action(fair=Fairness.WEAK)
    def make(self, n: Node) -> None:
        """The driver makes a volume, or has it already; volume and claim are bound."""
        self.require_makeable(n)
        self.made.add(n)
        self.claim = ClaimPhase.BOUND

    @action
    def make_unanswered(self, n: Node) -> None:
        """The driver makes a volume, and nobody hears of it."""
        self.require_makeable(n)
        self.lose_answer()
        self.made.add(n)
        if self.choose_anew:
            self.choice = None

    @action
    def refuse(self) -> None:
        """The driver cannot make a volume for that node: the scheduler chooses anew."""
        require(self.claim == ClaimPhase.PENDING and self.choice is not None)
        require(len(self.made) == 0)
        self.lose_answer()
        self.choice = None

    def require_makeable(self, n: Node) -> None:
        """A volume is asked for where it is wanted; what the name stands for is found again."""
        require(self.claim == ClaimPhase.PENDING)
        if self.waits and not self.provision_early:
            require(self.choice == n)
        else:
            require(self.name_anew or len(self.made) == 0 or n in self.made)

    def lose_answer(self) -> None:
        """One more answer is lost."""
        require(self.lost < self.losses)
        self.lost += 1

    @property
    def is_deleted(self) -> bool:
        """Whether the claim is gone."""
        return self.claim == ClaimPhase.GONE

    @action
    def delete_claim(self) -> None:
        """The claim goes when no pod uses it (its finalizer pvc-protection)."""
        require(self.claim != ClaimPhase.GONE)
        require(all(self.phase[p] == PodPhase.GONE for p in self.pods))
        if self.forget_unanswered:
            self.is_forgotten = self.claim == ClaimPhase.PENDING
        self.claim = ClaimPhase.GONE

    @action(fair=Fairness.WEAK)
    def delete_volume(self) -> None:
        """The driver deletes the volume of a claim that is gone, once it is attached nowhere."""
        require(self.claim == ClaimPhase.GONE and len(self.made) > 0)
        require(self.is_free() or self.delete_attached)
        require(not (self.forget_unanswered and self.is_forgotten))
        self.made = set()

    @abstract
    def is_free(self) -> bool:
        """Whether the volume is attached nowhere, as far as is known."""
        raise NotImplementedError

    # The pods.

    @action
    def put(self, p: Pod, n: Node) -> None:
        """A pod is bound to a node; a volume for one pod is for no second one."""
        require(self.phase[p] == PodPhase.PENDING and self.claim == ClaimPhase.BOUND)
        require(self.takes_pods(n))
        if self.mode == AccessMode.RWOP and not self.rwop_unchecked:
            require(not any(self.is_here(q) for q in self.pods))
        self.phase[p] = PodPhase.BOUND
        self.place[p] = n
        self.want_anew(n)

    @action
    def delete(self, p: Pod) -> None:
        """Somebody deletes a pod; one that has no node is gone at once."""
        if self.phase[p] == PodPhase.PENDING:
            self.phase[p] = PodPhase.GONE
        else:
            require(self.phase[p] == PodPhase.BOUND)
            self.phase[p] = PodPhase.DELETING

    @action
    def force_delete(self, p: Pod) -> None:
        """Somebody deletes a pod without waiting for its node."""
        require(self.is_here(p))
        self.phase[p] = PodPhase.GONE

    def is_here(self, p: Pod) -> bool:
        """Whether a pod has a node and is not gone."""
        return self.phase[p] in (PodPhase.BOUND, PodPhase.DELETING)

    @abstract
    def takes_pods(self, n: Node) -> bool:
        """Whether pods are bound to the node."""
        raise NotImplementedError

    @joint
    def want_anew(self, n: Node) -> None:
        """A pod wants the volume on a node from now on."""
