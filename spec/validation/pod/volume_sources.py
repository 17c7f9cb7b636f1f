"""Rules for where a volume comes from, in pods and in PersistentVolumes.

Source: `pkg/apis/core/validation/validation.go`, validateVolumeSource, v1.36.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from planespec.spec.names import get_dns1123_label_errors, get_dns1123_subdomain_errors
from planespec.spec.objects import View
from planespec.spec.schema.enumerations import ENUMERATIONS
from planespec.spec.validation.field_errors import (
    Errors,
    checked,
    each_invalid,
    forbidden,
    invalid,
    not_supported,
    required,
    too_long,
)
from planespec.spec.validation.value_rules import (
    get_range_errors,
    validate_file_path,
    validate_relative_path,
    validate_without_backsteps,
)

Rule = Callable[[View], Errors]
HOST_PATH_TYPES = ("", *ENUMERATIONS["core.HostPathVolumeSource"]["type"])
_CACHING_MODES = ENUMERATIONS["core.AzureDiskVolumeSource"]["cachingMode"]
_PULL_POLICIES = ENUMERATIONS["core.ImageVolumeSource"]["pullPolicy"]
_ISCSI_FORMS = {
    "iqn": r"iqn\.\d{4}-\d{2}\.([a-zA-Z0-9.-]+)(:[^,;*&$|\s]+)",
    "eui": "eui.[a-zA-Z0-9]{16}",
    "naa": "naa.[a-zA-Z0-9]{32}",
}
_DISK_KINDS = ENUMERATIONS["core.AzureDiskVolumeSource"]["kind"]
_MANAGED_DISK = (
    "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/"
    "{disk-id}"
)
_BLOB_DISK = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"


def validate_sources(view: View, rules: Mapping[str, Rule]) -> Errors:
    """Exactly one source is given, and by its own rule it is right.

    The first of several is judged, the others are refused.
    """
    found = [name for name in rules if view.has(name)]
    for index, name in enumerate(found):
        if index:
            yield forbidden(view.path(name), "may not specify more than 1 volume type")
        else:
            yield from rules[name](view.view(name))
    if not found:
        yield required(view.field, "must specify a volume type")


def needing(*names: str) -> Rule:
    """Return the rule that these texts or lists are not empty."""

    def rule(view: View) -> Errors:
        for name in names:
            if not view.data.get(name):
                yield required(view.path(name))

    return rule


def together(*rules: Rule) -> Rule:
    """Return the rule that all of these hold."""

    def rule(view: View) -> Errors:
        for each in rules:
            yield from each(view)

    return rule


def with_partition(needed: str) -> Rule:
    """Return the rule of a disk that has a name and partitions 0 to 255."""

    def rule(view: View) -> Errors:
        yield from needing(needed)(view)
        partition = view.integer("partition") or 0
        # Upstream says from 1, and takes 0 for the whole disk.
        if not 0 <= partition <= 255:
            detail = get_range_errors(-1, 1, 255)
            yield from each_invalid(view.path("partition"), partition, detail)

    return rule


def with_secret(*fields: str, needs: Sequence[str] = ("name",)) -> Rule:
    """Return the rule that the secret a source names has these fields."""
    inner = needing(*needs)

    def rule(view: View) -> Errors:
        yield from needing(*fields)(view)
        if view.has("secretRef"):
            yield from inner(view.view("secretRef"))

    return rule


def validate_host_path(view: View) -> Errors:
    """Source: validateHostPathVolumeSource."""
    path = view.text("path")
    if not path:
        yield required(view.path("path"))
        return
    yield from validate_without_backsteps(view.path("path"), path)
    kind = view.text("type")
    if kind not in HOST_PATH_TYPES:
        yield not_supported(view.path("type"), kind, HOST_PATH_TYPES)


def validate_empty_directory(view: View) -> Errors:
    """A limit is not negative."""
    if view.has("sizeLimit") and view.quantity("sizeLimit").sign < 0:
        words = "SizeLimit field must be a valid resource quantity"
        yield forbidden(view.path("sizeLimit"), words)


def _validate_git(view: View) -> Errors:
    yield from needing("repository")(view)
    yield from validate_relative_path(view.path("directory"), view.text("directory"))


def validate_nfs(view: View) -> Errors:
    """Source: validateNFSVolumeSource."""
    yield from needing("server", "path")(view)
    path = view.text("path")
    if not path.startswith("/"):
        yield invalid(view.path("path"), path, "must be an absolute path")


def validate_mode(view: View, name: str) -> Errors:
    """A mode of files is within 0777."""
    mode = view.integer(name)
    if mode is not None and not 0 <= mode <= 0o777:
        words = "must be a number between 0 and 0777 (octal), both inclusive"
        yield invalid(view.path(name), mode, words)


def validate_items(views: Iterable[View]) -> Errors:
    """Source: validateKeyToPath."""
    for item in views:
        yield from needing("key", "path")(item)
        yield from validate_file_path(item.path("path"), item.text("path"))
        yield from validate_mode(item, "mode")


def _configuration(name: str) -> Rule:
    def rule(view: View) -> Errors:
        yield from needing(name)(view)
        yield from validate_mode(view, "defaultMode")
        yield from validate_items(view.views("items"))

    return rule


def _validate_iscsi_name(field: str, value: str) -> Errors:
    form = _ISCSI_FORMS.get(value[:3])
    if form is None:
        yield invalid(field, value, "must be valid format starting with iqn, eui, or naa")
    elif not re.search(f"{form}$" if value[:3] == "iqn" else f"^{form}$", value):
        yield invalid(field, value, "must be valid format")


def validate_iscsi(view: View) -> Errors:
    """Source: validateISCSIVolumeSource."""
    yield from needing("targetPortal", "iqn")(view)
    if view.text("iqn"):
        yield from _validate_iscsi_name(view.path("iqn"), view.text("iqn"))
    lun = view.integer("lun") or 0
    yield from each_invalid(view.path("lun"), lun, get_range_errors(lun, 0, 255))
    has_login = view.flag("chapAuthDiscovery") or view.flag("chapAuthSession")
    if has_login and not view.has("secretRef"):
        yield required(view.path("secretRef"))
    if view.has("initiatorName"):
        yield from _validate_iscsi_name(view.path("initiatorname"), view.text("initiatorName"))


def validate_fibre_channel(view: View) -> Errors:
    """Source: validateFCVolumeSource."""
    field, names = view.path("targetWWNs"), view.texts("targetWWNs")
    if not names and not view.items("wwids"):
        yield required(field, "must specify either targetWWNs or wwids, but not both")
    if names and view.items("wwids"):
        yield invalid(field, names, "targetWWNs and wwids can not be specified simultaneously")
    if names:
        lun = view.integer("lun")
        if lun is None:
            yield required(view.path("lun"), "lun is required if targetWWNs is specified")
        else:
            yield from each_invalid(view.path("lun"), lun, get_range_errors(lun, 0, 255))


def _validate_flocker(view: View) -> Errors:
    name, uid = view.text("datasetName"), view.text("datasetUUID")
    if not name and not uid:
        yield required(view.field, "one of datasetName and datasetUUID is required")
    if name and uid:
        words = "datasetName and datasetUUID can not be specified simultaneously"
        yield invalid(view.field, "resource", words)
    if "/" in name:
        yield invalid(view.path("datasetName"), name, "must not contain '/'")


def _validate_quobyte(view: View) -> Errors:
    registry, words = view.text("registry"), "must be a host:port pair or multiple pairs"
    if not registry:
        yield required(view.path("registry"), f"{words} separated by commas")
    elif len(view.text("tenant")) >= 65:
        detail = "must be a UUID and may not exceed a length of 64 characters"
        yield required(view.path("tenant"), detail)
    else:
        for pair in registry.split(","):
            if not re.fullmatch(r"([^:\[\]]*|\[[^\[\]]*\]):[^:\[\]]*", pair):
                detail = f"{words} separated by commas"
                yield invalid(view.path("registry"), registry, detail)
    yield from needing("volume")(view)


def validate_flexible(view: View) -> Errors:
    """Source: validateFlexVolumeSource."""
    yield from needing("driver")(view)
    for key in view.text_map("options"):
        space = "." + key.partition("/")[0].lower()
        if space.endswith((".kubernetes.io", ".k8s.io")):
            words = "kubernetes.io and k8s.io namespaces are reserved"
            yield invalid(f"{view.path('options')}[{key}]", key, words)


def _validate_azure_disk(view: View) -> Errors:
    yield from needing("diskName", "diskURI")(view)
    caching, kind, uri = (view.text(each) for each in ("cachingMode", "kind", "diskURI"))
    if caching and caching not in _CACHING_MODES:
        yield not_supported(view.path("cachingMode"), caching, _CACHING_MODES)
    if kind and kind not in _DISK_KINDS:
        yield not_supported(view.path("kind"), kind, _DISK_KINDS)
    if kind == "Managed" and not uri.startswith("/subscriptions/"):
        yield not_supported(view.path("diskURI"), uri, (_MANAGED_DISK,))
    if kind not in ("", "Managed") and not uri.startswith("https://"):
        yield not_supported(view.path("diskURI"), uri, (_BLOB_DISK,))


def _validate_storage_os(needs: Sequence[str]) -> Rule:
    inner = with_secret(needs=needs)

    def rule(view: View) -> Errors:
        name, space = view.text("volumeName"), view.text("volumeNamespace")
        if not name:
            yield required(view.path("volumeName"))
        else:
            yield from checked(view.path("volumeName"), name, get_dns1123_label_errors)
        if space:
            yield from checked(view.path("volumeNamespace"), space, get_dns1123_label_errors)
        yield from inner(view)

    return rule


def validate_driver_name(field: str, name: str) -> Errors:
    """Source: ValidateCSIDriverName."""
    if not name:
        yield required(field)
    if len(name) > 63:
        yield too_long(field, 63)
    yield from each_invalid(field, name, get_dns1123_subdomain_errors(name.lower()))


def _validate_csi(view: View) -> Errors:
    """Source: validateCSIVolumeSource."""
    yield from validate_driver_name(view.path("driver"), view.text("driver"))
    if view.has("nodePublishSecretRef"):
        secret = view.view("nodePublishSecretRef")
        name = secret.text("name")
        if not name:
            yield required(secret.path("name"))
        else:
            yield from checked(view.path("name"), name, get_dns1123_subdomain_errors)


def _validate_image(view: View) -> Errors:
    """Source: validateImageVolumeSource."""
    yield from needing("reference")(view)
    policy = view.text("pullPolicy")
    if policy and policy not in _PULL_POLICIES:
        yield not_supported(view.path("pullPolicy"), policy, _PULL_POLICIES)


def _at(name: str, rule: Rule) -> Rule:
    """Return a rule whose errors name the field as upstream spells it."""

    def renamed(view: View) -> Errors:
        parent = view.field.rpartition(".")[0]
        return rule(View(view.data, f"{parent}.{name}"))

    return renamed


_SCALE_IO = needing("gateway", "system", "volumeName")
SHARED_SOURCES: dict[str, Rule] = {
    "gcePersistentDisk": _at("persistentDisk", with_partition("pdName")),
    "awsElasticBlockStore": with_partition("volumeID"),
    "nfs": validate_nfs,
    "glusterfs": needing("endpoints", "path"),
    "flocker": _validate_flocker,
    "rbd": needing("monitors", "image"),
    "cephfs": needing("monitors"),
    "quobyte": _validate_quobyte,
    "fc": validate_fibre_channel,
    "flexVolume": validate_flexible,
    "azureFile": needing("secretName", "shareName"),
    "vsphereVolume": needing("volumePath"),
    "photonPersistentDisk": needing("pdID"),
    "portworxVolume": needing("volumeID"),
    "azureDisk": _validate_azure_disk,
    "scaleIO": _SCALE_IO,
}
"""Sources of pods and of PersistentVolumes with the same rule."""
SIMPLE_SOURCES: dict[str, Rule] = SHARED_SOURCES | {
    "emptyDir": validate_empty_directory,
    "hostPath": validate_host_path,
    "gitRepo": _validate_git,
    "secret": _configuration("secretName"),
    "configMap": _configuration("name"),
    "iscsi": validate_iscsi,
    "persistentVolumeClaim": needing("claimName"),
    "cinder": with_secret("volumeID"),
    "storageos": _validate_storage_os(("name",)),
    "csi": _validate_csi,
    "image": _validate_image,
}
"""Sources of a pod's volumes, all but those that need more of the pod."""
PERSISTENT_SOURCES: dict[str, Rule] = SHARED_SOURCES | {
    "hostPath": validate_host_path,
    "iscsi": validate_iscsi,
    "cinder": with_secret("volumeID", needs=("name", "namespace")),
    "storageos": _validate_storage_os(("name", "namespace")),
}
"""Sources of a PersistentVolume, all but local and CSI ones."""


def list_names(views: Iterable[View]) -> Iterator[str]:
    """Yield the names of objects that have one."""
    for view in views:
        if name := view.text("name"):
            yield name
