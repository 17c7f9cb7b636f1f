"""What of an audit somebody asked for: requirements, severity, namespaces.

Everything is judged, and then what was not asked for is left out; how much that is stands beside
the verdict.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from planespec.checker.errors import ConfigurationError, did_you_mean
from planespec.reports.audit.audit_result import Report
from planespec.spec.cluster.cluster_requirements import Violation
from planespec.spec.cluster.snapshot_judge import list_audited
from planespec.spec.requirement import order_of

SEVERITIES = ("error", "warning")


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which violations are wanted; empty fields leave nothing out."""

    selected: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    severity: str = ""
    """The least severity; "error" leaves warnings out."""
    namespaces: frozenset[str] = frozenset()

    def wants(self, id_: str, severity: str) -> bool:
        """Say whether a requirement is asked of."""
        is_selected = not self.selected or id_ in self.selected
        is_severe = self.severity != "error" or severity == "error"
        return is_selected and is_severe and id_ not in self.ignored

    def keeps(self, violation: Violation) -> bool:
        """Say whether a violation is wanted: it counts for the namespace of its first object."""
        if not self.wants(violation.requirement.id, violation.requirement.severity):
            return False
        inside = {each.namespace for each in violation.objects[:1]}
        return not self.namespaces or bool(inside & self.namespaces)

    def apply(self, report: Report) -> None:
        """Leave out what is not wanted, and say by which requirements the rest is judged."""
        kept = [each for each in report.violations if self.keeps(each)]
        report.left_out = len(report.violations) - len(kept)
        report.violations = kept
        report.requirements = len(
            {
                each.id
                for each in list_audited()
                if self.wants(each.id, each.severity) and report.asks(each)
            }
        )
        if self.namespaces and not report.is_log:
            report.judged = Counter(
                {key: count for key, count in report.judged.items() if key[1] in self.namespaces}
            )
        report.wanted = self.describe()

    def describe(self) -> str:
        """Tell the options, as they were meant."""
        parts = [
            ("select", self.selected),
            ("ignore", self.ignored),
            ("severity", [self.severity] if self.severity == "error" else []),
            ("namespace", self.namespaces),
        ]
        return " ".join(f"--{name} {','.join(_sorted(each))}" for name, each in parts if each)


def _sorted(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: order_of(name) if "-" in name else (name, 0))


def read_narrowing(
    select: Sequence[str], ignore: Sequence[str], severity: str, namespaces: Sequence[str]
) -> Narrowing:
    """Read the options; ids are joined by commas. Raises ConfigurationError for an unknown one."""
    return Narrowing(
        frozenset(_read_ids(select)),
        frozenset(_read_ids(ignore)),
        severity,
        frozenset(name for text in namespaces for name in text.split(",") if name),
    )


def _read_ids(texts: Sequence[str]) -> Iterable[str]:
    """Yield ids; an area such as SCHED stands for all of it."""
    known = [each.id for each in list_audited()]
    areas = {order_of(id_)[0] for id_ in known}
    for name in (part.strip().upper() for text in texts for part in text.split(",")):
        if name in areas:
            yield from (id_ for id_ in known if order_of(id_)[0] == name)
        elif name in known:
            yield name
        else:
            near = did_you_mean(name, [*known, *areas])
            raise ConfigurationError(f"no requirement of an audit is called {name!r}{near}")
