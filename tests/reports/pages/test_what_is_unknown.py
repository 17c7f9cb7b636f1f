"""What nobody knows is no passed test, and no finding stands in for another."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from test_report_schemas import load, validate

from planespec.checker.errors import ExitCode
from planespec.reports.cli.main import run
from planespec.reports.files import differences, write_files
from planespec.reports.formats.sarif_log import Result, Rule, sarif_log

MANY = '''
from typing import Annotated
from planespec.checker.lang import (
    Model, Range, action, eventually, invariant, mutant, reachable, require,
)

class Many(Model):
    """Counts."""
    x: Annotated[int, Range(0, 9)] = 0
    other: bool = mutant("Nothing else.")
    more: bool = mutant("Nothing either.")

    @action
    def up(self) -> None:
        """Up."""
        require(self.x < 9)
        self.x += 1

    @invariant
    def small(self) -> bool:
        """At most 3."""
        return self.x <= 3

    @invariant
    def tiny(self) -> bool:
        """At most 1."""
        return self.x <= 1

    @invariant
    def natural(self) -> bool:
        """At least 0."""
        return self.x >= 0

    @reachable
    def far(self) -> bool:
        """Far."""
        return self.x == 9

    @eventually
    def away(self) -> bool:
        """Leaves 0."""
        return self.x > 0

class Nothing(Model):
    """Claims nothing."""
    deadlock = False
    x: bool = False

    @action
    def flip(self) -> None:
        """Turn."""
        self.x = not self.x
'''


def report(folder: Path, monkeypatch: pytest.MonkeyPatch, model: str, *options: str) -> Path:
    (folder / "many.py").write_text(MANY, encoding="utf-8")
    monkeypatch.chdir(folder)
    arguments = ["report", f"many.py:{model}", "-o", "pages", "--run", "answers", *options]
    assert run(arguments) == ExitCode.HOLDS
    return folder / "pages"


def ends(pages: Path, engine: str = "native") -> dict[str, tuple[str, str]]:
    """The cases of the suite of an engine by name: how each ended, and what it says."""
    root = ElementTree.parse(pages / "junit.xml").getroot()
    (suite,) = (s for s in root if f"engine {engine}" in s.get("name", ""))
    return {
        case.get("name", ""): (case[0].tag, case[0].get("message", "")) if len(case) else ("", "")
        for case in suite
    }


def test_every_requirement_has_its_own_case_and_counterexample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = report(tmp_path, monkeypatch, "Many")
    for engine in ("native", "python"):
        assert ends(pages, engine) == {
            "small At most 3.": ("failure", "Violated small: At most 3. (after 4 steps)"),
            "tiny At most 1.": ("failure", "Violated tiny: At most 1. (after 2 steps)"),
            "natural At least 0.": ("", ""),
            "no deadlock": (
                "failure",
                "Violated, deadlock: the last state has no successor (after 9 steps)",
            ),
            "far is reachable": ("", ""),
            "away Leaves 0.": ("failure", "Violated away: Leaves 0. (after 0 steps)"),
        }
    document = load(pages / "models/many-Many.json")
    validate("report", document)
    verdicts = {claim["id"]: claim["verdict"] for claim in document["requirements"]}
    assert verdicts == {
        "small": "Violated", "tiny": "Violated", "natural": "Holds", "away": "Violated",
    }  # fmt: skip
    for name in ("models/many-Many.html", "models/many-Many.md"):
        page = (pages / name).read_text(encoding="utf-8")
        assert "What is wrong" in page
        assert all(f"{word}" in page for word in ("tiny", "small", "deadlock", "away"))


def test_a_deadlock_in_a_report_tells_how_to_mean_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = report(tmp_path, monkeypatch, "Many")
    for name in ("junit.xml", "report.sarif", "models/many-Many.html", "models/many-Many.md"):
        assert "if this end is intended" in (pages / name).read_text(encoding="utf-8")


def test_what_a_budget_left_undecided_is_skipped_and_not_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = report(tmp_path, monkeypatch, "Many", "--budget", "states=2")
    found = ends(pages)
    assert {tag for tag, _ in found.values()} == {"skipped"}
    assert all(message.startswith("Unknown: ") for _, message in found.values())
    assert len(found) == 6
    sarif = load(pages / "report.sarif")
    kinds = {r["ruleId"]: r["kind"] for r in sarif["runs"][0]["results"]}
    assert kinds["many.py:Many/natural"] == "open"


def test_a_model_that_claims_nothing_has_no_passed_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ((name, (tag, message)),) = ends(report(tmp_path, monkeypatch, "Nothing")).items()
    assert (name, tag) == ("something is judged", "skipped")
    assert (
        message
        == "Unknown: nothing was judged but that no step goes wrong: Nothing claims no property"
    )


def test_findings_in_sarif_stand_at_their_own_lines_under_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "a b.py").write_text(MANY, encoding="utf-8")
    monkeypatch.chdir(inside)
    arguments = ["report", "../a b.py:Many", "-o", "pages", "--run", "answers"]
    assert run(arguments) == ExitCode.HOLDS
    sarif = load(inside / "pages/report.sarif")
    validate("sarif-2.1.0", sarif)
    results = sarif["runs"][0]["results"]
    places = [location["physicalLocation"] for r in results for location in r["locations"]]
    assert {place["artifactLocation"]["uri"] for place in places} == {"../a%20b.py"}
    assert {place["artifactLocation"]["uriBaseId"] for place in places} == {"%SRCROOT%"}
    lines = MANY.splitlines()
    survived = [r for r in results if r["ruleId"] == "mutant-survived"]
    regions = [r["locations"][0]["physicalLocation"]["region"] for r in survived]
    names = [r["message"]["text"].split()[0] for r in survived]
    at = {name: lines[r["startLine"] - 1] for name, r in zip(names, regions, strict=True)}
    assert 'other: bool = mutant("Nothing else.")' in at["other"]
    assert 'more: bool = mutant("Nothing either.")' in at["more"]
    assert str(tmp_path) not in json.dumps(sarif)


def test_two_findings_of_one_rule_have_two_fingerprints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = report(tmp_path, monkeypatch, "Many")
    results = load(pages / "report.sarif")["runs"][0]["results"]
    prints = [r["partialFingerprints"]["planespec/1"] for r in results]
    assert len(prints) > 4
    assert len(set(prints)) == len(prints)


def test_a_fingerprint_is_made_of_rule_and_subject_alone() -> None:
    rules = [Rule("R-1", "One", "One."), Rule("R-2", "Two", "Two.")]
    results = [
        Result("R-1", "fail", "error", "text", None, "a"),
        Result("R-1", "fail", "error", "other text", None, "a"),
        Result("R-1", "fail", "error", "text", None, "b"),
        Result("R-2", "fail", "error", "text", None, "a"),
    ]
    made = sarif_log(rules, results)["runs"][0]["results"]
    same, again, other, ruled = (r["partialFingerprints"]["planespec/1"] for r in made)
    assert same == again
    assert len({same, other, ruled}) == 3


def test_a_manifest_removes_nothing_outside_its_folder(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "pages"
    outside.mkdir()
    folder.mkdir()
    kept = [tmp_path / "beside.md", outside / "kept.md"]
    for path in (*kept, folder / "old.md"):
        path.write_text("kept", encoding="utf-8")
    (folder / "link").symlink_to(outside)
    names = ["../beside.md", str(kept[1]), "link/kept.md", "sub/../../beside.md", "old.md"]
    (folder / "files.txt").write_text("\n".join(names), encoding="utf-8")
    write_files(folder, {"new.md": "new"})
    assert all(path.exists() for path in kept)
    assert not (folder / "old.md").exists()
    assert (folder / "new.md").read_text(encoding="utf-8") == "new"


def test_a_damaged_manifest_and_damaged_pages_are_written_anew(tmp_path: Path) -> None:
    (tmp_path / "files.txt").write_bytes(b"\xff\xfe\nna\0me.md\nold.md\n")
    (tmp_path / "page.md").write_bytes(b"\xff")
    (tmp_path / "old.md").write_text("old", encoding="utf-8")
    assert next(iter(differences(tmp_path, {"page.md": "new"}))) == "old.md: no longer generated"
    write_files(tmp_path, {"page.md": "new"})
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == "new"
    assert not (tmp_path / "old.md").exists()
    assert list(differences(tmp_path, {"page.md": "new"})) == []
