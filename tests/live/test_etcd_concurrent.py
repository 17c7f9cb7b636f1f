"""Concurrent clients of members that crash and stall: an order exists, watches keep faith."""

import pytest

from planespec.checker.linearizability import Verdict
from planespec.reports.judge.history.etcd_history import judge_history
from planespec.reports.judge.history.history_files import read_report, write_report
from planespec.reports.live.etcd.process import cluster
from planespec.reports.live.etcd.traffic import Traffic

pytestmark = pytest.mark.slow

FLAGS = ("--heartbeat-interval=10", "--election-timeout=100", "--unsafe-no-fsync")


@pytest.mark.parametrize("seed", range(3))
def test_what_concurrent_clients_saw_has_an_order(installed_etcd, tmp_path, seed):
    with cluster(installed_etcd.path, 3, FLAGS) as members:
        traffic = Traffic(members, seed)
        traffic.run(clients=4, requests=60, faults=3)
    write_report(tmp_path, traffic.operations, {9: traffic.watches})
    judgement = judge_history(*read_report(tmp_path))
    assert judgement.verdict is not Verdict.ILLEGAL, (judgement.breaches, judgement.wrong_reads)
    assert len(traffic.operations) > 100
    assert all(watch.events for watch in traffic.watches[-3:])
