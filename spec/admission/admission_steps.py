"""The course of one object through admission: what each plugin changed and said, and the answer.

Where upstream walks a map, or a list in no fixed order, its message has several possible forms: a
refusal holds them all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from planespec.spec.labels.selector import join_errors
from planespec.spec.objects import ObjectMeta, View

PlainObject = Mapping[str, object]
Groups = Sequence[Sequence[str]]
"""Messages one after the other; those of one group in any order."""
FORBIDDEN, INVALID, NOT_FOUND = 403, 422, 404


class KnownObjects(Protocol):
    """The objects of a cluster, as far as they are known."""

    def find(self, kind: str, namespace: str, name: str) -> View | None:
        """Return an object; None where it is not there."""

    def knows(self, kind: str) -> bool:
        """Say whether the kind was listed, so that what is not there does not exist."""

    def lacks(self, kind: str, namespace: str) -> bool:
        """Say whether what is not there of a kind does not exist in the namespace."""

    def view_all(self, kind: str, group: str | None = None) -> Iterable[tuple[ObjectMeta, View]]:
        """Yield the objects of a kind with their metadata."""

    def view_in(self, kind: str, namespace: str) -> Iterable[tuple[ObjectMeta, View]]:
        """Yield the objects of a kind in a namespace, in the order of their names."""

    def get_namespace_labels(self, namespace: str) -> Mapping[str, str]:
        """Return the labels of a namespace; of one that is not listed its name."""


@dataclass(frozen=True)
class Refusal:
    """The answer that refuses a request."""

    code: int
    reason: str
    """As in the Status: Forbidden, Invalid, NotFound, ..."""
    prefix: str
    ways: Sequence[Groups]
    """What may follow: one of these, as upstream's maps and lists are ordered."""

    @property
    def message(self) -> str:
        """The message in its first form."""
        return self.prefix + join_errors([each for group in self.ways[0] for each in group])

    def can_read(self, message: str) -> bool:
        """Say whether upstream can give this message."""
        said = message.removeprefix(self.prefix)
        if len(said) + len(self.prefix) != len(message):
            return False
        return any(_can_read(groups, said) for groups in self.ways)


def _can_read(groups: Groups, said: str) -> bool:
    found = list(dict.fromkeys(each for group in groups for each in group))
    if len(found) == 1:
        return said == found[0]
    if not (said.startswith("[") and said.endswith("]")):
        return False
    return _is_told([list(dict.fromkeys(group)) for group in groups], said[1:-1], frozenset())


def _is_told(groups: Sequence[Sequence[str]], said: str, told: frozenset[str]) -> bool:
    """Say whether the rest of a message tells the rest of the groups, each message once."""
    left = [each for each in groups[0] if each not in told] if groups else []
    if not left:
        return _is_told(groups[1:], said, told) if groups else said == ""
    for each in left:
        if said.startswith(each):
            rest = said[len(each) :]
            if rest == "" or rest.startswith(", "):
                follows = rest.removeprefix(", ")
                if _is_told([left, *groups[1:]], follows, told | {each}):
                    return True
    return False


@dataclass(frozen=True)
class Step:
    """What one plugin, or the server itself, made of the object."""

    plugin: str
    before: PlainObject
    after: PlainObject
    warnings: Sequence[str] = ()
    refusal: Refusal | None = None
    open: Sequence[str] = ()
    """What decides and is not known, or not modelled."""
    notes: Sequence[str] = ()
    """What was assumed or done that the object does not show."""
    may_change: bool = False
    """Whether what is open could change the object, so that later refusals are not certain."""


class RefusalError(Exception):
    """The request is refused; ends its course."""


@dataclass
class Course:
    """A request to create an object, from what was sent to what is stored or refused."""

    resource: str
    """As `pods` or `deployments.apps`."""
    object: PlainObject
    steps: list[Step] = field(default_factory=list)

    @property
    def refusal(self) -> Refusal | None:
        """The answer where it is refused."""
        return self.steps[-1].refusal if self.steps else None

    @property
    def warnings(self) -> list[str]:
        """The warnings sent with the answer."""
        return [each for step in self.steps for each in step.warnings]

    @property
    def open(self) -> list[str]:
        """What decides and is not known."""
        return [each for step in self.steps for each in step.open]

    @property
    def is_certain(self) -> bool:
        """Whether nothing that is not known could have changed the object on its way."""
        return not any(step.may_change for step in self.steps)

    @property
    def name(self) -> str:
        """The name in messages. Source: `apiserver/pkg/admission/errors.go`."""
        meta = ObjectMeta(self.object.get("metadata"), "metadata")
        return meta.name or meta.text("generateName") or "Unknown"

    def take(
        self,
        plugin: str,
        after: PlainObject | None = None,
        *,
        warnings: Sequence[str] = (),
        open_: Sequence[str] = (),
        notes: Sequence[str] = (),
        may_change: bool = False,
    ) -> None:
        """Note what a plugin that lets the object pass made of it."""
        before, self.object = self.object, self.object if after is None else after
        step = Step(plugin, before, self.object, warnings, None, open_, notes, may_change)
        self.steps.append(step)

    def forbid(self, plugin: str, *ways: Groups) -> RefusalError:
        """Note that a plugin forbids the request; the error is to be raised."""
        prefix = f'{self.resource} "{self.name}" is forbidden: '
        return self.refuse(plugin, Refusal(FORBIDDEN, "Forbidden", prefix, ways))

    def refuse(self, plugin: str, refusal: Refusal) -> RefusalError:
        """Note a refusal; the error is to be raised."""
        self.steps.append(Step(plugin, self.object, self.object, (), refusal))
        return RefusalError(refusal.message)
