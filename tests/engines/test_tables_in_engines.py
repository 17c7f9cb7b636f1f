"""Constant tables in the engines: no part of the state, folded, data of compiled code, and alike
for the elements of a symmetric sort.
"""

from pathlib import Path
from typing import Any

import pytest

from planespec.checker.budget import Budget, Options
from planespec.checker.engines.native.codegen.lower import lower
from planespec.checker.engines.native.layout.variables import Layout
from planespec.checker.engines.python.orbits import orbit_of
from planespec.checker.engines.python.reference_search import Search
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.ir.grammar import verify
from planespec.checker.ir.show import show
from planespec.checker.lang import LanguageError
from planespec.checker.load import load_model
from planespec.checker.outcome import Outcome, Verdict, ViolationKind
from planespec.checker.run import check

PLACEMENT = f"{Path(__file__).parents[1] / 'models' / 'pod_placement.py'}:PodPlacement"
ENGINES = ("python", "native", "symbolic")

WALK = '''
"""A walk whose steps stand in tables."""
from typing import Annotated
from planespec.checker.lang import (
    Array, Domain, Model, Range, Sort, action, among, each, invariant, require, sort, table,
)

Place = Annotated[int, Range(0, 5)]

class Node(Sort):
    """A node."""

class Walk(Model):
    """From place to place."""
    nodes: Domain[Node] = sort(3, symmetric=SYMMETRIC)
    weight: Array[Node, int] = table([20, 20, 20])
    peers: Array[Node, set[Node]] = table([[1, 2], [0, 2], [0, 1]])
    following: Array[Place, int] = table([1, 2, 3, 4, 5, 0])
    wide: Array[Node, Array[Place, int]] = table(each([900, 800, 700, 600, 500, 400]))
    deadlock = False
    at: Place = 0
    seen: set[Node] = set()
    total: Annotated[int, Range(0, 1000)] = 0

    @action
    def step(self) -> None:
        """On."""
        self.at = self.following[self.at + SKIP]

    @action
    def see(self, n: Node) -> None:
        """A node is seen that few of its peers were seen before."""
        require(n not in self.seen and len(self.peers[n] & self.seen) < 2)
        self.seen.add(n)
        self.total = self.weight[n] + self.wide[n][self.at]

    @action
    def restart(self) -> None:
        """Back where the table begins."""
        require(self.at == self.following[2])
        self.at = self.following[4] - 5
'''


def walk(folder: Path, *, symmetric: bool = False, skip: str = "0", **given: Any) -> Instance:
    """The walk, by default with one sort that is not symmetric and in steps of one."""
    path = folder / f"walk_{symmetric}_{len(skip)}.py"
    text = WALK.replace("SYMMETRIC", str(symmetric)).replace("SKIP", skip)
    path.write_text(text, encoding="utf-8")
    return Instance(load_model(f"{path}:Walk"), given)


def searched(instance: Instance, engine: str, depth: int = 8, **options: Any) -> Outcome:
    return check(instance, engine, Options(budget=Budget(depth=depth), **options))


def test_a_table_is_no_part_of_the_state(tmp_path: Path) -> None:
    instance = walk(tmp_path)
    system = verify(compile_system(instance))
    assert [v.name for v in system.variables] == ["at", "seen", "total"]
    assert Layout(system).bits == 3 + 3 + 10
    assert len(instance.binding.defaults) == 3


def test_what_stands_under_a_constant_key_is_known_when_the_model_is_compiled(
    tmp_path: Path,
) -> None:
    text = show(compile_system(walk(tmp_path)))
    restart = text.split("action restart")[1].split("property")[0]
    assert "require (self.at == 3)" in restart
    assert "table" not in restart
    assert "table following[(self.at + 0)" in text


def test_a_wide_table_is_data_of_the_module_once(tmp_path: Path) -> None:
    system = compile_system(walk(tmp_path))
    text = lower(system, Layout(system), system.properties, False)
    data = [line for line in text.splitlines() if "unnamed_addr constant" in line]
    assert len(data) == 1
    assert text.count(data[0].partition(" = ")[0] + ",") == 1


@pytest.mark.parametrize("engine", ENGINES[:2])
def test_elements_that_a_table_treats_alike_count_once(engine: str, tmp_path: Path) -> None:
    instance = walk(tmp_path, symmetric=True)
    whole = Search(instance, Options())
    whole.explore()
    orbits = set(map(orbit_of(instance), whole.seen))
    found = check(instance, engine, Options(symmetry=True)).statistics
    assert found.distinct == len(orbits) < len(whole.seen) / 2


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"weight": [20, 20, 21]}, "table weight tells node1 and node2 of the symmetric Node"),
        ({"peers": [[1], [2], [0]]}, "table peers tells node0 and node1 of the symmetric Node"),
        ({"wide": [[1] * 6, [2] * 6, [2] * 6]}, "table wide tells node0 and node1"),
    ],
)
def test_a_table_that_tells_elements_apart_is_refused_under_symmetry_by_name(
    given: dict[str, Any], text: str, tmp_path: Path
) -> None:
    instance = walk(tmp_path, symmetric=True, **given)
    assert searched(instance, "python").verdict is Verdict.HOLDS
    with pytest.raises(LanguageError) as caught:
        searched(instance, "python", symmetry=True)
    assert text in str(caught.value)
    assert "a table that is the same for all elements" in str(caught.value)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_key_that_a_table_has_not_is_a_model_error_in_every_engine(
    engine: str, tmp_path: Path
) -> None:
    violation = searched(walk(tmp_path, skip="self.at"), engine).violation
    assert violation is not None
    assert violation.kind is ViolationKind.ERROR
    assert violation.trace is not None
    assert len(violation.trace.steps) == 2
    assert violation.action == "step"


def test_wide_tables_are_read_under_the_key_that_is_asked_for(tmp_path: Path) -> None:
    """Each sum of the two tables is 20; with their rows exchanged there are others."""
    given = {"weight": [20, 10, 0], "wide": [[0] * 6, [10] * 6, [20] * 6]}
    found = [searched(walk(tmp_path, **given), e).statistics for e in ENGINES[:2]]
    assert found[0].distinct == found[1].distinct
    other = {**given, "wide": given["wide"][::-1]}
    assert searched(walk(tmp_path, **other), "python").statistics.distinct > found[0].distinct


def test_engines_agree_on_a_cluster_that_is_given_as_data() -> None:
    given = {"capacity": [6, 4, 9], "order": [3, 2, 1, 0]}
    found = [searched(Instance(load_model(PLACEMENT), given), e, depth=4) for e in ENGINES]
    assert [f.verdict for f in found][:2] == [Verdict.HOLDS] * 2
    assert found[0].statistics.distinct == found[1].statistics.distinct > 10
    assert found[0].statistics.generated == found[1].statistics.generated
    assert found[0].reached == found[1].reached == found[2].reached


def test_engines_break_the_same_requirement_after_as_many_steps() -> None:
    model = load_model(PLACEMENT)
    found = [searched(Instance(model, {}, "forgets_wishes"), e).violation for e in ENGINES]
    assert [v and v.property for v in found] == ["wishes_are_met"] * 3
    assert len({len(v.trace.steps) for v in found if v and v.trace}) == 1
