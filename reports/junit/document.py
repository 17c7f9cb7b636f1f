"""One test suite for each instance and one for the mutants of a model.

No attribute tells a time or a host: two runs of the same report give the same file.
"""

from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from planespec.reports.dossier.answers import verdict_on
from planespec.reports.dossier.shown import shown_fate
from planespec.reports.wording import plural, readable_constants

Document = dict[str, Any]
_COUNTS = {"failure": "failures", "error": "errors", "skipped": "skipped"}


def junit_text(dossiers: list[Document]) -> str:
    """The XML of all suites."""
    root = Element("testsuites", name="planespec")
    for dossier in dossiers:
        for run in dossier["instances"]:
            for answer in run["answers"]:
                _add_run(root, dossier, run, answer)
        if dossier["mutants"]:
            _add_mutants(root, dossier)
    suites = list(root)
    for name in ("tests", *_COUNTS.values()):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _add_run(root: Element, dossier: Document, run: Document, answer: Document) -> None:
    constants = readable_constants(run["constants"])
    name = f"{dossier['model']}, engine {answer['engine']}"
    suite = SubElement(root, "testsuite", name=f"{name}, {constants}" if constants else name)
    for claim in dossier["requirements"]:
        verdict = verdict_on(answer, claim["id"])
        if verdict is not None:
            case = _case(suite, dossier, f"{claim['id']} {claim['statement']}", claim["at"])
            _add_verdict(case, verdict, answer)
    _add_rest(suite, dossier, answer)
    _count(suite)


def _add_rest(suite: Element, dossier: Document, answer: Document) -> None:
    """What is judged beside requirements: deadlock, errors of the model, reachable states."""
    violation = answer["violation"]
    if violation and violation["kind"] in ("deadlock", "model error"):
        case = _case(suite, dossier, violation["kind"], violation["at"])
        tag = "error" if violation["kind"] == "model error" else "failure"
        _add_end(case, tag, violation["message"] or violation["kind"], _steps(violation))
    elif answer["deadlock_checked"]:
        _add_verdict(_case(suite, dossier, "no deadlock", None), answer["verdict"], answer)
    for witness in dossier["reachable"]:
        if witness["name"] not in answer["reached"]:
            continue
        case = _case(suite, dossier, f"{witness['name']} is reachable", witness["at"])
        if answer["reached"][witness["name"]] is None:
            _add_end(case, "failure", "no reachable state has it", "")


def _add_verdict(case: Element, verdict: str, answer: Document) -> None:
    match verdict:
        case "Violated" if answer["violation"] and answer["violation"]["kind"] != "unreached":
            violation = answer["violation"]
            steps = plural(violation["steps"], "step")
            _add_end(case, "failure", f"violated after {steps}", _steps(violation))
        case "Unknown" | "Violated":
            reason = answer["reason"] or "the search ended at another violation"
            _add_end(case, "skipped", f"Unknown: {reason}", "")


def _add_mutants(root: Element, dossier: Document) -> None:
    suite = SubElement(root, "testsuite", name=f"{dossier['model']}, mutants")
    for mutant in dossier["mutants"]:
        case = _case(suite, dossier, f"{mutant['name']} is killed", None)
        if mutant["fate"] == "survived":
            _add_end(case, "failure", f"survived: {mutant['statement']}", "")
        elif mutant["fate"] == "unknown":
            _add_end(case, "skipped", "undecided: the budget was spent", "")
        elif mutant["fate"] == "not run":
            _add_end(case, "skipped", shown_fate(mutant), "")
    _count(suite)


def _case(suite: Element, dossier: Document, name: str, at: Document | None) -> Element:
    case = SubElement(suite, "testcase", classname=dossier["model"], name=name)
    if at is not None:
        case.set("file", at["file"])
        case.set("line", str(at["line"]))
    return case


def _add_end(case: Element, tag: str, message: str, text: str) -> None:
    end = SubElement(case, tag, message=message)
    if tag != "skipped":
        end.set("type", tag)
    end.text = text or None


def _steps(violation: Document) -> str:
    states = violation["view"]["states"] if "view" in violation else ()
    lines = [""]
    for number, state in enumerate(states):
        lines.append(f"State {number}: {state['label']}")
        lines += [f"    {c['place']}: {c['text']}" for c in state["changes"]]
    if states and violation["view"]["loop"] is not None:
        lines.append(f"Back to state {violation['view']['loop']}")
    return "\n".join([*lines, ""]) if states else ""


def _count(suite: Element) -> None:
    suite.set("tests", str(len(suite)))
    for tag, name in _COUNTS.items():
        suite.set(name, str(len(suite.findall(f"testcase/{tag}"))))
