"""Every requirement's own counterexample: the search goes on after what it found is set aside.

Each round asks for what is not known to be broken yet, so each counterexample is the one that the
requirement gives when it is asked for alone, whichever engine searches. A model error in an
action ends it, because what lies behind such a step does not exist.
"""

from dataclasses import dataclass, field, replace
from time import monotonic

from planespec.checker.budget import Options
from planespec.checker.instance import JUDGED, LIVENESS, Instance
from planespec.checker.ir.system import PropertyKind
from planespec.checker.outcome import Outcome, Trace, Verdict, Violation, ViolationKind
from planespec.checker.run import check

DEADLOCK = "deadlock"


@dataclass(slots=True)
class _Rounds:
    """What is still asked for, and what all rounds together have found."""

    instance: Instance
    options: Options
    left: list[str]
    deadlock: bool
    found: list[Violation] = field(default_factory=list)
    reached: dict[str, int | None] = field(default_factory=dict)
    judged: set[str] = field(default_factory=set)
    notes: dict[str, None] = field(default_factory=dict)
    search_seconds: float = 0.0
    compile_seconds: float = 0.0
    started: float = field(default_factory=monotonic)

    def asking(self) -> Options:
        """The options of the next round; seconds are counted over all of them."""
        budget = self.options.budget
        if budget.seconds is not None:
            spent = monotonic() - self.started
            budget = replace(budget, seconds=max(budget.seconds - spent, 0.001))
        return replace(
            self.options,
            requirements=tuple(self.left),
            check_deadlock=self.deadlock,
            budget=budget,
        )

    def note(self, outcome: Outcome) -> None:
        """Keep what a round showed."""
        self.reached |= outcome.reached
        self.judged |= set(outcome.requirements)
        self.notes |= dict.fromkeys(outcome.notes)
        self.search_seconds += outcome.statistics.search_seconds
        self.compile_seconds += outcome.statistics.compile_seconds

    def set_aside(self, outcome: Outcome) -> bool:
        """Ask no more for what a round showed to be broken; whether another round is due."""
        new = list(outcome.violations)
        if any(v.kind is ViolationKind.UNREACHED for v in new):
            new = self._unreached(outcome, new[0])
        self.found += new
        promised = {c.id for c in self.instance.claims(*LIVENESS)}
        if any(v.property in promised for v in new):
            return False  # they are judged last, and all of them
        for violation in new:
            if not self._drop(violation):
                return False
        return bool(self.left) or self.deadlock

    def _drop(self, violation: Violation) -> bool:
        """Whether what is broken is something that can be asked about, and so be left out."""
        terminals = {c.id for c in self.instance.claims(PropertyKind.TERMINAL)}
        if violation.kind is ViolationKind.DEADLOCK or violation.property in terminals:
            self.deadlock = False
            return True
        if violation.property not in self.left:
            return False
        self.left.remove(violation.property)
        return True

    def _unreached(self, outcome: Outcome, first: Violation) -> list[Violation]:
        """All that a complete search did not reach; one that was reached is not asked for again.

        A requirement that holds is, because promises are judged behind it.
        """
        claims = {c.id: c for c in self.instance.claims(PropertyKind.REACHABLE)}
        missing = [id_ for id_, depth in outcome.reached.items() if depth is None]
        seen = [id_ for id_, depth in outcome.reached.items() if depth is not None]
        self.left = [id_ for id_ in self.left if id_ not in seen]
        message = "no reachable state has it: {}"
        trace: Trace = first.trace
        return [
            Violation(
                ViolationKind.UNREACHED,
                id_,
                trace,
                message.format(claims[id_].statement),
                claims[id_].at,
            )
            for id_ in missing
        ]


def check_all(instance: Instance, engine: str, options: Options) -> Outcome:
    """As `check`, but go on behind what is broken until everything asked for is judged.

    `violation` is what `check` alone gives, `others` the rest in the order they were found. The
    numbers are those of the last search, the times those of all. Raises what `check` raises.
    """
    asked = [c.id for c in instance.judged(options.requirements)]
    deadlock = options.check_deadlock and instance.check_deadlock
    rounds = _Rounds(instance, options, asked, deadlock)
    outcome = check(instance, engine, options)
    rounds.note(outcome)
    try:
        while outcome.violation is not None and rounds.set_aside(outcome):
            outcome = check(instance, engine, rounds.asking())
            rounds.note(outcome)
    except KeyboardInterrupt:
        outcome = replace(outcome, interrupted=True, held=(), reason="interrupted")
    return _together(rounds, outcome) if rounds.found else outcome


def _together(rounds: _Rounds, last: Outcome) -> Outcome:
    first, *others = rounds.found
    claims = rounds.instance.claims(*JUDGED, *LIVENESS)
    return replace(
        last,
        verdict=Verdict.VIOLATED,
        violation=first,
        others=tuple(others),
        reached=rounds.reached,
        requirements=tuple(c.id for c in claims if c.id in rounds.judged),
        reason=_reason(rounds, last),
        notes=tuple(rounds.notes),
        statistics=replace(
            last.statistics,
            search_seconds=rounds.search_seconds,
            compile_seconds=rounds.compile_seconds,
        ),
    )


def _reason(rounds: _Rounds, last: Outcome) -> str:
    """Why something was not judged to the end; empty where everything was."""
    if last.violation is not None and last.violation.kind is ViolationKind.ERROR:
        fatal = last.violation.property not in {c.id for c in rounds.instance.requirements}
        return "the search ended at a model error" if fatal else last.reason
    seconds = rounds.options.budget.seconds
    if seconds is not None and last.reason.endswith("seconds is spent"):
        return f"the budget of {seconds:g} seconds is spent"
    return last.reason
