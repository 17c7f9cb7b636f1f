"""The rules of `spec.network` beside CNI plugins: answers, reserved addresses, interfaces.

Real ones are walked where PLANESPEC_CNI_DIR names their folder, or where they are usually
installed; host-local alone by any user, ptp and bridge by root with network namespaces. Plugins
that answer by the rules are always there.
"""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planespec.reports.live.network.cni_beside import OPERATIONS, CniAction, CniBeside
from planespec.reports.live.network.network_spaces import (
    KernelSpaces,
    PluginCaller,
    find_obstacle,
)

ANSWERING = Path(__file__).parent / "answering_plugin.py"
VARIABLE = "PLANESPEC_CNI_DIR"
USUAL = (Path("/opt/cni/bin"), Path("/usr/lib/cni"))
WALKS = settings(
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    max_examples=10,
)
ACTIONS = st.builds(CniAction, st.sampled_from([*OPERATIONS, "ADD", "DEL"]), st.integers(0, 2))
EVERYTHING = [
    CniAction("CHECK"),
    CniAction("ADD", 0),
    CniAction("CHECK", 0),
    CniAction("ADD", 0),
    CniAction("ADD", 1),
    CniAction("ADD", 2),
    CniAction("DEL", 0),
    CniAction("CHECK", 0),
    CniAction("Vanish", 1),
    CniAction("DEL", 1),
    CniAction("ADD", 2),
    CniAction("Vanish", 2),
    CniAction("ADD", 2),
    CniAction("ADD", 2),
]


class FileSpaces:
    """Namespaces that are files, as `answering_plugin` takes them."""

    def __init__(self, folder):
        self.folder, self.count = folder, 0
        folder.mkdir(exist_ok=True)

    def make(self):
        self.count += 1
        path = self.folder / str(self.count)
        path.write_text("")
        return str(path)

    def remove(self, path):
        Path(path).unlink()

    def list_addresses(self, path, interface):
        return Path(path).read_text().split()

    def wrap(self, command):
        return command


def answering(folder, fault=""):
    plugins = folder / "plugins"
    plugins.mkdir()
    for name in ("host-local", "bridge"):
        text = f'#!/bin/sh\nexec "{sys.executable}" "{ANSWERING}" {name} "{fault}"\n'
        (plugins / name).write_text(text)
        (plugins / name).chmod(0o755)
    return PluginCaller(plugins, FileSpaces(folder / "spaces"))


def walk(caller, data, plugin, sequence):
    beside = CniBeside(caller, data, plugin)
    for action in sequence:
        beside.do(action)
    beside.end()


@pytest.mark.parametrize("plugin", ["host-local", "bridge"])
def test_one_walk_through_every_call(plugin, tmp_path):
    walk(answering(tmp_path), tmp_path / "data", plugin, EVERYTHING)


@pytest.mark.parametrize(
    ("fault", "plugin", "message"),
    [
        ("keeps", "host-local", "where .* is due"),
        ("gives twice", "bridge", "where .* is due"),
        ("other words", "host-local", "where .* is due"),
        ("adds again", "bridge", "ADD for c0 succeeds, which has its interface"),
        ("leaves the interface", "bridge", "interfaces have .* where"),
        ("needs the namespace", "bridge", "DEL for c1 fails"),
        ("checks nothing", "bridge", "CHECK for c2 succeeds"),
    ],
)
def test_a_wrong_answer_is_noticed(fault, plugin, message, tmp_path):
    sequence = EVERYTHING
    if fault == "checks nothing":
        sequence = [CniAction("ADD", 2), CniAction("Vanish", 2), CniAction("CHECK", 2)]
    with pytest.raises(AssertionError, match=message):
        walk(answering(tmp_path, fault), tmp_path / "data", plugin, sequence)


def test_what_is_left_after_the_last_call_is_noticed(tmp_path):
    beside = CniBeside(answering(tmp_path), tmp_path / "data")
    beside.do(CniAction("ADD"))
    beside.caller = answering(tmp_path / "data", "keeps")
    with pytest.raises(AssertionError, match="where"):
        beside.end()


def test_a_plugin_that_is_not_there_is_told(tmp_path):
    caller = PluginCaller(tmp_path, FileSpaces(tmp_path / "spaces"))
    with pytest.raises(FileNotFoundError, match="there is no plugin"):
        CniBeside(caller, tmp_path / "data").do(CniAction("ADD"))


@pytest.mark.slow
@WALKS
@given(st.lists(ACTIONS, min_size=4, max_size=10))
def test_plugins_that_answer_by_the_rules_do_so_as_processes(tmp_path_factory, sequence):
    folder = tmp_path_factory.mktemp("cni")
    walk(answering(folder), folder / "data", "bridge", sequence)


@pytest.fixture(scope="module")
def real():
    named = os.environ.get(VARIABLE)
    found = [Path(named)] if named else [folder for folder in USUAL if folder.is_dir()]
    if not found:
        pytest.skip(f"{VARIABLE} is not set, and there is no {' nor '.join(map(str, USUAL))}")
    return found[0]


@pytest.mark.slow
@WALKS
@given(st.lists(ACTIONS, min_size=5, max_size=20))
def test_every_answer_of_a_real_host_local_is_one_of_the_rules(real, tmp_path_factory, sequence):
    folder = tmp_path_factory.mktemp("cni")
    walk(
        PluginCaller(real, FileSpaces(folder / "spaces")), folder / "data", "host-local", sequence
    )


@pytest.fixture(scope="module")
def spaces(real):
    if obstacle := find_obstacle():
        pytest.skip(obstacle)
    made = KernelSpaces()
    yield made
    made.end()


@pytest.mark.slow
@pytest.mark.parametrize("plugin", ["ptp", "bridge"])
@WALKS
@given(st.lists(ACTIONS, min_size=5, max_size=10))
def test_a_real_plugin_gives_and_takes_addresses_by_the_rules(
    real, spaces, tmp_path_factory, plugin, sequence
):
    data = tmp_path_factory.mktemp("cni") / "data"
    if plugin == "bridge":
        # Its CHECK compares the MAC of the bridge, which changes as sandboxes come and go.
        sequence = [each for each in sequence if each.op != "CHECK"]
    walk(PluginCaller(real, spaces), data, plugin, sequence)
