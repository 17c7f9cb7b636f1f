"""The systems measured, and the sizes of them."""

from dataclasses import dataclass
from pathlib import Path

RIVALS = Path(__file__).resolve().parent / "rivals"
ROOT = RIVALS.parents[1]


@dataclass(frozen=True, slots=True)
class System:
    """A transition system that every contender has in its own language.

    `constants` are those of the model, `tiny` those of a size whose states take no memory;
    `promela` maps the constants to the macros of the Promela text.
    """

    name: str
    model: str
    constants: dict[str, int]
    tiny: dict[str, int]
    promela: Path
    macros: dict[str, str]

    def definitions(self, constants: dict[str, int]) -> list[str]:
        """`-D` options of the Promela and C texts."""
        return [f"-D{self.macros[n]}={v}" for n, v in constants.items() if n in self.macros]


SYSTEMS = {
    "raft.bench": System(
        "raft.bench",
        "raft.bench",
        {"servers": 3, "max_term": 2, "max_log": 1, "max_msgs": 3},
        {"servers": 3, "max_term": 1, "max_log": 1, "max_msgs": 1},
        RIVALS / "raft.pml",
        {"max_term": "MAXTERM", "max_log": "MAXLOG", "max_msgs": "MAXMSGS"},
    ),
    "two_phase": System(
        "two_phase",
        f"{ROOT / 'tests' / 'models' / 'two_phase.py'}:TwoPhase",
        {"managers": 8},
        {"managers": 3},
        RIVALS / "two_phase.pml",
        {"managers": "RMS"},
    ),
}
