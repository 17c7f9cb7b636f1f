"""Kubelets: the pods of a node, its pressure, and nodes under their controllers."""
