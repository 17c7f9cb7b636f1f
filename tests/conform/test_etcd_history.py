"""The judge of `etcd.history`: what a report folder of concurrent clients shows."""

from dataclasses import replace
from pathlib import Path

import pytest

from planespec.checker.errors import ExitCode, InputError
from planespec.checker.linearizability import Operation
from planespec.reports.judge.history.etcd_history import judge
from planespec.reports.judge.history.history_files import write_report
from planespec.reports.judge.runner import UndecidedError, run
from planespec.spec.etcd import Store
from planespec.spec.etcd.history import step
from planespec.spec.etcd.requests import Put, Range, Txn
from planespec.spec.etcd.watch import SeenEvent, SeenResponse, SeenWatch

RECORDED = Path(__file__).resolve().parents[1] / "recorded/etcd_history"

REQUESTS = [Txn(success=(Put("a", "1"),)), Txn(success=(Put("a", "2"),)), Range("a", revision=2)]


def answered():
    store, operations = Store(), []
    for at, request in enumerate(REQUESTS):
        store, seen = step(store, request)
        operations.append(Operation(at, request, seen, 10 * at, 10 * at + 5))
    return operations


FIRST = SeenEvent("a", "1", 2, is_create=True)
SECOND = SeenEvent("a", "2", 3)


def saw(*events):
    return SeenWatch("a", 2, responses=(SeenResponse(tuple(events)),))


@pytest.fixture
def tally(tmp_path):
    def judge_one(operations, *watches):
        write_report(tmp_path / "report", operations, {9: list(watches)})
        return run(judge, [tmp_path / "report"])

    return judge_one


def test_a_right_history_agrees_in_order_reads_and_guarantees(tally):
    result = tally(answered(), saw(FIRST, SECOND))
    assert result.exit_code == ExitCode.HOLDS
    assert (result.cases, len(result.kinds)) == (11, 11)


def test_a_watch_that_skips_an_event_is_a_disagreement_of_that_guarantee(tally):
    result = tally(answered(), saw(FIRST, SECOND), saw(SECOND))
    assert result.exit_code == ExitCode.SAFETY
    kinds = [(each.kind, each.given["watch"]) for each in result.disagreements]
    assert kinds == [("Resumable", 1), ("Reliable", 1)]


def test_a_wrong_read_of_the_past_is_a_disagreement(tally):
    operations = answered()
    operations[2] = replace(operations[2], output=step(Store(), Range("b"))[1])
    assert [each.kind for each in tally(operations).disagreements] == ["read of the past"]


def test_an_order_that_cannot_be_shows_what_was_blocked(tally):
    operations = answered()[:1] * 2
    (found,) = tally(operations).disagreements
    assert (found.kind, found.given) == ("linearizable", {"operations": 2, "explained": 1})
    assert "the store answers" in found.actual[0]


def test_what_is_not_decided_ends_with_its_own_exit_code(tally):
    lost = Operation(0, REQUESTS[0], None, 0, None)
    with pytest.raises(UndecidedError, match="not decided") as caught:
        tally([lost], saw(SeenEvent("a", "9", 2, is_create=True)))
    assert caught.value.exit_code == ExitCode.UNKNOWN


def test_watches_alone_show_nothing(tally):
    with pytest.raises(InputError, match="without the operations"):
        tally([], saw(FIRST))


def test_a_history_recorded_from_three_real_members_agrees():
    """Four clients of etcd 3.5.1, one crash and one stall; two answers were lost."""
    result = run(judge, [RECORDED])
    assert result.disagreements == []
    assert result.exit_code == ExitCode.HOLDS
    assert result.kinds["Reliable"].cases == 6
