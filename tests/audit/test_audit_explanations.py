"""Every requirement of an audit is explained, with an example that breaks it."""

from pathlib import Path

import pytest

from planespec.reports.audit.explanations import explain, read_explanations
from planespec.reports.audit.log_files import audit_logs, is_log
from planespec.reports.audit.sources import audit_files
from planespec.reports.cli.main import run
from planespec.spec.cluster.snapshot_judge import list_audited


def test_each_requirement_has_one_explanation_and_no_other_has() -> None:
    assert [*read_explanations()] == [each.id for each in list_audited()]


def found(text: str, folder: Path) -> set[str]:
    example = folder / "example.yaml"
    example.write_text(text, encoding="utf-8")
    name = str(example)
    report = audit_logs([name]) if is_log(name) else audit_files([name])
    assert report.malformed == []
    return {each.requirement.id for each in report.violations}


@pytest.mark.parametrize("id_", read_explanations())
def test_the_example_breaks_the_requirement_and_what_is_put_right_does_not(
    id_: str, tmp_path: Path
) -> None:
    told = read_explanations()[id_]
    assert id_ in found(told.example, tmp_path)
    if told.mended:
        assert id_ not in found(told.mended, tmp_path)


def test_it_tells_statement_source_remedy_and_example() -> None:
    told = explain("obj-13")
    assert told.startswith("OBJ-13 warning: A Service or disruption budget with a selector")
    assert "written in https://kubernetes.io/docs/" in told
    assert "what can be done: Correct the selector" in told
    assert "    kind: Service" in told


def test_an_unknown_requirement_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", "--explain", "OBJ-999"]) == 151
    assert "OBJ-999" in capsys.readouterr().err
