"""Models of what runs containers on a node, below the kubelet."""
