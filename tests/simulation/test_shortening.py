"""What a walk found is made shorter, and stays a behaviour that breaks the same requirement."""

import json
from pathlib import Path

import pytest
from commands import Commands

from planespec.checker.engines.python import replay
from planespec.checker.engines.simulation.plan import Plan, Simulated
from planespec.checker.engines.simulation.simulation_run import simulate
from planespec.checker.instance import Instance
from planespec.checker.load import load_model
from planespec.checker.outcome import ViolationKind
from planespec.model.raft.election import Election

MAZE = '''
"""A walk that goes round before it goes wrong."""
from typing import Annotated
from planespec.checker.lang import Model, Range, action, invariant, require

class Maze(Model):
    """One way out, many ways round."""
    x: Annotated[int, Range(0, 5)] = 0
    door: bool = False
    lamp: Annotated[int, Range(0, 7)] = 0
    deadlock = {deadlock}

    @action
    def round(self) -> None:
        """Go round."""
        require(not self.door)
        self.x = (self.x + 1) % 6

    @action
    def switch(self, colour: Annotated[int, Range(0, 7)]) -> None:
        """The lamp has nothing to do with it."""
        require(not self.door)
        self.lamp = colour

    @action
    def leave(self) -> None:
        """The way out."""
        require(self.x == 2 and not self.door)
        self.door = True

    @invariant
    def inside(self) -> bool:
        """Nobody leaves."""
        return {deadlock} or not self.door
'''


def longest(instance: Instance) -> Simulated:
    """The answer of the walk, among many, that was longest before it was shortened."""
    found = [simulate(instance, "python", Plan(seed=4, first=n, walks=1)) for n in range(20)]
    return max(found, key=lambda answer: answer.steps)


@pytest.mark.parametrize("deadlock", [False, True])
def test_loops_and_idle_steps_are_left_out(planespec: Commands, deadlock: bool) -> None:
    path = planespec.write(MAZE.format(deadlock=deadlock), "maze.py")
    answer = longest(Instance(load_model(str(path))))
    assert answer.steps > 10
    violation = answer.outcome.violation
    assert violation is not None
    assert violation.kind is (ViolationKind.DEADLOCK if deadlock else ViolationKind.SAFETY)
    assert [step.action for step in violation.trace.steps] == ["round", "round", "leave"]


@pytest.mark.parametrize("mutant", ["vote_twice", "half_is_enough", "count_old_votes"])
def test_what_is_left_is_a_behaviour_that_breaks_the_same(mutant: str) -> None:
    instance = Instance(Election, {}, mutant)
    answer = simulate(instance, "native", Plan(seed=7))
    violation = answer.outcome.violation
    assert violation is not None
    again = replay(instance, violation.trace)
    assert again.is_behaviour
    assert violation.property in [event.property for event in again.events]
    assert len(violation.trace.steps) < answer.steps


def test_the_text_says_that_steps_were_left_out(planespec: Commands) -> None:
    path = planespec.write(MAZE.format(deadlock=False), "maze.py")
    answer = planespec("simulate", path, "--seed", "4", "--walk", "0", "--save", "found.json")
    saved = json.loads(Path("found.json").read_text())
    left = len(saved["violation"]["trace"]["steps"])
    assert saved["steps"] > left == 3
    assert f"found by walk 0 after {saved['steps']} steps; 3 are left of them" in answer.out
