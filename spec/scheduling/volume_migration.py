"""In-tree volumes that are served by a CSI driver: which driver, and which handle.

Migration is on for good since v1.31 at the latest for all of these; a node takes part in it once
its CSINode names the plugin in the annotation. Portworx counts where its CSI driver is installed.
Source: `staging/src/k8s.io/csi-translation-lib/plugins/` and
`pkg/scheduler/framework/plugins/nodevolumelimits/utils.go` (isCSIMigrationOn).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from planespec.spec.objects import View
from planespec.spec.objects.volumes import CSINode, PersistentVolume

MIGRATED_PLUGINS = "storage.alpha.kubernetes.io/migrated-plugins"
"""The annotation of a CSINode that lists the migrated plugins of its kubelet."""


class InTree(NamedTuple):
    """An in-tree volume plugin and the driver that took it over."""

    plugin: str
    """Its name, which is also the provisioner of its storage classes."""
    driver: str
    field: str
    """The volume source, of a PersistentVolume and of a pod."""
    get_handle: Callable[[View], str]
    """What tells two disks apart."""
    zone: str = ""
    """The label of nodes that stands for the zone of a migrated volume; "" where none does."""
    region: str = ""


def _read_azure_file(source: View) -> str:
    names = (source.text("secretNamespace"), source.text("shareName"), source.text("secretName"))
    return "#".join(names)


IN_TREE = (
    InTree(
        "kubernetes.io/aws-ebs",
        "ebs.csi.aws.com",
        "awsElasticBlockStore",
        lambda source: source.text("volumeID").rpartition("/")[2],
        "topology.ebs.csi.aws.com/zone",
    ),
    InTree(
        "kubernetes.io/gce-pd",
        "pd.csi.storage.gke.io",
        "gcePersistentDisk",
        lambda source: source.text("pdName"),
        "topology.gke.io/zone",
    ),
    InTree(
        "kubernetes.io/azure-disk",
        "disk.csi.azure.com",
        "azureDisk",
        lambda source: source.text("diskURI"),
    ),
    InTree("kubernetes.io/azure-file", "file.csi.azure.com", "azureFile", _read_azure_file),
    InTree(
        "kubernetes.io/cinder",
        "cinder.csi.openstack.org",
        "cinder",
        lambda source: source.text("volumeID"),
        "topology.cinder.csi.openstack.org/zone",
    ),
    InTree(
        "kubernetes.io/vsphere-volume",
        "csi.vsphere.vmware.com",
        "vsphereVolume",
        lambda source: source.text("volumePath"),
        "topology.csi.vmware.com/zone",
        "topology.csi.vmware.com/region",
    ),
    InTree(
        "kubernetes.io/portworx-volume",
        "pxd.portworx.com",
        "portworxVolume",
        lambda source: source.text("volumeID"),
    ),
)
"""The plugins that migration covers."""
_TOPOLOGY = (
    ("topology.kubernetes.io/zone", "topology.kubernetes.io/region"),
    ("failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region"),
)
"""The labels of zone and region, those of today first."""
_DELIMITER = "__"
BY_PLUGIN: Mapping[str, InTree] = {each.plugin: each for each in IN_TREE}


def read_migrated_plugins(csi_node: CSINode) -> frozenset[str]:
    """Return the in-tree plugins that the node's kubelet leaves to CSI drivers."""
    listed = csi_node.meta.annotations.get(MIGRATED_PLUGINS, "")
    return frozenset(filter(None, listed.split(",")))


def find_disk(source: View, migrated: frozenset[str], volume: str = "") -> tuple[str, str] | None:
    """Return driver and handle of an in-tree source on a node with these migrated plugins.

    `source` holds the fields of a pod's volume or of a PersistentVolume's spec. None where it is
    no such source, or its plugin is not migrated there.
    """
    for each in IN_TREE:
        if each.plugin in migrated and source.has(each.field):
            return each.driver, each.get_handle(source.view(each.field)) or volume
    return None


def find_volume_disk(volume: PersistentVolume, migrated: frozenset[str]) -> tuple[str, str] | None:
    """Return driver and handle of a volume: of its CSI source, or of a migrated one."""
    csi = volume.csi
    if csi is not None:
        driver, handle = csi.text("driver"), csi.text("volumeHandle")
        return (driver, handle) if driver and handle else None
    return find_disk(volume.spec, migrated, volume.name)


# Where a migrated volume can be reached from.
#
# Source: `csi-translation-lib/plugins/in_tree_volume.go` and `vsphere_volume.go`
# (translateTopologyFromInTreeToCSI, translateTopologyFromInTreevSphereToCSI).


def migrate_affinity(volume: PersistentVolume, csi_node: CSINode | None) -> PersistentVolume:
    """Return the volume as a node sees it that leaves its plugin to a CSI driver.

    The zone in its node affinity, or else in its labels, is asked of the driver's own label.
    """
    if csi_node is None:
        return volume
    migrated = read_migrated_plugins(csi_node)
    for each in IN_TREE:
        if each.zone and each.plugin in migrated and volume.spec.has(each.field):
            affinity = volume.spec.view("nodeAffinity").view("required")
            terms = [_read_term(term) for term in affinity.views("nodeSelectorTerms")]
            required = {"nodeSelectorTerms": _translate(each, volume, terms)}
            if not required["nodeSelectorTerms"]:
                return volume
            spec = {**volume.spec.data, "nodeAffinity": {"required": required}}
            return PersistentVolume({**volume.data, "spec": spec}, volume.field)
    return volume


_Term = dict[str, Any]


def _read_term(term: View) -> _Term:
    asked = [dict(each.data) for each in term.views("matchExpressions")]
    return {**term.data, "matchExpressions": asked}


def _translate(plugin: InTree, volume: PersistentVolume, terms: Sequence[_Term]) -> list[_Term]:
    zone, region = _find_labels(volume, terms)
    current = plugin.region or _TOPOLOGY[0][1]
    made = [*terms]
    for old, new, is_labelled in (
        (zone, plugin.zone, True),
        (region, current, bool(plugin.region)),
    ):
        if any(each.get("values") for each in _list_asked(made, old)):
            for each in _list_asked(made, old):
                each["key"] = new
        elif is_labelled and (values := _read_label(volume, old)):
            added = {"key": new, "operator": "In", "values": values}
            made = made or [{"matchExpressions": []}]
            for term in made:
                term["matchExpressions"].append(dict(added))
    return made


def _list_asked(terms: Sequence[_Term], key: str) -> Iterator[dict[str, Any]]:
    for term in terms:
        yield from (each for each in term["matchExpressions"] if each.get("key") == key)


def _find_labels(volume: PersistentVolume, terms: Sequence[_Term]) -> tuple[str, str]:
    """Return the labels of zone and region that the volume uses. Source: getTopologyLabel."""
    for pair in _TOPOLOGY:
        if any(_list_asked(terms, pair[0])):
            return pair
    return next((pair for pair in _TOPOLOGY if pair[0] in volume.meta.labels), _TOPOLOGY[0])


def _read_label(volume: PersistentVolume, key: str) -> list[str]:
    values = volume.meta.labels.get(key, "").split(_DELIMITER)
    return sorted({value.strip() for value in values} - {""})
