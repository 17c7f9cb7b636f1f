"""Resizing pods in place: what a kubelet has allocated to them, and what it takes up of a wish."""
