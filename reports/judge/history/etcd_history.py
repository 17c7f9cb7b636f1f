"""Judge of `etcd.history`: concurrent histories in the form of etcd's robustness reports.

A path is a report folder (`client-*/operations.json`, `client-*/watch.json`) or one
`operations.json`. The store must have been empty at the start. Kinds: `linearizable`, `read of
the past`, and the nine guarantees of watches, one case for each watch and guarantee.
"""

from collections.abc import Iterator
from pathlib import Path

from planespec.checker.errors import InputError
from planespec.checker.linearizability import Verdict
from planespec.reports.judge.comparison import Comparison, UndecidedError, compare
from planespec.reports.judge.history.history_files import Recorded, read_operations, read_report
from planespec.reports.judge.history.history_json import write_operation
from planespec.reports.judge.history.judgement import Judgement, judge_history
from planespec.spec.etcd.history import is_historic
from planespec.spec.etcd.watch_guarantees import GUARANTEES, describe
from planespec.spec.etcd.watch_records import SeenWatch


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
