"""Maps whose keys are tuples: the same states, traces and words in all engines."""

from pathlib import Path

import pytest

from planespec.checker import values
from planespec.checker.budget import Budget, Options
from planespec.checker.errors import LanguageError, PlanespecError
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.ir.types import Array, Grid, Int
from planespec.checker.lang.model import Model
from planespec.checker.load import load_model
from planespec.checker.outcome import Outcome, Verdict
from planespec.checker.run import check
from planespec.checker.stateful import adapter
from planespec.reports.formats.itf_values import decode, encode
from planespec.reports.formats.tla.module import export
from planespec.reports.text.trace_text import changes

TOYS = Path(__file__).parent / "toys" / "routes.py"
Routes = load_model(f"{TOYS}:Routes")
Costs = load_model(f"{TOYS}:Costs")


def numbers(outcome: Outcome) -> tuple[object, ...]:
    found = outcome.statistics
    return outcome.verdict, found.generated, found.distinct, found.levels, outcome.reached


@pytest.mark.parametrize("symmetry", [False, True])
def test_python_and_native_find_the_same_states(symmetry: bool) -> None:
    options = Options(workers=2, symmetry=symmetry)
    python, native = (check(Instance(Routes), e, options) for e in ("python", "native"))
    assert numbers(python) == numbers(native)
    assert python.verdict is Verdict.HOLDS
    assert python.statistics.distinct == (425 if symmetry else 825)


@pytest.mark.parametrize("engine", ["python", "native", "symbolic"])
def test_a_broken_requirement_is_shown_place_by_place(engine: str) -> None:
    instance = Instance(Routes, {}, "forgets")
    violation = check(instance, engine, Options(budget=Budget(depth=5))).violation
    assert violation is not None
    before, after = violation.trace.states[-2:]
    number = instance.variables.index("hops")
    type_ = instance.types["hops"]
    told = [c.place for c in changes(type_, before[number], after[number], "hops")]
    assert told in (
        ["hops[node0, node1]", "hops[node1, node1]"],
        ["hops[node0, node0]", "hops[node1, node0]"],
    )


def test_a_value_is_frozen_as_an_array_of_arrays_and_shown_by_its_keys() -> None:
    type_ = Instance(Routes).types["hops"]
    assert isinstance(type_, Grid)
    assert str(type_) == "Array[tuple[Node, Node], 0..2]"
    frozen = ((0, 1), (2, 0))
    working = values.thaw(type_, frozen)
    assert list(working.keys()) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert list(working.values()) == [0, 1, 2, 0]
    assert values.freeze(type_, working) == frozen
    assert values.check(type_, {(0, 0): 1}) is not None
    shown = "{(node0, node0): 0, (node0, node1): 1, (node1, node0): 2, (node1, node1): 0}"
    assert values.show(type_, frozen) == shown
    assert decode(type_, encode(type_, frozen)) == frozen


def test_a_value_under_three_keys_is_frozen_by_the_first_of_them() -> None:
    two, three, bit = Int(0, 1), Int(0, 2), Int(0, 11)
    type_ = Grid(two, Array(three, Array(two, bit)), places=3)
    frozen = (((0, 1), (2, 3), (4, 5)), ((6, 7), (8, 9), (10, 11)))
    working = values.thaw(type_, frozen)
    assert list(working.values()) == list(range(12))
    assert working[1, 2, 0] == 10
    assert values.freeze(type_, working) == frozen


def test_a_value_out_of_its_range_is_named_by_its_key() -> None:
    model: Model = Costs()
    routes = Routes()
    with pytest.raises(PlanespecError, match=r"hops\[node0, node1\] = 7 leaves 0..2"):
        routes.hops[routes.nodes[0], routes.nodes[1]] = 7
    with pytest.raises(PlanespecError, match="which never changes"):
        model.cost[model.nodes[0], model.nodes[1]] = 7


GIVEN = [
    [[0, 5, 1], [1, 0, 1], [2, 1, 0]],
    {(0, 0): 0, (0, 1): 5, (0, 2): 1, (1, 0): 1, (1, 1): 0, (1, 2): 1}
    | {(2, 0): 2, (2, 1): 1, (2, 2): 0},
    {"node0": {"node0": 0, "node1": 5, "node2": 1}, "node1": [1, 0, 1], "node2": [2, 1, 0]},
]


