"""Node selectors and tolerations: which nodes a pod may run on."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from planespec.spec.labels import Operator, Requirement, Selector, SelectorError, make_requirement
from planespec.spec.labels.selector import make_selector
from planespec.spec.objects.core_views import Taint, Toleration
from planespec.spec.objects.view import View
from planespec.spec.quantity.amount import parse_int64, quote

_OPERATORS = {
    "In": Operator.IN,
    "NotIn": Operator.NOT_IN,
    "Exists": Operator.EXISTS,
    "DoesNotExist": Operator.DOES_NOT_EXIST,
    "Gt": Operator.GREATER_THAN,
    "Lt": Operator.LESS_THAN,
}
_FIELD_OPERATORS = ("In", "NotIn")


@dataclass(frozen=True, slots=True)
class FieldRequirement:
    """A requirement on a field of the node; only `metadata.name` has a value."""

    field: str
    value: str
    is_equal: bool

    def matches(self, name: str) -> bool:
        """Say whether the node of this name meets the requirement."""
        actual = name if self.field == "metadata.name" else ""
        return (actual == self.value) == self.is_equal


@dataclass(frozen=True, slots=True)
class NodeSelectorTerm:
    """One alternative: labels and fields must match. With errors it matches no node."""

    labels: Selector
    fields: tuple[FieldRequirement, ...]
    errors: tuple[str, ...] = ()

    def matches(self, name: str, labels: Mapping[str, str]) -> bool:
        """Say whether a node with this name and these labels meets the term."""
        if self.errors or not self.labels.matches(labels):
            return False
        # Upstream skips the fields of a node without a name.
        return not name or all(requirement.matches(name) for requirement in self.fields)


@dataclass(frozen=True, slots=True)
class NodeSelector:
    """Terms of which at least one must match; without terms it matches no node."""

    terms: tuple[NodeSelectorTerm, ...]

    @property
    def errors(self) -> list[str]:
        """What is wrong with any of the terms, in upstream's words."""
        return [error for term in self.terms for error in term.errors]

    def matches(self, name: str, labels: Mapping[str, str]) -> bool:
        """Say whether a term matches; a term with errors does not.

        Raises SelectorError when no term matches and at least one has errors, which is how the
        scheduler treats a pod's required node affinity (`LazyErrorNodeSelector`).
        """
        if any(term.matches(name, labels) for term in self.terms):
            return True
        self.check()
        return False

    def check(self) -> None:
        """Raise SelectorError when any term has errors (`NewNodeSelector`)."""
        if self.errors:
            raise SelectorError(*self.errors)


def read_node_selector(value: object, field: str = "") -> NodeSelector:
    """Read a NodeSelector from plain JSON; empty terms are dropped, as they match no node.

    Raises ObjectError when a field has the wrong JSON type.
    """
    terms = View(value, field).views("nodeSelectorTerms")
    return NodeSelector(
        tuple(
            read_node_selector_term(term, f"nodeSelectorTerms[{index}]")
            for index, term in enumerate(terms)
            if not is_empty_term(term)
        )
    )


def is_empty_term(term: View) -> bool:
    """Say whether a term has neither expressions nor fields."""
    return not term.items("matchExpressions") and not term.items("matchFields")


def read_node_selector_term(term: View, path: str) -> NodeSelectorTerm:
    """Read one term, also the `preference` of a preferred one; `path` names it in messages."""
    errors: list[str] = []
    prefix = f"{path}." if path else ""
    labels, fields = [], []
    for index, view in enumerate(term.views("matchExpressions")):
        try:
            labels.append(_read_expression(view, f"{prefix}matchExpressions[{index}]"))
        except SelectorError as error:
            errors.extend(error.errors)
    for index, view in enumerate(term.views("matchFields")):
        try:
            fields.append(_read_field(view, f"{prefix}matchFields[{index}]"))
        except SelectorError as error:
            errors.extend(error.errors)
    return NodeSelectorTerm(make_selector(labels), tuple(fields), tuple(errors))


def _read_expression(view: View, path: str) -> Requirement:
    operator = view.text("operator")
    if operator not in _OPERATORS:
        raise _not_supported(path, operator, tuple(_OPERATORS))
    return make_requirement(view.text("key"), _OPERATORS[operator], view.texts("values"), path)


def _read_field(view: View, path: str) -> FieldRequirement:
    operator, values = view.text("operator"), view.texts("values")
    if operator not in _FIELD_OPERATORS:
        raise _not_supported(path, operator, _FIELD_OPERATORS)
    if len(values) != 1:
        listed = "[" + ",".join(quote(value) for value in values) + "]" if values else "null"
        raise SelectorError(f"{path}.values: Invalid value: {listed}: must have one element")
    return FieldRequirement(view.text("key"), values[0], operator == "In")


def _not_supported(path: str, operator: str, allowed: tuple[str, ...]) -> SelectorError:
    words = ", ".join(quote(word) for word in allowed)
    detail = f"Unsupported value: {quote(operator)}: supported values: {words}"
    return SelectorError(f"{path}.operator: {detail}")


def is_tolerated(
    taint: Taint, tolerations: Iterable[Toleration], *, comparison_operators: bool = False
) -> bool:
    """Say whether at least one toleration accepts the taint."""
    return any(
        tolerates(toleration, taint, comparison_operators=comparison_operators)
        for toleration in tolerations
    )


def tolerates(toleration: Toleration, taint: Taint, *, comparison_operators: bool = False) -> bool:
    """Say whether one toleration accepts the taint.

    An empty effect or key accepts any; no operator means Equal, also with an empty key. Lt and Gt
    accept nothing unless the feature gate TaintTolerationComparisonOperators is on (KEP-5471,
    alpha and off in v1.36); then they compare int64, false where either side is no integer.
    """
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.key and toleration.key != taint.key:
        return False
    if toleration.operator in ("", "Equal"):
        return toleration.value == taint.value
    if toleration.operator in ("Lt", "Gt"):
        return comparison_operators and _compares(toleration, taint)
    return toleration.operator == "Exists"


def find_untolerated_taint(
    taints: Iterable[Taint],
    tolerations: Iterable[Toleration],
    counts: Callable[[Taint], bool] = lambda taint: True,
) -> Taint | None:
    """Return the first taint that counts and is not tolerated, or None."""
    accepted = list(tolerations)
    relevant = (taint for taint in taints if counts(taint))
    return next((taint for taint in relevant if not is_tolerated(taint, accepted)), None)


def _compares(toleration: Toleration, taint: Taint) -> bool:
    bound, number = parse_int64(toleration.value), parse_int64(taint.value)
    if bound is None or number is None:
        return False
    return number < bound if toleration.operator == "Lt" else number > bound
