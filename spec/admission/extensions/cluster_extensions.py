"""What webhooks and policies of a known cluster say of a creation, as far as that can be known.

What a webhook answers is not known: one that is asked is named, and left open. A webhook whose
Service is not there cannot be asked, and that is certain.
"""

from planespec.spec.admission.admission_steps import Course, PlainObject
from planespec.spec.admission.extensions.admission_request import AdmissionRequest
from planespec.spec.admission.extensions.cluster_policies import (
    BLIND,
    Asker,
    ClusterPolicies,
    refuse_by,
)
from planespec.spec.admission.extensions.match_conditions import UnsupportedExpressionError
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
from planespec.spec.objects import ObjectMeta, View

_SECONDS = 10
_PORT = 443


class ClusterExtensions:
    """Webhooks and policies of a cluster."""

    def __init__(self, asker: Asker) -> None:
        """Begin with the first pass of mutating admission."""
        self.asker, self.policies = asker, ClusterPolicies(asker)

    def mutate(self, course: Course, *, is_second: bool = False) -> bool:
        """Let mutating policies change the object, name the webhooks; say whether it changed."""
        has_changed = self.policies.mutate(course, is_second=is_second)
        if not is_second:
            self._ask_webhooks(course, "Mutating")
        return has_changed

    def validate(self, course: Course) -> None:
        """Evaluate validating policies, then name the webhooks. Raises RefusalError."""
        self.policies.validate(course)
        self._ask_webhooks(course, "Validating")

    def _ask_webhooks(self, course: Course, word: str) -> None:
        request, plugin = self.asker.describe(course), f"{word}AdmissionWebhook"
        configurations = self.asker.list_named(f"{word}WebhookConfiguration")
        around = Surroundings(self.asker.evaluate, _ask_nobody, self.asker.labels)
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
                raise refuse_by(course, plugin, refuse_unasked(webhook.name, fault))
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
        is_open = self.asker.is_open(webhook.view)
        if is_open:
            rest = {k: v for k, v in webhook.view.data.items() if k != "namespaceSelector"}
            webhook = Webhook(webhook.configuration, View(rest, webhook.view.field))
        try:
            if not should_call(webhook, request, around):
                return None
        except UnsupportedExpressionError as error:
            return f" ({error})"
        except ApiError as error:
            raise refuse_by(course, plugin, error) from error
        return f" ({BLIND})" if is_open else ""

    def _find_fault(self, webhook: Webhook) -> CallError | None:
        """Return why a webhook cannot be asked, where the input tells that."""
        client = webhook.view.view("clientConfig")
        service = client.view("service")
        namespace, name = service.text("namespace"), service.text("name")
        if not name or self.asker.known.find("Service", namespace, name) is not None:
            return None
        if not self.asker.known.lacks("Service", namespace):
            return None
        seconds = webhook.view.integer("timeoutSeconds") or _SECONDS
        host = f"{name}.{namespace}.svc:{service.integer('port') or _PORT}"
        url = f"https://{host}{service.text('path') or '/'}?timeout={seconds}s"
        return CallError(f'failed to call webhook: Post "{url}": service "{name}" not found')


def _ask_nobody(_webhook: Webhook, _request: AdmissionRequest) -> Reply:
    raise CallError("nobody is asked")


def name_of(data: PlainObject) -> str:
    """Return the name of an object, or what its name is made from."""
    meta = ObjectMeta(View(data).data.get("metadata"), "metadata")
    return meta.name or meta.text("generateName")
