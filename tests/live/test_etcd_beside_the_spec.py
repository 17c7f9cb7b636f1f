"""The store of `spec.etcd` beside a real member: every answer, through crashes and pauses."""

from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planespec.reports.live.etcd.actions import ACTIONS, MemberAdapter
from planespec.reports.live.etcd.beside import Beside
from planespec.reports.live.etcd.process import cluster

pytestmark = pytest.mark.slow

SEQUENCES = 200
LENGTH = 30
FLAGS = ("--heartbeat-interval=10", "--election-timeout=100", "--unsafe-no-fsync")
"""Quick elections; a killed process needs no fsync, only a killed machine does."""


@pytest.fixture(scope="module")
def suite(specified_etcd):
    with cluster(specified_etcd.path, flags=FLAGS) as (member,):
        adapter = MemberAdapter(member)
        yield Suite(adapter)
        adapter.close()


class Suite:
    """One member for all sequences; each has keys and leases of its own."""

    def __init__(self, adapter):
        self.adapter = adapter
        self.numbers = count(1)
        self.compacted = frozenset([-1])

    def run(self, sequence):
        beside = Beside(self.adapter, next(self.numbers), self.compacted)
        try:
            for action in sequence:
                beside.do(action)
            beside.check_watch()
        finally:
            self.compacted = beside.compacted


@settings(
    max_examples=SEQUENCES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(sequence=st.lists(ACTIONS, min_size=LENGTH, max_size=LENGTH))
def test_every_answer_of_a_member_is_one_the_store_gives(suite, sequence):
    suite.run(sequence)
