"""One question to one engine, and its answer as a record that can be kept."""

from dataclasses import replace
from importlib.util import find_spec

from msgspec.structs import asdict

from planespec.checker.budget import Budget, Options
from planespec.checker.continuing import check_all
from planespec.checker.instance import Instance
from planespec.checker.lang.named import NamedInstance
from planespec.checker.outcome import Outcome, Verdict, Violation
from planespec.checker.run import check
from planespec.checker.unbounded import unbounded_parameters, unbounded_variables
from planespec.reports.formats.outcome_json import answer_document, broken_document
from planespec.reports.pages.dossier import Evidence, Shown
from planespec.reports.pages.saving import Saved, Settings
from planespec.reports.pages.trace_views import view_of
from planespec.reports.text.wording import Subject


class Answers:
    """Asks engines, or a run folder where the answer is known."""

    def __init__(self, target: str, settings: Settings, saved: Saved) -> None:
        self.target, self.settings, self._saved = target, settings, saved

    def whole(self, instance: Instance, engine: str) -> Evidence:
        """Everything the model claims, judged by one engine."""
        options = replace(
            self._options(instance, engine, self.settings.budget),
            check_deadlock=instance.check_deadlock,
        )
        return self._ask(instance, engine, options, go_on=self.settings.go_on)

    def evidence(self, instance: Instance, known: NamedInstance | None) -> list[Evidence]:
        """Every engine that has something to say about an instance, the strongest first.

        Instances known to be proved are proved again; the reference engine repeats small ones.
        """
        if known is not None and known.verdict == Verdict.PROVED.value:
            return [self._proofs(instance)]
        engine = engine_for(instance)
        given = [self.whole(instance, engine)]
        distinct = given[0].statistics.distinct
        if engine == "native" and distinct <= self.settings.reference_states:
            given.append(self.whole(instance, "python"))
        return given

    def _proofs(self, instance: Instance) -> Evidence:
        def run() -> Evidence:
            from planespec.reports.pages.proofs import proof_document  # loads the solver

            self.settings.tell(f"{self.target}: everything, by induction")
            return proof_document(self.target, instance, shown_violation)

        return self._saved.get(instance, f"{self.target} induction", run)

    def question(
        self, instance: Instance, engine: str, requirement: str | None, steps: int | None = None
    ) -> Evidence:
        """One requirement alone; None asks for deadlock freedom.

        `steps` tells how long a behaviour the symbolic engine needs, where that is known.
        """
        return self._question(
            instance, engine, () if requirement is None else (requirement,), steps
        )

    def any_of(self, instance: Instance, requirements: tuple[str, ...]) -> Evidence:
        """Which of several requirements breaks first: one question where each is expensive."""
        return self._question(instance, "symbolic", requirements, None)

    def _question(
        self, instance: Instance, engine: str, requirements: tuple[str, ...], steps: int | None
    ) -> Evidence:
        options = self._options(instance, engine, Budget(states=self.settings.cell_states))
        if steps is not None and engine == "symbolic":
            options = replace(options, budget=Budget(depth=steps))
        options = replace(options, requirements=requirements, check_deadlock=not requirements)
        return self._ask(instance, engine, options)

    def _options(self, instance: Instance, engine: str, budget: Budget) -> Options:
        if engine == "symbolic":
            budget = Budget(depth=self.settings.depth, seconds=budget.seconds)
        return Options(
            check_deadlock=instance.check_deadlock,
            workers=self.settings.workers,
            budget=budget,
            on_progress=self.settings.on_progress,
        )

    def _ask(
        self, instance: Instance, engine: str, options: Options, *, go_on: bool = False
    ) -> Evidence:
        asked = repr((engine, options.requirements, options.check_deadlock, options.budget, go_on))

        def run() -> Evidence:
            mutant = f" with {instance.mutant}" if instance.mutant else ""
            asked_for = ("deadlock",) if options.requirements == () else options.requirements
            what = ", ".join(asked_for or ("everything",))
            self.settings.tell(f"{self.target}{mutant}: {what}, engine {engine}")
            outcome = (check_all if go_on else check)(instance, engine, options)
            if outcome.interrupted:
                raise KeyboardInterrupt
            return _document(Subject(self.target, instance, options.check_deadlock), outcome)

        return self._saved.get(instance, f"{self.target} {asked}", run)


def engine_for(instance: Instance) -> str:
    """`native`, or `symbolic` for a model with numbers that no bound holds.

    `python` where the machine cannot compile; that engine gives the same answers, slowly.
    """
    if unbounded_variables(instance) or unbounded_parameters(instance):
        return "symbolic"
    return "native" if find_spec("llvmlite") else "python"


def _document(subject: Subject, outcome: Outcome) -> Evidence:
    """The outcome without times, its traces ready to be read."""
    broken = tuple(shown_violation(subject, each) for each in outcome.violations)
    return answer_document(subject, outcome, broken)


def shown_violation(subject: Subject, violation: Violation) -> Shown:
    """What went wrong, with its trace ready to be read."""
    trace = violation.trace
    view = view_of(subject.instance, trace) if trace.initial else None
    told = asdict(broken_document(subject, violation))
    return Shown(**told, steps=len(trace.steps), view=view)
