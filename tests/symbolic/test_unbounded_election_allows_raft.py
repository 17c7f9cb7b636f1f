"""The election with unbounded terms allows everything the one with a full history does."""

import random

import pytest

from planespec.checker.errors import NotEnabled
from planespec.checker.instance import Instance
from planespec.checker.lang import Sort
from planespec.checker.lang.model import load, save
from planespec.model.raft.election import Election
from planespec.model.raft.election_unbounded import Server, UnboundedElection

COUNTERPART = {
    "timeout": lambda a: ("timeout", (a["s"],)),
    "observe_term": lambda a: ("observe_term", (a["s"], a["m"].candidate, a["m"].term)),
    "grant_vote": lambda a: ("grant_vote", (a["s"], a["m"].candidate)),
    "count_vote": lambda a: ("count_vote", (a["m"].candidate, a["m"].voter)),
    "become_leader": lambda a: ("become_leader", (a["s"],)),
    "restart": lambda a: ("restart", (a["s"],)),
}


@pytest.mark.parametrize("seed", range(30))
def test_every_step_of_the_bounded_election_is_one_of_the_unbounded(seed: int) -> None:
    rng = random.Random(seed)
    bounded, wide = Instance(Election, {"terms": 3}), Instance(UnboundedElection)
    watched = rng.randint(1, 3)
    state = next(iter(bounded.initial_states())).state
    model = wide.new()
    assert isinstance(model, UnboundedElection)
    model.watch(watched)
    for _ in range(60):
        steps = list(bounded.successors(state))
        step = rng.choice(steps)
        name, given = COUNTERPART[step.action](dict(step.arguments))
        arguments = [Server(int(x)) if isinstance(x, Sort) else x for x in given]
        if step.action == "grant_vote" and not _is_news(state, step.state):
            continue
        try:
            getattr(model, name)(*arguments)
        except NotEnabled:
            pytest.fail(f"{name}{arguments} is not enabled")
        load(model, save(model))
        state = step.state
        _assert_same(bounded, state, model, watched)


def _is_news(before: object, after: object) -> bool:
    """A vote granted again changes nothing in either model."""
    return before != after


def _assert_same(
    bounded: Instance, state: tuple[object, ...], model: object, watched: int
) -> None:
    now = dict(zip(bounded.variables, state, strict=True))
    shown = dict(zip(model._binding.names, save(model), strict=True))  # type: ignore[attr-defined]
    assert shown["term"] == now["term"]
    assert shown["role"] == now["role"]
    assert shown["voted_for"] == now["voted_for"]
    assert shown["elected"][0] == now["elected"][watched]
