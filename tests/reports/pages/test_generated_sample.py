"""The pages in reports/generated are those that the models give now.

They are made from the root of the repository with
`planespec report raft.election tests/models/peterson.py tests/models/two_phase.py -o
reports/generated`.
"""

from pathlib import Path

import pytest
from sample import ROOT

from planespec.checker.errors import ExitCode
from planespec.reports.cli.main import run

MODELS = ("raft.election", "tests/models/peterson.py", "tests/models/two_phase.py")
GENERATED = ROOT / "reports" / "generated"


@pytest.mark.slow
def test_the_committed_pages_are_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    arguments = ["report", *MODELS, "-o", "reports/generated", "--check"]
    code = run([*arguments, "--run", str(tmp_path / "answers")])
    assert code == ExitCode.HOLDS, capsys.readouterr().out


def test_the_committed_pages_are_those_of_their_list() -> None:
    named = (GENERATED / "files.txt").read_text(encoding="utf-8").split()
    found = [p.relative_to(GENERATED).as_posix() for p in GENERATED.rglob("*") if p.is_file()]
    assert sorted(found) == sorted([*named, "files.txt"])
