"""The defects known of 3.5.1: each is expected here, and its absence would be news."""

import pytest

from planespec.checker.errors import ConfigurationError
from planespec.reports.live.etcd.defects import DEFECTS
from planespec.reports.live.etcd.hunting import Ground, Status, hunt
from planespec.reports.live.etcd.process import find_binary

pytestmark = pytest.mark.slow

SECONDS = 20.0


@pytest.fixture(scope="module")
def binary():
    try:
        return find_binary()
    except ConfigurationError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_the_defect_is_not_there(request, binary, defect):
    if binary.version == "3.5.1":
        issues = ", ".join(f"#{issue}" for issue in defect.issues)
        reason = f"etcd 3.5.1 has {issues}; fixed: {defect.fixed}"
        request.applymarker(pytest.mark.xfail(reason=reason, strict=True, raises=AssertionError))
    finding = hunt(Ground(binary.path), defect, SECONDS)
    if finding.status is Status.UNDECIDED:
        pytest.fail(f"not decided: {finding.reason}")
    assert finding.status is Status.ABSENT, finding.breach
