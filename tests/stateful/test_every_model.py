"""Every model of the package, the documentation and tests/models is walked without a failure."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from planespec.checker.lang import Model
from planespec.checker.lang.composing import lacking
from planespec.checker.lang.model import declarations
from planespec.checker.load import load_model
from planespec.checker.stateful import machine
from planespec.reports.input.catalogue import catalogue
from planespec.reports.input.catalogue import load_model as catalogued

ROOT = Path(__file__).parents[2]
LARGE = {"raft.etcd", "raft.etcd_calm", "raft.etcd_migrated"}
INSTANCES = [(name, known) for name, entry in catalogue().items() for known in entry.instances]
FILES = sorted((ROOT / "tests" / "models").glob("*.py"))
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BROKEN = ("# Violated", "# Refused")
"""How the documentation marks a model that is not to hold."""


def blocks() -> list[Any]:
    """The models of the documentation."""
    found = []
    for page in PAGES:
        texts = re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.S | re.M)
        models = [t for t in texts if "(Model):" in t and not t.startswith(BROKEN)]
        found += [pytest.param(text, id=f"{page.name}-{n}") for n, text in enumerate(models)]
    return found


def walk(model: type[Model], walks: int, **options: Any) -> None:
    limits = settings(
        max_examples=walks,
        stateful_step_count=20,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )
    run_state_machine_as_test(machine(model, **options), settings=limits)


@pytest.mark.parametrize("name", sorted(set(catalogue()) - LARGE))
def test_a_model_of_the_catalogue_is_walked(name: str) -> None:
    walk(catalogued(name), walks=3)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_known_specification_is_walked(file: Path) -> None:
    walk(load_model(str(file)), walks=3)


def test_a_model_whose_parameters_range_over_parts_of_arrays_is_walked() -> None:
    walk(load_model(f"{ROOT}/tests/front/zoo/inboxes_zoo.py:Inboxes"), walks=5)


@pytest.mark.parametrize("text", blocks())
def test_a_model_of_the_documentation_is_walked(text: str, tmp_path: Path) -> None:
    file = tmp_path / "page.py"
    file.write_text(text, encoding="utf-8")
    pattern = r"^class (\w+)\((?:Model|\w+, \w+)\)|^(\w+) = compose"
    named = [one or other for one, other in re.findall(pattern, text, re.M)]
    whole = [m for m in (load_model(f"{file}:{n}") for n in named) if not lacking(declarations(m))]
    assert whole
    for model in whole:
        walk(model, walks=5)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "known"), INSTANCES, ids=[f"{name}-{n}" for n, (name, _) in enumerate(INSTANCES)]
)
def test_each_instance_of_the_catalogue_is_walked(name: str, known: Any) -> None:
    walk(catalogued(name), walks=5, **known.constants)
