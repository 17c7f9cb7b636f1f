"""A report of two small models and a broken one, made once, and the command that makes it."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from sample import BROKEN, ROOT, Made, report


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The report in all formats; its answers lie in a run folder that other tests may use."""
    folder = tmp_path_factory.mktemp("report")
    (folder / "broken.py").write_text(BROKEN, encoding="utf-8")
    shutil.copy(ROOT / "tests/models/two_phase.py", folder)
    return report(folder, "two_phase.py", "broken.py")


@pytest.fixture
def in_folder(made: Made, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Made]:
    """Work where the report was made, so that its file names mean the same."""
    monkeypatch.chdir(made.folder)
    return lambda: made
