"""Every shared part holds alone, reaches what it is for, and dies of its mutants."""

import re
from pathlib import Path

import pytest

from planespec.checker.budget import Options
from planespec.checker.errors import ConfigurationError
from planespec.checker.instance import Instance
from planespec.checker.lang import Model
from planespec.checker.lang.named import named_instances
from planespec.checker.load import load_model
from planespec.checker.outcome import Verdict
from planespec.checker.run import check
from planespec.model.parts.api_store import Clients
from planespec.model.parts.expectations import Expecters
from planespec.model.parts.informers import Watchers
from planespec.model.parts.processes import Timers
from planespec.model.parts.work_queue import Workers

ALONE: list[type[Model]] = [Clients, Watchers, Workers, Timers, Expecters]
NAMED = [
    pytest.param(model, one.name, marks=[pytest.mark.slow] if one.slow else [])
    for model in ALONE
    for one in named_instances(model)
]
MUTANTS = [
    (Clients, "blind_writes", "no_update_is_lost"),
    (Clients, "uids_return", "a_name_is_used_again_by_another"),
    (Clients, "versions_count_alone", "versions_grow"),
    (Watchers, "lists_stale", "time_goes_forward"),
    (Watchers, "view_survives", "what_is_seen_was_there"),
    (Watchers, "blind_writes", "writes_are_made_from_what_is_stored"),
    (Watchers, "acts_early", "nobody_writes_before_hearing"),
    (Workers, "queued_while_processed", "one_worker_at_a_time"),
    (Workers, "dirt_forgotten", "no_change_is_lost"),
    (Workers, "dirt_stays", "what_is_dirty_comes"),
    (Timers, "oversleeps", "nobody_is_late"),
    (Timers, "alarm_survives", "a_crash_forgets"),
    (Expecters, "deletions_counted", "none_is_dropped_beyond"),
    (Expecters, "expires_never", "as_many_as_wanted"),
    (Expecters, "expires_young", "a_wait_begins_anew"),
    (Expecters, "expected_late", "as_many_as_wanted"),
]
PAGE = Path(__file__).parents[2] / "docs" / "parts.md"


def instance_of(model: type[Model], name: str, mutant: str | None = None) -> Instance:
    found = next(one for one in named_instances(model) if one.name == name)
    return Instance(model, found.constants, mutant)


def exists(model: type[Model], name: str, mutant: str) -> bool:
    """Whether an instance can have a mutant, which may need a constant."""
    try:
        instance_of(model, name, mutant)
    except ConfigurationError:
        return False
    return True


@pytest.mark.parametrize(("model", "name"), NAMED)
def test_a_part_alone_holds_and_reaches_what_it_is_for(model: type[Model], name: str) -> None:
    outcome = check(instance_of(model, name), "python", Options())
    assert outcome.verdict is Verdict.HOLDS
    assert None not in outcome.reached.values()
    assert outcome.held


@pytest.mark.parametrize(("model", "mutant", "property_"), MUTANTS)
def test_a_part_dies_of_each_of_its_mutants(
    model: type[Model], mutant: str, property_: str
) -> None:
    options = Options(requirements=(property_,))
    assert any(
        check(instance_of(model, one.name, mutant), "python", options).verdict is Verdict.VIOLATED
        for one in named_instances(model)
        if exists(model, one.name, mutant) and instance_of(model, one.name).has(property_)
    )


def test_every_mutant_of_the_parts_is_listed_with_what_it_breaks() -> None:
    listed = {mutant for _, mutant, _ in MUTANTS}
    assert {m.name for model in ALONE for m in Instance(model).mutants} == listed


@pytest.mark.parametrize("engine", ["python", "native"])
def test_the_controller_on_the_page_deletes_what_it_saw_and_by_name_something_else(
    tmp_path: Path, engine: str
) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.S | re.M)
    block = next(text for text in blocks if "class Cleaner" in text)
    path = tmp_path / "cleaner.py"
    path.write_text(block, encoding="utf-8")
    model = load_model(str(path))
    held = check(Instance(model), engine, Options())
    broken = check(Instance(model, {}, "by_name"), engine, Options())
    assert held.verdict is Verdict.HOLDS
    assert None not in held.reached.values()
    assert broken.violation is not None
    assert broken.violation.property == "only_what_was_seen_is_deleted"
