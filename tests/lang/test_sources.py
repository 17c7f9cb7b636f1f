"""How model files are read and named: encodings, places, files the catalogue knows nothing of."""

import importlib
import sys
from pathlib import Path

import pytest

from planespec.checker.budget import Options
from planespec.checker.errors import InputError
from planespec.checker.front import compile_system
from planespec.checker.instance import Instance
from planespec.checker.lang import LanguageError
from planespec.checker.load import load_model
from planespec.checker.outcome import Verdict
from planespec.checker.run import check
from planespec.reports.input import catalogue

MODEL = '''"""A model."""
from typing import Annotated
from planespec.checker.lang import *

class Höhe(Model):
    """Above sea level, or below: größer."""
    deadlock = False
    höhe: Annotated[int, Range(-9223372036854775808, 0)] = 0

    @action
    def steig(self) -> None:
        "Größer."
        require(self.höhe == 0); self.höhe = -9223372036854775808
'''


@pytest.mark.parametrize("engine", ["python", "native"])
@pytest.mark.parametrize(
    ("encoding", "first"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("latin-1", "# -*- coding: latin-1 -*-\n"),
        ("cp1252", "#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n"),
    ],
)
def test_a_file_is_read_in_the_encoding_it_declares(
    tmp_path: Path, encoding: str, first: str, engine: str
) -> None:
    path = tmp_path / "height.py"
    path.write_bytes((first + MODEL).encode(encoding))
    outcome = check(Instance(load_model(str(path))), engine, Options())
    assert (outcome.verdict, outcome.statistics.distinct) == (Verdict.HOLDS, 2)


def test_columns_count_characters_whatever_the_encoding(tmp_path: Path) -> None:
    path = tmp_path / "height.py"
    text = "# coding: latin-1\n" + MODEL.replace("self.höhe = -", "self.höhe += ü - ")
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(LanguageError, match="ü is not defined") as caught:
        compile_system(Instance(load_model(str(path))))
    assert caught.value.column == text.splitlines()[13].index("ü") + 1


def test_a_file_in_another_encoding_than_it_declares_is_bad_input(tmp_path: Path) -> None:
    path = tmp_path / "height.py"
    path.write_bytes(MODEL.encode("latin-1"))
    with pytest.raises(InputError, match="syntax error"):
        load_model(str(path))


def test_a_model_of_a_module_is_named_relative_to_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "heights").mkdir()
    (tmp_path / "heights" / "model.py").write_text(
        MODEL.replace("Annotated[int, Range(-9223372036854775808, 0)] = 0", "int = 0"), "utf-8"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    try:
        with pytest.raises(LanguageError) as caught:
            Instance(load_model("heights.model:Höhe"))
        assert str(caught.value).startswith("heights/model.py:8:5: höhe: int has no range\n")
        monkeypatch.chdir(tmp_path / "heights")
        with pytest.raises(LanguageError) as caught:
            Instance(load_model("heights.model:Höhe"))
        assert str(caught.value).startswith("model.py:8:5: ")
    finally:
        sys.modules.pop("heights.model", None)
        sys.modules.pop("heights", None)


def test_a_catalogue_that_cannot_be_read_stands_in_the_way_of_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def malformed() -> None:
        raise AssertionError("the catalogue was read")

    monkeypatch.setattr(catalogue, "_own_entries", malformed)
    path = tmp_path / "height.py"
    path.write_text(MODEL, encoding="utf-8")
    assert catalogue.load_model(str(path)).__name__ == "Höhe"
    assert catalogue.load_model(f"{path}:Höhe").__name__ == "Höhe"
    monkeypatch.chdir(tmp_path)
    assert catalogue.load_model("height.py:Höhe").__name__ == "Höhe"
    with pytest.raises(AssertionError, match="the catalogue was read"):
        catalogue.load_model("raft.election")
