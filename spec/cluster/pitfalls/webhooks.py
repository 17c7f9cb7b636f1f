"""OPS requirements on admission webhooks that fail closed: somebody answers, whom they let start.

Sources: `apiserver/pkg/admission/plugin/webhook/{namespace,object,rules}`; v1.36.
"""

from collections.abc import Iterator, Mapping

from planespec.spec.admission.admission_calls import NAME_LABEL, asks_about_pod
from planespec.spec.cluster.cluster_requirements import Reference, Violation
from planespec.spec.cluster.evidence.repeated import refer_to
from planespec.spec.cluster.inventory import Cluster
from planespec.spec.cluster.selection import Candidates, reads_all_pods
from planespec.spec.objects import View
from planespec.spec.requirement import Level, declare, judges

ANSWERED = declare(
    "OPS-7",
    "A webhook that fails closed has a Service, and that a pod to answer.",
    "https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/",
)
NOT_ITS_OWN_GUARD = declare(
    "OPS-8",
    "A webhook that fails closed does not guard the pods that answer it.",
    "https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/",
    "warning",
)
_KINDS = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")


@judges(Level.SNAPSHOT, ANSWERED, NOT_ITS_OWN_GUARD)
def judge_webhooks(cluster: Cluster) -> Iterator[Violation]:
    """Look up who answers each webhook without whom nothing is admitted."""
    candidates: Candidates | None = None
    for kind in _KINDS:
        for stored in cluster.store.list(kind):
            for webhook in View(dict(stored)).views("webhooks"):
                if webhook.text("failurePolicy") != "Ignore":
                    candidates = candidates or cluster.derive(Candidates)
                    yield from _judge(cluster, candidates, refer_to(stored), webhook)


def _judge(
    cluster: Cluster, candidates: Candidates, reference: Reference, webhook: View
) -> Iterator[Violation]:
    client = webhook.view("clientConfig").view("service")
    namespace, name = client.text("namespace"), client.text("name")
    if not name or not webhook.views("rules"):
        return
    service = cluster.services.get((namespace, name))
    said = f"webhook {webhook.text('name')} fails closed: "
    if service is None:
        if cluster.lacks("Service", namespace, name):
            message = f"{said}Service {namespace}/{name} does not exist"
            yield ANSWERED.violated(reference, message=message, field=client.path("name"))
        return
    if not service.selector or service.is_external or not candidates.has_all(namespace):
        return
    selected = candidates.select(namespace, service.selector)
    if not selected and reads_all_pods(cluster):
        message = f"{said}no pod or template has the labels of {service.reference}"
        objects = (reference, service.reference)
        yield ANSWERED.violated(*objects, message=message, field=client.path("name"))
    for labels, _, user in selected:
        if _guards(cluster, webhook, namespace, labels):
            message = f"{said}also when the pods that answer it are created, in {namespace}"
            objects = (reference, user)
            field = webhook.path("namespaceSelector")
            yield NOT_ITS_OWN_GUARD.violated(*objects, message=message, field=field)
            break


def _guards(
    cluster: Cluster,
    webhook: View,
    namespace: str,
    labels: Mapping[str, str],
) -> bool:
    """Whether a pod of the template waits for the webhook; what cannot be known is no."""
    known = cluster.namespace_labels.get(namespace)
    selector = webhook.view("namespaceSelector")
    asked = {each.text("key") for each in selector.views("matchExpressions")}
    is_open = known is None and not {*selector.text_map("matchLabels"), *asked} <= {NAME_LABEL}
    if is_open or webhook.has("matchConditions"):
        return False
    return asks_about_pod(webhook, "rules", {**(known or {}), NAME_LABEL: namespace}, labels)
