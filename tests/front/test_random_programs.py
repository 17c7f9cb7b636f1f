"""Random programs: refused with a place, or compiled to what CPython does."""

from pathlib import Path

import pytest
from agreement import assert_agreement
from random_programs import program
from test_refused import load

from planespec.checker.front import LanguageError
from planespec.checker.instance import Instance

BATCH = 20


def agrees(folder: Path, seed: int) -> bool:
    """Whether a program is in the language; fails where it is misread."""
    module = load(folder / f"random_program_{seed}.py", program(seed))
    try:
        return assert_agreement(Instance(module.Random), limit=12) > 0
    except LanguageError as refused:
        if refused.line is None or not refused.allowed:
            raise
        return False


@pytest.mark.parametrize("batch", range(2))
def test_random_programs_mean_what_cpython_does(batch: int, tmp_path: Path) -> None:
    seeds = range(batch * BATCH, (batch + 1) * BATCH)
    accepted = sum(agrees(tmp_path, seed) for seed in seeds)
    assert accepted > BATCH // 3


@pytest.mark.slow
def test_many_random_programs_mean_what_cpython_does(tmp_path: Path) -> None:
    accepted = sum(agrees(tmp_path, seed) for seed in range(1000, 2000))
    assert accepted > 300
