"""Print a course through admission: the verdict, each step, the object as it is stored."""

import json

from planespec.reports.admit.admission_answers import Admission, AdmitVerdict, list_changes
from planespec.reports.audit.audit_result import make_printable
from planespec.spec.admission.admission_steps import Step

_LONGEST = 100
"""Letters of a value that are shown of a change."""


def render(answer: Admission) -> str:
    """Tell the verdict first, then every step, then the object."""
    lines = [_tell_verdict(answer)]
    lines += [f"  note: {note}" for note in answer.notes]
    lines += [f"  not known: {what}" for what in answer.course.open]
    lines += [f"  warning: {warning}" for warning in answer.course.warnings]
    for step in answer.course.steps:
        lines += _tell_step(step)
    if answer.verdict is AdmitVerdict.ADMITTED:
        lines.append("  stored:")
        text = json.dumps(answer.course.object, indent=2, ensure_ascii=False)
        lines += [f"    {line}" for line in text.splitlines()]
    return make_printable("\n".join(lines))


def _tell_verdict(answer: Admission) -> str:
    refusal = answer.course.refusal
    if answer.verdict is AdmitVerdict.ADMITTED:
        return f"{answer.title} is admitted"
    if refusal is None:
        return f"{answer.title} unknown: admitted, as far as is known"
    said = f"refused with {refusal.code} {refusal.reason}: {refusal.message}"
    if answer.verdict is AdmitVerdict.UNKNOWN:
        return f"{answer.title} unknown: {said}, as far as is known"
    return f"{answer.title} is {said}"


def _tell_step(step: Step) -> list[str]:
    """Tell what a step did; of one that did nothing its name."""
    told = [f"    {field}: {_show(was)} -> {_show(now)}" for field, was, now in list_changes(step)]
    told += [f"    note: {note}" for note in step.notes]
    told += [f"    not known: {what}" for what in step.open]
    told += [f"    warning: {warning}" for warning in step.warnings]
    if step.refusal is not None:
        told.append(f"    refused: {step.refusal.message}")
    return [f"  {step.plugin}", *told] if told else [f"  {step.plugin}: nothing to change or say"]


def _show(value: object) -> str:
    if value is None:
        return "(absent)"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
