"""What a scheduling plugin is, and what it answers.

A profile lists plugins for each extension point in its order (`profile`). A plugin that looks at
the pod once works out a state there, and is asked about nodes with it.
Source: `staging/src/k8s.io/kube-scheduler/framework/interface.go` (PreFilterPlugin,
PreFilterExtensions, FilterPlugin, PreScorePlugin, ScorePlugin, ScoreExtensions) and
`pkg/scheduler/framework/plugins/helper/normalize_score.go`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar, Generic, TypeVar

from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.pod_info import PodInfo
from planespec.spec.scheduling.snapshot import Snapshot

# What a plugin answers: a code, the reasons in order, and the plugin that said so.
#
# Source: `staging/src/k8s.io/kube-scheduler/framework/interface.go`, Code and Status.


class Code(StrEnum):
    """Outcome of one plugin for one pod, or for one pod and one node; upstream's spelling."""

    SUCCESS = "Success"
    SKIP = "Skip"
    """The plugin has nothing to say about this pod: its Filter or Score is not called."""
    UNSCHEDULABLE = "Unschedulable"
    """Not now; removing pods may help, so preemption considers the node."""
    UNRESOLVABLE = "UnschedulableAndUnresolvable"
    """Not now, and removing pods cannot help."""
    ERROR = "Error"
    """The object is such that the plugin cannot decide; the pod stays pending."""


@dataclass(frozen=True, slots=True)
class Status:
    """A code with its reasons; `plugin` is empty where no single plugin decided."""

    code: Code
    reasons: tuple[str, ...] = ()
    plugin: str = ""

    @property
    def is_success(self) -> bool:
        """Whether the pod passes."""
        return self.code is Code.SUCCESS

    @property
    def is_rejected(self) -> bool:
        """Whether the pod is turned away, in either of the two ways."""
        return self.code in (Code.UNSCHEDULABLE, Code.UNRESOLVABLE)

    def by(self, plugin: str) -> "Status":
        """Return the same status signed by `plugin`."""
        return replace(self, plugin=plugin)


SUCCESS = Status(Code.SUCCESS)
SKIP = Status(Code.SKIP)


def unschedulable(*reasons: str) -> Status:
    """Return a rejection that removing pods may cure."""
    return Status(Code.UNSCHEDULABLE, reasons)


def unresolvable(*reasons: str) -> Status:
    """Return a rejection that removing pods cannot cure."""
    return Status(Code.UNRESOLVABLE, reasons)


def error(*reasons: str) -> Status:
    """Return an internal error of a plugin."""
    return Status(Code.ERROR, reasons)


State = TypeVar("State")
ByNode = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Prepared(Generic[State]):
    """What a plugin says of a pod before any node, and what it has worked out for all nodes."""

    status: Status
    state: State | None = None
    """None where the plugin skips or rejects the pod, or needs no state."""
    node_names: frozenset[str] | None = None
    """The only nodes that come into question; None where all do."""

    @classmethod
    def of(cls, state: State | None) -> "Prepared[State]":
        """Success with a state; skip where there is none."""
        return cls(SKIP if state is None else SUCCESS, state)


@dataclass(frozen=True, slots=True)
class PluginScores:
    """What one plugin gives each node: as it scores, and spread over 0 to 100."""

    raw: ByNode
    normalized: ByNode


class Plugin(Generic[State]):
    """A plugin of kube-scheduler; what it does not override has no say."""

    name: ClassVar[str]

    def pre_filter(self, snapshot: Snapshot, pod: PodInfo) -> Prepared[State]:
        """Look at the pod before any node."""
        return Prepared(SUCCESS)

    def update(
        self, state: State, pod: PodInfo, other: PodInfo, node: NodeInfo, delta: int
    ) -> State:
        """Return the state with `other` added to (delta 1) or removed from (-1) the node."""
        return state

    def filter(self, snapshot: Snapshot, pod: PodInfo, state: State, node: NodeInfo) -> Status:
        """Accept or reject one node; asked only where `pre_filter` succeeded."""
        return SUCCESS

    def score(
        self, snapshot: Snapshot, pod: PodInfo, candidates: Sequence[NodeInfo]
    ) -> PluginScores | None:
        """Score the nodes that passed; None where the plugin skips the pod.

        Raises SelectorError for a term that cannot be read; API validation accepts some of those.
        """
        return None


def normalize_to_highest(raw: ByNode, *, is_reversed: bool = False) -> ByNode:
    """Return 100 * raw // highest, or 100 less that; where all are 0 they stay, or become 100.

    Source: DefaultNormalizeScore.
    """
    highest = max(raw.values(), default=0)
    if highest == 0:
        return dict.fromkeys(raw, 100) if is_reversed else raw
    shares = {name: 100 * value // highest for name, value in raw.items()}
    return {name: 100 - share for name, share in shares.items()} if is_reversed else shares
