"""JUnit, SARIF, ITF and JSON outputs are what their descriptions say they are."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from sample import ROOT, Made

from planespec.checker.errors import ExitCode
from planespec.reports.cli.main import run

jsonschema = pytest.importorskip("jsonschema", reason="`pip install .[test]` brings jsonschema")

SCHEMAS = ROOT / "tests" / "schemas"


def validate(name: str, document: Any) -> None:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    best = jsonschema.exceptions.best_match(validator.iter_errors(document))
    assert best is None, f"{best.json_path}: {best.message}"


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_junit_is_valid_and_counts_what_it_holds(made: Made) -> None:
    xmlschema = pytest.importorskip("xmlschema", reason="`pip install .[test]` brings xmlschema")
    path = made.pages / "junit.xml"
    xmlschema.XMLSchema(str(SCHEMAS / "junit.xsd")).validate(str(path))
    root = ElementTree.parse(path).getroot()
    assert int(root.get("failures", "")) == len(root.findall(".//failure")) > 0
    assert int(root.get("tests", "")) == len(root.findall(".//testcase"))
    assert all(case.get("time") is None for case in root.iter("testcase"))


def test_junit_names_the_broken_requirement_and_the_surviving_mutant(made: Made) -> None:
    root = ElementTree.parse(made.pages / "junit.xml").getroot()
    failed = {
        case.get("name", "") for case in root.iter("testcase") if case.find("failure") is not None
    }
    assert any(name.startswith("calm Never do both peers <count> 2") for name in failed)
    assert "harmless is killed" in failed


def test_sarif_is_valid_and_points_into_the_model(made: Made) -> None:
    document = load(made.pages / "report.sarif")
    validate("sarif-2.1.0", document)
    (run_,) = document["runs"]
    rules = [rule["id"] for rule in run_["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    (failed,) = [r for r in run_["results"] if r["level"] == "error"]
    assert rules[failed["ruleIndex"]] == failed["ruleId"] == "broken.py/calm"
    place = failed["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "broken.py"
    line = (made.folder / "broken.py").read_text().splitlines()[place["region"]["startLine"] - 1]
    assert "@invariant" in line or "def calm" in line
    steps = failed["codeFlows"][0]["threadFlows"][0]["locations"]
    assert "initial" in steps[0]["location"]["message"]["text"]
    assert "peer" in steps[-1]["location"]["message"]["text"]


def test_sarif_reports_a_surviving_mutant_as_a_warning(made: Made) -> None:
    results = load(made.pages / "report.sarif")["runs"][0]["results"]
    (warning,) = [r for r in results if r["level"] == "warning"]
    assert warning["ruleId"] == "mutant-survived"
    assert "harmless" in warning["message"]["text"]


def test_json_documents_of_a_report_are_valid(made: Made) -> None:
    validate("report-index", load(made.pages / "index.json"))
    models = [made.pages / entry["file"] for entry in load(made.pages / "index.json")["models"]]
    assert len(models) == 2
    for path in models:
        validate("report", load(path))


def test_every_action_of_a_model_has_its_numbers(made: Made) -> None:
    actions = load(made.pages / "models/two_phase.json")["actions"]
    assert {action["name"] for action in actions} >= {"commit", "abort"}
    assert all(action["coverage"] for action in actions)
    assert all(run["generated"] > 0 for action in actions for run in action["coverage"])


def test_the_answer_of_check_and_its_itf_trace_are_valid(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(made.folder)
    itf, saved = tmp_path / "trace.itf.json", tmp_path / "answer.json"
    code = run(["check", "broken.py", "--itf", str(itf), "--save", str(saved)])
    assert code == ExitCode.SAFETY
    validate("check", load(saved))
    validate("itf", load(itf))


def test_the_schemas_refuse_what_is_wrong(made: Made) -> None:
    document = load(made.pages / "report.sarif")
    document["runs"][0]["results"][0] |= {"kind": "passed", "level": "none"}
    with pytest.raises(AssertionError, match="passed"):
        validate("sarif-2.1.0", document)
    with pytest.raises(AssertionError):
        validate("itf", {"vars": ["x"], "states": [{"x": 3}]})
