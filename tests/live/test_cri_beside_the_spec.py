"""The rules of `spec.runtime` beside a container runtime: every answer, through its death.

A real one is walked where three variables of the environment say how: PLANESPEC_CRI_COMMAND
starts it (`containerd --config FILE`), PLANESPEC_CRI_SOCKET is where it answers,
PLANESPEC_CRI_IMAGE is an image that is there and whose program goes on. Without them it is the
containerd of this machine, where one is installed and the tests run as root. One that answers by
the rules is always there.
"""

import os
import shlex
import sys
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

import installed_containerd

from planespec.checker.errors import ConfigurationError
from planespec.reports.live.runtime.cri_beside import OPERATIONS, CriAction, CriBeside
from planespec.reports.live.runtime.cri_client import CriClient, RuntimeProcess
from planespec.reports.live.runtime.cri_wire import Kind, Slot, WireError, decode, encode

pytest.importorskip("grpc", reason="`pip install .[test]` brings grpcio")

ANSWERING = Path(__file__).parent / "answering_runtime.py"
VARIABLES = ("PLANESPEC_CRI_COMMAND", "PLANESPEC_CRI_SOCKET", "PLANESPEC_CRI_IMAGE")
RARELY = "RestartRuntime"
ACTIONS = st.builds(
    CriAction,
    st.sampled_from([*OPERATIONS, *(op for op in OPERATIONS if op != RARELY)] * 2 + [RARELY]),
    st.integers(0, 5),
    st.integers(0, 1),
)
NUMBERS = count(os.getpid() * 1_000_000)
WALKS = settings(
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def walk(process, image, sequence):
    client = CriClient(process.socket)
    beside = CriBeside(client, image, next(NUMBERS), process)
    try:
        for action in sequence:
            beside.do(action)
        beside.end()
    finally:
        client.close()


def started(folder, *fault):
    socket = folder / "cri.sock"
    command = [sys.executable, str(ANSWERING), str(socket), str(folder / "store"), *fault]
    process = RuntimeProcess(command, socket, folder / "log")
    process.start()
    return process


@pytest.fixture(scope="module")
def answering(tmp_path_factory):
    process = started(tmp_path_factory.mktemp("cri"))
    yield process
    process.kill()


EVERYTHING = [
    CriAction("RunPodSandbox"),
    CriAction("RunPodSandbox"),
    CriAction("CreateContainer"),
    CriAction("CreateContainer"),
    CriAction("StartContainer", 1),
    CriAction("RestartRuntime"),
    CriAction("StartContainer", 1),
    CriAction("StopContainer", 1),
    CriAction("CreateContainer", number=1),
    CriAction("StopPodSandbox"),
    CriAction("CreateContainer", number=2),
    CriAction("StartContainer", 2),
    CriAction("RemoveContainer", 1),
    CriAction("RemovePodSandbox"),
    CriAction("StartContainer", 1),
]


def test_one_walk_through_every_call_and_a_restart(answering):
    walk(answering, "app:1", EVERYTHING)


@pytest.mark.slow
@WALKS
@given(st.lists(ACTIONS, min_size=10, max_size=30))
def test_a_runtime_that_answers_by_the_rules_does_so_over_its_socket(answering, sequence):
    walk(answering, "app:1", sequence)


@pytest.mark.parametrize("fault", ["CreateContainer", "StopPodSandbox"])
def test_a_wrong_answer_is_noticed(fault, tmp_path, monkeypatch):
    monkeypatch.setattr("planespec.reports.live.runtime.cri_beside.SETTLE_SECONDS", 0.2)
    process = started(tmp_path, fault)
    try:
        with pytest.raises(AssertionError, match="is due"):
            walk(process, "app:1", EVERYTHING)
    finally:
        process.kill()


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """A runtime that is there, and an image."""
    folder = tmp_path_factory.mktemp("cri")
    missing = [name for name in VARIABLES if not os.environ.get(name)]
    if not missing:
        command, socket, image = (os.environ[name] for name in VARIABLES)
        process = RuntimeProcess(shlex.split(command), Path(socket), folder / "log")
        process.start()
    else:
        obstacle = installed_containerd.find_obstacle()
        if obstacle:
            pytest.skip(f"{', '.join(missing)} not set, and {obstacle}")
        command, image = installed_containerd.configure(folder), installed_containerd.IMAGE
        process = RuntimeProcess(command, folder / "cri.sock", folder / "log")
        process.start()
        installed_containerd.import_image(folder)
    yield process, image
    process.kill()


@pytest.mark.slow
@WALKS
@given(st.lists(ACTIONS, min_size=10, max_size=20))
def test_every_answer_of_a_real_runtime_is_one_of_the_rules(real, sequence):
    process, image = real
    walk(process, image, sequence)


def test_a_program_that_does_not_answer_is_told(tmp_path):
    process = RuntimeProcess(["/bin/false"], tmp_path / "none", tmp_path / "log")
    with pytest.raises(ConfigurationError, match="does not answer"):
        process.start()


SHAPE = {
    "text": Slot(1),
    "number": Slot(2, Kind.NUMBER),
    "texts": Slot(3, Kind.TEXTS),
    "labels": Slot(4, Kind.LABELS),
    "inner": Slot(5, Kind.MESSAGE, {"n": Slot(1, Kind.NUMBER)}),
    "many": Slot(6, Kind.MESSAGES, {"t": Slot(1)}),
}


def test_a_message_is_read_as_it_was_written():
    message = {
        "text": "ä",
        "number": 300,
        "texts": ["a", ""],
        "labels": {"k": "v"},
        "inner": {"n": 1},
        "many": [{"t": "x"}, {"t": "y"}],
    }
    assert decode(SHAPE, encode(SHAPE, message)) == message
    assert decode({"text": Slot(1)}, encode(SHAPE, message)) == {"text": "ä"}


@pytest.mark.parametrize("data", ["08", "0a05", "0b", "1001"])
def test_bytes_that_are_no_message_are_refused(data):
    with pytest.raises(WireError):
        decode({"text": Slot(1), "other": Slot(2)}, bytes.fromhex(data))
