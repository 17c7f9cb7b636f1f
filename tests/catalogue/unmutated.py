"""Where mutants die, without the mutants: what is to be searched for the requirements to hold."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from planespec.reports.input.catalogue import Killed, catalogue


@dataclass
class Unmutated:
    """Constants on which mutants of a model die, and for which requirements."""

    model: str
    killed: Killed
    """That of these mutants which takes most steps to die."""
    requirements: dict[str, None] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.model}-{self.killed.name}"


def key_of(model: str, constants: dict[str, Any]) -> tuple[str, str]:
    return model, repr(sorted(constants.items()))


def held_instances() -> set[tuple[str, str]]:
    """The instances of the catalogue that hold whole, as other tests find."""
    return {
        key_of(name, known.constants)
        for name, entry in catalogue().items()
        for known in entry.instances
        if known.verdict == "Holds"
    }


def unmutated(cases: Iterable[tuple[str, Killed]]) -> list[Unmutated]:
    """Constants of mutants, each once, without those of instances that hold whole."""
    held = held_instances()
    found: dict[tuple[str, str], Unmutated] = {}
    for model, killed in cases:
        key = key_of(model, killed.constants)
        if key not in held:
            one = found.setdefault(key, Unmutated(model, killed))
            one.requirements[killed.requirement] = None
            one.killed = max(one.killed, killed, key=lambda each: each.steps)
    return list(found.values())
