"""Known defects of etcd that a sequence of steps shows every time, and how each is recognised.

Source: the tables of tests/robustness/README.md, the changelogs and the issues named. Not in
that table are 19557, 21694 and the form of 18667 that needs one member only. A scenario holds
more than is needed: the hunt cuts it down.
"""

import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from planespec.reports.live.etcd.lab import Lab, Step
from planespec.reports.live.etcd.lab_steps import (
    AddLearner,
    CompactAt,
    Crash,
    Erase,
    Promote,
    PutAndReadAt,
    StopAll,
    UpdateLearner,
    Wait,
    Watch,
    Write,
    get_learner,
)
from planespec.spec.etcd.watch import build_replay
from planespec.spec.etcd.watch_guarantees import GUARANTEES, describe
from planespec.spec.requirement import Level

Judge = Callable[[Lab], str]
"""Say how the guarantee is broken after the scenario; nothing is the empty string."""


@dataclass(frozen=True)
class Defect:
    """One defect: `name` begins with its issue number, `fixed` is the 3.5 release without it.

    `alone` scenarios need nothing but a client; the others start, stop and add members.
    """

    name: str
    issues: tuple[int, ...]
    title: str
    guarantee: str
    fixed: str
    steps: tuple[Step, ...]
    judge: Judge
    members: int = 1
    flags: tuple[str, ...] = ()
    alone: bool = False


def judge_watches(guarantee: str) -> Judge:
    """Return a judge of one guarantee of watches."""

    def judge(lab: Lab) -> str:
        replay = build_replay(lab.store)
        found = (GUARANTEES[guarantee].find_breaches(Level.WATCH, w, replay) for w in lab.watches)
        return next((describe(each) for broken in found for each in broken), "")

    return judge


def judge_replicas(lab: Lab) -> str:
    """Compare the revisions and hashes of the members, once they had time to settle."""
    Wait(0.2).run(lab)
    revisions = lab.get_revisions()
    hashes = [gateway.require("maintenance/hash", {}).get("hash") for gateway in lab.gateways]
    if len(set(revisions)) == 1 and len(set(hashes)) == 1:
        return ""
    return f"the members are at revisions {revisions} with {len(set(hashes))} different hashes"


def judge_revision(lab: Lab) -> str:
    """Compare the revision now with the latest that was acknowledged."""
    now = lab.get_revisions()[0]
    if now >= lab.revision:
        return ""
    return f"revision {lab.revision} was acknowledged, after the restart it is {now}"


def judge_refusal(lab: Lab) -> str:
    """Compare the revision now with the latest that was acknowledged, for one too many."""
    now = lab.get_revisions()[0]
    if now <= lab.revision:
        return ""
    return f"nothing was acknowledged after revision {lab.revision}, yet it is {now} now"


def judge_learner(lab: Lab) -> str:
    """Ask whether the learner still is one."""
    if get_learner(lab).get("isLearner"):
        return ""
    return f"{lab.members[-1].name} was added as a learner; the member list says it votes"


def judge_member_file(lab: Lab) -> str:
    """Compare the files of the stopped members with the last member list."""
    voters = {int(each["ID"]): each["name"] for each in lab.listed if not each.get("isLearner")}
    for member in lab.members:
        path = member.data / "member/snap/db"
        stored = read_bucket(path, "members") if path.exists() else {}
        for raw in map(json.loads, stored.values()):
            if raw.get("isLearner") and raw["id"] in voters:
                name = voters[raw["id"]]
                return f"{name} is a learner in the file of {member.name}, a voter in the list"
    return ""


FILL = tuple(Write(key) for key in "abcab")
FAST = ("--heartbeat-interval=10", "--election-timeout=100")
"""Flags that only make elections quick."""

