"""`prove`: every requirement of a model by induction, or why not."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from time import perf_counter

from planespec.checker.engines.symbolic.bounded import Bad, Unrolling, violation_of
from planespec.checker.engines.symbolic.induction import ERRORS, Broken, Induction
from planespec.checker.engines.symbolic.solving import Clock, GaveUpError
from planespec.checker.engines.symbolic.transition import Transition
from planespec.checker.engines.symbolic.unknowns import embed
from planespec.checker.errors import ConfigurationError
from planespec.checker.front import compile_system
from planespec.checker.instance import JUDGED, LIVENESS, Instance
from planespec.checker.interrupts import deferred
from planespec.checker.ir.operations import reduced
from planespec.checker.ir.system import Property, PropertyKind, System
from planespec.checker.lang.presence import existence
from planespec.checker.outcome import Violation

STATE = (PropertyKind.ALWAYS, PropertyKind.LEMMA)
SEARCH_STEPS, SEARCH_SECONDS = 6, 10.0
"""How far to look for a real counterexample where induction fails."""
INTERRUPTED = "interrupted"
"""The reason of the last proof when Ctrl-C ended the work on it."""


class Answer(Enum):
    """What came of one obligation."""

    PROVED = "Proved"
    VIOLATED = "Violated"
    NOT_INDUCTIVE = "not inductive"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Proof:
    """The answer for one obligation.

    Proved: with `k` and `helpers`. Violated: `violation` is a real behaviour. Not inductive:
    `broken` may begin in a state that is not reachable, and `hints` are requirements and lemmas
    that are false in one of its states before the last: with one of them proved it is ruled out.
    """

    goal: str
    answer: Answer
    k: int = 0
    helpers: tuple[str, ...] = ()
    violation: Violation | None = None
    broken: Broken | None = None
    hints: tuple[str, ...] = ()
    reason: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Request:
    """What to prove, and with what: None means everything the model has."""

    requirements: tuple[str, ...] | None = None
    lemmas: tuple[str, ...] | None = None
    k: int = 1
    seconds: float | None = None
    on_proof: Callable[[Proof], None] = field(default=lambda proof: None)


def prove(instance: Instance, request: Request) -> list[Proof]:
    """Prove the obligations one by one, in the order the model states them, model errors last.

    Raises ConfigurationError for an unknown id and for a model without initial states, and
    InputError for a model outside the language.
    """
    goals, clock = _goals(instance, request), Clock(request.seconds)
    system = replace(reduced(compile_system(instance)), check_deadlock=False)
    prover = Prover(instance, system, request, clock)
    proofs = []
    with deferred():
        if prover.begins_nowhere():
            raise instance.nowhere_to_begin()
        for proof in prover.proofs(goals):
            request.on_proof(proof)
            proofs.append(proof)
    return proofs


def _goals(instance: Instance, request: Request) -> list[str]:
    known = [c.id for c in instance.claims(*JUDGED)]
    promises = {c.id for c in instance.claims(*LIVENESS)}
    states = [c.id for c in instance.claims(*STATE)]
    for id_ in request.lemmas or ():
        if id_ not in states:
            raise ConfigurationError(
                f"{instance.name} has no lemma or state requirement {id_!r}; "
                f"it has {', '.join(states) or 'none'}"
            )
    for id_ in request.requirements or ():
        if id_ in promises:
            raise ConfigurationError(f"{id_} is a promise; `planespec check` judges it")
        if id_ in instance.not_applicable:
            reason = existence(instance.not_applicable[id_].when)
            raise ConfigurationError(f"{id_} is not applicable: it {reason}")
        if id_ not in (*known, ERRORS):
            raise ConfigurationError(
                f"{instance.name} has no requirement {id_!r}; to prove there are "
                f"{', '.join((*known, ERRORS))}"
            )
    return [id_ for id_ in (*known, ERRORS) if id_ in (request.requirements or (*known, ERRORS))]


class Prover:
    """Proves the obligations of one system with one clock."""

    def __init__(self, instance: Instance, system: System, request: Request, clock: Clock) -> None:
        self.instance, self.system, self.request = instance, system, request
        self.clock = clock
        self.by_id = {p.id: p for p in system.of_kind(*JUDGED)}
        self.rounds: dict[tuple[int, bool], tuple[Induction, list[Property]]] = {}
        self.starts: dict[tuple[str, int], Bad | None] = {}

    def proofs(self, goals: Sequence[str]) -> Iterator[Proof]:
        """One proof for each goal."""
        for name in goals:
            started = perf_counter()
            try:
                proof = self._proof(name)
            except GaveUpError as reason:
                proof = Proof(name, Answer.UNDECIDED, reason=str(reason))
            except KeyboardInterrupt:
                yield Proof(name, Answer.UNDECIDED, reason=INTERRUPTED)
                return
            yield replace(proof, seconds=perf_counter() - started)

    def begins_nowhere(self) -> bool:
        """Whether there is no initial state; false where the solver cannot tell in time."""
        try:
            unrolling = Unrolling(self.system, (), self.clock)
            return unrolling.bad_start() is None and not unrolling.goes_on()
        except (GaveUpError, KeyboardInterrupt):  # the proofs say so
            return False

    def _proof(self, name: str) -> Proof:
        """Try k = 1, 2, ... until it is enough."""
        proof = Proof(name, Answer.UNDECIDED)
        for k in range(1, self.request.k + 1):
            bad = self._start(name, k)
            if bad is not None:
                violation = violation_of(self.instance, bad)
                return Proof(name, Answer.VIOLATED, k, violation=violation)
            proof = self._step(name, k)
            if proof.answer is Answer.PROVED:
                return proof
        return self._refuted(name) or proof

    def _refuted(self, name: str) -> Proof | None:
        """A real behaviour that breaks what is not inductive, if a short one is found soon."""
        try:
            with self.clock.share(0.25, SEARCH_SECONDS):
                bad = self._start(name, SEARCH_STEPS + 1)
        except GaveUpError:
            return None
        if bad is None:
            return None
        violation = violation_of(self.instance, bad)
        return Proof(name, Answer.VIOLATED, violation=violation)

    def _start(self, name: str, k: int) -> Bad | None:
        """A behaviour from the start, of fewer than k steps, that breaks the goal.

        Steps and model errors are those of one step more, which has no states of its own.
        """
        if (name, k) not in self.starts:
            goal = self.by_id.get(name)
            judged = [goal] if goal is not None else []
            unrolling = Unrolling(self.system, judged, self.clock, errors=goal is None)
            steps = k - 1 if goal is not None and goal.kind in STATE else k
            bad = unrolling.bad_start()
            for _ in range(steps):
                bad = bad or unrolling.lengthen()
                if bad is not None or not unrolling.goes_on():
                    break
            self.starts[name, k] = bad
        return self.starts[name, k]

    def _step(self, name: str, k: int) -> Proof:
        goal = self.by_id.get(name)
        induction, proved = self._helpers(k, goal)
        assumed = proved
        if goal is not None and goal.kind in STATE and goal not in proved:
            assumed = [*proved, goal]
        broken, _ = induction.ask(goal, assumed)
        if broken is not None:
            hints = tuple(self._hints(broken, proved, goal))
            return Proof(name, Answer.NOT_INDUCTIVE, k, broken=broken, hints=hints)
        used = induction.needed(goal, assumed)
        return Proof(name, Answer.PROVED, k, tuple(p.id for p in used))

    def _helpers(self, k: int, goal: Property | None) -> tuple[Induction, list[Property]]:
        """The largest inductive set among the goal and what may help it."""
        offered = self._offered()
        own = goal is not None and goal.kind in STATE and goal not in offered
        key = (k, own)
        if own or key not in self.rounds:
            induction = Induction(self.system, self.clock, k)
            candidates = [*offered, *([goal] if own and goal else [])]
            started = [p for p in candidates if self._start(p.id, k) is None]
            self.rounds[key] = (induction, induction.largest(started))
        return self.rounds[key]

    def _offered(self) -> list[Property]:
        chosen = self.request.lemmas
        return [p for p in self.system.of_kind(*STATE) if chosen is None or p.id in chosen]

    def _hints(
        self, broken: Broken, proved: Sequence[Property], goal: Property | None
    ) -> Iterator[str]:
        """Requirements that are false in a state before the last and were not assumed."""
        transition = Transition(self.system)
        count = len(broken.trace.states) - (0 if broken.action else 1)
        states = broken.trace.states[: max(count, 1)]
        for property_ in self.system.of_kind(*STATE):
            if property_ in proved or property_ is goal:
                continue
            for frozen in states:
                pairs = zip(self.system.variables, frozen, strict=True)
                state = {x.name: embed(x.type, value) for x, value in pairs}
                if transition.fails(property_, state) is True:
                    yield property_.id
                    break
