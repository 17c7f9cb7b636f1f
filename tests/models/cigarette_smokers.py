"""The cigarette smokers (TLA+ Examples, CigaretteSmokers/CigaretteSmokers).

Each of three smokers has one ingredient without end and needs the other two, which a dealer lays
out. Left out: the dealer's hands, since each offer is made in one step.
"""

from enum import Enum

from planespec.checker.lang import (
    Array,
    Model,
    action,
    choose,
    each,
    initial,
    invariant,
    mutant,
    require,
)


class Ingredient(Enum):
    """What a cigarette is made of; a smoker is known by what he has."""

    MATCHES = "matches"
    PAPER = "paper"
    TOBACCO = "tobacco"


class CigaretteSmokers(Model):
    """The smoker whose ingredient is missing on the table smokes, and then the dealer deals."""

    impatient: bool = mutant("A smoker begins with any one ingredient on the table.")

    smoking: Array[Ingredient, bool] = each(False)
    table: set[Ingredient] = set()

    @initial
    def deal(self, missing: Ingredient) -> None:
        """Two of the three ingredients are laid out."""
        self.table = {i for i in Ingredient if i != missing}

    @action
    def start(self) -> None:
        """Whoever has what is missing takes the rest and smokes."""
        require(len(self.table) > 0)
        self.smoking = {  # type: ignore[assignment]
            i: self.impatient or i not in self.table for i in Ingredient
        }
        self.table.clear()

    @action
    def stop(self, missing: Ingredient) -> None:
        """The smoker has finished, and the dealer deals."""
        require(len(self.table) == 0)
        smoker = choose({i for i in Ingredient if self.smoking[i]})
        self.smoking[smoker] = False
        self.deal(missing)

    @invariant
    def at_most_one_smokes(self) -> bool:
        """No two smoke at once."""
        return sum(1 for i in Ingredient if self.smoking[i]) <= 1
