"""planespec beside SPIN, TLC and C by hand on one system, in the same minutes.

    python bench/run.py                          raft.bench T2L1M3, three rounds
    python bench/run.py raft.bench -c max_msgs=2
    python bench/run.py two_phase --rounds 5 --tlc path/to/tla2tools.jar

Every round runs every contender once; the least wall time of each counts, because what disturbs a
run only ever makes it longer. Wall time is that of the whole process: start-up and, for planespec,
loading the compiled code included; `compile s` is what went by before, cold in the first planespec
row and from the cache in the second. Memory is the peak resident set, less that of the interpreter
running a trivial instance for planespec.
"""

import argparse
import os
import tempfile
from pathlib import Path

from contenders import contenders
from measure import Contender, Counts, Run, run
from systems import SYSTEMS
from tabulate import tabulate

Row = tuple[Contender, Counts, Run]
HEADER = (
    "checker",
    "distinct",
    "generated",
    "compile s",
    "wall s",
    "distinct/s",
    "generated/s",
    "MB",
    "B/state",
    "wall ratio",
)


def main() -> None:
    """Measure and print one table."""
    options = _options()
    system = SYSTEMS[options.system]
    given = dict(pair.split("=") for pair in options.constants)
    constants = system.constants | {name: int(value) for name, value in given.items()}
    with tempfile.TemporaryDirectory() as folder:
        field = list(contenders(system, constants, Path(folder), options.workers, options.tlc))
        rows = _measure(field, options.rounds)
    print(f"{system.name} {constants}, least of {options.rounds} rounds\n")
    print(render(rows))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure planespec beside other checkers.")
    parser.add_argument("system", nargs="?", choices=SYSTEMS, default="raft.bench")
    parser.add_argument("-c", dest="constants", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--tlc", type=Path, help="a tla2tools.jar")
    return parser.parse_args()


def _measure(field: list[Contender], rounds: int) -> list[Row]:
    best: dict[str, Run] = {}
    for _ in range(rounds):
        for contender in field:
            result = run(contender.command, contender.folder, contender.environment)
            known = best.get(contender.name)
            if known is None or result.seconds < known.seconds:
                best[contender.name] = result
    rows = [(c, c.read(best[c.name].output), best[c.name]) for c in field]
    if len({counts.distinct for _, counts, _ in rows}) != 1:
        raise SystemExit("the checkers disagree:\n" + render(rows))
    return rows


def render(rows: list[Row]) -> str:
    """A table; the ratio is the wall time over that of the fastest planespec run."""
    ours = min(result.seconds for c, _, result in rows if c.name.startswith("planespec"))
    return tabulate([_row(*row, ours) for row in rows], HEADER, disable_numparse=True)


def _row(contender: Contender, counts: Counts, result: Run, ours: float) -> tuple[str, ...]:
    used = max(result.peak - contender.peak_without, 0)
    return (
        contender.name,
        f"{counts.distinct:,}",
        f"{counts.generated:,}",
        f"{contender.compile_seconds:.2f}",
        f"{result.seconds:.2f}",
        f"{counts.distinct / result.seconds:,.0f}",
        f"{counts.generated / result.seconds:,.0f}",
        f"{used / 1e6:,.0f}",
        f"{used / counts.distinct:.0f}",
        f"{result.seconds / ours:.2f}",
    )


if __name__ == "__main__":
    main()
