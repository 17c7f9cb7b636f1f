"""A state graph for drawing tools: the DOT language of Graphviz, and GraphML."""

from collections.abc import Iterator

from planespec.reports.formats.state_graphs import Edge, Graph, Node

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
        yield f"tooltip={_quoted(', '.join(f'{n} = {t}' for n, t in node.values.items()))}"
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
    lines = []
    for edge in edges:
        call = f"{edge.action}({edge.arguments})"
        lines.append(f"{call} breaks {edge.breaks}" if edge.breaks else call)
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
