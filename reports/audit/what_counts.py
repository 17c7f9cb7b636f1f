"""Which findings count: by id, level and namespace, and those that somebody has accepted.

Options of the command come first, then `.planespec.toml` (table `audit`) or `pyproject.toml`
(table `tool.planespec.audit`) of the folder or one above it. A finding is accepted by an
annotation of the object, `audit.planespec.dev/<ID>: <reason>`, or by a file of accepted findings.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from planespec.checker.errors import ConfigurationError, InputError
from planespec.reports.audit.audit_result import Accepted, Report
from planespec.reports.files import dumps
from planespec.reports.input.json_text import read_json, read_text
from planespec.spec.cluster.cluster_requirements import (
    Reference,
    Violation,
)
from planespec.spec.cluster.snapshot_judge import list_audited
from planespec.spec.objects import ObjectError, ObjectMeta, View
from planespec.spec.objects.object_store import Store
from planespec.spec.requirement import Requirement
from planespec.spec.schema.schema_judge import SHAPE

ACCEPTING = "audit.planespec.dev/"
"""What the annotations that accept a finding begin with; behind it stands the requirement."""
ACCEPTED_SCHEMA = "planespec/audit-accepted/1"
SEVERITIES = ("warning", "error")
_LISTS = ("select", "ignore", "namespace")
_CONFIGURED = (*_LISTS, "severity", "strict", "baseline")

Key = tuple[str, str, str]
"""What tells a finding from others: requirement, object, field."""


@dataclass(frozen=True, slots=True)
class Control:
    """What the user has asked for; an empty list restricts nothing."""

    select: tuple[str, ...] = ()
    """Ids, or areas such as OBJ."""
    ignore: tuple[str, ...] = ()
    namespace: tuple[str, ...] = ()
    severity: str = "warning"
    """The least that counts."""
    strict: bool = False
    """Whether warnings make the exit code 12, too."""
    baseline: str = ""
    """A file of accepted findings."""

    def check(self) -> "Control":
        """Return itself; raises ConfigurationError for an id or level that does not exist."""
        known = {each.id for each in list_audited()}
        areas = {id_.rpartition("-")[0] for id_ in known}
        for name in (*self.select, *self.ignore):
            if name not in known | areas:
                raise ConfigurationError(
                    f"no requirement of audit is called {name}; an area is one of "
                    f"{', '.join(sorted(areas))}, an id is area-number as in OBJ-1"
                )
        if self.severity not in SEVERITIES:
            raise ConfigurationError(f"severity must be warning or error, not {self.severity!r}")
        return self

    def asks(self, requirement: Requirement) -> bool:
        """Say whether a requirement is one that the user asks for."""
        id_, severity = requirement.id, requirement.severity
        area = id_.rpartition("-")[0]
        if self.select and not {id_, area} & {*self.select}:
            return False
        is_mild = self.severity == "error" and severity != "error"
        return not ({id_, area} & {*self.ignore} or is_mild)

    def counts(self, violation: Violation) -> bool:
        """Say whether it is among what the user wants to hear of."""
        if not self.asks(violation.requirement):
            return False
        spaces = {each.namespace for each in violation.objects}
        return not self.namespace or bool(spaces & {*self.namespace})


_SECTIONS = {".planespec.toml": ("audit",), "pyproject.toml": ("tool", "planespec", "audit")}


def read_control(folder: Path, file: Path | None = None) -> Control:
    """Read the settings that hold in a folder, or those of a file.

    Raises InputError for a file that cannot be read or has a setting that does not exist.
    """
    places = (
        [file] if file else [p / name for p in (folder, *folder.parents) for name in _SECTIONS]
    )
    for path in places:
        section = _SECTIONS.get(path.name, ("audit",))
        table = _read_table(path, section) if file or path.is_file() else None
        if table is not None:
            return _make_control(path, ".".join(section), table)
    return Control()


def _read_table(path: Path, section: Iterable[str]) -> Mapping[str, object] | None:
    try:
        table: object = tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"is not TOML: {error}", file=path) from None
    for name in section:
        table = table.get(name) if isinstance(table, dict) else None
    return table if isinstance(table, dict) else None


def _make_control(path: Path, section: str, table: Mapping[str, object]) -> Control:
    values: dict[str, object] = {}
    for name, value in table.items():
        where = f"{section}.{name}"
        if name not in _CONFIGURED:
            known = ", ".join(_CONFIGURED)
            raise InputError(f"{where} is no setting; there are {known}", file=path)
        if name in _LISTS:
            if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
                raise InputError(f"{where} must be a list of strings", file=path)
            values[name] = tuple(value)
        elif not isinstance(value, bool if name == "strict" else str):
            kind = "true or false" if name == "strict" else "a string"
            raise InputError(f"{where} must be {kind}", file=path)
        else:
            values[name] = str(path.parent / str(value)) if name == "baseline" else value
    return Control(**values)  # type: ignore[arg-type]


def override(control: Control, **said: object) -> Control:
    """Return the settings with what the command line says in their place."""
    return replace(control, **{name: value for name, value in said.items() if value})  # type: ignore[arg-type]


def apply_control(report: Report, control: Control) -> None:
    """Take out of the report what does not count, and set apart what is accepted.

    Raises InputError where the file of accepted findings cannot be read.
    """
    accepted = read_accepted(Path(control.baseline)) if control.baseline else {}
    kept: list[Violation] = []
    for violation in report.violations:
        if not control.counts(violation):
            report.passed_over += 1
        elif reason := _find_reason(violation, report.store) or accepted.get(
            key_of(violation), ""
        ):
            report.accepted.append(Accepted(violation, reason))
        else:
            kept.append(violation)
    found = {key_of(each.violation) for each in report.accepted}
    report.gone = sorted(accepted.keys() - found)
    report.violations = kept
    if not control.asks(SHAPE):
        report.malformed += report.said
        report.said = []
    report.is_strict = control.strict
    asked = [each for each in list_audited() if report.asks(each) and control.asks(each)]
    report.requirements = len(asked)


def keep_new(report: Report, before: Report) -> None:
    """Leave only what was not found before, and tell what was found then and is not now."""
    old = {key_of(each): each for each in before.violations}
    new = {key_of(each) for each in report.violations}
    report.mended = [each for key, each in old.items() if key not in new]
    report.violations = [each for each in report.violations if key_of(each) not in old]


def key_of(violation: Violation) -> Key:
    """Return what tells the finding from others, in this input and in later ones."""
    subject = str(violation.objects[0]) if violation.objects else ""
    return violation.requirement.id, subject, violation.field


def _find_reason(violation: Violation, store: Store | None) -> str:
    """Return why the object accepts the finding; empty where it does not, or gives no reason."""
    if store is None or not violation.objects:
        return ""
    subject: Reference = violation.objects[0]
    stored = store.find_named(*subject[:3])
    if stored is None:
        return ""
    try:
        annotations = ObjectMeta(stored.get("metadata"), "metadata").annotations
    except ObjectError:
        return ""
    return annotations.get(ACCEPTING + violation.requirement.id, "").strip()


def write_accepted(report: Report) -> str:
    """Return a file that accepts all findings of the report, also those that are by now."""
    found = [*report.violations, *(each.violation for each in report.accepted)]
    keys = dict.fromkeys(map(key_of, found))
    accepted = [{"requirement": id_, "object": name, "field": field} for id_, name, field in keys]
    return dumps({"schema": ACCEPTED_SCHEMA, "accepted": accepted}) + "\n"


def read_accepted(path: Path) -> dict[Key, str]:
    """Return the accepted findings of a file, each with the reason. Raises InputError."""
    try:
        view = View(read_json(path))
        if view.text("schema") != ACCEPTED_SCHEMA:
            raise ObjectError("schema", f"must be {ACCEPTED_SCHEMA}")
        entries = [each.needing("requirement", "object") for each in view.views("accepted")]
        return {_read_key(each): each.text("reason") or f"in {path.name}" for each in entries}
    except ObjectError as error:
        raise InputError(f"{error.field or 'the document'}: {error.message}", file=path) from None


def _read_key(view: View) -> Key:
    return view.text("requirement"), view.text("object"), view.text("field")
