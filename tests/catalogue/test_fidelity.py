"""Every model says which recorded answers hold it, or that none does; what it says is counted."""

import ast
import importlib
import inspect
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from planespec.checker.lang.named import Fidelity, Recording, fidelity_of
from planespec.reports.input.catalogue import catalogue, load_model
from planespec.reports.judge.judges import load_judge

ROOT = Path(__file__).resolve().parents[2]


def said(name: str) -> Fidelity:
    found = fidelity_of(load_model(name))
    assert found is not None, f"{name} does not say what holds it"
    return found


OWN = [name for name, entry in catalogue().items() if entry.target.startswith("planespec.")]


@dataclass(frozen=True)
class Held:
    """A model, and a recording that holds it."""

    model: str
    recording: Recording


HELD = [Held(name, each) for name in OWN for each in said(name).recordings]


@cache
def count(path: str, conform: str) -> dict[str, int]:
    """How many cases of each kind the judge of a recording compares; all of them agree."""
    counts: dict[str, int] = {}
    for comparison in load_judge(conform)(ROOT / path):
        assert comparison.agrees, comparison
        counts[comparison.kind] = counts.get(comparison.kind, 0) + 1
    return counts


def test_every_model_is_held_to_recordings_or_says_why_not() -> None:
    assert len(OWN) >= 16
    for name in OWN:
        assert bool(said(name).recordings) != bool(said(name).because), name


def test_some_models_of_every_component_with_recordings_are_held() -> None:
    assert {held.model.partition(".")[0] for held in HELD} >= {"etcd", "scheduler"}


LONG = (
    *("cni", "controllers_apps", "controllers_batch_scaling", "controllers_rest", "eviction"),
    *("kubelet_backoff", "kubelet_volumes", "raft", "scheduler"),
)
"""Judges that take some seconds; tests/conform runs them on the same recordings."""


@pytest.mark.parametrize(
    "held",
    [
        pytest.param(each, marks=[pytest.mark.slow] if each.recording.conform in LONG else [])
        for each in HELD
    ],
    ids=lambda held: held.model,
)
def test_a_recording_holds_as_many_cases_as_the_model_says(held: Held) -> None:
    recording = held.recording
    assert recording.conform, f"nothing counts the cases of {recording.path}"
    counts = count(recording.path, recording.conform)
    assert set(recording.kinds) <= set(counts)
    kinds = recording.kinds or tuple(counts)
    assert sum(counts[kind] for kind in kinds) == recording.cases


@cache
def imported_by(module: str) -> frozenset[str]:
    """What a module imports, read once."""
    return frozenset(imported(ast.parse(inspect.getsource(importlib.import_module(module)))))


def imported(tree: ast.AST) -> set[str]:
    """Modules that a file imports, and what it imports of them."""
    found = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def is_among(module: str, names: set[str]) -> bool:
    """Whether a module, or one below it, is imported."""
    return any(name == module or name.startswith(f"{module}.") for name in names)


@pytest.mark.parametrize("held", HELD, ids=lambda held: held.model)
def test_the_named_test_compares_the_model_with_what_is_held_to_the_recording(held: Held) -> None:
    file, _, name = held.recording.test.partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    names = imported(tree)
    assert {cls.__module__ for cls in load_model(held.model).__mro__} & names
    assert is_among(held.recording.through, names)


def judging_modules(module: str) -> set[str]:
    """What a judge imports, by itself and through other modules of its folder."""
    found, waiting = set[str](), [module]
    while waiting:
        folder = (name := waiting.pop()).rpartition(".")[0]
        own = imported_by(name) - found
        found |= own
        waiting += [n for n in own if n.startswith(f"{folder}.") and n in sys.modules]
    return found


@pytest.mark.parametrize(
    "held", [held for held in HELD if held.recording.through], ids=lambda held: held.model
)
def test_the_rule_between_is_the_one_that_the_recording_judges(held: Held) -> None:
    names = judging_modules(load_judge(held.recording.conform).__module__)
    assert is_among(held.recording.through, names)
