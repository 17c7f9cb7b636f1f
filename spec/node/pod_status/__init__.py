"""The status that a kubelet makes of a pod from what its container runtime says."""
