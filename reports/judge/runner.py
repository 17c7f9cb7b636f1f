"""The judges by name, running one over recordings, and one recorded answer beside ours."""

import importlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path

from planespec.checker.errors import (
    ConfigurationError,
    ExitCode,
    InputError,
    PlanespecError,
    did_you_mean,
)
from planespec.reports.input.lines import read_records

# One recorded answer beside ours, and how the two differ field by field.


class UndecidedError(PlanespecError):
    """A limit was reached, or what is not recorded leaves open what happened."""

    exit_code = ExitCode.UNKNOWN


class Absent:
    """Stands for a field that one side does not have."""

    def __repr__(self) -> str:
        return "(absent)"


ABSENT = Absent()


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which two JSON values differ; `field` is a path such as `.limits.cpu` or ``."""

    field: str
    expected: object
    actual: object


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an answer differs, where a judge can say more than the difference."""

    lines: tuple[str, ...]
    """For people."""
    more: tuple[str, ...]
    """For people who ask for everything."""
    data: dict[str, object]
    """All of it, as JSON."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One judged case: `where` is file:line, `given` the question, and the two answers."""

    kind: str
    where: str
    given: object
    expected: object
    actual: object
    agrees: bool
    explanation: Explanation | None = None


def compare(kind: str, where: str, given: object, expected: object, actual: object) -> Comparison:
    """Make a comparison that agrees when the two JSON values are the same in every field."""
    agrees = next(differences(expected, actual), None) is None
    return Comparison(kind, where, given, expected, actual, agrees)


def differences(expected: object, actual: object, field: str = "") -> Iterator[Difference]:
    """Yield every field in which two JSON values differ, outermost name first.

    Types count: `1`, `1.0` and `true` are three values, as they are in a recording.
    """
    if isinstance(expected, dict) and isinstance(actual, dict):
        for name in sorted(expected.keys() | actual.keys(), key=str):
            inner = f"{field}.{name}"
            yield from differences(expected.get(name, ABSENT), actual.get(name, ABSENT), inner)
    elif isinstance(expected, list) and isinstance(actual, list):
        for index in range(max(len(expected), len(actual))):
            inner = f"{field}[{index}]"
            yield from differences(_item(expected, index), _item(actual, index), inner)
    elif type(expected) is not type(actual) or expected != actual:
        yield Difference(field, expected, actual)


def _item(values: list[object], index: int) -> object:
    return values[index] if index < len(values) else ABSENT


Judge = Callable[[Path], Iterator[Comparison]]
"""Yield one comparison for each case of a recording; raise InputError where it is malformed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a judge lives (`planespec.reports.judge.<module>`) and what it holds to what."""

    module: str
    summary: str
    keys: Set[str] = frozenset()
    """Keys that every line of its recordings has; a form without JSON lines has none."""
    kinds: Set[str | None] = frozenset()
    """Values of a line's `kind`, None for no such key, where the keys alone do not tell."""

    def _recognises(self, record: Mapping[str, object]) -> bool:
        """Say whether a line looks like one of its recordings."""
        if not self.keys or not self.keys <= record.keys():
            return False
        return not self.kinds or any(record.get("kind") == kind for kind in self.kinds)


CHAIN_KINDS = {
    *("authn", "audit_policy", "authz_order", "chain", "max_inflight", "priority_and_fairness"),
    *("flow_classification", "timeouts", "concurrency_allocation", "shuffle_sharding"),
    "flow_schema_match",
}

