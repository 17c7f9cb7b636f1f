"""Calls of the runtime service, as one step each or as the steps of runtime and shims.

`split` is the finer grain: a call is accepted, then goes on piece by piece in the order of the
source, and may be cut by a crash between any two; a run whose caller has given up is taken back.

Source: containerd v2.3.4, `internal/cri/server/sandbox_run.go`, `sandbox_stop.go`,
`sandbox_remove.go`, `container_start.go`, `container_stop.go`, `container_remove.go`.
"""

from typing import Annotated

from planespec.checker.lang import Fairness, Range, action, constant, given, mutant, require
from planespec.model.runtime.runtime_memory import (
    Container,
    Number,
    Pod,
    RuntimeMemory,
    Sandbox,
)
from planespec.spec.runtime.cri_requirements import Life, Shown


class RuntimeCalls(RuntimeMemory):
    """What the runtime does when it is asked to."""

    losses: int = constant(1, at_least=0, at_most=4)
    """How often the kubelet gives up a run of a sandbox (DeadlineExceeded): a bound."""

    network_first: bool = mutant(
        "A sandbox gets its network before there is a record of it.",
        issue="containerd/cri#568",
        when="split",
    )
    keeps_network_when_undone: bool = mutant(
        "A run that is taken back does not call CNI DEL, since its time is up.",
        issue="containerd#5438, containerd#5569",
        when="split",
    )
    hides_what_is_left: bool = mutant(
        "Where CNI DEL fails as a run is taken back, the sandbox is gone all the same.",
        issue="containerd#5768, containerd#5904",
        when="split",
    )
    keeps_record_when_undone: bool = mutant(
        "A run that is taken back leaves its record, and its name is free.",
        issue="containerd#6095",
        when="split",
    )
    keeps_name_when_undone: bool = mutant(
        "A run that is taken back keeps its name for ever.",
        issue="containerd#12438, containerd#9947, containerd#10842, containerd/cri#1014",
        when="split",
    )
    keeps_network_of_dead: bool = mutant(
        "Of a sandbox whose process has ended the network is not taken down."
    )
    leaves_containers: bool = mutant("A sandbox is removed without its containers.")
    answers_early: bool = mutant(
        "A stop gives up on a shim that is slow, and takes the container for exited.",
        issue="containerd#7496, containerd#8931",
    )

    lost: Annotated[int, Range(0, "losses")] = 0

    # Run a sandbox.

    def begin_run(self, x: Sandbox, p: Pod) -> None:
        """A run is accepted: its name is taken."""
        self.pod_of[x] = p
        self.attempt[x] = self.next_attempt(p)
        if self.split:
            self.asked = x
        else:
            self.stored.add(x)
            self.network.add(x)
            self.alive.add(x)
            self.sandbox[x] = Shown.READY

    def next_attempt(self, p: Pod) -> int:
        """The lowest attempt that no sandbox of the pod has which is listed."""
        return next(
            n
            for n in range(len(self.sandboxes) + 1)
            if not any(self.has_name(x, p, n) for x in self.sandboxes)
        )

    def has_name(self, x: Sandbox, p: Pod, n: int) -> bool:
        """Whether a sandbox that is listed has a name."""
        listed = self.sandbox[x] != Shown.ABSENT
        return listed and self.pod_of[x] == p and self.attempt[x] == n

    def is_name_free(self, p: Pod) -> bool:
        """Whether no sandbox that is not listed has the name that comes next."""
        n = self.next_attempt(p)
        return not any(
            self.pod_of[x] == p
            and self.attempt[x] == n
            and (x == self.asked or x in self.undone or self.keeps_name_when_undone)
            for x in self.sandboxes
        )

    @action(fair=Fairness.WEAK, when="split")
    def go_on_running(self) -> None:
        """The next piece of a run: record, network, process, answer."""
        x = given(self.asked)
        if x not in self.network and (x in self.stored or self.network_first):
            self.network.add(x)
        elif x not in self.stored:
            self.stored.add(x)
        elif not self.has_process:
            self.alive.add(x)
            self.has_process = True
        else:
            self.sandbox[x] = Shown.READY
            self.asked = None
            self.has_process = False

    @action(when="split")
    def give_up(self) -> None:
        """The kubelet's time for a run is up, or it dies: what was done is taken back."""
        require(self.lost < self.losses)
        self.undone.add(given(self.asked))
        self.asked = None
        self.has_process = False
        self.lost += 1

    @action(fair=Fairness.WEAK, per_instance=("x",), when="split")
    def take_back(self, x: Sandbox, fails: bool) -> None:
        """The next piece back; where CNI DEL fails the sandbox is listed, for the kubelet."""
        require(x in self.undone)
        require(not fails or (x not in self.alive and x in self.network))
        if x in self.alive:
            self.alive.remove(x)
        elif fails and not self.hides_what_is_left:
            self.sandbox[x] = Shown.NOTREADY
            self.undone.remove(x)
        elif x in self.network and not fails and not self.keeps_network_when_undone:
            self.network.remove(x)
        else:
            self.finish_taking_back(x)

    def finish_taking_back(self, x: Sandbox) -> None:
        """The record goes, and the name is free again."""
        self.undone.remove(x)
        if not self.keeps_record_when_undone:
            self.stored.discard(x)
        is_left = x in self.stored or x in self.network or self.keeps_name_when_undone
        if not is_left:
            self.forget_sandbox(x)

    # Stop and remove a sandbox.

    def begin_stop(self, x: Sandbox) -> None:
        """A stop is accepted."""
        if self.split:
            self.stopping = x
        else:
            for c in self.containers:
                if self.within[c] == x and self.container[c] in (Shown.RUNNING, Shown.UNKNOWN):
                    self.kill(c)
            self.end_network(x)

    def kill(self, c: Container) -> None:
        """A container is killed, and the runtime hears of its end."""
        if c in self.running and not self.answers_early:
            self.end_process(c)
        self.note_exit(c)

    def end_network(self, x: Sandbox) -> None:
        """A sandbox and its network are ended."""
        if not self.keeps_network_of_dead or self.sandbox[x] == Shown.READY:
            self.network.discard(x)
        self.alive.discard(x)
        self.sandbox[x] = Shown.NOTREADY

    @action(fair=Fairness.WEAK, when="split")
    def go_on_stopping(self) -> None:
        """The next piece of a stop: processes one by one, that of the sandbox, its network."""
        x = given(self.stopping)
        left = [c for c in self.containers if self.is_to_stop(c, x)]
        if len(left) > 0:
            self.kill(left[0])
        elif x in self.alive:
            self.alive.remove(x)
        else:
            self.end_network(x)
            self.stopping = None

    def is_to_stop(self, c: Container, x: Sandbox) -> bool:
        """Whether a container is one that a stop of its sandbox has to end."""
        return self.within[c] == x and self.container[c] in (Shown.RUNNING, Shown.UNKNOWN)

    def begin_remove(self, x: Sandbox) -> None:
        """A removal of a sandbox that has been stopped is accepted."""
        if self.split:
            self.removing = x
        else:
            for c in self.containers:
                if self.within[c] == x:
                    self.remove_from(c)
            self.finish_remove(x)

    def remove_from(self, c: Container) -> None:
        """A container goes with its sandbox."""
        if not self.leaves_containers:
            self.forget_container(c)

    def finish_remove(self, x: Sandbox) -> None:
        """The record goes, and the sandbox is not listed any more."""
        self.stored.discard(x)
        self.sandbox[x] = Shown.ABSENT
        if x not in self.network:
            self.forget_sandbox(x)

    @action(fair=Fairness.WEAK, when="split")
    def go_on_removing(self) -> None:
        """The next piece of a removal: containers one by one, then the sandbox."""
        x = given(self.removing)
        left = [c for c in self.containers if self.within[c] == x]
        if len(left) > 0 and not self.leaves_containers:
            self.forget_container(left[0])
        else:
            self.finish_remove(x)
            self.removing = None

    # Containers.

    def begin_create(self, c: Container, x: Sandbox) -> None:
        """A container is created; it is listed, and its checkpoint written, in one step."""
        self.within[c] = x
        self.number[c] = self.next_number(x)
        self.container[c] = Shown.CREATED
        self.saved[c] = Shown.CREATED

    def next_number(self, x: Sandbox) -> Number:
        """The lowest number that no container of the pod has, whatever its sandbox."""
        return next(
            n
            for n in range(len(self.containers) + 1)
            if not any(
                self.container[c] != Shown.ABSENT and self.is_of_pod(c, x) and self.number[c] == n
                for c in self.containers
            )
        )

    def is_of_pod(self, c: Container, x: Sandbox) -> bool:
        """Whether a container is of the pod of a sandbox."""
        y = self.within[c]
        return y is not None and self.pod_of[y] == self.pod_of[x]

    def begin_start(self, c: Container) -> None:
        """A start is accepted."""
        if self.life[c] == Life.NEW:
            self.life[c] = Life.BEGUN
        if self.split:
            self.starting = c
        else:
            self.running.add(c)
            self.container[c] = Shown.RUNNING
            self.saved[c] = Shown.RUNNING

    @action(fair=Fairness.WEAK, when="split")
    def go_on_starting(self, c: Container) -> None:
        """The next piece of a start: the process, then what is said of it and its checkpoint."""
        require(c == self.starting)
        if not self.has_process:
            self.running.add(c)
            self.has_process = True
        else:
            self.container[c] = Shown.RUNNING
            self.saved[c] = Shown.RUNNING
            self.starting = None
            self.has_process = False
