"""What a container runtime and its machine know of sandboxes and containers, and a crash.

The runtime (containerd) says what it has in memory, `sandbox` and `container`. Records and
checkpoints (`stored`, `saved`) survive it, and so do the processes and networks that shims hold.

Source: containerd v2.3.4, `internal/cri/server/restart.go`, `podsandbox/recover.go`, `events.go`.
Left out: exit codes, logs, executions, resources, checkpoints that cannot be written.
"""

from typing import Annotated

from planespec.checker.lang import (
    Array,
    Domain,
    Fairness,
    Model,
    Range,
    Sort,
    action,
    constant,
    each,
    mutant,
    require,
    sort,
)
from planespec.spec.runtime.cri_requirements import Life, Shown


class Pod(Sort):
    """A pod with one container; it is wanted until it is deleted, and not again."""


class Sandbox(Sort):
    """An id of a sandbox; it may be given again when nothing is left of the last one."""


class Container(Sort):
    """An id of a container, likewise."""


Attempt = Annotated[int, Range(0, "len(sandboxes)")]
Number = Annotated[int, Range(0, "len(containers)")]


class RuntimeMemory(Model):
    """Everything that there is, processes that end at any time, a runtime that dies."""

    pods: Domain[Pod] = sort(1, at_least=1)
    sandboxes: Domain[Sandbox] = sort(2, at_least=1)
    containers: Domain[Container] = sort(2, at_least=1)
    crashes: int = constant(1, at_least=0, at_most=4)
    """How often the runtime dies: a bound."""
    split: bool = constant(False)
    """Whether runtime and shims move by themselves, so that a call may be cut anywhere."""

    trusts_checkpoint: bool = mutant("A restart takes the checkpoint for what there is.")
    drops_unreadable: bool = mutant(
        "A container whose process cannot be asked for at a restart is not listed."
    )
    loses_exits: bool = mutant(
        "After a restart the ends of processes arrive before their containers are known, and are "
        "dropped.",
        issue="containerd#10390, containerd#11579",
    )
    recreates: bool = mutant(
        "A container that was started and ended, with the runtime down before it was noted, is "
        "CREATED after the restart: so reads restart.go of 2.3.4.",
        when="split",
    )

    deadlock = False

    is_up: bool = True
    crashed: Annotated[int, Range(0, "crashes")] = 0

    pod_of: Array[Sandbox, Pod | None] = each(None)
    """None where nothing is left of a sandbox."""
    attempt: Array[Sandbox, Attempt] = each(0)
    sandbox: Array[Sandbox, Shown] = each(Shown.ABSENT)
    stored: set[Sandbox] = set()
    network: set[Sandbox] = set()
    alive: set[Sandbox] = set()

    within: Array[Container, Sandbox | None] = each(None)
    """None where there is no such container."""
    number: Array[Container, Number] = each(0)
    container: Array[Container, Shown] = each(Shown.ABSENT)
    saved: Array[Container, Shown] = each(Shown.ABSENT)
    """Its checkpoint."""
    life: Array[Container, Life] = each(Life.NEW)
    running: set[Container] = set()

    asked: Sandbox | None = None
    has_process: bool = False
    """Whether the run or start under way has made its process, which may have ended since."""
    undone: set[Sandbox] = set()
    starting: Container | None = None
    stopping: Sandbox | None = None
    removing: Sandbox | None = None

    # Processes.

    @action
    def end(self, c: Container) -> None:
        """The process of a container ends."""
        require(c in self.running)
        self.end_process(c)
        if not self.split and self.hears():
            self.note_exit(c)

    @action
    def end_sandbox(self, x: Sandbox) -> None:
        """The process of a sandbox ends, or somebody kills it."""
        require(x in self.alive)
        self.alive.remove(x)
        if not self.split and self.hears():
            self.sandbox[x] = Shown.NOTREADY

    @action(fair=Fairness.WEAK, when="split")
    def hear(self, c: Container) -> None:
        """The runtime hears that a process has ended."""
        require(self.hears() and c != self.starting and c not in self.running)
        require(self.container[c] == Shown.RUNNING)
        self.note_exit(c)

    @action(fair=Fairness.WEAK, when="split")
    def hear_sandbox(self, x: Sandbox) -> None:
        """The runtime hears that the process of a sandbox has ended."""
        require(self.hears() and x not in self.alive and self.sandbox[x] == Shown.READY)
        self.sandbox[x] = Shown.NOTREADY

    def hears(self) -> bool:
        """Whether ends of processes are heard of."""
        return self.is_up and not (self.loses_exits and self.crashed > 0)

    def end_process(self, c: Container) -> None:
        """A process is there no more."""
        self.running.discard(c)
        self.life[c] = Life.ENDED

    def note_exit(self, c: Container) -> None:
        """The runtime notes that a container has ended, and its checkpoint too."""
        self.container[c] = Shown.EXITED
        self.saved[c] = Shown.EXITED

    # The runtime.

    @action
    def crash(self) -> None:
        """The runtime dies, and with it every call; processes go on."""
        require(self.is_up and self.crashed < self.crashes)
        self.is_up = False
        self.crashed += 1
        for x in self.sandboxes:
            self.sandbox[x] = Shown.ABSENT
        for c in self.containers:
            self.container[c] = Shown.ABSENT
        self.asked = None
        self.has_process = False
        self.undone.clear()
        self.starting = None
        self.stopping = None
        self.removing = None

    @action(fair=Fairness.WEAK)
    def restart(self, unread: Container | None) -> None:
        """The runtime comes back; the shim of one container may not answer in time."""
        require(not self.is_up)
        require(unread is None or self.within[unread] is not None)
        self.is_up = True
        for x in self.sandboxes:
            if x in self.stored:
                self.sandbox[x] = Shown.READY if x in self.alive else Shown.NOTREADY
            elif x not in self.network and x not in self.alive:
                self.forget_sandbox(x)
        for c in self.containers:
            if c != unread:
                self.load(c)
            elif not self.drops_unreadable:
                self.container[c] = Shown.UNKNOWN

    def load(self, c: Container) -> None:
        """A container is what its process is; where there is none, what its checkpoint says."""
        now = self.saved[c]
        if not self.trusts_checkpoint and now != Shown.ABSENT:
            if c in self.running:
                now = Shown.RUNNING
            elif now == Shown.RUNNING or (self.life[c] == Life.ENDED and not self.recreates):
                now = Shown.EXITED
        self.container[c] = now
        self.saved[c] = now

    def forget_sandbox(self, x: Sandbox) -> None:
        """Nothing is left of a sandbox."""
        self.sandbox[x] = Shown.ABSENT
        self.pod_of[x] = None
        self.attempt[x] = 0

    def forget_container(self, c: Container) -> None:
        """Nothing is left of a container."""
        self.container[c] = Shown.ABSENT
        self.saved[c] = Shown.ABSENT
        self.life[c] = Life.NEW
        self.within[c] = None
        self.number[c] = 0