JUDGES = {
    "admission": Entry(
        "apiserver.admissions.admission_judge",
        "creations of pods: defaults, admission plugins, validation, Pod Security",
        keys={"namespace", "limitranges", "cases"},
    ),
    "admission_webhooks": Entry(
        "apiserver.admissions.webhook_judge",
        "webhooks and policies: whom the API server asks, in what order, what it makes of it",
        keys={"in", "out"},
        kinds={"admission"},
    ),
    "apiserver_chain": Entry(
        "apiserver.chain.chain_judge",
        "what the API server does around a handler: identity, audit, limits, fairness, time",
        keys={"kind"},
        kinds=CHAIN_KINDS,
    ),
    "apiserver_ops": Entry(
        "apiserver.object_requests",
        "requests for ConfigMaps in order: writes, patches, deletion, reads, and their watch",
        keys={"startResourceVersion", "ops"},
    ),
    "apiserver_updates": Entry(
        "apiserver.object_updates",
        "merge patches to objects of 22 kinds and to their status: refusals, what changes",
        keys={"in", "out"},
        kinds={"update"},
    ),
    "authz": Entry(
        "apiserver.authz_judge",
        "authorizers (node, ABAC, RBAC, unions), request attributes, impersonation, nodes",
        keys={"kind", "in", "out"},
        kinds={
            *("abac", "impersonation", "node_authorizer", "node_identity"),
            *("rbac", "request_info", "union"),
        },
    ),
    "etcd": Entry(
        "etcd",
        "put, range, delete, txn, compaction, leases, watch of the etcd store",
        keys={"startRevision", "ops"},
    ),
    "etcd.history": Entry(
        "history.etcd_history",
        "concurrent histories: linearizability and the guarantees of watches",
    ),
    "history": Entry(
        "history.histories", "histories of Jepsen, Porcupine and etcd: are they linearizable"
    ),
    "kubelet_pleg": Entry(
        "node.lifecycle_judge",
        "pod lifecycle events: what a kubelet notices by listing containers",
        keys={"channelCapacity", "steps"},
    ),
    "kubelet_statusmanager": Entry(
        "node.status_judge",
        "the status manager of a kubelet: what it holds of a pod's status, and what it sends",
        keys={"pod", "static", "mirror", "steps"},
    ),
    "primitives": Entry(
        "primitives",
        "quantities, effective requests, QoS, selectors, taints, names",
        keys={"in"},
        kinds={None},
    ),
    "quota": Entry(
        "apiserver.admissions.quota_judge",
        "creations under resource quotas, and what is used after each",
        keys={"quotas", "ops"},
    ),
    "raft": Entry(
        "raft.raft_recordings",
        "an etcd-raft node, through recorded scenarios and traces",
        keys={"config", "steps"},
    ),
    "raft.quorum": Entry(
        "raft.raft_quorum", "majority and joint commit index, vote result, membership changes"
    ),
    "raft.transcripts": Entry(
        "raft.raft_transcripts", "etcd-raft nodes driven by commands, with all that they print"
    ),
    "rbac": Entry(
        "apiserver.rbac_judge",
        "RBAC: decisions and the bindings that decide, aggregated roles",
        keys={"objects", "reviews"},
    ),
    "rbac_escalation": Entry(
        "apiserver.rbac_escalation_judge",
        "who may create a Role: only with rules that they hold",
        keys={"held", "attempts"},
    ),
    "scheduler": Entry(
        "scheduling", "filters, scores and preemption of kube-scheduler", keys={"case", "verdict"}
    ),
    "ssa": Entry(
        "apiserver.applied_objects",
        "server-side apply by several managers mixed with other writes",
        keys={"in", "out"},
        kinds={"ssa"},
    ),
    "watchlist": Entry(
        "apiserver.watchlist_judge",
        "lists and watches by resource version, limit, token, selector; bookmarks, compaction",
        keys={"in", "out"},
        kinds={"watchlist"},
    ),
}
"""NAME of the command line, the stem of the recording where there is one, to its judge."""


FORMERLY = {"scheduling": "scheduler", "validation": "admission"}
"""Names that judges had in earlier releases, still understood."""


def load_judge(name: str) -> Judge:
    """Import and return the judge called `name`; ConfigurationError when there is none."""
    name = FORMERLY.get(name, name)
    if name not in JUDGES:
        known = ", ".join(sorted(JUDGES)) + did_you_mean(name, JUDGES)
        raise ConfigurationError(f"nothing is called {name!r} to conform; known: {known}")
    module = importlib.import_module(f"planespec.reports.judge.{JUDGES[name].module}")
    judge: Judge = module.judge
    return judge


