"""The list of faults that `python bench/planted` plants is true of the sources as they are."""

import tomllib

import house
import pytest

FAULTS = tomllib.loads(
    (house.ROOT / "bench" / "planted" / "faults.toml").read_text(encoding="utf-8")
)["fault"]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["what"])
def test_a_fault_can_be_planted_and_its_tests_exist(fault: dict[str, str]) -> None:
    text = (house.ROOT / fault["file"]).read_text(encoding="utf-8")
    assert text.count(fault["old"]) == 1
    assert fault["new"] != fault["old"]
    assert fault["tests"]
    assert all((house.ROOT / test).exists() for test in fault["tests"])
