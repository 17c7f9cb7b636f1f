"""Writes the page about the scheduler models: instances and mutants.

`python -m planespec.reports.pages.scheduler_page FOLDER` writes it into a folder, `docs` by
default. The numbers are those of `model/catalogue.toml`, which tests hold the engines to.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from planespec.checker.instance import Instance
from planespec.reports.input.catalogue import Entry, catalogue, load_model
from planespec.reports.text.wording import constant_as_json

PAGE = "scheduler-model.md"
INTRODUCTION = """\
# The scheduler models

<!-- Written by `python -m planespec.reports.pages.scheduler_page`; do not edit. -->

The rules of the scheduler (which node fits, which is best) are on [their own page](scheduling.md).
Here are its races: what happens between the API server, the informers, the queue, the cache, the
binding requests and the kubelets. `model/scheduler/__init__.py` gives the reading order.

- `scheduler.cluster`: pods and nodes come and go, informers are behind and miss events, the queue
  parks and wakes pods, a cycle filters and scores a snapshot and assumes, bindings conflict, time
  out and arrive late, schedulers crash, several of them share nodes, kubelets admit, pods preempt.
  Every constant switches a feature; what is off costs no states.
- `scheduler.progress`: the same, with the promise (SCHED-9) that a pod that fits is scheduled,
  given the fairness that `model/scheduler/progress.py` states.
- `scheduler.constraints`: taints, node and pod affinity, anti-affinity, spread and claims, at the
  moment of binding.
- `scheduler.snapshots`: the incremental snapshot of the cache.
- `scheduler.core`: one scheduler, for every amount of cpu and memory. SCHED-1 and SCHED-3 are
  proved for it by induction (`planespec prove scheduler.core`), not searched.
- `scheduler.lease`: replicas under a Lease, with time, pauses and fencing.
- `scheduler.replacement`: a kubelet that refuses pods, and a controller that makes new ones.

Every pod may have every request, priority, port, guard and scheduler that the constants allow: the
initial states are all assignments. Scores branch over all best nodes.

`planespec list --requirements SCHED` names what is required of a scheduler, with the models that
claim each; `planespec list --requirements SCHED-8` tells where it is written. Some of them are
judged by [audits](audit.md) as well, some by audits alone: what a model sees at the moment of
binding (SCHED-25) is not what a snapshot still shows later (SCHED-5).

What the models leave out stands at the head of each file. Two departures are worth knowing. The
model wakes parked pods when a pod turns out to be bound elsewhere than it was assumed; upstream
wakes only pods with affinity then, so that the others may sleep until the next flush
(`moved_wakes_nobody` is that behaviour). And SCHED-14, that kubelets refuse nothing, is claimed
for one scheduler none of whose requests takes effect late: with several schedulers, or with a
request that arrives after its sender gave it up, kubelets do refuse, and the model shows how.
"""
BOUNDS = """\
Every line is searched completely by the native engine. Constants that are not named have their
defaults (`planespec list scheduler.cluster` shows them).
"""
MUTANTS = """\
A mutant brings back a bug or drops one guard. Steps are those of a shortest counterexample on the
smallest instance found; without the mutant every requirement holds there. `planespec check
MODEL --mutant NAME -c CONSTANT=VALUE` shows it.
"""


def render() -> str:
    """The page."""
    parts = [INTRODUCTION, "## Bounds\n", BOUNDS]
    parts.append(
        _table(["model", "constants", "distinct states", "generated", "depth"], _instances())
    )
    parts += ["## Mutants\n", MUTANTS]
    parts.append(
        _table(["mutant", "what it does", "issue", "dies for", "steps", "instance"], _mutants())
    )
    return "\n".join(parts)


def _entries() -> list[Entry]:
    return [entry for name, entry in catalogue().items() if name.startswith("scheduler.")]


def _instances() -> Iterator[list[str]]:
    for entry in _entries():
        for known in (k for k in entry.instances if k.verdict != "Proved"):
            numbers = [f"{known.distinct:,}", f"{known.generated:,}", str(known.depth)]
            name = f"`{entry.name}@{known.name}`"
            yield [name, _constants(known.constants), *numbers]


def _mutants() -> Iterator[list[str]]:
    for entry in _entries():
        declared = {mutant.name: mutant for mutant in Instance(load_model(entry.name)).mutants}
        for killed in entry.mutants:
            mutant = declared[killed.name]
            yield [
                f"`{killed.name}`",
                mutant.doc,
                mutant.issue or "-",
                killed.requirement,
                str(killed.steps),
                f"`{entry.name}`, {_constants(killed.constants)}",
            ]


def _constants(constants: Mapping[str, bool | int | str]) -> str:
    given = ", ".join(f"{n}={str(constant_as_json(v)).lower()}" for n, v in constants.items())
    return f"`{given}`" if given else "the defaults"


def _table(header: list[str], rows: Iterator[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def main(arguments: list[str]) -> None:
    """Write the page into the folder that is given."""
    folder = Path(arguments[0] if arguments else "docs")
    (folder / PAGE).write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
