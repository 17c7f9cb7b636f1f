"""The reference engine on tiny systems: counts, order, verdicts, errors, bounds."""

from typing import Annotated, Any, Self

from planespec.checker.budget import Budget, Options
from planespec.checker.engines.python import replay, run
from planespec.checker.instance import Instance
from planespec.checker.lang import (
    Domain,
    Model,
    Range,
    Size,
    Sort,
    action,
    among,
    choose,
    constant,
    constraint,
    initial,
    invariant,
    mutant,
    reachable,
    record,
    require,
    sort,
    step_invariant,
    terminal,
)
from planespec.checker.outcome import Outcome, Trace, Verdict, ViolationKind

Small = Annotated[int, Range(0, "top")]


class Counter(Model):
    """Counts up, by one or by two, to the top."""

    top: int = constant(5)
    past: bool = mutant("It counts past the top.")
    down: bool = mutant("It counts down, too.")
    n: Small = 0
    idle: bool = False

    @action
    def one(self) -> None:
        require(self.n < self.top or self.past)
        self.n += 1

    @action
    def up(self, by: Annotated[int, Range(2, 2)]) -> None:
        require(self.n + by <= self.top)
        self.n += by

    @action
    def less(self) -> None:
        require(self.down and self.n == 3)
        self.n -= 1

    @action
    def never(self) -> None:
        require(self.idle)

    @invariant
    def below_four(self) -> bool:
        """The number is below four."""
        return self.n < 4

    @step_invariant
    def grows(self, before: Self) -> bool:
        """The number never falls."""
        return self.n >= before.n

    @reachable
    def at_three(self) -> bool:
        """Three is reached."""
        return self.n == 3

    @reachable
    def at_ninety(self) -> bool:
        """Ninety is reached."""
        return self.n == 90


def search(model: type[Model], constants: Any = None, **options: Any) -> Outcome:
    mutant = options.pop("mutant", None)
    budget = Budget(**{k: options.pop(k) for k in ("depth", "states", "seconds") if k in options})
    return run(Instance(model, constants, mutant), Options(budget=budget, **options))


def steps(trace: Trace | None) -> list[str]:
    assert trace is not None
    return [
        s.action + "".join(f" {name}={value!r}" for name, value in s.arguments)
        for s in trace.steps
    ]


def test_numbers_count_initial_states_and_every_enabled_instance() -> None:
    outcome = search(Counter, requirements=(), check_deadlock=False)
    numbers = outcome.statistics
    assert outcome.verdict is Verdict.HOLDS
    assert (numbers.distinct, numbers.generated, numbers.depth) == (6, 10, 4)
    assert numbers.levels == (1, 2, 2, 1)
    assert numbers.actions["one"].generated == 5
    assert [numbers.actions[a].distinct for a in ("one", "up")] == [3, 2]
    assert numbers.never_enabled == ("less", "never")
    assert numbers.unchanged == ("idle",)
    assert numbers.left == 0
    assert outcome.bound == "top=5"


def test_the_counterexample_is_the_first_among_the_shortest() -> None:
    outcome = search(Counter, requirements=("below_four",))
    violation = outcome.violation
    assert violation is not None
    assert violation.kind is ViolationKind.SAFETY
    assert violation.property == "below_four"
    assert violation.message == "The number is below four."
    assert steps(violation.trace) == ["up by=2", "up by=2"]
    assert violation.trace.states == ((0, False), (2, False), (4, False))


def test_the_level_is_finished_before_a_violation_is_reported() -> None:
    outcome = search(Counter, requirements=("below_four",))
    assert outcome.statistics.levels == (1, 2, 2)
    assert outcome.statistics.left == 2


def test_a_deadlock_is_reported_with_the_way_there() -> None:
    outcome = search(Counter, {"top": 2}, requirements=())
    assert outcome.violation is not None
    assert outcome.violation.kind is ViolationKind.DEADLOCK
    assert steps(outcome.violation.trace) == ["up by=2"]


def test_a_step_requirement_sees_both_states() -> None:
    outcome = search(Counter, requirements=("grows",), mutant="down")
    assert outcome.violation is not None
    assert outcome.violation.kind is ViolationKind.STEP
    assert steps(outcome.violation.trace) == ["one", "up by=2", "less"]


def test_a_model_error_names_action_line_and_value() -> None:
    outcome = search(Counter, {"top": 1}, requirements=(), mutant="past", check_deadlock=False)
    violation = outcome.violation
    assert violation is not None
    assert violation.kind is ViolationKind.ERROR
    assert violation.message == "n = 2 leaves 0..1"
    assert (violation.action, violation.arguments) == ("one", ())
    assert steps(violation.trace) == ["one"]
    assert violation.at is not None
    assert violation.at.file == __file__
    with open(__file__) as source:
        assert list(source)[violation.at.line - 1].strip() == "self.n += 1"


def test_a_reachable_property_tells_its_depth() -> None:
    outcome = search(Counter, requirements=("at_three",), check_deadlock=False)
    assert outcome.verdict is Verdict.HOLDS
    assert outcome.reached == {"at_three": 2}


def test_an_unreached_property_is_a_violation() -> None:
    outcome = search(Counter, requirements=("at_ninety",), check_deadlock=False)
    assert outcome.violation is not None
    assert outcome.violation.kind is ViolationKind.UNREACHED
    assert outcome.violation.property == "at_ninety"


def test_a_depth_bound_is_named_and_leaves_reachability_open() -> None:
    outcome = search(Counter, requirements=("grows",), depth=1)
    assert outcome.verdict is Verdict.HOLDS
    assert outcome.bound == "top=5; depth 1 cut 2"
    outcome = search(Counter, requirements=("at_three",), depth=1)
    assert outcome.verdict is Verdict.UNKNOWN
    assert outcome.reason == "at_three not reached within depth 1"


