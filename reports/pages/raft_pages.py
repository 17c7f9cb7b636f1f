"""Writes the pages about `raft.etcd`: its instances, pairs of its features, and its mutants.

`python -m planespec.reports.pages.raft_pages FOLDER` writes them into a folder, `docs` by default.
The numbers are those of `model/catalogue.toml` and `model/raft/etcd/pairs.toml`, which tests hold
the engine to.
"""

import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from textwrap import fill
from typing import Any

from planespec.checker.instance import Instance
from planespec.checker.lang.named import NamedInstance
from planespec.reports.input.catalogue import Killed, catalogue, load_model
from planespec.reports.text.wording import constant_as_json

MODELS = ("raft.etcd", "raft.etcd_calm", "raft.etcd_migrated")
"""All features; calm times; two servers after a migration. The last two judge liveness."""

WIDTH = 100
"""Columns of a line of prose."""

GENERATED = "<!-- Written by `python -m planespec.reports.pages.raft_pages`; do not edit. -->"

INSTANCES = """\
Every line is searched completely by the native engine; `planespec check NAME`, with the name in
the first column, repeats it. Constants that are not named have their defaults. "Size" is an
order of magnitude for the search: small takes less than a second, medium seconds, large up to a
minute. `raft.etcd_calm` and `raft.etcd_migrated` judge the promises of liveness as well.
"""

PAIRS = """\
Features that are each right may not be right together. For each pair of features one instance
that has both is searched completely, with all requirements. Constants that are not named have
their defaults. Where a pair is broken, no step of the library is at fault alone, and the reason
is below.
"""

MUTANTS = """\
A mutant brings back a bug or drops one guard. The steps are those of a shortest counterexample to
the requirement on the smallest instance found; without the mutant everything holds there, of the
largest within as many steps.
`planespec check MODEL --mutant NAME --requirement ID -c NAME=VALUE` shows the counterexample.
A mutant that a direct rule notices first (one pending change, what is durable) has a second line
with the safety requirement that it breaks, where one is known.
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """An instance that has two features of `raft.etcd`, and what came of it.

    A pair that is broken names the requirement, the steps of a shortest counterexample, and why.
    """

    features: tuple[str, str]
    constants: dict[str, bool | int | str]
    distinct: int
    generated: int
    depth: int
    requirement: str = ""
    steps: int = 0
    because: str = ""

    @property
    def verdict(self) -> str:
        """In a few words."""
        if not self.requirement:
            return "Holds"
        return f"Violated {self.requirement} in {self.steps} steps"


@cache
def features() -> dict[str, dict[str, bool | int | str]]:
    """The features by name, with the constants that switch them on."""
    found: dict[str, dict[str, bool | int | str]] = _pairs()["feature"]
    return found


@cache
def pairs() -> tuple[Pair, ...]:
    """What is known about every pair of features."""
    return tuple(
        Pair(**known | {"features": tuple(known["features"])}) for known in _pairs()["pair"]
    )


@cache
def _pairs() -> dict[str, Any]:
    text = files("planespec.model.raft.etcd").joinpath("pairs.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def render_pairs() -> str:
    """The table of pairs, and why the broken ones are."""
    rows = [
        [" and ".join(p.features), p.verdict, f"{p.distinct:,}", _constants(p.constants)]
        for p in pairs()
    ]
    header = ["features", "verdict", "distinct states", "constants"]
    broken = [p for p in pairs() if p.because]
    texts = [f"**{' and '.join(p.features)}.** {p.because}" for p in broken]
    reasons = [f"\n{fill(text, WIDTH, break_on_hyphens=False)}\n" for text in texts]
    return _page("Pairs of features of `raft.etcd`", PAIRS, header, rows) + "".join(reasons)


def render_instances() -> str:
    """The table of instances, with those on which liveness is judged."""
    rows = [
        [f"`{name}@{known.name}`", *_instance_row(known)]
        for name in MODELS
        for known in catalogue()[name].instances
    ]
    header = ["instance", "constants", "verdict", "distinct states", "generated", "depth", "size"]
    return _page("Instances of `raft.etcd`", INSTANCES, header, rows)


def render_mutants() -> str:
    """The kill matrix: one line for each mutant and the requirement that notices it."""
    rows = [_mutant_row(name, killed) for name in MODELS for killed in catalogue()[name].mutants]
    header = ["mutant", "what it does", "issue", "dies for", "steps", "instance"]
    return _page("Mutants of `raft.etcd`", MUTANTS, header, rows)


def _mutant_row(model: str, killed: Killed) -> list[str]:
    instance = Instance(load_model(model), killed.constants)
    mutant = next(m for m in instance.mutants if m.name == killed.name)
    broken = next(claim for claim in instance.requirements if claim.id == killed.requirement)
    number = f"{broken.id} " if broken.id != broken.name else ""
    return [
        f"`{killed.name}`",
        mutant.doc,
        mutant.issue or "-",
        number + broken.name.replace("_", " "),
        str(killed.steps),
        f"`{model}` {_constants(killed.constants)}",
    ]


PAGES: dict[str, Callable[[], str]] = {
    "raft-instances.md": render_instances,
    "raft-mutants.md": render_mutants,
    "raft-pairs.md": render_pairs,
}
"""The pages by file name."""


def _instance_row(known: NamedInstance) -> list[str]:
    size = "large" if known.distinct > 5_000_000 else "medium"
    return [
        _constants(known.constants),
        known.verdict,
        f"{known.distinct:,}",
        f"{known.generated:,}",
        str(known.depth),
        "small" if known.distinct < 500_000 else size,
    ]


def _constants(constants: Mapping[str, bool | int | str]) -> str:
    given = ", ".join(f"{n}={str(constant_as_json(v)).lower()}" for n, v in constants.items())
    return f"`{given}`" if given else "the defaults"


def _page(title: str, text: str, header: list[str], rows: list[list[str]]) -> str:
    table = [header, ["---"] * len(header), *rows]
    lines = ["| " + " | ".join(row) + " |" for row in table]
    return "\n".join([f"# {title}", "", GENERATED, "", text.rstrip(), "", *lines]) + "\n"


def main(arguments: list[str]) -> None:
    """Write the pages into the folder that is given."""
    folder = Path(arguments[0] if arguments else "docs")
    for name, render in PAGES.items():
        (folder / name).write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
