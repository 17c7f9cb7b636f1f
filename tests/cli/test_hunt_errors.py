"""What `planespec hunt` refuses before it starts anything."""

import pytest

from planespec.checker.errors import ExitCode
from planespec.reports.cli.main import run


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--endpoint", "http://10.1.2.3:2379"], "not plain HTTP on a loopback address"),
        (["--binary", "x", "--endpoint", "127.0.0.1:1"], "exclude each other"),
        (["--binary", "/nonexistent/etcd"], "not a program that can be run"),
        (["--endpoint", "127.0.0.1:1"], "no healthy etcd answers"),
        (["--defect", "4711"], "no defect is called '4711'; known: 18667, 18667-restart"),
        (["--seconds", "0"], "not in the range"),
    ],
)
def test_a_hunt_that_cannot_begin_says_why(capsys, arguments, message):
    assert run(["hunt", "etcd", *arguments]) == ExitCode.CONFIGURATION
    assert message in capsys.readouterr().err


def test_only_etcd_is_hunted(capsys):
    assert run(["hunt", "consul"]) == ExitCode.CONFIGURATION
