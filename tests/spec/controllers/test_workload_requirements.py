"""Each requirement of StatefulSets, DaemonSets, Jobs and CronJobs, kept and broken."""

from types import SimpleNamespace
from typing import Any

import pytest

from planespec.spec.controllers import identity_requirements
from planespec.spec.controllers.batch import batch_requirements
from planespec.spec.controllers.batch.batch_requirements import Ending, Policy, Run
from planespec.spec.requirement import REQUIREMENTS, Requirement

SETS: dict[str, Any] = {
    "names": (0, 1),
    "replicas": 2,
    "partition": 1,
    "is_ordered": True,
    "uid": {0: 1, 1: 2},
    "is_new": {0: False, 1: True},
    "is_rolled": True,
    "is_well": {0: True, 1: True},
    "has_been_well": {0: True, 1: True},
    "left_running": {0: False, 1: False},
    "is_calm": True,
    "was_unseen_deleted": False,
    "was_out_of_turn": False,
    "claim_owner": {0: 0, 1: 2},
}
"""A StatefulSet of two pods, the second of the new template."""

DAEMONS: dict[str, Any] = {
    "nodes": (0, 1),
    "may_run": {0: True, 1: False},
    "may_stay": {0: True, 1: False},
    "daemons": {0: 1, 1: 0},
    "serving": {0: True, 1: False},
    "updated": {0: True, 1: False},
    "is_calm": True,
    "max_unavailable": 0,
    "max_surge": 0,
}
"""Two nodes, of which one takes pods and has one."""

JOBS: dict[str, Any] = {
    "names": ("a", "b"),
    "completions": 1,
    "parallelism": 1,
    "waits_for_ends": False,
    "is_gone": False,
    "active": {"a"},
    "terminating": set(),
    "held_back": {"a"},
    "ended_ok": 1,
    "ended_bad": 1,
    "was_lost": False,
    "succeeded": 0,
    "failed": 0,
    "ok": {5},
    "bad": {6},
    "ending": Ending.NONE,
}
"""A Job with a pod that runs, one that has succeeded and one that has failed."""
OVER = {"active": set(), "held_back": set(), "ok": set(), "succeeded": 1}

CRONS: dict[str, Any] = {
    "names": (0, 1),
    "policy": Policy.FORBID,
    "run": {0: Run.DONE, 1: Run.RUNNING},
    "now": 2,
    "is_due": {0: False, 1: True},
    "last": 2,
    "times_run": {0: 1, 1: 1},
    "is_settled": True,
}
"""Two times have come, and the Job of the second runs."""
BOTH = {0: Run.RUNNING, 1: Run.RUNNING}

