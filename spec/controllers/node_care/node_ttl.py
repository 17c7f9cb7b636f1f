"""How long kubelets may keep Secrets and ConfigMaps without asking again: an annotation of nodes.

Source: Kubernetes v1.36, `pkg/controller/ttl/ttl_controller.go`. The number of nodes moves between
steps with a hysteresis, so that where two steps overlap either may hold.
"""

TTL = "node.alpha.kubernetes.io/ttl"
_STEPS = ((0, 100, 0), (90, 500, 15), (450, 1000, 30), (900, 2000, 60), (1800, 10000, 300))
"""From how many nodes, up to how many, and the seconds."""


def list_node_ttls(count: int) -> set[int]:
    """The seconds that may stand in the annotation with so many nodes."""
    most = max(seconds for _, _, seconds in _STEPS)
    found = {seconds for least, limit, seconds in _STEPS if least <= count <= limit}
    return found or {most}
