"""Random walks by the reference engine: CPython runs the model file itself."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from time import monotonic

from planespec.checker.budget import Spent, alarmed
from planespec.checker.engines.python.judging import Event, Fault, Judge
from planespec.checker.engines.python.stepping import Stepper, Taken
from planespec.checker.engines.simulation.plan import VIOLATING, End, Numbers, Plan, Walked
from planespec.checker.instance import Instance
from planespec.checker.lang.properties import Claim
from planespec.checker.outcome import State, ViolationKind


class StepJudge:
    """Judges steps, and remembers the states that were found in order."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self.outside: dict[State, bool] = {}
        """For every state that breaks nothing whether it lies outside a constraint."""

    def event(self, source: State | None, taken: Taken) -> Event | None:
        """The first thing that is wrong with a step, or with an initial state (source None)."""
        after = taken[3]
        if isinstance(after, Fault):
            return Event(ViolationKind.ERROR, "", after.message, after.at)
        broken = self._judge.step(source, after) if source is not None else None
        if broken is None and after not in self.outside:
            broken = self._of_state(after)
        return None if broken is None else replace(broken, state=after)

    def _of_state(self, state: State) -> Event | None:
        broken = self._judge.state(state)
        if broken is not None:
            return broken
        outside = self._judge.cut(state)
        if isinstance(outside, Event):
            return outside
        self.outside[state] = outside is not None
        return None

    def seen(self, claim: Claim, state: State) -> bool | Event:
        """Whether a state has a `reachable` property, or the model error in it."""
        answer = self._judge.reaches(claim, state)
        return replace(answer, state=state) if isinstance(answer, Event) else answer

    def deadlock(self, state: State) -> Event | None:
        """A state without successors where there should be some, or one that cannot be judged."""
        terminal = self._judge.is_terminal(state)
        if isinstance(terminal, Event):
            return terminal
        if terminal:
            return None
        return Event(ViolationKind.DEADLOCK, "deadlock", "no action is enabled", None)


MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
STREAM = 0xD1342543DE82EF95


def mixed(word: int) -> int:
    """A bijection of 64-bit words in which every bit depends on every other."""
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & MASK
    return word ^ (word >> 31)


class Draws:
    """The stream of one walk."""

    __slots__ = ("_state",)

    def __init__(self, seed: int, walk: int) -> None:
        """`seed` is a word of 64 bits, `walk` counts from 0."""
        start = mixed((seed + GOLDEN) & MASK)
        self._state = mixed(start ^ ((walk * STREAM) & MASK))

    def word(self) -> int:
        """The next 64 random bits."""
        self._state = (self._state + GOLDEN) & MASK
        return mixed(self._state)

    def takes(self, candidate: int) -> bool:
        """Whether the candidate of this number (from 1) replaces the one taken so far.

        It does with probability 1/candidate, so that after n candidates each is taken with
        probability 1/n. The first one draws nothing.
        """
        return candidate == 1 or self.word() * candidate < 1 << 64


NAME = "python"


@dataclass(slots=True)
class Walk:
    """One walk: `states[k]` lies after `steps[k]`, step 0 being the initial one.

    `event` is what ended it, `wrong` the step the event is about (None for a deadlock).
    `options[k]` is everything that state k leads to.
    """

    steps: list[Taken] = field(default_factory=list)
    options: list[list[Taken]] = field(default_factory=list)
    end: End = End.ABANDONED
    event: Event | None = None
    wrong: Taken | None = None

    @property
    def states(self) -> list[State]:
        """The states of the walk, the initial one first."""
        return [taken[3] for taken in self.steps if not isinstance(taken[3], Fault)]


