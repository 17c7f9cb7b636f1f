"""The conform command: exit codes, readable differences, JSON, and one message for bad input."""

import json
import sys
from pathlib import Path

import pytest

from planespec.checker.errors import ExitCode
from planespec.reports.cli.main import run
from planespec.reports.judge.judges import recognise

RECORDED = Path(__file__).resolve().parents[1] / "recorded"

GOOD: dict[str, dict[str, object]] = {
    "in": {"op": "quantity", "s": "1500m"},
    "out": {
        "format": "DecimalSI",
        "milli": 1500,
        "sign": 1,
        "string": "1500m",
        "value": 2,
    },
}
WRONG: dict[str, dict[str, object]] = {**GOOD, "out": {**GOOD["out"], "value": 1}}


def recording(folder: Path, *records: object, name: str = "cases.jsonl") -> str:
    """The path of a recording with these lines."""
    file = folder / name
    file.write_text("".join(json.dumps(record) + "\n" for record in records))
    return str(file)


def test_agreement_exits_0_and_prints_the_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["conform", "primitives", recording(tmp_path, GOOD, GOOD)]) == ExitCode.HOLDS
    assert capsys.readouterr().out.splitlines() == [
        "kind        cases    agree    disagree",
        "--------  -------  -------  ----------",
        "quantity        2        2           0",
        "",
        "primitives: agrees, 2 of 2 cases agree",
    ]


