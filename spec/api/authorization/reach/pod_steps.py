"""Steps by running code in pods: new pods, workloads, exec, the node below, its proxy.

A pod may run as any service account of its namespace; no level of Pod Security is about that. What
needs a privileged pod is a step only where the level of the namespace lets it in, or where the
namespace can be labelled anew.
"""

from collections.abc import Iterator

from planespec.spec.api.authorization.rbac_policy import Grant
from planespec.spec.api.authorization.reach.access_cluster import (
    WORKLOADS,
    AccessCluster,
    RunningPod,
)
from planespec.spec.api.authorization.reach.identities import (
    FULL_CONTROL,
    NODE_ROOT,
    Doubts,
    Identity,
    Step,
    make_account,
)
from planespec.spec.api.authorization.reach.rights import Rights

_WRITE = ("patch", "update")
_MAKERS = (("pods", ""), *((resource, group) for group, resource in WORKLOADS.values()))
"""Resources by which pods come into being."""


def list_pod_steps(
    cluster: AccessCluster, source: Identity, rights: Rights, doubts: Doubts
) -> Iterator[Step]:
    """Yield the steps that pods open to an identity."""
    for namespace in _list_namespaces(cluster, rights):
        maker = _find_maker(cluster, rights, namespace)
        if maker is not None:
            action, grant = maker
            yield from _become_accounts(cluster, source, namespace, action, grant)
            yield from _escape(cluster, source, rights, namespace, action, grant)
        yield from _change_pods(cluster, source, rights, namespace)
        yield from _enter_pods(cluster, source, rights, namespace, doubts)
    yield from _use_proxy(cluster, source, rights, doubts)


def _list_namespaces(cluster: AccessCluster, rights: Rights) -> list[str]:
    return cluster.namespaces if rights.wide else sorted(rights.local)


def _find_maker(
    cluster: AccessCluster, rights: Rights, namespace: str
) -> tuple[str, Grant] | None:
    """How pods with a chosen service account come into a namespace, and what allows it."""
    for resource, group in _MAKERS:
        grant = rights.find("create", resource, group, namespace)
        if grant is not None:
            return f"create {resource} in namespace {namespace}", grant
    for resource, group in _MAKERS[1:]:
        if (namespace, resource) in cluster.workloads:
            grant = rights.find_any(_WRITE, resource, group, namespace)
            if grant is not None:
                return f"change {resource} in namespace {namespace}", grant
    return None


def _become_accounts(
    cluster: AccessCluster, source: Identity, namespace: str, action: str, grant: Grant
) -> Iterator[Step]:
    for account in cluster.accounts.get(namespace, ()):
        how = f"{action}, to run as service account {account}"
        notes = ("no level of Pod Security restricts the service account of a pod",)
        yield Step(source, make_account(namespace, account), how, (grant,), notes)


def _escape(
    cluster: AccessCluster,
    source: Identity,
    rights: Rights,
    namespace: str,
    action: str,
    grant: Grant,
) -> Iterator[Step]:
    """Leave a pod for its node: privileged, or through a volume of the host."""
    level = cluster.get_level(namespace)
    if level == "privileged":
        how = f"{action}, privileged"
        notes = (f"namespace {namespace} enforces no stricter level than privileged",)
        yield Step(source, NODE_ROOT, how, (grant,), notes)
        return
    label = rights.find_any(_WRITE, "namespaces", "", namespace, namespace)
    if label is not None:
        how = f"label namespace {namespace} privileged; {action}, privileged"
        notes = (f"namespace {namespace} enforces {level} until then",)
        yield Step(source, NODE_ROOT, how, (label, grant), notes)
    volume = rights.find("create", "persistentvolumes")
    claim = rights.find("create", "persistentvolumeclaims", "", namespace)
    if volume is not None and claim is not None:
        how = f"create a PersistentVolume of type hostPath and a claim to it; {action}"
        notes = (f"level {level} of namespace {namespace} lets claims to volumes in",)
        yield Step(source, NODE_ROOT, how, (volume, claim, grant), notes)


