"""Claims and volumes that are bound to each other, by controllers that hear of both late.

A claim is bound in two writes: the volume is reserved for the claim (`spec.claimRef`, with its
uid), then the claim names the volume (`spec.volumeName`) and is complete. Each write says which
version of the object it replaces, so that it is refused where somebody wrote since; the other
object is what the controller heard of it last. Two controllers may be at it, when one was deposed
and does not know it yet. Users may name a volume in their claim, and may make a claim again under
its name. Left out: sizes, classes, access modes, phases, volumes that a user reserves, and
provisioning (`storage.csi` has that).
Source: `pkg/controller/volume/persistentvolume/pv_controller.go`, v1.36; the rule of one round is
`spec/controllers/volume_care/claim_binding`.
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
    instance,
    mutant,
    reachable,
    recording,
    require,
    sort,
)
from planespec.spec.node.volume_manager.binding_requirements import (
    bound_to_each_other,
    reserved_for_none_at_last,
    served_at_last,
    volume_of_one_claim,
)


class Claim(Sort):
    """A claim under a name."""


class Volume(Sort):
    """A volume that an administrator has made."""


class Controller(Sort):
    """A controller that binds."""


Uid = Annotated[int, Range(0, "makes")]
"""The uid of a claim: how often one was made under its name; 0 where there is none."""


class ClaimController(Model):
    """`claims`, `volumes`, and controllers that bind them."""

    held_to = [
        recording(
            "tests/recorded/volumes_live.jsonl.gz",
            cases=175,
            of="kube-controller-manager and kube-apiserver v1.36.2",
            part="what a controller writes about claims and volumes as it has seen them",
            test="tests/spec/controllers/test_claims_model_beside_the_binder.py"
            "::test_every_step_of_the_model_is_one_of_the_binder",
            through="planespec.spec.controllers.volume_care.claim_binding",
            conform="volumes_live",
        )
    ]

    claims: Domain[Claim] = sort(2, at_least=1, at_most=3, symmetric=True)
    volumes: Domain[Volume] = sort(2, at_least=1, at_most=3, symmetric=True)
    controllers: Domain[Controller] = sort(1, at_least=1, at_most=2, symmetric=True)
    makes: int = constant(1, at_least=1, at_most=3)
    """How often a claim is made under one name: a bound."""

    write_over: bool = mutant("A write replaces what was written since the object was read.")
    forget_uid: bool = mutant(
        "A volume is reserved for a name, whichever claim that is by now.", when="makes > 1"
    )
    claim_first: bool = mutant("A claim names a volume before that is reserved for it.")
    reserve_again: bool = mutant("A second volume is reserved for a claim, and never given back.")
    release_by_name: bool = mutant(
        "A volume is not freed while there is a claim of that name, whichever.", when="makes > 1"
    )

    deadlock = False

    uid: Array[Claim, Uid] = each(0)
    made: Array[Claim, Uid] = each(0)
    named: Array[Claim, Volume | None] = each(None)
    """`spec.volumeName`."""
    is_complete: Array[Claim, bool] = each(False)
    reserved: Array[Volume, Claim | None] = each(None)
    """The claim in `spec.claimRef`."""
    reserved_uid: Array[Volume, Uid] = each(0)

    seen_uid: Array[Controller, Array[Claim, Uid]] = each(each(0))
    seen_named: Array[Controller, Array[Claim, Volume | None]] = each(each(None))
    seen_complete: Array[Controller, Array[Claim, bool]] = each(each(False))
    seen_reserved: Array[Controller, Array[Volume, Claim | None]] = each(each(None))
    seen_reserved_uid: Array[Controller, Array[Volume, Uid]] = each(each(0))
    knows_claim: Array[Controller, Array[Claim, bool]] = each(each(True))
    """Whether what a controller has seen of a claim is its latest version."""
    knows_volume: Array[Controller, Array[Volume, bool]] = each(each(True))

    requires = [
        volume_of_one_claim,
        bound_to_each_other,
        reserved_for_none_at_last,
        served_at_last,
    ]

    # Users.

    @action
    def make_claim(self, c: Claim) -> None:
        """Somebody makes a claim."""
        require(self.uid[c] == 0 and self.made[c] < self.makes)
        self.made[c] += 1
        self.uid[c] = self.made[c]
        self.note_claim(c)

    @action
    def name_volume(self, c: Claim, v: Volume) -> None:
        """Somebody writes into a claim which volume it is to have."""
        require(self.uid[c] != 0 and self.named[c] is None)
        self.named[c] = v
        self.note_claim(c)

    @action
    def delete_claim(self, c: Claim) -> None:
        """Somebody deletes a claim."""
        require(self.uid[c] != 0)
        self.uid[c] = 0
        self.named[c] = None
        self.is_complete[c] = False
        self.note_claim(c)

    def note_claim(self, c: Claim) -> None:
        """No controller knows the latest version of a claim."""
        for k in self.controllers:
            self.knows_claim[k][c] = False

    # What a controller hears.

    @action(fair=Fairness.WEAK, per_instance=True)
    def hear_claim(self, k: Controller, c: Claim) -> None:
        """A controller hears of a claim."""
        require(not self.knows_claim[k][c])
        self.seen_uid[k][c] = self.uid[c]
        self.seen_named[k][c] = self.named[c]
        self.seen_complete[k][c] = self.is_complete[c]
        self.knows_claim[k][c] = True

    @action(fair=Fairness.WEAK, per_instance=True)
    def hear_volume(self, k: Controller, v: Volume) -> None:
        """A controller hears of a volume."""
        require(not self.knows_volume[k][v])
        self.seen_reserved[k][v] = self.reserved[v]
        self.seen_reserved_uid[k][v] = self.reserved_uid[v]
        self.knows_volume[k][v] = True

    # Binding.

    def has_volume(self, k: Controller, c: Claim) -> bool:
        """Whether a controller knows of a volume that is reserved for the claim that it sees."""
        return any(self.is_for(k, c, v) for v in self.volumes)

    def is_for(self, k: Controller, c: Claim, v: Volume) -> bool:
        """Whether a volume is reserved for a claim, as far as a controller knows."""
        is_uid = self.seen_reserved_uid[k][v] == self.seen_uid[k][c] or self.forget_uid
        return self.seen_reserved[k][v] == c and self.seen_uid[k][c] != 0 and is_uid

    def is_open(self, k: Controller, c: Claim, v: Volume) -> bool:
        """Whether a claim that a controller sees may have a volume."""
        is_asked = self.seen_named[k][c] is None or self.seen_named[k][c] == v
        return self.seen_uid[k][c] != 0 and not self.seen_complete[k][c] and is_asked

    @action(fair=Fairness.WEAK, per_instance=True)
    def reserve(self, k: Controller, c: Claim, v: Volume) -> None:
        """A controller reserves a volume that is free for a claim that has none."""
        require(self.is_open(k, c, v) and self.seen_reserved[k][v] is None)
        require(self.reserve_again or not self.has_volume(k, c))
        require(self.knows_volume[k][v] or self.write_over)
        self.write_volume(k, v, c, self.seen_uid[k][c])

    @action(fair=Fairness.WEAK, per_instance=True)
    def complete(self, k: Controller, c: Claim, v: Volume) -> None:
        """A controller writes into a claim the volume that is reserved for it."""
        require(self.is_open(k, c, v))
        require(self.is_for(k, c, v) or (self.claim_first and self.seen_reserved[k][v] is None))
        require(self.knows_claim[k][c] or self.write_over)
        require(self.uid[c] != 0)
        self.note_claim(c)
        self.named[c] = v
        self.is_complete[c] = True
        self.seen_named[k][c] = v
        self.seen_complete[k][c] = True
        self.knows_claim[k][c] = self.uid[c] == self.seen_uid[k][c]

    @action(fair=Fairness.WEAK, per_instance=True)
    def give_back(self, k: Controller, c: Claim, v: Volume) -> None:
        """A controller frees a volume whose claim has another one, or asks for another."""
        require(self.is_for(k, c, v) and not self.reserve_again)
        require(self.seen_named[k][c] is not None and self.seen_named[k][c] != v)
        require(self.knows_volume[k][v] or self.write_over)
        self.write_volume(k, v, None, 0)

    @action(fair=Fairness.WEAK, per_instance=True)
    def release(self, k: Controller, c: Claim, v: Volume) -> None:
        """A volume whose claim is gone is wiped, and free again."""
        require(self.seen_reserved[k][v] == c)
        require(self.seen_reserved_uid[k][v] != self.seen_uid[k][c] and not self.forget_uid)
        require(self.knows_volume[k][v] and self.knows_claim[k][c])
        require(not (self.release_by_name and self.seen_uid[k][c] != 0))
        self.write_volume(k, v, None, 0)

    def write_volume(self, k: Controller, v: Volume, c: Claim | None, uid: Uid) -> None:
        """A controller stores for whom a volume is reserved, and knows that version."""
        for other in self.controllers:
            self.knows_volume[other][v] = other == k
        self.reserved[v] = c
        self.reserved_uid[v] = uid
        self.seen_reserved[k][v] = c
        self.seen_reserved_uid[k][v] = uid

    @reachable(when="claims <= volumes")
    def all_bound(self) -> bool:
        """Every claim has a volume."""
        return all(self.is_complete[c] for c in self.claims)

    @reachable(when="claims > 1")
    def asks_for_what_another_has(self) -> bool:
        """A claim names a volume that is reserved for another."""
        return any(
            self.named[c] == v and self.reserved[v] == d and c != d
            for c in self.claims
            for d in self.claims
            for v in self.volumes
        )

    instances = [
        instance("two-claims", volumes=1),
        instance("two-volumes"),
        instance("remade", volumes=1, makes=2),
        instance("two-controllers", volumes=1, controllers=2),
        instance("two-controllers-two-volumes", slow=True, controllers=2),
        instance("remade-two-volumes", slow=True, makes=2),
    ]
