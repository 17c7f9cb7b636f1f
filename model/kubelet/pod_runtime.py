"""What a kubelet starts and stops, and what the runtime does by itself.

Source: `pkg/kubelet/kuberuntime` (computePodActions, computeInitContainerActions,
killContainersWithSyncResult, termination order) of Kubernetes v1.36. Left out: pulling images,
containers that were created and not started, and exits in which nobody knows whether a container
runs; hooks are part of starting and stopping.
"""

from typing import Annotated

from planespec.checker.lang import (
    Fairness,
    Range,
    action,
    choose,
    joint,
    mutant,
    only,
    require,
)
from planespec.model.kubelet.pod_core import Container, Pod, PodCore
from planespec.spec.node.pod_states import ENDED, EXITED, RUNS, Policy, Role, Run, Work


class Starting(PodCore):
    """What is started, one container after the other."""

    init_in_parallel: bool = mutant("Init containers are started together.")
    init_again: bool = mutant("Init containers that are done run again when an app exits.")
    sidecars_unawaited: bool = mutant("Apps start before the sidecars.", issue="KEP-753")
    restart_anyway: bool = mutant("An app is started again whatever the policy says.")
    sync_on_stale: bool = mutant(
        "A pod is synced on a cache that is older than what the kubelet did.",
        issue="#123087, #120941, #120140",
        when="lags",
    )
    begun_by_apps: bool = mutant(
        "A pod counts as initialized while an app is known, be it exited in an old sandbox.",
        when="losses > 0",
    )

    @joint
    def may_start(self, p: Pod, c: Container) -> bool:
        """Whether nothing else keeps a container from being started."""
        return True

    @action(fair=Fairness.WEAK, per_instance=True)
    def open_sandbox(self, p: Pod) -> None:
        """The kubelet makes a new sandbox; init containers begin anew in it."""
        require(self.is_wanted(p) and not self.is_open[p])
        require(not any(self.look(p, c) in RUNS for c in self.containers))
        ran = any(self.look(p, c) != Run.NONE for c in self.containers)
        require(self.policy != Policy.NEVER or not ran)
        self.is_open[p] = True
        self.has_sandbox[p] = True
        for c in self.containers:
            if self.roles[c] != Role.APP:
                self.run[p][c] = Run.NONE
                if self.lags:
                    self.seen[p][c] = Run.NONE
                if self.prunes:
                    self.is_pruned[p][c] = False

    @action(fair=Fairness.WEAK, per_instance=True)
    def start(self, p: Pod, c: Container) -> None:
        """The kubelet starts the container that is next, or one that exited again."""
        require(self.is_wanted(p) and self.is_open[p])
        require(self.has_more_to_run(p))
        require(self.is_next_app(p, c) if self.roles[c] == Role.APP else self.is_next_init(p, c))
        require(self.may_start(p, c))
        if self.run[p][c] in RUNS:
            self.was_doubled = True
        self.run[p][c] = Run.RUNNING
        self.note_start(p, c)

    def has_more_to_run(self, p: Pod) -> bool:
        """Whether an app runs or is to run; else sidecars would keep the pod alive."""
        return not self.is_initialized(p) or any(
            self.roles[c] == Role.APP and (self.look(p, c) in RUNS or self.is_next_app(p, c))
            for c in self.containers
        )

    def is_wanted(self, p: Pod) -> bool:
        """Whether a pod is synced that has not come to its last phase."""
        return (
            self.work[p] == Work.SYNC
            and (self.knows_enough(p) or self.sync_on_stale)
            and self.known[p] not in ENDED
            and self.find_phase(p) not in ENDED
        )

    @joint
    def has_passed(self, p: Pod, c: Container) -> bool:
        """Whether what comes after an init container or sidecar may begin."""
        seen = self.look(p, c)
        return seen == Run.DONE if self.roles[c] == Role.INIT else seen == Run.RUNNING

    def is_past_init(self, p: Pod, c: Container) -> bool:
        """Whether something after an init container or sidecar has begun."""
        return self.has_begun(p) or any(
            d > c and self.roles[d] != Role.APP and self.look(p, d) != Run.NONE
            for d in self.containers
        )

    def is_next_init(self, p: Pod, c: Container) -> bool:
        """Whether an init container or sidecar is to be started."""
        seen = self.look(p, c)
        if self.roles[c] == Role.SIDECAR and seen in EXITED:
            return True
        if self.init_again and seen == Run.DONE:
            return True
        if self.is_past_init(p, c):
            return self.roles[c] == Role.SIDECAR and seen == Run.NONE
        if seen == Run.BROKEN:
            return self.policy != Policy.NEVER
        if seen != Run.NONE:
            return False
        return self.init_in_parallel or all(
            d >= c or (self.has_passed(p, d) if d + 1 == c else self.look(p, d) != Run.NONE)
            for d in self.containers
        )

    def is_next_app(self, p: Pod, c: Container) -> bool:
        """Whether an app container is to be started."""
        seen = self.look(p, c)
        if seen in RUNS or not (self.is_initialized(p) or self.sidecars_unawaited):
            return False
        return seen == Run.NONE or self.restarts(seen) or self.restart_anyway

    def is_initialized(self, p: Pod) -> bool:
        """Whether apps may be looked at: one runs, or the last container before them passed."""
        if self.begun_by_apps and any(
            self.roles[c] == Role.APP and self.is_exited(p, c) for c in self.containers
        ):
            return True
        return self.has_begun(p) or all(
            self.roles[c] == Role.APP
            or self.has_passed(p, c)
            or any(d > c and self.roles[d] != Role.APP for d in self.containers)
            for c in self.containers
        )


