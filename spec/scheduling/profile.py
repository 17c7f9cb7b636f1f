"""The default profile of kube-scheduler v1.36: its plugins, their order and their weights.

PrioritySort, Reserve, Permit and Bind plugins decide nothing about nodes and are left out here;
they belong to the scheduling model. SchedulingGates and GangScheduling, which keep a pod out of
the queue, are in `attempts`.
Source: `pkg/scheduler/apis/config/v1/default_plugins.go`.
"""

from collections.abc import Mapping
from typing import Any

from planespec.spec.scheduling.plugin import Plugin
from planespec.spec.scheduling.plugins.dynamic_resources import DynamicResources
from planespec.spec.scheduling.plugins.image_locality import ImageLocality
from planespec.spec.scheduling.plugins.inter_pod_affinity import InterPodAffinity
from planespec.spec.scheduling.plugins.node_affinity import NodeAffinity
from planespec.spec.scheduling.plugins.node_declared_features import NodeDeclaredFeatures
from planespec.spec.scheduling.plugins.node_name import NodeName
from planespec.spec.scheduling.plugins.node_ports import NodePorts
from planespec.spec.scheduling.plugins.node_resources_balanced_allocation import (
    NodeResourcesBalancedAllocation,
)
from planespec.spec.scheduling.plugins.node_resources_fit import NodeResourcesFit
from planespec.spec.scheduling.plugins.node_unschedulable import NodeUnschedulable
from planespec.spec.scheduling.plugins.node_volume_limits import NodeVolumeLimits
from planespec.spec.scheduling.plugins.pod_topology_spread import PodTopologySpread
from planespec.spec.scheduling.plugins.taint_toleration import TaintToleration
from planespec.spec.scheduling.plugins.volume_binding import VolumeBinding
from planespec.spec.scheduling.plugins.volume_restrictions import VolumeRestrictions
from planespec.spec.scheduling.plugins.volume_zone import VolumeZone

PLUGINS: Mapping[str, Plugin[Any]] = {
    plugin.name: plugin
    for plugin in (
        NodeUnschedulable(),
        NodeName(),
        TaintToleration(),
        NodeAffinity(),
        NodePorts(),
        NodeResourcesFit(),
        VolumeRestrictions(),
        NodeVolumeLimits(),
        VolumeBinding(),
        VolumeZone(),
        PodTopologySpread(),
        InterPodAffinity(),
        DynamicResources(),
        NodeDeclaredFeatures(),
        NodeResourcesBalancedAllocation(),
        ImageLocality(),
    )
}
"""Every plugin by its name."""

PRE_FILTER_ORDER = (
    "NodeAffinity",
    "NodePorts",
    "NodeResourcesFit",
    "VolumeRestrictions",
    "NodeVolumeLimits",
    "VolumeBinding",
    "VolumeZone",
    "PodTopologySpread",
    "InterPodAffinity",
    "DynamicResources",
    "NodeDeclaredFeatures",
)
"""Plugins that look at the pod once, before any node; the first rejection ends the attempt."""

FILTER_ORDER = (
    "NodeUnschedulable",
    "NodeName",
    "TaintToleration",
    "NodeAffinity",
    "NodePorts",
    "NodeResourcesFit",
    "VolumeRestrictions",
    "NodeVolumeLimits",
    "VolumeBinding",
    "VolumeZone",
    "PodTopologySpread",
    "InterPodAffinity",
    "DynamicResources",
    "NodeDeclaredFeatures",
)
"""Plugins that look at every node; the first that rejects a node ends the check of that node."""

SCORE_ORDER = (
    "TaintToleration",
    "NodeAffinity",
    "NodeResourcesFit",
    "VolumeBinding",
    "PodTopologySpread",
    "InterPodAffinity",
    "DynamicResources",
    "NodeResourcesBalancedAllocation",
    "ImageLocality",
)
"""Plugins that score the nodes which passed."""

SCORE_WEIGHTS = {
    "TaintToleration": 3,
    "NodeAffinity": 2,
    "NodeResourcesFit": 1,
    "VolumeBinding": 1,
    "PodTopologySpread": 2,
    "InterPodAffinity": 2,
    "DynamicResources": 2,
    "NodeResourcesBalancedAllocation": 1,
    "ImageLocality": 1,
}
"""By what a plugin's normalised score (0 to 100) is multiplied in the total."""
