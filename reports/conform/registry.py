"""The judges by name; a module is imported only when its name is asked for."""

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from planespec.checker.errors import ConfigurationError, did_you_mean
from planespec.reports.conform.comparison import Comparison

Judge = Callable[[Path], Iterator[Comparison]]
"""Yield one comparison for each case of a recording; raise InputError where it is malformed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a judge lives (`planespec.reports.conform.<module>`) and what it holds to what."""

    module: str
    summary: str


JUDGES = {
    "etcd": Entry("etcd", "put, range, delete, txn, compaction, leases, watch of the etcd store"),
    "etcd.history": Entry(
        "etcd_history", "concurrent histories: linearizability and the guarantees of watches"
    ),
    "history": Entry(
        "histories", "histories of Jepsen, Porcupine and etcd: are they linearizable"
    ),
    "primitives": Entry(
        "primitives", "quantities, effective requests, QoS, selectors, taints, names"
    ),
    "raft": Entry("raft_recordings", "an etcd-raft node, through recorded scenarios and traces"),
    "raft.quorum": Entry(
        "raft_quorum", "majority and joint commit index, vote result, membership changes"
    ),
    "raft.transcripts": Entry(
        "raft_transcripts", "etcd-raft nodes driven by commands, with all that they print"
    ),
    "scheduling": Entry("scheduling", "filters, scores and preemption of kube-scheduler"),
}
"""NAME of the command line to its judge."""


def load_judge(name: str) -> Judge:
    """Import and return the judge called `name`; ConfigurationError when there is none."""
    if name not in JUDGES:
        known = ", ".join(sorted(JUDGES)) + did_you_mean(name, JUDGES)
        raise ConfigurationError(f"nothing is called {name!r} to conform; known: {known}")
    module = importlib.import_module(f"planespec.reports.conform.{JUDGES[name].module}")
    judge: Judge = module.judge
    return judge