def _change_pods(
    cluster: AccessCluster, source: Identity, rights: Rights, namespace: str
) -> Iterator[Step]:
    """Exchange the image of a pod that is there; its service account stays."""
    if not any(rights.list_allowing(verb, "pods", "", namespace) for verb in _WRITE):
        return
    for account, pods in cluster.pods.get(namespace, {}).items():
        for pod in pods:
            grant = rights.find_any(_WRITE, "pods", "", namespace, pod.name)
            if grant is not None:
                how = f"change the image of pod {namespace}/{pod.name}"
                yield Step(source, make_account(namespace, account), how, (grant,))
                break


_DOORS = (
    ("create", "pods/exec", "run a command in"),
    ("create", "pods/attach", "attach to"),
    ("patch", "pods/ephemeralcontainers", "add a container to"),
    ("update", "pods/ephemeralcontainers", "add a container to"),
)


def _enter_pods(
    cluster: AccessCluster, source: Identity, rights: Rights, namespace: str, doubts: Doubts
) -> Iterator[Step]:
    """Run code in a pod that is there."""
    for verb, resource, words in _DOORS:
        if not rights.list_allowing(verb, resource, "", namespace):
            continue
        if not cluster.knows("Pod"):
            doubts.add(f"no Pod is in the input: what {resource} opens is not known")
            continue
        for account, pods in cluster.pods.get(namespace, {}).items():
            for pod in pods:
                grant = rights.find(verb, resource, "", namespace, pod.name)
                if grant is not None:
                    how = f"{words} pod {namespace}/{pod.name}"
                    yield Step(source, make_account(namespace, account), how, (grant,))
                    break


def _use_proxy(
    cluster: AccessCluster, source: Identity, rights: Rights, doubts: Doubts
) -> Iterator[Step]:
    """Run commands in any pod of a node through its kubelet, past admission and audit."""
    for verb in ("get", "create"):
        if not rights.list_allowing(verb, "nodes/proxy"):
            continue
        everywhere = rights.find(verb, "nodes/proxy")
        for pods in _list_groups(cluster):
            for pod in pods:
                grant = everywhere or rights.find(verb, "nodes/proxy", "", "", pod.node)
                if grant is not None:
                    where = f"by nodes/proxy of {pod.node}"
                    how = f"run a command in pod {pod.namespace}/{pod.name} {where}"
                    yield Step(source, make_account(pod.namespace, pod.account), how, (grant,))
                    break
        if not cluster.knows("Pod"):
            doubts.add("no Pod is in the input: what nodes/proxy opens is not known")


def _list_groups(cluster: AccessCluster) -> Iterator[list[RunningPod]]:
    """Yield the pods of each service account that are on a node."""
    for accounts in cluster.pods.values():
        for pods in accounts.values():
            bound = [pod for pod in pods if pod.node]
            if bound:
                yield bound


def list_node_steps(cluster: AccessCluster, doubts: Doubts) -> Iterator[Step]:
    """Yield what root on nodes opens: keys of the control plane, tokens of pods.

    The credential of a kubelet adds nothing: the node authorizer and NodeRestriction give it the
    tokens and secrets of pods on its node only.
    """
    note = ("NodeRestriction: a kubelet gets tokens of pods on its own node only",)
    if cluster.control_plane:
        how = f"read the keys of the control plane on node {cluster.control_plane[0]}"
        yield Step(NODE_ROOT, FULL_CONTROL, how)
    for pods in _list_groups(cluster):
        pod = pods[0]
        how = f"read the token of pod {pod.namespace}/{pod.name} on node {pod.node}"
        yield Step(NODE_ROOT, make_account(pod.namespace, pod.account), how, (), note)
    for kind in ("Node", "Pod"):
        if not cluster.knows(kind):
            doubts.add(f"no {kind} is in the input: what is found on nodes is not known")
