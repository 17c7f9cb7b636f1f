"""The known defects: found in each release of 3.5 that has them, and in no later one."""

import re

import pytest

from planespec.reports.live.etcd.defects import DEFECTS
from planespec.reports.live.etcd.hunting import Ground, Status, hunt

pytestmark = pytest.mark.slow

SECONDS = 20.0


def has(version, defect):
    """Whether a release of 3.5 has a defect that is fixed "3.5.18", "after 3.5.21" or never."""
    end = re.fullmatch(r"(after )?3\.5\.(\d+)", defect.fixed)
    patch = re.match(r"3\.5\.(\d+)", version)
    return end is None or int(patch[1]) < int(end[2]) + bool(end[1])


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_the_defect_is_found_where_it_is(specified_etcd, defect):
    finding = hunt(Ground(specified_etcd.path), defect, SECONDS)
    expected = Status.FOUND if has(specified_etcd.version, defect) else Status.ABSENT
    assert finding.status is expected, finding.reason or finding.breach
