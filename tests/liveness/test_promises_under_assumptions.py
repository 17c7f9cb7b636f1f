"""Promises for good and under assumptions, and fairness of groups, in both engines and in TLC."""

import random
import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import upkeep
from test_promises_for_each_and_beside_cuts import judged
from toys import assert_is_behaviour, assert_is_fair, graph, where

from planespec.checker.budget import Options
from planespec.checker.engines.liveness.fair_graphs import Given, Graph, Unit
from planespec.checker.engines.liveness.lasso import Lasso, broken
from planespec.checker.front.compile import compile_system
from planespec.checker.instance import Instance
from planespec.checker.ir.system import PROMISES, Fairness, PropertyKind
from planespec.checker.outcome import Verdict
from planespec.checker.run import check
from planespec.reports.formats.tla.module import export

ENGINES = ["python", "native"]
EXPECTED = [
    (upkeep.Replicas, "stable", None, True),
    (upkeep.Replicas, "stable", "blind", False),
    (upkeep.Replicas, "comes", None, True),
    (upkeep.Links, "arrives", None, True),
    (upkeep.Links, "arrives_in_calm", None, True),
    (upkeep.Links, "arrives_at_once", None, False),
    (upkeep.Links, "arrives_somehow", None, False),
    (upkeep.Links, "all_arrive", None, True),
    (upkeep.Links, "others_arrive", None, False),
    (upkeep.Links, "second_arrives", None, True),
    (upkeep.Links, "second_follows", None, True),
    (upkeep.Links, "stays_silent", None, False),
    (upkeep.Turns, "at_the_end", None, True),
    (upkeep.OneForAll, "at_the_end", None, False),
    (upkeep.EitherOfThem, "goes", None, True),
    (upkeep.EachOfThem, "goes", None, False),
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("model", "promise", "mutant", "kept"), EXPECTED)
def test_promises_are_kept_or_broken(
    model: type, promise: str, mutant: str | None, kept: bool, engine: str
) -> None:
    outcome = judged(model, promise, engine, mutant)
    assert outcome.verdict is (Verdict.HOLDS if kept else Verdict.VIOLATED)
    assert not outcome.notes


def test_the_bound_of_a_verdict_says_what_is_assumed() -> None:
    outcome = judged(upkeep.Links, "arrives", "python")
    assert outcome.bound == "clients=2; assuming link_is_up"
    assert judged(upkeep.Links, "arrives_somehow", "python").bound == "clients=2"


def test_what_is_assumed_is_no_claim() -> None:
    instance = Instance(upkeep.Links)
    assert "link_is_up" not in {claim.id for claim in instance.judged()}
    assert {"link_is_up", "echoes"} <= {claim.id for claim in instance.assumed}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_promise_under_what_no_behaviour_keeps_is_told_of(engine: str) -> None:
    outcome = judged(upkeep.Dead, "arrives", engine)
    assert outcome.verdict is Verdict.HOLDS
    assert outcome.notes == (
        "arrives says nothing: no fair behaviour keeps link_is_up, which it assumes",
    )


def test_a_group_that_is_fair_for_each_is_split_by_those_parameters_alone() -> None:
    fair = Instance(upkeep.Turns).fair
    assert [(f.actions, f.each) for f in fair] == [
        (("leave",), ("c",)),
        (("think", "rest"), ("c",)),
    ]
    assert "weakly fair think or rest for each c" in _shown(upkeep.Turns)


def _shown(model: type) -> str:
    from planespec.checker.ir.show import show

    return show(compile_system(Instance(model)))


def test_the_export_says_what_is_assumed_and_what_is_fair_together() -> None:
    text = export(compile_system(Instance(upkeep.Turns))).module
    assert "WF_vars((\\E deep \\in {FALSE, TRUE} : think(c, deep)) \\/ (rest(c)))" in text.replace(
        "BOOLEAN", "{FALSE, TRUE}"
    )
    text = export(compile_system(Instance(upkeep.Links))).module
    assert (
        "Holds_arrives == \\A c \\in Client : ((([]<>(link_is_up(c)))) => (<>(arrives(c))))"
        in (text)
    )
    text = export(compile_system(Instance(upkeep.Replicas))).module
    assert "(asked(d)) ~> ([](there(d)))" in text


def _tlc() -> Path | None:
    sys.path.insert(0, str(Path(__file__).parents[1] / "export"))
    from tlc import jar

    return jar()


@pytest.mark.slow
@pytest.mark.parametrize("model", [upkeep.Replicas, upkeep.Links, upkeep.Turns, upkeep.OneForAll])
@pytest.mark.parametrize("mutant", [None, "blind"])
def test_tlc_says_the_same_of_each_promise(
    model: type, mutant: str | None, tmp_path: Path
) -> None:
    tools = _tlc()
    if tools is None:
        pytest.skip("no TLC: set PLANESPEC_TLA2TOOLS to tla2tools.jar, and have Java on the path")
    if mutant is not None and model is not upkeep.Replicas:
        pytest.skip("a model without this mutant")
    made = export(compile_system(Instance(model, {}, mutant)))
    (tmp_path / f"{made.name}.tla").write_text(made.module, encoding="ascii")
    lines = made.configuration.replace("CHECK_DEADLOCK FALSE\n", "").splitlines()
    promised = [line for line in lines if line.startswith("PROPERTY")]
    assert promised
    for line in promised:
        others = [x for x in lines if x == line or not x.startswith("PROPERTY")]
        (tmp_path / f"{made.name}.cfg").write_text("\n".join(others) + "\n", encoding="ascii")
        command = ["java", "-cp", str(tools), "tlc2.TLC", "-deadlock", "-cleanup", made.name]
        said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        kept = "No error has been found" in said.stdout
        assert kept or "emporal properties were violated" in said.stdout, said.stdout[-2000:]
        name = line.removeprefix("PROPERTY ").removeprefix("Holds_")
        assert (judged(model, name, "python", mutant).verdict is Verdict.HOLDS) == kept, name


