"""Every test belongs to a tier: quick ones, the usual ones, slow ones."""

import subprocess
import sys
from functools import cache

import house
import pytest


@cache
def collected(*arguments: str) -> list[str]:
    """The tests that pytest would run."""
    told = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--collect-only",
            "-q",
            "-p",
            "no:cacheprovider",
            *arguments,
        ],
        cwd=house.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return [line for line in told.stdout.splitlines() if "::" in line]


SAMPLES = (
    "tests/malformed/test_mutated_files.py",
    "tests/spec/test_qos.py",
    "tests/native/test_symmetry_finds_one_representative.py",
)


def test_quick_tests_are_usual_ones_and_slow_ones_are_neither() -> None:
    quick, usual, slow = (
        set(collected(*chosen, *SAMPLES)) for chosen in (("-m", "quick"), (), ("-m", "slow"))
    )
    assert quick < usual
    assert not usual & slow
    assert {name.partition("::")[0] for name in quick} == {
        "tests/malformed/test_mutated_files.py",
        "tests/spec/test_qos.py",
    }
    shares = [sum("one_representative" in name for name in tier) for tier in (usual, slow)]
    assert shares == [9, 16], "every third of 25 is the sample"


def test_what_is_beside_a_sample_runs_where_it_is_asked_for_by_name() -> None:
    (test,) = (name for name in collected("-m", "slow", SAMPLES[-1]) if name.endswith("[1]"))
    assert collected(test) == [test]


def test_what_the_table_of_tiers_names_is_there(request: pytest.FixtureRequest) -> None:
    (tiers,) = [
        plugin
        for plugin in request.config.pluginmanager.get_plugins()
        if getattr(plugin, "__file__", None) == str(house.ROOT / "tests/conftest.py")
    ]
    tests = house.ROOT / "tests"
    assert [name for name in tiers.QUICK if not (tests / name).is_dir()] == []
    assert [name for name in tiers.COSTLY if not (tests / name).is_file()] == []
    assert {name.partition("/")[0] for name in tiers.COSTLY} <= tiers.QUICK
    assert [name for name in tiers.OPTIMISED if not (tests / name).exists()] == []