class Walker:
    """Takes walks of a plan one after the other; `numbers` is what they saw together."""

    def __init__(self, instance: Instance, plan: Plan) -> None:
        self.instance, self.plan, self.budget = instance, plan, plan.budget.begun()
        self.stepper = Stepper(instance)
        self.stepper.tick = self._look_at_budget
        self.judge = Judge(instance, plan.requirements)
        self.events = StepJudge(self.judge)
        names = [a.name for a in instance.actions]
        self.numbers = Numbers(
            ended=dict.fromkeys(End, 0),
            offered=dict.fromkeys(names, 0),
            taken=dict.fromkeys(names, 0),
            reached={c.id: 0 for c in self.judge.reachable},
        )
        self.started = monotonic()
        self._names = names
        self._start: list[Taken] | None = None
        self._pending: list[Claim] = []

    def walk(self, number: int) -> Walk:
        """Take the walk of that number; raises Spent with the numbers up to there."""
        walk, draws = Walk(), Draws(self.plan.seed, number)
        subset = self._subset(draws)
        self._pending = list(self.judge.reachable)
        self.numbers.walks += 1
        try:
            walk.end, subset = self._choose(walk, None, self._initial(), draws, subset)
            while walk.end is End.ABANDONED:
                self._note_state(number, walk)
                if walk.event is None and len(walk.steps) > self.plan.depth:
                    walk.end = End.DEPTH
                if walk.end is not End.ABANDONED:
                    break
                self._look_at_budget()
                state = walk.steps[-1][3]
                assert not isinstance(state, Fault)
                options = list(self.stepper.expand(state))
                walk.options.append(options)
                walk.end, subset = self._choose(walk, state, options, draws, subset)
        finally:
            self._count(walk)
        return walk

    def _initial(self) -> list[Taken]:
        if self._start is None:
            self._start = list(self.stepper.start())
        return self._start

    def _subset(self, draws: Draws) -> list[int] | None:
        """Words whose bits say which actions a walk of a swarm uses."""
        if not self.plan.swarm:
            return None
        return [draws.word() for _ in range((len(self._names) + 63) // 64)]

    def _choose(
        self,
        walk: Walk,
        source: State | None,
        options: list[Taken],
        draws: Draws,
        subset: list[int] | None,
    ) -> tuple[End, list[int] | None]:
        """Judge every option and take one of those allowed; the subset is dropped when it must."""
        self._judge_all(walk, source, options)
        if walk.event is not None:
            return End.EVENT, subset
        if not options:
            return self._without_successor(walk, source), subset
        inside = [taken for taken in options if not self.events.outside[taken[3]]]  # type: ignore[index]
        chosen = _pick([t for t in inside if source is None or _uses(subset, t[0])], draws)
        if chosen is None and subset is not None:
            subset, chosen = None, _pick(inside, draws)
        if chosen is None:
            return End.OUTSIDE, subset
        walk.steps.append(chosen)
        if source is not None:
            self.numbers.taken[self._names[chosen[0]]] += 1
        return End.ABANDONED, subset

    def _judge_all(self, walk: Walk, source: State | None, options: list[Taken]) -> None:
        for taken in options:
            if not isinstance(taken[3], Fault):
                self.numbers.judged += 1
                if source is not None:
                    self.numbers.offered[self._names[taken[0]]] += 1
            if walk.event is None:
                event = self.events.event(source, taken)
                if event is not None:
                    walk.event, walk.wrong = event, taken

    def _without_successor(self, walk: Walk, source: State | None) -> End:
        if source is None or not self.plan.check_deadlock:
            return End.FINISHED
        walk.event = self.events.deadlock(source)
        return End.FINISHED if walk.event is None else End.DEADLOCK

    def _note_state(self, number: int, walk: Walk) -> None:
        """Look for `reachable` properties this walk has not seen yet."""
        state = walk.steps[-1][3]
        assert not isinstance(state, Fault)
        for claim in list(self._pending):
            seen = self.events.seen(claim, state)
            if isinstance(seen, Event):
                walk.event, walk.wrong, walk.end = seen, walk.steps.pop(), End.EVENT
                return
            if seen:
                self._pending.remove(claim)
                self.numbers.reached[claim.id] += 1
                self.numbers.first.setdefault(claim.id, number)

    def _count(self, walk: Walk) -> None:
        wrong = walk.end is End.EVENT and bool(walk.steps)
        steps = max(len(walk.steps) - 1, 0) + wrong
        self.numbers.steps += steps
        self.numbers.deepest = max(self.numbers.deepest, steps)
        self.numbers.ended[walk.end] += 1
        self.numbers.distinct, self.numbers.exact = len(self.events.outside), True

    def _look_at_budget(self) -> None:
        self.budget.look_at_clock()
        self.budget.look_at_states(self.numbers.judged)

    def take_all(self) -> Iterator[tuple[int, Walk]]:
        """Take the walks of the plan in order."""
        for number in range(self.plan.first, self.plan.first + self.plan.walks):
            yield number, self.walk(number)
            if self.plan.on_progress is not None:
                self.plan.on_progress(self.numbers, monotonic() - self.started)


def _uses(subset: list[int] | None, action: int) -> bool:
    return subset is None or bool(subset[action >> 6] >> (action & 63) & 1)


def _pick(options: list[Taken], draws: Draws) -> Taken | None:
    chosen = None
    for number, taken in enumerate(options, 1):
        if draws.takes(number):
            chosen = taken
    return chosen


def run(instance: Instance, plan: Plan) -> Walked:
    """Walk until something is wrong, the plan is done, a budget is spent, or Ctrl-C."""
    walker = Walker(instance, plan)
    violating, reason, interrupted = None, "", False
    try:
        with alarmed(walker.budget):
            for number, walk in walker.take_all():
                if walk.end in VIOLATING:
                    violating = number
                    walker.numbers.distinct, walker.numbers.exact = None, False
                    break
    except Spent as spent:
        reason = str(spent)
    except KeyboardInterrupt:
        reason, interrupted = "interrupted", True
    seconds = monotonic() - walker.started
    return Walked(NAME, walker.numbers, violating, reason, interrupted, seconds)
