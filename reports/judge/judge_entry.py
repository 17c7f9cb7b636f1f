"""What is known of a judge without loading it."""

from collections.abc import Mapping, Set
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a judge lives (`planespec.reports.judge.<module>`) and what it holds to what."""

    module: str
    summary: str
    keys: Set[str] = frozenset()
    """Keys that every line of its recordings has; a form without JSON lines has none."""
    kinds: Set[str | None] = frozenset()
    """Values of a line's `kind`, None for no such key, where the keys alone do not tell."""
    scenarios: Set[str] = frozenset()
    """Values of a line's `scenario`, where the keys alone do not tell."""
    step_keys: Set[str] = frozenset()
    """Keys that the first of a line's `steps` has, where those of the line do not tell."""
    later_keys: Set[str] = frozenset()
    """Keys that a line after the first has, where the first does not tell."""

    def recognises(self, record: Mapping[str, object]) -> bool:
        """Say whether a line looks like one of its recordings."""
        if not self.keys or not self.keys <= record.keys():
            return False
        if self.step_keys and not self.step_keys <= _first_step(record).keys():
            return False
        if self.scenarios and str(record.get("scenario")) not in self.scenarios:
            return False
        return not self.kinds or any(record.get("kind") == kind for kind in self.kinds)

    def says_less_than(self, other: "Entry") -> bool:
        """Say whether every line that looks like the other's looks like its own, too."""
        own, others = self._all_keys(), other._all_keys()
        return own != others and all(a <= b for a, b in zip(own, others, strict=True))

    def _all_keys(self) -> tuple[Set[str], ...]:
        return self.keys, self.step_keys, self.later_keys


def _first_step(record: Mapping[str, object]) -> Mapping[str, object]:
    steps = record.get("steps")
    first = steps[0] if isinstance(steps, list) and steps else None
    return first if isinstance(first, Mapping) else {}
