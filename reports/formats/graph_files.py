"""Drawings for other tools: DOT and GraphML of a state graph, Mermaid of a trace."""

from collections.abc import Iterator

from planespec.checker.outcome import Trace, Violation
from planespec.reports.formats.state_graphs import Edge, Graph, Node
from planespec.reports.pages.dossier import Arrow, Diagram
from planespec.reports.pages.trace_views import sequence
from planespec.reports.text.outcome_text import violated
from planespec.reports.text.trace_text import show_call
from planespec.reports.text.wording import Subject

BROKEN, OUTSIDE, INITIAL = "#f4c7c3", "#dddddd", "#d5e8d4"
"""Fill of states that break something, that lie outside a constraint, that are initial."""


def dot_text(graph: Graph) -> str:
    """The graph: initial states have a double frame, what is broken is red and says what it is.

    Steps between the same two states share an arrow, a line for each.
    """
    return "\n".join(_lines(graph)) + "\n"


def _lines(graph: Graph) -> Iterator[str]:
    yield f"digraph {_quoted(graph.name)} {{"
    yield "  node [shape=box, fontname=monospace];"
    yield "  edge [fontname=monospace];"
    for number, node in enumerate(graph.nodes):
        yield f"  s{number} [{', '.join(_node(number, node))}];"
    for (source, target), edges in _arrows(graph).items():
        yield f"  s{source} -> s{target} [{', '.join(_edge(edges))}];"
    yield "}"


def _node(number: int, node: Node) -> Iterator[str]:
    lines = [f"State {number}" if node.values else "goes wrong", *node.changed]
    if node.values:
        lines += [f"breaks {text}" for text in node.breaks]
    if node.outside:
        lines.append(f"outside {node.outside}")
    yield f"label={_left(lines)}"
    if node.values:
        yield f"tooltip={_quoted(node.text)}"
    if node.initial:
        yield "peripheries=2"
    fill = BROKEN if node.breaks else OUTSIDE if node.outside else INITIAL if node.initial else ""
    if fill:
        yield "style=filled"
        yield f"fillcolor={_quoted(fill)}"


def _arrows(graph: Graph) -> dict[tuple[int, int], list[Edge]]:
    arrows: dict[tuple[int, int], list[Edge]] = {}
    for edge in graph.edges:
        arrows.setdefault((edge.source, edge.target), []).append(edge)
    return arrows


def _edge(edges: list[Edge]) -> Iterator[str]:
    lines = [f"{e.call} breaks {e.breaks}" if e.breaks else e.call for e in edges]
    yield f"label={_left(lines)}"
    if any(edge.breaks for edge in edges):
        yield "color=red"


def _left(lines: list[str]) -> str:
    """Lines that stand at the left, each ended by the escape that says so."""
    return '"' + "".join(f"{_escaped(line)}\\l" for line in lines) + '"'


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    """A backslash begins an escape in labels, a quotation mark ends the string."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")


def graphml_text(graph: Graph) -> str:
    """A directed multigraph; nodes are `s0`, `s1`, ..., each step is an edge of its own.

    Nodes have `label`, `level`, `initial`, `breaks`, `outside` and the value of each variable as
    text under `state.NAME`; edges have `label`, `action`, `arguments` and `breaks`.
    """
    import networkx

    made = networkx.MultiDiGraph(name=graph.name)
    for number, node in enumerate(graph.nodes):
        made.add_node(
            f"s{number}",
            label="\n".join(node.changed),
            level=node.level,
            initial=node.initial,
            breaks=", ".join(node.breaks),
            outside=node.outside,
            **{f"state.{name}": text for name, text in node.values.items()},
        )
    for edge in graph.edges:
        made.add_edge(
            f"s{edge.source}",
            f"s{edge.target}",
            label=f"{edge.action}({edge.arguments})",
            action=edge.action,
            arguments=edge.arguments,
            breaks=edge.breaks,
        )
    return "\n".join(networkx.generate_graphml(made)) + "\n"


# A trace as a Mermaid sequence diagram, from the drawing that the HTML pages have too.
#
# Mermaid has no slanted arrows: a message stands where it is received, and says when it was sent.


ARROWS = {"received": "->>", "lost": "--x", "pending": "--)"}


def mermaid_text(subject: Subject, trace: Trace, violation: Violation | None) -> str:
    """The diagram: a participant for each actor, a note for each step, what went wrong last.

    A model whose actions and messages name no sort with two members has one participant.
    """
    drawing = sequence(subject.instance, trace)
    lines = _alone(subject, trace) if drawing is None else _drawn(drawing)
    last = 1 if drawing is None else len(drawing.lifelines)
    made = ["sequenceDiagram", *(f"    {line}" for line in lines)]
    made += [f"    {line}" for line in _end(subject, trace, violation, last)]
    return "\n".join(made) + "\n"


def _drawn(drawing: Diagram) -> Iterator[str]:
    for number, name in enumerate(drawing.lifelines):
        yield f"participant p{number} as {_text(name)}"
    for row in drawing.rows:
        state = row.state
        for arrow in drawing.arrows:
            if arrow.received == state and arrow.fate != "pending":
                yield _arrow(arrow)
        yield f"Note over p{row.line}: {state} {_text(row.label)}"
        for message in row.sends:
            yield f"Note over p{row.line}: sends {_text(message)}"
    yield from (_arrow(a) for a in drawing.arrows if a.fate == "pending")


def _arrow(arrow: Arrow) -> str:
    ends = f"p{arrow.source}{ARROWS[arrow.fate]}p{arrow.target}"
    fate = {"received": "", "lost": ", lost", "pending": ", not received"}[arrow.fate]
    return f"{ends}: {_text(arrow.label)} (sent in {arrow.sent}{fate})"


def _alone(subject: Subject, trace: Trace) -> Iterator[str]:
    yield f"participant p0 as {_text(subject.instance.name)}"
    for number, step in enumerate(trace.steps, 1):
        yield f"Note over p0: {number} {_text(show_call(step.action, step.arguments))}"


def _end(subject: Subject, trace: Trace, violation: Violation | None, lines: int) -> Iterator[str]:
    over = "p0" if lines == 1 else f"p0,p{lines - 1}"
    if trace.loop is not None:
        yield f"Note over {over}: back to state {trace.loop}"
    if violation is None:
        return
    if violation.action:
        call = show_call(violation.action, violation.arguments)
        yield f"Note over {over}: {_text(f'{call} goes wrong: {violation.message}')}"
    yield f"Note over {over}: {_text(violated(subject, violation))}"


def _text(text: str) -> str:
    """Text that ends no statement: Mermaid takes `;` for the end of one, `#` for an entity.

    A line break or the word end by itself would end something as well.
    """
    escaped = "".join({"#": "#35;", ";": "#59;", "\n": " "}.get(c, c) for c in text)
    return f"({escaped})" if escaped.strip().lower() == "end" else escaped
