"""The default profile of kube-scheduler v1.36: its plugins, their order and their weights.

SchedulingGates, PrioritySort, Reserve, Permit and Bind plugins decide nothing about nodes and are
left out here; they belong to the scheduling model. DynamicResources and NodeDeclaredFeatures are
named because the profile runs them: the first skips pods without resource claims, and pods with
claims are outside this specification; the second skips every pod that needs no declared feature.
Source: `pkg/scheduler/apis/config/v1/default_plugins.go`.
"""

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
