"""Finding an etcd program: the one named, on PATH, or none."""

import pytest

from planespec.checker.errors import ConfigurationError
from planespec.reports.live.etcd import process
from planespec.reports.live.etcd.process import clean_environment, find_binary


@pytest.fixture
def program(tmp_path):
    def write(answer, name="etcd"):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{answer}\n")
        path.chmod(0o755)
        return path

    return write


def test_the_program_named_is_asked_for_its_version(program):
    path = program("echo 'etcd Version: 3.6.0'; echo 'Git SHA: 1'")
    assert find_binary(path) == process.Binary(path, "3.6.0")


def test_a_program_that_is_not_etcd_is_refused(program):
    with pytest.raises(ConfigurationError, match="does not answer as etcd does"):
        find_binary(program("echo hello"))


def test_a_file_that_cannot_be_run_is_refused(tmp_path):
    path = tmp_path / "etcd"
    path.write_text("")
    for each in (path, tmp_path, tmp_path / "absent"):
        with pytest.raises(ConfigurationError, match="not a program that can be run"):
            find_binary(each)


def test_without_any_program_the_message_says_what_to_do(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(process.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match="--binary, put `etcd` on PATH"):
        find_binary()


def test_the_program_on_path_is_used(program, monkeypatch):
    path = program("echo 'etcd Version: 3.4.23'")
    monkeypatch.setenv("PATH", f"{path.parent}:/bin:/usr/bin")
    monkeypatch.setattr(process.importlib.util, "find_spec", lambda name: None)
    assert find_binary() == process.Binary(path, "3.4.23")


def test_flags_in_the_environment_do_not_reach_a_member(monkeypatch):
    monkeypatch.setenv("ETCD_NAME", "other")
    assert "ETCD_NAME" not in clean_environment()
