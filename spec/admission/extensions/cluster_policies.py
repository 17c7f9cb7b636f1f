"""What the policies of a known cluster make of a creation, and what they refuse.

Source: `apiserver/pkg/admission/plugin/policy/{generic,mutating,validating}`; v1.36. Policies are
taken in the order of their names; upstream keeps none. What cannot be evaluated is named.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from planespec.spec.admission.admission_calls import NAME_LABEL
from planespec.spec.admission.admission_steps import (
    Course,
    KnownObjects,
    PlainObject,
    Refusal,
    RefusalError,
)
from planespec.spec.admission.extensions.admission_request import AdmissionRequest, GroupVersion
from planespec.spec.admission.extensions.match_conditions import (
    Condition,
    Evaluate,
    FailedExpressionError,
    UnsupportedExpressionError,
    check_conditions,
    make_scope,
)
from planespec.spec.admission.extensions.mutating_policies import apply_mutations
from planespec.spec.admission.extensions.validating_policies import (
    ConfigurationFault,
    PolicyContext,
    get_name,
    matches,
    validate_by_policies,
)
from planespec.spec.admission.extensions.webhook_dispatch import Reinvocation
from planespec.spec.api.api_errors import ApiError
from planespec.spec.labels import read_label_selector
from planespec.spec.objects import View
from planespec.spec.schema.merge_types import MergeType

BLIND = "the labels of its namespace are not in the input"
MUTATING, VALIDATING = "MutatingAdmissionPolicy", "ValidatingAdmissionPolicy"
_INVALID = 422


@dataclass
class Asker:
    """What webhooks and policies of a cluster are asked with."""

    known: KnownObjects
    evaluate: Evaluate
    request: AdmissionRequest
    """The creation in question; its object is that of the course."""
    find_type: Callable[[GroupVersion], MergeType]
    """Says how objects of a kind merge."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Of the namespace, as far as they are known."""

    def __post_init__(self) -> None:
        """Look for the labels of the namespace."""
        self.labels = self.known.get_namespace_labels(self.request.namespace)

    def describe(self, course: Course) -> AdmissionRequest:
        """Return the request with the object as it is by now."""
        return self.request.with_object(dict(course.object))

    def list_named(self, kind: str) -> list[View]:
        """Return the objects of a kind in the order of their names."""
        return sorted((view for _, view in self.known.view_all(kind)), key=get_name)

    def is_open(self, match: View) -> bool:
        """Say whether a selector asks for labels of the namespace that are not known."""
        place = self.request.namespace
        is_known = not place or self.known.find("Namespace", "", place) is not None
        if is_known or self.request.resource.name == "namespaces":
            return False
        asked = read_label_selector(match.data.get("namespaceSelector"), "namespaceSelector")
        return any(each.key != NAME_LABEL for each in asked.requirements)


class _UnknownParametersError(Exception):
    """Parameters of a policy are of a kind that the input does not have."""


