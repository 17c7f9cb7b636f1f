"""What the two commands of the README install is pinned, today's newest versions work as well.

The commands, CI and the constraints stay in step with each other and with pyproject.toml.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path

import house
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PINNED = re.compile(r"([A-Za-z0-9][\w.-]*)==([\w.!+]+)")
TELLING = (
    "tests/audit/test_audit_malformed.py",
    "tests/cli/test_bad_input.py",
    "tests/cli/test_document_schemas.py",
    "tests/conform/test_reading.py",
    "tests/checker",
    "tests/native/test_native_agrees_with_the_interpreter.py",
    "tests/symbolic",
    "tests/stateful/test_machine.py",
    "tests/house/test_static_checks.py",
)
"""Tests that use every package: what its messages say, its types, its compiled code."""


def constraints() -> dict[str, str]:
    """The pinned version of each package."""
    lines = (house.ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = [PINNED.fullmatch(line) for line in lines if not line.startswith("#")]
    assert all(pinned), "constraints.txt holds names and versions, and nothing else"
    return {canonicalize_name(found[1]): found[2] for found in pinned if found}


def project() -> dict[str, object]:
    text = (house.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def declared() -> Iterator[Requirement]:
    """What pyproject.toml asks for: to build, to run, to test."""
    known = project()
    build, own = known["build-system"], known["project"]
    assert isinstance(build, dict)
    assert isinstance(own, dict)
    asked = [*build["requires"], *own["dependencies"]]
    for extra in own["optional-dependencies"].values():
        asked += extra
    return (Requirement(each) for each in asked if not each.startswith("planespec["))


def commands(page: str) -> list[str]:
    """The commands of a page that set everything up."""
    text = (house.ROOT / page).read_text(encoding="utf-8")
    return re.findall(r"^\$ (python3 -m venv .*)$", text, re.MULTILINE)


def test_both_commands_install_what_is_pinned() -> None:
    checks, tests = commands("README.md")
    assert "pip install --quiet -c constraints.txt . && " in checks
    assert "pip install --quiet -c constraints.txt -e '.[test]' && " in tests
    assert commands("CONTRIBUTING.md") == [tests]


def test_ci_runs_the_test_command_of_the_readme() -> None:
    script = (house.ROOT / ".ci/run").read_text(encoding="utf-8")
    (extraction,) = re.findall(r"^test_command=.*$", script, re.MULTILINE)
    told = subprocess.run(
        ["bash", "-c", f'{extraction}; echo "$test_command"'],
        cwd=house.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == commands("README.md")[1]
    assert 'bash -c "$test_command"' in script


def test_every_package_that_is_asked_for_is_pinned_within_its_range() -> None:
    pinned = constraints()
    for each in declared():
        version = pinned.get(canonicalize_name(each.name))
        assert version is not None, f"{each.name} is not in constraints.txt"
        assert each.specifier.contains(version), f"constraints.txt: {each.name} {version}"


def test_the_build_requirement_is_pinned_where_pip_heeds_it() -> None:
    build = project()["build-system"]
    assert isinstance(build, dict)
    assert build["requires"] == [f"hatchling=={constraints()['hatchling']}"]


def test_whatever_these_packages_need_is_pinned_too() -> None:
    pinned, seen = constraints(), set[str]()
    waiting = [each for each in declared() if each.marker is None or each.marker.evaluate()]
    while waiting:
        each = waiting.pop()
        name = canonicalize_name(each.name)
        if name in seen:
            continue
        seen.add(name)
        assert name in pinned, f"{name} is not in constraints.txt"
        needed = [Requirement(text) for text in requires(name) or ()]
        waiting += [n for n in needed if n.marker is None or n.marker.evaluate({"extra": ""})]
    assert seen == pinned.keys(), "constraints.txt pins what nobody needs"


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A copy of the sources beside a new virtual environment; skips where nothing can be had."""
    source = tmp_path / "source"
    shutil.copytree(house.ROOT, source, symlinks=True, ignore=house.LEFT_OUT)
    subprocess.run([sys.executable, "-m", "venv", source / ".venv"], check=True)
    reached = pip(source, "download", "--quiet", "--no-deps", "-d", str(tmp_path), "iniconfig")
    if reached.returncode != 0:
        pytest.skip("no package index can be reached")
    return source


def pip(source: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    free = {name: value for name, value in os.environ.items() if name != "PIP_CONSTRAINT"}
    return subprocess.run(
        [source / ".venv/bin/python", "-m", "pip", *arguments],
        cwd=source,
        env=free,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_the_newest_versions_that_the_ranges_allow_work(fresh: Path) -> None:
    installed = pip(fresh, "install", "--quiet", "--upgrade", "-e", ".[test]")
    assert installed.returncode == 0, installed.stderr
    tested = subprocess.run(
        [fresh / ".venv/bin/python", "-m", "pytest", "-q", *TELLING],
        cwd=fresh,
        capture_output=True,
        text=True,
        check=False,
    )
    assert tested.returncode == 0, tested.stdout[-5_000:]
