"""Where pods come from: the API with its users, or the file of static pods with their mirror.

Source: `pkg/kubelet/config`, `pkg/kubelet/kubelet.go` (tryReconcileMirrorPods, HandlePodCleanups)
of Kubernetes v1.36. A static pod's uid is the hash of its manifest, so that an edited file is the
end of one uid and the beginning of another, in any order. Left out: the source HTTP, which is
like a file, and that the kubelet hears of several pods at once except at its first list.
"""

from typing import Annotated

from planespec.checker.lang import (
    Fairness,
    Range,
    action,
    constant,
    joint,
    mutant,
    only,
    require,
)
from planespec.model.kubelet.pod_core import Pod, PodCore
from planespec.spec.node.pod_states import Stage, Work


class ApiSource(PodCore):
    """Users make and delete pods; the kubelet watches."""

    forces: bool = constant(default=True)
    """Whether users delete with grace 0."""

    @action(when="not statics")
    def create(self, p: Pod) -> None:
        """A pod is made and bound to the node, once."""
        require(self.stored[p] == Stage.ABSENT)
        self.stored[p] = Stage.PRESENT

    @action(when="not statics")
    def mark(self, p: Pod) -> None:
        """A user deletes a pod: it gets a deletionTimestamp."""
        require(self.stored[p] == Stage.PRESENT)
        self.stored[p] = Stage.MARKED

    @action(when="not statics and forces")
    def force(self, p: Pod) -> None:
        """A user deletes a pod with grace 0: the object is gone at once."""
        require(self.stored[p] in (Stage.PRESENT, Stage.MARKED))
        self.stored[p] = Stage.FORCED

    @action(fair=Fairness.WEAK, when="not statics")
    def list_pods(self) -> None:
        """The kubelet gets its first list from the API."""
        require(not self.is_listed and self.reaches_api())
        self.is_listed = True
        for p in self.pods:
            self.heard[p] = self.visible(p)

    @action(fair=Fairness.WEAK, per_instance=True, when="not statics")
    def hear(self, p: Pod) -> None:
        """The kubelet hears of a pod through its watch."""
        require(self.is_listed and self.reaches_api())
        require(self.heard[p] != self.visible(p))
        self.heard[p] = self.visible(p)

    def visible(self, p: Pod) -> Stage:
        """What the API tells of a pod."""
        is_there = self.stored[p] in (Stage.PRESENT, Stage.MARKED)
        return self.stored[p] if is_there else Stage.ABSENT


class FileSource(PodCore):
    """One file with the manifest of a static pod, which is edited; the mirror in the API."""

    edits: int = constant(2, at_least=1, at_most=4)
    """How often the file changes: a bound."""

    mirror_first: bool = mutant(
        "A static pod waits for its mirror to be made.", issue="#112814", when="statics"
    )
    mirror_kills: bool = mutant(
        "A static pod ends when its mirror is deleted.", when="statics and outages > 0"
    )
    reuse_unnoticed: bool = mutant(
        "A manifest that comes back while its pod ends is taken for the one that ends.",
        issue="#104648, pull 104847",
        when="statics",
    )

    file: Pod | None = only(None, when="statics")
    """Which pod's manifest is in the file."""
    mirror: Pod | None = only(None, when="statics")
    """Which pod the mirror shows."""
    edited: Annotated[int, Range(0, "edits")] = only(0, when="statics")

    @action(when="statics")
    def write_file(self, p: Pod) -> None:
        """Somebody puts another manifest into the file."""
        require(self.edited < self.edits and self.file != p)
        self.edited += 1
        self.file = p

    @action(when="statics")
    def remove_file(self) -> None:
        """Somebody removes the file."""
        require(self.edited < self.edits and self.file is not None)
        self.edited += 1
        self.file = None

    @action(fair=Fairness.WEAK, per_instance=True, when="statics")
    def read_file(self, p: Pod) -> None:
        """The kubelet finds that a manifest is there now, or is not any more."""
        now = Stage.PRESENT if self.file == p else Stage.ABSENT
        require(self.heard[p] != now)
        self.heard[p] = now
        if now == Stage.PRESENT:
            is_ending = self.work[p] not in (Work.NONE, Work.SYNC)
            if is_ending and not self.reuse_unnoticed:
                self.is_again[p] = True
            if not is_ending:
                self.has_ended[p] = False

    @action(fair=Fairness.WEAK, when="statics")
    def see_all_sources(self) -> None:
        """The API was listed as well, and the file has been read."""
        require(not self.is_listed and self.reaches_api())
        require(all((self.heard[p] == Stage.PRESENT) == (self.file == p) for p in self.pods))
        self.is_listed = True

    @action(fair=Fairness.WEAK, per_instance=True, when="statics")
    def make_mirror(self, p: Pod) -> None:
        """The kubelet shows a static pod that it runs in the API."""
        require(self.reaches_api() and self.mirror is None)
        require(self.work[p] == Work.SYNC or (self.mirror_first and self.file == p))
        self.mirror = p

    @action(fair=Fairness.WEAK, when="statics")
    def remove_mirror(self) -> None:
        """The kubelet removes a mirror that shows another pod, or none that is there."""
        require(self.reaches_api() and self.is_listed and self.mirror is not None)
        require(
            not any(
                self.mirror == p and (self.heard[p] == Stage.PRESENT or self.work[p] != Work.NONE)
                for p in self.pods
            )
        )
        self.mirror = None

    @joint
    def may_begin(self, p: Pod) -> bool:
        """A static pod waits for nothing that the API has to do."""
        return not self.statics or not self.mirror_first or self.mirror == p

    @joint
    def lose_memory(self) -> None:
        """What ends is no longer known to have come back."""
        if self.statics:
            for p in self.pods:
                self.is_again[p] = False

    @action(when="statics and outages > 0")
    def delete_mirror(self) -> None:
        """A user deletes the mirror; the API cannot end a static pod."""
        require(self.mirror is not None and self.reaches_api())
        for p in self.pods:
            if self.mirror_kills and self.work[p] == Work.SYNC:
                self.work[p] = Work.TERMINATING
        self.mirror = None


class ApiServer(PodCore):
    """The API server is away from the kubelet for a time."""

    left: Annotated[int, Range(0, "outages")] = only(0, when="outages > 0")

    @action(when="outages > 0")
    def leave(self) -> None:
        """The kubelet cannot reach the API server."""
        require(not self.is_away and self.left < self.outages)
        self.left += 1
        self.is_away = True

    @action(when="outages > 0")
    def come_back(self) -> None:
        """It can again; nobody promises that."""
        require(self.is_away)
        self.is_away = False
