"""ControllerRevisions: the templates that a StatefulSet has had, and which of them it has now.

Source: Kubernetes v1.36, `pkg/controller/history/controller_history.go`,
`pkg/controller/statefulset/stateful_set_control.go` (getStatefulSetRevisions, truncateHistory),
`stateful_set_utils.go`. Two revisions are equal whose data is; the hash in their label, which
upstream compares before, follows from the data and from collisions. Left out: the collision of two
names. The hash that a new revision is named after is given: it is that of a Go value.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from planespec.spec.objects.view import ApiObject, View

Json = dict[str, Any]
LONGEST_PREFIX = 223
"""How much of the name of the owner is in that of a revision."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A template that was, by its number: the higher is the newer."""

    name: str
    number: int
    created: str
    template: Json

    @property
    def rank(self) -> tuple[int, str, str]:
        """What orders revisions from the oldest on."""
        return self.number, self.created, self.name


def read_revision_of(thing: ApiObject) -> Revision:
    """Read a ControllerRevision. Raises ObjectError."""
    template = dict(thing.view("data").view("spec").view("template").data)
    template.pop("$patch", None)
    created = thing.meta.text("creationTimestamp")
    return Revision(thing.name, thing.int64("revision"), created, _strip(template))


def read_template(spec: View) -> Json:
    """The template in a spec, as a revision would have it."""
    template: Json = _strip(dict(spec.view("template").data))
    return template


def _strip(value: Any) -> Any:
    """Without nulls, which old API servers wrote for times that are not known."""
    if isinstance(value, dict):
        return {name: _strip(each) for name, each in value.items() if each is not None}
    return [_strip(each) for each in value] if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Change:
    """What is written of a revision: `create`, `update` or `delete`."""

    verb: str
    revision: Revision


def find_update(
    revisions: Sequence[Revision], owner: str, template: Json, revision_hash: str
) -> tuple[Revision, Change | None]:
    """The revision of a template, and what has to be written for it; `revisions` are in order.

    One that was there before and is not the last gets the next number: that is a rollback.
    """
    number = 1 + revisions[-1].number if revisions else 1
    equal = [each for each in revisions if each.template == template]
    if not equal:
        name = f"{owner[:LONGEST_PREFIX]}-{revision_hash}"
        made = Revision(name, number, "", template)
        return made, Change("create", made)
    if revisions[-1].template == equal[-1].template:
        return revisions[-1], None
    last = equal[-1]
    moved = Revision(last.name, number, last.created, last.template)
    return moved, Change("update", moved)


def list_surplus(revisions: Sequence[Revision], live: Iterable[str], limit: int) -> list[Revision]:
    """The oldest revisions beyond a limit that are not live; a limit below 0 is none."""
    names = set(live)
    old = [each for each in revisions if each.name not in names]
    return old[: max(len(old) - limit, 0)] if limit >= 0 else []
