"""Where the files of the repository are; shared by the tests of this folder."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("spec", "model", "checker", "reports")
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "build", "dist", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis"
)
"""For a copy of the sources alone."""
_IGNORED = {".git", ".venv", "__pycache__", ".pytest_cache", "build", "dist"}


def python_files(*folders: str) -> Iterator[Path]:
    """Every Python file under the folders of the repository, in order."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not _IGNORED.intersection(path.relative_to(ROOT).parts):
                yield path


def tracked_files() -> list[Path]:
    """The files of the repository: what git knows, or every text file where there is no git."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listing.returncode == 0 and listing.stdout:
        names = [ROOT / name for name in listing.stdout.split("\0") if name]
        return [path for path in names if path.is_file()]
    return [
        path
        for path in sorted(ROOT.rglob("*"))
        if path.is_file() and not _IGNORED.intersection(path.relative_to(ROOT).parts)
    ]


def name(path: Path) -> str:
    """The path as a reader of the repository writes it."""
    return path.relative_to(ROOT).as_posix()


def linked(folder: Path) -> Path:
    """A folder through which tools that run no code find the packages, under their full names."""
    (folder / "planespec").mkdir()
    (folder / "planespec/__init__.py").touch()  # else one that is installed goes before it
    for package in PACKAGES:
        (folder / "planespec" / package).symlink_to(ROOT / package)
    return folder


def assert_succeeds(*arguments: str, **environment: str) -> None:
    """Run a Python tool and fail with what it printed when it does not exit with 0."""
    _assert_succeeds("-m", *arguments, **environment)


def assert_code_succeeds(code: str, **environment: str) -> None:
    """Run one line of Python, for tools that are not modules to be run."""
    _assert_succeeds("-c", code, **environment)


def _assert_succeeds(*arguments: str, **environment: str) -> None:
    """Run Python from the root of the repository with the packages importable."""
    result = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / ".pypath")} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, f"{' '.join(arguments)}\n{result.stdout}{result.stderr}"
