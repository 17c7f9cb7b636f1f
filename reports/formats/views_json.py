"""The answer to `check --view all` as records: what `--json` prints."""

from collections.abc import Sequence

from planespec.reports.formats.outcome_json import Answer, Broken, Record, outcome_document
from planespec.reports.views import Seen, exit_code_of_views

SCHEMA = "planespec/views/1"
"""Changes only when a key changes its meaning or goes away."""


class ViewAnswer(Record, frozen=True):
    """What was found under one view."""

    view: str
    answer: Answer[Broken]


class ViewsAnswer(Record, frozen=True):
    """What was found under each view that was asked about."""

    schema: str
    model: str
    exit_code: int
    safe: tuple[str, ...]
    unsafe: tuple[str, ...]
    views: tuple[ViewAnswer, ...]


def views_document(target: str, seen: Sequence[Seen]) -> ViewsAnswer:
    """All answers, each as `check --json` gives it."""
    return ViewsAnswer(
        schema=SCHEMA,
        model=target,
        exit_code=int(exit_code_of_views(seen)),
        safe=tuple(each.view for each in seen if each.is_safe),
        unsafe=tuple(each.view for each in seen if each.is_unsafe),
        views=tuple(
            ViewAnswer(each.view, outcome_document(each.subject, each.outcome)) for each in seen
        ),
    )