STATES = [
    ("CTRL-20", SETS, {}, {"left_running": {0: True, 1: False}}),
    ("CTRL-21", SETS, {}, {"is_new": {0: True, 1: True}}),
    ("CTRL-21", SETS, {"replicas": 1, "uid": {0: 1, 1: 0}}, {"replicas": 1}),
    ("CTRL-23", SETS, {"is_well": {0: False, 1: True}}, {"is_well": {0: False, 1: False}}),
    ("CTRL-24", SETS, {"is_new": {0: False, 1: False}}, {"is_new": {0: True, 1: True}}),
    ("CTRL-25", SETS, {}, {"was_unseen_deleted": True}),
    ("CTRL-26", SETS, {}, {"was_out_of_turn": True}),
    ("CTRL-27", SETS, {"uid": {0: 1, 1: 0}}, {"uid": {0: 1, 1: 3}}),
    ("CTRL-28", DAEMONS, {"max_surge": 1, "daemons": {0: 2, 1: 0}}, {"daemons": {0: 2, 1: 0}}),
    ("CTRL-29", DAEMONS, {}, {"updated": {0: False, 1: False}}),
    (
        "CTRL-29",
        DAEMONS,
        {"may_stay": {0: True, 1: True}, "daemons": {0: 1, 1: 1}},
        {"daemons": {0: 1, 1: 1}},
    ),
    ("CTRL-30", DAEMONS, {}, {"serving": {0: False, 1: False}}),
    ("CTRL-31", DAEMONS, {}, {"daemons": {0: 2, 1: 0}}),
    ("CTRL-32", JOBS, {}, {"succeeded": 1}),
    ("CTRL-32", JOBS, {}, {"failed": 1}),
    ("CTRL-33", JOBS, OVER | {"ending": Ending.COMPLETE}, {"ending": Ending.COMPLETE}),
    ("CTRL-34", JOBS, OVER | {"ending": Ending.FAILED}, {"ending": Ending.FAILED}),
    ("CTRL-34", JOBS, {"is_gone": True}, OVER | {"ending": Ending.FAILED, "terminating": {"b"}}),
    ("CTRL-35", JOBS, {"terminating": {"b"}}, {"active": {"a", "b"}}),
    ("CTRL-35", JOBS, {"waits_for_ends": True}, {"waits_for_ends": True, "terminating": {"b"}}),
    ("CTRL-36", JOBS, {}, {"was_lost": True}),
    ("CTRL-37", JOBS, OVER | {"ending": Ending.FAILED}, {"ending": Ending.FAILURE_TARGET}),
    ("CTRL-38", JOBS, {}, {"ending": Ending.COMPLETE}),
    ("CTRL-38", JOBS, {"is_gone": True, "held_back": set()}, {"is_gone": True}),
    ("CTRL-39", JOBS, {}, {"bad": {5}}),
    ("CTRL-40", CRONS, {}, {"times_run": {0: 1, 1: 2}}),
    ("CTRL-41", CRONS, {"policy": Policy.ALLOW, "run": BOTH}, {"run": BOTH}),
    ("CTRL-44", CRONS, {}, {"is_settled": False}),
]
"""What is seen, by how it differs from the usual: where a requirement holds, and where not."""

STEPS = [
    ("CTRL-22", SETS, {"uid": {0: 1, 1: 0}}, {"uid": {0: 1, 1: 0}, "has_been_well": {0: False}}),
    ("CTRL-42", CRONS, {"times_run": {0: 1, 1: 0}}, {"times_run": {0: 0, 1: 1}}),
    ("CTRL-42", CRONS, {"times_run": {0: 1, 1: 0}}, {"times_run": {0: 1, 1: 0}, "now": 1}),
    ("CTRL-43", CRONS, {"last": 1}, {"last": 3}),
]
"""What was seen before the usual: where a requirement holds of the step, and where not."""


def see(usual: dict[str, Any], change: dict[str, Any]) -> SimpleNamespace:
    """Something that can be observed; a Job's status is among what is said of it."""
    found = SimpleNamespace(**(usual | change))
    found.job = found
    return found


@pytest.mark.parametrize(("number", "usual", "good", "bad"), STATES)
def test_a_requirement_holds_of_the_good_state_alone(
    number: str, usual: dict[str, Any], good: dict[str, Any], bad: dict[str, Any]
) -> None:
    assert REQUIREMENTS[number](see(usual, good))
    assert not REQUIREMENTS[number](see(usual, bad))


@pytest.mark.parametrize(("number", "usual", "good", "bad"), STEPS)
def test_a_requirement_holds_of_the_good_step_alone(
    number: str, usual: dict[str, Any], good: dict[str, Any], bad: dict[str, Any]
) -> None:
    assert REQUIREMENTS[number](see(usual, good), see(usual, {}))
    assert not REQUIREMENTS[number](see(usual, bad), see(usual, {}))


def test_every_requirement_has_a_case() -> None:
    modules = (identity_requirements, batch_requirements)
    named = [each for module in modules for each in vars(module).values()]
    numbers = {each.id for each in named if isinstance(each, Requirement)}
    assert numbers == {case[0] for case in (*STATES, *STEPS)}
