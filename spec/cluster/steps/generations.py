"""Which changes raise the generation of an object: what the strategies of the API server compare.

Source: PrepareForUpdate in `pkg/registry/*/*/strategy.go`, `apiserver/pkg/registry/rest/delete.go`
(BeforeDelete), and for custom resources
`apiextensions-apiserver/pkg/registry/customresource/strategy.go`. A kind that has no generation,
such as Node, Service and ConfigMap, shows none, and nothing is asked of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from planespec.spec.cluster.cluster_requirements import GENERATION, Violation
from planespec.spec.cluster.steps.change import Change, State
from planespec.spec.objects.object_store import GROUPS, get_group
from planespec.spec.requirement import Level, judges

_ALL = "*"
"""Every field but metadata, apiVersion and kind."""


@dataclass(frozen=True, slots=True)
class Raised:
    """Fields of which a change raises the generation."""

    always: tuple[str, ...] = ("spec",)
    sometimes: tuple[str, ...] = ()
    """Fields of which a change may raise it: it depends on the request, or on the definition."""
    never: tuple[str, ...] = ()
    """Fields within `spec` that are set past the strategy."""


_OF_SPEC = Raised()
RAISED: Mapping[str, Raised] = {
    # Annotations are copied to ReplicaSets; those that an update of the status sets do not count.
    "Deployment": Raised(sometimes=("metadata.annotations",)),
    # A binding sets the node past the strategy (BindingREST). KEP-5067.
    "Pod": Raised(never=("nodeName",)),
    # All but metadata, and of that the labels.
    "EndpointSlice": Raised((_ALL, "metadata.labels")),
    "ValidatingWebhookConfiguration": Raised(("webhooks",)),
    "MutatingWebhookConfiguration": Raised(("webhooks",)),
    "PodTemplate": Raised(("template",)),
    # Created at 1 and never raised.
    "PriorityClass": Raised(()),
}
"""Kinds of Kubernetes where it is not the spec alone; all others that have a generation are so."""
CUSTOM = Raised(sometimes=(_ALL,))
"""Custom resources: everything but metadata raises it, the status where the definition has no such
subresource. Of fields beside spec and status, `operation` say, both were seen."""


def rule_of(kind: str, version: str) -> Raised:
    """Return what raises the generation of a kind."""
    if kind in GROUPS and (not version or get_group(kind, version) == GROUPS[kind]):
        return RAISED.get(kind, _OF_SPEC)
    return CUSTOM


@judges(Level.TRANSITION, GENERATION)
def judge_generation(change: Change, before: State) -> Iterator[Violation]:
    """Compare the generation with the fields that raise it; a deletion raises it too.

    A list may skip steps, and then only the direction counts.
    """
    old, new = (each.meta.integer("generation") for each in (before, change.after))
    if old is None or new is None:
        return
    field = "metadata.generation"
    if new < old:
        yield change.violates(GENERATION, f"generation fell from {old} to {new}", field)
        return
    rule = rule_of(change.kind, change.after.view.text("apiVersion"))
    changed = list(_list_changed(rule.always, rule, before, change.after))
    if changed and new == old:
        message = f"{', '.join(changed[:4])} changed, generation stayed {new}"
        yield change.violates(GENERATION, message, changed[0].partition(".")[0])
    elif (
        new > old
        and change.type != "INITIAL"
        and not (changed or _is_deleted_sooner(before, change.after))
        and _shows(rule, change.after)
        and not any(_list_changed(rule.sometimes, rule, before, change.after))
    ):
        fields = (*rule.always, *rule.sometimes)
        what = "the spec" if fields == ("spec",) else "what raises it"
        message = f"generation went from {old} to {new}, {what} stayed as it was"
        yield change.violates(GENERATION, message, field)


def _shows(rule: Raised, state: State) -> bool:
    """Say whether an object shows what raises its generation; what is cut off may have changed."""
    if not rule.always and not rule.sometimes:
        return True
    names = state.view.data.keys() - {"metadata", "apiVersion", "kind", "status"}
    needed = {each.partition(".")[0] for each in (*rule.always, *rule.sometimes)} - {"metadata"}
    return bool(names & needed if _ALL not in needed else names)


def _is_deleted_sooner(before: State, after: State) -> bool:
    """Say whether a deletion begins, or its grace period changes."""
    name = "deletionGracePeriodSeconds"
    begins = after.meta.is_deleting and not before.meta.is_deleting
    return begins or before.meta.data.get(name) != after.meta.data.get(name)


def _list_changed(
    fields: tuple[str, ...], rule: Raised, before: State, after: State
) -> Iterator[str]:
    """Yield the paths of what differs in these fields."""
    for field in fields:
        if field == _ALL:
            names = {**before.view.data, **after.view.data}
            for name in names.keys() - {"metadata", "apiVersion", "kind"}:
                yield from _compare(name, rule, before, after)
        else:
            yield from _compare(field, rule, before, after)


def _compare(field: str, rule: Raised, before: State, after: State) -> Iterator[str]:
    old, new = (_read(each, field) for each in (before, after))
    if field == "spec" and isinstance(old, Mapping) and isinstance(new, Mapping):
        old, new = (
            {name: value for name, value in each.items() if name not in rule.never}
            for each in (old, new)
        )
    # What is absent and what is empty are the same to apiequality.Semantic.
    if (old or None) != (new or None):
        yield from find_differences(old, new, field)


def _read(state: State, field: str) -> object:
    if field.startswith("metadata."):
        return state.meta.data.get(field.removeprefix("metadata."))
    return state.view.data.get(field)


def find_differences(old: object, new: object, path: str, most: int = 4) -> list[str]:
    """Return the paths of the first fields that differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
        found = (find_differences(old.get(n), new.get(n), f"{path}.{n}", most) for n in names)
        return [each for part in found for each in part][:most]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        parts = (
            find_differences(a, b, f"{path}[{index}]", most)
            for index, (a, b) in enumerate(zip(old, new, strict=True))
            if a != b
        )
        return [each for part in parts for each in part][:most]
    return [path]
