"""Makes the helpers of the command line tests importable, whatever folder pytest is run in."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "cli"))

from commands import Commands


@pytest.fixture
def planespec(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Commands:
    monkeypatch.setenv("PLANESPEC_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return Commands(tmp_path, capsys)
