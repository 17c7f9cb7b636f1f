"""The life of a volume: provisioned, bound, attached, staged, published, and all the way back.

All parts together, what they promise, and what can be reached.
"""

from planespec.checker.lang import instance, reachable, recording
from planespec.model.storage.attaching import Known, Power
from planespec.model.storage.mounting import Mounting
from planespec.model.storage.provisioning import ClaimPhase
from planespec.spec.node.volume_manager.volume_requirements import (
    AccessMode,
    PodPhase,
    a_lone_pod_starts,
    attached_only_what_exists,
    attached_while_staged,
    deleted_with_its_claim,
    made_for_a_consumer,
    one_node_writes,
    one_pod_is_admitted,
    one_volume_for_a_claim,
    published_while_running,
    released_at_last,
    staged_while_published,
)


class Csi(Mounting):
    """One claim, its volume, nodes, and pods that want it; constants bound what goes wrong."""

    held_to = [
        recording(
            "tests/recorded/kubelet_volumes.jsonl.gz",
            cases=21_287,
            of="a kubelet's volume manager 1.36.2",
            part="what a kubelet mounts and unmounts when, and what it then takes for true",
            test="tests/spec/node/test_volume_model_beside_the_reconciler.py"
            "::test_every_step_of_the_model_is_one_of_the_manager",
            through="planespec.spec.node.volume_manager",
            conform="kubelet_volumes",
        )
    ]

    requires = [
        one_node_writes,
        staged_while_published,
        attached_while_staged,
        one_pod_is_admitted,
        published_while_running,
        released_at_last,
        made_for_a_consumer,
        attached_only_what_exists,
        a_lone_pod_starts,
        one_volume_for_a_claim,
        deleted_with_its_claim,
    ]

    @reachable
    def written_and_released(self) -> bool:
        """A pod has come and gone, and the claim with its volume after it."""
        return (
            self.claim == ClaimPhase.GONE
            and len(self.made) == 0
            and any(self.place[p] is not None for p in self.pods)
        )

    @reachable(when="failures > 0 and pods > 1 and nodes > 1 and mode.name != 'RWX'")
    def two_nodes_write(self) -> bool:
        """A volume for one node is written from two, after it was detached by force."""
        return any(
            self.running[p] and self.running[q] and self.place[p] != self.place[q]
            for p in self.pods
            for q in self.pods
        )

    @reachable(when="losses > 0")
    def is_uncertain(self) -> bool:
        """The controller does not know whether the volume is attached."""
        return any(self.known[n] == Known.UNCERTAIN for n in self.nodes)

    @reachable(when="failures > 0")
    def out_of_service_releases(self) -> bool:
        """A volume is attached nowhere though its node is off and never said so."""
        return (
            any(self.power[n] == Power.OFF and self.in_use[n] for n in self.nodes)
            and len(self.attached) == 0
            and self.claim == ClaimPhase.BOUND
            and all(self.phase[p] in (PodPhase.PENDING, PodPhase.GONE) for p in self.pods)
        )

    instances = [
        instance("one-node", nodes=1, waits=True, failures=0, restarts=0),
        instance("one-pod"),
        instance("two-pods", pods=2, losses=0, failures=0, restarts=0),
        instance("two-pods-answers", pods=2, waits=True, failures=0, restarts=0),
        instance("one-pod-only", pods=2, mode=AccessMode.RWOP, losses=0, failures=0, restarts=0),
        instance("many-nodes", pods=2, mode=AccessMode.RWX, losses=0, failures=0, restarts=0),
        instance("restarts", slow=True, pods=2, losses=0, failures=0),
        instance("failures", slow=True, pods=2, losses=0, restarts=0),
        instance(
            "failures-one-pod-only",
            slow=True,
            pods=2,
            mode=AccessMode.RWOP,
            losses=0,
            restarts=0,
        ),
        instance("failures-answers", slow=True, pods=2, restarts=0),
    ]
