"""What a requirement is: a numbered, sourced statement about what can be observed, and its judges.

There is one object for each number, whoever judges it. A model judges a *predicate*: it takes a
`typing.Protocol`, so that the state of a model satisfies it by its shape, and so does a record of
a real system. An audit, or whoever reads what a client recorded, has *judges*: functions that
yield what breaks a requirement, so that nothing yielded means that it holds. A predicate is the
judge whose breach is that the predicate is false. Ids are never reused and never renumbered.
"""

import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, Generic, TypeVar

S = TypeVar("S")
"""What can be at fault: an object of a cluster, an event of a watch, a state."""


class Level(Enum):
    """What is judged, and with it what a judge is given."""

    STATE = "state"
    """One state of a model."""
    STEP = "step"
    """A state and its successor."""
    PROMISE = "promise"
    """Whole behaviours: what happens at last, or again and again."""
    SNAPSHOT = "snapshot"
    """All objects of a cluster at one time."""
    EVENT = "event"
    """An object as one event of a watch of a cluster shows it."""
    TRANSITION = "transition"
    """An object before and after one event of a watch."""
    LOG = "log"
    """The events of a watch or an audit log so far, by judges that remember those before."""
    WATCH = "watch"
    """What a client of etcd recorded of one watch, and the replay of all events."""


_LEVELS = {
    "state": Level.STATE,
    "step": Level.STEP,
    "eventually": Level.PROMISE,
    "always eventually": Level.PROMISE,
    "eventually always": Level.PROMISE,
    "leads to": Level.PROMISE,
}
_KINDS = {1: "state", 2: "step"}
"""What a predicate is about, by the number of its parameters, unless it is a promise."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement.

    `statement` is one sentence, which reports print; `source` says where it is written;
    `severity` is "error", or "warning" for what may be meant so; `name` is a noun phrase. `kind`
    says how the engines take the `predicates`: "state", "step" or a promise; both are empty where
    no model can judge it.
    """

    id: str
    statement: str
    source: str
    severity: str = "error"
    name: str = ""
    kind: str = ""
    predicates: tuple[Callable[..., bool], ...] = ()

    def __call__(self, *observation: Any) -> bool:
        """Whether a state, or a state and its successor, keeps to the predicate."""
        return self.predicates[0](*observation)

    def violated(
        self, *objects: S, message: str, field: str = "", **numbers: int | str
    ) -> "Breach[S]":
        """Make a breach of this requirement; the first object is the one to look at."""
        return Breach(self, objects, message, field, numbers)

    @property
    def judges(self) -> tuple["Judge", ...]:
        """All judges of this requirement that have been imported."""
        return _judges_by_id().get(self.id, ())

    @property
    def levels(self) -> tuple[Level, ...]:
        """Everything it is judged on, each once; that of the predicate first.

        Which module was imported first makes no difference.
        """
        own = (_LEVELS[self.kind],) if self.kind else ()
        others = sorted((judge.level for judge in self.judges), key=[*Level].index)
        return tuple(dict.fromkeys((*own, *others)))

    def find_breaches(self, level: Level, *observation: Any) -> Iterator["Breach[Any]"]:
        """Yield what breaks this requirement alone, as the judges of a level see it."""
        for judge in self.judges:
            if judge.level is level:
                found = judge.find(*observation)
                yield from (each for each in found if each.requirement.id == self.id)


@dataclass(frozen=True, slots=True)
class Breach(Generic[S]):
    """What breaks a requirement: by which objects, with which numbers."""

    requirement: Requirement
    objects: tuple[S, ...]
    message: str
    """What is wrong, with the numbers."""
    field: str = ""
    """The field at fault, such as `spec.ports[0].name`; empty where it is no single one."""
    numbers: Mapping[str, int | str] = dataclasses.field(default_factory=dict)


Find = Callable[..., Iterator[Breach[Any]]]
F = TypeVar("F", bound=Find)


@dataclass(frozen=True, slots=True)
class Judge:
    """A function that yields what breaks any of some requirements."""

    level: Level
    find: Find
    requirements: tuple[Requirement, ...]


REQUIREMENTS: dict[str, Requirement] = {}
"""Every requirement imported so far, by its id; `load_requirements` imports those of `spec`."""

_JUDGES: dict[tuple[Level, str], Judge] = {}
"""By level, module and name, so that a module which is read again replaces its own."""


@cache
def _judges_by_id() -> dict[str, tuple[Judge, ...]]:
    """The judges of each requirement, in the order in which they were imported."""
    found: dict[str, list[Judge]] = {}
    for judge in _JUDGES.values():
        for id_ in dict.fromkeys(each.id for each in judge.requirements):
            found.setdefault(id_, []).append(judge)
    return {id_: tuple(judges) for id_, judges in found.items()}


