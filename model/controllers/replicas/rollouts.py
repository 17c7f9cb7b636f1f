"""A Deployment and its users: they change the template, also back, and pause.

Every template has one ReplicaSet, so an `Owner`, a ReplicaSet under its name, stands for its
template, too; one that was never wanted is there with size 0. `Rollouts` is a part for whoever
rolls out.
Source: `staging/src/k8s.io/api/apps/v1/types.go`, DeploymentSpec, v1.36. Left out: changes of the
size, minReadySeconds, and hashes of templates that collide.
"""

from enum import Enum
from typing import Annotated

from planespec.checker.lang import (
    Domain,
    Model,
    Range,
    action,
    constant,
    require,
    sort,
)
from planespec.model.parts.expectations import Owner

Size = Annotated[int, Range(0, "2 * (replicas + surge)")]
"""How many pods a ReplicaSet wants."""


class Strategy(Enum):
    """How old pods give way to new ones."""

    ROLLING = "RollingUpdate"
    RECREATE = "Recreate"


class Rollouts(Model):
    """What users want of a Deployment."""

    owners: Domain[Owner] = sort(1, at_least=1, at_most=3, symmetric=True)
    replicas: int = constant(2, at_least=1, at_most=4)
    surge: int = constant(1, at_least=0, at_most=2)
    unavailable: int = constant(0, at_least=0, check="unavailable <= replicas")
    strategy: Strategy = constant(Strategy.ROLLING, check="surge + unavailable > 0")
    edits: int = constant(1, at_least=0, at_most=4)
    """How often somebody changes the template."""
    pauses: int = constant(0, at_least=0, at_most=2)
    """How often somebody pauses the Deployment."""

    deadlock = False

    template: Owner | None = None
    """The ReplicaSet of the template that is wanted."""
    is_paused: bool = False

    edited: Annotated[int, Range(0, "edits")] = 0
    paused: Annotated[int, Range(0, "pauses")] = 0

    @action
    def edit(self, o: Owner) -> None:
        """Somebody wants another template, or one that was before."""
        require(self.edited < self.edits and self.template != o)
        self.edited += 1
        self.template = o

    @action(when="pauses > 0")
    def pause(self) -> None:
        """Somebody pauses the Deployment."""
        require(self.paused < self.pauses and not self.is_paused)
        self.paused += 1
        self.is_paused = True

    @action(when="pauses > 0")
    def resume(self) -> None:
        """Somebody lets it go on."""
        require(self.is_paused)
        self.is_paused = False
