"""Does a CSI driver that reports its capacity have room for a claim on a node? (KEP-1472)

Source: `pkg/scheduler/framework/plugins/volumebinding/binder.go`, hasEnoughCapacity.
"""

from planespec.spec.labels import read_label_selector
from planespec.spec.objects import View
from planespec.spec.objects.storage import PersistentVolumeClaim, StorageClass
from planespec.spec.quantity import Quantity
from planespec.spec.scheduling.node_info import NodeInfo
from planespec.spec.scheduling.storage import Storage


def has_enough_capacity(
    storage: Storage, storage_class: StorageClass, claim: PersistentVolumeClaim, node: NodeInfo
) -> bool:
    """Tell whether some CSIStorageCapacity of the class reaches the node and is large enough.

    Drivers without storageCapacity in their CSIDriver, and claims without a size, always pass.
    """
    driver = storage.csi_drivers.get(storage_class.provisioner)
    if claim.requested_storage is None or driver is None:
        return True
    if not driver.view("spec").flag("storageCapacity"):
        return True
    return any(
        capacity.text("storageClassName") == storage_class.name
        and _is_sufficient(capacity, claim.requested_storage)
        and _reaches(capacity, node)
        for capacity in storage.capacities
    )


def _is_sufficient(capacity: View, size: Quantity) -> bool:
    """Compare with the largest single volume where it is reported, else with the whole."""
    name = "maximumVolumeSize" if capacity.has("maximumVolumeSize") else "capacity"
    return capacity.has(name) and capacity.quantity(name).compare(size) >= 0


def _reaches(capacity: View, node: NodeInfo) -> bool:
    """Match the node against nodeTopology; without one the capacity reaches no node."""
    selector = read_label_selector(
        capacity.data.get("nodeTopology"), capacity.path("nodeTopology")
    )
    return selector.matches(node.labels)
