"""A HorizontalPodAutoscaler over a Deployment that may be in the midst of a rollout.

The autoscaler reads `spec.replicas` and the metrics of all pods that the selector finds, and
writes `spec.replicas` in a later step; the Deployment keeps as many pods ready, and one more while
it replaces old ones. A load is on all ready pods alike; pods that became ready a moment ago have
no metric yet. Falling waits for the highest recommendation of a window.
Source: `pkg/controller/podautoscaler/replica_calculator.go`, `horizontal.go`, v1.36; the rule is
`spec/controllers/scaling`, and `propose` computes what it computes.
Left out: several metrics, pods that are not ready, limits on the way up, and scaling to zero.
"""

from typing import Annotated

from planespec.checker.lang import (
    Fairness,
    Model,
    Range,
    action,
    constant,
    given,
    instance,
    mutant,
    reachable,
    recording,
    require,
)
from planespec.spec.controllers.upkeep.scaling_requirements import (
    clamp,
    constant_load_comes_to_rest,
    manifests_leave_replicas_alone,
    no_growth_without_load,
    replicas_fall_to_what_was_wanted_lately,
)

Amount = Annotated[int, Range(0, "most + 1")]


class ScaledPods(Model):
    """Replicas, pods of the template before and of this one, and what the autoscaler remembers."""

    held_to = [
        recording(
            "tests/recorded/controllers_batch_scaling.jsonl.gz",
            cases=1_500,
            of="the autoscaler of Kubernetes 1.36.2",
            part="the replicas that it proposes for pods with and without metrics",
            test="tests/spec/controllers/removal/test_autoscaler_model_beside_the_rule.py"
            "::test_the_model_proposes_what_the_rule_does",
            through="planespec.spec.controllers.scaling.replica_counts",
            conform="controllers_batch_scaling",
            kinds=("hpa_replicas",),
        )
    ]

    most: int = constant(3, at_least=1, at_most=9)
    """`maxReplicas`."""
    least: int = constant(1, at_least=1, at_most=9, check="least <= most")
    """`minReplicas`."""
    changes: int = constant(2, at_least=0, at_most=9)
    """How often the load changes: a bound."""
    rollouts: int = constant(1, at_least=0, at_most=9)
    """How often the template changes: a bound."""

    count_surge: bool = mutant(
        "The autoscaler goes by the pods that there are, those of a rollout among them.",
        issue="#72775",
    )
    turn_around: bool = mutant(
        "What is assumed of pods without a metric may let replicas grow though usage is low.",
        issue="#84142",
    )
    manifest_has_replicas: bool = mutant(
        "The manifest that is applied says how many replicas there are.", issue="#25238"
    )
    no_window: bool = mutant("A low recommendation counts at once.")
    keep_recommendations: bool = mutant("A recommendation counts for ever.")

    requires = [
        no_growth_without_load,
        replicas_fall_to_what_was_wanted_lately,
        constant_load_comes_to_rest,
        manifests_leave_replicas_alone,
    ]

    deadlock = False

    load: Amount = least
    """The load, in pods that it keeps as busy as they should be."""
    changed: Annotated[int, Range(0, "changes")] = 0
    rolled: Annotated[int, Range(0, "rollouts")] = 0
    replicas: Amount = least
    """`spec.replicas`."""
    old: Amount = 0
    """Ready pods of a template before."""
    fresh: Amount = 0
    """Ready pods of this template that have no metric yet."""
    new: Amount = least
    proposal: Amount | None = None
    """What the autoscaler is about to recommend."""
    read_load: Amount = 0
    """The load that it has read."""
    recent: Amount = 0
    wanted: Amount = least
    is_applied: bool = False

    # People, load, and the Deployment.

    @action
    def change_load(self, k: Amount) -> None:
        """There is another load."""
        require(self.changed < self.changes and k != self.load and 0 < k <= self.most)
        self.changed += 1
        self.load = k

    @action
    def apply(self) -> None:
        """Somebody applies a manifest, which may have another template."""
        require(self.rolled < self.rollouts and self.old == 0)
        self.rolled += 1
        self.old = self.new + self.fresh
        self.new = 0
        self.fresh = 0
        self.is_applied = True
        if self.manifest_has_replicas:
            self.replicas = self.least

    @property
    def pods(self) -> int:
        """How many pods there are, all of them ready."""
        return self.old + self.fresh + self.new

    @action(fair=Fairness.WEAK)
    def start_pod(self) -> None:
        """The Deployment makes a pod, which becomes ready: one above its replicas in a rollout."""
        surge = 1 if self.old > 0 else 0
        require(self.pods < self.replicas + surge and self.new + self.fresh < self.replicas)
        self.fresh += 1

    @action(fair=Fairness.WEAK)
    def stop_pod(self) -> None:
        """It stops one that is too many, an old one first."""
        require(self.pods > self.replicas)
        if self.old > 0:
            self.old -= 1
        elif self.fresh > 0:
            self.fresh -= 1
        else:
            self.new -= 1

    @action(fair=Fairness.WEAK)
    def measure(self) -> None:
        """There are metrics of a pod."""
        require(self.fresh > 0)
        self.fresh -= 1
        self.new += 1

    # The autoscaler.

    @action(fair=Fairness.WEAK)
    def read(self) -> None:
        """It reads the replicas and the metrics of the pods, where there are any."""
        require(self.proposal is None and self.old + self.new > 0)
        current = self.pods if self.count_surge else self.replicas
        wanted = self.propose(current, self.old + self.new, self.fresh, self.load)
        self.read_load = self.load
        self.proposal = min(wanted, self.most + 1)

    def propose(self, current: int, sampled: int, missing: int, load: int) -> int:
        """The replicas for a load that is on `sampled` and `missing` pods alike.

        Where metrics are missing, usage is taken to be as it should be if it is low, and nothing
        if it is high; what that turns around changes nothing (`calcPlainMetricReplicas`).
        """
        pods = sampled + missing
        if missing == 0:
            return current if self.is_near(load, pods) else load
        if load == pods:
            return current
        # In parts of a pod's target, `pods` times as fine.
        used = load * sampled
        if load < pods:
            used += missing * pods
        whole = pods * pods
        turns = (load < pods and used > whole) or (used < whole and load > pods)
        if self.is_near(used, whole) or turns:
            return current
        wanted = (used + pods - 1) // pods
        turns = (used < whole and wanted > current) or (used > whole and wanted < current)
        return current if turns and not self.turn_around else wanted

    def is_near(self, used: int, target: int) -> bool:
        """Whether usage is within a tenth of its target."""
        return 9 * target <= 10 * used <= 11 * target

    @action(fair=Fairness.WEAK)
    def write(self) -> None:
        """It writes what it recommends, but nothing lower than lately."""
        proposal = given(self.proposal)
        lately = 0 if self.no_window else self.recent
        self.recent = max(self.recent, proposal)
        self.wanted = clamp(self, max(proposal, lately))
        self.replicas = self.wanted
        self.proposal = None
        self.read_load = 0
        self.is_applied = False

    @action(fair=Fairness.STRONG)
    def pass_window(self) -> None:
        """What was recommended is so long ago that it does not count any more."""
        require(self.recent > 0 and self.proposal is None and not self.keep_recommendations)
        self.recent = 0

    @property
    def peak(self) -> int:
        """The highest load that there is, or that was read."""
        return max(self.load, self.read_load)

    @reachable(when="rollouts > 0")
    def is_surging(self) -> bool:
        """There are more pods than replicas, while a template is rolled out."""
        return self.old > 0 and self.pods > self.replicas

    @reachable(when="changes > 1 and most > least")
    def window_holds(self) -> bool:
        """Fewer replicas are recommended than lately."""
        return self.proposal is not None and self.proposal < self.recent

    @reachable(when="most > 1")
    def metric_is_missing(self) -> bool:
        """The autoscaler may read while a pod has no metric."""
        return self.fresh > 0 and self.old + self.new > 0

    instances = [
        instance("small"),
        instance("two-rollouts", rollouts=2, changes=1),
        instance("five", most=5, changes=1),
        instance("larger", most=5, rollouts=2, slow=True),
    ]
