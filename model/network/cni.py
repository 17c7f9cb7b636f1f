"""Addresses of pods on one node: a list of two CNI plugins, called in parallel, with crashes.

The first plugin makes an interface with an address that host-local gives, the second (portmap)
rules on the host; libcni then caches the result. DEL goes the other way round. host-local keeps a
file for each address and the last one that it gave, and is locked while it looks and writes; the
kernel releases the lock of a process that dies. The runtime records a sandbox before it calls ADD,
calls DEL for one that has ended or whose ADD failed, and again until DEL succeeds; garbage
collection calls DEL for what libcni has cached of sandboxes that the runtime does not know.

Source: containernetworking/plugins v1.9 (`plugins/ipam/host-local`, `plugins/main/bridge`,
`plugins/meta/portmap`), containernetworking/cni v1.3 (`libcni/api.go`), containerd v2.3
(`internal/cri/server/sandbox_run.go`, `sandbox_stop.go`). `spec.network.host_local` gives
addresses in the same order, which a test walks beside this model. A crash kills the runtime and
its plugins; a reboot takes namespaces, interfaces and rules as well, while files stay. Left out:
several addresses of a sandbox, and ids that are used again.
"""

from planespec.checker.lang import (
    Array,
    Domain,
    Fairness,
    Model,
    action,
    constant,
    each,
    instance,
    mutant,
    reachable,
    recording,
    require,
    sort,
)
from planespec.model.network.cni_types import Faults, IpAddress, Life, MaybeIp, Sandbox, Step
from planespec.spec.network.network_requirements import (
    a_used_address_is_reserved,
    del_leaves_nothing,
    no_address_is_used_twice,
    no_ended_sandbox_keeps_an_address,
    what_add_gave_stands,
)


