"""Judge of `etcd.history`: whole histories in the form of etcd's robustness reports.

A path is a report folder (`client-*/operations.json`, `client-*/watch.json`) or one
`operations.json`. The store must have been empty at the start. Kinds: `linearizable`, `read of
the past`, and the nine guarantees of watches, one case for each watch and guarantee.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from planespec.checker.errors import InputError
from planespec.checker.linearizability import Limits, Result, SequentialModel, Verdict, check
from planespec.checker.linearizability.linearization import DEFAULT_LIMITS
from planespec.reports.judge.history.history_files import Recorded, read_operations, read_report
from planespec.reports.judge.history.history_json import NEVER, write_operation
from planespec.reports.judge.runner import Comparison, UndecidedError, compare
from planespec.spec.etcd.history import (
    HistoryRequest,
    Observation,
    accepts,
    is_historic,
    is_read,
    replay_without_compaction,
    step,
)
from planespec.spec.etcd.requests import DeleteRange, Put, Txn
from planespec.spec.etcd.store import Store
from planespec.spec.etcd.watch import SeenEvent, SeenWatch, as_value_or_hash, build_replay
from planespec.spec.etcd.watch_guarantees import GUARANTEES, Broken, describe, get_breaches

# Judge a whole history: linearizable writes and reads, reads of the past, and every watch.


MODEL: SequentialModel[Store, HistoryRequest, Observation] = SequentialModel(
    Store(), step, accepts, is_read
)
"""A member that starts empty."""

Change = tuple[str, object]
"""A key and what it was set to; None is its deletion."""


@dataclass(frozen=True)
class Judgement:
    """What a history shows.

    The verdict is Ok only when a linearization exists, every read of the past agrees with it
    and no watch breaks a guarantee.
    """

    verdict: Verdict
    linearization: Result[Store, HistoryRequest, Observation]
    wrong_reads: tuple[Recorded, ...] = ()
    by_watch: tuple[tuple[Broken, ...], ...] = ()
    reason: str = ""

    @property
    def breaches(self) -> tuple[Broken, ...]:
        """The breaches of all watches."""
        return tuple(breach for found in self.by_watch for breach in found)


def judge_history(
    operations: list[Recorded], watches: list[SeenWatch], limits: Limits = DEFAULT_LIMITS
) -> Judgement:
    """Judge operations and watches of a store that was empty at the start.

    Watches first settle the operations of unknown outcome of which exactly one explains an
    event. If a watch then disagrees while others are not settled, the verdict is Unknown.
    """
    history = settle_by_watches(operations, watches)
    result = check(MODEL, [op for op in history if not is_historic(op.input)], limits)
    if result.verdict is not Verdict.OK:
        return Judgement(result.verdict, result, reason=result.reason)
    store = replay_without_compaction(op.input for op in result.order)
    wrong = tuple(op for op in history if is_historic(op.input) and not _agrees(store, op))
    replay = build_replay(store)
    by_watch = tuple(tuple(get_breaches(watch, replay)) for watch in watches)
    unsettled = len(history) - sum(map(is_historic, (op.input for op in history)))
    unsettled -= len(result.order)
    if any(by_watch) and unsettled:
        reason = f"{unsettled} operations of unknown outcome leave what a watch saw open"
        return Judgement(Verdict.UNKNOWN, result, wrong, by_watch, reason)
    broken = wrong or any(by_watch)
    return Judgement(Verdict.ILLEGAL if broken else Verdict.OK, result, wrong, by_watch)


def settle_by_watches(operations: list[Recorded], watches: list[SeenWatch]) -> list[Recorded]:
    """Mark an operation of unknown outcome as done where it alone explains what a watch saw."""
    seen: dict[int, set[SeenEvent]] = {}
    for watch in watches:
        for event in watch.events:
            seen.setdefault(event.revision, set()).add(event)
    explained = {op.output.revision for op in operations if op.output is not None}
    settled = list(operations)
    for revision in sorted(seen.keys() - explained):
        changes = Counter(_as_change(event) for event in seen[revision])
        matching = [i for i, op in enumerate(settled) if op.is_unknown and _makes(op, changes)]
        if len(matching) == 1:
            done = Observation(revision, persisted=True)
            (at,) = matching
            settled[at] = replace(settled[at], output=done, returned=NEVER)
    return settled


def _as_change(event: SeenEvent) -> Change:
    return event.key, None if event.is_delete else event.value


def _makes(operation: Recorded, changes: Counter[Change]) -> bool:
    """Say whether a branch of an operation writes everything that was seen of one revision."""
    request = operation.input
    branches = (request.success, request.failure) if isinstance(request, Txn) else ((request,),)
    return any(not changes - _get_changes(branch) for branch in branches)


def _get_changes(branch: tuple[object, ...]) -> Counter[Change]:
    changes: Counter[Change] = Counter()
    for each in branch:
        if isinstance(each, Put):
            changes[each.key, as_value_or_hash(each.value)] += 1
        elif isinstance(each, DeleteRange):
            changes[each.key, None] += 1
    return changes


def _agrees(store: Store, operation: Recorded) -> bool:
    """Say whether a read of the past agrees; a refusal as compacted is always possible."""
    seen = operation.output
    if seen is None or seen.client_error or seen.persisted:
        return True
    _, answer = step(store, operation.input)
    return answer.results == seen.results


def judge(path: Path) -> Iterator[Comparison]:
    """Yield one comparison for the order of all operations, each read of the past, each guarantee.

    Raises InputError for a folder or file that cannot be understood, UndecidedError where the
    history is neither shown to be right nor wrong.
    """
    operations, watches = read_report(path) if path.is_dir() else (read_operations(path), [])
    if not operations:
        raise InputError("holds watches without the operations they saw", file=path)
    judgement = judge_history(operations, watches)
    if judgement.verdict is Verdict.UNKNOWN:
        raise UndecidedError(f"{path}: not decided: {judgement.reason}")
    yield _judge_order(path, operations, judgement)
    if judgement.linearization.verdict is Verdict.OK:
        yield from _judge_reads(path, operations, judgement)
        yield from _judge_watches(path, watches, judgement)


def _judge_order(path: Path, operations: list[Recorded], judgement: Judgement) -> Comparison:
    result = judgement.linearization
    blocked = [
        {"operation": write_operation(each.operation), "the store answers": str(each.answer)}
        for each in result.blocked
    ]
    given = {"operations": len(operations), "explained": len(result.order)}
    return compare("linearizable", str(path), given, [], blocked)


def _judge_reads(
    path: Path, operations: list[Recorded], judgement: Judgement
) -> Iterator[Comparison]:
    for operation in operations:
        if is_historic(operation.input):
            wrong = operation in judgement.wrong_reads
            given = write_operation(operation)
            yield compare("read of the past", str(path), given, "agrees", _say(wrong))


def _judge_watches(
    path: Path, watches: list[SeenWatch], judgement: Judgement
) -> Iterator[Comparison]:
    for number, watch in enumerate(watches):
        given = {"watch": number, "key": watch.key, "revision": watch.revision}
        for name in GUARANTEES:
            broken = judgement.by_watch[number]
            found = [describe(each) for each in broken if each.requirement.name == name]
            yield compare(name, f"{path}: watch {number}", given, [], found)


def _say(wrong: bool) -> str:
    return "differs from the order found" if wrong else "agrees"
