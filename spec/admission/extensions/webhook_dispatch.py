"""Asking webhooks: which, in what order, once or twice, and what follows from each answer.

Sources: `apiserver/pkg/admission/plugin/webhook/generic/webhook.go` (ShouldCallHook),
`mutating/dispatcher.go`, `mutating/reinvocationcontext.go`, `validating/dispatcher.go`, and
`apiserver/pkg/admission/reinvocation.go`; v1.36.
"""

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from planespec.spec.admission.extensions.admission_request import (
    AdmissionRequest,
    Json,
    covers,
    is_selected,
    list_resources,
)
from planespec.spec.admission.extensions.match_conditions import (
    Condition,
    Evaluate,
    FailedExpressionError,
    check_conditions,
    make_scope,
)
from planespec.spec.admission.extensions.webhook_replies import (
    JSON_PATCH,
    CallError,
    Reply,
    fail_internally,
    refuse_denied,
    refuse_unasked,
)
from planespec.spec.api.api_errors import ApiError
from planespec.spec.api.json_patch import PatchError, json_patch
from planespec.spec.objects import ObjectMeta, View


@dataclass(frozen=True)
class Reading:
    """How a patched object is read."""

    decode: Callable[[Json], Json]
    """Puts it into its kind; what that does not have is lost."""
    default: Callable[[Json], Json] = lambda made: made
    """Fills in defaults."""


@dataclass(frozen=True)
class Webhook:
    """One webhook of a configuration."""

    configuration: str
    view: View

    @property
    def key(self) -> str:
        """What tells it from every other: configuration and name."""
        return f"{self.configuration}/{self.name}"

    @property
    def name(self) -> str:
        """Its name, as messages call it."""
        return self.view.text("name")

    @property
    def fails_open(self) -> bool:
        """Whether it is passed over where it cannot be asked."""
        return self.view.text("failurePolicy") == "Ignore"

    @property
    def is_asked_again(self) -> bool:
        """Whether it is asked again where the object changed after it."""
        return self.view.text("reinvocationPolicy") == "IfNeeded"


def list_webhooks(configurations: Iterable[View]) -> list[Webhook]:
    """Return the webhooks of configurations in the order of their names, then of each list."""

    def get_name(view: View) -> str:
        return ObjectMeta(view.data.get("metadata"), "metadata").name

    found = sorted(configurations, key=get_name)
    return [Webhook(get_name(each), hook) for each in found for hook in each.views("webhooks")]


Caller = Callable[[Webhook, AdmissionRequest], Reply]
"""Asks a webhook about a request, and returns its answer. Raises CallError."""


@dataclass
class Surroundings:
    """What webhooks are matched by and asked with."""

    evaluate: Evaluate
    call: Caller
    namespace: Mapping[str, str]
    """Labels of the namespace of the request."""
    warnings: list[str] = field(default_factory=list)
    """What webhooks warned of so far."""


def should_call(webhook: Webhook, request: AdmissionRequest, around: Surroundings) -> bool:
    """Say whether a webhook is asked. Raises ApiError where a condition has no value."""
    match = webhook.view
    if request.is_closed or not is_selected(match, request, around.namespace):
        return False
    is_exact = match.text("matchPolicy") == "Exact"
    resources = list_resources(request, is_exact=is_exact)
    if not any(covers(rule, request, each) for each in resources for rule in match.views("rules")):
        return False
    conditions = match.views("matchConditions")
    try:
        found = check_conditions(
            around.evaluate, conditions, make_scope(request), fails=not webhook.fails_open
        )
    except FailedExpressionError as error:
        said = f'{request.qualified_resource} "{request.name}" is forbidden: {error}'
        raise ApiError(403, "Forbidden", said) from error
    return found is Condition.MET


def _ask(webhook: Webhook, request: AdmissionRequest, around: Surroundings) -> Reply:
    """Ask a webhook. Raises CallError, or ApiError where it does not allow the request."""
    effects = webhook.view.text("sideEffects")
    if request.dry_run and effects not in ("None", "NoneOnDryRun"):
        words = f'admission webhook "{webhook.name}" does not support dry run'
        raise ApiError(400, "BadRequest", words)
    reply = around.call(webhook, request)
    around.warnings += [each for each in reply.warnings if each not in around.warnings]
    if not reply.allowed:
        raise refuse_denied(webhook.name, reply.status)
    return reply


