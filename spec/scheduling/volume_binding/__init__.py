"""VolumeBinding: bound volumes reach the node, unbound claims find or get a volume there.

Source: `pkg/scheduler/framework/plugins/volumebinding/`; KEP-1845 (storage capacity).
"""

NAME = "VolumeBinding"
