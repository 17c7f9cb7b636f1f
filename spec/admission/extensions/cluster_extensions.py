"""What webhooks and policies of a known cluster say of a creation, as far as that can be known.

ValidatingAdmissionPolicies are evaluated. What a webhook answers, and what a
MutatingAdmissionPolicy makes of the object, is not known: where one is asked it is named, and left
open. A webhook whose Service is not there cannot be asked, and that is certain.
"""

from collections.abc import Mapping
from typing import Any

from planespec.spec.admission.admission_calls import NAME_LABEL
from planespec.spec.admission.admission_steps import (
    Course,
    KnownObjects,
    PlainObject,
    Refusal,
    RefusalError,
)
from planespec.spec.admission.extensions.admission_request import AdmissionRequest
from planespec.spec.admission.extensions.match_conditions import (
    Condition,
    Evaluate,
    FailedExpressionError,
    UnsupportedExpressionError,
    check_conditions,
    make_scope,
)
from planespec.spec.admission.extensions.validating_policies import (
    ConfigurationFault,
    PolicyContext,
    get_name,
    matches,
    validate_by_policies,
)
from planespec.spec.admission.extensions.webhook_dispatch import (
    Surroundings,
    Webhook,
    list_webhooks,
    should_call,
)
from planespec.spec.admission.extensions.webhook_replies import (
    CallError,
    Reply,
    refuse_unasked,
)
from planespec.spec.api.api_errors import ApiError
from planespec.spec.labels import read_label_selector
from planespec.spec.objects import ObjectMeta, View

_BLIND = "the labels of its namespace are not in the input"
_SECONDS = 10
_PORT = 443


class _UnknownParametersError(Exception):
    """Parameters of a policy are of a kind that the input does not have."""


