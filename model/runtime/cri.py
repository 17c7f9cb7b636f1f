"""A kubelet and its container runtime: what is promised, what can be reached, which bounds.

`split=false` is the coarse grain, in which each call is one step; `split=true` has the pieces of
runtime and shims, with crashes and lost answers between them.
"""

from planespec.checker.lang import instance, only, reachable, recording
from planespec.model.runtime.runtime_kubelet import RuntimeKubelet
from planespec.spec.runtime.cri_requirements import (
    Life,
    Shown,
    all_is_released,
    containers_go_with_their_sandbox,
    created_from_images,
    created_in_ready_sandboxes,
    ended_for_good,
    ends_are_told,
    exited_containers_do_not_run,
    images_in_use_stay,
    names_are_held_once,
    nothing_is_held_unseen,
    one_runs_of_a_name,
    started_in_ready_sandboxes,
    wanted_pods_get_sandboxes,
    what_runs_is_told,
)


class Cri(RuntimeKubelet):
    """Pods of one container on one node."""

    held_to = [
        recording(
            "tests/recorded/cri.jsonl.gz",
            cases=6_012,
            of="containerd 2.3.4",
            part="what each call answers and leaves, and what a restart finds (coarse grain)",
            test="tests/spec/runtime/test_runtime_model_beside_the_rules.py"
            "::test_each_step_of_the_model_is_one_of_the_rules",
            through="planespec.spec.runtime",
            conform="cri",
            kinds=(
                *("RunPodSandbox", "StopPodSandbox", "RemovePodSandbox", "RemoveImage"),
                *("CreateContainer", "StartContainer", "StopContainer", "RemoveContainer"),
                *("KillProcess", "RestartRuntime"),
            ),
        )
    ]

    requires = [
        created_in_ready_sandboxes,
        started_in_ready_sandboxes,
        names_are_held_once,
        ended_for_good,
        all_is_released,
        containers_go_with_their_sandbox,
        nothing_is_held_unseen,
        what_runs_is_told,
        one_runs_of_a_name,
        created_from_images,
        images_in_use_stay,
        # Of several pods it would ask that all have one at one time.
        only(wanted_pods_get_sandboxes, when="pods == 1"),
        ends_are_told,
        exited_containers_do_not_run,
    ]

    @reachable
    def runs(self) -> bool:
        """A container runs."""
        return len(self.running) > 0

    @reachable(when="crashes > 0")
    def ends_unseen(self) -> bool:
        """A container ends while the runtime is down."""
        return not self.is_up and any(
            self.life[c] == Life.ENDED and self.saved[c] == Shown.RUNNING for c in self.containers
        )

    @reachable(when="len(sandboxes) > 1")
    def replaced(self) -> bool:
        """A pod has a second sandbox beside the first, which has stopped."""
        return any(self.attempt[x] > 0 and self.sandbox[x] == Shown.READY for x in self.sandboxes)

    @reachable(when="split and losses > 0")
    def left_to_the_kubelet(self) -> bool:
        """A run could not be taken back: its sandbox is listed, with its network."""
        return any(
            self.lost > 0
            and self.sandbox[x] == Shown.NOTREADY
            and x in self.network
            and x not in self.alive
            for x in self.sandboxes
        )

    @reachable
    def all_gone(self) -> bool:
        """Every pod is deleted, and nothing is left."""
        return len(self.gone) == len(self.pods) and all(
            self.pod_of[x] is None for x in self.sandboxes
        )

    instances = [
        instance("small", sandboxes=1, containers=1),
        instance("coarse"),
        instance("split", split=True),
        instance("two-crashes", split=True, crashes=2),
        instance("two-losses", split=True, losses=2),
        instance("three-containers", slow=True, containers=3),
        instance("two-pods", slow=True, pods=2, sandboxes=3, containers=1),
    ]
