"""Every `console` block of the documentation is run, and prints what it says it prints.

A command without output below it must succeed. In a page, a Python block is written to the file
that the line before it names ("Save this as `lock.py`:"), and the commands after it run in the
folder of that file. A line `...` stands for any lines. Times and workers are not compared.
"""

import contextlib
import io
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from planespec.checker import run as checker_run
from planespec.reports.cli.main import run

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
LONG = {
    *("apiserver.md", "conform.md", "controller-models.md", "controllers.md", "kubelet.md"),
    *("proofs.md", "storage.md"),
}
"""Pages whose commands search large models and judge whole recordings."""
CASES = [
    pytest.param(page, marks=[pytest.mark.slow] if page.name in LONG else []) for page in PAGES
]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"`([\w./-]+\.(?:py|json|txt))`[^\n]*:\s*\Z")
_VOLATILE = ((re.compile(r"\d+\.\d+ s\b"), "T s"), (re.compile(r"\d+ workers?"), "N workers"))


@dataclass(frozen=True)
class Block:
    """A fenced block; `file` is what the text before it calls it."""

    kind: str
    text: str
    file: str | None


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    for match in _FENCE.finditer(text):
        named = _FILE.search(text[: match.start()])
        yield Block(match[1], match[2], named[1] if named else None)


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Each command of a console block with the output shown below it."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def steady(text: str) -> str:
    """The text without what differs from run to run; a slow machine says how far it is."""
    for pattern, word in _VOLATILE:
        text = pattern.sub(word, text)
    lines = [line.rstrip() for line in text.strip().splitlines()]
    return "\n".join(line for line in lines if not line.startswith("Progress("))


def matches(expected: str, actual: str) -> bool:
    """Whether the output is the expected one, where `...` stands for any lines."""
    parts = [re.escape(part) for part in re.split(r"^\.\.\.$", expected, flags=re.MULTILINE)]
    return re.fullmatch(".*".join(parts), actual, re.DOTALL) is not None


def execute(command: str) -> tuple[int, str]:
    """Run `planespec ...` in this process and return its exit code and what it prints."""
    words = shlex.split(command)
    assert words[0] == "planespec", f"only planespec commands stand in console blocks: {command}"
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(shown):
        code = run(words[1:])
    return code, shown.getvalue()


@pytest.mark.parametrize("page", CASES, ids=lambda page: page.name)
def test_every_command_of_a_page_prints_what_the_page_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLANESPEC_CACHE", str(tmp_path / "cache"))
    # The pages name the engine that a machine with nothing else to do picks.
    monkeypatch.setattr(checker_run, "PROBE_SECONDS", 60.0)
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    for block in blocks(page):
        if block.file is not None and block.kind in {"python", "json", "text"}:
            (tmp_path / block.file).write_text(block.text, encoding="utf-8")
        if block.kind != "console":
            continue
        for command, output in commands(block.text):
            code, printed = execute(command)
            actual = steady(printed)
            as_shown = matches(steady(output), actual) if output.strip() else code == 0
            assert as_shown, f"{page.name}: $ {command}\n{actual}"


def test_commands_outside_console_blocks_are_those_that_ci_runs() -> None:
    shown = {
        command
        for page in PAGES
        for block in blocks(page)
        if block.kind != "console"
        for command, _ in commands(block.text)
    }
    assert all(command.startswith("python3 -m venv .venv && ") for command in shown)
    assert sum("pytest" in command for command in shown) == 1
    assert sum(" check raft.election" in command for command in shown) == 1


def test_the_comparison_can_fail() -> None:
    assert matches("a\n...\nc", "a\nb\nb\nc")
    assert not matches("a\n...\nc", "a\nb\nb\nd")
