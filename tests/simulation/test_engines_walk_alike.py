"""The same seed gives the same walks on both engines, with any number of workers."""

from array import array
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from planespec.checker.budget import Budget
from planespec.checker.engines.native.host import random_walks
from planespec.checker.engines.native.host.context import SAMPLE_MOST, SAMPLE_ROOM, Block, Walker
from planespec.checker.engines.native.host.random_walks import EVERY, estimate, purge
from planespec.checker.engines.simulation import walking
from planespec.checker.engines.simulation.plan import Plan, Walked
from planespec.checker.engines.simulation.simulation_run import simulate
from planespec.checker.engines.simulation.walking import Draws, mixed
from planespec.checker.errors import SystemRefusal
from planespec.checker.instance import Instance
from planespec.checker.load import load_model
from planespec.checker.outcome import Verdict
from planespec.model.raft.election import Election

TESTS = Path(__file__).resolve().parents[1]
CORNERS = f"{TESTS}/engines/toys/corners.py"
CASES: list[tuple[str, dict[str, Any], str | None]] = [
    (f"{TESTS}/models/two_phase.py:TwoPhase", {}, None),
    (f"{TESTS}/models/two_phase.py:TwoPhase", {}, "eager"),
    (f"{TESTS}/models/dining_philosophers.py:DiningPhilosophers", {}, "careless"),
    (f"{TESTS}/models/ewd840.py:EWD840", {}, None),
    (f"{CORNERS}:Deadlock", {}, None),
    (f"{CORNERS}:Deadlock", {"allow_end": True}, None),
    (f"{CORNERS}:LeavesRange", {}, None),
    (f"{CORNERS}:StepRule", {}, "slip"),
    (f"{CORNERS}:Constrained", {}, None),
    (f"{CORNERS}:Constrained", {"forbidden": 3}, None),
    (f"{CORNERS}:ManyStarts", {}, None),
    (f"{CORNERS}:ManyStarts", {}, "bad_start"),
    (f"{CORNERS}:Mailbox", {"nodes": 2}, None),
    (f"{CORNERS}:CountsChoices", {}, None),
]


def name(case: tuple[str, dict[str, Any], str | None]) -> str:
    model, constants, mutant = case
    extra = ",".join(f"{k}={v}" for k, v in constants.items())
    return "-".join(x for x in (model.rsplit("/", 1)[-1], extra, mutant) if x)


def essence(walked: Walked) -> tuple[Any, ...]:
    return walked.violating, walked.numbers


@pytest.mark.sample(2)
@pytest.mark.parametrize("case", CASES, ids=name)
def test_both_engines_see_the_same_on_the_same_walks(
    case: tuple[str, dict[str, Any], str | None],
) -> None:
    model, constants, mutant = case
    instance = Instance(load_model(model), constants, mutant)
    for swarm in (False, True):
        plan = Plan(
            seed=11, walks=40, depth=12, swarm=swarm, check_deadlock=instance.check_deadlock
        )
        python = essence(walking.run(instance, plan))
        assert essence(random_walks.run(instance, plan)) == python
        assert essence(random_walks.run(instance, replace(plan, workers=3))) == python


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_the_least_walk_that_goes_wrong_is_reported(workers: int) -> None:
    instance = Instance(Election, {}, "count_old_votes")
    plan = Plan(seed=7, walks=2_000, workers=workers)
    found = simulate(instance, "native", plan)
    assert found.outcome.verdict is Verdict.VIOLATED
    assert (found.walk, found.steps, found.numbers.walks) == (183, 15, 184)


def test_a_walk_can_be_taken_alone() -> None:
    instance = Instance(Election, {}, "count_old_votes")
    plan = Plan(seed=7, first=183, walks=1)
    answers = [simulate(instance, engine, plan) for engine in ("python", "native")]
    assert answers[0].outcome.violation == answers[1].outcome.violation is not None
    assert [answer.steps for answer in answers] == [15, 15]


def test_the_estimate_of_distinct_states_is_the_same_with_any_number_of_workers() -> None:
    instance = Instance(Election, {"servers": 4})
    numbers = [
        random_walks.run(instance, Plan(seed=1, walks=1_000, workers=n)).numbers for n in (1, 2, 3)
    ]
    assert numbers[0] == numbers[1] == numbers[2]
    assert not numbers[0].exact
    assert numbers[0].distinct is not None
    assert numbers[0].distinct > SAMPLE_MOST


def test_few_distinct_states_are_counted() -> None:
    plan = Plan(seed=1, walks=10)
    exact = walking.run(Instance(Election), plan).numbers
    counted = random_walks.run(Instance(Election), plan).numbers
    assert counted == exact
    assert counted.exact


@pytest.mark.parametrize("states", [1_000, SAMPLE_MOST, 50_000])
def test_the_estimate_is_near_the_number_of_states(states: int) -> None:
    block, table = Block(Walker.SIZE), Block(SAMPLE_ROOM)
    block.array[Walker.LIMIT] = EVERY
    for number in range(states):
        value = mixed(number + 1)
        if value >= int(block.array[Walker.LIMIT]):
            continue
        place = value & (SAMPLE_ROOM - 1)
        while table.array[place]:
            place = (place + 1) & (SAMPLE_ROOM - 1)
        table.array[place] = value
        block.array[Walker.SAMPLED] += 1
        purge(block.array, table.array)
    found, exact = estimate([block], [table])
    assert exact == (states <= SAMPLE_MOST)
    assert found == states if exact else abs(found - states) < 0.05 * states