class Cni(Model):
    """`sandboxes` that share `addresses`, with so many `faults` of any kind."""

    held_to = [
        recording(
            "tests/recorded/cni.jsonl.gz",
            cases=2_928,
            of="host-local of the CNI plugins 1.9.1",
            part="which addresses are given and released",
            test="tests/spec/network/test_cni_beside_rules.py"
            "::test_the_model_gives_and_releases_as_the_rules_do",
            through="planespec.spec.network.host_local",
            conform="cni",
            kinds=("ADD", "DEL"),
        )
    ]

    sandboxes: Domain[Sandbox] = sort(3, at_least=1, symmetric=True)
    addresses: int = constant(2, at_least=1, at_most=9)
    faults: int = constant(2, at_least=0, at_most=9)
    """Crashes, reboots, failures of plugins and lost namespaces in all."""

    pick_unlocked: bool = mutant(
        "host-local looks for an address and writes its file without the lock, over any other."
    )
    release_first: bool = mutant(
        "DEL releases the address before the interface is removed.", issue="plugins#666"
    )
    skip_without_netns: bool = mutant(
        "DEL returns early, as done, when the network namespace is gone.",
        issue="plugins#1196, cni#1167",
    )
    forget_failed_add: bool = mutant(
        "The runtime forgets a sandbox whose ADD failed without calling DEL.",
        issue="calico cni-plugin#325",
    )
    forget_failed_del: bool = mutant(
        "The runtime swallows an error of DEL and forgets the sandbox.",
        issue="danm#167, danm#171",
    )
    forget_at_crash: bool = mutant(
        "The runtime removes what it finds unready after a crash without calling DEL.",
        issue="containerd 0b84719",
    )
    forget_at_reboot: bool = mutant(
        "After a reboot the runtime knows no sandbox, and only what is cached is collected.",
        issue="plugins#252, plugins#697, cni#204, kubernetes#57280, k3s#5885",
    )
    record_late: bool = mutant(
        "The runtime records a sandbox only after its ADD has succeeded.",
        issue="kubernetes#57280",
    )
    collect_live: bool = mutant(
        "Garbage collection takes a sandbox that was added since it made its list for garbage."
    )
    keep_cache: bool = mutant("DEL succeeds although the cached result was not removed.")
    die_in_write: bool = mutant(
        "host-local dies between making a file and writing into it, as upstream's can."
    )

    deadlock = False

    life: Array[Sandbox, Life] = each(Life.FRESH)
    step: Array[Sandbox, Step] = each(Step.IDLE)
    recorded: set[Sandbox] = set()
    """Sandboxes that the runtime knows of."""
    netns: set[Sandbox] = set()
    """Sandboxes whose network namespace is there."""
    lock: Sandbox | None = None
    """The sandbox whose call holds host-local's lock."""
    picked: Array[Sandbox, MaybeIp] = each(0)
    """The address that a call is about to reserve."""
    last: MaybeIp = 0
    """The last address that was reserved; it survives its release."""
    owner: Array[IpAddress, Sandbox | None] = each(None)
    blank: set[IpAddress] = set()
    """Addresses whose file is there and empty."""
    uses: Array[Sandbox, MaybeIp] = each(0)
    rules: set[Sandbox] = set()
    cached: set[Sandbox] = set()
    added: set[Sandbox] = set()
    deleted: set[Sandbox] = set()
    fault_count: Faults = 0

    requires = [
        no_address_is_used_twice,
        a_used_address_is_reserved,
        no_ended_sandbox_keeps_an_address,
        del_leaves_nothing,
        what_add_gave_stands,
    ]

    # ADD.

    @action
    def run_sandbox(self, s: Sandbox) -> None:
        """The kubelet wants a sandbox; the runtime records it and calls ADD."""
        require(self.life[s] == Life.FRESH)
        self.life[s] = Life.WANTED
        self.netns.add(s)
        self.step[s] = Step.PICK
        if not self.record_late:
            self.recorded.add(s)

    @action(fair=Fairness.WEAK, per_instance=True)
    def pick(self, s: Sandbox, a: IpAddress) -> None:
        """host-local takes the lock and finds the next free address, round from the last one."""
        require(self.step[s] == Step.PICK and (self.lock is None or self.pick_unlocked))
        require(self.is_free(a) and self.is_next(a))
        if not self.pick_unlocked:
            self.lock = s
        self.picked[s] = a
        self.step[s] = Step.WRITE

    @action(fair=Fairness.WEAK, per_instance=True)
    def fail_to_pick(self, s: Sandbox) -> None:
        """No address is free: ADD fails."""
        require(self.step[s] == Step.PICK and self.lock is None)
        require(not any(self.is_free(a) for a in range(1, self.addresses + 1)))
        self.give_up(s)

    @action(fair=Fairness.WEAK, per_instance=True)
    def write(self, s: Sandbox) -> None:
        """The file of the address is written, then the last address; the lock is given back."""
        require(self.step[s] == Step.WRITE)
        for a in range(1, self.addresses + 1):
            if self.picked[s] == a:
                self.owner[a] = s
        self.last = self.picked[s]
        self.lock = None
        self.step[s] = Step.LINK

    @action(fair=Fairness.WEAK, per_instance=True)
    def link(self, s: Sandbox) -> None:
        """The interface is made in the namespace, with the address; without one ADD fails."""
        require(self.step[s] == Step.LINK)
        if s in self.netns:
            self.uses[s] = self.picked[s]
            self.picked[s] = 0
            self.step[s] = Step.RULE
        else:
            self.give_up(s)

    @action(fair=Fairness.WEAK, per_instance=True)
    def rule(self, s: Sandbox) -> None:
        """The second plugin makes its rules."""
        require(self.step[s] == Step.RULE)
        self.rules.add(s)
        self.step[s] = Step.CACHE

    @action(fair=Fairness.WEAK, per_instance=True)
    def cache(self, s: Sandbox) -> None:
        """libcni caches the result: ADD has succeeded, unless the namespace went meanwhile."""
        require(self.step[s] == Step.CACHE)
        self.cached.add(s)
        self.recorded.add(s)
        if self.uses[s] != 0:
            self.added.add(s)
        self.step[s] = Step.IDLE

    @action
    def fail_to_add(self, s: Sandbox) -> None:
        """A plugin fails; libcni undoes nothing of those before it."""
        require(self.step[s] == Step.LINK or self.step[s] == Step.RULE)
        self.count_fault()
        self.give_up(s)

    # DEL.

    @action
    def stop_sandbox(self, s: Sandbox) -> None:
        """The kubelet wants a sandbox no more."""
        require(self.life[s] == Life.WANTED and self.step[s] == Step.IDLE)
        self.life[s] = Life.ENDED

    @action(fair=Fairness.WEAK, per_instance=True)
    def call_del(self, s: Sandbox) -> None:
        """The runtime calls DEL for a sandbox that ended, or garbage collection does."""
        require(self.life[s] == Life.ENDED and self.step[s] == Step.IDLE)
        require(s in self.recorded or s in self.cached)
        self.added.discard(s)
        self.step[s] = Step.UNRULE

    @action
    def collect(self, s: Sandbox) -> None:
        """Garbage collection calls DEL for a sandbox that is alive."""
        require(self.collect_live and self.life[s] == Life.WANTED)
        require(s in self.cached and self.step[s] == Step.IDLE)
        self.step[s] = Step.UNRULE

    @action(fair=Fairness.WEAK, per_instance=True)
    def unrule(self, s: Sandbox) -> None:
        """The second plugin removes its rules, if there are any."""
        require(self.step[s] == Step.UNRULE)
        self.rules.discard(s)
        self.step[s] = Step.RELEASE if self.release_first else Step.UNLINK

    @action(fair=Fairness.WEAK, per_instance=True)
    def unlink(self, s: Sandbox) -> None:
        """The interface is removed, if there is one."""
        require(self.step[s] == Step.UNLINK)
        self.uses[s] = 0
        if self.release_first or (self.skip_without_netns and s not in self.netns):
            self.step[s] = Step.UNCACHE
        else:
            self.step[s] = Step.RELEASE

    @action(fair=Fairness.WEAK, per_instance=True)
    def release(self, s: Sandbox) -> None:
        """host-local takes the lock and removes every file that names the sandbox."""
        require(self.step[s] == Step.RELEASE and self.lock is None)
        for a in range(1, self.addresses + 1):
            if self.owner[a] == s:
                self.owner[a] = None
        self.step[s] = Step.UNLINK if self.release_first else Step.UNCACHE

    @action(fair=Fairness.WEAK, per_instance=True)
    def uncache(self, s: Sandbox) -> None:
        """libcni removes the cached result: DEL has succeeded, and the runtime forgets."""
        require(self.step[s] == Step.UNCACHE)
        if not self.keep_cache:
            self.cached.discard(s)
        self.netns.discard(s)
        self.recorded.discard(s)
        self.deleted.add(s)
        self.step[s] = Step.IDLE

    @action
    def fail_to_del(self, s: Sandbox) -> None:
        """A plugin fails; the runtime calls DEL again later."""
        require(self.step[s] == Step.UNRULE or self.step[s] == Step.UNLINK)
        self.count_fault()
        self.step[s] = Step.IDLE
        if self.forget_failed_del:
            self.recorded.discard(s)

    # Faults.

    @action
    def lose_netns(self, s: Sandbox) -> None:
        """Somebody removes a namespace, and with it the interface."""
        require(s in self.netns and s not in self.added)
        self.count_fault()
        self.netns.remove(s)
        self.uses[s] = 0

    @action
    def crash(self) -> None:
        """The runtime and its plugins die; what they did so far stays."""
        require(any(self.step[s] != Step.IDLE for s in self.sandboxes))
        self.count_fault()
        self.stop_calls(self.forget_at_crash)

    @action
    def reboot(self) -> None:
        """The node starts again: files stay, everything in the kernel is gone."""
        require(len(self.netns) > 0)
        self.count_fault()
        for s in self.sandboxes:
            if self.life[s] == Life.WANTED:
                self.life[s] = Life.ENDED
            self.uses[s] = 0
        self.stop_calls(self.forget_at_reboot)
        self.netns = set()
        self.rules = set()
        self.added = set()
        if self.forget_at_reboot:
            self.recorded = set()

    def stop_calls(self, forget: bool) -> None:
        """No call goes on; sandboxes whose ADD had not ended are taken for ended."""
        for s in self.sandboxes:
            if self.life[s] == Life.WANTED and s not in self.added:
                self.life[s] = Life.ENDED
                if forget:
                    self.recorded.discard(s)
            if self.step[s] == Step.WRITE and self.die_in_write:
                for a in range(1, self.addresses + 1):
                    if self.picked[s] == a:
                        self.blank.add(a)
            self.step[s] = Step.IDLE
            self.picked[s] = 0
        self.lock = None

    def count_fault(self) -> None:
        """One fault more, if there may be one."""
        require(self.fault_count < self.faults)
        self.fault_count += 1

    def give_up(self, s: Sandbox) -> None:
        """ADD has failed: the kubelet does without the sandbox, and the runtime calls DEL."""
        self.picked[s] = 0
        self.step[s] = Step.IDLE
        self.life[s] = Life.ENDED
        if self.forget_failed_add:
            self.recorded.discard(s)

    # What is asked of it.

    @property
    def ended(self) -> set[Sandbox]:
        """Sandboxes that nobody wants any more."""
        return {s for s in self.sandboxes if self.life[s] == Life.ENDED}

    def is_free(self, a: IpAddress) -> bool:
        """Whether there is no file of an address."""
        return self.owner[a] is None and a not in self.blank

    def is_next(self, a: IpAddress) -> bool:
        """Whether no free address comes before this one, round from the one after the last."""
        return not any(
            self.is_free(b) and self.distance(b) < self.distance(a)
            for b in range(1, self.addresses + 1)
        )

    def distance(self, a: IpAddress) -> int:
        """How far an address is round from the one after the last."""
        return (a - self.last - 1) % self.addresses

    @reachable
    def all_addresses_are_used(self) -> bool:
        """Every address is on the interface of a sandbox whose ADD succeeded."""
        return len(self.added) == self.addresses

    @reachable
    def address_is_given_again(self) -> bool:
        """An address that a deleted sandbox had is used by another."""
        return len(self.deleted) > 0 and len(self.added) == self.addresses

    @reachable
    def reservation_outlives_namespace(self) -> bool:
        """An address is reserved of a sandbox whose namespace is gone."""
        return any(
            self.owner[a] == s and s not in self.netns
            for s in self.sandboxes
            for a in range(1, self.addresses + 1)
        )

    instances = [
        instance("s2-a1-f1", sandboxes=2, addresses=1, faults=1),
        instance("s2-a1-f2", sandboxes=2, addresses=1, faults=2),
        instance("s3-a2-f1", sandboxes=3, addresses=2, faults=1, slow=True),
        instance("s3-a2-f2", sandboxes=3, addresses=2, faults=2, slow=True),
    ]
