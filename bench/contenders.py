"""Setting up each checker that is on this machine; each one is optional."""

import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from measure import Contender, Counts, run
from systems import RIVALS, ROOT, System

SPIN_FLAGS = ("-O3", "-march=native", "-w", "-DSAFETY", "-DNOFAIR", "-DNOREDUCE")


def contenders(
    system: System, constants: dict[str, int], folder: Path, workers: int, tlc: Path | None
) -> Iterator[Contender]:
    """Everything that can be measured here, planespec first."""
    yield from _planespec(system, constants, folder, workers)
    if shutil.which("gcc") and system.name == "raft.bench" and constants["servers"] == 3:
        yield from _by_hand(system, constants, folder)
    if shutil.which("gcc") and shutil.which("spin") and constants.get("servers", 3) == 3:
        yield from _spin(system, constants, folder, workers)
    if tlc and shutil.which("java"):
        yield from _tlc(system, constants, folder, workers, tlc)


def _planespec(
    system: System, constants: dict[str, int], folder: Path, workers: int
) -> Iterator[Contender]:
    environment = {
        "PYTHONPATH": str(ROOT / ".pypath"),
        "PLANESPEC_CACHE": str(folder / "cache"),
    }
    tiny = _check(system, system.tiny, 1)
    run(tiny, environment=environment)
    # The second run loads its code from the cache, as the measured ones do.
    baseline = run(tiny, environment=environment).peak
    for count in sorted({1, workers}):
        command = _check(system, constants, count)
        cold = _read_json(run(command, environment=environment).output)["timing"]
        yield Contender(
            f"planespec, {count} worker{'s' if count > 1 else ''}",
            command,
            _planespec_counts,
            cold["compile_seconds"],
            baseline,
            environment,
        )


def _check(system: System, constants: dict[str, int], workers: int) -> list[str]:
    pairs = [word for name, value in constants.items() for word in ("-c", f"{name}={value}")]
    return [
        sys.executable,
        *("-c", "from planespec.reports.cli import main; main()"),
        *("check", system.model, *pairs, "--engine", "native"),
        *("--workers", str(workers), "--json"),
    ]


def _read_json(output: str) -> dict[str, dict[str, float]]:
    document: dict[str, dict[str, float]] = json.loads(output[output.index("{") :])
    return document


def _planespec_counts(output: str) -> Counts:
    numbers = _read_json(output)["statistics"]
    return Counts(int(numbers["distinct"]), int(numbers["generated"]))


def _by_hand(system: System, constants: dict[str, int], folder: Path) -> Iterator[Contender]:
    for threads, source, arguments in ((1, "bfs1.c", ()), (2, "bfs2.c", ("2",))):
        program = folder / source.removesuffix(".c")
        built = run(
            [
                *("gcc", "-O3", "-march=native", "-w", "-DHUGE", "-DB=64", "-pthread"),
                *system.definitions(constants),
                *(str(RIVALS / "ceiling" / source), "-o", str(program)),
            ]
        )
        name = f"C by hand, {threads} thread{'s' if threads > 1 else ''}"
        command = [str(program), *arguments, "25"]
        yield Contender(name, command, _hand_counts, built.seconds)


def _hand_counts(output: str) -> Counts:
    return Counts(_number(r"distinct (\d+)", output), _number(r"generated (\d+)", output))


def _spin(
    system: System, constants: dict[str, int], folder: Path, workers: int
) -> Iterator[Contender]:
    # SPIN keeps no hidden variables on several cores; BFSV makes raft.pml do without them.
    variants: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = [("1 core", (), ())]
    if workers > 1:
        flags = (f"-DNCORE={workers}", "-DMEMLIM=10000")
        variants.append((f"{workers} cores", flags, ("-DBFSV",)))
    for name, flags, definitions in variants:
        place = folder / f"spin-{name.replace(' ', '-')}"
        place.mkdir()
        given = (*definitions, *system.definitions(constants))
        made = run(["spin", "-a", *given, str(system.promela)], place)
        built = run(["gcc", *SPIN_FLAGS, *flags, "pan.c", "-o", "pan"], place)
        yield Contender(
            f"SPIN depth-first, {name}",
            [str(place / "pan"), "-m1000000", "-w26"],
            _spin_counts,
            made.seconds + built.seconds,
            folder=place,
        )


def _spin_counts(output: str) -> Counts:
    stored = _number(r"(\d+) states, stored", output)
    return Counts(stored, _number(r"(\d+) transitions", output))


def _tlc(
    system: System, constants: dict[str, int], folder: Path, workers: int, jar: Path
) -> Iterator[Contender]:
    place = folder / "tlc"
    place.mkdir()
    module = "MC" if system.name == "raft.bench" else "TwoPhaseBench"
    for source in RIVALS.glob("*.tla"):
        shutil.copy(source, place)
    (place / f"{module}.cfg").write_text(_tlc_configuration(system, constants))
    yield Contender(
        f"TLC, {workers} workers",
        ["java", "-cp", str(jar), "tlc2.TLC", "-workers", str(workers), "-deadlock", module],
        _tlc_counts,
        folder=place,
    )


def _tlc_configuration(system: System, constants: dict[str, int]) -> str:
    if system.name == "two_phase":
        managers = ", ".join(f"r{n}" for n in range(1, constants["managers"] + 1))
        return f"CONSTANT RM = {{{managers}}}\nSPECIFICATION Spec\nINVARIANT Consistent\n"
    servers = ", ".join(f"s{n}" for n in range(1, constants["servers"] + 1))
    return (
        f"CONSTANTS Server = {{{servers}}} Nil = Nil MaxTerm = {constants['max_term']} "
        f"MaxLog = {constants['max_log']} MaxMsgs = {constants['max_msgs']}\n"
        "SPECIFICATION Spec\n"
        "INVARIANTS ElectionSafety LogMatching StateMachineSafety LeaderCompleteness\n"
    )


def _tlc_counts(output: str) -> Counts:
    match = re.search(r"(\d+) states generated, (\d+) distinct states found, 0 states", output)
    if match is None:
        raise RuntimeError(f"TLC did not finish:\n{output}")
    return Counts(int(match[2]), int(match[1]))


def _number(pattern: str, output: str) -> int:
    match = re.search(pattern, output)
    if match is None:
        raise RuntimeError(f"no {pattern!r} in:\n{output}")
    return int(match[1])
