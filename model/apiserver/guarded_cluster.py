"""A webhook that runs in the cluster it guards, and a cluster that loses all its pods.

The webhook's pod, the pod of the network, and an application come from controllers, which make
them again when they are gone. Whatever creates an object asks the webhook where its configuration
selects the object's namespace; with failurePolicy Fail and nobody to answer, it is refused. A pod
runs on a node that is ready, and gets its address from the network's pod; a node is ready as long
as its lease, an object of its own, is renewed. The API server makes the namespaces it needs when
it starts. Nothing is missing for ever: everything may be lost `losses` times, then the world holds
still, and controllers go on.
Source: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/,
"Avoiding deadlocks in self-hosted webhooks" and "Avoiding operating on the kube-system namespace".
Left out: several replicas, certificates, timeouts (`webhook_chain` has those), node pools.
"""

from enum import Enum
from typing import Annotated

from planespec.checker.lang import (
    Array,
    Fairness,
    Model,
    Range,
    action,
    constant,
    each,
    instance,
    mutant,
    no_recording,
    reachable,
    require,
)
from planespec.spec.admission.admission_requirements import the_webhook_serves_again


class Component(Enum):
    """What is made by creating an object, and where that object is."""

    NAMESPACES = "the namespaces of the system"
    LEASE = "the node's lease, in kube-node-lease"
    NETWORK = "the network's pod, in kube-system"
    WEBHOOK = "the webhook's pod, in a namespace of its own"
    APPLICATION = "a pod of anybody, in any other namespace"


Losses = Annotated[int, Range(0, "losses")]


class GuardedCluster(Model):
    """A webhook with failurePolicy Fail that leaves out what it needs itself."""

    held_to = no_recording("no recorded cluster ran the webhook that guards it")

    losses: int = constant(2, at_least=0, at_most=5)

    guards_itself: bool = mutant(
        "The webhook selects its own namespace, too.", issue="kyverno#16177"
    )
    guards_network: bool = mutant(
        "The webhook selects kube-system, where the pod of the network is.",
        issue="cozystack#3125, netbird-operator#168",
    )
    guards_namespaces: bool = mutant(
        "The webhook is asked for namespaces, which the API server makes when it starts.",
        issue="kubernetes#56761, k3s#6815",
    )
    guards_leases: bool = mutant("The webhook is asked for the leases that keep nodes ready.")

    deadlock = False

    is_guarded: bool = False
    """Whether the webhook's configuration is stored."""
    there: Array[Component, bool] = each(False)
    serves: bool = False
    """Whether the webhook's pod runs and answers."""
    connects: bool = False
    """Whether the network's pod runs."""
    lost: Losses = 0

    requires = [the_webhook_serves_again]

    def is_selected(self, c: Component) -> bool:
        """Whether the webhook is asked before an object is created."""
        return self.is_guarded and (
            c == Component.APPLICATION
            or (c == Component.WEBHOOK and self.guards_itself)
            or (c == Component.NETWORK and self.guards_network)
            or (c == Component.NAMESPACES and self.guards_namespaces)
            or (c == Component.LEASE and self.guards_leases)
        )

    def is_wanted(self, c: Component) -> bool:
        """Whether what comes before it is there: pods need their namespaces."""
        return c == Component.NAMESPACES or self.there[Component.NAMESPACES]

    @action(fair=Fairness.WEAK, per_instance=True)
    def create(self, c: Component) -> None:
        """A controller, or the API server, creates what is missing, if the webhook lets it."""
        require(not self.there[c] and self.is_wanted(c))
        require(not self.is_selected(c) or self.serves)
        self.there[c] = True

    @action(fair=Fairness.WEAK)
    def connect(self) -> None:
        """The network's pod runs on a node that is ready."""
        require(not self.connects)
        require(self.there[Component.NETWORK] and self.there[Component.LEASE])
        self.connects = True

    @action(fair=Fairness.WEAK)
    def serve(self) -> None:
        """The webhook's pod has an address and runs on a node that is ready."""
        require(not self.serves and self.connects)
        require(self.there[Component.WEBHOOK] and self.there[Component.LEASE])
        self.serves = True

    @action
    def guard(self) -> None:
        """The webhook's configuration is stored once the webhook answers."""
        require(self.serves and not self.is_guarded)
        self.is_guarded = True

    @action
    def lose(self, c: Component) -> None:
        """An object is gone, and with it what runs by it."""
        require(self.there[c] and self.lost < self.losses)
        self.lost += 1
        self.there[c] = False
        self.stop()

    @action
    def lose_everything(self) -> None:
        """The cluster is stopped, or its only node is lost: all pods and the lease are gone."""
        require(self.there[Component.WEBHOOK] and self.lost < self.losses)
        self.lost += 1
        for c in Component:
            if c != Component.NAMESPACES:
                self.there[c] = False
        self.stop()

    def stop(self) -> None:
        """What runs by an object that is gone stops."""
        is_ready = self.there[Component.LEASE]
        self.connects = self.connects and is_ready and self.there[Component.NETWORK]
        self.serves = self.serves and self.connects and self.there[Component.WEBHOOK]

    @reachable
    def nobody_answers(self) -> bool:
        """The webhook is in force, and its pod is gone."""
        return self.is_guarded and not self.there[Component.WEBHOOK]

    @reachable
    def comes_back(self) -> bool:
        """An application is made again after everything was lost."""
        return self.lost > 0 and self.is_guarded and self.there[Component.APPLICATION]

    instances = [
        instance("small"),
        instance("five-losses", losses=5),
    ]