def test_a_disagreement_exits_12_and_is_shown_field_by_field(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = recording(tmp_path, GOOD, WRONG)
    assert run(["conform", "primitives", file]) == ExitCode.SAFETY
    lines = capsys.readouterr().out.splitlines()
    assert lines[:5] == [
        f"{file}:2: quantity disagrees",
        '  given     {"op": "quantity", "s": "1500m"}',
        "  .value",
        "    expected  1",
        "    actual    2",
    ]
    assert lines[-1] == "primitives: disagrees, 1 of 2 cases agree"


def test_show_limits_the_differences_and_says_how_many_are_hidden(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = recording(tmp_path, WRONG, WRONG, WRONG)
    assert run(["conform", "primitives", file, "--show", "1"]) == ExitCode.SAFETY
    out = capsys.readouterr().out
    assert out.count("quantity disagrees") == 1
    assert "(2 more disagreements are not shown; see --show)" in out


def test_json_holds_the_same_facts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = recording(tmp_path, GOOD, WRONG)
    assert run(["conform", "primitives", file, "--json"]) == ExitCode.SAFETY
    assert json.loads(capsys.readouterr().out) == {
        "schema": "planespec/conform/1",
        "name": "primitives",
        "verdict": "disagrees",
        "files": [file],
        "cases": 2,
        "agree": 1,
        "kinds": {"quantity": {"cases": 2, "agree": 1}},
        "disagreements": [
            {
                "kind": "quantity",
                "where": f"{file}:2",
                "given": WRONG["in"],
                "differences": [{"field": ".value", "expected": 1, "actual": 2}],
            }
        ],
    }


def test_a_long_value_is_cut_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = {f"key{number}": "x" * 60 for number in range(20)}
    record = {"in": {"op": "selectorString", "s": "", "labels": labels}, "out": {"matches": False}}
    assert run(["conform", "primitives", recording(tmp_path, record)]) == ExitCode.SAFETY
    given = capsys.readouterr().out.splitlines()[1]
    assert given.endswith("...")
    assert len(given) < 450


def test_a_field_that_is_missing_is_shown_as_absent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = {**GOOD, "out": {"error": "no"}}
    assert run(["conform", "primitives", recording(tmp_path, record)]) == ExitCode.SAFETY
    out = capsys.readouterr().out
    assert '  .error\n    expected  "no"\n    actual    (absent)\n' in out


REFUSED: list[tuple[str, list[str], ExitCode, str]] = [
    ("nothing", ["conform"], ExitCode.CONFIGURATION, "needs a FILE"),
    (
        "an unknown name",
        ["conform", "cheese", "{good}"],
        ExitCode.CONFIGURATION,
        "nothing is called 'cheese' to conform; known: ",
    ),
    (
        "no file",
        ["conform", "primitives"],
        ExitCode.CONFIGURATION,
        "conform primitives needs at least one FILE",
    ),
    (
        "a negative --show",
        ["conform", "primitives", "{good}", "--show", "-1"],
        ExitCode.CONFIGURATION,
        "-1 is not in the range",
    ),
    (
        "an unknown option",
        ["conform", "primitives", "{good}", "--shout"],
        ExitCode.CONFIGURATION,
        "--shout",
    ),
    ("a missing file", ["conform", "primitives", "{folder}/no"], ExitCode.PARSE, "No such file"),
    ("a directory", ["conform", "primitives", "{folder}"], ExitCode.PARSE, "Is a directory"),
    ("an empty file", ["conform", "primitives", "{empty}"], ExitCode.PARSE, "holds no case"),
    (
        "an empty file beside a good one",
        ["conform", "primitives", "{good}", "{empty}"],
        ExitCode.PARSE,
        "holds no case",
    ),
    ("a broken line", ["conform", "primitives", "{broken}"], ExitCode.PARSE, ":2:1: is not JSON"),
]


@pytest.mark.parametrize(
    ("arguments", "code", "message"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_bad_input_is_one_message_and_an_exit_code(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: ExitCode,
    message: str,
) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_text(json.dumps(GOOD) + "\nnot json\n")
    places = {
        "good": recording(tmp_path, GOOD),
        "empty": recording(tmp_path, name="empty.jsonl"),
        "broken": str(broken),
        "folder": str(tmp_path),
    }
    assert run([argument.format(**places) for argument in arguments]) == code
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""
    assert "Traceback" not in captured.err


def test_an_answer_with_a_lone_surrogate_is_still_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = {"in": {"op": "names", "s": "\ud800"}, "out": {"dns1123label": True}}
    assert run(["conform", "primitives", recording(tmp_path, record)]) == ExitCode.SAFETY
    assert '"\\ud800"' in capsys.readouterr().out


def test_without_a_terminal_progress_is_plain_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False, raising=False)
    assert run(["conform", "primitives", recording(tmp_path, GOOD)]) == ExitCode.HOLDS
    assert capsys.readouterr().err == ""


def test_a_file_without_a_name_is_judged_by_what_its_lines_look_like(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = recording(tmp_path, GOOD, WRONG)
    assert run(["conform", file]) == ExitCode.SAFETY
    assert capsys.readouterr().out.splitlines()[-1] == "primitives: disagrees, 1 of 2 cases agree"


def test_files_of_several_recordings_are_counted_by_name_and_kind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = {"startRevision": 1, "prefix": "s/", "ops": [], "watch": {}}
    files = [recording(tmp_path, GOOD), str(RECORDED / "scheduler_invalid_pods.jsonl.gz")]
    assert run(["conform", *files]) == ExitCode.HOLDS
    lines = capsys.readouterr().out.splitlines()
    assert "primitives: quantity" in "\n".join(lines)
    assert lines[-1] == "primitives, scheduler: agrees, 37 of 37 cases agree"
    both = recording(tmp_path, other | {"case": {}, "verdict": {}}, name="two")
    assert run(["conform", *files, both]) == ExitCode.PARSE
    assert "looks like etcd and scheduler; give the name" in capsys.readouterr().err


@pytest.mark.parametrize("line", [{"what": 1}, {"kind": "ssa"}, {"in": {}, "kind": ["x"]}])
def test_a_file_that_no_judge_knows_is_refused_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: object
) -> None:
    file = recording(tmp_path, line)
    assert run(["conform", file]) == ExitCode.PARSE
    assert f"{file}:1: is of no recording that is known; give the name" in capsys.readouterr().err


def test_a_former_name_of_a_judge_is_understood(capsys: pytest.CaptureFixture[str]) -> None:
    file = str(RECORDED / "scheduler_invalid_pods.jsonl.gz")
    assert run(["conform", "scheduling", file]) == ExitCode.HOLDS


OTHER_NAMES = {"scheduler_invalid_pods": "scheduler"}


@pytest.mark.parametrize("path", sorted(RECORDED.glob("*.jsonl.gz")), ids=lambda path: path.name)
def test_every_recording_is_recognised_and_its_stem_is_its_name(path: Path) -> None:
    stem = path.name.partition(".")[0]
    assert recognise(path) == OTHER_NAMES.get(stem, stem)
