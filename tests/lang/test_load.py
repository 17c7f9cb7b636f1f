"""Finding a model by file, module or entry point: every refusal is one clear message."""

from pathlib import Path

import pytest

from planespec.checker import load
from planespec.checker.errors import ConfigurationError, ExitCode, InputError, PlanespecError
from planespec.checker.load import load_model
from planespec.reports.input import catalogue

GOOD = '''
"""A model."""
from beside import START
from planespec.checker.lang import Model, action

class Switch(Model):
    """On and off."""
    on: bool = START

    @action
    def flip(self) -> None:
        self.on = not self.on
'''

TWO = """
from planespec.checker.lang import Model
class One(Model): ...
class Two(Model): ...
class Three(One): ...
"""


def refused(name: str) -> PlanespecError:
    with pytest.raises(PlanespecError) as error:
        load_model(name)
    return error.value


def test_a_file_is_imported_with_what_stands_beside_it_and_left_clean(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("START = True\n")
    (tmp_path / "good.py").write_text(GOOD)
    for name in (f"{tmp_path}/good.py", f"{tmp_path}/good.py:Switch"):
        assert load_model(name).__name__ == "Switch"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["beside.py", "good.py"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def f(:\n", ":1:7: syntax error: invalid syntax\n    def f(:"),
        (
            "import nowhere_at_all\n",
            ":1:1: cannot be imported: ModuleNotFoundError: No module named",
        ),
        (
            "x = 1 / 0\n",
            ":1:5: cannot be imported: ZeroDivisionError: division by zero\n    x = 1 / 0",
        ),
        ("raise SystemExit(3)\n", ":1:1: cannot be imported: SystemExit: 3"),
        ("x = 1\n", ": there is no model in it"),
        ("\0", ": syntax error: source code string cannot contain null bytes"),
    ],
)
def test_a_file_that_cannot_be_read_as_a_model_is_bad_input(
    tmp_path: Path, source: str, message: str
) -> None:
    path = tmp_path / "bad.py"
    path.write_text(source)
    error = refused(str(path))
    assert isinstance(error, InputError)
    assert error.exit_code is ExitCode.PARSE
    assert str(error).startswith(f"{path}{message}")


def test_a_missing_file_or_a_directory_is_bad_input(tmp_path: Path) -> None:
    assert str(refused(f"{tmp_path}/no.py:X")) == f"{tmp_path}/no.py: there is no such file"
    assert str(refused(f"{tmp_path}/")) == f"{tmp_path}: cannot be read: Is a directory"


def test_a_class_must_be_named_where_there_are_several(tmp_path: Path) -> None:
    path = tmp_path / "two.py"
    path.write_text(TWO)
    error = refused(str(path))
    assert isinstance(error, ConfigurationError)
    assert str(error) == f"{path} has several models: Two, Three; name one as {path}:<name>"
    assert str(refused(f"{path}:Four")) == (
        f"{path}: Four is not there; models in it: One, Two, Three"
    )
    assert str(refused(f"{path}:Model")) == (
        f"{path}: Model is no model; models in it: One, Two, Three"
    )
    assert load_model(f"{path}:One").__name__ == "One"


@pytest.mark.parametrize("name", ["nothing.such", "no_such_package.module:X", "json.no_part:X"])
def test_an_unknown_name_is_a_configuration_error(name: str) -> None:
    error = refused(name)
    assert isinstance(error, ConfigurationError)
    assert str(error).startswith(f"there is no model {name!r}; ")


def test_a_wrong_class_name_is_answered_with_the_models_of_that_file(tmp_path: Path) -> None:
    path = tmp_path / "two.py"
    path.write_text(TWO)
    assert "models in it: One, Two, Three" in str(refused(f"{path}:Ones"))
    other = tmp_path / "imports.py"
    other.write_text("from two import Two\n")
    assert "models in it: Two" in str(refused(f"{other}:Too"))


def test_a_file_without_its_ending_and_a_class_of_a_named_model_are_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "two.py").write_text(TWO)
    monkeypatch.chdir(tmp_path)
    assert str(refused("two:Two")) == "there is no model 'two:Two'; did you mean two.py:Two?"
    assert catalogue.load_model("raft.election:Election").__name__ == "Election"
    with pytest.raises(ConfigurationError) as error:
        catalogue.load_model("raft.election:Elections")
    assert str(error.value) == "raft.election is Election and has no Elections"


def test_a_module_needs_no_class_where_it_has_one_model_and_a_misspelt_name_is_put_right() -> None:
    assert catalogue.load_model("planespec.model.raft.election").__name__ == "Election"
    with pytest.raises(ConfigurationError) as error:
        catalogue.load_model("raft.elektion")
    assert "did you mean 'raft.election'" in str(error.value)
    with pytest.raises(ConfigurationError) as error:
        load_model("raft.elektion")
    assert "raft.election" not in str(error.value), "the checker itself knows no model"


def test_metadata_that_an_older_version_left_announce_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tmp_path / "planespec.egg-info" / "entry_points.txt"
    left.parent.mkdir()
    own = "raft.elektra = planespec.model.raft.elektra:Elektra"
    left.write_text(f"[{load.GROUP}]\n{own}\nother.switch = switch_of_another:Switch\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert load.announced() == {"other.switch": "switch_of_another:Switch"}
    assert "raft.elektra" not in str(refused("raft.elektion"))


def test_a_name_of_our_own_goes_before_what_is_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "announced", lambda: {"raft.election": "other.package:Model"})
    assert catalogue.load_model("raft.election").__module__ == "planespec.model.raft.election"
