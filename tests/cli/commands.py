"""Running the command line in this process, as a user would in another."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from planespec.reports.cli.main import run

COUNTER = '''
"""A counter for tests."""
from enum import Enum
from typing import Annotated
from planespec.checker.lang import (
    Array, Bag, Domain, Model, Range, Size, Sort, action, among, choose, constant, constraint,
    each, invariant, mutant, reachable, record, require, sort, step_invariant, terminal,
)

class Counter(Model):
    """Counts up."""
    limit: int = constant(3, at_least=1, at_most=9)
    runaway: bool = mutant("It does not stop at the limit.")
    harmless: bool = mutant("It does nothing at all.")
    count: Annotated[int, Range(0, 9)] = 0
    idle: bool = False
    deadlock = False

    @action
    def up(self) -> None:
        """One more."""
        require(self.count < self.limit or (self.runaway and self.count < 9))
        self.count += 1

    @action
    def never(self) -> None:
        """Not enabled."""
        require(self.count < 0)
        self.idle = True

    @invariant
    def within_limit(self) -> bool:
        """The count stays within the limit."""
        return self.count <= self.limit

    @reachable
    def full(self) -> bool:
        """The limit is reached."""
        return self.count == self.limit
'''


@dataclass(frozen=True)
class Answer:
    """What a command printed and its exit code."""

    code: int
    out: str
    err: str


class Commands:
    """Runs commands in a folder of its own, where it can write model files."""

    def __init__(self, folder: Path, captured: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._captured = captured

    def write(self, text: str, name: str = "counter.py") -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def __call__(self, *arguments: str | Path) -> Answer:
        self._captured.readouterr()
        code = run([str(argument) for argument in arguments])
        shown = self._captured.readouterr()
        return Answer(code, shown.out, shown.err)
