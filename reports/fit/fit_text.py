"""Print an answer: the verdict, the nodes best first, what rejects the others, what would help."""

from typing import Any

from planespec.reports.audit.audit_result import make_printable
from planespec.reports.fit.node_answers import Explanation, Rejection
from planespec.spec.scheduling.attempts.attempt import FitVerdict

MOST_NODES = 5
"""Nodes that are named in one line; the rest are counted."""


def render(answer: Explanation) -> str:
    """Tell the verdict first, then every node, then what preemption and single changes do."""
    lines = [_tell_verdict(answer)]
    lines += [f"  note: {note}" for note in answer.notes]
    lines += [f"  not considered: {what}" for what in answer.unconsidered]
    if answer.wanted != 1:
        lines += _tell_placements(answer)
    for node in answer.nodes:
        lines += _tell_node(node, answer.best)
    lines += [f"  {name} cannot score: {why}" for name, why in answer.errors.items()]
    for name, rejections in answer.rejected.items():
        lines.append(f"  {name}: does not fit")
        for each in rejections:
            lines += [f"    {_tell(each)}", *(f"      {culprit}" for culprit in each.culprits)]
    lines += [f"  {name}: not known, {why}" for name, why in answer.open_nodes.items()]
    lines += _tell_preemption(answer.preemption)
    lines += [f"  would fit {_name(cure.nodes)}: {cure.change}" for cure in answer.cures]
    if answer.rejected and not answer.nodes and not answer.cures:
        lines.append("  no single change that is known here makes it fit")
    lines.append("  the default profile of kube-scheduler v1.36 is assumed")
    return make_printable("\n".join(lines))


def _tell_verdict(answer: Explanation) -> str:
    count = len(answer.nodes) + len(answer.rejected) + len(answer.open_nodes)
    said = f"fits {len(answer.nodes)} of {count} nodes"
    if answer.rejection is not None:
        said = f"fits no node: {_tell(answer.rejection)}"
    if answer.verdict is FitVerdict.UNKNOWN:
        is_open = answer.rejection is None and bool(answer.nodes)
        said = f"unknown: {said}, as far as is considered" if is_open else f"unknown: {said}"
    return f"Pod {answer.pod} {said}"


def _tell(rejection: Rejection) -> str:
    plugin = rejection.plugin or "PreFilter"
    return f"{plugin}: {', '.join(rejection.reasons)} ({rejection.code})"


def _tell_placements(answer: Explanation) -> list[str]:
    """Tell how many pods went to each node, and which one did not."""
    counts: dict[str, int] = {}
    for each in answer.placements:
        if each.node is not None:
            counts[each.node] = counts.get(each.node, 0) + 1
    lines = [f"  {sum(counts.values()):,} of {answer.wanted:,} pods find room"]
    listed = [f"{name} {number}" for name, number in counts.items()]
    more = len(listed) - 2 * MOST_NODES
    if more > 0:
        listed = [*listed[: 2 * MOST_NODES], f"{more:,} more nodes"]
    return [*lines, f"    {', '.join(listed)}"] if listed else lines


def _tell_node(node: dict[str, Any], best: list[str]) -> list[str]:
    place = ""
    if node["node"] in best:
        place = ", best" if len(best) == 1 else f", one of {len(best)} equally good"
    total = "no total" if node["total"] is None else f"score {node['total']}"
    lines = [f"  {node['node']}: fits, {total}{place}"]
    for name, each in node["scores"].items():
        shown = f"raw {each['raw']}, normalised {each['normalized']}, weighted {each['weighted']}"
        lines.append(f"    {name}: {shown}")
    return lines


def _tell_preemption(preemption: dict[str, Any] | None) -> list[str]:
    if preemption is None:
        return []
    if preemption["refusal"]:
        return [f"  preemption: {preemption['refusal']}"]
    if not preemption["candidates"]:
        return ["  preemption: helps on no node"]
    lines = []
    for name, each in preemption["candidates"].items():
        chosen = " (chosen)" if name in preemption["selected"] else ""
        breaks = f", {each['pdb_violations']} against a PodDisruptionBudget"
        breaks = breaks if each["pdb_violations"] else ""
        lines.append(f"  preemption: {name}{chosen}, evicts {', '.join(each['victims'])}{breaks}")
    return lines


def _name(nodes: Any) -> str:
    listed = ", ".join(nodes[:MOST_NODES])
    more = len(nodes) - MOST_NODES
    return f"{listed} and {more:,} more nodes" if more > 0 else listed
