"""The volume manager of a kubelet: what is wanted, what is there, and what is done about it."""
