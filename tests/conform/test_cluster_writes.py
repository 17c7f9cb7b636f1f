"""Writes of each component that no state allows are found out, recorded ones are explained."""

import random
import zlib
from collections import Counter
from functools import lru_cache
from itertools import islice
from pathlib import Path

import pytest
from write_tampering import KINDS, Tamper, copy_write

from planespec.reports.judge.control_plane.cluster_judge import load_explainers, read_recording
from planespec.reports.judge.control_plane.scene import Scene
from planespec.reports.judge.control_plane.version_makers import Makers
from planespec.reports.judge.control_plane.write_explainers import explain

RECORDINGS = sorted((Path(__file__).parent.parent / "recorded/cluster").glob("*.jsonl.gz"))
FAULTS = [(key, tamper) for key, tampers in KINDS.items() for tamper in tampers]
MOST, MOST_TRIED = 3, 60
"""Writes into which a fault is put, and among how many they are looked for."""
PLACES = {
    "disruption-controller": ("05_eviction_pdb_02", "04_preemption_00"),
    "kube-apiserver": ("05_eviction_pdb_02", "12_quota_and_concurrency_00"),
    "resourcequota-controller": ("12_quota_and_concurrency_00",),
    "kube-scheduler": ("04_preemption_02", "11_nodename_taint_loop_02", "06_nodes_04"),
    "node-controller": ("06_nodes_04", "06_nodes_00"),
    "hollow-kubelet": ("10_bare_pods_06", "06_nodes_02"),
    "job-controller": ("08_job_02",),
    "generic-garbage-collector": ("08_job_04", "08_job_00"),
    "ttl-controller": ("06_nodes_02",),
    "ttl-after-finished-controller": ("08_job_04",),
}
"""Recordings in which each component writes what faults are put into."""


@lru_cache(maxsize=2)
def read_scene(name: str) -> Scene:
    load_explainers()
    path = next(each for each in RECORDINGS if each.name.startswith(name))
    scene, _ = read_recording(path)
    Makers(scene.history, scene.writes, scene.end)
    return scene


@pytest.mark.sample(3)
@pytest.mark.parametrize(
    ("key", "tamper"), FAULTS, ids=[f"{key}-{tamper.__qualname__}" for key, tamper in FAULTS]
)
def test_no_state_allows_a_write_with_a_fault(key: str, tamper: Tamper) -> None:
    rng, found = random.Random(zlib.crc32(key.encode())), Counter[str]()
    for name in PLACES[key.split()[0]]:
        scene = read_scene(name)
        writes = [each for each in scene.writes if each.key == key]
        for write in islice(rng.sample(writes, len(writes)), MOST_TRIED):
            faulty = copy_write(write)
            if tamper(faulty, scene, rng) and found.total() < MOST:
                scene.forget_cuts()
                assert explain(write, scene) == "", f"line {write.line} of {name} was recorded"
                scene.forget_cuts()
                found["rejected" if explain(faulty, scene) else f"{name}:{write.line}"] += 1
    assert found["rejected"] > 0, "the fault has a place"
    assert found.keys() == {"rejected"}, "each is found out"
