"""A reachable property that cannot be judged counts as long as it is sought."""

from pathlib import Path

import pytest

from planespec.checker.budget import Options
from planespec.checker.instance import Instance
from planespec.checker.load import load_model
from planespec.checker.outcome import ViolationKind
from planespec.checker.run import check

MODEL = f"{Path(__file__).parent}/toys/goes_wrong.py:GoesWrong"
GOOD, WRONG = ("good", 4), ("seen", 3)
CASES = {
    # seen in the first step, so that nobody asks in the second: the other path is the shortest
    "seen before": ({"seen_at": 1, "wrong_at": 3, "bad_at": 4}, GOOD),
    # never seen: what goes wrong in the second step is a model error
    "never seen": ({"seen_at": 9, "wrong_at": 3, "bad_at": 9}, WRONG),
    # seen in the level in which it goes wrong, on the other path
    "seen beside": ({"seen_at": 4, "wrong_at": 3, "bad_at": 9}, WRONG),
    "seen in front": ({"seen_at": 3, "wrong_at": 4, "bad_at": 9}, ("seen", 4)),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("engine", ["python", "native"])
def test_the_counterexample_ends_where_something_is_wrong(engine: str, name: str) -> None:
    constants, (property_, last) = CASES[name]
    instance = Instance(load_model(MODEL), constants)
    violation = check(instance, engine, Options(workers=2)).violation
    assert violation is not None
    assert violation.property == property_
    wrong = property_ == "seen"
    assert violation.kind is (ViolationKind.ERROR if wrong else ViolationKind.SAFETY)
    assert [state[0] for state in violation.trace.states][-1] == last
    assert len(violation.trace.steps) == 2
