"""Exit codes, with TLC's meaning where it has one (tlc2/output/EC.java)."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process tells its caller; 0 only when everything asked for was shown to hold."""

    HOLDS = 0
    """Every requirement holds within the stated bound."""
    ASSUMPTION = 10
    """An assumption is false or a `reachable` property was never reached."""
    DEADLOCK = 11
    """A state without a successor was reached."""
    SAFETY = 12
    """A requirement is violated, a mutant survived, or an answer disagrees."""
    LIVENESS = 13
    """A fair behaviour breaks an `eventually` or `leads_to`."""
    EVALUATION = 75
    """The model itself went wrong: a value left its range, an index does not exist."""
    INTERRUPTED = 130
    """Ctrl-C; the partial result was printed."""
    PARSE = 150
    """A model or an input file could not be understood."""
    CONFIGURATION = 151
    """An option, constant or name is missing, unknown or out of range."""
    UNKNOWN = 152
    """A budget or the solver ended the work; nothing is claimed."""
    SYSTEM = 153
    """The machine refused: no space, no permission, no memory."""
