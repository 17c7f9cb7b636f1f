"""Reading all but pods: workloads, nodes, Services, claims, volumes, budgets."""

from collections.abc import Iterator, Mapping

from planespec.spec.cluster.cluster_requirements import (
    ALLOCATABLE,
    NODE_READY,
    POD_SUCCEEDS,
    STATUS_ADDS_UP,
    WORKLOAD_AVAILABLE,
    Reference,
)
from planespec.spec.cluster.pod_records import read_owner
from planespec.spec.cluster.pod_template import PodTemplates
from planespec.spec.cluster.snapshot_records import (
    Backend,
    BudgetRecord,
    ClaimRecord,
    IngressRecord,
    NamedRecord,
    NodeCondition,
    NodeRecord,
    NodeTaint,
    Port,
    ServiceRecord,
    VolumeRecord,
    WorkloadRecord,
)
from planespec.spec.labels import Selector, read_label_selector
from planespec.spec.objects import Node, ObjectError, ObjectMeta, View
from planespec.spec.objects.interning import Stored
from planespec.spec.objects.volumes import (
    BETA_CLASS_ANNOTATION,
    PersistentVolume,
    PersistentVolumeClaim,
)
from planespec.spec.objects.workload_views import WorkloadView
from planespec.spec.scheduling.amounts import PODS, build_amounts
from planespec.spec.scheduling.pod_amounts import compute_pod_amounts

# Reading workloads, nodes and their troubles.


_REPLICATED = ("Deployment", "ReplicaSet", "StatefulSet", "ReplicationController")


def read_workload(
    reference: Reference, view: View, meta: ObjectMeta, templates: PodTemplates
) -> WorkloadRecord:
    """Read a workload with its pod template. Raises ObjectError."""
    workload = WorkloadView(reference.kind, view.data)
    spec, holder, template = workload.spec, workload.holder, workload.template
    replicas = spec.integer("replicas")
    try:
        found = templates.read(_leave_out_own_claims(spec, template.data))
        compute_pod_amounts(found.pod)
    except ObjectError as error:
        raise ObjectError(template.path(error.field), error.message) from error
    has_selector = reference.kind not in ("Job", "CronJob") and spec.has("selector")
    return WorkloadRecord(
        reference=reference,
        uid=meta.uid,
        owner=read_owner(meta),
        replicas=_count_replicas(reference.kind, holder, replicas),
        selector=_read_selector(reference.kind, spec) if has_selector else None,
        labels=template.meta.labels,
        template=found,
        service=spec.text("serviceName") if reference.kind == "StatefulSet" else "",
        troubles=tuple(_list_troubles(reference.kind, spec, view.view("status"))),
    )


def _leave_out_own_claims(spec: View, template: Mapping[str, object]) -> Mapping[str, object]:
    """Empty the volumes that a StatefulSet replaces by claims that it makes of its templates."""
    own = {
        ObjectMeta(claim.data.get("metadata"), claim.path("metadata")).name
        for claim in spec.views("volumeClaimTemplates")
    }
    pod = View(template).view("spec")
    volumes = pod.views("volumes") if own else ()
    if not any(volume.text("name") in own for volume in volumes):
        return template
    kept = [{"name": v.text("name")} if v.text("name") in own else v.data for v in volumes]
    return {**template, "spec": {**pod.data, "volumes": kept}}


def _read_selector(kind: str, spec: View) -> Selector:
    """Read a selector; a ReplicationController's is a map of labels."""
    data = spec.data.get("selector")
    if kind == "ReplicationController":
        data = {"matchLabels": spec.text_map("selector")}
    return read_label_selector(data, spec.path("selector"))


def _count_replicas(kind: str, spec: View, replicas: int | None) -> int:
    """Return how many pods run side by side; a DaemonSet has one on each node, so several."""
    if kind == "DaemonSet":
        return 2
    if kind in ("Job", "CronJob"):
        return spec.integer("parallelism") or 1
    return 1 if replicas is None else replicas


def _list_troubles(kind: str, spec: View, status: View) -> Iterator[tuple[str, str]]:
    if not status.data:
        return
    if kind in _REPLICATED:
        wanted = spec.integer("replicas")
        wanted = 1 if wanted is None else wanted
        total, ready, available = (
            status.integer(name) or 0
            for name in ("replicas", "readyReplicas", "availableReplicas")
        )
        if not available <= ready <= total:
            message = f"{available} available, {ready} ready, {total} replicas"
            yield STATUS_ADDS_UP.id, message
        if ready < wanted:
            yield WORKLOAD_AVAILABLE.id, f"wants {wanted} replicas, has {total}, {ready} ready"
    if kind == "DaemonSet":
        wanted = status.integer("desiredNumberScheduled") or 0
        ready = status.integer("numberReady") or 0
        if ready < wanted:
            yield WORKLOAD_AVAILABLE.id, f"wants {wanted} pods, {ready} are ready"
    if kind == "Job":
        for condition in status.views("conditions"):
            if condition.text("type") == "Failed" and condition.text("status") == "True":
                yield POD_SUCCEEDS.id, f"the job has failed: {condition.text('reason')}"


def read_node(reference: Reference, stored: Stored, view: View) -> NodeRecord:
    """Read a node; `view` is what is in the store. Raises ObjectError."""
    node = Node(view.data)
    allocatable = node.allocatable
    return NodeRecord(
        reference=reference,
        node=Node(stored),
        labels=node.meta.labels,
        allocatable=build_amounts(allocatable),
        pods=allocatable[PODS].value if PODS in allocatable else 0,
        images=frozenset(
            name for image in node.status.views("images") for name in image.texts("names")
        ),
        conditions=tuple(_list_conditions(node)),
        taints=tuple(
            NodeTaint(taint.text("key"), taint.text("effect"), taint.text("timeAdded"))
            for taint in node.spec.views("taints")
        ),
        troubles=tuple(_list_node_troubles(node)),
    )


