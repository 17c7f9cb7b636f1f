"""OPS requirements on what the API server calls: somebody answers, whom webhooks let start.

Sources: `apiserver/pkg/admission/plugin/webhook/{namespace,object,rules}` and
`kube-aggregator/pkg/apiserver/resolvers.go` (findServicePort); v1.36.
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
    "A webhook that fails closed or converts, and an aggregated API, have a Service, that the "
    "port, and a pod to answer.",
    "https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/",
)
NOT_ITS_OWN_GUARD = declare(
    "OPS-8",
    "A webhook that fails closed does not guard the pods that answer it.",
    "https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/",
    "warning",
)
HTTPS = 443
"""The port that is called where none is named."""
_KINDS = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")


@judges(Level.SNAPSHOT, ANSWERED, NOT_ITS_OWN_GUARD)
def judge_webhooks(cluster: Cluster) -> Iterator[Violation]:
    """Look up who answers each webhook without whom nothing is admitted."""
    for kind in _KINDS:
        for stored in cluster.store.list(kind):
            for webhook in View(dict(stored)).views("webhooks"):
                if webhook.text("failurePolicy") != "Ignore":
                    yield from _judge(cluster, refer_to(stored), webhook)


@judges(Level.SNAPSHOT, ANSWERED)
def judge_called_services(cluster: Cluster) -> Iterator[Violation]:
    """Look up who converts custom resources, and who serves APIs of others."""
    for stored in cluster.store.list("CustomResourceDefinition"):
        spec = View(dict(stored)).view("spec")
        client = spec.view("conversion").view("webhook").view("clientConfig").view("service")
        is_called = spec.view("conversion").text("strategy") == "Webhook"
        if is_called and client.has("name") and len(spec.views("versions")) > 1:
            said = "its versions cannot be converted: "
            yield from _find_nobody(cluster, refer_to(stored), client, said)
    for stored in cluster.store.list("APIService"):
        client = View(dict(stored)).view("spec").view("service")
        if client.has("name"):
            said = "its API is not served: "
            yield from _find_nobody(cluster, refer_to(stored), client, said)


def _find_nobody(
    cluster: Cluster, reference: Reference, client: View, said: str
) -> Iterator[Violation]:
    """Yield that a Service which is called is not there, lacks the port, or has no pods."""
    namespace, name = client.text("namespace"), client.text("name")
    service = cluster.services.get((namespace, name))
    if service is None:
        if cluster.lacks("Service", namespace, name):
            message = f"{said}Service {namespace}/{name} does not exist"
            yield ANSWERED.violated(reference, message=message, field=client.path("name"))
        return
    if service.is_external:
        return
    objects = (reference, service.reference)
    wanted = client.integer("port") or HTTPS
    numbers = [each.number for each in service.ports]
    if wanted not in numbers:
        has = ", ".join(map(str, numbers)) or "no port"
        message = f"{said}port {wanted} is called, and {service.reference} has {has}"
        yield ANSWERED.violated(*objects, message=message, field=client.path("port"))
    candidates = cluster.derive(Candidates)
    if not service.selector or not candidates.has_all(namespace) or not reads_all_pods(cluster):
        return
    if not candidates.select(namespace, service.selector):
        message = f"{said}no pod or template has the labels of {service.reference}"
        yield ANSWERED.violated(*objects, message=message, field=client.path("name"))


def _judge(cluster: Cluster, reference: Reference, webhook: View) -> Iterator[Violation]:
    client = webhook.view("clientConfig").view("service")
    namespace, name = client.text("namespace"), client.text("name")
    if not name or not webhook.views("rules"):
        return
    said = f"webhook {webhook.text('name')} fails closed: "
    yield from _find_nobody(cluster, reference, client, said)
    service = cluster.services.get((namespace, name))
    if service is None or not service.selector or service.is_external:
        return
    candidates = cluster.derive(Candidates)
    if not candidates.has_all(namespace):
        return
    for labels, _, user in candidates.select(namespace, service.selector):
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