DEFECTS = (
    Defect(
        "18667",
        (18667,),
        "a transaction that reads a compacted revision is applied by some members only",
        "Replica equality",
        "not in 3.5",
        (*FILL, CompactAt(0, member=1), PutAndReadAt("a", 1, member=0)),
        judge_replicas,
        members=3,
        flags=FAST,
    ),
    Defect(
        "18667-restart",
        (18667,),
        "a transaction that was refused takes effect when the member is started again",
        "A refused request writes nothing",
        "not in 3.5",
        (*FILL, PutAndReadAt("a", -100), Crash()),
        judge_refusal,
        flags=FAST,
    ),
    Defect(
        "18089",
        (18089, 19179),
        "a watch from a compacted revision misses the deletion made at that revision",
        "Resumable",
        "3.5.18",
        (*FILL, Erase("a"), CompactAt(0, physical=True), Watch(0), Write("b"), Write("c")),
        judge_watches("Resumable"),
        flags=FAST,
        alone=True,
    ),
    Defect(
        "20221",
        (20221,),
        "a watch that starts in the future is told of progress before its start",
        "Bookmarkable",
        "3.5.22",
        (*FILL, Watch(-100, progress=True)),
        judge_watches("Bookmarkable"),
        flags=FAST,
        alone=True,
    ),
    Defect(
        "15220",
        (15220,),
        "a watch is told of progress before the past it asked for is delivered",
        "Bookmarkable",
        "3.5.8",
        (*(FILL * 4), Watch(progress=True)),
        judge_watches("Bookmarkable"),
        flags=FAST,
        alone=True,
    ),
    Defect(
        "17780",
        (17780,),
        "the revision falls after a crash during compaction",
        "Monotonic revision",
        "3.5.14",
        (
            *(step for key in "abcde" for step in (Write(key), Erase(key))),
            CompactAt(0),
            Wait(0.8),
            Crash(),
        ),
        judge_revision,
        flags=(*FAST, "--experimental-compaction-batch-limit=2", "--backend-batch-interval=8s"),
    ),
    Defect(
        "19557",
        (19557,),
        "the promotion of a learner is not written to the member's file",
        "Equal membership stores",
        "3.5.20",
        (*FILL, AddLearner(), Promote(), StopAll()),
        judge_member_file,
        flags=FAST,
    ),
    Defect(
        "21694",
        (21694,),
        "an update of a learner's URLs makes the member list call it a voter",
        "Member list equals the configuration of Raft",
        "after 3.5.21",
        (*FILL, AddLearner(start=False), UpdateLearner()),
        judge_learner,
        flags=FAST,
    ),
)
"""In the order they are hunted."""


# Read a bucket of a bbolt file, as etcd leaves it behind when stopped.
#
# Only what is needed to look at small buckets: pages are read from the file, nested buckets are
# not followed. Source: etcd-io/bbolt, internal/common/{page,meta,inode,bucket}.go.


META_MAGIC = 0xED0CDAED
_PAGE = struct.Struct("<QHHI")
_META = struct.Struct("<IIIIQQQQQ")
_LEAF = struct.Struct("<IIII")
_BRANCH = struct.Struct("<IIQ")
_BUCKET = struct.Struct("<QQ")
_BRANCH_PAGE, _LEAF_PAGE = 1, 2


def read_bucket(path: Path, name: str) -> dict[str, bytes]:
    """Return the keys and values of a bucket; none where the bucket is not there.

    Raises ValueError for a file that is not one of bbolt.
    """
    try:
        return _File(path.read_bytes()).read_bucket(name.encode())
    except struct.error as error:
        raise ValueError(f"{path} is cut off: {error}") from error


class _File:
    """The bytes of a file and where its newest tree begins."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        _, _, self.page_size, _, *_ = self._read_meta(_PAGE.size)
        metas = [self._read_meta(n * self.page_size + _PAGE.size) for n in (0, 1)]
        newest = max(metas, key=lambda meta: meta[8])
        self.root = newest[4]

    def _read_meta(self, at: int) -> tuple[int, ...]:
        meta = _META.unpack_from(self.data, at)
        if meta[0] != META_MAGIC:
            raise ValueError("not a file of bbolt")
        return meta

    def read_bucket(self, name: bytes) -> dict[str, bytes]:
        for key, value in self._walk(self.root):
            if key == name:
                root, _ = _BUCKET.unpack_from(value)
                items = self._walk(root) if root else _leaves(value, _BUCKET.size)
                return {inner.decode(): content for inner, content in items}
        return {}

    def _walk(self, page: int) -> Iterator[tuple[bytes, bytes]]:
        """Yield the items below a page in order."""
        at = page * self.page_size
        _, flags, count, _ = _PAGE.unpack_from(self.data, at)
        if flags & _LEAF_PAGE:
            yield from _leaves(self.data, at)
        elif flags & _BRANCH_PAGE:
            for number in range(count):
                element = at + _PAGE.size + number * _BRANCH.size
                yield from self._walk(_BRANCH.unpack_from(self.data, element)[2])
        else:
            raise ValueError(f"page {page} is neither branch nor leaf")


def _leaves(data: bytes, at: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield the items of a leaf page that begins at `at`."""
    _, _, count, _ = _PAGE.unpack_from(data, at)
    for number in range(count):
        element = at + _PAGE.size + number * _LEAF.size
        _, position, key_size, value_size = _LEAF.unpack_from(data, element)
        begin = element + position
        yield data[begin : begin + key_size], data[begin + key_size :][:value_size]
