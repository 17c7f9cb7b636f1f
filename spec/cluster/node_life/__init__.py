"""What objects show of kubelets, nodes, volumes and addresses.

A snapshot is not taken at one moment, and what a kubelet or a controller is about to do is no
fault. So a status of one object is judged by itself, and what takes several objects, or has yet
to happen, only after it has stood for long (`moments`).
"""
