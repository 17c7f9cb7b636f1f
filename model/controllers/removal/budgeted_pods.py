"""Pods under a disruption budget, which a stand-in makes again where that is asked for.

The real controller in its place is `controllers.budgeted_set`. Source: as in `budget_evictions`.
"""

from planespec.checker.lang import (
    Domain,
    action,
    constant,
    instance,
    only,
    recording,
    sort,
)
from planespec.model.controllers.removal.budget_evictions import Evictions
from planespec.model.parts.api_store import Name
from planespec.model.parts.informers import Consistency
from planespec.model.parts.processes import Process
from planespec.spec.controllers.upkeep.budget_requirements import budgets_are_not_overdrawn


class BudgetedPods(Evictions):
    """Pods that a budget selects, requests to evict them, and who makes them again."""

    held_to = [
        recording(
            "tests/recorded/controllers_batch_scaling.jsonl.gz",
            cases=2_000,
            of="the disruption controller of Kubernetes 1.36.2",
            part="what is counted for the status of a budget",
            test="tests/spec/controllers/removal/test_budget_model_beside_the_rule.py"
            "::test_the_model_counts_as_the_rule_does",
            through="planespec.spec.controllers.disruption_budget",
            conform="controllers_batch_scaling",
            kinds=("pdb_sync",),
        )
    ]

    names: Domain[Name] = sort(2, at_least=1, at_most=4, symmetric=True)
    writes: int = constant(7, at_least=1, at_most=20)
    crashes: int = constant(0, at_least=0, at_most=9)
    replaced: bool = constant(default=False)
    """Whether pods that are gone are made again."""

    requires = [only(budgets_are_not_overdrawn, when="not removal")]

    @action(when="replaced")
    def make(self, p: Process, n: Name) -> None:
        """The workload makes a pod in place of one that is gone."""
        self.make_pod(p, n)

    instances = [
        instance("drain"),
        instance("raised", raised=True, names=3, requests=2, writes=5),
        instance("replaced", replaced=True, requests=2, writes=9, consistency=Consistency.LIVE),
        instance("removed", removal=True, replaced=True, names=1, minimum=0, requests=1, writes=9),
        instance("two-budgets", second=2),
        instance("stuck", stuck=True, minimum=2, requests=1),
        instance("three-pods", names=3, consistency=Consistency.LIVE),
    ]
