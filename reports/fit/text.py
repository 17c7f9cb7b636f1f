"""An explanation as text for a terminal."""

from typing import Any

from planespec.reports.audit.printing import make_printable
from planespec.reports.fit.explain import Explanation, Rejection, Shortage


def render(answer: Explanation) -> str:
    """Tell the verdict, the nodes best first, the rejections, and what preemption could do."""
    count = len(answer.nodes) + len(answer.rejected)
    verdict = f"fits {len(answer.nodes)} of {count} nodes"
    if answer.rejection is not None:
        verdict = f"fits no node: {_tell(answer.rejection)}"
    lines = [f"Pod {answer.pod} {verdict}"]
    lines += [f"  note: {note}" for note in answer.notes]
    for node in answer.nodes:
        lines += _tell_node(node, answer.best)
    lines += [f"  {name} cannot score: {why}" for name, why in answer.errors.items()]
    for name, rejections in answer.rejected.items():
        lines.append(f"  {name}: does not fit")
        for each in rejections:
            lines.append(f"    {_tell(each)}")
            lines += [f"      {_measure(short)}" for short in each.shortages]
    lines += _tell_preemption(answer.preemption)
    lines.append("  the default profile is assumed; spec.schedulerName is not looked at")
    return make_printable("\n".join(lines))


def _tell(rejection: Rejection) -> str:
    plugin = rejection.plugin or "PreFilter"
    return f"{plugin}: {', '.join(rejection.reasons)} ({rejection.code})"


def _measure(short: Shortage) -> str:
    unit = " (milli)" if short.resource == "cpu" else ""
    return (
        f"{short.resource}{unit}: asked {short.asked:,}, free {short.free:,} "
        f"of {short.allocatable:,} allocatable"
    )


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