class Stopping(PodCore):
    """What is stopped when a pod ends: its apps, then its sidecars from the last on."""

    sidecars_together: bool = mutant("Sidecars are told to stop together with the apps.")
    sidecars_forwards: bool = mutant("Sidecars are stopped from the first on.")

    @action(fair=Fairness.WEAK, per_instance=True)
    def stop(self, p: Pod, c: Container) -> None:
        """The kubelet tells a container to stop."""
        require(self.work[p] == Work.TERMINATING and self.run[p][c] == Run.RUNNING)
        require(self.is_late[p] or self.sidecars_together or not self.is_awaiting(p, c))
        self.run[p][c] = Run.STOPPING

    def is_awaiting(self, p: Pod, c: Container) -> bool:
        """Whether a sidecar waits for others to stop."""
        return self.roles[c] == Role.SIDECAR and any(
            self.run[p][d] in RUNS
            and (
                self.roles[d] == Role.APP
                or (self.roles[d] == Role.SIDECAR and (d < c if self.sidecars_forwards else d > c))
            )
            for d in self.containers
        )

    @action(fair=Fairness.WEAK, per_instance=True)
    def give_in(self, p: Pod, c: Container) -> None:
        """A container that was told to stop exits, or is killed."""
        require(self.run[p][c] == Run.STOPPING)
        self.run[p][c] = choose({Run.DONE, Run.BROKEN})
        self.note_exit(p, c)


class Runtime(PodCore):
    """What happens in the runtime by itself, and how the kubelet comes to know of it."""

    give_up_inspecting: bool = mutant(
        "A pod whose inspection failed once is not looked at again.", issue="#24819", when="lags"
    )

    exited: Annotated[int, Range(0, "exits")] = only(0, when="exits > 0")
    lost: Annotated[int, Range(0, "losses")] = only(0, when="losses > 0")
    has_failed: bool = only(False, when="lags and give_up_inspecting")

    @action
    def exit(self, p: Pod, c: Container) -> None:
        """A container exits by itself, with 0 or another code; one that is to stay with any."""
        require(self.run[p][c] == Run.RUNNING)
        if self.exits > 0:
            require(self.exited < self.exits)
            self.exited += 1
        self.run[p][c] = choose({Run.DONE, Run.BROKEN})
        self.note_exit(p, c)

    @action(when="losses > 0")
    def lose_sandbox(self, p: Pod) -> None:
        """A sandbox dies with all that runs in it, as when the machine is booted again."""
        require(self.is_open[p] and self.lost < self.losses)
        self.lost += 1
        self.is_open[p] = False
        for c in self.containers:
            if self.run[p][c] in RUNS:
                self.run[p][c] = Run.BROKEN
                self.note_exit(p, c)

    @action(fair=Fairness.WEAK, per_instance=True, when="lags")
    def relist(self, p: Pod) -> None:
        """The kubelet asks the runtime for the containers of a pod."""
        require(not self.give_up_inspecting or not self.has_failed)
        require(not self.is_fresh[p] or self.seen[p] != self.run[p])
        self.is_fresh[p] = True
        for c in self.containers:
            self.seen[p][c] = self.run[p][c]

    @action(when="lags and give_up_inspecting")
    def fail_inspecting(self, p: Pod) -> None:
        """The runtime does not answer for a pod this time."""
        require(self.seen[p] != self.run[p])
        self.has_failed = True

    @action(when="prunes")
    def prune(self, p: Pod, c: Container) -> None:
        """Somebody removes an init container that is done, once something after it has begun."""
        require(self.roles[c] == Role.INIT and self.run[p][c] == Run.DONE)
        require(not self.is_pruned[p][c])
        require(
            any(d > c and self.run[p][d] in RUNS for d in self.containers)
            or (not self.statics and self.shown[p] in ENDED)
        )
        self.is_pruned[p][c] = True
