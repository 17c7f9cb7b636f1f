"""One test suite for each instance and one for the mutants of a model.

No attribute tells a time or a host: two runs of the same report give the same file.
"""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from planespec.reports.mutation import Fate
from planespec.reports.pages.dossier import INDUCTION, Dossier, Evidence, Run, Shown
from planespec.reports.pages.shown import shown_fate
from planespec.reports.text.verdicts import DEADLOCK, NOT_APPLICABLE, UNKNOWN
from planespec.reports.text.wording import Place, plural, readable_constants

UNDECIDED = "Unknown: no requirement notices it, and not each was judged to the end"
_COUNTS = {"failure": "failures", "error": "errors", "skipped": "skipped"}


def junit_files(dossiers: list[Dossier]) -> dict[str, str]:
    """One file with all suites."""
    root = Element("testsuites", name="planespec")
    for dossier in dossiers:
        for run in dossier.instances:
            for answer in run.answers:
                _add_run(root, dossier, run, answer)
        if dossier.mutants:
            _add_mutants(root, dossier)
    suites = list(root)
    for name in ("tests", *_COUNTS.values()):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    indent(root)
    text = tostring(root, encoding="unicode")
    return {"junit.xml": f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'}


def _add_run(root: Element, dossier: Dossier, run: Run, answer: Evidence) -> None:
    constants = readable_constants(run.constants)
    name = f"{dossier.model}, engine {answer.engine}"
    suite = SubElement(root, "testsuite", name=f"{name}, {constants}" if constants else name)
    for claim in dossier.requirements:
        verdict = answer.verdict_on(claim.id)
        if verdict is None and answer.engine == INDUCTION:
            continue  # it tells only what it proved
        case = _case(suite, dossier, f"{claim.id} {claim.statement}", claim.at)
        _add_verdict(case, claim.id, verdict or UNKNOWN, answer)
    _add_rest(suite, dossier, answer)
    if len(suite) == 0:
        _add_verdict(_case(suite, dossier, "something is judged", None), "", UNKNOWN, answer)
    _count(suite)


def _add_rest(suite: Element, dossier: Dossier, answer: Evidence) -> None:
    """What is judged beside requirements: deadlock, errors of the model, reachable states."""
    named = {claim.id for claim in dossier.requirements}
    named |= {witness.name for witness in dossier.reachable}
    if verdict := answer.verdict_on(DEADLOCK):
        _add_verdict(_case(suite, dossier, "no deadlock", None), DEADLOCK, verdict, answer)
    for violation in answer.violations:
        if violation.property not in (*named, DEADLOCK):
            _add_violation(_case(suite, dossier, violation.kind, violation.at), violation)
    for witness in dossier.reachable:
        if verdict := answer.verdict_on(witness.name):
            case = _case(suite, dossier, f"{witness.name} is reachable", witness.at)
            _add_verdict(case, witness.name, verdict, answer)


def _add_verdict(case: Element, id_: str, verdict: str, answer: Evidence) -> None:
    """What is known of a property; a case without an end is one that passed."""
    violation = answer.violation_of(id_)
    if violation is not None:
        _add_violation(case, violation)
    elif verdict == NOT_APPLICABLE:
        _add_end(case, "skipped", f"{verdict}: {answer.not_applicable[id_]}", "")
    elif verdict == UNKNOWN:
        reason = answer.reason or "the search ended at another violation"
        _add_end(case, "skipped", f"{verdict}: {reason}", "")


def _add_violation(case: Element, violation: Shown) -> None:
    """A failure that says first what is violated, then how; the steps are its text."""
    wrong = violation.wrong
    message = wrong.sentence
    if wrong.has_trace:
        message += f" (after {plural(violation.steps, 'step')})"
    lines = filter(None, (message, wrong.advice))
    text = "\n".join([*lines, _steps(violation)])
    _add_end(case, "error" if wrong.is_error else "failure", message, text)


def _add_mutants(root: Element, dossier: Dossier) -> None:
    suite = SubElement(root, "testsuite", name=f"{dossier.model}, mutants")
    for mutant in dossier.mutants:
        case = _case(suite, dossier, f"{mutant.name} is killed", mutant.at)
        match mutant.fate:
            case Fate.SURVIVED:
                _add_end(case, "failure", f"survived: {mutant.statement}", "")
            case Fate.UNKNOWN:
                _add_end(case, "skipped", UNDECIDED, "")
            case Fate.NOT_APPLICABLE:
                _add_end(case, "skipped", f"{mutant.fate}: {mutant.reason}", "")
            case Fate.NOT_RUN:
                _add_end(case, "skipped", shown_fate(mutant), "")
    _count(suite)


def _case(suite: Element, dossier: Dossier, name: str, at: Place | None) -> Element:
    case = SubElement(suite, "testcase", classname=dossier.model, name=name)
    if at is not None:
        case.set("file", at.file)
        case.set("line", str(at.line))
    return case


def _add_end(case: Element, tag: str, message: str, text: str) -> None:
    end = SubElement(case, tag, message=message)
    if tag != "skipped":
        end.set("type", tag)
    end.text = text or None


def _steps(violation: Shown) -> str:
    states = violation.view.states if violation.view else ()
    lines = [""]
    for number, state in enumerate(states):
        lines.append(f"State {number}: {state.label}")
        lines += [f"    {c.place}: {c.text}" for c in state.changes]
    if violation.view and violation.view.loop is not None:
        lines.append(f"Back to state {violation.view.loop}")
    return "\n".join([*lines, ""]) if states else ""


def _count(suite: Element) -> None:
    suite.set("tests", str(len(suite)))
    for tag, name in _COUNTS.items():
        suite.set(name, str(len(suite.findall(f"testcase/{tag}"))))
