"""DOT and GraphML of small models: every state, every step, what is broken; well-formed text."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import networkx
import pytest
from commands import COUNTER, Commands

from planespec.checker.errors import ExitCode
from planespec.reports.formats.graph_files import dot_text
from planespec.reports.formats.state_graphs import Edge, Graph, Node

TESTS = Path(__file__).resolve().parents[1]
MODELS = [
    (f"{TESTS}/models/peterson.py:Peterson", ("--mutant", "no_flag")),
    (f"{TESTS}/engines/toys/corners.py:Constrained", ()),
    (f"{TESTS}/engines/toys/corners.py:ManyStarts", ()),
    (f"{TESTS}/engines/toys/corners.py:CountsChoices", ()),
]
DEADLOCK = COUNTER.replace("deadlock = False", "deadlock = True")
ERROR = COUNTER.replace("Annotated[int, Range(0, 9)]", "Annotated[int, Range(0, 2)]")
STEP = COUNTER.replace(
    "    @reachable",
    '''    @step_invariant
    def by_one(self, before: "Counter") -> bool:
        """The count stays below two after a step."""
        return self.count < 2

    @reachable''',
)

STRING = r'"(?:[^"\\\n]|\\.)*"'
ATTRIBUTES = rf"\[\w+=(?:\w+|{STRING})(?:, \w+=(?:\w+|{STRING}))*\]"
DOT = re.compile(
    rf"digraph {STRING} \{{\n(?:  (?:node|edge|s\d+|s\d+ -> s\d+) {ATTRIBUTES};\n)*\}}\n"
)


def graphml(planespec: Commands, *arguments: str | Path) -> "networkx.MultiDiGraph[str]":
    answer = planespec("export", *arguments, "--to", "graphml")
    assert answer.code == 0
    return networkx.parse_graphml(answer.out, force_multigraph=True)


@pytest.mark.parametrize("case", MODELS, ids=lambda case: case[0].rsplit(":", 1)[1])
def test_a_graph_has_as_many_states_and_steps_as_a_search_counts(
    planespec: Commands, case: tuple[str, tuple[str, ...]]
) -> None:
    model, options = case
    found = graphml(planespec, model, *options)
    answer = json.loads(planespec("check", model, *options, "--json").out)
    inside = [n for n, data in found.nodes(data=True) if not data["outside"]]
    initial = sum(data["initial"] for _, data in found.nodes(data=True))
    assert initial > 0
    if answer["verdict"] == "Holds":
        assert len(inside) == answer["statistics"]["distinct"]
        counted = {name: n["generated"] for name, n in answer["statistics"]["actions"].items()}
        drawn = dict.fromkeys(counted, 0)
        for _, _, data in found.edges(data=True):
            drawn[data["action"]] += 1
        assert drawn == counted


def test_what_is_broken_is_marked(planespec: Commands) -> None:
    path = planespec.write(COUNTER)
    found = graphml(planespec, path, "--mutant", "runaway", "-c", "limit=1")
    broken = {n for n, data in found.nodes(data=True) if data["breaks"]}
    assert {data["breaks"] for n, data in found.nodes(data=True) if n in broken} == {
        "within_limit"
    }
    assert len(found) - len(broken) == 2
    assert found.nodes["s0"]["initial"]
    assert found.nodes["s2"]["state.count"] == "2"
    assert found.nodes["s2"]["label"] == "count: 1 -> 2"


@pytest.mark.parametrize(
    ("text", "words"),
    [(DEADLOCK, "breaks deadlock"), (ERROR, "count = 3 leaves 0..2"), (STEP, "breaks by_one")],
    ids=["deadlock", "model error", "step"],
)
def test_the_drawing_says_what_goes_wrong(planespec: Commands, text: str, words: str) -> None:
    answer = planespec("export", planespec.write(text), "--to", "dot")
    assert answer.code == 0
    assert words in answer.out


def test_a_model_with_too_many_states_is_refused_with_the_way_out(planespec: Commands) -> None:
    answer = planespec("export", "raft.bench", "--to", "dot", "--limit", "50")
    assert answer.code == ExitCode.CONFIGURATION
    assert "more than 50 states" in answer.err
    assert "--limit" in answer.err
    assert answer.out == ""


@pytest.mark.parametrize("form", ["dot", "graphml"])
def test_the_text_goes_into_a_file_on_request(planespec: Commands, form: str) -> None:
    path = planespec.write(COUNTER)
    shown = planespec("export", path, "--to", form)
    written = planespec("export", path, "--to", form, "-o", "graph.txt")
    assert written.out == "graph.txt\n"
    assert Path("graph.txt").read_text() == shown.out


def test_what_stands_in_quotes_cannot_end_them() -> None:
    nasty = 'a "quoted" \\back\\slash; and } \n a line'
    nodes = [Node({"x": nasty}, (nasty,), 0, True, (nasty,), nasty), Node({}, (nasty,), 1)]
    text = dot_text(Graph(nasty, nodes, [Edge(0, 1, "act", nasty, nasty)]))
    assert DOT.fullmatch(text)


def test_dot_is_well_formed_and_graphviz_takes_it(planespec: Commands) -> None:
    for text, mutant in ((COUNTER, ("--mutant", "runaway")), (ERROR, ()), (STEP, ())):
        made = planespec("export", planespec.write(text), "--to", "dot", *mutant).out
        assert DOT.fullmatch(made)
        if shutil.which("dot"):
            subprocess.run(["dot", "-Tsvg"], input=made.encode(), check=True, capture_output=True)
