"""How long a kubelet waits before it starts a container again that has ended.

A first end costs no wait; each later one doubles it, up to a maximum. The wait counts from the
moment at which the container ended, not from that at which this was noticed. A container that ran
for more than ten minutes after its last start has its waits forgiven.

Source: Kubernetes v1.36, `client-go/util/flowcontrol/backoff.go`, and `doBackOff`, `GetBackoffKey`
of `pkg/kubelet/kuberuntime`, `newCrashLoopBackOff` of `pkg/kubelet/kubelet.go`. Left out: jitter,
which the kubelet does not use here. All times are whole seconds of one clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from planespec.spec.fnv import hash_fnv1a
from planespec.spec.objects.core_views import Container
from planespec.spec.objects.view import ObjectError, View
from planespec.spec.quantity import Quantity

FIRST_WAIT = 10
"""Seconds that the second end in a row costs (`initialCrashLoopBackOff`)."""
LONGEST_WAIT = 300
"""Seconds that no wait goes beyond where nothing is configured (`MaxCrashLoopBackOff`)."""
REDUCED_FIRST_WAIT = 1
"""The first wait, where ReduceDefaultCrashLoopBackOffDecay is on."""
REDUCED_LONGEST_WAIT = 60
"""The longest wait, where ReduceDefaultCrashLoopBackOffDecay is on."""
FORGIVEN_AFTER = 600
"""Seconds of running after which a kubelet forgets the waits of a container."""


@dataclass(slots=True)
class _Entry:
    wait: int
    updated: int
    """When the wait was last set, which for a container is when it was started again."""


@dataclass(slots=True)
class BackOff:
    """Waits by key, as `flowcontrol.Backoff` holds them; the caller says what time it is."""

    first: int
    longest: int
    forgiven_after: int | None = None
    """Seconds without a failure after which an entry is void; None is twice `longest`."""
    _entries: dict[str, _Entry] = field(default_factory=dict)

    def get_wait(self, key: str) -> int:
        """Return the wait in seconds as it stands, 0 where there is none (`Get`)."""
        entry = self._entries.get(key)
        return entry.wait if entry else 0

    def lengthen(self, key: str, event: int, now: int) -> None:
        """Double the wait for something that happened at `event`, or begin it (`Next`).

        The first wait is not held to the longest one, as upstream does not.
        """
        entry = self._find(key, event)
        wait = min(entry.wait * 2, self.longest) if entry else self.first
        self._entries[key] = _Entry(wait, now)

    def is_waiting_since(self, key: str, event: int, now: int) -> bool:
        """Whether less than the wait has gone by since `event` (`IsInBackOffSince`)."""
        entry = self._find(key, event)
        return entry is not None and now - event < entry.wait

    def is_waiting_since_update(self, key: str, event: int) -> bool:
        """Whether the wait since its last change lasts at `event` (`IsInBackOffSinceUpdate`)."""
        entry = self._find(key, event)
        return entry is not None and event - entry.updated < entry.wait

    def forget(self, key: str) -> None:
        """Drop one entry (`Reset`, `DeleteEntry`)."""
        self._entries.pop(key, None)

    def collect_garbage(self, now: int) -> None:
        """Drop the entries that are void by now (`GC`)."""
        for key in [key for key in self._entries if self._find(key, now) is None]:
            del self._entries[key]

    def _find(self, key: str, event: int) -> _Entry | None:
        """The entry, unless it was void when the event came (`hasExpired`)."""
        entry = self._entries.get(key)
        void_after = 2 * self.longest if self.forgiven_after is None else self.forgiven_after
        return None if entry is None or event - entry.updated > void_after else entry


def make_crash_backoff(longest: int | None = None, *, reduced: bool = False) -> BackOff:
    """Make the back-off of a kubelet (`newCrashLoopBackOff`).

    `longest` is `crashLoopBackOff.maxContainerRestartPeriod` of its configuration (1 to 300 s),
    `reduced` the gate ReduceDefaultCrashLoopBackOffDecay.
    """
    first = REDUCED_FIRST_WAIT if reduced else FIRST_WAIT
    usual = REDUCED_LONGEST_WAIT if reduced else LONGEST_WAIT
    longest = usual if longest is None else longest
    return BackOff(min(first, longest), longest, FORGIVEN_AFTER)


@dataclass(frozen=True, slots=True)
class PodNames:
    """What tells a pod from all others over time."""

    name: str
    namespace: str
    uid: str

    def __str__(self) -> str:
        return f"{self.name}_{self.namespace}({self.uid})"


@dataclass(frozen=True, slots=True)
class RestartRefused:
    """A container that may not be started yet, which its status shows as CrashLoopBackOff."""

    message: str
    until: int
    """When the wait ends, in seconds of the same clock."""


def try_restart(
    backoff: BackOff, pod: PodNames, container: Container, ended: int | None, now: int
) -> RestartRefused | None:
    """Say why a container may not be started now, or None when it is started (`doBackOff`).

    `ended` is when its newest run that has exited did so; None where none has, which costs
    nothing. A start sets the wait that the next end costs.
    """
    if ended is None:
        return None
    key = make_backoff_key(pod, container)
    if backoff.is_waiting_since(key, ended, now):
        wait = backoff.get_wait(key)
        told = f"back-off {print_seconds(wait)} restarting failed container={container.name}"
        return RestartRefused(f"{told} pod={pod}", ended + wait)
    backoff.lengthen(key, ended, now)
    return None


def make_backoff_key(pod: PodNames, container: Container) -> str:
    """Return the key of a container's waits: another image or resources begin anew, env does not.

    Raises ObjectError where upstream's key is not decided by the container (`print_resources`).
    """
    parts = (pod.name, pod.namespace, pod.uid, container.name, container.image)
    text = "/".join((*parts, print_resources(container.resources)))
    return f"{hash_fnv1a(text.encode(), 64):x}"


def print_resources(resources: View) -> str:
    """Return what Go's `String` prints of resource requirements, with the insides of quantities.

    A quantity that upstream holds as an unbounded decimal shows its address in memory there, so
    that a restarted kubelet has another key: ObjectError.
    """
    limits, requests = (_print_amounts(resources, name) for name in ("limits", "requests"))
    claims = "".join(
        f"ResourceClaim{{Name:{claim.text('name')},Request:{claim.text('request')},}},"
        for claim in resources.views("claims")
    )
    listed = f"Limits:ResourceList{{{limits}}},Requests:ResourceList{{{requests}}},"
    return f"&ResourceRequirements{{{listed}Claims:[]ResourceClaim{{{claims}}},}}"


def _print_amounts(resources: View, name: str) -> str:
    amounts: Mapping[str, Quantity] = resources.quantities(name)
    printed = []
    for resource in sorted(amounts):
        amount = amounts[resource]
        if amount.is_big:
            place = f"{resources.path(name)}.{resource}"
            raise ObjectError(place, "is held as an unbounded decimal, so the key is not decided")
        kept = f"{amount.unscaled} {amount.exponent}}} {{<nil>}} {amount.text or ''}"
        printed.append(f"{resource}: {{{{{kept} {amount.format}}},")
    return "".join(printed)


def print_seconds(seconds: int) -> str:
    """Print a duration of whole seconds as Go does: `10s`, `1m20s`, `5m0s`."""
    minutes, rest = divmod(abs(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    start = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{'-' if seconds < 0 else ''}{start}{rest}s"
