"""Parameters that range over `inbox[n]`: every engine has the same instances, in one order."""

from pathlib import Path

import comparison
import pytest

from planespec.checker.budget import Budget, Options
from planespec.checker.errors import LanguageError
from planespec.checker.instance import Instance
from planespec.checker.load import load_model
from planespec.checker.run import check

ZOO = Path(__file__).parents[1] / "front" / "zoo" / "inboxes_zoo.py"


@pytest.fixture
def instance() -> Instance:
    return Instance(load_model(f"{ZOO}:Inboxes"))


def test_steps_agree_with_the_symbolic_meaning(instance: Instance) -> None:
    assert comparison.assert_same_steps(instance, states=12) > 12


def test_the_native_engine_agrees_with_and_without_symmetry(instance: Instance) -> None:
    comparison.assert_native_agrees(instance)
    assert comparison.assert_symmetry_agrees(instance)


def test_the_solver_agrees_on_verdict_and_length(instance: Instance) -> None:
    comparison.assert_solver_agrees(instance, depth=2)


def test_fairness_of_each_instance_agrees() -> None:
    instance = Instance(load_model(f"{ZOO}:FairInboxes"))
    options = Options(requirements=("nothing_stays",), budget=Budget(depth=5))
    python, native = (check(instance, engine, options) for engine in ("python", "native"))
    assert python.verdict is native.verdict


TEMPLATE = '''
from typing import Annotated
from planespec.checker.lang import Array, Domain, Model, Range, Sort, action, among, each, sort

class Node(Sort):
    """A node."""

Small = Annotated[int, Range(0, 2)]

class M(Model):
    """Boxes."""
    nodes: Domain[Node] = sort(2)
    box: Array[Node, set[Small]] = each(set())
    flags: Array[Node, bool] = each(False)
    pairs: Array[tuple[Node, Node], set[Small]] = each(set())

    @action
    def take(self, {}) -> None:
        """Take."""
        self.box[n].discard(x)
'''


@pytest.mark.parametrize(
    "parameters",
    [
        pytest.param('x: Small = among("box[n]"), n: Node = among("box")', id="after"),
        pytest.param('n: Small, x: Small = among("box[n]")', id="another type"),
        pytest.param('n: Node, x: Small = among("box[n][n]")', id="too deep"),
        pytest.param('n: Node, x: Small = among("flags[n]")', id="no set"),
        pytest.param('n: Node, x: Small = among("box[Node(0)]")', id="a computed key"),
        pytest.param('n: Node, x: Small = among("box")', id="an array"),
        pytest.param('n: Node, x: Small = among("box[n, n]")', id="a pair for one"),
        pytest.param('n: Node, x: Small = among("pairs[n]")', id="one for a pair"),
        pytest.param('n: Node, x: Small = among("pairs[n][n]")', id="one after another"),
        pytest.param('n: Node, x: Small = among("box[")', id="no expression"),
    ],
)
def test_what_is_no_set_under_a_parameter_is_refused_at_the_parameter(
    parameters: str, tmp_path: Path
) -> None:
    path = tmp_path / "boxes.py"
    path.write_text(TEMPLATE.format(parameters), encoding="utf-8")
    with pytest.raises(LanguageError, match=r"boxes.py:\d+:\d+: M: among\('.*'\) names no set"):
        Instance(load_model(f"{path}:M"))
