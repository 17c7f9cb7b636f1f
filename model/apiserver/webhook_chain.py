"""Mutating and validating admission of one object: webhooks, policies, and what a server knows.

A server takes a request, keeps the webhooks and policies that it knows by then, and calls the
mutating webhooks in order. One that changes the object makes those before it run once more, where
they ask to be (reinvocationPolicy IfNeeded). Then the policies look at the final object, in every
kind of container and every field, and the object is stored. A webhook may be down or slow: its
failurePolicy says whether the request fails, its timeout is taken from the time of the request.
Source: staging/src/k8s.io/apiserver/pkg/admission/plugin, there webhook/mutating/dispatcher.go,
webhook/validating/dispatcher.go, webhook/generic/webhook.go (WaitForReady), and policy.
Left out: what selects a webhook, matchConditions, patches, and objects other than one; the rules
of spec/admission have those.
"""

from enum import Enum
from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Model,
    Range,
    Sort,
    action,
    constant,
    each,
    instance,
    mutant,
    no_recording,
    reachable,
    require,
    sort,
    table,
)
from planespec.spec.admission.admission_requirements import (
    a_dry_run_leaves_no_trace,
    an_ignored_failure_refuses_nothing,
    no_server_admits_before_it_has_heard,
    what_a_webhook_denies_is_not_stored,
    what_is_stored_is_as_every_mutator_left_it,
    what_is_stored_satisfies_every_policy,
)


class Mutator(Sort):
    """A mutating webhook; they are called in the order of their numbers."""


class Request(Sort):
    """A request; the object that it makes has its name."""


class Fault(Enum):
    """Where an object has what a policy forbids."""

    CONTAINER = "containers"
    INIT = "initContainers"
    EPHEMERAL = "ephemeralContainers"
    ENV_FROM = "envFrom"
    CHANGED = "a field that may not change"


class Health(Enum):
    """How a webhook answers."""

    UP = "up"
    DENYING = "up, and denies"
    SLOW = "slow"
    """Not within its timeout."""
    DOWN = "down"


class Stage(Enum):
    """How far the request is."""

    NEW = "new"
    MUTATING = "mutating"
    ENDED = "ended"


Seconds = Annotated[int, Range(0, "deadline")]


