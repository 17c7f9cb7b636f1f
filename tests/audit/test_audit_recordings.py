"""Following recorded clusters: no false alarm, and a tampered line is found where it stands."""

import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from tampering import RECORDINGS, Tampered, tamper

from planespec.reports.audit.audit_result import Report
from planespec.reports.audit.log_audit import LogAudit
from planespec.reports.audit.log_files import audit_logs

SAMPLE = [path for path in RECORDINGS if path.name[:2] in ("04", "06", "09", "10")]
"""The kinds with most odd behaviour; all of them are followed with -m slow."""


def follow(tampered: Tampered) -> Report:
    report = Report()
    audit = LogAudit("log", report)
    for number, raw in enumerate(tampered.lines, 1):
        audit.read(number, raw)
    audit.finish()
    return report


def is_found_there(tampered: Tampered) -> bool:
    """Whether a violation names the changed line, be it as the later end of the step."""
    return any(
        reference.place is not None and reference.place.line == tampered.line
        for violation in follow(tampered).violations
        for reference in violation.objects
    )


def share_found(count: int, seed: int) -> float:
    missed: Counter[str] = Counter()
    for tampered in tamper(count, seed):
        if not is_found_there(tampered):
            missed[tampered.kind] += 1
            print(f"missed: {tampered.recording.name}:{tampered.line} {tampered.kind}")
    return 1 - missed.total() / count


@pytest.mark.parametrize("recording", SAMPLE, ids=lambda path: path.name[:-9])
def test_a_recorded_cluster_gives_no_false_alarm(recording: Path) -> None:
    report = audit_logs([str(recording)])
    assert report.violations == []
    assert report.malformed == []


@pytest.mark.slow
def test_no_recorded_cluster_gives_a_false_alarm() -> None:
    report = audit_logs([str(path) for path in RECORDINGS])
    assert len(RECORDINGS) == 51
    assert (report.violations, report.malformed) == ([], [])
    assert report.counts["audit event"] == 15_615


def test_a_refused_binding_is_told_from_one_that_happened() -> None:
    recording = next(path for path in RECORDINGS if path.name.startswith("10_"))
    facts = audit_logs([str(recording)]).exceptions
    assert len(facts["a second binding of a pod is refused (409)"]) == 5
    (lost,) = facts["a binding to a node that does not exist is accepted"]
    assert lost.name == "bind-gone"


def test_tampered_lines_are_found() -> None:
    assert share_found(6, seed=1) == 1


@pytest.mark.slow
def test_of_500_tampered_copies_99_in_100_are_found() -> None:
    assert share_found(500, seed=2) >= 0.99


def test_the_log_of_a_deployment_gives_no_false_alarm() -> None:
    folder = RECORDINGS[0].parents[1] / "openim-cluster"
    report = audit_logs([str(folder / "audit.jsonl.gz")])
    assert report.counts["audit event"] == 2_651
    assert (report.violations, report.malformed) == ([], [])
