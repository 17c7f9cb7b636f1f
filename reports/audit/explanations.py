"""`planespec audit --explain ID`: what a requirement means, what breaks it, what can be done."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from textwrap import indent

from planespec.checker.errors import ConfigurationError
from planespec.spec.cluster.snapshot_judge import list_audited
from planespec.spec.requirement import Requirement

_FILE = "explanations.toml"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is said of a requirement beside its statement."""

    remedy: str
    example: str
    """Objects in YAML, or lines of a log, that break it."""
    mended: str = ""
    """The same put right; empty where it is not told."""


@cache
def read_explanations() -> dict[str, Explanation]:
    """Return them by the id of the requirement."""
    text = files("planespec.reports.audit").joinpath(_FILE).read_text(encoding="utf-8")
    return {id_: Explanation(**fields) for id_, fields in tomllib.loads(text).items()}


def explain(name: str) -> str:
    """Return what is to be said of a requirement; raises ConfigurationError for an unknown id."""
    for requirement in list_audited():
        if requirement.id == name.upper():
            return "\n".join(_tell(requirement))
    raise ConfigurationError(
        f"no requirement of audit is called {name}; `planespec list --requirements` names all"
    )


def _tell(requirement: Requirement) -> Iterator[str]:
    told = read_explanations()[requirement.id]
    yield f"{requirement.id} {requirement.severity}: {requirement.statement}"
    yield f"written in {requirement.source}"
    yield f"judged on: {', '.join(level.value for level in requirement.levels)}"
    yield f"what can be done: {told.remedy}"
    yield "an example that breaks it:"
    yield indent(told.example.rstrip(), "    ")
