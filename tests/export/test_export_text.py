"""The text of an export, and the command that writes it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from planespec.checker.front.compile import compile_system
from planespec.checker.instance import Instance
from planespec.reports.cli.main import run
from planespec.reports.formats.tla.module import export
from planespec.reports.formats.tla.tla_expressions import bracketed
from planespec.reports.formats.tla.vocabulary import Names, identifier, quoted
from planespec.reports.input.catalogue import load_model

ROOT = Path(__file__).resolve().parents[2]
CONSTRUCTS = f"{ROOT}/tests/export/constructs.py:Constructs"


@pytest.mark.parametrize(
    ("model", "file"),
    [(f"{ROOT}/tests/models/two_phase.py:TwoPhase", "two_phase"), (CONSTRUCTS, "constructs")],
)
def test_the_module_and_its_configuration_are_as_recorded(
    model: str, file: str, golden: Callable[[str, str], None]
) -> None:
    made = export(compile_system(Instance(load_model(model))))
    golden(f"{file}.tla", made.module)
    golden(f"{file}.cfg", made.configuration)


def test_the_command_writes_both_files_and_names_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["export", "raft.bench", "--to", "tla", "-o", str(tmp_path / "new")]) == 0
    shown = capsys.readouterr().out.split()
    assert [Path(name).name for name in shown] == ["RaftBench.tla", "RaftBench.cfg"]
    assert all(Path(name).is_file() for name in shown)


def test_symmetry_is_asked_of_tlc_only_on_demand() -> None:
    system = compile_system(Instance(load_model("raft.bench")))
    assert "SYMMETRY" not in export(system).configuration
    made = export(system, symmetry=True)
    assert "SYMMETRY Symmetry" in made.configuration
    assert "Symmetry == Permutations(Server)" in made.module


def test_a_mutant_changes_the_module() -> None:
    model = load_model("raft.election")
    sound = export(compile_system(Instance(model)))
    broken = export(compile_system(Instance(model, {}, "half_is_enough")))
    assert "\\* broken by mutant half_is_enough" in broken.module
    assert sound.module.split("Helpers")[1] != broken.module.split("Helpers")[1]


def test_fields_that_tlc_cannot_compare_get_the_name_of_their_record() -> None:
    made = export(compile_system(Instance(load_model(CONSTRUCTS))))
    assert '[tag |-> "Number", value_Number |-> ' in made.module
    assert '[tag |-> "Name", value_Name |-> ' in made.module


def test_a_name_is_never_declared_twice() -> None:
    names = Names()
    assert names.fresh("Len") == "Len_2"
    assert names.fresh("term") == "term"
    inner = names.inner()
    assert inner.fresh("term") == "term_2"
    assert names.fresh("term") == "term_2"


@pytest.mark.parametrize(
    ("wanted", "found"), [("RAFT-1", "RAFT_1"), ("WF_x", "xWF_x"), ("1", "x1"), ("_", "x_")]
)
def test_identifiers_are_those_of_tla(wanted: str, found: str) -> None:
    assert identifier(wanted) == found


def test_strings_are_plain_ascii() -> None:
    assert quoted('a "b" \\ é\n') == '"a \\"b\\" \\\\ ? "'


@pytest.mark.parametrize(
    ("text", "operand"),
    [
        ("x", "x"),
        ("f(a, b)[c].d", "f(a, b)[c].d"),
        ("a + b", "(a + b)"),
        ("{a} \\cup {b}", "({a} \\cup {b})"),
        ("<<a, b>>", "<<a, b>>"),
        ("<<a>> \\o <<b>>", "(<<a>> \\o <<b>>)"),
        ('"a b"', '"a b"'),
        ("0..3", "0..3"),
        ("-1", "(-1)"),
    ],
)
def test_operands_are_bracketed_where_they_are_not_one_thing(text: str, operand: str) -> None:
    assert bracketed(text) == operand