class ClusterPolicies:
    """The policies of a cluster, and what is known of their two passes."""

    def __init__(self, asker: Asker) -> None:
        """Begin the first pass."""
        self.asker, self.reinvocation = asker, Reinvocation()

    def mutate(self, course: Course, *, is_second: bool) -> bool:
        """Let mutating policies change the object, and say whether one did.

        What cannot be evaluated is named. Raises RefusalError.
        """
        context = self.reinvocation
        if is_second and dict(course.object) != context.last:
            context.note_change()
        has_changed, open_ = False, list[str]()
        for policy in self.asker.list_named(MUTATING):
            bound, is_sure = self._list_bound(policy, MUTATING, self.asker.describe(course))
            for binding in bound:
                key = f"{get_name(policy)}/{get_name(binding)}"
                if is_second and key not in context.again:
                    continue
                try:
                    has_changed |= self._take_turn(course, policy, binding, is_sure=is_sure)
                except (UnsupportedExpressionError, _UnknownParametersError) as error:
                    words = f"the mutating admission policy {get_name(policy)}, bound by"
                    open_.append(f"{words} {get_name(binding)}: {error}")
        if open_:
            course.take(MUTATING, open_=open_, may_change=True)
        context.last = dict(course.object)
        return has_changed

    def _take_turn(self, course: Course, policy: View, binding: View, *, is_sure: bool) -> bool:
        if not is_sure:
            raise UnsupportedExpressionError(BLIND)
        has_changed = self._change(course, policy, binding)
        if has_changed:
            self.reinvocation.note_change()
        if policy.view("spec").text("reinvocationPolicy") == "IfNeeded":
            self.reinvocation.asked.add(f"{get_name(policy)}/{get_name(binding)}")
        return has_changed

    def _change(self, course: Course, policy: View, binding: View) -> bool:
        """Apply one policy, and say whether it changed the object. Raises RefusalError."""
        try:
            made = self._apply(self.asker.describe(course), policy, binding)
        except (FailedExpressionError, ConfigurationFault) as error:
            if policy.view("spec").text("failurePolicy") == "Ignore":
                return False
            who = f"policy '{get_name(policy)}' with binding '{get_name(binding)}'"
            raise _invalidate(course, f"{who} denied request: {error}") from error
        if made == course.object:
            return False
        course.take(MUTATING, made, notes=[f"policy {get_name(policy)} changes it"])
        return True

    def _apply(self, request: AdmissionRequest, policy: View, binding: View) -> PlainObject:
        spec, evaluate = policy.view("spec"), self.asker.evaluate
        kind, fails = self.asker.find_type(request.kind), spec.text("failurePolicy") != "Ignore"
        conditions = spec.views("matchConditions")
        for params in self._find_params(policy, binding, request.namespace):
            known = {"namespace": self._find_namespace(), "params": params}
            scope = make_scope(request, **known)
            if check_conditions(evaluate, conditions, scope, fails=fails) is Condition.MET:
                made = apply_mutations(spec, request, evaluate, kind, **known)
                request = request.with_object(made)
        return request.object or {}

    def validate(self, course: Course) -> None:
        """Evaluate validating policies. Raises RefusalError."""
        asker, request = self.asker, self.asker.describe(course)
        context = PolicyContext(
            asker.evaluate, self._find_params, asker.labels, self._find_namespace()
        )
        held, open_, refusals = list[str](), list[str](), list[ApiError]()
        for policy in asker.list_named(VALIDATING):
            bound, is_sure = self._list_bound(policy, VALIDATING, request)
            words = f"the validating admission policy {get_name(policy)}"
            if not is_sure:
                open_.append(f"{words}: {BLIND}")
                continue
            try:
                found = validate_by_policies(request, [policy], bound, context)
            except (UnsupportedExpressionError, _UnknownParametersError) as error:
                open_.append(f"{words}: {error}")
                continue
            refusals += found
            if bound and not found:
                held.append(f"policy {get_name(policy)} lets it pass")
        if refusals:
            raise refuse_by(course, VALIDATING, *refusals)
        if held or open_:
            course.take(VALIDATING, warnings=context.warnings, notes=held, open_=open_)

    def _list_bound(
        self, policy: View, kind: str, request: AdmissionRequest
    ) -> tuple[list[View], bool]:
        """Return the bindings by which a policy may mean the request, and whether that is sure."""
        constraints = self._meets(policy.view("spec").view("matchConstraints"), request)
        if request.is_closed or constraints is False:
            return [], True
        found, is_sure = list[View](), constraints is True
        for binding in self.asker.list_named(f"{kind}Binding"):
            spec = binding.view("spec")
            if spec.text("policyName") != get_name(policy):
                continue
            met = not spec.has("matchResources") or self._meets(
                spec.view("matchResources"), request
            )
            if met is not False:
                found.append(binding)
                is_sure = is_sure and met is True
        return found, is_sure

    def _meets(self, match: View, request: AdmissionRequest) -> bool | None:
        """Say whether constraints mean the request; None where unknown labels decide."""
        if not self.asker.is_open(match):
            return matches(match, request, self.asker.labels)
        rest = {key: each for key, each in match.data.items() if key != "namespaceSelector"}
        return None if matches(View(rest, match.field), request, self.asker.labels) else False

    def _find_namespace(self) -> Mapping[str, Any] | None:
        request, labels = self.asker.request, self.asker.labels
        if request.resource.name == "namespaces" or not request.namespace:
            return None
        found = self.asker.known.find("Namespace", "", request.namespace)
        meta = {"name": request.namespace, "labels": dict(labels)}
        return {"metadata": meta} if found is None else dict(found.data)

    def _find_params(self, policy: View, binding: View, namespace: str) -> list[Any]:
        """Return the parameters of a policy. Source: CollectParams."""
        spec, own = policy.view("spec"), binding.view("spec")
        if not spec.has("paramKind") or not own.has("paramRef"):
            return [None]
        reference, kind = own.view("paramRef"), spec.view("paramKind").text("kind")
        place = reference.text("namespace") or namespace
        if not self.asker.known.knows(kind):
            raise _UnknownParametersError(f"its parameters are of kind {kind}, not in the input")
        if reference.text("name") and reference.has("selector"):
            words = "paramRef.name and paramRef.selector are mutually exclusive"
            raise ConfigurationFault(words)
        found = self._select_params(kind, place, reference)
        if not found and reference.text("parameterNotFoundAction") == "Deny":
            words = "no params found for policy binding with `Deny` parameterNotFoundAction"
            raise ConfigurationFault(words)
        return found

    def _select_params(self, kind: str, place: str, reference: View) -> list[Any]:
        if reference.text("name"):
            name = reference.text("name")
            found = self.asker.known.find(kind, place, name) or self.asker.known.find(
                kind, "", name
            )
            return [] if found is None else [_to_plain(found)]
        if not reference.has("selector"):
            raise ConfigurationFault("one of name or selector must be provided")
        selector = read_label_selector(reference.data["selector"], reference.path("selector"))
        return [
            _to_plain(view)
            for meta, view in self.asker.known.view_all(kind)
            if meta.namespace in ("", place) and selector.matches(meta.labels)
        ]


def _to_plain(view: View) -> PlainObject:
    return dict(view.data)


def refuse_by(course: Course, plugin: str, *errors: ApiError) -> RefusalError:
    """Note a refusal in one of several forms; the error is to be raised."""
    first = errors[0]
    ways = [[[error.message]] for error in errors]
    return course.refuse(plugin, Refusal(first.code, first.reason or "", "", ways))


def _invalidate(course: Course, message: str) -> RefusalError:
    """Forbid in words and be invalid in code, as a policy does that gives no reason."""
    prefix = f'{course.resource} "{course.name}" is forbidden: '
    return course.refuse(MUTATING, Refusal(_INVALID, "Invalid", prefix, [[[message]]]))
