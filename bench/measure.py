"""One run of one checker: wall time and peak memory of the process, and the numbers it prints."""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Run:
    """What one process took: `seconds` of wall time, `peak` bytes of resident memory."""

    seconds: float
    peak: int
    output: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What a checker says it found."""

    distinct: int
    generated: int


@dataclass(frozen=True, slots=True)
class Contender:
    """A checker set up for one system: a command to time and how to read its output.

    `compile_seconds` went by before, once; `peak_without` is the peak of the same program on a
    trivial system, to be taken off where the interpreter is not the checker's doing.
    """

    name: str
    command: Sequence[str]
    read: Callable[[str], Counts]
    compile_seconds: float = 0.0
    peak_without: int = 0
    environment: Mapping[str, str] | None = None
    folder: Path | None = None


def run(
    command: Sequence[str],
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Run:
    """Run a process to its end; raises RuntimeError with its output when it fails."""
    with tempfile.TemporaryFile("w+") as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**os.environ, **(environment or {})},
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} exits with {process.returncode}:\n{text}")
    return Run(seconds, usage.ru_maxrss * 1024, text)
