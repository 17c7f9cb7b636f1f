"""What a report says about the model that was checked."""

from dataclasses import dataclass

from planespec.checker.instance import Instance
from planespec.checker.lang.presence import existence
from planespec.checker.lang.requirements import Claim


@dataclass(frozen=True, slots=True)
class Subject:
    """An instance of a model under the name the user gave it.

    `target` is what `check` and `replay` accept as MODEL: a catalogue name or `file.py:Class`.
    """

    target: str
    instance: Instance
    check_deadlock: bool = True

    def claim(self, id_: str) -> Claim | None:
        """The property with an id, if the model has it."""
        return next((c for c in self.instance.requirements if c.id == id_), None)

    @property
    def not_applicable(self) -> dict[str, str]:
        """What the instance leaves out, with the reason: properties under a false condition."""
        return {id_: existence(c.when) for id_, c in self.instance.not_applicable.items()}

    def statement(self, id_: str) -> str:
        """The sentence a property stands for, or nothing when it has none."""
        claim = self.claim(id_)
        return claim.statement if claim else ""
