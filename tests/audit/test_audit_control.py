"""Which findings count: by id, level and namespace, by what is accepted, by comparison."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from snapshots import Object, make, make_pod, make_workload

from planespec.reports.cli.main import run

pytestmark = pytest.mark.quick

SCALED = make_workload("Deployment", "web")
SCALER = make(
    "HorizontalPodAutoscaler",
    "web",
    spec={
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
        "maxReplicas": 2,
        "metrics": [],
    },
) | {"apiVersion": "autoscaling/v2"}
LOST = make_pod("lost", "n9")
NODE = make("Node", "n1", status={"allocatable": {"cpu": "4", "memory": "4Gi", "pods": "9"}})
"""Broken are SCHED-11, an error about the pod, and OPS-6, a warning about the Deployment."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "all.json", SCALED, SCALER, LOST, NODE)
    save(tmp_path / "warned.json", SCALED, SCALER)
    return tmp_path


def save(path: Path, *objects: Object) -> None:
    path.write_text(json.dumps({"kind": "List", "items": list(objects)}), encoding="utf-8")


def audit(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Mapping[str, Any]]:
    code = run(["audit", "--json", *arguments])
    return code, json.loads(capsys.readouterr().out)


def found(document: Mapping[str, Any], part: str = "violations") -> list[str]:
    return sorted(each["requirement"] for each in document[part])


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("options", "expected", "code"),
    [
        ([], ["OPS-6", "SCHED-11"], 12),
        (["--select", "OPS"], ["OPS-6"], 0),
        (["--select", "OPS,SCHED-11"], ["OPS-6", "SCHED-11"], 12),
        (["--ignore", "SCHED-11"], ["OPS-6"], 0),
        (["--ignore", "SCHED-11", "--strict"], ["OPS-6"], 12),
        (["--ignore", "OPS", "--ignore", "SCHED"], [], 0),
        (["--severity", "error"], ["SCHED-11"], 12),
        (["--namespace", "other"], [], 0),
        (["-n", "other,default"], ["OPS-6", "SCHED-11"], 12),
    ],
)
def test_what_is_asked_for_is_told_and_decides_the_exit_code(
    options: list[str], expected: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    answer, document = audit(capsys, "all.json", *options)
    assert found(document) == expected
    assert document["passed_over"] == 2 - len(expected)
    assert answer == code


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_an_id_that_does_not_exist_is_refused(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit", "all.json", option, "OBJ-1,OBJ-999"]) == 151
    assert "OBJ-999" in capsys.readouterr().err


def test_an_annotation_accepts_a_finding_if_it_gives_a_reason(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for reason, accepted in (("at night", ["OPS-6"]), ("", [])):
        web = SCALED | {
            "metadata": {"name": "web", "annotations": {"audit.planespec.dev/OPS-6": reason}}
        }
        save(folder / "all.json", web, SCALER, LOST, NODE)
        _, document = audit(capsys, "all.json")
        assert found(document, "accepted") == accepted
        assert "SCHED-11" in found(document)
    save(folder / "all.json", web, SCALER)


def test_a_baseline_accepts_what_was_there_and_nothing_new(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit", "warned.json", "--strict", "--write-baseline", "known.json"]) == 0
    capsys.readouterr()
    code, document = audit(capsys, "warned.json", "--strict", "--baseline", "known.json")
    assert (code, found(document), found(document, "accepted")) == (0, [], ["OPS-6"])
    code, document = audit(capsys, "all.json", "--strict", "--baseline", "known.json")
    assert (code, found(document)) == (12, ["SCHED-11"])
    save(folder / "mended.json", NODE)
    assert run(["audit", "mended.json", "--baseline", "known.json"]) == 0
    assert "not found any more: OPS-6 Deployment default/web" in capsys.readouterr().out


@pytest.mark.usefixtures("folder")
def test_a_comparison_tells_what_is_broken_and_what_is_mended(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, document = audit(capsys, "--diff", "warned.json", "all.json")
    assert (code, found(document), found(document, "mended")) == (12, ["SCHED-11"], [])
    code, document = audit(capsys, "--diff", "all.json", "warned.json", "--strict")
    assert (code, found(document), found(document, "mended")) == (0, [], ["SCHED-11"])


@pytest.mark.parametrize(
    ("name", "head"), [(".planespec.toml", "audit"), ("pyproject.toml", "tool.planespec.audit")]
)
def test_settings_of_a_folder_hold_below_it_and_options_come_first(
    name: str,
    head: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (folder / name).write_text(f'[{head}]\nselect = ["OPS"]\nstrict = true\n', encoding="utf-8")
    (folder / "below").mkdir()
    monkeypatch.chdir(folder / "below")
    code, document = audit(capsys, "../all.json")
    assert (code, found(document)) == (12, ["OPS-6"])
    code, document = audit(capsys, "../all.json", "--select", "STAT")
    assert (code, found(document)) == (0, [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[audit]\nselekt = []", "audit.selekt is no setting"),
        ('[audit]\nselect = "OBJ"', "audit.select must be a list of strings"),
        ("[audit]\nselect = [1]", "audit.select must be a list of strings"),
        ("[audit]\nstrict = 1", "audit.strict must be true or false"),
        ("[audit]\nseverity = 3", "audit.severity must be a string"),
        ("[audit", "is not TOML"),
        ("[audit]\nseverity = 'bad'", "severity must be warning or error"),
        ("[audit]\nbaseline = 'none.json'", "none.json"),
    ],
)
def test_a_setting_that_is_wrong_is_named_with_its_file(
    text: str, said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / ".planespec.toml").write_text(text, encoding="utf-8")
    assert run(["audit", "all.json"]) in (150, 151)
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "schema: must be planespec/audit-accepted/1"),
        ('{"schema": "planespec/audit-accepted/1", "accepted": 3}', "accepted: must be"),
        ('{"schema": "planespec/audit-accepted/1", "accepted": [{}]}', "requirement"),
        ("[", "is not JSON"),
    ],
)
def test_a_baseline_that_is_none_is_refused_by_field(
    text: str, said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "known.json").write_text(text, encoding="utf-8")
    assert run(["audit", "all.json", "--baseline", "known.json"]) == 150
    told = capsys.readouterr().err
    assert "known.json" in told
    assert said in told
