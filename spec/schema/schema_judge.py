"""OBJ-24, OBJ-25 and OBJ-3: every object is served, and looks as its schema says.

What objects have in common is judged once: metadata, spec and status are interned by equal values.
A kind whose schema is not at hand is not judged, and `list_unjudged_kinds` names it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from planespec.spec.cluster.cluster_requirements import SERVED, Reference, Violation
from planespec.spec.cluster.evidence.repeated import refer_to
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.objects.interning import SECTIONS, Common, Stored
from planespec.spec.requirement import Level, declare, judges
from planespec.spec.schema.custom_kinds import make_custom_shape
from planespec.spec.schema.custom_rules import (
    EvaluateRule,
    RuleTree,
    find_broken,
    make_rules,
)
from planespec.spec.schema.field_shapes import Flaw, Shape, Unjudged, find_flaws
from planespec.spec.schema.published_kinds import Kind, PublishedKinds
from planespec.spec.schema.served_versions import REMOVED

SHAPE = declare(
    "OBJ-24",
    "Every field has the type and one of the values its schema gives it; none is missing.",
    "api/openapi-spec of kubernetes v1.25 to v1.37; the CustomResourceDefinition of the kind",
)
KNOWN_FIELDS = declare(
    "OBJ-25",
    "An object has no field that its schema does not know.",
    "KEP-2885, server-side validation: what kubectl refuses unless --validate=warn or ignore",
)
"""The API server drops such a field."""


class _Finding(NamedTuple):
    """A flaw of a part that any number of objects have."""

    group: str
    kind: str
    part: Common | None
    flaw: Flaw


class Schemas:
    """The shape of every kind of a snapshot."""

    def __init__(self, cluster: Cluster, published: PublishedKinds) -> None:
        """Read the CustomResourceDefinitions of the snapshot."""
        metadata, evaluate = published.get_metadata(), cluster.evaluate_rule
        self.published = published
        self._custom: dict[Kind, Shape] = {}
        self.rules: dict[Kind, RuleTree] = {}
        """Those of the kinds that have any, in CEL."""
        for kind, schema in _list_custom(cluster):
            self._custom[kind] = make_custom_shape(schema, metadata, evaluate)
            rules = make_rules(schema)
            if rules is not None:
                self.rules[kind] = rules
        self._found: dict[Kind, tuple[Kind, Shape | None]] = {}

    def find(self, stored: Stored) -> tuple[Kind, Shape | None]:
        """Return the kind of an object as it says itself, and its shape where there is one."""
        asked = (stored.version, stored.key.group, stored.key.kind)
        found = self._found.get(asked)
        if found is None:
            kind = self._identify(stored)
            found = kind, self._custom.get(kind) or self.published.find(kind)
            self._found[asked] = found
        return found

    def _identify(self, stored: Stored) -> Kind:
        version = stored.version
        said = version.partition("/") if "/" in version else ("", "", version)
        kind = (said[0], said[2], stored.key.kind)
        if not version:
            served = self.published.list_versions(stored.key.group, stored.key.kind)
            kind = (stored.key.group, served[0] if served else "", stored.key.kind)
        return kind


def _list_custom(cluster: Cluster) -> Iterator[tuple[Kind, object]]:
    for stored in cluster.store.list("CustomResourceDefinition"):
        spec = stored.get("spec")
        names = spec.get("names") if isinstance(spec, dict) else None
        if not isinstance(spec, dict) or not isinstance(names, dict):
            continue
        group, kind = spec.get("group"), names.get("kind")
        listed = spec.get("versions")
        for each in listed if isinstance(listed, list) else ():
            schema = each.get("schema") if isinstance(each, dict) else None
            if isinstance(schema, dict) and isinstance(group, str) and isinstance(kind, str):
                yield (group, str(each.get("name")), kind), schema.get("openAPIV3Schema")


@judges(Level.SNAPSHOT, SHAPE, KNOWN_FIELDS, SERVED)
def judge_shapes(cluster: Cluster) -> Iterator[Violation]:
    """Judge every object by the schema of its kind; equal parts of equal kinds once."""
    if cluster.published is None:
        return
    judge = _Judge(Schemas(cluster, cluster.published), cluster.evaluate_rule)
    for stored in cluster.whole_store:
        judge.take(stored)
    for what, objects in judge.unknown.items():
        cluster.doubt(what, *objects)
    for finding, objects in judge.findings.items():
        requirement = KNOWN_FIELDS if finding.flaw.is_unknown else SHAPE
        yield requirement.violated(
            *objects, message=finding.flaw.message, field=finding.flaw.field
        )
    yield from judge.unserved
    cluster.unjudged_kinds = judge.unjudged


class _Judge:
    """Judges one object after the other, and remembers what it found of their parts."""

    def __init__(self, schemas: Schemas, evaluate: EvaluateRule) -> None:
        self.unknown: dict[str, list[Reference]] = {}
        """Rules that are not understood, one of each kind, and the objects not judged by it."""
        self._evaluate = evaluate
        self.findings: dict[_Finding, list[Reference]] = {}
        self.unserved: list[Violation] = []
        self.unjudged: Counter[str] = Counter()
        self._schemas = schemas
        self._patterns: dict[Kind, str] = {}
        """What is said of a kind with patterns that nobody can read: it names the first."""
        self._count_open = 0
        self._clean: set[tuple[object, ...]] = set()
        """Shapes with the parts of objects in which nothing was found."""
        self._known: dict[tuple[int, str, Common | None], tuple[Flaw, ...]] = {}

    def take(self, stored: Stored) -> None:
        """Judge an object."""
        kind, shape = self._schemas.find(stored)
        if shape is None:
            self._explain_absence(stored, kind)
            return
        whole = (id(shape), stored.metadata, stored.spec, stored.status, stored.rest)
        if kind in self._schemas.rules:
            # Rules are asked where the schema is met, as upstream asks them.
            if not self._take_parts(stored, kind, shape):
                self._take_rules(stored, kind)
        elif stored.is_odd:
            self._take_parts(stored, kind, shape)
        elif whole not in self._clean:
            open_ = self._count_open
            if not self._take_parts(stored, kind, shape) and self._count_open == open_:
                self._clean.add(whole)

    def _take_rules(self, stored: Stored, kind: Kind) -> None:
        tree, told = self._schemas.rules[kind], False
        for found in find_broken(tree, stored.to_json(), self._evaluate):
            if isinstance(found, Flaw):
                self._note(stored, None, found)
            elif not told:
                what = f"rules in CEL of {kind[2]} that are not modelled, such as {found}"
                self.unknown.setdefault(what, []).append(refer_to(stored))
                told = True

    def _take_parts(self, stored: Stored, kind: Kind, shape: Shape) -> bool:
        """Judge an object part by part; say whether anything was found."""
        found = False
        parts: list[tuple[str, Common | None]] = [
            ("metadata", stored.metadata),
            ("spec", stored.spec),
            ("status", stored.status),
            ("", stored.rest),
        ]
        for name, part in parts:
            if part is None:
                continue
            key = (id(shape), name, part)
            flaws = self._known.get(key)
            if flaws is None:
                flaws = self._known[key] = tuple(self._judge(kind, shape, name, part.data))
            if stored.is_odd and name:
                flaws = tuple(self._judge(kind, shape, name, stored[name]))
            for flaw in flaws:
                if isinstance(flaw.message, Unjudged):
                    self._note_unjudged(stored, kind, flaw.message)
                else:
                    self._note(stored, part, flaw)
                    found = True
        for name in shape.required:
            if name in SECTIONS and stored.get(name) is None:
                self._note(stored, None, Flaw(name, "Required value"))
                found = True
        return found

    def _judge(self, kind: Kind, shape: Shape, section: str, value: object) -> Iterator[Flaw]:
        below = shape.fields.get(section) if section else shape
        if below is None:
            if not shape.is_open:
                yield Flaw(section, "unknown field", is_unknown=True)
            return
        for flaw in find_flaws(below, value, section):
            if not section and flaw.field in SECTIONS and flaw.message == "Required value":
                continue  # the sections stand elsewhere
            is_old = flaw.is_unknown and self._schemas.published.is_known_before(
                kind, section, value, flaw
            )
            if not is_old:
                yield flaw

    def _note_unjudged(self, stored: Stored, kind: Kind, wanted: str) -> None:
        """Take note of a pattern that nobody can read, once for each object."""
        self._count_open += 1
        what = f"patterns of {kind[2]} that are not modelled, such as {wanted.partition(' ')[2]}"
        objects = self.unknown.setdefault(self._patterns.setdefault(kind, what), [])
        reference = refer_to(stored)
        if not objects or objects[-1] != reference:
            objects.append(reference)

    def _note(self, stored: Stored, part: Common | None, flaw: Flaw) -> None:
        finding = _Finding(stored.key.group, stored.key.kind, part, flaw)
        self.findings.setdefault(finding, []).append(refer_to(stored))

    def _explain_absence(self, stored: Stored, kind: Kind) -> None:
        """Say that a kind is not served, or that its schema is not at hand."""
        if (stored.version, kind[2]) in REMOVED:
            return  # said where its version is judged
        advice = self._schemas.published.advise(kind)
        if advice is None:
            self.unjudged[f"{kind[2]} of {stored.version}"] += 1
            return
        published = self._schemas.published
        releases = f"{published.oldest} to {published.newest}"
        message = f"no Kubernetes from {releases} serves {stored.version} {kind[2]}{advice}"
        found = SERVED.violated(refer_to(stored), message=message, field="apiVersion")
        self.unserved.append(found)


def list_unjudged_kinds(unjudged: Mapping[str, int]) -> Iterator[str]:
    """Say of which kinds there is no schema."""
    for kind, count in sorted(unjudged.items()):
        objects = "1 object" if count == 1 else f"{count:,} objects"
        yield f"the fields of {objects} of kind {kind}: the input has no definition of it"
