"""Print answers about access for people."""

from planespec.reports.access.access_answers import (
    NOT_CONSIDERED,
    AccessVerdict,
    MayAnswer,
    ReachAnswer,
    WhoAnswer,
    list_missing,
)
from planespec.reports.audit.audit_result import make_printable
from planespec.spec.api.authorization.access_request import MASTERS
from planespec.spec.api.authorization.rbac_policy import Grant
from planespec.spec.api.authorization.reach.identities import Step, make_identity


def render_may(answer: MayAnswer) -> str:
    """Tell the verdict, the binding and the rule."""
    who = make_identity(answer.user).name
    modal = {AccessVerdict.YES: "may", AccessVerdict.NO: "may not"}.get(answer.verdict)
    said = f"{modal} {answer.asked.describe()}" if modal else f"{answer.asked.describe()}?"
    lines = [f"{answer.verdict}: {who} {said}"]
    lines += [f"  {answer.reason}"] if answer.reason else []
    lines += [f"  {each}" for each in _tell_grant(answer.grant)]
    lines += list_missing(answer.missing)
    return _finish(lines, NOT_CONSIDERED)


def render_who(answer: WhoAnswer) -> str:
    """Tell every subject with the binding and rule that allow it."""
    count = len({(each.subject, each.binding.namespace) for each in answer.grants})
    subjects = "subject" if count == 1 else "subjects"
    lines = [f"{count} {subjects} may {answer.asked.describe()}"]
    for grant in answer.grants:
        lines.append(f"  {grant.subject.describe(grant.binding.namespace)}")
        lines += [f"    {each}" for each in _tell_grant(grant)]
    if all(each.subject.name != MASTERS for each in answer.grants):
        lines.append(f"  and whoever is in group {MASTERS}")
    lines += list_missing(answer.missing)
    return _finish(lines, NOT_CONSIDERED)


def render_reach(answer: ReachAnswer, most: int) -> str:
    """Tell the ways to more, full control first, each step with what backs it; `most` of them."""
    who = make_identity(answer.user).name
    ways = answer.reach.list_ways()
    lines = [_head(answer, who, ways)]
    for steps in ways[:most]:
        lines.append(f"  {steps[-1].target.name}, in {_count(len(steps), 'step')}:")
        for number, step in enumerate(steps, 1):
            lines += _tell_step(number, step)
    if len(ways) > most:
        lines.append(f"  ({len(ways) - most:,} more ways are not shown; see --show)")
    lines += list_missing(answer.missing)
    return _finish(lines, answer.unconsidered)


def _head(answer: ReachAnswer, who: str, ways: list[list[Step]]) -> str:
    if answer.reach.holds_everything:
        return f"{who} may do everything already"
    if not ways:
        if answer.verdict is AccessVerdict.UNKNOWN:
            return f"unknown: {who} reaches nothing more, as far as is known"
        return f"{who} reaches nothing more than it holds"
    more = f"; {len(ways):,} ways to more in all" if len(ways) > 1 else ""
    nearest = f"{ways[0][-1].target.name} in {_count(len(ways[0]), 'step')}"
    return f"{who} reaches {nearest}{more}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _tell_step(number: int, step: Step) -> list[str]:
    lines = [f"    {number}. as {step.source.name}: {step.action}"]
    told: set[str] = set()
    for grant in step.grants:
        source, rule = _tell_grant(grant)
        lines += [f"       {each}" for each in (source, rule) if each not in told]
        told.add(source)
    return lines + [f"       {note}" for note in step.notes]


def _tell_grant(grant: Grant | None) -> list[str]:
    if grant is None:
        return []
    return [grant.source, f"  rule {grant.rule}"]


def _finish(lines: list[str], unconsidered: tuple[str, ...]) -> str:
    lines += [f"  not considered: {each}" for each in unconsidered]
    return make_printable("\n".join(lines))
