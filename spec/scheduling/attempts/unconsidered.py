"""What occurs in the input, decides about a pod, and is not modelled or not known.

Each is named, and with one of them nothing is said to fit. Whether it could also make a pod fit
that is rejected is kept with it: a quota only takes away, another scheduler may do as it likes.
"""

from collections.abc import Iterator, Mapping

from planespec.spec.admission.admission_calls import NAME_LABEL, asks_about_pod
from planespec.spec.labels import Selector
from planespec.spec.objects import View
from planespec.spec.scheduling.affinity_terms import AffinityTerm
from planespec.spec.scheduling.attempts.known_cluster import KnownCluster, Unconsidered
from planespec.spec.scheduling.pod_info import PodInfo

DEFAULT_SCHEDULER = "default-scheduler"
CONFIGURATION_GROUP = "kubescheduler.config.k8s.io"
QUEUE_LABEL = "kueue.x-k8s.io/queue-name"
NAMESPACE_ANNOTATIONS = (
    "scheduler.alpha.kubernetes.io/node-selector",
    "scheduler.alpha.kubernetes.io/defaultTolerations",
    "scheduler.alpha.kubernetes.io/tolerationsWhitelist",
    "openshift.io/node-selector",
)
"""What plugins that are off by default make of a namespace's annotations."""
_CALLED = (
    ("MutatingWebhookConfiguration", "mutating webhook", True),
    ("ValidatingWebhookConfiguration", "validating webhook", False),
)
_POLICIES = (
    ("MutatingAdmissionPolicy", "mutating admission policy", True),
    ("ValidatingAdmissionPolicy", "validating admission policy", False),
)

_ANY_RULE = [{"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*"]}]


def list_unconsidered(
    cluster: KnownCluster, pod: PodInfo, *, is_new: bool
) -> Iterator[Unconsidered]:
    """Yield what is open about a pod; admission matters to a new one only."""
    if not cluster.snapshot.nodes and not cluster.knows("Node"):
        yield Unconsidered("the nodes: the input has none", may_admit=True)
    yield from _list_cut_off(cluster, pod)
    yield from _list_profile(cluster, pod)
    yield from list_open_namespaces(cluster, pod)
    if is_new:
        yield from _list_admission(cluster, pod)


def _list_cut_off(cluster: KnownCluster, pod: PodInfo) -> Iterator[Unconsidered]:
    """Lists that go on elsewhere, and files that end too early, hide nodes and pods."""
    if not cluster.store.is_whole("Node"):
        yield Unconsidered("nodes that the input leaves out: its list goes on", may_admit=True)
    if not cluster.store.is_whole("Pod"):
        is_drawn = bool(pod.required_affinity_terms)
        what = "pods that the input leaves out: its list goes on"
        yield Unconsidered(what, may_admit=is_drawn)


def _list_profile(cluster: KnownCluster, pod: PodInfo) -> Iterator[Unconsidered]:
    """Another scheduler, another profile, or another queue decides."""
    name = pod.pod.spec.text("schedulerName")
    if name not in ("", DEFAULT_SCHEDULER):
        yield Unconsidered(f"the scheduler {name} (spec.schedulerName)", may_admit=True)
    configurations = cluster.view_all("KubeSchedulerConfiguration", CONFIGURATION_GROUP)
    if any(map(_changes_profile, (view for _, view in configurations))):
        yield Unconsidered("the profile of a KubeSchedulerConfiguration", may_admit=True)
    yield from list_queues(pod.labels)


def list_queues(labels: Mapping[str, str]) -> Iterator[Unconsidered]:
    """Yield the queue that holds back a pod, or all pods of a workload, with these labels."""
    if QUEUE_LABEL in labels:
        yield Unconsidered(f"the Kueue queue {labels[QUEUE_LABEL]}, which holds pods back")


def _changes_profile(configuration: View) -> bool:
    """Say whether a configuration of the scheduler has more to say than names of profiles."""
    if configuration.has("extenders"):
        return True
    profiles = configuration.views("profiles")
    return any(set(profile.data) - {"schedulerName"} for profile in profiles)


# Namespaces whose labels are not known, where a term selects by labels.


