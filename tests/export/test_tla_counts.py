"""TLC, given the exported module, counts what planespec counts.

The counts in tests/recorded/tla_counts.toml are TLC's. Where TLC is at hand it is run again; on
every machine the digest shows that the module exported now is the one TLC was given.
"""

from pathlib import Path

import pytest
from tlc import Recorded, digest, jar, recorded, run_tlc

from planespec.checker.budget import Options
from planespec.checker.outcome import ViolationKind
from planespec.checker.run import check

INSTANCES = [
    pytest.param(r, id=r.name, marks=[pytest.mark.slow] if r.slow else []) for r in recorded()
]
WITHOUT_SLOW = [pytest.param(r, id=r.name) for r in recorded()]


@pytest.mark.parametrize("entry", WITHOUT_SLOW)
def test_the_exported_module_is_the_one_that_tlc_was_given(entry: Recorded) -> None:
    assert digest(entry.export()) == entry.digest, (
        "the export has changed since TLC counted its states: run this test with "
        "PLANESPEC_TLA2TOOLS set, then record the new digest and counts"
    )


@pytest.mark.sample(2)
@pytest.mark.parametrize("entry", INSTANCES)
def test_planespec_counts_what_tlc_counted(entry: Recorded) -> None:
    engine = "python" if entry.model.endswith(":Constructs") else "auto"
    outcome = check(entry.instance(), engine, Options(check_deadlock=False))
    found = outcome.statistics
    assert outcome.violation is None or outcome.violation.kind is ViolationKind.UNREACHED
    assert (found.generated, found.distinct, found.depth) == entry.counts


@pytest.mark.slow
@pytest.mark.parametrize("entry", WITHOUT_SLOW)
def test_tlc_counts_the_same_again(entry: Recorded, tmp_path: Path) -> None:
    tools = jar()
    if tools is None:
        pytest.skip("no TLC: set PLANESPEC_TLA2TOOLS to tla2tools.jar, and have Java on the path")
    text, counts = run_tlc(tools, entry.export(), tmp_path)
    assert "No error has been found" in text
    assert counts == entry.counts