# Mutating webhooks, one after the other.


@dataclass
class Reinvocation:
    """What the two passes of mutating admission know of each other."""

    is_second: bool = False
    is_needed: bool = False
    asked: set[str] = field(default_factory=set)
    """Webhooks to be asked again if the object changes."""
    again: set[str] = field(default_factory=set)
    """Webhooks to be asked again."""
    last: Json | None = None
    """The object after the last webhook of a pass."""

    def note_change(self) -> None:
        """Let all that were asked so far, and may be, be asked again."""
        self.again |= self.asked
        self.asked = set()


def mutate(
    request: AdmissionRequest,
    webhooks: Sequence[Webhook],
    around: Surroundings,
    reading: Reading,
    context: Reinvocation,
) -> AdmissionRequest:
    """Let mutating webhooks change the object in one pass. Raises ApiError.

    In the second pass only those are asked which were asked before and have reason to be again.
    """
    if context.is_second and request.object != context.last:
        context.note_change()
    try:
        for webhook in webhooks:
            if should_call(webhook, request, around) and (
                not context.is_second or webhook.key in context.again
            ):
                request = _let_change(webhook, request, around, reading, context)
    finally:
        context.last = copy.deepcopy(request.object)
    return request


def _let_change(
    webhook: Webhook,
    request: AdmissionRequest,
    around: Surroundings,
    reading: Reading,
    context: Reinvocation,
) -> AdmissionRequest:
    has_changed = False
    try:
        reply = _ask(webhook, request, around)
        request, has_changed = _apply_patch(webhook, request, reply, reading)
    except CallError as error:
        if not webhook.fails_open:
            raise refuse_unasked(webhook.name, error) from error
    if has_changed:
        context.note_change()
        context.is_needed = True
    if webhook.is_asked_again:
        context.asked.add(webhook.key)
    return request


def _apply_patch(
    webhook: Webhook, request: AdmissionRequest, reply: Reply, reading: Reading
) -> tuple[AdmissionRequest, bool]:
    """Patch the object and say whether that changed it.

    A patch that does not apply is an error, whatever the failure policy. The object goes through
    JSON: a time in managedFields that was finer than JSON tells is another then, and the object
    counts as changed whatever the patch did. So it does where a patch took away what a default
    puts back.
    """
    if not reply.patch:
        return request, False
    if request.object is None:
        said = f'admission webhook "{webhook.name}" attempted to modify the object, which is not'
        raise fail_internally(f"{said} supported for this operation")
    if reply.patch_type != JSON_PATCH:
        raise CallError(f'unsupported patch type "{reply.patch_type}"')
    try:
        made = reading.decode(json_patch(request.object, list(reply.patch)))
    except PatchError as error:
        raise fail_internally(str(error)) from error
    has_changed = request.has_fine_time or made != request.object
    patched = replace(request, object=reading.default(made), has_fine_time=False)
    return patched, has_changed


def mutate_twice(
    request: AdmissionRequest,
    webhooks: Sequence[Webhook],
    around: Surroundings,
    reading: Reading,
) -> AdmissionRequest:
    """Let webhooks change the object, a second time where one changed it after others."""
    context = Reinvocation()
    request = mutate(request, webhooks, around, reading, context)
    if context.is_needed:
        context.is_second = True
        request = mutate(request, webhooks, around, reading, context)
    return request


# Validating webhooks, all at once.


def validate(
    request: AdmissionRequest, webhooks: Sequence[Webhook], around: Surroundings
) -> list[ApiError]:
    """Ask all validating webhooks that mean the request, and return every refusal.

    Upstream answers with the refusal that comes first. Raises ApiError where a condition has no
    value: then none is asked.
    """
    meant = [webhook for webhook in webhooks if should_call(webhook, request, around)]
    refusals = []
    for webhook in meant:
        try:
            _ask(webhook, request, around)
        except CallError as error:
            if not webhook.fails_open:
                refusals.append(refuse_unasked(webhook.name, error))
        except ApiError as error:
            refusals.append(error)
    return refusals