class ClusterExtensions:
    """Webhooks and policies of a cluster."""

    def __init__(self, known: KnownObjects, evaluate: Evaluate, request: AdmissionRequest) -> None:
        """`request` is the creation in question; its object is that of the course."""
        self.known, self.evaluate, self.request = known, evaluate, request
        self.labels = known.get_namespace_labels(request.namespace)
        place = request.namespace
        self.is_blind = bool(place) and known.find("Namespace", "", place) is None
        """Whether the labels of the namespace are not known."""

    def mutate(self, course: Course) -> None:
        """Name the mutating policies and webhooks that are asked."""
        self._name_mutating_policies(course)
        self._ask_webhooks(course, "Mutating")

    def validate(self, course: Course) -> None:
        """Evaluate validating policies, then name the webhooks. Raises RefusalError."""
        self._judge_policies(course)
        self._ask_webhooks(course, "Validating")

    def _describe(self, course: Course) -> AdmissionRequest:
        return self.request.with_object(dict(course.object))

    # Policies.

    def _list(self, kind: str) -> list[View]:
        return sorted((view for _, view in self.known.view_all(kind)), key=get_name)

    def _name_mutating_policies(self, course: Course) -> None:
        request, plugin = self._describe(course), "MutatingAdmissionPolicy"
        named: list[str] = []
        for policy in self._list(plugin):
            bound, _ = self._list_bound(policy, f"{plugin}Binding", request)
            if bound and self._is_conditional(course, plugin, policy.view("spec"), request):
                words = f"the mutating admission policy {get_name(policy)}, bound by"
                named += [f"{words} {get_name(each)}" for each in bound]
        if named:
            course.take(plugin, open_=named, may_change=True)

    def _list_bound(
        self, policy: View, kind: str, request: AdmissionRequest
    ) -> tuple[list[View], bool]:
        """Return the bindings by which a policy may mean the request, and whether that is sure."""
        constraints = self._meets(policy.view("spec").view("matchConstraints"), request)
        if request.is_closed or constraints is False:
            return [], True
        found, is_sure = list[View](), constraints is True
        for binding in self._list(kind):
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
        if not self._is_open(match):
            return matches(match, request, self.labels)
        rest = {key: each for key, each in match.data.items() if key != "namespaceSelector"}
        return None if matches(View(rest, match.field), request, self.labels) else False

    def _is_conditional(
        self, course: Course, plugin: str, spec: View, request: AdmissionRequest
    ) -> bool:
        """Say whether the conditions of a mutating policy may be met."""
        fails = spec.text("failurePolicy") != "Ignore"
        scope = make_scope(request, namespace=self._find_namespace())
        try:
            found = check_conditions(
                self.evaluate, spec.views("matchConditions"), scope, fails=fails
            )
        except UnsupportedExpressionError:
            return True
        except FailedExpressionError as error:
            raise course.forbid(plugin, [[str(error)]]) from error
        return found is Condition.MET

    def _judge_policies(self, course: Course) -> None:
        request, plugin = self._describe(course), "ValidatingAdmissionPolicy"
        context = PolicyContext(
            self.evaluate, self._find_params, self.labels, self._find_namespace()
        )
        held, open_, refusals = list[str](), list[str](), list[ApiError]()
        for policy in self._list(plugin):
            bound, is_sure = self._list_bound(policy, f"{plugin}Binding", request)
            words = f"the validating admission policy {get_name(policy)}"
            if not is_sure:
                open_.append(f"{words}: {_BLIND}")
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
            raise _refuse(course, plugin, *refusals)
        if held or open_:
            course.take(plugin, warnings=context.warnings, notes=held, open_=open_)

    def _find_namespace(self) -> Mapping[str, Any] | None:
        found = self.known.find("Namespace", "", self.request.namespace)
        if self.request.resource.name == "namespaces" or not self.request.namespace:
            return None
        meta = {"name": self.request.namespace, "labels": dict(self.labels)}
        return {"metadata": meta} if found is None else dict(found.data)

    def _find_params(self, policy: View, binding: View, namespace: str) -> list[Any]:
        """Return the parameters of a policy. Source: CollectParams."""
        spec, own = policy.view("spec"), binding.view("spec")
        if not spec.has("paramKind") or not own.has("paramRef"):
            return [None]
        reference, kind = own.view("paramRef"), spec.view("paramKind").text("kind")
        place = reference.text("namespace") or namespace
        if not self.known.knows(kind):
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
            found = self.known.find(kind, place, name) or self.known.find(kind, "", name)
            return [] if found is None else [_to_plain(found)]
        if not reference.has("selector"):
            raise ConfigurationFault("one of name or selector must be provided")
        selector = read_label_selector(reference.data["selector"], reference.path("selector"))
        return [
            _to_plain(view)
            for meta, view in self.known.view_all(kind)
            if meta.namespace in ("", place) and selector.matches(meta.labels)
        ]

    def _is_open(self, match: View) -> bool:
        """Say whether a selector asks for labels of the namespace that are not known."""
        if not self.is_blind or self.request.resource.name == "namespaces":
            return False
        asked = read_label_selector(match.data.get("namespaceSelector"), "namespaceSelector")
        return any(each.key != NAME_LABEL for each in asked.requirements)

    # Webhooks.

    def _ask_webhooks(self, course: Course, word: str) -> None:
        request, plugin = self._describe(course), f"{word}AdmissionWebhook"
        configurations = self._list(f"{word}WebhookConfiguration")
        around = Surroundings(self.evaluate, _ask_nobody, self.labels)
        named, notes = list[str](), list[str]()
        for webhook in list_webhooks(configurations):
            open_ = self._is_asked(course, plugin, webhook, request, around)
            if open_ is None:
                continue
            fault = self._find_fault(webhook)
            if fault is None:
                named.append(f"the {word.lower()} webhook {webhook.key}{open_}")
            elif webhook.fails_open:
                notes.append(f"webhook {webhook.key} is passed over: {fault}")
            else:
                raise _refuse(course, plugin, refuse_unasked(webhook.name, fault))
        if named or notes:
            may_change = bool(named) and word == "Mutating"
            course.take(plugin, open_=named, notes=notes, may_change=may_change)

    def _is_asked(
        self,
        course: Course,
        plugin: str,
        webhook: Webhook,
        request: AdmissionRequest,
        around: Surroundings,
    ) -> str | None:
        """Return None for a webhook that is not asked, else what is open about that."""
        is_open = self._is_open(webhook.view)
        if is_open:
            rest = {k: v for k, v in webhook.view.data.items() if k != "namespaceSelector"}
            webhook = Webhook(webhook.configuration, View(rest, webhook.view.field))
        try:
            if not should_call(webhook, request, around):
                return None
        except UnsupportedExpressionError as error:
            return f" ({error})"
        except ApiError as error:
            raise _refuse(course, plugin, error) from error
        return f" ({_BLIND})" if is_open else ""

    def _find_fault(self, webhook: Webhook) -> CallError | None:
        """Return why a webhook cannot be asked, where the input tells that."""
        client = webhook.view.view("clientConfig")
        service = client.view("service")
        namespace, name = service.text("namespace"), service.text("name")
        if not name or self.known.find("Service", namespace, name) is not None:
            return None
        if not self.known.lacks("Service", namespace):
            return None
        seconds = webhook.view.integer("timeoutSeconds") or _SECONDS
        host = f"{name}.{namespace}.svc:{service.integer('port') or _PORT}"
        url = f"https://{host}{service.text('path') or '/'}?timeout={seconds}s"
        return CallError(f'failed to call webhook: Post "{url}": service "{name}" not found')


def _ask_nobody(_webhook: Webhook, _request: AdmissionRequest) -> Reply:
    raise CallError("nobody is asked")


def _to_plain(view: View) -> PlainObject:
    return dict(view.data)


def _refuse(course: Course, plugin: str, *errors: ApiError) -> RefusalError:
    first = errors[0]
    ways = [[[error.message]] for error in errors]
    return course.refuse(plugin, Refusal(first.code, first.reason or "", "", ways))


def name_of(data: PlainObject) -> str:
    """Return the name of an object, or what its name is made from."""
    meta = ObjectMeta(View(data).data.get("metadata"), "metadata")
    return meta.name or meta.text("generateName")
