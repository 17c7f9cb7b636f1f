"""A state graph in GraphML, which networkx, Gephi, yEd and others read."""

from planespec.reports.graph.states import Graph


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
