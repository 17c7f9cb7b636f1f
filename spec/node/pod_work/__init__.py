"""The workers of a kubelet, one for each pod that it knows."""