def _list_conditions(node: Node) -> Iterator[NodeCondition]:
    for condition in node.status.views("conditions"):
        yield NodeCondition(
            condition.text("type"),
            condition.text("status"),
            condition.text("message"),
            condition.text("lastTransitionTime"),
            condition.text("lastHeartbeatTime"),
        )


def _list_node_troubles(node: Node) -> Iterator[tuple[str, str]]:
    node.taints, node.is_unschedulable  # noqa: B018  read here, so that errors name the node
    for condition in node.status.views("conditions"):
        if condition.text("type") == "Ready" and condition.text("status") != "True":
            words = ": ".join(filter(None, (condition.text("reason"), condition.text("message"))))
            yield NODE_READY.id, f"Ready is {condition.text('status')}: {words}"
    capacity = node.capacity
    for name, offered in node.allocatable.items():
        if name in capacity and offered > capacity[name]:
            yield (
                ALLOCATABLE.id,
                f"allocatable {name} {offered} is above capacity {capacity[name]}",
            )


def read_service(reference: Reference, view: View) -> ServiceRecord:
    """Read a Service. Raises ObjectError."""
    spec = view.view("spec")
    is_external = spec.text("type") == "ExternalName"
    ports = [_read_port(port) for port in spec.views("ports")]
    return ServiceRecord(
        reference,
        spec.text_map("selector"),
        ports,
        is_external,
    )


def _read_port(view: View) -> Port:
    target = view.data.get("targetPort")
    if target is not None and (isinstance(target, bool) or not isinstance(target, str | int)):
        raise ObjectError(view.path("targetPort"), "must be an integer or a string")
    name = target if isinstance(target, str) and not target.isdigit() else ""
    number = view.integer("port") or 0
    target_number = 0 if name else int(target or number)
    return Port(view.text("name"), number, name, view.path("targetPort"), target_number)


def read_ingress(reference: Reference, view: View, meta: ObjectMeta) -> IngressRecord:
    """Read an Ingress of networking.k8s.io/v1. Raises ObjectError."""
    spec = view.view("spec")
    views = [spec.view("defaultBackend")] if spec.has("defaultBackend") else []
    for rule in spec.views("rules"):
        views += [path.view("backend") for path in rule.view("http").views("paths")]
    backends = []
    for backend in views:
        service = backend.view("service")
        port = service.view("port")
        if service.has("name"):
            name, number = port.text("name"), port.integer("number") or 0
            backends.append(Backend(service.text("name"), name, number, service.path("name")))
    class_name = spec.text("ingressClassName")
    return IngressRecord(
        reference, class_name or meta.annotations.get("kubernetes.io/ingress.class", ""), backends
    )


def read_claim(reference: Reference, view: View) -> ClaimRecord:
    """Read a claim. Raises ObjectError."""
    claim = PersistentVolumeClaim(view.data)
    names_class = claim.spec.has("storageClassName") or "storageClassName" in claim.spec.data
    names_class = names_class or BETA_CLASS_ANNOTATION in claim.meta.annotations
    needed = ("class_name", "volume_name", "access_modes", "requested_storage", "phase")
    for name in needed:
        getattr(claim, name)  # read here, so that errors name the claim
    return ClaimRecord(reference, claim, names_class)


def read_volume(reference: Reference, view: View) -> VolumeRecord:
    """Read a volume. Raises ObjectError."""
    volume = PersistentVolume(view.data)
    for read in (volume.class_name, volume.capacity, volume.access_modes, volume.phase):
        del read
    for name in ("namespace", "name", "uid"):
        volume.spec.view("claimRef").text(name)
    return VolumeRecord(reference, volume)


def read_budget(reference: Reference, view: View) -> BudgetRecord:
    """Read a disruption budget. Raises ObjectError or SelectorError."""
    spec = view.view("spec")
    numbers = []
    for name in ("minAvailable", "maxUnavailable"):
        value = spec.data.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, str | int)):
            raise ObjectError(spec.path(name), "must be an integer or a percentage")
        if isinstance(value, str) and not (value.endswith("%") and value[:-1].isdigit()):
            raise ObjectError(spec.path(name), f"must be a percentage, not {value!r}")
        numbers.append(value)
    selector = read_label_selector(spec.data.get("selector"), spec.path("selector"))
    return BudgetRecord(reference, selector, *numbers)


def read_named(reference: Reference, view: View, meta: ObjectMeta) -> NamedRecord:
    """Read what matters of any other object. Raises ObjectError."""
    keys: set[str] = set()
    if reference.kind in ("ConfigMap", "Secret"):
        for name in ("data", "binaryData", "stringData"):
            keys.update(view.view(name).data)
    return NamedRecord(
        reference,
        meta.uid,
        frozenset(keys),
        tuple(_list_links(reference, view)),
        view.integer("value") if reference.kind == "PriorityClass" else None,
    )


def _list_links(reference: Reference, view: View) -> Iterator[tuple[str, str, str]]:
    if reference.kind in ("RoleBinding", "ClusterRoleBinding"):
        role = view.view("roleRef")
        yield role.text("kind"), role.text("name"), role.path("name")
    if reference.kind == "HorizontalPodAutoscaler":
        target = view.view("spec").view("scaleTargetRef")
        if target.has("name"):
            yield target.text("kind"), target.text("name"), target.path("name")