def load_judges(paths: Sequence[Path]) -> tuple[list[str], dict[Path, Judge]]:
    """Recognise each recording, and return the names of the judges and the judge of each path.

    Where the names are several, kinds are counted as `name: kind`. Raises InputError.
    """
    names = {path: recognise(path) for path in paths}
    distinct = sorted(set(names.values()))
    if len(distinct) == 1:
        return distinct, dict.fromkeys(paths, load_judge(distinct[0]))
    return distinct, {path: _name_kinds(name) for path, name in names.items()}


def _name_kinds(name: str) -> Judge:
    judge = load_judge(name)
    return lambda path: (replace(each, kind=f"{name}: {each.kind}") for each in judge(path))


def recognise(path: Path) -> str:
    """Return the name of the judge whose recordings look like the first case of a file.

    A line about the cluster (`{"cluster": ...}`) is no case. Raises InputError where no judge, or
    more than one, has such lines: text forms have to be named, and what is read from a pipe.
    """
    if path.is_fifo() or path.is_char_device():
        raise InputError("can be read once only; give the name: conform NAME FILE", file=path)
    line, record = next(_read_cases(path), (0, {}))
    if not line:
        raise InputError("holds no case to judge", file=path)
    names = [name for name, entry in JUDGES.items() if entry._recognises(record)]
    if len(names) == 1:
        return names[0]
    said = f"looks like {' and '.join(names)}" if names else "is of no recording that is known"
    raise InputError(f"{said}; give the name: conform NAME FILE", file=path, line=line)


def _read_cases(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    return ((line, record) for line, record in read_records(path) if record.keys() != {"cluster"})


Progress = Callable[["Tally"], None]
"""Called now and then with the counts so far."""


@dataclass(slots=True)
class Count:
    """Cases judged and cases that agree, of one kind."""

    cases: int = 0
    agree: int = 0


@dataclass(slots=True)
class Tally:
    """What was judged: counts by kind, the first disagreements, and whether it was cut short."""

    keep: int
    """How many disagreements are kept to be shown."""
    kinds: dict[str, Count] = field(default_factory=dict)
    disagreements: list[Comparison] = field(default_factory=list)
    files: int = 0
    """Recordings judged to the end."""
    interrupted: bool = False

    @property
    def cases(self) -> int:
        """All cases judged."""
        return sum(count.cases for count in self.kinds.values())

    @property
    def agree(self) -> int:
        """All cases that agree."""
        return sum(count.agree for count in self.kinds.values())

    @property
    def exit_code(self) -> ExitCode:
        """HOLDS only when something was judged to the end and everything agrees."""
        if self.interrupted:
            return ExitCode.INTERRUPTED
        if self.agree < self.cases:
            return ExitCode.SAFETY
        return ExitCode.HOLDS if self.cases else ExitCode.PARSE

    def add(self, comparison: Comparison) -> None:
        """Count one comparison, and keep it if it is among the first that disagree."""
        count = self.kinds.setdefault(comparison.kind, Count())
        count.cases += 1
        if comparison.agrees:
            count.agree += 1
        elif len(self.disagreements) < self.keep:
            self.disagreements.append(comparison)


def run(
    judge: Judge | Mapping[Path, Judge],
    paths: Sequence[Path],
    *,
    keep: int = 5,
    progress: Progress | None = None,
    every: float = 0.2,
) -> Tally:
    """Judge every case of every recording in order, by one judge or each by its own.

    Ctrl-C ends with the counts so far.

    The first `keep` disagreements are kept; `progress` is called every so many seconds.
    Raises InputError where a recording is malformed or holds no case: an empty recording shows
    nothing, so it is never a success.
    """
    tally = Tally(keep)
    try:
        for path in paths:
            chosen = judge[path] if isinstance(judge, Mapping) else judge
            _judge_file(chosen, path, tally, progress or _ignore, every)
            tally.files += 1
    except KeyboardInterrupt:
        tally.interrupted = True
    return tally


def _judge_file(judge: Judge, path: Path, tally: Tally, progress: Progress, every: float) -> None:
    before, reported = tally.cases, time.monotonic()
    for comparison in judge(path):
        tally.add(comparison)
        if time.monotonic() - reported >= every:
            progress(tally)
            reported = time.monotonic()
    if tally.cases == before:
        raise InputError("holds no case to judge", file=path)


def _ignore(tally: Tally) -> None:
    """Report nothing."""
