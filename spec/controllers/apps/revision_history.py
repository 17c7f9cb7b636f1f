"""ControllerRevisions: the templates that a StatefulSet has had, and which of them it has now.

Source: Kubernetes v1.36, `pkg/controller/history/controller_history.go`,
`pkg/controller/statefulset/stateful_set_control.go` (getStatefulSetRevisions, truncateHistory),
`stateful_set_utils.go`; `apimachinery/pkg/util/rand/rand.go` (SafeEncodeString). Two revisions are
equal whose data is; the hash in their label, which upstream compares before, follows from the data
and from collisions.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from planespec.spec.admission.pod_chain import NAME_LETTERS
from planespec.spec.fnv import hash_fnv1
from planespec.spec.objects.view import ApiObject, View

Json = dict[str, Any]
_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
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
    template = _check(thing.view("data").view("spec").view("template"))
    template.pop("$patch", None)
    created = thing.meta.text("creationTimestamp")
    return Revision(thing.name, thing.int64("revision"), created, _strip(template))


def read_template(spec: View) -> Json:
    """The template in a spec, as a revision would have it. Raises ObjectError."""
    template: Json = _strip(_check(spec.view("template")))
    return template


def _check(template: View) -> Json:
    """A template in which objects stand where the hash asks for them."""
    template.view("metadata").text_map("labels")
    spec = template.view("spec")
    for name in _CONTAINERS:
        spec.views(name)
    for volume in spec.views("volumes"):
        made = volume.view("ephemeral").view("volumeClaimTemplate")
        made.view("metadata")
        made.view("spec")
    return dict(template.data)


def _strip(value: Any) -> Any:
    """Without nulls, which old API servers wrote for times that are not known."""
    if isinstance(value, dict):
        return {name: _strip(each) for name, each in value.items() if each is not None}
    return [_strip(each) for each in value] if isinstance(value, list) else value


# The hash that a revision is named after.


def hash_template(template: Json, collisions: int) -> str:
    """The hash of a template, with the number of collisions before (`HashControllerRevision`)."""
    patch = {"spec": {"template": _complete(template) | {"$patch": "replace"}}}
    number = hash_fnv1(print_json(patch).encode() + str(collisions).encode())
    return encode_safely(str(number))


def encode_safely(text: str) -> str:
    """Put letters that spell no word in the place of others (`SafeEncodeString`)."""
    return "".join(NAME_LETTERS[ord(letter) % len(NAME_LETTERS)] for letter in text)


def _complete(template: Json) -> Json:
    """A template with the empty objects that Go always writes, which some readers leave out."""
    spec: Json = dict(template.get("spec") or {})
    for name in _CONTAINERS:
        if spec.get(name):
            spec[name] = [{"resources": {}, **(each or {})} for each in spec[name]]
    if spec.get("volumes"):
        spec["volumes"] = [_complete_volume(each) for each in spec["volumes"]]
    return {**template, "metadata": template.get("metadata") or {}, "spec": spec}


def _complete_volume(volume: Json) -> Json:
    made = (volume.get("ephemeral") or {}).get("volumeClaimTemplate")
    if made is None:
        return volume
    claim = {"resources": {}, **(made.get("spec") or {})}
    whole = {**made, "metadata": made.get("metadata") or {}, "spec": claim}
    return {**volume, "ephemeral": {**volume["ephemeral"], "volumeClaimTemplate": whole}}


def print_json(value: Any) -> str:
    """JSON as Go writes what it has read: keys in order, numbers as floats, no HTML."""
    text = json.dumps(_round(value), separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _round(value: Any) -> Any:
    """Integers as they are after Go has read them as numbers of 64 bits with a fraction."""
    if isinstance(value, dict):
        return {name: _round(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_round(each) for each in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return int(Decimal(repr(float(value))))
    return value


# Which revision is that of the template.


@dataclass(frozen=True, slots=True)
class Change:
    """What is written of a revision: `create`, `update` or `delete`."""

    verb: str
    revision: Revision


def find_update(
    revisions: Sequence[Revision], owner: str, template: Json, collisions: int = 0
) -> tuple[Revision, list[Change], int]:
    """The revision of a template, what is written for it, and the collisions there were then.

    `revisions` are in order. One that was there before and is not the last gets the next number:
    that is a rollback. For a new one names are tried until one is not taken.
    """
    number = 1 + revisions[-1].number if revisions else 1
    equal = [each for each in revisions if each.template == template]
    if equal:
        last = equal[-1]
        if revisions[-1].template == template:
            return revisions[-1], [], collisions
        moved = Revision(last.name, number, last.created, last.template)
        return moved, [Change("update", moved)], collisions
    tried: list[Change] = []
    while True:
        name = f"{owner[:LONGEST_PREFIX]}-{hash_template(template, collisions)}"
        made = Revision(name, number, "", template)
        tried.append(Change("create", made))
        if all(each.name != name for each in revisions):
            return made, tried, collisions
        collisions += 1


def list_surplus(revisions: Sequence[Revision], live: Iterable[str], limit: int) -> list[Revision]:
    """The oldest revisions beyond a limit that are not live; a limit below 0 is none."""
    names = set(live)
    old = [each for each in revisions if each.name not in names]
    return old[: max(len(old) - limit, 0)] if limit >= 0 else []