@pytest.mark.parametrize("given", GIVEN)
def test_a_table_is_given_by_lists_by_pairs_or_by_objects_in_objects(given: object) -> None:
    instance = Instance(Costs, {"cost": given})
    assert instance.binding.tables["cost"].value == ((0, 5, 1), (1, 0, 1), (2, 1, 0))
    again = Instance(Costs, {"cost": instance.binding.tables["cost"].plain})
    assert again.binding.tables["cost"].value == instance.binding.tables["cost"].value
    python, native = (check(instance, e, Options()) for e in ("python", "native"))
    assert numbers(python) == numbers(native)
    assert numbers(python) != numbers(check(Instance(Costs), "python", Options()))


def test_a_table_without_a_value_for_a_key_is_refused_by_its_place() -> None:
    with pytest.raises(PlanespecError, match=r"cost\[node2\]\[node2\]: there is no value"):
        Instance(Costs, {"cost": {"node0": [0, 5, 1], "node1": [1, 0, 1], "node2": {0: 1, 1: 2}}})


def test_a_system_beside_a_model_shows_pairs_and_differences_name_them() -> None:
    instance = Instance(Routes)
    naming = adapter.Naming(instance)
    state = tuple(next(iter(instance.initial_states())).state)
    number = instance.variables.index("hops")
    assert naming.public(instance.types["hops"], state[number]) == {
        (a, b): 0 for a in (0, 1) for b in (0, 1)
    }
    (found,) = adapter.differences(naming, {"hops": ((0, 2), (0, 0))}, state)
    assert str(found) == "the system shows hops[node0, node1] = 2, the model has 0"


REFUSED = {
    "box: Array[tuple[Node, Node | None], bool] = each(False)": "a tuple of these",
    "seen: set[Array[tuple[Node, Node], bool]] = set()": "read as xs[a][b]",
    "last: Seen | None = None": "read as xs[a][b]",
}


@pytest.mark.parametrize("declared", REFUSED)
def test_what_no_key_is_and_where_no_map_from_tuples_stands_is_refused(
    declared: str, tmp_path: Path
) -> None:
    text = TOYS.read_text(encoding="utf-8").split("class Routes")[0]
    seen = "from planespec.checker.lang import record\n\n\n@record\nclass Seen:\n"
    seen += "    links: Array[tuple[Node, Node], bool]\n\n\n"
    model = f"class M(Model):\n    nodes: Domain[Node] = sort(2)\n    {declared}\n"
    path = tmp_path / "refused.py"
    path.write_text(text + seen + model, encoding="utf-8")
    with pytest.raises(LanguageError) as caught:
        Instance(load_model(f"{path}:M"))
    assert REFUSED[declared] in str(caught.value)


@pytest.mark.parametrize(
    "written", ["self.hops[a]", "self.hops[a][b]", "self.hops[a, b, a]", "self.hops.get(a)"]
)
def test_what_is_no_key_of_a_map_from_tuples_is_refused_in_the_model(
    written: str, tmp_path: Path
) -> None:
    text = TOYS.read_text(encoding="utf-8")
    path = tmp_path / "routes.py"
    text = text.replace("require(a != b and len(", f"require({written} == 0 and len(")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LanguageError, match=r"no key of Array\[tuple\[Node, Node\], 0..2\]"):
        compile_system(Instance(load_model(f"{path}:Routes")))


def test_a_map_from_pairs_and_an_array_of_arrays_are_never_equal(tmp_path: Path) -> None:
    text = TOYS.read_text(encoding="utf-8")
    nested = "{x: {y: 0 for y in self.nodes} for x in self.nodes}"
    path = tmp_path / "routes.py"
    text = text.replace("require(a != b and len(", f"require({nested} == self.hops and len(")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LanguageError, match="are never equal"):
        compile_system(Instance(load_model(f"{path}:Routes")))


def test_an_array_written_out_inside_another_has_brackets_in_tla(tmp_path: Path) -> None:
    text = TOYS.read_text(encoding="utf-8")
    costs = "{(Kind.SLOW, False): 0, (Kind.SLOW, True): 0, (Kind.FAST, False): 1, "
    text = text.replace("class Routes", f"COSTS = {costs}(Kind.FAST, True): 0}}\n\n\nclass Routes")
    text = text.replace(
        "self.at = to", "require(COSTS[Kind.FAST, to == here] < 2)\n        self.at = to"
    )
    path = tmp_path / "routes.py"
    path.write_text(text, encoding="utf-8")
    made = export(compile_system(Instance(load_model(f"{path}:Costs"))))
    inner = "((FALSE :> 0) @@ (TRUE :> 0))"
    assert f'("SLOW" :> {inner}) @@ ("FAST" :> ((FALSE :> 1) @@ (TRUE :> 0)))' in made.module
