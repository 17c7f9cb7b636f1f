"""Which models there are, and which requirements; those other packages announce, too.

Other packages announce models through the entry point group `planespec.models`; those of this
package stand in `model/catalogue.toml`, together with what is known about them.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pkgutil import get_data
from typing import Any, TypedDict

from planespec.checker import load
from planespec.checker.errors import ConfigurationError, PlanespecError, did_you_mean
from planespec.checker.instance import Instance
from planespec.checker.lang import Model
from planespec.checker.lang.model import declarations
from planespec.checker.lang.named import (
    NamedInstance,
    find_instance,
    named_instances,
    split_target,
)
from planespec.checker.lang.presence import Only
from planespec.spec.requirement import Requirement, load_requirements, order_of


class Answered(TypedDict, total=False):
    """What is known of the search of an instance; see `NamedInstance`."""

    verdict: str
    distinct: int
    generated: int
    depth: int
    symmetric: int


@dataclass(frozen=True, slots=True)
class Killed:
    """What is known about a mutant: the instance it dies on, for which requirement, how soon.

    A mutant may be named again, with a further requirement, often one of the paper on a larger
    instance; the first is the one that notices soonest.

    `steps` counts those of a shortest counterexample, `distinct` the states found by then (0
    where that is not recorded); `slow` ones take longer than a quick test may.
    """

    name: str
    constants: dict[str, bool | int | str]
    requirement: str
    steps: int
    distinct: int = 0
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A model by name; `target` is `package.module:Class`.

    `known` are verdict and numbers by the name of an instance. Mutants that are not named die on
    the instance of the default constants.
    """

    name: str
    target: str
    known: tuple[tuple[str, Answered], ...] = field(default=())
    mutants: tuple[Killed, ...] = field(default=())

    @property
    def instances(self) -> tuple[NamedInstance, ...]:
        """The instances that the model names, or the one its name asks for, with what is known.

        Raises what `load_model` raises, and ConfigurationError for an unknown name.
        """
        model, name = split_target(self.target)
        named = named_instances(load_model(model))
        chosen = [find_instance(model, name, named)] if name else named
        known = dict(self.known)
        return tuple(replace(one, **known.get(one.name, {})) for one in chosen)


@cache
def catalogue() -> dict[str, Entry]:
    """All models by name, sorted; a name of this package cannot be taken by another."""
    announced = {name: Entry(name, target) for name, target in load.announced().items()}
    known = announced | {entry.name: entry for entry in _own_entries()}
    return dict(sorted(known.items()))


def entry_of(target: str) -> Entry:
    """What is known about a model as it was named on a command line, `@small` included."""
    model, name = split_target(target)
    found = catalogue().get(model)
    if found is None:
        return Entry(target, target)
    return replace(found, name=target, target=f"{found.target}@{name}") if name else found


def load_model(name: str) -> type[Model]:
    """The model class for a name of the catalogue, `package.module:Class` or `file.py:Class`.

    The catalogue is read for its names only, so that nothing in it stands in the way of a file.
    The name of an instance behind it (`@small`) is left aside. Raises InputError for a file that
    cannot be understood, ConfigurationError for an unknown name.
    """
    return load.load_model(split_target(name)[0], _own_targets)


def _own_targets() -> dict[str, str]:
    return {entry.name: entry.target for entry in _own_entries()}


def instance_named(target: str, given: Mapping[str, Any], mutant: str | None = None) -> Instance:
    """The instance of a model, or the one that it names (`MODEL@small`) with other constants.

    Raises InputError for a model that cannot be understood and ConfigurationError for what is
    unknown or does not fit.
    """
    model, name = split_target(target)
    found = load_model(model)
    if not name:
        return Instance(found, given, mutant)
    named = find_instance(model, name, named_instances(found))
    plain = made(found, named)
    if not given and mutant is None:
        return plain
    return Instance(found, {**named.constants, **given}, mutant)


def made(model: type[Model], named: NamedInstance, mutant: str | None = None) -> Instance:
    """An instance that a model names; raises LanguageError where its constants do not fit."""
    try:
        plain = Instance(model, named.constants)
    except PlanespecError as error:
        raise named.refused(error) from None
    return plain if mutant is None else Instance(model, named.constants, mutant)


@cache
def _own_entries() -> tuple[Entry, ...]:
    return tuple(_read_entries())


def _read_entries() -> Iterator[Entry]:
    data = get_data("planespec.model", "catalogue.toml")
    assert data is not None, "the catalogue is part of the package"
    text = data.decode("utf-8")
    for model in tomllib.loads(text)["model"]:
        known = tuple((one.pop("name"), one) for one in model.get("instance", ()))
        mutants = tuple(Killed(**killed) for killed in model.get("mutant", ()))
        yield Entry(model["name"], model["target"], known, mutants)


# Which requirements there are, on what each is judged, and which models claim it.


@dataclass(frozen=True, slots=True)
class KnownRequirement:
    """A requirement, and the models of the catalogue that claim it."""

    requirement: Requirement
    models: tuple[str, ...]

    @property
    def levels(self) -> tuple[str, ...]:
        """What it is judged on."""
        return tuple(level.value for level in self.requirement.levels)

    @property
    def judged(self) -> str:
        """In words, where a model judges it and on what an audit or a reader of watches does."""
        own = self.levels[0] if self.requirement.kind else ""
        models = f"{own} of {', '.join(self.models)}" if own and self.models else ""
        others = ", ".join(level for level in self.levels if level != own)
        return "; ".join(filter(None, (models, others)))


def list_known(name: str | None = None) -> list[KnownRequirement]:
    """All requirements by area and number, those of one area, or the one with an id.

    Raises ConfigurationError for a name that is no area and no id.
    """
    models = _models_by_id()
    known = load_requirements()
    wanted = [each for each in known.values() if name is None or _is_named(each.id, name)]
    if not wanted:
        names = sorted({order_of(id_)[0] for id_ in known} | known.keys(), key=order_of)
        near = did_you_mean(str(name).upper(), names)
        raise ConfigurationError(f"no requirement is called {name!r}{near}")
    return [KnownRequirement(each, tuple(models.get(each.id, ()))) for each in wanted]


def _is_named(id_: str, name: str) -> bool:
    return name.upper() in (id_, order_of(id_)[0])


def _models_by_id() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in catalogue():
        try:
            required = declarations(load_model(name)).requires
        except PlanespecError:
            continue  # `list` without options names a model that cannot be loaded
        for each in (item.value if isinstance(item, Only) else item for item in required):
            if isinstance(each, Requirement):
                found.setdefault(each.id, []).append(name)
    return found
