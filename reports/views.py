"""How consistent must what a process sees be? One model, checked under each view that it names.

A view is a name for constants (`views = [instance("live", ...), ...]` in a model or a part of it),
the most consistent first. The answer says under which of them the model is safe, and shows the
shortest counterexample of the first under which it is not.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from planespec.checker.errors import ConfigurationError, ExitCode
from planespec.checker.lang.named import NamedInstance, find_instance, named_views, split_target
from planespec.checker.outcome import Outcome, Verdict, ViolationKind
from planespec.reports.input.catalogue import load_model
from planespec.reports.text.outcome_text import render_outcome, verdict_line
from planespec.reports.text.verdicts import exit_code_of, exit_code_of_violation
from planespec.reports.text.wording import Subject, plural

ALL = "all"


def views_of(target: str) -> tuple[NamedInstance, ...]:
    """The views of a model; ConfigurationError where neither it nor a part of it names any."""
    found = named_views(load_model(split_target(target)[0]))
    if not found:
        text = f"{target} names no views: `planespec.model.parts.informers.Informers` has them"
        raise ConfigurationError(f"{text}, or say views = [instance(...), ...]")
    return found


def find_view(target: str, name: str) -> NamedInstance:
    """One view of a model; ConfigurationError where it names none so."""
    return find_instance(split_target(target)[0], name, views_of(target), "view")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a check under one view found."""

    view: str
    subject: Subject
    outcome: Outcome

    @property
    def named(self) -> Subject:
        """The model with the option that gives this view."""
        return replace(self.subject, target=f"{self.subject.target} --view {self.view}")

    @property
    def unreached(self) -> str:
        """The property that no state has, where that is all that is wrong; else empty."""
        kinds = [each.kind for each in self.outcome.violations]
        is_all = bool(kinds) and all(kind is ViolationKind.UNREACHED for kind in kinds)
        return self.outcome.violations[0].property if is_all else ""

    @property
    def is_safe(self) -> bool:
        """Whether nothing is broken, also where something that may happen does not."""
        return bool(self.unreached) or self.outcome.verdict in (Verdict.HOLDS, Verdict.PROVED)

    @property
    def is_unsafe(self) -> bool:
        """Whether a behaviour breaks something."""
        return bool(self.outcome.violations) and not self.unreached


def look(
    views: Iterable[NamedInstance], check: Callable[[NamedInstance], tuple[Subject, Outcome]]
) -> list[Seen]:
    """Check under each view, until Ctrl-C."""
    seen: list[Seen] = []
    for view in views:
        seen.append(Seen(view.name, *check(view)))
        if seen[-1].outcome.interrupted:
            break
    return seen


def exit_code_of_views(seen: Sequence[Seen]) -> ExitCode:
    """That of the first view that is unsafe; 152 where one is undecided, 10 where none gets there.

    What no state has under one view but some has under another counts as reached.
    """
    for each in seen:
        if each.is_unsafe:
            return exit_code_of(each.outcome)
    if any(each.outcome.interrupted for each in seen):
        return ExitCode.INTERRUPTED
    if not all(each.is_safe for each in seen):
        return ExitCode.UNKNOWN
    if all(each.unreached for each in seen):
        return exit_code_of_violation(seen[0].outcome.violations[0])
    return ExitCode.HOLDS


def render_views(target: str, seen: Sequence[Seen], *, details: bool = False) -> str:
    """The verdict under each view, the counterexample of the first unsafe one, and the sum."""
    lines = [verdict_line(each.named, each.outcome) for each in seen]
    first = next((each for each in seen if each.is_unsafe), None)
    blocks = ["\n".join(lines), f"{target}: {_sum_up(seen)}"]
    if first is not None:
        blocks.insert(0, render_outcome(first.named, first.outcome, details=details))
    return "\n\n".join(blocks)


def _sum_up(seen: Sequence[Seen]) -> str:
    safe = [f"{each.view}{_never(each)}" for each in seen if each.is_safe]
    unsafe = [f"{each.view}{_after(each)}" for each in seen if each.is_unsafe]
    rest = [each.view for each in seen if not each.is_safe and not each.is_unsafe]
    words = (("safe with", safe), ("unsafe with", unsafe), ("undecided with", rest))
    parts = [f"{word} {', '.join(names)}" for word, names in words if names]
    return "; ".join(parts) + ", each within its bound above"


def _never(each: Seen) -> str:
    return f" (which never reaches {each.unreached})" if each.unreached else ""


def _after(each: Seen) -> str:
    steps = min(len(violation.trace.steps) for violation in each.outcome.violations)
    return f" ({plural(steps, 'step')})"
