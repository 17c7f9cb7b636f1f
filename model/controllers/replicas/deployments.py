"""A Deployment and its controller over ReplicaSets whose pods are counted.

Pods are counted by template (`counted_sets`), since names and versions multiply the states; so
this model has room for three templates, two changes and three pods. What is not coarse is
`controllers.deployed_sets`.
Source and what is left out: those of the parts.
"""

from planespec.checker.lang import Domain, initial, instance, no_recording, only, reachable, sort
from planespec.model.controllers.replicas.counted_sets import CountedSets
from planespec.model.controllers.replicas.deployment_control import DeploymentControl
from planespec.model.controllers.replicas.rollouts import Strategy
from planespec.model.parts.expectations import Owner
from planespec.model.parts.informers import Consistency
from planespec.spec.controllers.rollout_requirements import (
    enough_are_available,
    recreated_apart,
    surge_is_kept,
)


class Deployments(DeploymentControl, CountedSets):
    """One Deployment, its ReplicaSets, and the controller."""

    held_to = no_recording(
        "syncs of the controller are recorded, and spec/controllers/apps held to them; a test "
        "compares the sizes that the model plans with that rule"
    )

    owners: Domain[Owner] = sort(2, at_least=1, at_most=3)
    """The ReplicaSets, in the order in which they were made."""

    requires = [
        only(
            surge_is_kept,
            when="strategy.name == 'ROLLING' and (edits < 2 or consistency.name != 'MONOTONIC')",
        ),
        only(
            enough_are_available, when="strategy.name == 'ROLLING' and losses == 0 and edits < 2"
        ),
        only(recreated_apart, when="strategy.name == 'RECREATE' and edits < 2"),
    ]

    views = [
        instance("live", consistency=Consistency.LIVE),
        instance("own-writes", consistency=Consistency.OWN_WRITES),
        instance("monotonic", consistency=Consistency.MONOTONIC),
    ]

    @initial
    def begin(self) -> None:
        """The first template is rolled out, and everybody knows."""
        self.begin_wanting(min(self.owners))
        self.begin_with_pods(min(self.owners))

    @reachable(when="edits > 0")
    def rolled_out(self) -> bool:
        """Another template is rolled out."""
        return self.edited > 0 and self.ready[max(self.owners)] == self.replicas

    @reachable(when="edits > 1 and losses == 0 and strategy.name == 'ROLLING'")
    def too_few_after_a_rollback(self) -> bool:
        """Too few are ready: a status was of the size before the last."""
        return sum(self.ready[o] for o in self.owners) < self.replicas - self.unavailable

    @reachable(when="edits > 1 and strategy.name == 'RECREATE'")
    def together_after_a_rollback(self) -> bool:
        """Pods of two templates are there: those of one were not made when it was looked at."""
        return sum(self.pending[o] + self.ready[o] > 0 for o in self.owners) > 1

    @reachable(when="owners > 2 and edits > 1 and consistency.name == 'MONOTONIC'")
    def too_many_after_two_edits(self) -> bool:
        """More are wanted than allowed: what was written for one template was not heard."""
        return sum(self.size[o] for o in self.owners) > self.replicas + self.surge

    instances = [
        instance("surge"),
        instance("unavailable", surge=0, unavailable=1),
        instance("both", replicas=3, unavailable=1),
        instance("recreate", strategy=Strategy.RECREATE),
        instance("back", strategy=Strategy.RECREATE, replicas=1, edits=2),
        instance("rollback", edits=2),
        instance("third", owners=3, edits=2, consistency=Consistency.OWN_WRITES),
        instance("third-stale", slow=True, owners=3, edits=2),
        instance("pause", pauses=1),
        instance("loss", losses=1),
        instance("crash", crashes=1),
        instance("bad", owners=3, edits=2, never_ready=[False, True, False]),
    ]
