"""What a kubelet asks of a runtime for the pods that it wants, and of the image service.

It lists before it asks, waits for each answer, ends what is left of a sandbox before it runs the
next, and collects what has ended. It comes to each pod and sandbox again and again.

Source: Kubernetes v1.36, `pkg/kubelet/kuberuntime` (`SyncPod`, `kuberuntime_gc.go`) and
`pkg/kubelet/images/image_gc_manager.go`. Left out: init containers, back-off, probes, grace. What
was created is started at any later time, where a kubelet that begins anew makes another container.
"""

from planespec.checker.lang import Fairness, action, mutant, only, require
from planespec.model.runtime.runtime_calls import RuntimeCalls
from planespec.model.runtime.runtime_memory import Container, Pod, Sandbox
from planespec.spec.runtime.cri_requirements import Shown


class RuntimeKubelet(RuntimeCalls):
    """One kubelet, and one image for all containers."""

    creates_in_stopped: bool = mutant(
        "A container is created in a sandbox that has stopped.", issue="containerd#13599"
    )
    starts_in_stopped: bool = mutant("A start is accepted in a sandbox that has stopped.")
    starts_again: bool = mutant("A start of a container that has exited is accepted.")
    acts_on_old_list: bool = mutant(
        "The kubelet does not see the container yet that it has started, and makes another.",
        issue="kubernetes#120941, kubernetes#123087",
    )
    forgets_orphans: bool = mutant(
        "A kubelet that begins anew leaves what there is of pods that were deleted.",
        issue="kubernetes#113145, kubernetes#113091",
    )
    creates_without_image: bool = mutant("A container is created whose image is not there.")
    collects_used: bool = mutant(
        "The kubelet collects an image that a stopped container still has.",
        issue="kubernetes#106037",
    )
    collects_pause: bool = mutant(
        "The kubelet collects the image of sandboxes, which nobody can pull.",
        issue="kubernetes#81756, containerd#6352",
    )

    gone: set[Pod] = set()
    """Pods that were deleted; the others are wanted."""
    has_image: bool = True
    has_pause: bool = only(True, when="collects_pause")
    has_forgotten: bool = only(False, when="forgets_orphans")
    """Whether the kubelet has begun anew since a pod was deleted."""

    @action
    def delete(self, p: Pod) -> None:
        """A pod is deleted."""
        require(p not in self.gone)
        self.gone.add(p)

    @action(when="forgets_orphans")
    def begin_anew(self) -> None:
        """The kubelet dies and begins anew."""
        require(not self.has_forgotten and len(self.gone) > 0)
        self.has_forgotten = True

    def is_idle(self) -> bool:
        """Whether the runtime is up, and no call is under way that the kubelet waits for."""
        return (
            self.is_up
            and self.asked is None
            and self.starting is None
            and self.stopping is None
            and self.removing is None
        )

    def is_wanted(self, x: Sandbox) -> bool:
        """Whether the pod of a sandbox is wanted."""
        p = self.pod_of[x]
        return p is not None and p not in self.gone

    def is_live(self, c: Container) -> bool:
        """Whether a container may run yet, by what is said of it."""
        return self.container[c] in (Shown.CREATED, Shown.RUNNING, Shown.UNKNOWN)

    @action(fair=Fairness.STRONG, per_instance=("p",))
    def run_sandbox(self, p: Pod, x: Sandbox) -> None:
        """A pod that has no ready sandbox, and nothing that runs, gets the next one."""
        require(self.is_idle() and p not in self.gone and self.pod_of[x] is None)
        require(self.has_pause if self.collects_pause else True)
        require(all(self.is_over(y) for y in self.sandboxes if self.pod_of[y] == p))
        require(self.is_name_free(p))
        self.begin_run(x, p)

    def is_over(self, y: Sandbox) -> bool:
        """Whether a sandbox has been stopped, or is not listed."""
        return self.sandbox[y] == Shown.ABSENT or self.is_stopped(y)

    def is_stopped(self, y: Sandbox) -> bool:
        """Whether a stop of a sandbox has been answered, and nothing has come since."""
        return (
            self.sandbox[y] == Shown.NOTREADY
            and (y not in self.network or self.keeps_network_of_dead)
            and not any(self.is_to_stop(c, y) for c in self.containers)
        )

    @action(fair=Fairness.STRONG, per_instance=("x",))
    def stop_sandbox(self, x: Sandbox) -> None:
        """A sandbox that is not ready, or not wanted, is stopped."""
        require(self.is_idle() and self.sandbox[x] != Shown.ABSENT and not self.is_stopped(x))
        require(self.sandbox[x] == Shown.NOTREADY or not self.is_wanted(x))
        require(self.is_wanted(x) or self.remembers())
        self.begin_stop(x)

    @action(fair=Fairness.STRONG, per_instance=("x",))
    def remove_sandbox(self, x: Sandbox) -> None:
        """A sandbox that was stopped is removed, with all that is in it."""
        require(self.is_idle() and self.is_stopped(x))
        require(self.is_wanted(x) or self.remembers())
        self.begin_remove(x)

    def remembers(self) -> bool:
        """Whether the kubelet cares for what is left of pods that were deleted."""
        return not self.forgets_orphans or not self.has_forgotten

    @action(fair=Fairness.WEAK)
    def create(self, c: Container, x: Sandbox) -> None:
        """A pod without a live container gets one, in its ready sandbox."""
        require(self.is_idle() and self.within[c] is None and self.is_wanted(x))
        require(
            self.sandbox[x] == Shown.READY
            or (self.creates_in_stopped and self.sandbox[x] == Shown.NOTREADY)
        )
        require(self.has_image or self.creates_without_image)
        require(
            self.acts_on_old_list
            or not any(self.is_live(d) and self.is_of_pod(d, x) for d in self.containers)
        )
        self.begin_create(c, x)

    @action(fair=Fairness.WEAK)
    def start(self, c: Container, x: Sandbox) -> None:
        """A container that was created is started."""
        require(self.is_idle() and self.within[c] == x and self.is_wanted(x))
        require(self.sandbox[x] == Shown.READY or self.starts_in_stopped)
        require(
            self.container[c] == Shown.CREATED
            or (self.container[c] == Shown.EXITED and self.starts_again)
        )
        self.begin_start(c)

    @action(fair=Fairness.WEAK)
    def stop(self, c: Container) -> None:
        """A container is stopped of which nobody knows whether it runs."""
        require(self.is_idle() and self.container[c] == Shown.UNKNOWN)
        self.kill(c)

    @action
    def stop_unhealthy(self, c: Container) -> None:
        """A container that runs is stopped, for its probe fails."""
        require(self.is_idle() and self.container[c] == Shown.RUNNING)
        self.kill(c)

    @action(fair=Fairness.WEAK)
    def remove(self, c: Container) -> None:
        """A container that has exited is collected."""
        require(self.is_idle() and self.container[c] == Shown.EXITED)
        self.forget_container(c)

    @action
    def collect_image(self) -> None:
        """The image is collected: no container has it, be it stopped."""
        require(self.is_up and self.has_image)
        require(self.collects_used or all(self.within[c] is None for c in self.containers))
        self.has_image = False

    @action(fair=Fairness.WEAK)
    def pull_image(self) -> None:
        """The image is pulled for a pod."""
        require(self.is_up and not self.has_image and len(self.gone) < len(self.pods))
        self.has_image = True

    @action(when="collects_pause")
    def collect_pause(self) -> None:
        """The image of sandboxes is collected, as no container has it."""
        require(self.is_up and self.has_pause)
        self.has_pause = False