def list_open_namespaces(cluster: KnownCluster, pod: PodInfo) -> Iterator[Unconsidered]:
    """Yield the namespaces whose labels would decide about a required term."""
    wanted = {
        name
        for term in (*pod.required_affinity_terms, *pod.required_anti_affinity_terms)
        if _selects(term)
        for name in cluster.open_namespaces
        if name not in term.namespaces
        and is_open(term.namespace_selector, name)
        and _has_match(cluster, name, term)
    }
    if pod.namespace not in cluster.snapshot.namespaces or (
        pod.namespace in cluster.open_namespaces
    ):
        wanted |= {pod.namespace for _ in _list_terms_on(cluster, pod)}
    for name in sorted(wanted):
        what = f"the labels of namespace {name}, which a namespaceSelector asks for"
        yield Unconsidered(what, may_admit=True)


def _selects(term: AffinityTerm) -> bool:
    return bool(term.namespace_selector.requirements)


def is_open(selector: Selector, namespace: str) -> bool:
    """Tell whether the selector asks a namespace for more than the name, which is all known."""
    known = {NAME_LABEL: namespace}
    by_name = [each for each in selector.requirements if each.key == NAME_LABEL]
    if not all(each.matches(known) for each in by_name):
        return False
    return len(by_name) < len(selector.requirements)


def _has_match(cluster: KnownCluster, namespace: str, term: AffinityTerm) -> bool:
    return any(
        pod.namespace == namespace and term.selector.matches(pod.labels)
        for node in cluster.snapshot.nodes.values()
        for pod in node.pods
    )


def _list_terms_on(cluster: KnownCluster, pod: PodInfo) -> Iterator[AffinityTerm]:
    """Yield the terms of existing pods that may mean the pod, by labels of its namespace."""
    for node in cluster.snapshot.nodes_with_required_anti_affinity:
        for other in node.pods_with_required_anti_affinity:
            for term in other.required_anti_affinity_terms:
                is_unnamed = pod.namespace not in term.namespaces and _selects(term)
                is_meant = is_unnamed and term.selector.matches(pod.labels)
                if is_meant and is_open(term.namespace_selector, pod.namespace):
                    yield term


# Admission beyond the built-in plugins.


def _list_admission(cluster: KnownCluster, pod: PodInfo) -> Iterator[Unconsidered]:
    labels = cluster.get_namespace_labels(pod.namespace)
    namespace = cluster.find("Namespace", "", pod.namespace)
    annotations = {} if namespace is None else namespace.view("metadata").text_map("annotations")
    for name in NAMESPACE_ANNOTATIONS:
        if name in annotations:
            what = f"the annotation {name} of namespace {pod.namespace}"
            yield Unconsidered(what, may_admit=True)
    yield from _list_called(cluster, pod, labels)


def _list_called(
    cluster: KnownCluster, pod: PodInfo, labels: Mapping[str, str]
) -> Iterator[Unconsidered]:
    for kind, word, is_mutating in _CALLED:
        for meta, view in cluster.view_all(kind):
            for webhook in view.views("webhooks"):
                if asks_about_pod(webhook, "rules", labels, pod.labels):
                    what = f"the {word} {meta.name}/{webhook.text('name')}, called for new pods"
                    yield Unconsidered(what, may_admit=is_mutating)
    for kind, word, is_mutating in _POLICIES:
        for meta, view in cluster.view_all(kind):
            constraints = view.view("spec").view("matchConstraints")
            if asks_about_pod(constraints, "resourceRules", labels, pod.labels) and _is_bound(
                cluster, kind, meta.name, labels, pod.labels
            ):
                yield Unconsidered(f"the {word} {meta.name}", may_admit=is_mutating)


def _is_bound(
    cluster: KnownCluster,
    kind: str,
    name: str,
    namespace: Mapping[str, str],
    labels: Mapping[str, str],
) -> bool:
    """Tell whether a binding may put a policy into force for the pod; where none is known, yes."""
    if not cluster.knows(f"{kind}Binding"):
        return True
    for _, view in cluster.view_all(f"{kind}Binding"):
        spec = view.view("spec")
        actions, match = spec.texts("validationActions"), spec.view("matchResources")
        is_meant = spec.text("policyName") == name and (not actions or "Deny" in actions)
        if is_meant and not match.has("resourceRules"):
            match = View({**match.data, "resourceRules": _ANY_RULE}, match.field)
        if is_meant and asks_about_pod(match, "resourceRules", namespace, labels):
            return True
    return False