def _register_judge(place: str, judge: Judge) -> None:
    _JUDGES[judge.level, place] = judge
    _judges_by_id.cache_clear()


def declare(
    id_: str, statement: str, source: str, severity: str = "error", name: str = ""
) -> Requirement:
    """Make a requirement that models do not judge; `judges` says who does.

    Raises ValueError on an id that has another statement, source or severity already.
    """
    return _register(Requirement(id_, statement, source, severity, name))


def requirement(
    id_: str, *, source: str, severity: str = "error", promise: str = ""
) -> Callable[[Callable[..., bool]], Requirement]:
    """Make a requirement of a documented predicate with one parameter (state) or two (step).

    The first line of its docstring is the statement. A `promise` ("eventually", "always
    eventually", ...) has a predicate on a state. Raises ValueError on an id in use, a predicate
    without a docstring, one with another number of parameters, or a promise of no known kind.
    """
    if promise and _LEVELS.get(promise) is not Level.PROMISE:
        known = ", ".join(kind for kind, level in _LEVELS.items() if level is Level.PROMISE)
        raise ValueError(f"{id_} promises {promise!r}; known: {known}")

    def decorate(predicate: Callable[..., bool]) -> Requirement:
        statement, kind = _get_statement(id_, predicate), promise or _get_kind(id_, predicate)
        name = predicate.__name__
        made = _register(Requirement(id_, statement, source, severity, name, kind, (predicate,)))
        if not promise:
            _judge_predicate(made)
        return made

    return decorate


def _judge_predicate(made: Requirement) -> None:
    def find(*observation: Any) -> Iterator[Breach[Any]]:
        if not made(*observation):
            yield made.violated(*observation, message=f"{made.name} is false")

    level = _LEVELS[made.kind]
    place = f"{made.predicates[0].__module__}.{made.name}"
    _register_judge(place, Judge(level, find, (made,)))


def judges(level: Level, *requirements: Requirement) -> Callable[[F], F]:
    """Say of a function or method that it yields the breaches of these requirements.

    It stays the function it is. Being registered here is why it is called, except at LOG: there
    it is a method of what follows the log, which calls it.
    """

    def decorate(find: F) -> F:
        place = f"{find.__module__}.{find.__qualname__}"
        _register_judge(place, Judge(level, find, requirements))
        return find

    return decorate


def list_judges(level: Level) -> list[Judge]:
    """The judges of a level that have been imported, in that order."""
    return [judge for judge in _JUDGES.values() if judge.level is level]


def load_requirements() -> dict[str, Requirement]:
    """Import all of `planespec.spec`; return all requirements by id, RAFT-2 before RAFT-10."""
    import_all(__name__.rpartition(".")[0])
    return dict(sorted(REQUIREMENTS.items(), key=lambda item: order_of(item[0])))


@cache
def import_all(package: str) -> None:
    """Import every module of a package, once: what declares and judges is known after that."""
    paths = importlib.import_module(package).__path__
    for module in pkgutil.walk_packages(paths, f"{package}."):
        importlib.import_module(module.name)


def order_of(id_: str) -> tuple[str, int]:
    """Sort ids by area and number."""
    area, _, number = id_.rpartition("-")
    return (area, int(number)) if number.isdecimal() else (id_, 0)


def _register(made: Requirement) -> Requirement:
    known = REQUIREMENTS.get(made.id)
    if known is not None and not _is_read_again(known, made):
        for name in ("name", "statement", "source", "kind", "severity"):
            old, new = getattr(known, name), getattr(made, name)
            if old != new:
                raise ValueError(f"{made.id} has the {name} {old!r} already, not {new!r}")
    REQUIREMENTS[made.id] = made
    return made


def _is_read_again(known: Requirement, made: Requirement) -> bool:
    """Whether this is the same predicate after a module or a cell of a notebook ran again."""
    places = [{(p.__module__, p.__qualname__) for p in each.predicates} for each in (known, made)]
    return bool(places[0]) and places[0] == places[1]


def _get_statement(id_: str, predicate: Callable[..., bool]) -> str:
    statement = (inspect.getdoc(predicate) or "").partition("\n")[0].strip()
    if not statement:
        raise ValueError(f"{id_} {predicate.__name__} needs a docstring: its statement")
    return statement


def _get_kind(id_: str, predicate: Callable[..., bool]) -> str:
    parameters = len(inspect.signature(predicate).parameters)
    if parameters not in _KINDS:
        raise ValueError(f"{id_} {predicate.__name__} takes a state, or a state and its successor")
    return _KINDS[parameters]
