"""How dossiers are abbreviated on pages, the same in every form."""

from typing import Any

from planespec.reports.dossier.answers import NOT_APPLICABLE
from planespec.reports.wording import plural, readable_constants

Document = dict[str, Any]
FEW = 6
"""Constants up to which a table names all; of more, those that differ from the defaults."""


def shown_constants(dossier: Document, constants: Document) -> str:
    """What sets an instance apart; empty where the model has no constants."""
    defaults = dossier["constants"]
    if len(defaults) <= FEW:
        return readable_constants({**defaults, **constants})
    apart = {name: value for name, value in constants.items() if defaults.get(name) != value}
    return readable_constants(apart) or "the defaults"


def shown_instance(dossier: Document, run: Document) -> str:
    """The name of an instance, where it has one, and what sets it apart."""
    constants = shown_constants(dossier, run["constants"])
    return ": ".join(filter(None, (run["name"], constants)))


def shown_bound(dossier: Document, evidence: Document) -> str:
    """The bound of a verdict, its constants abbreviated as everywhere on the page."""
    full = readable_constants(evidence["constants"])
    bound = str(evidence["bound"])
    if not full or not bound.startswith(full):
        return bound
    return shown_constants(dossier, evidence["constants"]) + bound[len(full) :]


def not_reached(witness: Document) -> str:
    """What to say of a reachable property that no instance looked for."""
    under = f": exists only when {witness['when']}" if witness["when"] else ""
    return "" if witness["reached"] or not under else NOT_APPLICABLE + under


def kills(claim: Document) -> int:
    """Mutants that die for a requirement: found in this report, or recorded in the catalogue."""
    return len(claim["killed"]) + len(claim["recorded"])


def mutant_summary(dossier: Document) -> str:
    """`39 of 39 mutants killed, 23 of them by the catalogue`; says so when there are none."""
    mutants = dossier["mutants"]
    if not mutants:
        others = ", ".join(dossier["asked_elsewhere"])
        return f"mutants in {others}" if others else "no mutants"
    recorded = sum(mutant["fate"] == "not run" for mutant in mutants)
    killed = sum(mutant["fate"] == "killed" for mutant in mutants) + recorded
    idle = sum(mutant["fate"] == NOT_APPLICABLE for mutant in mutants)
    text = f"{killed} of {plural(len(mutants) - idle, 'mutant')} killed"
    text += f", {recorded} of them as recorded" if recorded else ""
    return f"{text}, {idle} not applicable" if idle else text


def shown_fate(mutant: Document) -> str:
    """The fate of a mutant, and where it is known from when the report did not ask."""
    if mutant["fate"] != "not run":
        return str(mutant["fate"])
    known = mutant["known"]
    return f"recorded: {known['requirement']} after {plural(known['steps'], 'step')}, not run here"


def is_sparse(dossier: Document) -> bool:
    """Whether each mutant was asked about where it is known to die, and nowhere else."""
    return len(dossier["mutants"]) > 0 and all(mutant["known"] for mutant in dossier["mutants"])
