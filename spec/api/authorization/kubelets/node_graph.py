"""Which objects belong to which node, by the pods on it.

Source: `plugin/pkg/auth/authorizer/node/graph.go`, `VisitPodSecretNames` of `pkg/api/v1/pod` and
`pkg/api/v1/persistentvolume/util.go`, v1.36. Upstream fills the graph from informers, so it
lags behind; here it is what the objects say. Pods count whether they are finished or not.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from planespec.spec.objects.view import ApiObject, View

MIRROR_ANNOTATION = "kubernetes.io/config.mirror"

Vertex = tuple[str, str, str]
"""Resource, namespace ("" where it has none) and name."""

_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
_POD_VOLUME_SECRETS = (
    ("azureFile", "secretName", ""),
    ("secret", "secretName", ""),
    *((source, "secretRef", "name") for source in ("cephfs", "cinder", "flexVolume", "rbd")),
    *((source, "secretRef", "name") for source in ("scaleIO", "iscsi", "storageos")),
    ("csi", "nodePublishSecretRef", "name"),
)
"""Volume source, the field that names a secret, and the name in it where it is an object."""
_CLAIM_NAMESPACE_SOURCES = ("cephfs", "flexVolume", "rbd", "scaleIO", "iscsi")
"""Sources of volumes whose secret is in the claim's namespace where it names none."""
_CSI_SECRETS = ("nodePublishSecretRef", "nodeStageSecretRef", "nodeExpandSecretRef")


@dataclass(slots=True)
class NodeGraph:
    """Edges from objects toward nodes."""

    _edges: dict[Vertex, set[Vertex]] = field(default_factory=dict)

    def reaches(self, resource: str, namespace: str, name: str, node: str) -> bool:
        """Say whether some way leads from the object to the node."""
        goal = ("nodes", "", node)
        seen, waiting = set[Vertex](), [(resource, namespace, name)]
        while waiting:
            vertex = waiting.pop()
            if vertex == goal:
                return True
            if vertex not in seen:
                seen.add(vertex)
                waiting.extend(self._edges.get(vertex, ()))
        return False

    def add_pod(self, pod: ApiObject) -> None:
        """Add a pod and what it refers to; one without a node adds nothing. Raises ObjectError."""
        if not pod.spec.text("nodeName"):
            return
        home = pod.meta.namespace
        vertex = ("pods", home, pod.name)
        self._add(vertex, _node(pod.spec.text("nodeName")))
        # A node can create mirror pods, and must not gain access by what they refer to.
        if MIRROR_ANNOTATION in pod.meta.annotations:
            return
        for resource, name in list_references(pod):
            self._add((resource, home, name), vertex)

    def add_volume(self, volume: ApiObject) -> None:
        """Add a PersistentVolume that has a claim, and its secrets; raises ObjectError."""
        if not volume.spec.has("claimRef"):
            return
        claim = volume.spec.view("claimRef")
        home = claim.text("namespace")
        vertex = ("persistentvolumes", "", volume.name)
        self._add(vertex, ("persistentvolumeclaims", home, claim.text("name")))
        for namespace, name in _list_volume_secrets(volume.spec, home):
            if name:
                self._add(("secrets", namespace, name), vertex)

    def add_attachment(self, attachment: ApiObject) -> None:
        """Add a VolumeAttachment; raises ObjectError."""
        self._add_of_node("volumeattachments", "", attachment)

    def add_slice(self, piece: ApiObject) -> None:
        """Add a ResourceSlice; raises ObjectError."""
        self._add_of_node("resourceslices", "", piece)

    def add_certificate_request(self, request: ApiObject) -> None:
        """Add a PodCertificateRequest; raises ObjectError."""
        self._add_of_node("podcertificaterequests", request.meta.namespace, request)

    def _add_of_node(self, resource: str, namespace: str, each: ApiObject) -> None:
        node = each.spec.text("nodeName")
        if node:
            self._add((resource, namespace, each.name), _node(node))

    def _add(self, source: Vertex, target: Vertex) -> None:
        self._edges.setdefault(source, set()).add(target)