class WebhookChain(Model):
    """One request through `mutators`, each of which has `timeout` of the `deadline` in seconds."""

    held_to = no_recording(
        "webhooks that fail were recorded request by request, which spec/admission is held to"
    )

    requests: Domain[Request] = sort(1, at_least=1, at_most=1)
    mutators: Domain[Mutator] = sort(2, at_least=1, at_most=3)
    deadline: int = constant(30, at_least=1, at_most=60)
    timeout: int = constant(10, at_least=1, at_most=30)
    ignores: Array[Mutator, bool] = table([True, False])
    """Whether the failure of a webhook is ignored (failurePolicy)."""
    undoes: Array[Mutator, Mutator | None] = table([None, 0])
    """Whose work a webhook changes again, by what it adds: one before it."""
    adds: Array[Mutator, Fault | None] = table([None, "initContainers"])
    """What a webhook adds to an object that a policy may forbid."""
    has_side_effects: Array[Mutator, bool] = table([False, True])

    once_only: bool = mutant(
        "No webhook is called again after a later one changed the object.",
        issue="kubernetes#64333, istio#45233",
    )
    fails_open: bool = mutant("A webhook that is down is passed over whatever its failurePolicy.")
    validates_first: bool = mutant("The policies look at the object before it is mutated.")
    passes_over_init: bool = mutant("A policy looks at containers alone, not at init containers.")
    passes_over_ephemeral: bool = mutant(
        "A policy does not look at ephemeral containers.", issue="kubernetes#118640"
    )
    passes_over_env_from: bool = mutant(
        "A policy looks at env and volumes, not at envFrom.", issue="kubernetes#124336"
    )
    old_is_new: bool = mutant(
        "Validation is given the new object in place of the old one.", issue="kubernetes#100096"
    )
    ignores_denials: bool = mutant("A denial is passed over where failures are ignored.")
    dry_run_calls: bool = mutant(
        "A dry run calls webhooks that have side effects.", issue="kubernetes#66936"
    )
    serves_unheard: bool = mutant(
        "A server that starts serves before it has read webhooks and policies."
    )
    waits_all_the_time: bool = mutant(
        "Every webhook may take all the time that the request has.", issue="kubernetes#112765"
    )

    deadlock = False

    policies: set[Fault] = set()
    """The faults that a policy in force forbids."""
    heard: set[Fault] = set()
    """The policies that the server knows."""
    has_heard: bool = True
    health: Array[Mutator, Health] = each(Health.UP)

    stage: Stage = Stage.NEW
    stored: set[Request] = set()
    refused: set[Request] = set()
    denied: set[Request] = set()
    dry: set[Request] = set()
    faults: set[Fault] = set()
    forbidden: set[Fault] = set()
    """What the policies forbade that the server knew when the request came."""
    kept: Array[Mutator, bool] = each(False)
    """Whether the object has what a webhook makes of it."""
    skipped: set[Mutator] = set()
    called: Annotated[int, Range(0, "2 * mutators")] = 0
    """How many webhooks had their turn; from the number of mutators on those called again."""
    changed: set[Mutator] = set()
    """Webhooks whose work was undone: those to be called again."""
    left: Seconds = deadline
    is_late: bool = False
    traces: Annotated[int, Range(0, 4)] = 0

    requires = [
        what_is_stored_is_as_every_mutator_left_it,
        what_is_stored_satisfies_every_policy,
        a_dry_run_leaves_no_trace,
        what_a_webhook_denies_is_not_stored,
        an_ignored_failure_refuses_nothing,
        no_server_admits_before_it_has_heard,
    ]

    @action
    def forbid(self, fault: Fault) -> None:
        """Somebody puts a policy in force."""
        require(self.stage == Stage.NEW and fault not in self.policies)
        self.policies.add(fault)

    @action
    def hear(self) -> None:
        """The server's caches are brought up to date."""
        require(self.stage == Stage.NEW and (self.heard != self.policies or not self.has_heard))
        self.heard = set(self.policies)
        self.has_heard = True

    @action
    def restart(self) -> None:
        """The server starts again and knows nothing yet."""
        require(self.stage == Stage.NEW and self.has_heard)
        self.heard = set()
        self.has_heard = False

    @action
    def turn(self, m: Mutator, health: Health) -> None:
        """A webhook breaks down, is slow, or recovers."""
        require(self.stage in (Stage.NEW, Stage.MUTATING) and self.health[m] != health)
        self.health[m] = health

    @action
    def receive(self, q: Request, fault: Fault | None, dry: bool) -> None:
        """The server takes the request; it waits until its caches were filled."""
        require(self.stage == Stage.NEW and (self.has_heard or self.serves_unheard))
        self.stage = Stage.MUTATING
        self.forbidden = set(self.policies) if self.serves_unheard else set(self.heard)
        if fault is not None:
            self.faults.add(fault)
        if dry:
            self.dry.add(q)
        if self.validates_first and self.is_forbidden():
            self.refuse(q)

    @action
    def mutate(self, q: Request) -> None:
        """The next webhook has its turn, or is passed over."""
        require(self.stage == Stage.MUTATING and self.called < self.turns())
        m = Mutator(self.called % len(self.mutators))
        again = self.called >= len(self.mutators)
        self.called += 1
        if not again or m in self.changed:
            self.call(q, m)

    def turns(self) -> int:
        """How many turns there are: a second round only where work was undone."""
        rounds = 2 if len(self.changed) > 0 and not self.once_only else 1
        return rounds * len(self.mutators)

    def call(self, q: Request, m: Mutator) -> None:
        """One call: refused for a dry run with side effects, or answered, or failed."""
        if self.has_side_effects[m] and q in self.dry and not self.dry_run_calls:
            self.refuse(q)
        elif self.health[m] == Health.UP:
            self.traces += 1 if self.has_side_effects[m] and q in self.dry else 0
            self.change(m)
        else:
            self.fall_short(q, m)

    def fall_short(self, q: Request, m: Mutator) -> None:
        """A denial ends the request; what a failure does, says the failurePolicy."""
        denies = self.health[m] == Health.DENYING
        if denies:
            self.denied.add(q)
        self.wait(q, m)
        if self.ignores[m] and (not denies or self.ignores_denials):
            self.skipped.add(m)
        elif denies or not self.fails_open:
            self.refuse(q)

    def change(self, m: Mutator) -> None:
        """The webhook brings the object into its shape, and may add what others shape."""
        undone = self.undoes[m]
        if undone is not None and not self.kept[m] and self.kept[undone]:
            self.kept[undone] = False
            self.changed.add(undone)
        added = self.adds[m]
        if added is not None:
            self.faults.add(added)
        self.kept[m] = True

    def wait(self, q: Request, m: Mutator) -> None:
        """A slow webhook takes its timeout from the time of the request."""
        if self.health[m] == Health.SLOW:
            taken = self.deadline if self.waits_all_the_time else self.timeout
            if taken >= self.left:
                self.is_late = self.is_late or self.ignores[m]
                self.refuse(q)
            self.left = max(self.left - taken, 0)

    @action
    def validate(self, q: Request) -> None:
        """The policies look at the final object, and it is stored unless it was a dry run."""
        require(self.stage == Stage.MUTATING and self.called == self.turns())
        if not self.validates_first and self.is_forbidden():
            self.refuse(q)
        else:
            self.stage = Stage.ENDED
            if q not in self.dry:
                self.stored.add(q)

    def is_forbidden(self) -> bool:
        """Whether a policy that the server knows sees what it forbids."""
        return any(f in self.heard and not self.is_overlooked(f) for f in self.faults)

    def is_overlooked(self, fault: Fault) -> bool:
        """Whether a policy does not look there."""
        return (
            (self.passes_over_init and fault == Fault.INIT)
            or (self.passes_over_ephemeral and fault == Fault.EPHEMERAL)
            or (self.passes_over_env_from and fault == Fault.ENV_FROM)
            or (self.old_is_new and fault == Fault.CHANGED)
        )

    def refuse(self, q: Request) -> None:
        """The request ends with an error."""
        self.stage = Stage.ENDED
        self.refused.add(q)

    @reachable(when="mutators > 1")
    def called_again(self) -> bool:
        """A webhook is called again, since a later one changed its work."""
        return self.called > len(self.mutators) and len(self.changed) > 0

    @reachable
    def stored_against_a_policy(self) -> bool:
        """What a policy forbids is stored, since the server did not know of it yet."""
        return len(self.stored) > 0 and any(f in self.policies for f in self.faults)

    @reachable(when="mutators > 1")
    def stored_without_a_webhook(self) -> bool:
        """An object is stored though a webhook failed, whose failure is ignored."""
        return len(self.stored) > 0 and len(self.skipped) > 0

    instances = [
        instance("two"),
        instance(
            "one",
            mutators=1,
            ignores=[False],
            undoes=[None],
            adds=["initContainers"],
            has_side_effects=[True],
        ),
        instance(
            "three",
            mutators=3,
            ignores=[True, False, True],
            undoes=[None, 0, 0],
            adds=[None, "initContainers", None],
            has_side_effects=[False, True, False],
            slow=True,
        ),
    ]
