"""The node: what a kubelet decides, and what is beneath it."""
