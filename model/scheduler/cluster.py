"""The scheduler in its cluster: all parts, what they promise, and what can be reached."""

from planespec.checker.lang import reachable
from planespec.model.scheduler.preemption import Preemption
from planespec.spec.scheduling.requirements.binding import (
    assumed_is_bound,
    bound_once,
    released_when_gone,
    waiting_takes_no_room,
)
from planespec.spec.scheduling.requirements.observations import Place, Stage
from planespec.spec.scheduling.requirements.preemption import (
    budgets_count,
    kept_room_is_kept,
    nominated_exists,
    nomination_waits,
    victims_matter_less,
)
from planespec.spec.scheduling.requirements.queue import wake_up
from planespec.spec.scheduling.requirements.room import admissible, host_ports, resource_fit


class Cluster(Preemption):
    """Schedulers, API server, kubelets; constants switch their features."""

    requires = [
        bound_once,
        assumed_is_bound,
        resource_fit,
        host_ports,
        victims_matter_less,
        wake_up,
        admissible,
        nomination_waits,
        released_when_gone,
        waiting_takes_no_room,
        kept_room_is_kept,
        nominated_exists,
        budgets_count,
    ]

    @reachable
    def every_pod_bound_once(self) -> bool:
        """Every pod has been bound at some time, if only after another was gone."""
        return all(self.bound[p] is not None for p in self.pods)

    @reachable
    def parked_beside_an_empty_node(self) -> bool:
        """A pod is parked because of others that the API does not have any more, or not yet
        because the informer lags."""
        return not self.lag or not self.deletes or any(
            self.place[p] == Place.UNSCHEDULABLE
            and all(self.stage[q] == Stage.GONE for q in self.pods if q != p)
            for p in self.pods
        )