def holds(
    kind: PropertyKind, truths: tuple[np.ndarray, ...], stem: list[int], cycle: list[int]
) -> bool:
    """What the kinds say of the behaviour `stem`, then `cycle` for ever."""
    p, q = truths[0], truths[-1]
    path = [*stem, *cycle]
    match kind:
        case PropertyKind.EVENTUALLY:
            return bool(p[path].any())
        case PropertyKind.ALWAYS_EVENTUALLY:
            return bool(p[cycle].any())
        case PropertyKind.EVENTUALLY_ALWAYS:
            return bool(p[cycle].all())
        case PropertyKind.LEADS_TO:
            return all(q[[*path[n:], *cycle]].any() for n, node in enumerate(path) if p[node])
        case PropertyKind.LEADS_TO_ALWAYS:
            return bool(q[cycle].all() or not p[path].any())
    raise AssertionError(kind)


def ways(g: Graph, steps: int) -> list[Lasso]:
    """Every lasso of at most so many steps, stuttering included."""
    edges = list(zip(g.source.tolist(), g.target.tolist(), g.action.tolist(), strict=True))
    found, walks = [], [(int(n), ()) for n in g.initial]
    for _ in range(steps + 1):
        longer = []
        for start, walk in walks:
            nodes = [start, *(edge[1] for edge in walk)]
            for k, node in enumerate(nodes):
                if node == nodes[-1]:
                    found.append(Lasso(start, tuple(walk[:k]), node, tuple(walk[k:])))
            longer += [(start, (*walk, e)) for e in edges if e[0] == nodes[-1]]
        walks = longer
    return found


def is_fair(g: Graph, lasso: Lasso, units: tuple[Unit, ...]) -> bool:
    try:
        assert_is_fair(g, lasso, units)
    except AssertionError:
        return False
    return True


def _nodes(lasso: Lasso) -> tuple[list[int], list[int]]:
    stem = [lasso.start, *(edge[1] for edge in lasso.stem)]
    return stem, [lasso.knot, *(edge[1] for edge in lasso.cycle)]


def _random_truths(rng: random.Random, kind: PropertyKind, nodes: int) -> tuple[np.ndarray, ...]:
    count = 2 if kind in (PropertyKind.LEADS_TO, PropertyKind.LEADS_TO_ALWAYS) else 1
    return tuple(
        where(nodes, *(n for n in range(nodes) if rng.random() < 0.5)) for _ in range(count)
    )


@pytest.mark.parametrize("seed", range(150))
def test_the_judgement_agrees_with_trying_every_short_behaviour(seed: int) -> None:
    rng = random.Random(seed)
    nodes = 3
    pairs = list(product(range(nodes), range(nodes), range(2)))
    whole = graph(nodes, rng.sample(pairs, rng.randrange(2, 6)))
    if not whole.reachable_from(where(nodes, 0)).all():
        whole = graph(nodes, [*((n, n + 1, 0) for n in range(nodes - 1)), (2, 0, 1), (1, 1, 0)])
    groups = [(0,), (1,), (0, 1)]
    units = tuple(
        Unit(group, rng.choice([Fairness.WEAK, Fairness.STRONG]))
        for group in groups
        if rng.random() < 0.4
    )
    behaviours = [lasso for lasso in ways(whole, 6) if is_fair(whole, lasso, units)]
    for kind in PROMISES:
        truths = _random_truths(rng, kind, nodes)
        kinds = rng.sample(PROMISES, rng.randrange(3))
        given: list[Given] = [(k, _random_truths(rng, k, nodes)) for k in kinds]
        found = broken(whole, kind, truths, units, given=given)
        if found is not None:
            assert_is_behaviour(whole, found)
            assert_is_fair(whole, found, units)
            assert all(holds(k, t, *_nodes(found)) for k, t in given)
            assert not holds(kind, truths, *_nodes(found))
            continue
        for lasso in behaviours:
            kept = all(holds(k, t, *_nodes(lasso)) for k, t in given)
            assert not kept or holds(kind, truths, *_nodes(lasso)), (kind, kinds, lasso)


def test_the_search_of_a_model_with_assumptions_ends_with_one_verdict_for_all() -> None:
    outcome = check(Instance(upkeep.Links), "auto", Options())
    broken_ids = {violation.property for violation in outcome.violations}
    assert broken_ids == {p for m, p, _, kept in EXPECTED if m is upkeep.Links and not kept}
