"""The `planespec` fixture: run a command, get its exit code and what it printed."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from commands import Commands


@pytest.fixture
def planespec(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Commands:
    monkeypatch.setenv("PLANESPEC_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return Commands(tmp_path, capsys)
