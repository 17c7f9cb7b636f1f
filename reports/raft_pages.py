"""Writes the pages about `raft.etcd`: its instances and its mutants, from the catalogue.

`python -m planespec.reports.raft_pages FOLDER` writes both into a folder, `docs` by default. The
numbers are those of `model/catalogue.toml`, which tests hold the engine to.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from planespec.checker.instance import Instance
from planespec.reports.catalogue import Killed, Known, catalogue, load_model
from planespec.reports.wording import constant_as_json

MODELS = ("raft.etcd", "raft.etcd_calm", "raft.etcd_migrated")
"""All features; calm times; two servers after a migration. The last two judge liveness."""

GENERATED = "<!-- Written by `python -m planespec.reports.raft_pages`; do not edit. -->"

INSTANCES = """\
Every line is searched completely by the native engine; `planespec check MODEL -c NAME=VALUE` with
the constants of a line repeats it. Constants that are not named have their defaults. "Size" is an
order of magnitude for the search: small takes less than a second, medium seconds, large up to a
minute. `raft.etcd_calm` and `raft.etcd_migrated` judge the promises of liveness as well.
"""

MUTANTS = """\
A mutant brings back a bug or drops one guard. The steps are those of a shortest counterexample to
the requirement on the smallest instance found; without the mutant everything holds there, of the
largest within as many steps.
`planespec check MODEL --mutant NAME --requirement ID -c NAME=VALUE` shows the counterexample.
A mutant that a direct rule notices first (one pending change, what is durable) has a second line
with the safety requirement that it breaks, where one is known.
"""


def render_instances() -> str:
    """The table of instances, with those on which liveness is judged."""
    rows = [
        [f"`{name}`", *_instance_row(known)]
        for name in MODELS
        for known in catalogue()[name].instances
    ]
    header = ["model", "constants", "verdict", "distinct states", "generated", "depth", "size"]
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
}
"""The pages by file name."""


def _instance_row(known: Known) -> list[str]:
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
