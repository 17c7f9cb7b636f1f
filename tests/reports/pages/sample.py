"""The models of these tests, and the report made of them."""

import os
from dataclasses import dataclass
from pathlib import Path

from planespec.checker.errors import ExitCode
from planespec.reports.cli.main import run

ROOT = Path(__file__).resolve().parents[3]

BROKEN = '''
"""A sender and a receiver, with a receiver that believes everything."""
from typing import Annotated
from planespec.checker.lang import (
    Array, Domain, Model, Range, Sort, action, among, each, invariant, mutant, reachable, record,
    require, sort,
)

class Peer(Sort):
    """One of two."""

@record
class Note:
    """A number on its way; `<b>` & "quotes" must survive every format."""
    source: Peer
    target: Peer
    number: Annotated[int, Range(0, 2)]

class Broken(Model):
    """Peers count & tell; `a < b` is broken <at once>."""
    peers: Domain[Peer] = sort(2, at_least=2, at_most=2)
    harmless: bool = mutant("It changes nothing | at all.", issue="nowhere#1")
    deadlock = False
    count: Array[Peer, Annotated[int, Range(0, 2)]] = each(0)
    notes: set[Note] = set()

    @action
    def tell(self, p: Peer) -> None:
        """A peer counts and tells the other."""
        require(self.count[p] < 2)
        self.count[p] += 1
        for other in self.peers:
            if other != p:
                self.notes.add(Note(p, other, self.count[p]))

    @action
    def hear(self, n: Note = among("notes")) -> None:
        """A peer hears a number and takes it for its own."""
        self.notes.remove(n)
        self.count[n.target] = n.number

    @action
    def drop(self, n: Note = among("notes")) -> None:
        """The network loses a number."""
        self.notes.remove(n)

    @invariant
    def calm(self) -> bool:
        """Never do both peers <count> 2 | with nothing under way."""
        return not (all(self.count[p] == 2 for p in self.peers) and len(self.notes) == 0)

    @invariant
    def small(self) -> bool:
        """No peer counts beyond 2."""
        return all(self.count[p] <= 2 for p in self.peers)

    @reachable
    def talk(self) -> bool:
        """A note is under way."""
        return len(self.notes) > 0
'''


@dataclass(frozen=True)
class Made:
    """A report: its folder, the models, and where the answers are kept."""

    folder: Path
    models: tuple[str, ...]

    @property
    def pages(self) -> Path:
        return self.folder / "pages"

    def again(self, *options: str) -> int:
        """Run the command once more, with the answers of the first time."""
        run_ = ("--run", str(self.folder / "answers"))
        return run(["report", *self.models, "-o", str(self.pages), *run_, *options])


def report(folder: Path, *models: str) -> Made:
    """Make a report of model files in `folder`, which is the current folder meanwhile."""
    here = Path.cwd()
    os.chdir(folder)
    try:
        made = Made(folder, models)
        assert made.again() == ExitCode.HOLDS
    finally:
        os.chdir(here)
    return made