def test_what_one_worker_sampled_beyond_the_limit_of_another_does_not_count() -> None:
    half = EVERY // 2
    samples = [(half, [5, half - 1]), (EVERY, [7, half + 1])]
    blocks, tables = [], []
    for limit, values in samples:
        blocks.append(Block(Walker.SIZE))
        blocks[-1].array[Walker.LIMIT] = limit
        tables.append(Block(SAMPLE_ROOM))
        tables[-1].array[: len(values)] = array("Q", values)
    assert estimate(blocks, tables) == (6, False)


def test_a_spent_budget_leaves_the_numbers() -> None:
    instance = Instance(Election)
    for engine in ("python", "native"):
        budget = Budget(states=2_000)
        found = simulate(instance, engine, Plan(seed=1, walks=10**6, budget=budget))
        assert found.outcome.reason == "the budget of 2,000 states is spent"
        assert found.numbers.judged >= 2_000


COIN = '''
"""Two actions that are always enabled."""
from typing import Annotated
from planespec.checker.lang import Model, Range, action

class Coin(Model):
    """Three instances on one side, one on the other."""
    side: Annotated[int, Range(0, 3)] = 0

    @action
    def many(self, n: Annotated[int, Range(1, 3)]) -> None:
        """Whatever n is, the side is 1."""
        self.side = min(n, 1)

    @action
    def one(self) -> None:
        """The other side."""
        self.side = 0
'''


def coin(folder: Path) -> Instance:
    (folder / "coin.py").write_text(COIN, encoding="utf-8")
    return Instance(load_model(str(folder / "coin.py")))


def test_instances_are_equally_likely_and_so_neither_actions_nor_states_are(
    tmp_path: Path,
) -> None:
    taken = random_walks.run(coin(tmp_path), Plan(seed=2, walks=400)).numbers.taken
    # Three of four of 40,000 steps; five standard deviations are 433 steps.
    assert abs(taken["many"] - 30_000) < 433


def test_a_walk_of_a_swarm_uses_a_random_half_of_the_actions(tmp_path: Path) -> None:
    instance, kinds = coin(tmp_path), {"many": 0, "one": 0, "both": 0}
    for number in range(400):
        plan = Plan(seed=2, first=number, walks=1, depth=20, swarm=True)
        taken = walking.run(instance, plan).numbers.taken
        used = [name for name, count in taken.items() if count]
        kinds[used[0] if len(used) == 1 else "both"] += 1
    # A quarter each for one alone; neither leaves nothing enabled, so that both are used then.
    assert abs(kinds["many"] - 100) < 45
    assert abs(kinds["one"] - 100) < 45


def test_where_the_model_cannot_be_compiled_it_is_walked_slowly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> Walked:
        raise SystemRefusal("f calls itself")

    monkeypatch.setattr(random_walks, "run", refuse)
    plan = Plan(seed=1, walks=2, depth=5)
    answer = simulate(Instance(Election), "auto", plan).outcome
    assert answer.engine == "python"
    assert answer.notes == ("f calls itself; walked without it, slowly",)
    with pytest.raises(SystemRefusal):
        simulate(Instance(Election), "native", plan)


def test_every_candidate_is_taken_equally_often() -> None:
    taken = [0] * 5
    for walk in range(20_000):
        draws, chosen = Draws(3, walk), 0
        for number in range(1, 6):
            if draws.takes(number):
                chosen = number
        taken[chosen - 1] += 1
    # Chi-square with 4 degrees of freedom: 18.5 is exceeded once in a thousand seeds.
    assert sum((n - 4_000) ** 2 / 4_000 for n in taken) < 18.5


GOLDEN = 0x9E3779B97F4A7C15
HALF = 1 << 63
WORD = (1 << 64) - 1


def unmixed(word: int) -> int:
    """The word that `mixed` makes this one of."""
    word ^= (word >> 31) ^ (word >> 62)
    word = word * pow(0x94D049BB133111EB, -1, 1 << 64) & WORD
    word ^= (word >> 27) ^ (word >> 54)
    word = word * pow(0xBF58476D1CE4E5B9, -1, 1 << 64) & WORD
    return word ^ (word >> 30) ^ (word >> 60)


def seed_that_draws(word: int) -> int:
    """The seed with which walk 0 draws this word first."""
    return (unmixed(unmixed((unmixed(word) - GOLDEN) & WORD)) - GOLDEN) & WORD


TOSS = '''"""A coin."""

from planespec.checker.lang import Model, action, invariant, require


class Coin(Model):
    """Is tossed and looked at."""

    deadlock = False
    tossed: bool = False
    heads: bool = False
    seen: bool = False

    @action
    def toss(self, heads: bool) -> None:
        """Either side."""
        require(not self.tossed)
        self.tossed = True
        self.heads = heads

    @action
    def look(self) -> None:
        """The side is seen."""
        require(self.tossed)
        self.seen = self.heads

    @invariant
    def tails(self) -> bool:
        """Heads are never seen."""
        return not self.seen
'''


@pytest.mark.parametrize(("word", "heads"), [(HALF, False), (HALF - 1, True)])
def test_half_of_all_draws_take_the_second_of_two_to_the_last_one(
    word: int, heads: bool, tmp_path: Path
) -> None:
    path = tmp_path / "coin.py"
    path.write_text(TOSS, encoding="utf-8")
    seed = seed_that_draws(word)
    assert Draws(seed, 0).word() == word
    assert Draws(seed, 0).takes(2) is heads
    instance = Instance(load_model(f"{path}:Coin"))
    for engine in (walking.run, random_walks.run):
        walked = engine(instance, Plan(seed=seed, walks=1, depth=2))
        assert (walked.violating is not None) is heads
