"""Which models there are: those of this package, and those other packages announce.

Other packages announce models through the entry point group `planespec.models`; the names of this
package are there as well once it is installed, and in `model/catalogue.toml` in any case, together
with what is known about them.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pkgutil import get_data

from planespec.checker import load
from planespec.checker.errors import ConfigurationError
from planespec.checker.lang import Model


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about one instance: constants, verdict and the three numbers.

    A verdict of Proved is that of `prove`, which counts no states.

    `symmetric` counts the distinct states under symmetry; `slow` ones take minutes with the
    reference engine.
    """

    constants: dict[str, bool | int | str]
    verdict: str
    distinct: int = 0
    generated: int = 0
    depth: int = 0
    symmetric: int | None = None
    slow: bool = False


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

    Mutants that are not named die on the instance of the default constants.
    """

    name: str
    target: str
    instances: tuple[Known, ...] = field(default=())
    mutants: tuple[Killed, ...] = field(default=())


@cache
def catalogue() -> dict[str, Entry]:
    """All models by name, sorted; a name of this package cannot be taken by another."""
    # Imported late: a model given as a file is found without it.
    from importlib.metadata import entry_points

    points = entry_points(group=load.GROUP)
    announced = {point.name: Entry(point.name, point.value) for point in points}
    known = announced | {entry.name: entry for entry in _own_entries()}
    return dict(sorted(known.items()))


def load_model(name: str) -> type[Model]:
    """The model class for a name of the catalogue, `package.module:Class` or `file.py:Class`.

    The catalogue is read for its names only, so that nothing in it stands in the way of a file.
    Raises InputError for a file that cannot be understood, ConfigurationError for an unknown name.
    """
    if ":" in name or name.endswith(".py") or "/" in name:
        return load.load_model(name)
    for entry in _own_entries():  # without a look at what other packages announce, which is slow
        if entry.name == name:
            return load.load_model(entry.target)
    known = catalogue()
    if name in known:
        return load.load_model(known[name].target)
    raise ConfigurationError(load.unknown_model(name, tuple(known)))


def _own_entries() -> Iterator[Entry]:
    data = get_data("planespec.model", "catalogue.toml")
    assert data is not None, "the catalogue is part of the package"
    text = data.decode("utf-8")
    for model in tomllib.loads(text)["model"]:
        instances = tuple(Known(**known) for known in model.get("instance", ()))
        mutants = tuple(Killed(**killed) for killed in model.get("mutant", ()))
        yield Entry(model["name"], model["target"], instances, mutants)
