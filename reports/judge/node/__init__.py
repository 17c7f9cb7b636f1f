"""Judges of what a recorded kubelet, or what is beneath it, answered."""
