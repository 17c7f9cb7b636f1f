"""Which requirements there are, on what each is judged, and which models claim it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from planespec.checker.errors import ConfigurationError, PlanespecError, did_you_mean
from planespec.checker.lang.model import declarations
from planespec.checker.lang.presence import Only
from planespec.reports.input.catalogue import catalogue, load_model
from planespec.spec.requirement import Requirement, load_requirements, order_of

SCHEMA = "planespec/requirements/1"


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


def requirement_lines(known: KnownRequirement, *, in_full: bool) -> Iterator[str]:
    """What is known about a requirement, as text."""
    each = known.requirement
    yield f"{each.id}: {each.statement}"
    if in_full:
        yield f"  source    {each.source}"
        yield f"  severity  {each.severity}"
        yield f"  judged    {known.judged}"
    else:
        yield f"  {known.judged}"


def requirement_document(known: KnownRequirement) -> dict[str, Any]:
    """The same as JSON."""
    each = known.requirement
    return {
        "id": each.id,
        "statement": each.statement,
        "source": each.source,
        "severity": each.severity,
        "levels": list(known.levels),
        "models": list(known.models),
    }