def _node(name: str) -> Vertex:
    return ("nodes", "", name)


def list_references(pod: ApiObject) -> Iterator[tuple[str, str]]:
    """Yield resource and name of every object that a pod refers to; raises ObjectError."""
    found = [("serviceaccounts", pod.spec.text("serviceAccountName"))]
    found += [("secrets", name) for name in list_secret_names(pod)]
    found += [("configmaps", name) for name in list_configmap_names(pod)]
    found += [("persistentvolumeclaims", name) for name in _list_claim_names(pod)]
    found += [("resourceclaims", name) for name in _list_resource_claims(pod)]
    yield from ((resource, name) for resource, name in found if name)


def list_secret_names(pod: ApiObject) -> Iterator[str]:
    """Yield the secrets that a pod names; raises ObjectError."""
    names = [each.text("name") for each in pod.spec.views("imagePullSecrets")]
    for container in _list_containers(pod):
        names += [each.view("secretRef").text("name") for each in container.views("envFrom")]
        for variable in container.views("env"):
            names.append(variable.view("valueFrom").view("secretKeyRef").text("name"))
    for volume in pod.spec.views("volumes"):
        for source, part, inner in _POD_VOLUME_SECRETS:
            place = volume.view(source)
            names.append(place.view(part).text(inner) if inner else place.text(part))
        sources = volume.view("projected").views("sources")
        names += [each.view("secret").text("name") for each in sources]
    yield from filter(None, names)


def list_configmap_names(pod: ApiObject) -> Iterator[str]:
    """Yield the ConfigMaps that a pod names; raises ObjectError."""
    names = []
    for container in _list_containers(pod):
        names += [each.view("configMapRef").text("name") for each in container.views("envFrom")]
        for variable in container.views("env"):
            names.append(variable.view("valueFrom").view("configMapKeyRef").text("name"))
    for volume in pod.spec.views("volumes"):
        names.append(volume.view("configMap").text("name"))
        sources = volume.view("projected").views("sources")
        names += [each.view("configMap").text("name") for each in sources]
    yield from filter(None, names)


def _list_containers(pod: ApiObject) -> Iterator[View]:
    for name in _CONTAINERS:
        yield from pod.spec.views(name)


def _list_claim_names(pod: ApiObject) -> Iterator[str]:
    for volume in pod.spec.views("volumes"):
        if volume.has("persistentVolumeClaim"):
            yield volume.view("persistentVolumeClaim").text("claimName")
        elif volume.has("ephemeral"):
            yield f"{pod.name}-{volume.text('name')}"


def _list_resource_claims(pod: ApiObject) -> Iterator[str]:
    """Yield the claims that exist: named ones, and those made of a template by now."""
    made = {
        each.text("name"): each.text("resourceClaimName")
        for each in pod.status.views("resourceClaimStatuses")
    }
    for claim in pod.spec.views("resourceClaims"):
        if claim.has("resourceClaimName"):
            yield claim.text("resourceClaimName")
        elif claim.has("resourceClaimTemplateName"):
            yield made.get(claim.text("name"), "")
    yield pod.status.view("extendedResourceClaimStatus").text("resourceClaimName")


def _list_volume_secrets(spec: View, home: str) -> Iterator[tuple[str, str]]:
    """Yield namespace and name of the secrets of a volume that a kubelet may see.

    A CSI driver's secrets for its controller are not among them.
    """
    azure = spec.view("azureFile")
    yield azure.text("secretNamespace") or home, azure.text("secretName")
    for source in _CLAIM_NAMESPACE_SOURCES:
        reference = spec.view(source).view("secretRef")
        yield reference.text("namespace") or home, reference.text("name")
    for source in ("cinder", "storageos"):
        reference = spec.view(source).view("secretRef")
        yield reference.text("namespace"), reference.text("name")
    for name in _CSI_SECRETS:
        reference = spec.view("csi").view(name)
        yield reference.text("namespace"), reference.text("name")
