"""The diagram of docs/kubelet.md is that of the reachable states of `kubelet.pod`."""

import re
from pathlib import Path

from planespec.checker.instance import Instance
from planespec.model.kubelet.pod_on_node import PodLife
from planespec.reports.formats.state_graphs import Graph, state_graph
from planespec.reports.input.catalogue import catalogue
from planespec.reports.text.wording import Subject

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "kubelet.md").read_text(encoding="utf-8")


def draw(graph: Graph) -> str:
    """A Mermaid state diagram of where the worker of pod0 is, and the phase that it holds."""
    place = [(field(node.values["work"]), field(node.values["known"])) for node in graph.nodes]
    edges: dict[tuple[tuple[str, str], tuple[str, str]], set[str]] = {}
    for edge in graph.edges:
        if place[edge.source] != place[edge.target]:
            ends = place[edge.source], place[edge.target]
            edges.setdefault(ends, set()).add(edge.action)
    lines = ["stateDiagram-v2", f"    [*] --> {name(*place[0])}"]
    lines += [f"    {name(*one)}: {one[0]}, {one[1]}" for one in dict.fromkeys(place)]
    lines += [
        f"    {name(*source)} --> {name(*target)}: {', '.join(sorted(actions))}"
        for (source, target), actions in edges.items()
    ]
    return "\n".join(lines) + "\n"


def field(text: str) -> str:
    """What is said of the only pod: `{pod0: SYNC}` is syncing, the others are in small letters."""
    word: str = re.findall(r"pod0: (\w+)", text)[0]
    return {"NONE": "unknown", "SYNC": "syncing"}.get(word, word.lower())


def name(work: str, phase: str) -> str:
    """How a state is called in the text of the diagram."""
    return f"{work}_{phase}"


def drawn() -> str:
    """The diagram of one pod with one container, and a kubelet that stays up."""
    instance = Instance(PodLife, {"forces": False})
    subject = Subject("kubelet.pod", instance)
    return draw(state_graph(subject, (), limit=2_000))


def test_the_diagram_of_the_page_is_drawn_from_the_model() -> None:
    (shown,) = re.findall(r"^```mermaid\n(.*?)^```", PAGE, re.M | re.S)
    assert shown == drawn()


def test_the_diagram_shows_what_is_promised_of_phases() -> None:
    text = drawn()
    assert "syncing_pending --> syncing_running: observe" in text
    assert not re.search(r"terminated_\w+ --> syncing", text)
    assert not re.search(r"succeeded --> \w+_(failed|running)", text)


def test_the_tables_of_bounds_have_the_counts_of_the_catalogue() -> None:
    rows = dict(re.findall(r"^\| `(\w+@[\w-]+)`[^|]*\| .* \| ([\d,]+) \|$", PAGE, re.M))
    known = {
        f"{model.removeprefix('kubelet.')}@{one.name}": f"{one.distinct:,}"
        for model, entry in catalogue().items()
        if model.startswith("kubelet.")
        for one in entry.instances
    }
    assert rows == known


def test_the_tables_of_bugs_have_the_steps_of_the_catalogue() -> None:
    rows = re.findall(r"^\| [^|]+ \| `(\w+)` \| [^|]+ \| ([\w-]+) \| (\d+) \|$", PAGE, re.M)
    killed = {
        (each.name, each.requirement, str(each.steps))
        for model, entry in catalogue().items()
        if model.startswith("kubelet.")
        for each in entry.mutants
    }
    assert len(rows) >= 25
    assert set(rows) <= killed
