"""What a node in strange hands can bring about, with the node authorizer and NodeRestriction.

Its kubelet may read what pods bound to it need, write its own Node object but for restricted
labels and taints, create mirror pods that refer to nothing, and ask for tokens of service accounts
of its pods. A Node that is deleted is created again by its kubelet, which then says itself how it
is labelled and tainted; so a node must not be able to bring its own deletion about, neither by a
delete nor through the garbage collector.
Source: plugin/pkg/auth/authorizer/node/node_authorizer.go,
plugin/pkg/admission/noderestriction/admission.go, and the advisories that the mutants name.
Left out: leases, CSINodes, resource slices; all other nodes are one: elsewhere.
"""

from enum import Enum

from planespec.checker.lang import (
    Array,
    Model,
    action,
    each,
    instance,
    mutant,
    no_recording,
    reachable,
    require,
)
from planespec.spec.api.authorization.access_requirements import (
    nodes_do_not_mark_themselves,
    nodes_read_for_their_pods_alone,
)


class Mark(Enum):
    """What the scheduler looks at in a Node object."""

    RESTRICTED = "a label under node-restriction.kubernetes.io/"
    ROLE = "a label under kubernetes.io that kubelets may not write"
    UNTAINTED = "the taint of its pool is missing"


class Item(Enum):
    """What a pod needs, each pod one."""

    SECRET = "a secret"
    CLAIM = "a device of a ResourceClaim"
    TOKEN = "a token for its service account"
    OTHER_NODE = "a token that names another node"


class NodePowers(Model):
    """One node, the pods that are bound to it, and an administrator."""

    held_to = no_recording(
        "single requests of nodes were recorded, and spec/api is held to them; sequences were not"
    )

    labels_itself: bool = mutant("A kubelet writes any label of its Node.")
    owned_by_nobody: bool = mutant(
        "A kubelet gives its Node an owner that does not exist; the collector deletes it.",
        issue="kubernetes#133471 (CVE-2025-5187)",
    )
    deletes_itself: bool = mutant("A kubelet deletes its Node.")
    registers_with_roles: bool = mutant(
        "A kubelet registers with labels of a role.", issue="CVE-2023-5408"
    )
    mirrors_secrets: bool = mutant("A mirror pod may refer to a secret.")
    mirrors_claims: bool = mutant(
        "A mirror pod may refer to a ResourceClaim.", issue="kubernetes#132151 (CVE-2025-4563)"
    )
    reads_unbound: bool = mutant("A node reads what pods need that are bound to no node yet.")
    tokens_for_any: bool = mutant("A token is made for a pod that is not on the node.")
    names_any_node: bool = mutant(
        "The node that a token is bound to is what the request says.", issue="kubernetes#121723"
    )

    deadlock = False

    is_there: bool = True
    marks: set[Mark] = set()
    assigned: set[Mark] = set()
    bound: Array[Item, bool] = each(False)
    """Whether the pod that needs this is bound to the node."""
    mirrored: Array[Item, bool] = each(False)
    """Whether a mirror pod of the node refers to it."""
    read: set[Item] = set()
    needed: set[Item] = set()

    requires = [nodes_do_not_mark_themselves, nodes_read_for_their_pods_alone]

    @action
    def assign(self, mark: Mark) -> None:
        """An administrator labels the node, or takes its taint away."""
        require(self.is_there and mark not in self.assigned)
        self.marks.add(mark)
        self.assigned.add(mark)

    @action
    def withdraw(self, mark: Mark) -> None:
        """An administrator takes the label away, or taints the node."""
        require(self.is_there and mark in self.marks)
        self.marks.remove(mark)
        self.assigned.discard(mark)

    @action
    def dismiss(self) -> None:
        """An administrator deletes the node: as it registers again, so may it be."""
        require(self.is_there)
        self.is_there = False
        self.marks = set()
        self.assigned = {Mark.UNTAINTED}

    @action
    def register(self, mark: Mark | None) -> None:
        """The kubelet creates its Node, untainted if it likes, with labels that it may write."""
        require(not self.is_there)
        require(mark != Mark.RESTRICTED)
        require(mark != Mark.ROLE or self.registers_with_roles)
        self.is_there = True
        if mark is not None:
            self.marks.add(mark)

    @action
    def mark_itself(self, mark: Mark) -> None:
        """The kubelet writes its Node: 403 for restricted labels and taints."""
        require(self.is_there and self.labels_itself)
        self.marks.add(mark)

    @action
    def disappear(self) -> None:
        """The kubelet has its Node deleted, by itself or by the garbage collector: 403."""
        require(self.is_there and (self.owned_by_nobody or self.deletes_itself))
        self.is_there = False
        self.marks = set()
        self.assigned = set()

    @action
    def bind(self, item: Item) -> None:
        """The scheduler binds the pod that needs it to the node."""
        require(self.is_there and not self.bound[item] and item != Item.OTHER_NODE)
        self.bound[item] = True
        self.needed.add(item)

    @action
    def end(self, item: Item) -> None:
        """The pod is gone."""
        require(self.bound[item])
        self.bound[item] = False

    @action
    def mirror(self, item: Item) -> None:
        """The kubelet creates a mirror pod that refers to it: 403."""
        require(self.is_there and not self.mirrored[item])
        require(
            (item == Item.SECRET and self.mirrors_secrets)
            or (item == Item.CLAIM and self.mirrors_claims)
        )
        self.mirrored[item] = True

    @action
    def fetch(self, item: Item) -> None:
        """The kubelet reads what the graph says that it may."""
        require(item in (Item.SECRET, Item.CLAIM) and item not in self.read)
        require(self.bound[item] or self.mirrored[item] or self.reads_unbound)
        self.read.add(item)

    @action
    def ask_for_token(self, item: Item) -> None:
        """The kubelet asks for a token, bound to a pod on it; the server says on which node."""
        require(item in (Item.TOKEN, Item.OTHER_NODE) and item not in self.read)
        if item == Item.TOKEN:
            require(self.bound[item] or self.tokens_for_any)
        else:
            require(self.bound[Item.TOKEN] and self.names_any_node)
        self.read.add(item)

    @reachable
    def returns_without_its_taint(self) -> bool:
        """A node that an administrator deleted is there again without its taint."""
        return self.is_there and Mark.UNTAINTED in self.marks and len(self.needed) == 0

    @reachable
    def reads_what_its_pods_need(self) -> bool:
        """The node has read a secret and a claim, and holds a token."""
        return len(self.read) == 3

    instances = [instance("defaults")]