def test_a_budget_of_states_ends_as_unknown() -> None:
    outcome = search(Counter, requirements=(), states=3)
    assert outcome.verdict is Verdict.UNKNOWN
    assert outcome.reason == "the budget of 3 states is spent"
    assert outcome.statistics.distinct >= 3


def test_an_interrupt_gives_the_numbers_so_far() -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    outcome = search(Counter, requirements=(), on_progress=interrupt)
    assert outcome.verdict is Verdict.UNKNOWN
    assert outcome.interrupted
    assert outcome.statistics.distinct == 1


def test_a_terminal_state_is_no_deadlock() -> None:
    class Ends(Counter):
        """May stop at the top."""

        @terminal
        def at_top(self) -> bool:
            """The top is reached."""
            return self.n == self.top

    assert search(Ends, {"top": 2}, requirements=()).verdict is Verdict.HOLDS


def test_states_outside_a_constraint_are_judged_and_not_expanded() -> None:
    class Cut(Counter):
        """Not expanded from three on."""

        @constraint
        def below_three(self) -> bool:
            """Below three."""
            return self.n < 3

    outcome = search(Cut, requirements=(), check_deadlock=False)
    assert outcome.statistics.distinct == 3
    assert outcome.statistics.cut == {"constraint": 3}
    assert outcome.bound == "top=5; constraint cut 3"
    violated = search(Cut, requirements=("below_four",))
    assert violated.violation is not None
    assert steps(violated.violation.trace) == ["up by=2", "up by=2"]


class Place(Sort):
    pass


class Tokens(Model):
    """Choices: from sets, in helpers, twice in one action."""

    places: Domain[Place] = sort(3, symmetric=True)
    marked: set[Place] = set()
    deadlock = False

    def a_place(self) -> Place:
        place = choose(self.places)
        require(place in self.places)
        return place

    @action
    def mark(self) -> None:
        place = self.a_place()
        require(place not in self.marked)
        self.marked.add(place)

    @action
    def move(self) -> None:
        old = choose(self.marked)
        new = choose([p for p in self.places if p not in self.marked])
        self.marked.remove(old)
        self.marked.add(new)


def test_choices_are_made_in_order_and_carry_the_names_of_locals() -> None:
    state = (frozenset({Place(1), Place(0)}),)
    taken = [(s.action, s.arguments) for s in Instance(Tokens).successors(state)]
    assert taken == [
        ("mark", (("place", Place(2)),)),
        ("move", (("old", Place(0)), ("new", Place(2)))),
        ("move", (("old", Place(1)), ("new", Place(2)))),
    ]


def test_symmetry_stores_one_state_of_each_orbit() -> None:
    assert search(Tokens).statistics.distinct == 8
    reduced = search(Tokens, symmetry=True)
    assert reduced.statistics.distinct == 4
    assert reduced.symmetry == ("Place",)


def test_initial_actions_give_one_state_for_each_choice() -> None:
    class Starts(Tokens):
        """Starts with any one place marked, or two."""

        @initial
        def one(self) -> None:
            self.marked.add(choose(self.places))

        @initial
        def two(self, p: Place) -> None:
            q = choose(self.places)
            require(p < q)
            self.marked = {p, q}

    found = [s.state[0] for s in Instance(Starts).initial_states()]
    assert [len(s) for s in found] == [1, 1, 1, 2, 2, 2]


@record
class Job:
    number: Annotated[int, Range(0, 3)]


class Queue(Model):
    """Parameters that range over the members of a variable."""

    jobs: Annotated[set[Job], Size(4)] = {Job(2), Job(0), Job(1)}
    line: Annotated[list[Job], Size(3)] = [Job(1), Job(1)]
    deadlock = False

    @action
    def take(self, job: Job = among("jobs")) -> None:
        self.jobs.remove(job)

    @action
    def skip(self, job: Job = among("line")) -> None:
        require(job in self.jobs)
        self.jobs.remove(job)


def test_parameters_range_over_members_in_canonical_order() -> None:
    instance = Instance(Queue)
    taken = [(s.action, s.arguments[0][1].number) for s in instance.successors(_default(instance))]
    assert taken == [("take", 0), ("take", 1), ("take", 2), ("skip", 1), ("skip", 1)]


def _default(instance: Instance) -> Any:
    return next(iter(instance.initial_states())).state


def test_a_property_that_goes_wrong_or_changes_the_state_is_a_model_error() -> None:
    class Bad(Counter):
        """A property that stores."""

        @invariant
        def below_four(self) -> bool:
            """Stores."""
            self.n = 0
            return True

    outcome = search(Bad, requirements=("below_four",))
    assert outcome.violation is not None
    assert outcome.violation.kind is ViolationKind.ERROR
    assert outcome.violation.message == "in below_four: it changes the state"


def test_a_trace_is_replayed_and_its_end_explained() -> None:
    instance = Instance(Counter)
    outcome = run(instance, Options(requirements=("below_four",)))
    assert outcome.violation is not None
    trace = outcome.violation.trace
    answer = replay(instance, trace, ("below_four",))
    assert answer.is_behaviour
    assert answer.steps == 2
    assert answer.events[0].property == "below_four"
    wrong = Trace(trace.variables, trace.initial, (trace.steps[1],))
    assert replay(instance, wrong).failed == "step 1, up, is no step of the model from there"
    assert not replay(instance, Trace(trace.variables, (1, False), ())).is_behaviour
