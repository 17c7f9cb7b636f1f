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
from planespec.spec.admission.extensions.mutating_policies import apply_mutation
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
from planespec.spec.objects import ObjectMeta, View
from planespec.spec.schema.merge_types import MergeType

BLIND = "the labels of its namespace are not in the input"
MUTATING, VALIDATING = "MutatingAdmissionPolicy", "ValidatingAdmissionPolicy"
_FORBIDDEN = 403


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


@dataclass(frozen=True)
class _Invocation:
    """A policy that means a request, by a binding and with parameters."""

    policy: View
    binding: View
    params: Any

    @property
    def name(self) -> str:
        """Policy and binding, in words."""
        return f"{get_name(self.policy)}, bound by {get_name(self.binding)}"

    @property
    def key(self) -> str:
        """What tells it from every other. Source: keyFor."""
        meta = ObjectMeta(View(self.params or {}).data.get("metadata"), "metadata")
        own = f"{meta.namespace}/{meta.name}" if self.params is not None else ""
        return f"{get_name(self.policy)}/{get_name(self.binding)}/{own}"


@dataclass(frozen=True)
class _Fault:
    """Why a policy refuses, unless its failure policy ignores that."""

    message: str
    reason: str


class ClusterPolicies:
    """The policies of a cluster, and what is known of their two passes."""

    def __init__(self, asker: Asker) -> None:
        """Begin the first pass."""
        self.asker, self.reinvocation = asker, Reinvocation()

    def mutate(self, course: Course, *, is_second: bool) -> bool:
        """Let mutating policies change the object, and say whether one was applied.

        Which policies mean the request is decided by the object as it was before all of them.
        What cannot be evaluated is named. Raises RefusalError.
        """
        context = self.reinvocation
        if is_second and dict(course.object) != context.last:
            context.note_change()
        faults, open_, was_applied = list[_Fault](), list[str](), False
        for each in self._list_invocations(course, faults, open_):
            try:
                was_applied |= self._invoke(course, each, faults, is_second=is_second)
            except UnsupportedExpressionError as error:
                open_.append(f"the mutating admission policy {each.name}: {error}")
        if was_applied:
            context.note_change()
        if open_:
            course.take(MUTATING, open_=open_, may_change=True)
        if faults:
            first = faults[0]
            refusal = Refusal(_FORBIDDEN, first.reason, "", [[[first.message]]])
            raise course.refuse(MUTATING, refusal)
        context.last = dict(course.object)
        return was_applied

    def _list_invocations(
        self, course: Course, faults: list[_Fault], open_: list[str]
    ) -> list[_Invocation]:
        request, found = self.asker.describe(course), list[_Invocation]()
        for policy in self.asker.list_named(MUTATING):
            bound, is_sure = self._list_bound(policy, MUTATING, request)
            for binding in bound:
                name = _Invocation(policy, binding, None).name
                try:
                    params = self._find_params(policy, binding, request.namespace)
                    if not is_sure:
                        open_.append(f"the mutating admission policy {name}: {BLIND}")
                        continue
                except _UnknownParametersError as error:
                    open_.append(f"the mutating admission policy {name}: {error}")
                except ConfigurationFault as error:
                    words = f"failed to configure binding: {error}"
                    _add_fault(faults, policy, binding, words, "Forbidden")
                else:
                    found += [_Invocation(policy, binding, each) for each in params]
        return found

    def _invoke(
        self, course: Course, which: _Invocation, faults: list[_Fault], *, is_second: bool
    ) -> bool:
        """Apply the mutations of a policy one by one, and say whether one was applied.

        One that fails leaves what the others make. Source: dispatchInvocations.
        """
        spec, evaluate = which.policy.view("spec"), self.asker.evaluate
        known = {"namespace": self._find_namespace(), "params": which.params}
        request, fails = self.asker.describe(course), spec.text("failurePolicy") != "Ignore"
        try:
            scope, conditions = make_scope(request, **known), spec.views("matchConditions")
            met = check_conditions(evaluate, conditions, scope, fails=fails) is Condition.MET
        except FailedExpressionError as error:
            _add_fault(faults, which.policy, which.binding, str(error), "Invalid")
            return False
        if not met or (is_second and which.key not in self.reinvocation.again):
            return False
        was_applied, kind = False, self.asker.find_type(request.kind)
        for mutation in spec.views("mutations"):
            try:
                made = apply_mutation(spec, mutation, request, evaluate, kind, **known)
            except FailedExpressionError as error:
                _add_fault(faults, which.policy, which.binding, str(error), "Invalid")
            except ApiError as error:
                raise refuse_by(course, MUTATING, error) from error
            else:
                request, was_applied = request.with_object(made), True
        self._note(course, which, request.object or {})
        return was_applied

    def _note(self, course: Course, which: _Invocation, made: PlainObject) -> None:
        if made != course.object:
            course.take(MUTATING, made, notes=[f"policy {get_name(which.policy)} changes it"])
            self.reinvocation.note_change()
        if which.policy.view("spec").text("reinvocationPolicy") == "IfNeeded":
            self.reinvocation.asked.add(which.key)

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


def _add_fault(faults: list[_Fault], policy: View, binding: View, words: str, reason: str) -> None:
    """Keep what a policy says, unless its failures are ignored. Source: PolicyError.Error."""
    if policy.view("spec").text("failurePolicy") != "Ignore":
        who = f"policy '{get_name(policy)}' with binding '{get_name(binding)}'"
        faults.append(_Fault(f"{who} denied request: {words}", reason))
