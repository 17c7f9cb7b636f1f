"""Sequence diagrams and state graphs as data, and as drawings."""

from pathlib import Path
from xml.etree import ElementTree

from sample import ROOT

from planespec.checker.budget import Options
from planespec.checker.instance import Instance
from planespec.checker.outcome import Trace
from planespec.checker.run import check
from planespec.reports.formats.state_graphs import state_graph
from planespec.reports.input.catalogue import load_model
from planespec.reports.pages.dossier import Arrow, Diagram, DiagramRow
from planespec.reports.pages.state_drawing import drawn_graph
from planespec.reports.pages.svg import graph_svg, sequence_svg
from planespec.reports.pages.trace_views import LEFT_OVER, sequence
from planespec.reports.text.wording import Subject

COUNTER = '''
from typing import Annotated
from planespec.checker.lang import Model, Range, action, invariant, require

class Counter(Model):
    """Counts."""
    deadlock = False
    count: Annotated[int, Range(0, 3)] = 0

    @action
    def up(self) -> None:
        """One more."""
        require(self.count < 3)
        self.count += 1

    @invariant
    def small(self) -> bool:
        """At most 2."""
        return self.count <= 2
'''


def counterexample(instance: Instance, requirement: str) -> Trace:
    options = Options(requirements=(requirement,), check_deadlock=False)
    violation = check(instance, "python", options).violation
    assert violation is not None
    return violation.trace


def model(name: str, mutant: str | None = None, **constants: str) -> Instance:
    known = name if "." in name else str(ROOT / f"tests/models/{name}.py")
    return Instance(load_model(known), constants, mutant)


def test_a_vote_goes_from_its_voter_to_its_candidate() -> None:
    instance = model("raft.election", "vote_twice")
    drawn = sequence(instance, counterexample(instance, "RAFT-7"))
    assert drawn is not None
    assert drawn.lifelines == ("server0", "server1", "server2")
    requests = [a for a in drawn.arrows if a.label.startswith("VoteRequest(")]
    assert requests
    for arrow in requests:
        assert drawn.rows[arrow.sent - 1].label == "timeout"
        assert drawn.rows[arrow.received - 1].label in ("grant_vote", "observe_term")
        assert arrow.source != arrow.target
        assert arrow.sent < arrow.received


def test_a_step_of_nobody_has_a_lifeline_of_its_own() -> None:
    instance = model("two_phase", "eager")
    drawn = sequence(instance, counterexample(instance, "consistent"))
    assert drawn is not None
    assert drawn.lifelines[-1] == LEFT_OVER
    commit = next(row for row in drawn.rows if row.label == "commit")
    assert commit.line == 3
    assert commit.sends == ("Outcome(decision=COMMITTED)",)


def test_a_model_without_actors_has_no_diagram(tmp_path: Path) -> None:
    path = tmp_path / "counter.py"
    path.write_text(COUNTER, encoding="utf-8")
    instance = Instance(load_model(str(path)))
    assert sequence(instance, counterexample(instance, "small")) is None


def diagram(*arrows: Arrow, rows: int, sends: tuple[str, ...] = ()) -> Diagram:
    steps = tuple(DiagramRow(n, 0, "<go>", sends) for n in range(1, rows + 1))
    return Diagram(("a<b", "c&d"), steps, arrows)


def test_a_diagram_is_well_formed_and_escapes_what_it_shows() -> None:
    drawn = diagram(Arrow(0, 1, 1, 2, "<m>", "pending"), rows=1, sends=("<x>", "<y>"))
    root = ElementTree.fromstring(str(sequence_svg(drawn)))
    assert {"a<b", "c&d", "<go>", "<m>", "<x> +1"} <= {node.text for node in root.iter("text")}


def test_a_label_that_has_no_free_place_is_drawn_all_the_same() -> None:
    arrow = Arrow(0, 1, 1, 2, "vote", "pending")
    text = str(sequence_svg(diagram(arrow, arrow, rows=2)))
    drawn = [node.text for node in ElementTree.fromstring(text).iter("text")]
    assert drawn.count("vote") == 2


def test_peterson_has_the_graph_that_is_known_of_it() -> None:
    graph = drawn_graph(model("peterson"), 80)
    assert graph is not None
    assert len(graph.nodes) == 42
    assert max(node.level for node in graph.nodes) == 10
    places = [(node.x, node.y) for node in graph.nodes]
    assert len(set(places)) == 42, "no state hides another"
    assert all(node.y == node.level for node in graph.nodes)
    steps = [(e.source, e.target, a) for e in graph.edges for a in e.actions]
    assert len(steps) == 76, "77 generated, one of them the initial state"


def test_a_graph_that_is_too_large_is_not_drawn() -> None:
    assert drawn_graph(model("peterson"), 41) is None


def test_a_graph_without_bounds_is_not_drawn() -> None:
    assert drawn_graph(model("toy.resource_fit"), 80) is None


def test_a_drawn_graph_has_the_states_of_the_exported_one(tmp_path: Path) -> None:
    corners = Instance(load_model(f"{ROOT}/tests/engines/toys/corners.py:Constrained"))
    drawn = drawn_graph(corners, 80)
    exported = state_graph(Subject("corners", corners), None, 80)
    assert drawn is not None
    assert [node.text for node in drawn.nodes] == [node.text for node in exported.nodes]
    assert [node.level for node in drawn.nodes] == [node.level for node in exported.nodes]
    outside = {n for n, node in enumerate(exported.nodes) if node.outside}
    assert outside
    assert outside.isdisjoint(edge.source for edge in drawn.edges)


def test_a_graph_in_which_a_step_goes_wrong_is_not_drawn(tmp_path: Path) -> None:
    path = tmp_path / "counter.py"
    path.write_text(COUNTER.replace("self.count < 3", "self.count < 4"), encoding="utf-8")
    assert drawn_graph(Instance(load_model(str(path))), 80) is None


def test_a_drawn_graph_is_well_formed() -> None:
    graph = drawn_graph(model("peterson"), 80)
    assert graph is not None
    root = ElementTree.fromstring(str(graph_svg(graph)))
    assert len(root.findall("g[@class='edge']")) == len(graph.edges)
