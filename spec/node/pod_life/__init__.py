"""The life of a pod as its container runtime sees it: which calls of a kubelet have a reason."""
