"""In-tree volumes that are served by a CSI driver: which driver, and which handle.

Migration is on for good since v1.31 at the latest for all of these; a node takes part in it once
its CSINode names the plugin in the annotation. Portworx counts where its CSI driver is installed.
Source: `staging/src/k8s.io/csi-translation-lib/plugins/` and
`pkg/scheduler/framework/plugins/nodevolumelimits/utils.go` (isCSIMigrationOn).
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

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


def _read_azure_file(source: View) -> str:
    names = (source.text("secretNamespace"), source.text("shareName"), source.text("secretName"))
    return "#".join(names)


IN_TREE = (
    InTree(
        "kubernetes.io/aws-ebs",
        "ebs.csi.aws.com",
        "awsElasticBlockStore",
        lambda source: source.text("volumeID").rpartition("/")[2],
    ),
    InTree(
        "kubernetes.io/gce-pd",
        "pd.csi.storage.gke.io",
        "gcePersistentDisk",
        lambda source: source.text("pdName"),
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
    ),
    InTree(
        "kubernetes.io/vsphere-volume",
        "csi.vsphere.vmware.com",
        "vsphereVolume",
        lambda source: source.text("volumePath"),
    ),
    InTree(
        "kubernetes.io/portworx-volume",
        "pxd.portworx.com",
        "portworxVolume",
        lambda source: source.text("volumeID"),
    ),
)
"""The plugins that migration covers."""
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
