"""ServiceAccount: whose rights a new pod has, the token it mounts, the secrets it may name.

Source: `plugin/pkg/admission/serviceaccount/admission.go` and `pkg/api/v1/pod/util.go`
(VisitPodSecretNames), v1.36. The flag for legacy tokens is off.
"""

from collections.abc import Callable, Iterator
from typing import Any

from planespec.spec.admission.pod_plugins import RefusedError
from planespec.spec.objects import ObjectMeta, Pod, View, list_containers

DEFAULT = "default"
MIRROR = "kubernetes.io/config.mirror"
ENFORCE_SECRETS = "kubernetes.io/enforce-mountable-secrets"
VOLUME_PREFIX = "kube-api-access-"
TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
TOKEN_SECONDS = 3607
_MODE = 0o644
_TRUE = ("1", "t", "T", "true", "TRUE", "True")

NameGenerator = Callable[[str], str]
"""Makes a unique name that begins with the text given."""
Sources = tuple[dict[str, Any], ...]


def is_mirror(pod: Pod) -> bool:
    """Say whether the pod shows what a kubelet runs by itself."""
    return MIRROR in pod.meta.annotations


def get_account_name(pod: Pod) -> str:
    """Return the service account of the pod, the default one where it names none."""
    return pod.spec.text("serviceAccountName") or DEFAULT


def give_account(
    pod: Pod, account: View, generate: NameGenerator, more_sources: Sources = ()
) -> Pod:
    """Return the pod with the account, its pull secrets and its token.

    `generate` names the volume of the token; `more_sources` are projected beside it, as
    distributions of Kubernetes do.
    """
    spec: dict[str, Any] = dict(pod.spec.data)
    spec["serviceAccountName"] = spec["serviceAccount"] = get_account_name(pod)
    if _is_mounted(pod, account):
        _mount_token(spec, generate, more_sources)
    pull = [{"name": each.text("name")} for each in account.views("imagePullSecrets")]
    if pull and not spec.get("imagePullSecrets"):
        spec["imagePullSecrets"] = pull
    return Pod({**pod.data, "spec": spec}, pod.field)


def _is_mounted(pod: Pod, account: View) -> bool:
    for holder in (pod.spec, account):
        if holder.has("automountServiceAccountToken"):
            return holder.flag("automountServiceAccountToken")
    return True


def _mount_token(spec: dict[str, Any], generate: NameGenerator, more: Sources) -> None:
    volumes = View(spec).views("volumes")
    own = (each for each in volumes if each.text("name").startswith(VOLUME_PREFIX))
    found = next((each for each in own if each.has("projected")), None)
    name = generate(VOLUME_PREFIX) if found is None else found.text("name")
    mount = {"name": name, "readOnly": True, "mountPath": TOKEN_PATH}
    is_needed = False
    for kind in ("initContainers", "containers"):
        containers = View(spec).views(kind)
        lacking = [each for each in containers if not _has_mount(each)]
        is_needed |= bool(lacking)
        if lacking:
            spec[kind] = [
                each.data
                if _has_mount(each)
                else {**each.data, "volumeMounts": [*each.items("volumeMounts"), mount]}
                for each in containers
            ]
    if is_needed and found is None:
        spec["volumes"] = [*(each.data for each in volumes), _make_volume(name, more)]


def _has_mount(container: View) -> bool:
    return any(each.text("mountPath") == TOKEN_PATH for each in container.views("volumeMounts"))


def _make_volume(name: str, more: Sources) -> dict[str, Any]:
    reference = {"apiVersion": "v1", "fieldPath": "metadata.namespace"}
    authority = [{"key": "ca.crt", "path": "ca.crt"}]
    sources = [
        {"serviceAccountToken": {"expirationSeconds": TOKEN_SECONDS, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": authority}},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": reference}]}},
        *more,
    ]
    return {"name": name, "projected": {"sources": sources, "defaultMode": _MODE}}


# What is refused.


def check_mirror(pod: Pod) -> None:
    """Refuse a mirror pod that has an account, names secrets or asks for a token."""
    if pod.spec.text("serviceAccountName"):
        raise RefusedError("a mirror pod may not reference service accounts")
    if any(_list_secrets(pod.spec)):
        raise RefusedError("a mirror pod may not reference secrets")
    for volume in pod.spec.views("volumes"):
        sources = volume.view("projected").views("sources")
        if any(each.has("serviceAccountToken") for each in sources):
            words = "a mirror pod may not use ServiceAccountToken volume projections"
            raise RefusedError(words)


def check_secrets(pod: Pod, account: View) -> None:
    """Refuse secrets that the account does not list, where it is annotated so."""
    meta = ObjectMeta(account.data.get("metadata"), "metadata")
    if meta.annotations.get(ENFORCE_SECRETS, "") not in _TRUE:
        return
    listed = {each.text("name") for each in account.views("secrets")}
    words = f"is not allowed because service account {meta.name} does not reference that"
    for where, name in _list_limited(pod.spec):
        if name not in listed:
            raise RefusedError(f'{where} secret.secretName="{name}" {words} secret')
    pull = {each.text("name") for each in account.views("imagePullSecrets")}
    for index, each in enumerate(pod.spec.views("imagePullSecrets")):
        name = each.text("name")
        if name not in pull:
            raise RefusedError(f'imagePullSecrets[{index}].name="{name}" {words} imagePullSecret')


def _list_limited(spec: View) -> Iterator[tuple[str, str]]:
    """Yield what names a secret, and the secret: volumes, then variables of containers."""
    for volume in spec.views("volumes"):
        if volume.has("secret"):
            yield "volume with", volume.view("secret").text("secretName")
    for kind, word in (("initContainers", "init container"), ("containers", "container")):
        for container in spec.views(kind):
            who = f"{word} {container.text('name')} with"
            for variable in container.views("env"):
                source = variable.view("valueFrom")
                if source.has("secretKeyRef"):
                    where = f"{who} envVar {variable.text('name')} referencing"
                    yield where, source.view("secretKeyRef").text("name")
            for each in container.views("envFrom"):
                if each.has("secretRef"):
                    yield f"{who} envFrom referencing", each.view("secretRef").text("name")


_SECRETS_OF_VOLUMES = {
    "azureFile": "secretName",
    "cephfs": "secretRef",
    "cinder": "secretRef",
    "flexVolume": "secretRef",
    "rbd": "secretRef",
    "secret": "secretName",
    "scaleIO": "secretRef",
    "iscsi": "secretRef",
    "storageos": "secretRef",
    "csi": "nodePublishSecretRef",
}


def _list_secrets(spec: View) -> Iterator[str]:
    """Yield every secret that a pod names."""
    yield from (each.text("name") for each in spec.views("imagePullSecrets"))
    for container in list_containers(spec):
        for each in container.views("envFrom"):
            if each.has("secretRef"):
                yield each.view("secretRef").text("name")
        for variable in container.views("env"):
            if variable.view("valueFrom").has("secretKeyRef"):
                yield variable.view("valueFrom").view("secretKeyRef").text("name")
    for volume in spec.views("volumes"):
        for kind, name in _SECRETS_OF_VOLUMES.items():
            source = volume.view(kind)
            if source.has(name):
                is_text = name == "secretName"
                yield source.text(name) if is_text else source.view(name).text("name")
        for source in volume.view("projected").views("sources"):
            if source.has("secret"):
                yield source.view("secret").text("name")
